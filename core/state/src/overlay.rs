//! A block's changes over the state before it: how blocks that are not final yet are read and built upon.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes};

use crate::{Account, Changes, StateView, StoreError};

/// The state after a block that is not in the store; overlays stack.
#[derive(Clone)]
pub struct Overlay {
    /// The state before the block.
    pub base: Arc<dyn StateView>,
    /// What the block changed.
    pub changes: Arc<Changes>,
    /// The block's height.
    pub height: u64,
    /// The block's hash.
    pub hash: B256,
}

impl StateView for Overlay {
    fn account(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        match self.changes.accounts.get(address) {
            Some(change) => Ok(change.remaining()),
            None => self.base.account(address),
        }
    }

    fn storage(&self, address: &Address, slot: &B256) -> Result<B256, StoreError> {
        let Some(change) = self.changes.accounts.get(address) else { return self.base.storage(address, slot) };
        if change.remaining().is_none() {
            return Ok(B256::ZERO);
        }
        match change.storage.get(slot) {
            Some(value) => Ok(*value),
            None if change.storage_cleared => Ok(B256::ZERO),
            None => self.base.storage(address, slot),
        }
    }

    fn has_storage(&self, address: &Address) -> Result<bool, StoreError> {
        let Some(change) = self.changes.accounts.get(address) else { return self.base.has_storage(address) };
        if change.remaining().is_none() {
            return Ok(false);
        }
        if change.storage.values().any(|value| !value.is_zero()) {
            return Ok(true);
        }
        if change.storage_cleared || !self.base.has_storage(address)? {
            return Ok(false);
        }
        // The overlay only unsets: what matters is whether it unset everything.
        Ok(change.storage.is_empty() || !self.storage_slots(address)?.is_empty())
    }

    fn storage_slots(&self, address: &Address) -> Result<Vec<(B256, B256)>, StoreError> {
        let Some(change) = self.changes.accounts.get(address) else { return self.base.storage_slots(address) };
        if change.remaining().is_none() {
            return Ok(Vec::new());
        }
        let base = if change.storage_cleared { Vec::new() } else { self.base.storage_slots(address)? };
        let mut slots: BTreeMap<_, _> = base.into_iter().collect();
        slots.extend(change.storage.iter().map(|(slot, value)| (*slot, *value)));
        slots.retain(|_, value| !value.is_zero());
        Ok(slots.into_iter().collect())
    }

    fn code(&self, hash: &B256) -> Result<Option<Bytes>, StoreError> {
        match self.changes.code.get(hash) {
            Some(code) => Ok(Some(code.clone())),
            None => self.base.code(hash),
        }
    }

    fn native(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        match self.changes.native.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.base.native(key),
        }
    }

    fn native_with_prefix(&self, prefix: &[u8]) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let base = self.base.native_with_prefix(prefix)?;
        let start = Bytes::copy_from_slice(prefix);
        let mut changed = self.changes.native.range(start..).take_while(|(key, _)| key.starts_with(prefix)).peekable();
        let mut merged = Vec::with_capacity(base.len());
        let take = |(key, value): (&Bytes, &Option<Bytes>), merged: &mut Vec<_>| {
            merged.extend(value.clone().map(|value| (key.clone(), value)));
        };
        for (key, value) in base {
            while let Some(entry) = changed.next_if(|(other, _)| **other < key) {
                take(entry, &mut merged);
            }
            match changed.next_if(|(other, _)| **other == key) {
                Some(entry) => take(entry, &mut merged),
                None => merged.push((key, value)),
            }
        }
        for entry in changed {
            take(entry, &mut merged);
        }
        Ok(merged)
    }

    fn block_hash(&self, height: u64) -> Result<Option<B256>, StoreError> {
        match height.cmp(&self.height) {
            std::cmp::Ordering::Less => self.base.block_hash(height),
            std::cmp::Ordering::Equal => Ok(Some(self.hash)),
            std::cmp::Ordering::Greater => Ok(None),
        }
    }
}
