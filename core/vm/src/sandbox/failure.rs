//! Why a native contract fails: results with a receipt, never errors of the executor.

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolValue;
use vespiary_types::{AgentId, ExecutionError, Hname};

/// Why a native call failed. [`Self::code`] and [`Self::params`] are for programs. The message is for people, yet Solidity contracts get
/// it as revert data: it changes only with the protocol's version, and never quotes a library.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The budget is spent.
    #[error("out of gas: all {limit} gas units are burned; send it again with a larger gas budget")]
    OutOfGas {
        /// The budget.
        limit: u64,
    },
    /// Nobody runs such a contract here.
    #[error("there is no contract {0} on this chain")]
    NoContract(Hname),
    /// The contract has no such entry point.
    #[error("contract {contract} has no entry point {entry_point}")]
    NoEntryPoint {
        /// The contract.
        contract: Hname,
        /// What was asked for.
        entry_point: Hname,
    },
    /// The parameters do not read.
    #[error("the parameters of `{entry_point}` are not what it takes: {reason}")]
    Parameters {
        /// The entry point's name.
        entry_point: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A view or a static call would change the state.
    #[error("`{0}` changes the chain's state, which a view or static call must not")]
    ReadOnly(&'static str),
    /// More was taken than allowed.
    #[error("{asked} wei were to be taken, and the caller's allowance has {allowed} left: raise the allowance")]
    Allowance {
        /// Wei to be taken.
        asked: U256,
        /// Wei that may be.
        allowed: U256,
    },
    /// More was to leave an account than it has.
    #[error("account {agent} has {balance} wei, and {needed} are needed")]
    Balance {
        /// Whose account.
        agent: AgentId,
        /// Wei it has.
        balance: U256,
        /// Wei it would need.
        needed: U256,
    },
    /// Too little for an output on L1.
    #[error("{tokens} base tokens (of 10^-6) are too few for an output on L1, which must hold at least {minimum}")]
    StorageDeposit {
        /// What was to be sent, in L1's smallest unit.
        tokens: u64,
        /// The least that can be sent, in the same unit.
        minimum: u64,
    },
    /// More than L1 can count.
    #[error("{0} wei are more than there can be on L1")]
    PayoutTooLarge(U256),
    /// More outputs than one block may make.
    #[error("a request makes at most {0} outputs on L1: spread them over several requests")]
    TooManyPayouts(usize),
    /// Not somebody who can be paid.
    #[error("that cannot be the target: {0}")]
    Target(String),
    /// Only the owner may do it.
    #[error("only the chain's owner may do this, not {0}")]
    NotOwner(AgentId),
    /// Ownership was not delegated to the caller.
    #[error("the chain's ownership was not delegated to {0}")]
    NotDelegated(AgentId),
    /// A policy that contradicts itself.
    #[error("{0}")]
    Policy(String),
    /// Records that are no part of the state.
    #[error("{0} are kept beside the state, not in it: ask a node for them")]
    NotInState(&'static str),
    /// No such record.
    #[error("there is no block {height} among the records of this state")]
    NoRecord {
        /// The height asked for.
        height: u64,
    },
    /// An output without a sender asks for a call.
    #[error("this L1 output names no sender, so it can only deposit; its tokens went to the chain's owner")]
    NoSender,
    /// A key that the state does not take.
    #[error("a key of {length} bytes is too long: at most {limit} are kept")]
    Key {
        /// The key's length.
        length: usize,
        /// The longest one.
        limit: usize,
    },
    /// Contracts called each other too deep.
    #[error("calls are nested more than {0} deep")]
    Depth(u32),
    /// A contract called another one, which failed.
    #[error(transparent)]
    Callee(#[from] ExecutionError),
}

impl Failure {
    /// The failure's number among native failures; 0 for the machine's own.
    pub const fn code(&self) -> u16 {
        match self {
            Self::OutOfGas { .. } | Self::Depth(_) => 0,
            Self::NoContract(_) => 1,
            Self::NoEntryPoint { .. } => 2,
            Self::Parameters { .. } => 3,
            Self::ReadOnly(_) => 4,
            Self::Allowance { .. } => 5,
            Self::Balance { .. } => 6,
            Self::StorageDeposit { .. } => 7,
            Self::PayoutTooLarge(_) => 8,
            Self::TooManyPayouts(_) => 9,
            Self::Target(_) => 10,
            Self::NotOwner(_) => 11,
            Self::NotDelegated(_) => 12,
            Self::Policy(_) => 13,
            Self::NotInState(_) => 14,
            Self::NoRecord { .. } => 15,
            Self::NoSender => 16,
            Self::Key { .. } => 17,
            Self::Callee(error) => error.code,
        }
    }

    /// The figures in it, ABI-encoded in the order of the fields; nothing where it has none.
    pub fn params(&self) -> Bytes {
        match self {
            Self::OutOfGas { limit } => limit.abi_encode().into(),
            Self::Allowance { asked, allowed } => (*asked, *allowed).abi_encode_params().into(),
            Self::Balance { agent, balance, needed } => {
                (Bytes::from(agent.to_bytes()), *balance, *needed).abi_encode_params().into()
            }
            Self::StorageDeposit { tokens, minimum } => (*tokens, *minimum).abi_encode_params().into(),
            Self::NoRecord { height } => height.abi_encode().into(),
            Self::Callee(error) => error.params.clone(),
            _ => Bytes::new(),
        }
    }

    /// The failure as a receipt shows it. A callee's failure stays the callee's.
    pub fn of(self, contract: Hname) -> ExecutionError {
        match self {
            Self::Callee(error) => error,
            failure => ExecutionError {
                contract: Some(contract),
                code: failure.code(),
                params: failure.params(),
                message: failure.to_string(),
            },
        }
    }
}
