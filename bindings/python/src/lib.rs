//! Room for vespiary-python.
