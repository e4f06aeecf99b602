//! Room for vespiary-store.
