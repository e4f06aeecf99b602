//! Why a transaction has no effect. For people only: no two ledgers need to agree on the reason, just on the fact.

use std::fmt;

use serde::{Deserialize, Serialize};
use vespiary_types::{AliasId, L1Address, OutputId};

/// The first reason found that a transaction has no effect (TIP-20's semantic validation).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// The input was consumed before.
    #[error("output {0} is spent already")]
    InputSpent(OutputId),
    /// Nothing is known of the input.
    #[error("output {0} does not exist")]
    InputUnknown(OutputId),
    /// The signer saw other outputs than those he spends.
    #[error("the inputs commitment does not match the consumed outputs")]
    InputsCommitment,
    /// A signature does not hold.
    #[error("a signature does not match the transaction")]
    Signature,
    /// The unlock does not fit the owner of the input.
    #[error("the unlock of output {output} does not unlock {owner}")]
    Unlock {
        /// The input.
        output: OutputId,
        /// Who must unlock it at this time.
        owner: L1Address,
    },
    /// Too early.
    #[error("output {output} is locked until unix second {until}")]
    Timelock {
        /// The input.
        output: OutputId,
        /// The end of the lock.
        until: u32,
    },
    /// Inputs and outputs differ.
    #[error("inputs hold {inputs} tokens and outputs {outputs}: they must be equal")]
    Amounts {
        /// Their sum.
        inputs: u128,
        /// Their sum.
        outputs: u128,
    },
    /// A storage deposit was kept.
    #[error("{owed} tokens must be returned to {to} by plain basic outputs")]
    StorageDepositReturn {
        /// Who must get them.
        to: L1Address,
        /// How many.
        owed: u128,
    },
    /// The sender did not unlock anything.
    #[error("sender {0} is not unlocked by this transaction")]
    Sender(L1Address),
    /// The issuer did not unlock anything.
    #[error("issuer {0} is not unlocked by this transaction")]
    Issuer(L1Address),
    /// The alias is not among the inputs.
    #[error("alias {0} is changed but not consumed")]
    AliasMissing(AliasId),
    /// The alias changes in a way that its transition does not allow.
    #[error("alias {alias} may not change its {what} in this transition")]
    AliasTransition {
        /// The alias.
        alias: AliasId,
        /// What changed.
        what: AliasField,
    },
}

/// A field of an alias that a transition must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AliasField {
    /// Neither the same index nor the next.
    StateIndex,
    /// Tokens, in a governance transition.
    Amount,
    /// The controller's metadata, in a governance transition.
    StateMetadata,
    /// Foundries are not accepted, so it never changes.
    FoundryCounter,
    /// The controller, in a state transition.
    StateController,
    /// The governor, in a state transition.
    Governor,
    /// The governor's metadata, in a state transition.
    Metadata,
    /// Never changes.
    ImmutableFeatures,
}

impl fmt::Display for AliasField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::StateIndex => "state index other than by one",
            Self::Amount => "amount",
            Self::StateMetadata => "state metadata",
            Self::FoundryCounter => "foundry counter",
            Self::StateController => "state controller",
            Self::Governor => "governor",
            Self::Metadata => "metadata feature",
            Self::ImmutableFeatures => "immutable features",
        })
    }
}
