//! Small records of the node's parts about a chain: what the mempool consumed, anchors, configuration. They are not state.

use std::collections::BTreeMap;

use super::{ChainState, keys};
use crate::{Batch, Direction, KeyRange, Row, StoreError, Table};

/// Writes to a chain's meta records, made in the same batch as something else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra {
    writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Extra {
    /// No writes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a record.
    pub fn put(&mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.writes.insert(key.into(), Some(value.into()));
    }

    /// Removes a record.
    pub fn delete(&mut self, key: impl Into<Vec<u8>>) {
        self.writes.insert(key.into(), None);
    }

    /// True if there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}

impl ChainState {
    /// A meta record.
    pub fn meta_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.store.get(Table::Meta, &self.meta_key(key))
    }

    /// Sets a meta record, apart from any block.
    pub fn meta_put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let mut extra = Extra::new();
        extra.put(key, value);
        self.meta_write(extra)
    }

    /// Writes several meta records, atomically, apart from any block.
    pub fn meta_write(&self, extra: Extra) -> Result<(), StoreError> {
        let mut batch = Batch::new();
        self.add_extra(&mut batch, extra);
        self.inner.store.commit(batch)
    }

    /// All meta records whose key starts with `prefix`, in key order.
    pub fn meta_scan(&self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        let start = self.meta_key(&[]).len();
        let range = KeyRange::prefix(&self.meta_key(prefix));
        let records = self.inner.store.collect(Table::Meta, &range, Direction::Forward, usize::MAX)?;
        Ok(records.into_iter().map(|(mut key, value)| (key.split_off(start.min(key.len())), value)).collect())
    }

    pub(super) fn add_extra(&self, batch: &mut Batch, extra: Extra) {
        for (key, value) in extra.writes {
            match value {
                Some(value) => batch.put(Table::Meta, self.meta_key(&key), value),
                None => batch.delete(Table::Meta, self.meta_key(&key)),
            }
        }
    }

    fn meta_key(&self, key: &[u8]) -> Vec<u8> {
        keys::key(self.inner.prefix, keys::META, &[key])
    }
}
