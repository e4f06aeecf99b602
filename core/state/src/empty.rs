//! The state before genesis.

use alloy_primitives::{Address, B256, Bytes};

use crate::{Account, StateView, StoreError};

/// A state without entries: what the genesis block is executed on.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmptyState;

impl StateView for EmptyState {
    fn account(&self, _: &Address) -> Result<Option<Account>, StoreError> {
        Ok(None)
    }

    fn storage(&self, _: &Address, _: &B256) -> Result<B256, StoreError> {
        Ok(B256::ZERO)
    }

    fn has_storage(&self, _: &Address) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn storage_slots(&self, _: &Address) -> Result<Vec<(B256, B256)>, StoreError> {
        Ok(Vec::new())
    }

    fn code(&self, _: &B256) -> Result<Option<Bytes>, StoreError> {
        Ok(None)
    }

    fn native(&self, _: &[u8]) -> Result<Option<Bytes>, StoreError> {
        Ok(None)
    }

    fn native_with_prefix(&self, _: &[u8]) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        Ok(Vec::new())
    }

    fn block_hash(&self, _: u64) -> Result<Option<B256>, StoreError> {
        Ok(None)
    }
}
