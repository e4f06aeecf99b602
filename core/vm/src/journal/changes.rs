//! The end of a block: what is different from where it began, sorted, and nothing else.

use std::collections::BTreeMap;

use alloy_primitives::{B256, KECCAK256_EMPTY};
use vespiary_state::{AccountChange, Changes, StoreError};

use super::Journal;
use super::entry::AccountEntry;

impl Journal {
    /// The difference between the state now and the state at the beginning. What was written back to its first value is left out.
    pub fn into_changes(self) -> Result<Changes, StoreError> {
        if let Some(error) = self.error.into_inner() {
            return Err(error);
        }
        let mut changes = Changes::default();
        for (address, entry) in self.accounts.into_inner() {
            let Some(change) = difference(entry) else { continue };
            if let Some(account) = change.account
                && account.code_hash != KECCAK256_EMPTY
                && let Some(code) = self.deployed.get(&account.code_hash)
                && self.base.code(&account.code_hash)?.is_none()
            {
                changes.code.insert(account.code_hash, code.clone());
            }
            changes.accounts.insert(address, change);
        }
        changes.native = self
            .native
            .into_inner()
            .into_iter()
            .filter(|(_, entry)| entry.original != entry.current)
            .map(|(key, entry)| (key, entry.current))
            .collect();
        Ok(changes)
    }
}

fn difference(entry: AccountEntry) -> Option<AccountChange> {
    let written = |(slot, value): (_, super::entry::SlotEntry)| {
        let found = if entry.cleared { B256::ZERO } else { value.original };
        (found != value.current).then_some((slot, value.current))
    };
    let storage: BTreeMap<_, _> = entry.slots.into_iter().filter_map(written).collect();
    let same = entry.original == entry.current && storage.is_empty() && !entry.cleared;
    (!same).then_some(AccountChange { account: entry.current, storage_cleared: entry.cleared, storage })
}
