//! What a ledger tells and stores: outputs with their origin, a milestone's diff, a snapshot.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vespiary_types::{BlockId, MilestoneId, OutputId, TransactionId, Wire};

use crate::milestone::seconds;
use crate::{Conflict, Genesis, Milestone, Output};

/// An output that the ledger holds or held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerOutput {
    /// Its id.
    pub id: OutputId,
    /// What it is.
    pub output: Output,
    /// The milestone that made it; 0 is genesis.
    pub milestone: u32,
    /// That milestone's time in unix milliseconds.
    pub time_ms: u64,
    /// Its place among the outputs which that milestone made.
    pub place: u32,
}

/// Where an output stands after the latest milestone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputState {
    /// It can be consumed.
    Unspent(Arc<LedgerOutput>),
    /// It was consumed.
    Spent {
        /// What it was.
        output: Arc<LedgerOutput>,
        /// By which transaction.
        by: TransactionId,
        /// At which milestone.
        milestone: u32,
    },
}

/// What one milestone did: the unit of persistence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerDiff {
    /// The signed milestone.
    pub milestone: Milestone,
    /// The block that carried it.
    pub block: BlockId,
    /// Every block it confirmed, in white-flag order.
    pub included: Vec<BlockId>,
    /// The blocks among these whose transactions took effect, in that order.
    pub applied: Vec<(BlockId, TransactionId)>,
    /// Those whose transactions had none, and why.
    pub conflicts: Vec<(BlockId, TransactionId, Conflict)>,
    /// Outputs made, in order; one that was consumed in the same milestone stands here too.
    pub created: Vec<Arc<LedgerOutput>>,
    /// Outputs consumed, in order, and by whom.
    pub consumed: Vec<(OutputId, TransactionId)>,
}

impl Wire for LedgerDiff {
    const WHAT: &'static str = "a ledger's diff";
}

impl LedgerDiff {
    /// The milestone's index.
    pub const fn index(&self) -> u32 {
        self.milestone.essence.index
    }

    /// The milestone's id.
    pub fn milestone_id(&self) -> MilestoneId {
        self.milestone.id()
    }
}

/// The milestone a ledger stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestMilestone {
    /// Its index; 0 is genesis.
    pub index: u32,
    /// Its id.
    pub id: MilestoneId,
    /// Its time in unix milliseconds.
    pub time_ms: u64,
    /// The block that carried it.
    pub block: BlockId,
}

impl LatestMilestone {
    /// Whole unix seconds.
    pub fn seconds(&self) -> u32 {
        seconds(self.time_ms)
    }
}

/// Everything unspent at a milestone: what a ledger is restored from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The network.
    pub genesis: Genesis,
    /// Where it stands.
    pub latest: LatestMilestone,
    /// The unspent outputs, sorted by id.
    pub unspent: Vec<Arc<LedgerOutput>>,
}

impl Wire for Snapshot {
    const WHAT: &'static str = "a ledger's snapshot";
}
