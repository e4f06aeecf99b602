//! A store that can be closed while others still hold it: a chain's handle may outlive its node, the data directory may not.

use std::ops::ControlFlow;
use std::sync::Arc;

use parking_lot::RwLock;
use vespiary_state::{Batch, Direction, KeyRange, Store, StoreError, Table};

/// The way to the node's store, until the node is closed.
pub(crate) struct Door {
    store: RwLock<Option<Arc<dyn Store>>>,
}

impl Door {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store: RwLock::new(Some(store)) }
    }

    /// Lets the store go: a data directory can be opened again afterwards.
    pub(crate) fn close(&self) {
        *self.store.write() = None;
    }

    fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        let store = self.store.read();
        store.clone().ok_or(StoreError::Closed)
    }
}

impl Store for Door {
    fn read(&self, table: Table, key: &[u8], visit: &mut dyn FnMut(&[u8])) -> Result<bool, StoreError> {
        self.open()?.read(table, key, visit)
    }

    fn scan(
        &self,
        table: Table,
        range: &KeyRange,
        direction: Direction,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.open()?.scan(table, range, direction, visit)
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.open()?.commit(batch)
    }

    fn persist(&self) -> Result<(), StoreError> {
        self.open()?.persist()
    }
}
