//! What one run of the EVM starts from.

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, Bytes, U256};

/// Everything a run starts from.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) caller: Address,
    /// tx.origin
    pub(crate) origin: Address,
    pub(crate) target: Target,
    pub(crate) value: U256,
    pub(crate) input: Bytes,
    pub(crate) gas: u64,
    /// Part of `gas` that is used before the first opcode.
    pub(crate) intrinsic_gas: u64,
    pub(crate) gas_price: U256,
    pub(crate) access_list: AccessList,
    pub(crate) is_static: bool,
}

/// Where a run goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Call(Address),
    /// The address of the contract to be.
    Create(Address),
}
