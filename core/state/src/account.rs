//! Ethereum accounts as the state keeps them.

use alloy_primitives::{B256, KECCAK256_EMPTY, U256};
use serde::{Deserialize, Serialize};

/// An EVM account without its storage (Ethereum yellow paper §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Transactions sent, or contracts created plus one.
    pub nonce: u64,
    /// Base tokens in wei.
    pub balance: U256,
    /// keccak-256 of the code; that of nothing for an account without code.
    pub code_hash: B256,
}

impl Default for Account {
    fn default() -> Self {
        Self { nonce: 0, balance: U256::ZERO, code_hash: KECCAK256_EMPTY }
    }
}

impl Account {
    /// No code, no nonce, no balance (EIP-161).
    pub fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code_hash == KECCAK256_EMPTY
    }
}
