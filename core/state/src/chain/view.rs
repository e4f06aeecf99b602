//! The state at a height.
//!
//! At the head a read is one lookup in the flat state. Once later blocks are committed, or on their way, the history is asked as
//! well, *after* the flat state: whatever a commit did to the flat value meanwhile, the history then has what stood before.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use alloy_primitives::{Address, B256, Bytes};

use super::records::{account_from, damaged, slot_from};
use super::{ChainState, keys};
use crate::{Account, Direction, KeyRange, StateView, StoreError, Table};

pub(super) struct HeightView {
    chain: ChainState,
    /// The blocks that count: those at heights below this one.
    blocks: u64,
    rewinds: u64,
}

impl HeightView {
    pub(super) fn new(chain: ChainState, blocks: u64, rewinds: u64) -> Self {
        Self { chain, blocks, rewinds }
    }

    /// True if the flat state that was just read had no blocks but this view's.
    fn is_newest(&self) -> bool {
        self.chain.inner.started.load(Ordering::Acquire) == self.blocks
    }

    /// What was read is of one past only if nobody rewound the chain until now.
    fn confirm<T>(&self, answer: T) -> Result<T, StoreError> {
        if self.chain.inner.rewinds.load(Ordering::Acquire) == self.rewinds {
            return Ok(answer);
        }
        Err(StoreError::Refused("the chain was rewound while this state was in use: ask for it again".into()))
    }

    fn value<T>(&self, key: &[u8], what: &str, decode: impl Fn(&[u8]) -> Option<T>) -> Result<Option<T>, StoreError> {
        if self.blocks == 0 {
            return Ok(None);
        }
        let broken =
            || damaged(what, format!("the value under 0x{} does not read", alloy_primitives::hex::encode(key)));
        let mut value = None;
        self.chain.inner.store.read(Table::State, key, &mut |bytes| value = Some(decode(bytes)))?;
        if !self.is_newest()
            && let Some(previous) = self.chain.before(key, self.blocks)?
        {
            value = previous.map(|bytes| decode(&bytes));
        }
        let value = value.map(|value| value.ok_or_else(broken)).transpose()?;
        self.confirm(value)
    }

    /// All state keys with a prefix, and their values.
    fn with_prefix(&self, prefix: &[u8]) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, StoreError> {
        if self.blocks == 0 {
            return Ok(BTreeMap::new());
        }
        let range = KeyRange::prefix(prefix);
        let flat = self.chain.inner.store.collect(Table::State, &range, Direction::Forward, usize::MAX)?;
        let mut values: BTreeMap<_, _> = flat.into_iter().collect();
        if !self.is_newest() {
            for (key, previous) in self.chain.all_before(prefix, self.blocks)? {
                match previous {
                    Some(value) => values.insert(key, value),
                    None => values.remove(&key),
                };
            }
        }
        self.confirm(values)
    }
}

impl StateView for HeightView {
    fn account(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        self.value(&keys::account(self.chain.inner.prefix, address), "account", account_from)
    }

    fn storage(&self, address: &Address, slot: &B256) -> Result<B256, StoreError> {
        let value = self.value(&keys::slot(self.chain.inner.prefix, address, slot), "storage slot", slot_from)?;
        Ok(value.unwrap_or_default())
    }

    fn has_storage(&self, address: &Address) -> Result<bool, StoreError> {
        if self.blocks == 0 {
            return Ok(false);
        }
        let prefix = keys::key(self.chain.inner.prefix, keys::SLOT, &[address.as_slice()]);
        let mut any = false;
        self.chain.inner.store.scan(Table::State, &KeyRange::prefix(&prefix), Direction::Forward, &mut |_, _| {
            any = true;
            ControlFlow::Break(())
        })?;
        if self.is_newest() {
            return self.confirm(any);
        }
        Ok(!self.with_prefix(&prefix)?.is_empty())
    }

    fn storage_slots(&self, address: &Address) -> Result<Vec<(B256, B256)>, StoreError> {
        let prefix = keys::key(self.chain.inner.prefix, keys::SLOT, &[address.as_slice()]);
        let slots = self.with_prefix(&prefix)?.into_iter().map(|(key, value)| {
            let slot = key.get(prefix.len()..).and_then(|slot| B256::try_from(slot).ok());
            slot.zip(slot_from(&value)).ok_or_else(|| damaged("storage slot", "its key or value does not read"))
        });
        slots.collect()
    }

    fn code(&self, hash: &B256) -> Result<Option<Bytes>, StoreError> {
        // Code goes by its own hash, so it has no history.
        let key = keys::key(self.chain.inner.prefix, keys::CODE, &[hash.as_slice()]);
        Ok(self.chain.inner.store.get(Table::State, &key)?.map(Bytes::from))
    }

    fn native(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let key = keys::native(self.chain.inner.prefix, key);
        self.value(&key, "native entry", |bytes| Some(Bytes::copy_from_slice(bytes)))
    }

    fn native_with_prefix(&self, prefix: &[u8]) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let start = keys::native(self.chain.inner.prefix, &[]).len();
        let entries = self.with_prefix(&keys::native(self.chain.inner.prefix, prefix))?;
        let entry = |(mut key, value): (Vec<u8>, Vec<u8>)| (Bytes::from(key.split_off(start)), Bytes::from(value));
        Ok(entries.into_iter().map(entry).collect())
    }

    fn block_hash(&self, height: u64) -> Result<Option<B256>, StoreError> {
        if height >= self.blocks {
            return Ok(None);
        }
        let hash = self.chain.hash_at(height)?;
        self.confirm(hash)
    }
}
