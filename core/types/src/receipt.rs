//! What became of a request.

use alloy_primitives::{Address, B256, Bytes, Log, U256};
use serde::{Deserialize, Serialize};

use crate::{Hname, Payout, RequestId};

/// Why a contract failed: a result like any other, with a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ExecutionError {
    /// The contract that failed, if it is a native or Wasm one.
    pub contract: Option<Hname>,
    /// Its number among that contract's errors; 0 for the machine's own (out of gas, a bad jump, a panic).
    pub code: u16,
    /// The error's parameters, or the EVM's revert data.
    pub params: Bytes,
    /// For people.
    pub message: String,
}

/// Success or failure of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It ran to its end and returned this.
    Success(Bytes),
    /// It failed; state and L1 outputs rolled back, the fee was charged, the nonce rose.
    Failure(ExecutionError),
}

/// An event of a native or Wasm contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Who emitted it.
    pub contract: Hname,
    /// Its name.
    pub topic: String,
    /// The request's timestamp: block time plus index, in nanoseconds since the unix epoch.
    pub timestamp_ns: u64,
    /// Its content.
    pub payload: Bytes,
}

/// The record of one executed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The request.
    pub request: RequestId,
    /// The hash by which Ethereum tools know it; for native requests that of the transaction which stands for it.
    pub transaction_hash: B256,
    /// EIP-2718 type of that transaction.
    pub transaction_type: u8,
    /// The block's height.
    pub height: u64,
    /// The request's place in the block.
    pub index: u32,
    /// The sender, or its EVM alias.
    pub from: Address,
    /// The EVM contract called; the sandbox's address for native requests, none for a creation.
    pub to: Option<Address>,
    /// The EVM contract created.
    pub created: Option<Address>,
    /// What became of it.
    pub outcome: Outcome,
    /// The gas it could burn.
    pub gas_budget: u64,
    /// The gas it burned.
    pub gas_used: u64,
    /// The gas burned in the block up to and with it.
    pub cumulative_gas_used: u64,
    /// Wei paid for each gas unit.
    pub gas_price: U256,
    /// Wei paid in all: base fee and tip.
    pub fee: U256,
    /// Wei kept back for L1 storage.
    pub storage_deposit: U256,
    /// Events of native and Wasm contracts.
    pub events: Vec<Event>,
    /// EVM logs.
    pub logs: Vec<Log>,
    /// What it sends to the tangle.
    pub payouts: Vec<Payout>,
}

impl Receipt {
    /// True if the request succeeded.
    pub fn succeeded(&self) -> bool {
        matches!(self.outcome, Outcome::Success(_))
    }
}
