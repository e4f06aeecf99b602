//! What is cached: values as the block found them beside values as they are now.

use std::rc::Rc;

use alloy_primitives::map::B256Map;
use alloy_primitives::{B256, Bytes};
use vespiary_state::Account;

use super::Code;

/// An account with those of its slots that were looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct AccountEntry {
    /// As the block found it.
    pub original: Option<Account>,
    /// As it is now.
    pub current: Option<Account>,
    /// Its code, once somebody asked for it; follows `current`.
    pub code: Option<Rc<Code>>,
    /// Slots that were read or written.
    pub slots: B256Map<SlotEntry>,
    /// All storage that the block found is gone; slots not cached are zero.
    pub cleared: bool,
    /// The request in which it became warm (EIP-2929).
    pub warm: u64,
    /// The request in which it was created (EIP-6780).
    pub created: u64,
}

/// A storage slot.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SlotEntry {
    /// As the block found it; zero if the account's storage was cleared since.
    pub original: B256,
    /// As the request found it that wrote it last (EIP-2200 asks).
    pub before: B256,
    /// As it is now.
    pub current: B256,
    /// The request in which `before` was taken.
    pub written: u64,
    /// The request in which it became warm (EIP-2929).
    pub warm: u64,
}

/// A native entry.
#[derive(Debug, Clone, Default)]
pub(super) struct NativeEntry {
    /// As the block found it.
    pub original: Option<Bytes>,
    /// As it is now.
    pub current: Option<Bytes>,
}
