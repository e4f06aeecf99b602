//! What `eth_call` asks, and what comes of it.

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, Bytes, Log, U256};
use vespiary_types::Outcome;

/// A call that is simulated: nobody signed it and nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EthereumCall {
    /// Who calls.
    pub from: Address,
    /// The contract; none creates one.
    pub to: Option<Address>,
    /// Wei sent along.
    pub value: U256,
    /// Call data or init code.
    pub input: Bytes,
    /// Most gas; the chain's limit for one request if none is given, or more.
    pub gas: Option<u64>,
    /// Wei for a unit of gas (`gasPrice` or `maxFeePerGas`). None or zero: no fee is taken and the sender needs no balance for it.
    pub gas_price: Option<U256>,
    /// Addresses and slots warmed beforehand (EIP-2930).
    pub access_list: AccessList,
}

/// What a simulated call did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallResult {
    /// Its return data, or why it failed: revert data is in `params`, and `message` reads it for people.
    pub outcome: Outcome,
    /// Gas it used, refunds taken off.
    pub gas_used: u64,
    /// The contract it would create.
    pub created: Option<Address>,
    /// The logs it would leave.
    pub logs: Vec<Log>,
}
