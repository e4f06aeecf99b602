//! A store that lets something happen at a chosen moment of a read: what threads do by chance, done on purpose.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::{Batch, Direction, KeyRange, Store, StoreError, Table, Visit};

type Interruption = Box<dyn FnOnce() + Send>;

/// When the interruption comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Just before the flat state is read.
    Before,
    /// Just after.
    After,
}

/// Passes everything on to a store; the next reading of the flat state is interrupted once.
pub struct Interrupted {
    inner: Arc<dyn Store>,
    next: Mutex<Option<(Moment, Interruption)>>,
}

impl Interrupted {
    /// Over a store, without an interruption.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, next: Mutex::new(None) }
    }

    /// Interrupts the next reading of the flat state.
    pub fn interrupt(&self, moment: Moment, interruption: impl FnOnce() + Send + 'static) {
        *self.next.lock() = Some((moment, Box::new(interruption)));
    }

    fn at(&self, moment: Moment, table: Table) {
        // Taken out first: the interruption reads the store itself.
        let due = self.next.lock().take_if(|(wanted, _)| table == Table::State && *wanted == moment);
        if let Some((_, interruption)) = due {
            interruption();
        }
    }
}

impl Store for Interrupted {
    fn read(&self, table: Table, key: &[u8], visit: &mut dyn FnMut(&[u8])) -> Result<bool, StoreError> {
        self.at(Moment::Before, table);
        let found = self.inner.read(table, key, visit);
        self.at(Moment::After, table);
        found
    }

    fn scan(&self, table: Table, range: &KeyRange, direction: Direction, visit: Visit<'_>) -> Result<(), StoreError> {
        self.at(Moment::Before, table);
        let ended = self.inner.scan(table, range, direction, visit);
        self.at(Moment::After, table);
        ended
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.inner.commit(batch)
    }

    fn persist(&self) -> Result<(), StoreError> {
        self.inner.persist()
    }
}
