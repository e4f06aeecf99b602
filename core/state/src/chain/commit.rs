//! Committing a block: one batch with the block, its receipts and indexes, the flat changes and their history, and the head.

use std::sync::atomic::Ordering;

use alloy_primitives::{Address, B256};
use alloy_rlp::Encodable;
use serde::Serialize;
use vespiary_types::Block;

use super::records::{RUN, account_bytes, head_bytes, place_bytes, previous_bytes, run_bytes, to_record, trimmed};
use super::{ChainState, Current, Extra, Head, keys};
use crate::{AccountChange, Batch, Changes, Commitment, Direction, KeyRange, StoreError, Table};

/// The longest key of a native entry, in bytes. Contracts are stopped at it while they run; a block that holds a longer one is refused.
pub const MAX_NATIVE_KEY_BYTES: usize = 8 * 1024;

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// The block is in the store.
    New,
    /// It was there already; nothing was written.
    Already,
}

impl ChainState {
    /// Commits the block after the head, or genesis, with everything that follows from it: as a whole or not at all.
    ///
    /// `commitment` is the head's after `changes`; its roots must be those of the header. `extra` is written in the same batch.
    /// A block that is there already is no error; another one at its height is refused.
    pub fn commit(
        &self,
        block: &Block,
        changes: &Changes,
        commitment: Commitment,
        extra: Extra,
    ) -> Result<Committed, StoreError> {
        let _writing = self.inner.writing.lock();
        let height = block.height();
        if !self.is_next(block)? {
            return Ok(Committed::Already);
        }
        let roots = commitment.roots();
        if block.header.state_root != roots.state || block.header.extra_data.as_ref() != roots.native.as_slice() {
            return Err(StoreError::Refused(format!(
                "block {height} is not committed: its header's roots are not those of the state it comes with"
            )));
        }
        if let Some(key) = changes.native.keys().find(|key| key.len() > MAX_NATIVE_KEY_BYTES) {
            return Err(StoreError::Refused(format!(
                "block {height} is not committed: a native key of {} bytes is longer than {MAX_NATIVE_KEY_BYTES}",
                key.len()
            )));
        }

        let oldest = self.oldest();
        let head = Head { height, hash: block.hash, time_ms: block.record.time_ms() };
        let mut batch = Batch::new();
        self.add_block(&mut batch, block);
        self.add_changes(&mut batch, height, changes)?;
        self.add_extra(&mut batch, extra);
        batch.put(Table::Meta, keys::key(self.inner.prefix, keys::HEAD, &[]), head_bytes(&head, oldest));

        // Views of the head look into the history from now on, before the flat state changes under them.
        self.inner.started.store(height.saturating_add(1), Ordering::Release);
        self.inner.store.commit(batch)?;
        *self.inner.current.write() = Current { head: Some(head), oldest, commitment };
        Ok(Committed::New)
    }

    /// True if the block follows the head, false if it is in the store, and an error if neither.
    fn is_next(&self, block: &Block) -> Result<bool, StoreError> {
        let height = block.height();
        let head = self.head();
        if let Some(head) = head
            && height <= head.height
        {
            let stored = self.hash_at(height)?;
            if stored == Some(block.hash) {
                return Ok(false);
            }
            let stored = stored.map_or_else(|| "pruned".into(), |hash| hash.to_string());
            return Err(StoreError::Refused(format!(
                "block {} is not committed: the block at height {height} is {stored}",
                block.hash
            )));
        }
        let follows = match head {
            None => height == 0,
            Some(head) => head.height.checked_add(1) == Some(height) && block.header.parent_hash == head.hash,
        };
        if follows {
            return Ok(true);
        }
        let head = head.map_or_else(|| "nothing yet".into(), |head| format!("{} at height {}", head.hash, head.height));
        Err(StoreError::Refused(format!(
            "block {} at height {height} with parent {} is not committed: the head is {head}",
            block.hash, block.header.parent_hash
        )))
    }

    fn add_block(&self, batch: &mut Batch, block: &Block) {
        let (prefix, height) = (self.inner.prefix, block.height());
        let mut header = Vec::with_capacity(32 + block.header.length());
        header.extend_from_slice(block.hash.as_slice());
        block.header.encode(&mut header);
        batch.put(Table::Blocks, keys::at_height(prefix, keys::HEADER, height), header);
        batch.put(Table::Blocks, keys::at_height(prefix, keys::RECORD, height), to_record(&block.record));
        self.add_runs(batch, keys::REQUESTS, height, &block.requests);
        self.add_runs(batch, keys::RECEIPTS, height, &block.receipts);

        let hash_key = keys::key(prefix, keys::HASH, &[block.hash.as_slice()]);
        batch.put(Table::Index, hash_key, height.to_be_bytes().as_slice());
        for (receipt, index) in block.receipts.iter().zip(0..) {
            let place = place_bytes(height, index);
            batch.put(Table::Index, keys::request(prefix, &receipt.request), place.as_slice());
            let transaction = keys::key(prefix, keys::TRANSACTION, &[receipt.transaction_hash.as_slice()]);
            batch.put(Table::Index, transaction, place.as_slice());
        }
    }

    fn add_runs<T: Serialize>(&self, batch: &mut Batch, kind: u8, height: u64, items: &[T]) {
        for (items, run) in items.chunks(RUN).zip(0..) {
            batch.put(Table::Blocks, keys::run(self.inner.prefix, kind, height, run), run_bytes(items));
        }
    }

    fn add_changes(&self, batch: &mut Batch, height: u64, changes: &Changes) -> Result<(), StoreError> {
        let prefix = self.inner.prefix;
        let mut writes = FlatWrites { chain: self, batch, height, changed: Vec::new() };
        for (address, change) in &changes.accounts {
            let account = change.remaining();
            writes.put(keys::account(prefix, address).to_vec(), account.map(|account| account_bytes(&account)))?;
            writes.storage(address, change)?;
        }
        for (key, value) in &changes.native {
            writes.put(keys::native(prefix, key), value.as_ref().map(|value| value.to_vec()))?;
        }
        writes.finish();
        for (hash, code) in &changes.code {
            batch.put(Table::State, keys::key(prefix, keys::CODE, &[hash.as_slice()]), code.to_vec());
        }
        Ok(())
    }
}

/// Writes to the flat state that leave what was there before in the history.
struct FlatWrites<'a> {
    chain: &'a ChainState,
    batch: &'a mut Batch,
    height: u64,
    /// The changed keys, without the chain's prefix.
    changed: Vec<Vec<u8>>,
}

impl FlatWrites<'_> {
    fn put(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<(), StoreError> {
        // Before genesis there was nothing, and nobody reads it.
        if self.height > 0 {
            let previous = self.chain.inner.store.get(Table::State, &key)?;
            if previous == value {
                return Ok(());
            }
            let mut history = keys::history(&key);
            history.extend_from_slice(&self.height.to_be_bytes());
            self.batch.put(Table::History, history, previous_bytes(previous.as_deref()));
            self.changed.push(key.get(8..).unwrap_or_default().to_vec());
        }
        match value {
            Some(value) => self.batch.put(Table::State, key, value),
            None => self.batch.delete(Table::State, key),
        }
        Ok(())
    }

    fn storage(&mut self, address: &Address, change: &AccountChange) -> Result<(), StoreError> {
        let prefix = self.chain.inner.prefix;
        let remains = change.remaining().is_some();
        if change.clears_storage() {
            let range = KeyRange::prefix(&keys::key(prefix, keys::SLOT, &[address.as_slice()]));
            let old = self.chain.inner.store.collect(Table::State, &range, Direction::Forward, usize::MAX)?;
            for (key, _) in old {
                let slot = key.get(29..).and_then(|slot| B256::try_from(slot).ok());
                if !remains || slot.is_none_or(|slot| !change.storage.contains_key(&slot)) {
                    self.put(key, None)?;
                }
            }
        }
        if remains {
            for (slot, value) in &change.storage {
                let value = (!value.is_zero()).then(|| trimmed(value.as_slice()).to_vec());
                self.put(keys::slot(prefix, address, slot).to_vec(), value)?;
            }
        }
        Ok(())
    }

    fn finish(self) {
        if self.height > 0 {
            let key = keys::at_height(self.chain.inner.prefix, keys::UNDO, self.height);
            self.batch.put(Table::History, key, to_record(&self.changed));
        }
    }
}
