//! Room for vespiary-vm.
