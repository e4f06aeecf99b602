//! Why nothing was executed, and why one request was left out.

use alloy_primitives::U256;
use vespiary_state::StoreError;
use vespiary_types::{ChainId, Fork};

/// Why the executor gave no result at all. What a contract does wrong is never here: that is a result, with a receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecutorError {
    /// The state could not be read. Nothing of the run is kept; run it again once the store answers.
    #[error("the state could not be read, so nothing was executed: {0}")]
    Store(#[from] StoreError),
    /// The caller asked to stop. Nothing of the run is kept.
    #[error("execution was cancelled before its end; nothing of it is kept")]
    Cancelled,
    /// The block's time does not lie behind its parent's last request.
    #[error("a block at {time_ns} ns cannot follow a parent at {parent_time_ns} ns with {parent_requests} requests")]
    Time {
        /// The block's time.
        time_ns: u64,
        /// The parent's.
        parent_time_ns: u64,
        /// How many nanoseconds the parent's requests took.
        parent_requests: u32,
    },
    /// The schedule names an EVM version that this build does not run whole.
    #[error("the chain's rules ask for {0:?} at this height, and this version runs up to Cancun: use a newer Vespiary")]
    Fork(Fork),
}

/// Why a request was not executed: no receipt, no trace in the state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Skip {
    /// It was executed before.
    #[error("already executed")]
    Processed,
    /// Its output belongs to the return address by now.
    #[error("expired")]
    Expired,
    /// Its output may yet change hands, and no anchor has claimed it.
    #[error("the output can expire, so an anchor must claim it before it is executed")]
    Unclaimed,
    /// Signed for another chain.
    #[error("signed for chain {0}")]
    OtherChain(ChainId),
    /// Not before its time.
    #[error("timelocked until unix second {0}")]
    Timelocked(u32),
    /// Only governance calls of the owner run.
    #[error("the chain is in maintenance: only its owner's governance calls run")]
    Maintenance,
    /// A nonce that was used.
    #[error("nonce too low: next nonce {expected}, tx nonce {given}")]
    NonceTooLow {
        /// The account's next nonce.
        expected: u64,
        /// The one signed.
        given: u64,
    },
    /// A nonce that cannot follow yet.
    #[error("nonce too high: next nonce {expected}, tx nonce {given}")]
    NonceTooHigh {
        /// The account's next nonce.
        expected: u64,
        /// The one signed.
        given: u64,
    },
    /// The account has no nonce left (EIP-2681).
    #[error("the sender's nonce has reached its maximum")]
    NonceExhausted,
    /// Signed for another chain (EIP-155).
    #[error("signed for chain id {given}, this chain is {expected}")]
    ChainId {
        /// This chain.
        expected: u64,
        /// The one signed for.
        given: u64,
    },
    /// r or s is zero: such a signature stands for a native request in a block and is nobody's.
    #[error("a signature with r = 0 or s = 0 is nobody's")]
    Signature,
    /// A type this chain or its fork does not have.
    #[error("transactions of type {0} are not accepted here")]
    TransactionType(u8),
    /// The most it pays is less than the price.
    #[error("max fee per gas {offered} wei is below the price of {price} wei")]
    FeeTooLow {
        /// `maxFeePerGas` or `gasPrice`.
        offered: U256,
        /// The block's base fee.
        price: U256,
    },
    /// A tip above the cap on the whole (EIP-1559).
    #[error("max priority fee per gas {tip} wei is above max fee per gas {cap} wei")]
    TipAboveFee {
        /// `maxPriorityFeePerGas`.
        tip: U256,
        /// `maxFeePerGas`.
        cap: U256,
    },
    /// Less than value + gas limit × max fee.
    #[error("insufficient funds: the sender has {available} wei and needs {needed} wei for gas and value")]
    InsufficientFunds {
        /// What the sender has.
        available: U256,
        /// What it may have to pay; saturates.
        needed: U256,
    },
    /// Less gas than the transaction costs before it runs.
    #[error("intrinsic gas too low: {given} of {needed}")]
    IntrinsicGas {
        /// The gas limit.
        given: u64,
        /// What is needed (EIP-2028, EIP-2930, EIP-3860).
        needed: u64,
    },
    /// A gas limit above the chain's for one request.
    #[error("gas limit {given} is above the chain's limit of {limit} for one request")]
    GasLimit {
        /// The gas limit.
        given: u64,
        /// The chain's.
        limit: u64,
    },
    /// The sender is a contract (EIP-3607).
    #[error("the sender has code, so nobody can hold its key")]
    SenderHasCode,
    /// Init code above EIP-3860's limit.
    #[error("init code of {given} bytes is above the limit of {limit}")]
    InitCodeSize {
        /// Bytes given.
        given: usize,
        /// The limit.
        limit: usize,
    },
    /// The block has no room left.
    #[error("the block is full: {wanted} gas wanted, {left} left")]
    BlockFull {
        /// The gas limit.
        wanted: u64,
        /// What the block has left.
        left: u64,
    },
    /// Another limit of a block, named.
    #[error("the block has reached its limit of {0}")]
    BlockLimit(&'static str),
}

impl Skip {
    /// True if the same request may run in a later block without anybody's doing: keep it. Otherwise drop it.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Timelocked(_)
                | Self::Unclaimed
                | Self::Maintenance
                | Self::NonceTooHigh { .. }
                | Self::BlockFull { .. }
                | Self::BlockLimit(_)
        )
    }
}
