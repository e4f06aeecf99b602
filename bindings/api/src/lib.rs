//! Room for vespiary-api.
