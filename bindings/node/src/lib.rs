//! Room for vespiary-napi.
