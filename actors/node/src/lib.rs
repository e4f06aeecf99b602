//! Room for vespiary-node.
