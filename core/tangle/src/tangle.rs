//! The tangle: the DAG and the ledger as one pure state machine. Blocks go in, milestones change the ledger.

use std::sync::Arc;

use vespiary_types::{BlockId, TransactionId};

use crate::dag::Dag;
use crate::ledger::{LatestMilestone, Ledger, LedgerDiff, Snapshot};
use crate::proof::{InclusionProof, Proven};
use crate::status::{Statuses, TransactionStatus};
use crate::white_flag::{self, Confirmation};
use crate::{Block, Genesis, Milestone, Network, PreparedBlock, ProtocolVersion, TangleError};

/// How much a tangle keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// For how many milestones blocks, statuses and diffs are kept. What is older can no longer be asked for.
    pub history_milestones: u32,
    /// How many blocks may wait for unknown parents; when there are more, the oldest is dropped and must be sent again.
    pub waiting_blocks: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { history_milestones: 10_000, waiting_blocks: 10_000 }
    }
}

/// What attaching a block did.
#[derive(Debug, Clone, Default)]
pub struct Attached {
    /// Blocks that became solid, parents first; empty if the block waits or was known.
    pub solid: Vec<BlockId>,
    /// Parents that the block waits for and nobody has sent.
    pub missing: Vec<BlockId>,
    /// Milestones that took effect, in order: to be stored before anyone is told.
    pub milestones: Vec<Arc<LedgerDiff>>,
    /// Signed milestones that cannot be: a fork, or roots that this ledger does not find. An operator must look.
    pub faults: Vec<MilestoneFault>,
}

/// A milestone that the coordinator signed and this ledger cannot follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MilestoneFault {
    /// The block that carries it.
    pub block: BlockId,
    /// Its index.
    pub index: u32,
    /// What is wrong.
    pub reason: String,
}

/// What everyone who talks to a tangle starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The network's parameters.
    pub network: Network,
    /// The latest milestone.
    pub latest: LatestMilestone,
}

/// The DAG, the ledger, and the status of transactions.
#[derive(Debug, Clone)]
pub struct Tangle {
    genesis: Genesis,
    network: Network,
    settings: Settings,
    dag: Dag,
    ledger: Ledger,
    transactions: Statuses,
    /// Solid blocks other than milestones that no milestone has confirmed, and since when there are any.
    unconfirmed: usize,
    unconfirmed_since: Option<u64>,
}

impl Tangle {
    /// A tangle at its genesis.
    ///
    /// # Errors
    /// As [`Genesis::check`].
    pub fn new(genesis: Genesis, settings: Settings) -> Result<Self, TangleError> {
        genesis.check()?;
        let ledger = Ledger::at_genesis(&genesis);
        Ok(Self::assemble(genesis, settings, ledger))
    }

    /// A tangle from what was stored: a snapshot (or none: genesis) and diffs in ascending order.
    ///
    /// Diffs that the snapshot covers fill the history; the others are applied. Unconfirmed blocks are not stored: their
    /// senders attach them again. Blocks over parents that are older than the diffs given wait in vain; choose new tips.
    ///
    /// # Errors
    /// [`TangleError::Restore`] when a diff does not follow or the snapshot is of another network.
    pub fn restore(
        genesis: Genesis,
        settings: Settings,
        snapshot: Option<Snapshot>,
        diffs: impl IntoIterator<Item = LedgerDiff>,
    ) -> Result<Self, TangleError> {
        genesis.check()?;
        if snapshot.as_ref().is_some_and(|snapshot| snapshot.genesis != genesis) {
            return Err(TangleError::Restore("the snapshot is of another network: its genesis differs".into()));
        }
        let mut ledger = snapshot.map_or_else(|| Ledger::at_genesis(&genesis), Ledger::from_snapshot);
        let start = ledger.latest().index;
        let (covered, later): (Vec<_>, Vec<_>) =
            diffs.into_iter().map(Arc::new).partition(|diff| diff.index() <= start);
        ledger.remember(&covered);
        for diff in &later {
            ledger.apply(Arc::clone(diff))?;
        }
        let mut tangle = Self::assemble(genesis, settings, ledger);
        for diff in covered.iter().chain(&later) {
            for block in &diff.included {
                tangle.dag.remember(*block, diff.index());
            }
            tangle.transactions.record(diff);
        }
        tangle.forget_old();
        Ok(tangle)
    }

    fn assemble(genesis: Genesis, settings: Settings, ledger: Ledger) -> Self {
        let latest = ledger.latest();
        // The genesis block is confirmed from the start; any other latest milestone's block is confirmed by the next.
        let mut dag = Dag::new(latest.block, (latest.index == 0).then_some(0), settings.waiting_blocks);
        dag.remember(BlockId::default(), 0);
        Self {
            network: genesis.network(),
            genesis,
            settings,
            dag,
            ledger,
            transactions: Statuses::default(),
            unconfirmed: 0,
            unconfirmed_since: None,
        }
    }

    /// The network's first state.
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// What builders of transactions need.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// The network and the latest milestone.
    pub fn context(&self) -> Context {
        Context { network: self.network.clone(), latest: *self.ledger.latest() }
    }

    /// The ledger as of the latest milestone.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Everything unspent, to restore from. Costs what the ledger holds.
    pub fn snapshot(&self) -> Snapshot {
        self.ledger.snapshot(&self.genesis)
    }

    /// A block by its id, if it is solid and its content is kept.
    pub fn block(&self, id: &BlockId) -> Option<&Arc<PreparedBlock>> {
        self.dag.vertex(id).and_then(|vertex| vertex.block.as_ref())
    }

    /// The milestone that confirmed a block.
    pub fn confirmed_by(&self, id: &BlockId) -> Option<u32> {
        self.dag.vertex(id).and_then(|vertex| vertex.confirmed)
    }

    /// Blocks that nobody refers to yet.
    pub fn tips(&self) -> &[BlockId] {
        self.dag.tips()
    }

    /// 1 to 8 parents for a new block: all tips, or some drawn by `seed` when there are more.
    pub fn select_tips(&self, seed: u64) -> Vec<BlockId> {
        self.dag.select_tips(crate::parameters::MAX_PARENTS, seed)
    }

    /// Up to seven tips by `seed`, and `with`: for a block that builds on a certain other.
    pub fn select_tips_with(&self, with: BlockId, seed: u64) -> Vec<BlockId> {
        let mut parents = self.dag.select_tips(crate::parameters::MAX_PARENTS - 1, seed);
        if !parents.contains(&with) {
            parents.push(with);
            parents.sort_unstable();
        }
        parents
    }

    /// How many blocks wait for parents.
    pub fn waiting_blocks(&self) -> usize {
        self.dag.waiting_count()
    }

    /// Solid blocks, milestones aside, that no milestone has confirmed.
    pub const fn unconfirmed_blocks(&self) -> usize {
        self.unconfirmed
    }

    /// Since when (unix milliseconds, as given to [`Self::attach`]) there are unconfirmed blocks.
    pub const fn unconfirmed_since(&self) -> Option<u64> {
        self.unconfirmed_since
    }

    /// Where a transaction stands.
    pub fn status(&self, transaction: &TransactionId) -> TransactionStatus {
        self.transactions.of(transaction)
    }

    /// Proof that a milestone confirmed a block, or also that its transaction took effect.
    pub fn proof(&self, block: &BlockId, proven: Proven) -> Option<InclusionProof> {
        let diff = self.ledger.diff(self.confirmed_by(block)?)?;
        InclusionProof::of(diff, *block, proven)
    }

    /// Checks, hashes and attaches a block in one call; see [`Self::attach`].
    ///
    /// # Errors
    /// As [`PreparedBlock::new`] and [`Self::attach`].
    pub fn submit(&mut self, block: Block, now_ms: u64) -> Result<Attached, TangleError> {
        self.attach(PreparedBlock::new(block)?, now_ms)
    }

    /// Takes a block in at `now_ms`. Out-of-order blocks wait for their parents; known blocks change nothing.
    ///
    /// # Errors
    /// [`TangleError::Version`], [`TangleError::Network`], [`TangleError::Syntax`] (more tokens than there are)
    /// or [`TangleError::MilestoneSignatures`].
    pub fn attach(&mut self, block: PreparedBlock, now_ms: u64) -> Result<Attached, TangleError> {
        let mut attached = Attached::default();
        if self.dag.knows(&block.id) {
            attached.missing = self.dag.missing_parents(&block.id);
            return Ok(attached);
        }
        self.check_network(&block)?;
        let id = block.id;
        for block in self.dag.attach(Arc::new(block)) {
            attached.solid.push(block.id);
            if let Some(milestone) = block.block.milestone() {
                match self.confirm(block.id, milestone, now_ms) {
                    Ok(Some(diff)) => attached.milestones.push(diff),
                    Ok(None) => {}
                    Err(reason) => {
                        attached.faults.push(MilestoneFault {
                            block: block.id,
                            index: milestone.essence.index,
                            reason,
                        });
                    }
                }
                continue;
            }
            self.unconfirmed += 1;
            self.unconfirmed_since.get_or_insert(now_ms);
            if let Some(transaction) = block.transaction_id {
                self.transactions.attached(transaction);
            }
        }
        attached.missing = self.dag.missing_parents(&id);
        Ok(attached)
    }

    /// What a milestone over `parents` at `time_ms` would do.
    pub(crate) fn preview(&self, parents: &[BlockId], time_ms: u64) -> Confirmation {
        let index = self.ledger.latest().index.saturating_add(1);
        white_flag::confirm(&self.dag, &self.ledger, parents, index, time_ms)
    }

    fn check_network(&self, block: &PreparedBlock) -> Result<(), TangleError> {
        if block.block.version != self.network.version {
            let (found, expected) = (block.block.version.byte(), self.network.version.byte());
            return Err(TangleError::Version { found, expected });
        }
        if let Some(transaction) = block.block.transaction() {
            let (found, expected) = (transaction.essence.network_id, self.network.network_id);
            if found != expected {
                return Err(TangleError::Network { found, expected });
            }
            let total: u128 = transaction.essence.outputs.iter().map(|output| u128::from(output.amount())).sum();
            if total > u128::from(self.network.supply) {
                let supply = self.network.supply;
                return Err(TangleError::Syntax(format!("outputs of {total} tokens exceed the supply of {supply}")));
            }
        }
        block.block.milestone().map_or(Ok(()), |milestone| milestone.check_signatures(&self.genesis.coordinator))
    }

    /// Applies a solid, signed milestone: `Ok(None)` if it is the one already known by its index.
    fn confirm(
        &mut self,
        block: BlockId,
        milestone: &Milestone,
        now_ms: u64,
    ) -> Result<Option<Arc<LedgerDiff>>, String> {
        let essence = &milestone.essence;
        let latest = *self.ledger.latest();
        if essence.index <= latest.index {
            let known = if essence.index == latest.index {
                Some(latest.id)
            } else {
                self.ledger.diff(essence.index).map(|diff| diff.milestone_id())
            };
            return match known {
                Some(known) if known != milestone.id() => {
                    Err(format!("there are two milestones {}: {known} and {}", essence.index, milestone.id()))
                }
                _ => Ok(None),
            };
        }
        if latest.index.checked_add(1) != Some(essence.index) || essence.previous != latest.id {
            return Err(format!("it does not follow milestone {} ({})", latest.index, latest.id));
        }
        let step = if essence.version == ProtocolVersion::Stardust { 1_000 } else { 1 };
        if essence.time_ms < latest.time_ms.saturating_add(step) {
            return Err(format!("its time {} is not after its predecessor's {}", essence.time_ms, latest.time_ms));
        }
        let confirmation = self.preview(&essence.parents, essence.time_ms);
        if latest.index > 0 && !confirmation.included.contains(&latest.block) {
            return Err("it does not refer to its predecessor's block".into());
        }
        if confirmation.inclusion_root() != essence.inclusion_root
            || confirmation.applied_root() != essence.applied_root
        {
            return Err("its Merkle roots are not those of this ledger".into());
        }
        let Confirmation { included, applied, conflicts, created, consumed } = confirmation;
        let milestone = milestone.clone();
        let diff = Arc::new(LedgerDiff { milestone, block, included, applied, conflicts, created, consumed });
        self.ledger.apply(Arc::clone(&diff)).map_err(|error| error.to_string())?;
        self.settle(&diff, now_ms);
        Ok(Some(diff))
    }

    fn settle(&mut self, diff: &Arc<LedgerDiff>, now_ms: u64) {
        for id in &diff.included {
            self.dag.confirm(id, diff.index());
            if let Some(block) = self.block(id)
                && block.block.milestone().is_none()
            {
                self.unconfirmed = self.unconfirmed.saturating_sub(1);
            }
        }
        self.unconfirmed_since = (self.unconfirmed > 0).then_some(now_ms);
        self.transactions.record(diff);
        self.forget_old();
    }

    fn forget_old(&mut self) {
        let keep = self.settings.history_milestones.max(1);
        let Some(first) = self.ledger.latest().index.checked_sub(keep - 1) else { return };
        for diff in self.ledger.forget_before(first) {
            self.dag.forget(&diff.included);
            self.transactions.forget(&diff);
        }
    }
}
