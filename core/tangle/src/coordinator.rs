//! The coordinator: decides when a milestone is due, makes it and signs it. The actor around it only sets a timer.

use std::fmt;
use std::sync::Arc;

use vespiary_crypto::Ed25519KeyPair;
use vespiary_types::BlockId;

use crate::ledger::LedgerDiff;
use crate::milestone::MilestoneEssence;
use crate::parameters::MAX_PARENTS;
use crate::{Block, Payload, PreparedBlock, ProtocolVersion, Tangle, TangleError};

/// When milestones are issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MilestonePolicy {
    /// At most one milestone in this many milliseconds.
    pub interval_ms: u64,
    /// How long a block that needs a milestone waits for company.
    pub delay_ms: u64,
}

impl Default for MilestonePolicy {
    fn default() -> Self {
        Self { interval_ms: 50, delay_ms: 10 }
    }
}

/// The holder of the coordinator's keys.
#[derive(Clone)]
pub struct Coordinator {
    keys: Vec<Ed25519KeyPair>,
    policy: MilestonePolicy,
}

/// A milestone that was issued, and every block that was made for it.
#[derive(Debug, Clone)]
pub struct Issued {
    /// New blocks in the order others must attach them: blocks that join tips, then the milestone's.
    pub blocks: Vec<Arc<PreparedBlock>>,
    /// What the milestone did. To be stored before anyone is told.
    pub diff: Arc<LedgerDiff>,
}

impl Coordinator {
    /// A coordinator with these keys, which are at least as many as the network's threshold.
    pub const fn new(keys: Vec<Ed25519KeyPair>, policy: MilestonePolicy) -> Self {
        Self { keys, policy }
    }

    /// When the policy applies.
    pub const fn policy(&self) -> MilestonePolicy {
        self.policy
    }

    /// When the next milestone is due (unix milliseconds, `now_ms` if it is overdue); `None` while the tangle is idle.
    ///
    /// One is due `delay_ms` after a block that needs it became solid, or when a timelock or expiration of an unspent output
    /// falls due, and never within `interval_ms` of the last.
    pub fn next_milestone_due(&self, tangle: &Tangle, now_ms: u64) -> Option<u64> {
        let for_blocks = tangle.unconfirmed_since().map(|since| since.saturating_add(self.policy.delay_ms));
        let for_time = tangle.ledger().next_due_second().map(|second| u64::from(second) * 1_000);
        let wanted = match (for_blocks, for_time) {
            (Some(blocks), Some(time)) => blocks.min(time),
            (blocks, time) => blocks.or(time)?,
        };
        let step = self.policy.interval_ms.max(least_step(tangle));
        let earliest = match tangle.ledger().latest() {
            genesis if genesis.index == 0 => genesis.time_ms,
            latest => latest.time_ms.saturating_add(step),
        };
        Some(wanted.max(earliest).max(now_ms))
    }

    /// Makes the next milestone over all tips, signs it and attaches it to `tangle`.
    ///
    /// More than seven tips are first joined by empty blocks, so one milestone confirms everything that is solid. Its time
    /// is `now_ms`, or the least later time that rises.
    ///
    /// # Errors
    /// [`TangleError::MilestoneSignatures`] when the keys are not the network's.
    pub fn issue(&self, tangle: &mut Tangle, now_ms: u64) -> Result<Issued, TangleError> {
        let mut blocks = Vec::new();
        let version = tangle.network().version;
        let latest = *tangle.ledger().latest();
        let predecessor = (latest.index > 0).then_some(latest.block);
        let room = MAX_PARENTS - predecessor.iter().len();
        while tangle.tips().len() > room {
            let joined: Vec<BlockId> = tangle.tips().iter().take(MAX_PARENTS).copied().collect();
            blocks.push(attach(tangle, Block::new(version, joined, None), now_ms)?);
        }
        let parents = Block::new(version, tangle.tips().iter().copied().chain(predecessor).collect(), None).parents;
        let least = latest.time_ms.saturating_add(least_step(tangle));
        let time_ms = match version {
            ProtocolVersion::Milliseconds => now_ms.max(least),
            ProtocolVersion::Stardust => (now_ms / 1_000 * 1_000).max(least / 1_000 * 1_000),
        };
        let confirmation = tangle.preview(&parents, time_ms);
        let essence = MilestoneEssence {
            index: latest.index.saturating_add(1),
            time_ms,
            version,
            previous: latest.id,
            parents: parents.clone(),
            inclusion_root: confirmation.inclusion_root(),
            applied_root: confirmation.applied_root(),
            metadata: Vec::new(),
        };
        let index = essence.index;
        let milestone = essence.sign(&self.keys);
        let block = Block { version, parents, payload: Some(Payload::Milestone(milestone)), nonce: 0 };
        blocks.push(attach(tangle, block, now_ms)?);
        let diff = tangle.ledger().diff(index).map(Arc::clone).ok_or_else(|| {
            TangleError::MilestoneSignatures(format!(
                "milestone {index} did not take effect on the ledger it was made of"
            ))
        })?;
        Ok(Issued { blocks, diff })
    }
}

impl fmt::Debug for Coordinator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Coordinator").field("policy", &self.policy).field("keys", &self.keys).finish()
    }
}

/// The least difference between two milestones' times that the layout can show.
fn least_step(tangle: &Tangle) -> u64 {
    match tangle.network().version {
        ProtocolVersion::Milliseconds => 1,
        ProtocolVersion::Stardust => 1_000,
    }
}

fn attach(tangle: &mut Tangle, block: Block, now_ms: u64) -> Result<Arc<PreparedBlock>, TangleError> {
    let block = PreparedBlock::new(block)?;
    tangle.attach(block.clone(), now_ms)?;
    Ok(Arc::new(block))
}
