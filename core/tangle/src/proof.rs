//! Proof to someone without a ledger that a milestone confirmed a block (TIP-4).

use serde::{Deserialize, Serialize};
use vespiary_types::{BlockId, Wire};

use crate::ledger::LedgerDiff;
use crate::merkle::{Sibling, audit_path, root_of_path};
use crate::{CoordinatorKeys, Milestone, TangleError};

/// What is proven about a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proven {
    /// The milestone confirmed it.
    Included,
    /// Its transaction took effect.
    Applied,
}

/// A milestone and the way from a block to one of its roots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InclusionProof {
    /// What it proves.
    pub proven: Proven,
    /// The block.
    pub block: BlockId,
    /// The signed milestone.
    pub milestone: Milestone,
    /// Leaf first.
    pub path: Vec<Sibling>,
}

impl Wire for InclusionProof {
    const WHAT: &'static str = "a proof of inclusion";
}

impl InclusionProof {
    pub(crate) fn of(diff: &LedgerDiff, block: BlockId, proven: Proven) -> Option<Self> {
        let applied: Vec<BlockId>;
        let ids = match proven {
            Proven::Included => &diff.included,
            Proven::Applied => {
                applied = diff.applied.iter().map(|(id, _)| *id).collect();
                &applied
            }
        };
        let position = ids.iter().position(|id| *id == block)?;
        Some(Self { proven, block, milestone: diff.milestone.clone(), path: audit_path(ids, position)? })
    }

    /// Whether the coordinator signed a milestone whose root the block leads to.
    ///
    /// # Errors
    /// [`TangleError::MilestoneSignatures`], or [`TangleError::Syntax`] if the path leads elsewhere.
    pub fn verify(&self, coordinator: &CoordinatorKeys) -> Result<(), TangleError> {
        self.milestone.check()?;
        self.milestone.check_signatures(coordinator)?;
        let essence = &self.milestone.essence;
        let root = match self.proven {
            Proven::Included => essence.inclusion_root,
            Proven::Applied => essence.applied_root,
        };
        if root_of_path(&self.block, &self.path) == root {
            return Ok(());
        }
        Err(TangleError::Syntax(format!(
            "the path of block {} does not lead to milestone {}",
            self.block, essence.index
        )))
    }
}
