//! A quorum's word.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vespiary_crypto::Ed25519Signature;
use vespiary_types::Wire;

use crate::{Committee, ConsensusError, FinalizeVote, ValidatorIndex};

/// Proof that a quorum finalized a proposal and the block it gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What they signed.
    pub vote: FinalizeVote,
    /// Their signatures, by validator.
    pub signatures: BTreeMap<ValidatorIndex, Ed25519Signature>,
}

impl Wire for Certificate {
    const WHAT: &'static str = "a certificate";
}

impl Certificate {
    /// Checks every signature and that they are a quorum.
    pub fn verify(&self, committee: &Committee) -> Result<(), ConsensusError> {
        for (validator, signature) in &self.signatures {
            let key = committee.key(*validator).ok_or(ConsensusError::UnknownValidator(*validator))?;
            self.vote.verify(*validator, key, signature)?;
        }
        let (found, quorum) = (self.signatures.len(), committee.quorum());
        if found < quorum {
            return Err(ConsensusError::NoQuorum { digest: self.vote.digest, found, quorum });
        }
        Ok(())
    }
}
