//! The seam to storage: one ordered key-value database a node.

use std::ops::{Bound, ControlFlow};

use crate::{Batch, StoreError, Table};

/// The longest key that a store takes, in bytes.
pub const MAX_KEY_BYTES: usize = 32 * 1024;

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Takes the keys and values of a scan one by one, and breaks it off when it has enough.
pub type Visit<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>;

/// Which way a scan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the smallest key up.
    Forward,
    /// From the largest key down.
    Backward,
}

/// A range of keys: from `start`, included, up to `end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The first key that may be in it.
    pub start: Vec<u8>,
    /// Where it ends.
    pub end: Bound<Vec<u8>>,
}

impl KeyRange {
    /// All keys that begin with `prefix`. A prefix of nothing but 0xff (or of nothing) reaches to the end of the table.
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut end = prefix.to_vec();
        while let Some(last) = end.pop() {
            if last < u8::MAX {
                end.push(last + 1);
                return Self { start: prefix.to_vec(), end: Bound::Excluded(end) };
            }
        }
        Self { start: prefix.to_vec(), end: Bound::Unbounded }
    }

    /// The keys from `start` to `last`, both included.
    pub fn inclusive(start: Vec<u8>, last: Vec<u8>) -> Self {
        Self { start, end: Bound::Included(last) }
    }

    /// True if no key can be in it (a store's map may panic on such a range).
    pub fn is_empty(&self) -> bool {
        match &self.end {
            Bound::Included(end) => self.start > *end,
            Bound::Excluded(end) => self.start >= *end,
            Bound::Unbounded => false,
        }
    }

    /// Both ends, as maps take them.
    pub fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (Bound::Included(self.start.as_slice()), self.end.as_ref().map(Vec::as_slice))
    }
}

/// An ordered key-value database with several tables.
///
/// What it promises: a batch is seen and kept as a whole or not at all; a scan sees the store of one instant; keys are ordered
/// by their bytes. Commits survive the end of the process, and after [`Store::persist`] the end of power.
///
/// Keys are 1 to [`MAX_KEY_BYTES`] bytes long, values at most 4 GiB.
pub trait Store: Send + Sync {
    /// Hands the value of a key to `visit` without copying it first; false if the key is not there.
    ///
    /// `visit` must not call the store: a store may hold a lock meanwhile.
    fn read(&self, table: Table, key: &[u8], visit: &mut dyn FnMut(&[u8])) -> Result<bool, StoreError>;

    /// Hands every key and value of a range to `visit`, in order, until it breaks.
    ///
    /// `visit` must not call the store: a store may hold a lock meanwhile.
    fn scan(&self, table: Table, range: &KeyRange, direction: Direction, visit: Visit<'_>) -> Result<(), StoreError>;

    /// Writes a batch, atomically across tables. It is not synced: see [`Store::persist`].
    fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// Syncs every commit so far to the disk.
    fn persist(&self) -> Result<(), StoreError>;

    /// The value of a key.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut value = None;
        self.read(table, key, &mut |bytes| value = Some(bytes.to_vec()))?;
        Ok(value)
    }

    /// All keys and values of a range, in order, at most `limit`.
    fn collect(
        &self,
        table: Table,
        range: &KeyRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let mut found = Vec::new();
        if limit == 0 {
            return Ok(found);
        }
        self.scan(table, range, direction, &mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found)
    }
}

/// Refuses what no store keeps: every store calls it before it writes, so that all of them refuse the same.
pub fn check_batch(batch: &Batch) -> Result<(), StoreError> {
    if batch.has_empty_key() {
        return Err(StoreError::Refused("a key of the store has at least one byte".into()));
    }
    let longest = batch.longest_key();
    if longest > MAX_KEY_BYTES {
        return Err(StoreError::Refused(format!(
            "a key of {longest} bytes is too long for the store: it takes {MAX_KEY_BYTES}"
        )));
    }
    Ok(())
}
