//! Native entries: the state of core contracts, Wasm contracts and native accounts, by key.

use std::collections::BTreeMap;
use std::ops::Bound;

use alloy_primitives::Bytes;

use super::entry::NativeEntry;
use super::{Journal, Undo};

impl Journal {
    /// A native entry; none if there is none.
    pub fn native_get(&self, key: &[u8]) -> Option<Bytes> {
        if let Some(entry) = self.native.borrow().get(key) {
            return entry.current.clone();
        }
        let value = self.read(self.base.native(key));
        let entry = NativeEntry { original: value.clone(), current: value.clone() };
        self.native.borrow_mut().insert(Bytes::copy_from_slice(key), entry);
        value
    }

    /// Writes a native entry.
    pub fn native_set(&mut self, key: &[u8], value: impl Into<Bytes>) {
        self.native_write(key, Some(value.into()));
    }

    /// Removes a native entry.
    pub fn native_remove(&mut self, key: &[u8]) {
        self.native_write(key, None);
    }

    fn native_write(&mut self, key: &[u8], value: Option<Bytes>) {
        let before = self.native_get(key);
        if before == value {
            return;
        }
        let key = Bytes::copy_from_slice(key);
        self.native.get_mut().entry(key.clone()).or_default().current = value;
        self.undo.push(Undo::Native(key, before));
    }

    /// All native entries whose key starts with `prefix`, in key order, as they are now.
    pub fn native_prefix(&self, prefix: &[u8]) -> Vec<(Bytes, Bytes)> {
        let mut found: BTreeMap<Bytes, Bytes> = self.read(self.base.native_with_prefix(prefix)).into_iter().collect();
        let cached = self.native.borrow();
        let from = (Bound::Included(prefix), Bound::Unbounded);
        for (key, entry) in cached.range::<[u8], _>(from).take_while(|(key, _)| key.starts_with(prefix)) {
            match &entry.current {
                Some(value) => found.insert(key.clone(), value.clone()),
                None => found.remove(key),
            };
        }
        found.into_iter().collect()
    }
}
