//! The fjall store does what every store does.

use std::sync::Arc;

use vespiary_state::Store;
use vespiary_state::conformance::Place;
use vespiary_store::{FjallOptions, FjallStore};

struct Directory(tempfile::TempDir);

impl Place for Directory {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(FjallStore::open(self.0.path(), FjallOptions::default()).expect("the store opens"))
    }

    fn lives(&self) -> u32 {
        8
    }
}

fn directory() -> Directory {
    Directory(tempfile::tempdir().expect("a temporary directory"))
}

vespiary_state::store_conformance!(directory);
