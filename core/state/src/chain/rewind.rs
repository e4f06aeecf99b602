//! Back to an earlier height: state, indexes and blocks, as if the later blocks had never been.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::atomic::Ordering;

use alloy_primitives::{Address, B256, Bytes};

use super::history::Previous;
use super::records::{account_from, damaged, head_bytes, slot_from};
use super::{ChainState, Current, Extra, Head, keys};
use crate::{Account, AccountChange, Batch, Changes, Commitment, Direction, Join, KeyRange, StoreError, Table};

/// Who rewinds, and so how far it may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RewindPermission {
    /// The chain is `dev`: any retained height.
    Dev,
    /// The block at this height is final: never below it.
    NotBelow {
        /// The height of the last final block.
        final_height: u64,
    },
}

impl ChainState {
    /// Makes the block at `height` the head again, in one batch, with `extra`. Views taken before answer no more.
    ///
    /// Refused below a final block, and [`StoreError::Height`] for a height whose state is not retained.
    pub fn rewind(
        &self,
        height: u64,
        permission: RewindPermission,
        extra: Extra,
        join: Join<'_>,
    ) -> Result<(), StoreError> {
        let _writing = self.inner.writing.lock();
        let oldest = self.oldest();
        let newest = self.head().map(|head| head.height);
        let Some(newest) = newest.filter(|newest| (oldest..=*newest).contains(&height)) else {
            return Err(StoreError::Height { asked: height, oldest, newest: newest.unwrap_or_default() });
        };
        if let RewindPermission::NotBelow { final_height } = permission
            && height < final_height
        {
            return Err(StoreError::Refused(format!(
                "the chain cannot be rewound to height {height}: the block at height {final_height} is final"
            )));
        }

        let mut batch = Batch::new();
        let mut values: BTreeMap<Vec<u8>, Previous> = BTreeMap::new();
        for later in height.saturating_add(1)..=newest {
            self.take_back(later, &mut batch, &mut values)?;
            self.remove_block(later, &mut batch)?;
        }
        for (key, value) in &values {
            match value {
                Some(value) => batch.put(Table::State, key.as_slice(), value.as_slice()),
                None => batch.delete(Table::State, key.as_slice()),
            }
        }
        let header =
            self.header(height)?.ok_or_else(|| damaged(format!("header at height {height}"), "it is not there"))?;
        let record = self
            .record(height)?
            .ok_or_else(|| damaged(format!("block record at height {height}"), "it is not there"))?;
        let head = Head { height, hash: header.hash(), time_ms: record.time_ms() };
        let commitment = self.commitment().apply(&self.as_changes(&values)?, join);
        let roots = commitment.roots();
        if header.state_root != roots.state || header.extra_data.as_ref() != roots.native.as_slice() {
            return Err(damaged("history", format!("it does not lead back to the state at height {height}")));
        }
        self.add_extra(&mut batch, extra);
        batch.put(Table::Meta, keys::key(self.inner.prefix, keys::HEAD, &[]), head_bytes(&head, oldest));

        let mut current = self.inner.current.write();
        self.inner.rewinds.fetch_add(1, Ordering::AcqRel);
        self.inner.store.commit(batch)?;
        *current = Current { head: Some(head), oldest, commitment };
        self.inner.started.store(current.blocks(), Ordering::Release);
        Ok(())
    }

    /// The tries of the state at a retained height, made by taking back what later blocks changed: for proofs against its header.
    pub fn commitment_at(&self, height: u64, join: Join<'_>) -> Result<Commitment, StoreError> {
        let _writing = self.inner.writing.lock();
        let (oldest, newest) = (self.oldest(), self.head().map_or(0, |head| head.height));
        if !(oldest..=newest).contains(&height) {
            return Err(StoreError::Height { asked: height, oldest, newest });
        }
        let mut values: BTreeMap<Vec<u8>, Previous> = BTreeMap::new();
        for later in height.saturating_add(1)..=newest {
            // What this would delete from the store stays there: the batch is thrown away.
            self.take_back(later, &mut Batch::new(), &mut values)?;
        }
        Ok(self.commitment().apply(&self.as_changes(&values)?, join))
    }

    /// Removes the history of a height and notes what stood before it; an earlier height's note stays.
    fn take_back(
        &self,
        height: u64,
        batch: &mut Batch,
        values: &mut BTreeMap<Vec<u8>, Previous>,
    ) -> Result<(), StoreError> {
        for key in self.changed_at(height)? {
            let mut state_key = self.inner.prefix.to_vec();
            state_key.extend(key);
            let mut history = keys::history(&state_key);
            history.extend_from_slice(&height.to_be_bytes());
            if let Entry::Vacant(place) = values.entry(state_key) {
                let previous = self.before(place.key(), height)?;
                let missing = || damaged("history", format!("an entry of height {height} is missing"));
                place.insert(previous.ok_or_else(missing)?);
            }
            batch.delete(Table::History, history);
        }
        batch.delete(Table::History, keys::at_height(self.inner.prefix, keys::UNDO, height));
        Ok(())
    }

    fn remove_block(&self, height: u64, batch: &mut Batch) -> Result<(), StoreError> {
        let prefix = self.inner.prefix;
        if let Some(hash) = self.hash_at(height)? {
            batch.delete(Table::Index, keys::key(prefix, keys::HASH, &[hash.as_slice()]));
        }
        for receipt in self.receipts(height)? {
            batch.delete(Table::Index, keys::request(prefix, &receipt.request));
            batch.delete(Table::Index, keys::key(prefix, keys::TRANSACTION, &[receipt.transaction_hash.as_slice()]));
        }
        for kind in [keys::HEADER, keys::RECORD, keys::REQUESTS, keys::RECEIPTS] {
            let range = KeyRange::prefix(&keys::at_height(prefix, kind, height));
            for (key, _) in self.inner.store.collect(Table::Blocks, &range, Direction::Forward, usize::MAX)? {
                batch.delete(Table::Blocks, key);
            }
        }
        Ok(())
    }

    /// Flat values as changes to the present state, for the tries.
    fn as_changes(&self, values: &BTreeMap<Vec<u8>, Previous>) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let broken = || damaged("history", "a key or value in it does not read");
        let mut slots: Vec<(Address, B256, B256)> = Vec::new();
        for (key, value) in values {
            let (head, rest) = key.split_at_checked(9).ok_or_else(broken)?;
            match head.last() {
                Some(&keys::ACCOUNT) => {
                    let address = Address::try_from(rest).map_err(|_| broken())?;
                    let account = value.as_deref().map(|value| account_from(value).ok_or_else(broken)).transpose()?;
                    changes.accounts.insert(address, AccountChange { account, ..AccountChange::default() });
                }
                Some(&keys::SLOT) => {
                    let (address, slot) = rest.split_at_checked(20).ok_or_else(broken)?;
                    let address = Address::try_from(address).map_err(|_| broken())?;
                    let slot = B256::try_from(slot).map_err(|_| broken())?;
                    let value = value.as_deref().map_or(Some(B256::ZERO), slot_from).ok_or_else(broken)?;
                    slots.push((address, slot, value));
                }
                Some(&keys::NATIVE) => {
                    let value = value.as_ref().map(|value| Bytes::copy_from_slice(value));
                    changes.native.insert(Bytes::copy_from_slice(rest), value);
                }
                _ => return Err(broken()),
            }
        }
        for (address, slot, value) in slots {
            let change = match changes.accounts.entry(address) {
                Entry::Occupied(place) => place.into_mut(),
                Entry::Vacant(place) => {
                    let account = self.present_account(&address)?;
                    place.insert(AccountChange { account, ..AccountChange::default() })
                }
            };
            change.storage.insert(slot, value);
        }
        Ok(changes)
    }

    fn present_account(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        let bytes = self.inner.store.get(Table::State, &keys::account(self.inner.prefix, address))?;
        bytes.map(|bytes| account_from(&bytes).ok_or_else(|| damaged("account", "it does not read"))).transpose()
    }
}
