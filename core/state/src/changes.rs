//! What a block changes: sorted, so that everything derived from it is deterministic.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes};
use serde::{Deserialize, Serialize};

use crate::Account;

/// What happened to one Ethereum account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountChange {
    /// The account afterwards; none if it is gone.
    pub account: Option<Account>,
    /// True if all earlier storage is gone (the account was destroyed or made anew); `storage` then counts from empty.
    pub storage_cleared: bool,
    /// Slots written, with their values afterwards; zero means unset.
    pub storage: BTreeMap<B256, B256>,
}

impl AccountChange {
    /// The account that remains: one that is empty afterwards is gone (EIP-161), and with it its storage.
    pub fn remaining(&self) -> Option<Account> {
        self.account.filter(|account| !account.is_empty())
    }

    /// True if nothing is left of the storage from before.
    pub fn clears_storage(&self) -> bool {
        self.storage_cleared || self.remaining().is_none()
    }
}

/// The difference between the states before and after a block.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Changes {
    /// Ethereum accounts that changed in any way.
    pub accounts: BTreeMap<Address, AccountChange>,
    /// Code seen for the first time, by hash.
    pub code: BTreeMap<B256, Bytes>,
    /// Native entries afterwards; none means removed.
    pub native: BTreeMap<Bytes, Option<Bytes>>,
}

impl Changes {
    /// True if nothing changed.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.code.is_empty() && self.native.is_empty()
    }
}
