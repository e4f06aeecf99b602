//! A set of writes that a store takes as a whole or not at all.

use std::collections::BTreeMap;

use crate::Table;

/// The writes of one table: key to value, or to nothing for a removal.
pub type TableWrites = BTreeMap<Box<[u8]>, Option<Box<[u8]>>>;

/// Writes to any tables; the last one to a key counts.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    tables: [TableWrites; Table::ALL.len()],
}

impl Batch {
    /// A batch without writes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of a key.
    pub fn put(&mut self, table: Table, key: impl Into<Box<[u8]>>, value: impl Into<Box<[u8]>>) {
        self.write(table, key.into(), Some(value.into()));
    }

    /// Removes a key; one that is not there is none the worse.
    pub fn delete(&mut self, table: Table, key: impl Into<Box<[u8]>>) {
        self.write(table, key.into(), None);
    }

    fn write(&mut self, table: Table, key: Box<[u8]>, value: Option<Box<[u8]>>) {
        if let Some(writes) = self.tables.get_mut(table.number()) {
            writes.insert(key, value);
        }
    }

    /// True if there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(BTreeMap::is_empty)
    }

    /// The number of keys written.
    pub fn len(&self) -> usize {
        self.tables.iter().map(BTreeMap::len).sum()
    }

    /// The writes by table, each in key order.
    pub fn into_tables(self) -> impl Iterator<Item = (Table, TableWrites)> {
        Table::ALL.into_iter().zip(self.tables)
    }

    /// The length of the longest key.
    pub fn longest_key(&self) -> usize {
        self.tables.iter().flat_map(BTreeMap::keys).map(|key| key.len()).max().unwrap_or(0)
    }

    /// True if a key is empty: no store keeps such a key.
    pub fn has_empty_key(&self) -> bool {
        self.tables.iter().filter_map(BTreeMap::first_key_value).any(|(key, _)| key.is_empty())
    }
}
