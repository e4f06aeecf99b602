//! Who votes.

use serde::{Deserialize, Serialize};
use vespiary_crypto::Ed25519PublicKey;

use crate::ConsensusError;

/// A validator's place in its committee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ValidatorIndex(pub u16);

/// The validators of one epoch, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committee {
    validators: Vec<Ed25519PublicKey>,
}

impl Committee {
    /// The most validators a committee can have: a group signature's transcript stays small.
    pub const MAX: usize = 100;

    /// A committee of these validators; their order is their numbering.
    pub fn new(validators: Vec<Ed25519PublicKey>) -> Result<Self, ConsensusError> {
        let error = ConsensusError::Committee { found: validators.len(), max: Self::MAX };
        let distinct =
            validators.iter().enumerate().all(|(i, key)| validators.iter().skip(i + 1).all(|k| k.0 != key.0));
        if validators.is_empty() || validators.len() > Self::MAX || !distinct {
            return Err(error);
        }
        Ok(Self { validators })
    }

    /// How many validators there are (n).
    pub fn size(&self) -> usize {
        self.validators.len()
    }

    /// How many may be silent or lie: f = ⌊(n − 1) / 3⌋.
    pub fn faults(&self) -> usize {
        (self.size() - 1) / 3
    }

    /// Votes that decide: n − f.
    pub fn quorum(&self) -> usize {
        self.size() - self.faults()
    }

    /// The key of a validator.
    pub fn key(&self, index: ValidatorIndex) -> Option<&Ed25519PublicKey> {
        self.validators.get(usize::from(index.0))
    }

    /// The place of a key.
    pub fn index_of(&self, key: &Ed25519PublicKey) -> Option<ValidatorIndex> {
        let place = self.validators.iter().position(|k| k.0 == key.0)?;
        u16::try_from(place).ok().map(ValidatorIndex)
    }

    /// Who proposes in a view: the validators in turn.
    pub fn leader(&self, view: u64) -> ValidatorIndex {
        let place = view % self.size() as u64;
        ValidatorIndex(u16::try_from(place).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(n: u8) -> Vec<Ed25519PublicKey> {
        (0..n).map(|i| Ed25519PublicKey([i; 32])).collect()
    }

    #[test]
    fn a_quorum_is_all_but_the_faulty() {
        for (n, quorum) in [(1, 1), (2, 2), (3, 3), (4, 3), (7, 5), (10, 7)] {
            assert_eq!(Committee::new(keys(n)).expect("valid").quorum(), quorum, "n = {n}");
        }
    }

    #[test]
    fn a_key_votes_once() {
        let twice = vec![Ed25519PublicKey([1; 32]), Ed25519PublicKey([1; 32])];
        assert!(Committee::new(twice).is_err());
        assert!(Committee::new(Vec::new()).is_err());
    }
}
