//! Reading a chain's state, whatever it is made of: a store at a height, or a stack of overlays over one.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes};

use crate::{Account, StoreError};

/// The state after one block, readable by key.
///
/// Two worlds share it: Ethereum's accounts, code and storage, which `stateRoot` commits to, and *native* entries (core
/// contracts, Wasm contracts, native accounts), which `extraData` commits to.
pub trait StateView: Send + Sync {
    /// The account at an address; none if it does not exist.
    fn account(&self, address: &Address) -> Result<Option<Account>, StoreError>;

    /// The value of a storage slot; zero if unset.
    fn storage(&self, address: &Address, slot: &B256) -> Result<B256, StoreError>;

    /// True if any storage slot of the address is set (EIP-7610 asks).
    fn has_storage(&self, address: &Address) -> Result<bool, StoreError>;

    /// All set slots of the address with their values, in slot order.
    fn storage_slots(&self, address: &Address) -> Result<Vec<(B256, B256)>, StoreError>;

    /// The code with this hash.
    fn code(&self, hash: &B256) -> Result<Option<Bytes>, StoreError>;

    /// A native entry.
    fn native(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError>;

    /// All native entries whose key starts with `prefix`, in key order.
    fn native_with_prefix(&self, prefix: &[u8]) -> Result<Vec<(Bytes, Bytes)>, StoreError>;

    /// The hash of the block at a height at or below this state's own.
    fn block_hash(&self, height: u64) -> Result<Option<B256>, StoreError>;
}

impl<V: StateView + ?Sized> StateView for Arc<V> {
    fn account(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        (**self).account(address)
    }

    fn storage(&self, address: &Address, slot: &B256) -> Result<B256, StoreError> {
        (**self).storage(address, slot)
    }

    fn has_storage(&self, address: &Address) -> Result<bool, StoreError> {
        (**self).has_storage(address)
    }

    fn storage_slots(&self, address: &Address) -> Result<Vec<(B256, B256)>, StoreError> {
        (**self).storage_slots(address)
    }

    fn code(&self, hash: &B256) -> Result<Option<Bytes>, StoreError> {
        (**self).code(hash)
    }

    fn native(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        (**self).native(key)
    }

    fn native_with_prefix(&self, prefix: &[u8]) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        (**self).native_with_prefix(prefix)
    }

    fn block_hash(&self, height: u64) -> Result<Option<B256>, StoreError> {
        (**self).block_hash(height)
    }
}
