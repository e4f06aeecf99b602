//! What a node says when it cannot do as asked. Whether trying again can help is in the type.

use alloy_primitives::{Address, U256};
use vespiary_consensus::ConsensusError;
use vespiary_state::StoreError;
use vespiary_supervision::{AskError, StartError};
use vespiary_tangle::TangleError;
use vespiary_types::ChainConfigError;
use vespiary_vm::{ExecutorError, Skip};

/// Why a node, a chain or the tangle did not do as asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The node was closed, or is closing.
    #[error("the node is closed: open another")]
    Closed,
    /// No chain of this name.
    #[error("no chain is named `{name}`{}", near_names(near))]
    UnknownChain {
        /// The name asked for.
        name: String,
        /// Names like it.
        near: Vec<String>,
    },
    /// The name is taken.
    #[error("a chain named `{0}` exists already: use another name, or open it with get_or_create")]
    ChainExists(String),
    /// The chain exists with another configuration.
    #[error("chain `{name}` exists with another configuration: {difference}")]
    ConfigDiffers {
        /// Its name.
        name: String,
        /// What differs, field by field.
        difference: String,
    },
    /// Another chain of the node has this EVM chain id.
    #[error("EVM chain id {id} belongs to chain `{chain}` of this node: two chains cannot share one")]
    EvmChainIdTaken {
        /// The id.
        id: u64,
        /// Who has it.
        chain: String,
    },
    /// A configuration that cannot be.
    #[error(transparent)]
    Config(#[from] ChainConfigError),
    /// The store failed, or the data directory cannot be used.
    #[error(transparent)]
    Store(StoreError),
    /// The executor could not run.
    #[error(transparent)]
    Executor(ExecutorError),
    /// The tangle refused.
    #[error(transparent)]
    Tangle(#[from] TangleError),
    /// A transaction was confirmed without effect.
    #[error("the tangle confirmed the transaction without effect: {0}")]
    Conflict(String),
    /// The consensus engine refused its committee.
    #[error(transparent)]
    Consensus(#[from] ConsensusError),
    /// The actor that should answer crashed or is restarting.
    #[error("the actor that should answer is restarting: try again ({0})")]
    Restarting(AskError),
    /// The actor's mailbox is full.
    #[error("the node is busy: try again in a moment")]
    Busy,
    /// A tree could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Only virtual time can be driven.
    #[error("real time runs by itself: run_for needs a node with clock=\"virtual\"")]
    RealTime,
    /// Something this chain or node does not allow.
    #[error("{0}")]
    Refused(String),
    /// A height above the head.
    #[error("block {asked} does not exist: the head is {head}")]
    UnknownHeight {
        /// The height asked for.
        asked: u64,
        /// The head.
        head: u64,
    },
    /// A fault of ours.
    #[error("internal fault, please report it: {0}")]
    Internal(String),
}

impl NodeError {
    /// True if the same call may succeed when repeated.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Restarting(_) | Self::Busy)
    }
}

impl From<StoreError> for NodeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Closed => Self::Closed,
            other => Self::Store(other),
        }
    }
}

impl From<ExecutorError> for NodeError {
    fn from(error: ExecutorError) -> Self {
        match error {
            ExecutorError::Store(error) => error.into(),
            other => Self::Executor(other),
        }
    }
}

impl From<AskError> for NodeError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Busy => Self::Busy,
            AskError::Gone => Self::Closed,
            other => Self::Restarting(other),
        }
    }
}

fn near_names(near: &[String]) -> String {
    if near.is_empty() {
        return ": create it first".into();
    }
    format!("; did you mean {}?", near.join(" or "))
}

/// Why a request was not taken, or was dropped. Nothing of it stays behind: no receipt, no nonce, no fee.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Not a request.
    #[error("{0}")]
    Malformed(String),
    /// A signature that is nobody's.
    #[error("the signature is not valid: {0}")]
    BadSignature(String),
    /// Signed for another chain.
    #[error("signed for chain id {found}, this chain is {expected}: sign it again with the right chain id")]
    WrongChainId {
        /// The id signed for.
        found: u64,
        /// This chain's.
        expected: u64,
    },
    /// No replay protection.
    #[error("the transaction names no chain id (EIP-155): sign it again with chain id {0}")]
    NoChainId(u64),
    /// A used nonce.
    #[error("nonce too low: next nonce {next}, tx nonce {nonce}")]
    NonceTooLow {
        /// The one signed.
        nonce: u64,
        /// The account's next.
        next: u64,
    },
    /// A nonce that leaves a gap wider than the mempool keeps.
    #[error("nonce too high: next nonce {next}, tx nonce {nonce}: the mempool keeps up to {most} of a sender")]
    NonceTooHigh {
        /// The one signed.
        nonce: u64,
        /// The account's next.
        next: u64,
        /// The mempool's limit for one sender.
        most: u64,
    },
    /// Pays less than the chain's price.
    #[error("max fee per gas {offered} wei is below the chain's price of {price} wei")]
    Underpriced {
        /// `maxFeePerGas` or `gasPrice`.
        offered: U256,
        /// The chain's price.
        price: U256,
    },
    /// A request with this nonce waits, and this one does not pay more.
    #[error(
        "replacement transaction underpriced: nonce {nonce} waits with a fee of {waiting} wei, and {offered} wei is not more"
    )]
    ReplacementUnderpriced {
        /// The nonce.
        nonce: u64,
        /// What the waiting one pays for a gas unit.
        waiting: U256,
        /// What this one pays.
        offered: U256,
    },
    /// A better one took its place.
    #[error("replaced by another request with nonce {0} and a higher fee")]
    Replaced(u64),
    /// Not enough for gas and value.
    #[error("insufficient funds for gas * price + value: {address} has {have} wei, needs {need} wei")]
    InsufficientFunds {
        /// Whose.
        address: Address,
        /// What it has.
        have: U256,
        /// What it may have to pay.
        need: U256,
    },
    /// The mempool is full.
    #[error("the mempool is full: {limit} requests {scope} are waiting already; try again later")]
    PoolFull {
        /// The limit.
        limit: u32,
        /// `in all` or `of one sender`.
        scope: &'static str,
    },
    /// Waited longer than requests live.
    #[error("dropped after 24 hours in the mempool")]
    TimedOut,
    /// It cannot be executed, by Ethereum's or the chain's rules.
    #[error("{0}")]
    Skipped(Skip),
    /// The chain does not take it.
    #[error("{0}")]
    Refused(String),
    /// The node did not do it.
    #[error(transparent)]
    Node(RejectionCause),
}

/// A [`NodeError`] inside a [`Rejection`], compared by its text.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct RejectionCause(pub Box<NodeError>);

impl PartialEq for RejectionCause {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_string() == other.0.to_string()
    }
}

impl Eq for RejectionCause {}

impl From<NodeError> for Rejection {
    fn from(error: NodeError) -> Self {
        Self::Node(RejectionCause(Box::new(error)))
    }
}
