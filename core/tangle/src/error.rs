//! What can be wrong with bytes, blocks and requests to build a transaction.

use vespiary_types::{L1Address, OutputId};

/// Why the tangle refuses. A transaction that is well formed and has no effect is no error: see [`crate::Conflict`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TangleError {
    /// Bytes that are not what they should be.
    #[error("at byte {position}: {what}")]
    Malformed {
        /// Where reading stopped.
        position: usize,
        /// What was expected and found.
        what: String,
    },
    /// A value that breaks a rule which needs no knowledge of the ledger (TIP-20's syntactic validation).
    #[error("{0}")]
    Syntax(String),
    /// A block of another protocol version.
    #[error("the block is of protocol version {found}, this tangle runs version {expected}")]
    Version {
        /// What the block says.
        found: u8,
        /// What the tangle runs.
        expected: u8,
    },
    /// A transaction of another network.
    #[error(
        "the transaction is for network id {found}, this network is {expected}: build it with this network's context"
    )]
    Network {
        /// What the transaction says.
        found: u64,
        /// This network's id.
        expected: u64,
    },
    /// A milestone that the coordinator's keys did not sign as they must.
    #[error("the milestone is not signed by the coordinator: {0}")]
    MilestoneSignatures(String),
    /// An output below its storage deposit (TIP-19).
    #[error("an output with {amount} tokens is below its storage deposit of {minimum}: add {} tokens", minimum.saturating_sub(*amount))]
    StorageDeposit {
        /// What it holds.
        amount: u64,
        /// What it must hold.
        minimum: u64,
    },
    /// The inputs do not pay for the outputs.
    #[error("{available} tokens are available and {needed} are needed: fund the sender with {} more", needed.saturating_sub(*available))]
    InsufficientFunds {
        /// What the inputs hold.
        available: u64,
        /// What the outputs need, the remainder's storage deposit included.
        needed: u64,
    },
    /// No key was given for an address that an input needs.
    #[error("no key was given for address {0}, which an input needs")]
    NoKey(L1Address),
    /// An input that nobody can unlock as the transaction stands.
    #[error("output {output} cannot be unlocked: {reason}")]
    NotUnlockable {
        /// The input.
        output: OutputId,
        /// Why.
        reason: &'static str,
    },
    /// An anchor that would not fit one transaction.
    #[error("the anchor is full: {0}; leave this for the next one")]
    AnchorFull(&'static str),
    /// A diff or snapshot that does not continue what it is applied to.
    #[error("cannot restore: {0}")]
    Restore(String),
}
