//! A validator's word.

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use vespiary_crypto::{Ed25519KeyPair, Ed25519PublicKey, Ed25519Signature};
use vespiary_types::ChainId;

use crate::{ConsensusError, ValidatorIndex};

/// "This proposal is notarized, and executing it gave this block": one message proves order and execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalizeVote {
    /// The chain.
    pub chain: ChainId,
    /// The committee's number.
    pub epoch: u64,
    /// The view.
    pub view: u64,
    /// The proposal.
    pub digest: B256,
    /// The hash of the block that executing it gave.
    pub block: B256,
}

impl FinalizeVote {
    /// The signed bytes: a domain, then the fields in order, numbers little-endian.
    fn message(&self) -> Vec<u8> {
        [
            b"vespiary/finalize".as_slice(),
            self.chain.as_bytes(),
            &self.epoch.to_le_bytes(),
            &self.view.to_le_bytes(),
            self.digest.as_slice(),
            self.block.as_slice(),
        ]
        .concat()
    }

    /// The vote's signature.
    pub fn sign(&self, key: &Ed25519KeyPair) -> Ed25519Signature {
        key.sign(&self.message())
    }

    /// Checks a validator's signature.
    pub fn verify(
        &self,
        validator: ValidatorIndex,
        key: &Ed25519PublicKey,
        signature: &Ed25519Signature,
    ) -> Result<(), ConsensusError> {
        key.verify(&self.message(), signature).map_err(|_| ConsensusError::BadSignature(validator))
    }
}
