//! Milestones: the coordinator's signed word on which blocks are confirmed, and when (TIP-29).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vespiary_crypto::{Ed25519KeyPair, Ed25519PublicKey, Ed25519Signature};
use vespiary_types::{BlockId, MilestoneId, blake2b256};

use crate::block::{check_parents, pack_parents, unpack_parents};
use crate::codec::{Reader, put_length};
use crate::parameters::MAX_METADATA_BYTES;
use crate::{CoordinatorKeys, ProtocolVersion, TangleError};

pub(crate) const MILESTONE_PAYLOAD: u32 = 7;
const ED25519: u8 = 0;

/// The signed part of a milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MilestoneEssence {
    /// One more than the milestone before.
    pub index: u32,
    /// Unix milliseconds. Version 2 carries whole seconds, and this is then a multiple of 1,000.
    pub time_ms: u64,
    /// The layout.
    pub version: ProtocolVersion,
    /// The milestone before; of milestone 1 the genesis.
    pub previous: MilestoneId,
    /// The same parents as the block that carries it.
    pub parents: Vec<BlockId>,
    /// Merkle root over the ids of all blocks it confirms, in white-flag order.
    pub inclusion_root: [u8; 32],
    /// Merkle root over the ids of those whose transactions took effect.
    pub applied_root: [u8; 32],
    /// The issuer's own; at most 8,192 bytes.
    pub metadata: Vec<u8>,
}

/// A milestone with its signatures (payload type 7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// The signed part.
    pub essence: MilestoneEssence,
    /// Sorted by public key, each key once.
    pub signatures: Vec<(Ed25519PublicKey, Ed25519Signature)>,
}

impl MilestoneEssence {
    /// The bytes that are hashed and signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.pack(&mut bytes);
        bytes
    }

    /// BLAKE2b-256 of the essence: the id, and the message of every signature. Signatures have no part in it.
    pub fn id(&self) -> MilestoneId {
        MilestoneId::new(blake2b256(self.to_bytes()))
    }

    /// Whole unix seconds: what timelocks and expirations are compared with.
    pub fn seconds(&self) -> u32 {
        seconds(self.time_ms)
    }

    /// Signs with each key, in the order the layout wants.
    pub fn sign(self, keys: &[Ed25519KeyPair]) -> Milestone {
        let id = self.id();
        let mut signatures: Vec<_> = keys.iter().map(|key| (key.public_key(), key.sign(id.as_bytes()))).collect();
        signatures.sort_unstable_by_key(|(key, _)| *key);
        signatures.dedup_by_key(|(key, _)| *key);
        Milestone { essence: self, signatures }
    }

    fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.index.to_le_bytes());
        match self.version {
            ProtocolVersion::Stardust => to.extend_from_slice(&self.seconds().to_le_bytes()),
            ProtocolVersion::Milliseconds => to.extend_from_slice(&self.time_ms.to_le_bytes()),
        }
        to.push(self.version.byte());
        to.extend_from_slice(self.previous.as_bytes());
        pack_parents(to, &self.parents);
        to.extend_from_slice(&self.inclusion_root);
        to.extend_from_slice(&self.applied_root);
        put_length!(to, self.metadata.len(), u16);
        to.extend_from_slice(&self.metadata);
        to.push(0);
    }

    fn unpack(from: &mut Reader<'_>, version: ProtocolVersion) -> Result<Self, TangleError> {
        let index = from.u32("a milestone's index")?;
        let time_ms = match version {
            ProtocolVersion::Stardust => u64::from(from.u32("a milestone's time")?) * 1_000,
            ProtocolVersion::Milliseconds => from.u64("a milestone's time")?,
        };
        from.expect(version.byte(), "a milestone's protocol version")?;
        let previous = from.milestone_id()?;
        let parents = unpack_parents(from)?;
        let inclusion_root = from.array("an inclusion Merkle root")?;
        let applied_root = from.array("an applied Merkle root")?;
        let length = usize::from(from.u16("metadata's length")?);
        if length > MAX_METADATA_BYTES {
            return Err(from.malformed(format!("milestone metadata of {length} bytes is above {MAX_METADATA_BYTES}")));
        }
        let metadata = from.take(length, "metadata")?.to_vec();
        from.expect(0, "the count of milestone options, which are not supported here,")?;
        Ok(Self { index, time_ms, version, previous, parents, inclusion_root, applied_root, metadata })
    }
}

impl Milestone {
    /// The id of the essence.
    pub fn id(&self) -> MilestoneId {
        self.essence.id()
    }

    /// Whether enough of the coordinator's keys signed, each key once and in order (TIP-29).
    ///
    /// # Errors
    /// [`TangleError::MilestoneSignatures`] with what is missing.
    pub fn check_signatures(&self, coordinator: &CoordinatorKeys) -> Result<(), TangleError> {
        let refuse = |reason: String| Err(TangleError::MilestoneSignatures(reason));
        if self.signatures.len() < usize::from(coordinator.threshold) {
            return refuse(format!("{} signatures of {} needed", self.signatures.len(), coordinator.threshold));
        }
        let applicable: BTreeSet<_> = coordinator.keys.iter().collect();
        let id = self.id();
        for (key, signature) in &self.signatures {
            if !applicable.contains(key) {
                return refuse(format!("{key} is not a key of the coordinator"));
            }
            if key.verify(id.as_bytes(), signature).is_err() {
                return refuse(format!("the signature of {key} does not hold"));
            }
        }
        Ok(())
    }

    pub(crate) fn check(&self) -> Result<(), TangleError> {
        check_parents(&self.essence.parents)?;
        if !self.signatures.is_sorted_by(|(left, _), (right, _)| left < right) {
            return Err(TangleError::Syntax("a milestone's signatures are sorted by key, each key once".into()));
        }
        Ok(())
    }

    pub(crate) fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&MILESTONE_PAYLOAD.to_le_bytes());
        self.essence.pack(to);
        put_length!(to, self.signatures.len(), u8);
        for (key, signature) in &self.signatures {
            to.push(ED25519);
            to.extend_from_slice(&key.0);
            to.extend_from_slice(&signature.0);
        }
    }

    /// Reads what stands behind the payload's type.
    pub(crate) fn unpack(from: &mut Reader<'_>, version: ProtocolVersion) -> Result<Self, TangleError> {
        let essence = MilestoneEssence::unpack(from, version)?;
        let count = from.u8("a count of signatures")?;
        let mut signatures = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            from.expect(ED25519, "a signature's type")?;
            let key = Ed25519PublicKey(from.array("a public key")?);
            signatures.push((key, Ed25519Signature(from.array("a signature")?)));
        }
        Ok(Self { essence, signatures })
    }
}

/// Whole unix seconds of a time in milliseconds, held at the end of 32 bits (in the year 2106).
pub(crate) fn seconds(time_ms: u64) -> u32 {
    u32::try_from(time_ms / 1_000).unwrap_or(u32::MAX)
}
