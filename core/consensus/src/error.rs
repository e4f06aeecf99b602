//! What the engine refuses.

use alloy_primitives::B256;

use crate::ValidatorIndex;

/// Why the engine refused a committee, a vote or a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsensusError {
    /// A committee that cannot work.
    #[error("a committee needs 1 to {max} different validators, not {found}")]
    Committee {
        /// How many were given.
        found: usize,
        /// The most there can be.
        max: usize,
    },
    /// The own key is not among the validators.
    #[error("this node's key is not in the committee: it can follow the chain, not vote")]
    NotAMember,
    /// More than one validator.
    #[error(
        "a committee of {0} validators cannot agree inside one engine yet: chains of this version have one validator"
    )]
    TooMany(usize),
    /// A vote by a number that nobody has.
    #[error("validator {0:?} does not exist in this committee")]
    UnknownValidator(ValidatorIndex),
    /// A vote whose signature does not verify.
    #[error("the signature of validator {0:?} does not verify")]
    BadSignature(ValidatorIndex),
    /// Fewer votes than a quorum.
    #[error("the certificate of {digest} has {found} votes, a quorum is {quorum}")]
    NoQuorum {
        /// The proposal.
        digest: B256,
        /// Votes in the certificate.
        found: usize,
        /// Votes needed.
        quorum: usize,
    },
}
