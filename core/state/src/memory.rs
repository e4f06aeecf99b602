//! The store of nodes without a data directory: the same promises as on disk, until the process ends.

use std::collections::BTreeMap;

use parking_lot::RwLock;

use crate::store::check_batch;
use crate::{Batch, Direction, KeyRange, Store, StoreError, Table, Visit};

type Rows = BTreeMap<Box<[u8]>, Box<[u8]>>;

/// Ordered maps in memory. An empty one takes a few hundred bytes.
#[derive(Debug, Default)]
pub struct MemoryStore {
    // One lock over all tables makes a batch visible as a whole.
    tables: RwLock<[Rows; Table::ALL.len()]>,
}

impl MemoryStore {
    /// A store without entries.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn read(&self, table: Table, key: &[u8], visit: &mut dyn FnMut(&[u8])) -> Result<bool, StoreError> {
        let tables = self.tables.read();
        let Some(value) = tables.get(table.number()).and_then(|rows| rows.get(key)) else { return Ok(false) };
        visit(value);
        Ok(true)
    }

    fn scan(&self, table: Table, range: &KeyRange, direction: Direction, visit: Visit<'_>) -> Result<(), StoreError> {
        if range.is_empty() {
            return Ok(());
        }
        let tables = self.tables.read();
        let Some(rows) = tables.get(table.number()) else { return Ok(()) };
        let mut rows = rows.range::<[u8], _>(range.bounds());
        loop {
            let row = match direction {
                Direction::Forward => rows.next(),
                Direction::Backward => rows.next_back(),
            };
            let Some((key, value)) = row else { return Ok(()) };
            if visit(key, value).is_break() {
                return Ok(());
            }
        }
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        check_batch(&batch)?;
        let mut tables = self.tables.write();
        for (rows, (_, writes)) in tables.iter_mut().zip(batch.into_tables()) {
            for (key, value) in writes {
                match value {
                    Some(value) => rows.insert(key, value),
                    None => rows.remove(&key),
                };
            }
        }
        Ok(())
    }

    fn persist(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
