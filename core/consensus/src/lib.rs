//! Room for vespiary-consensus.
