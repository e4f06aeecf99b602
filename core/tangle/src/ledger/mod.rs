//! The ledger: which outputs are unspent after the latest milestone, found by id, owner and alias.
//!
//! ```text
//! mod ── records   what is told and stored: LedgerOutput, LedgerDiff, Snapshot
//! ```
//!
//! It changes by whole milestones only, each a [`LedgerDiff`]; white flag (`white_flag.rs`) makes the diffs. Every step
//! costs what the milestone touches, never what the ledger holds.

mod records;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use vespiary_types::{AliasId, BlockId, L1Address, OutputId, TransactionId};

pub use self::records::{LatestMilestone, LedgerDiff, LedgerOutput, OutputState, Snapshot};
use crate::{Genesis, Output, TangleError};

#[derive(Debug, Clone)]
struct Spent {
    output: Arc<LedgerOutput>,
    by: TransactionId,
    milestone: u32,
}

/// The unspent outputs and their indexes, with the history that is kept.
#[derive(Debug, Clone)]
pub struct Ledger {
    latest: LatestMilestone,
    unspent: FxHashMap<OutputId, Arc<LedgerOutput>>,
    spent: FxHashMap<OutputId, Spent>,
    /// Basic outputs by everyone who may ever own them, in the order they were made.
    by_address: FxHashMap<L1Address, BTreeMap<(u32, u32), Arc<LedgerOutput>>>,
    aliases: FxHashMap<AliasId, Arc<LedgerOutput>>,
    /// How many unspent outputs have a timelock or expiration at a unix second.
    due: BTreeMap<u32, u32>,
    history: BTreeMap<u32, Arc<LedgerDiff>>,
}

impl Ledger {
    pub(crate) fn at_genesis(genesis: &Genesis) -> Self {
        let latest = LatestMilestone {
            index: 0,
            id: genesis.milestone_id(),
            time_ms: genesis.time_ms,
            block: BlockId::default(),
        };
        let outputs = (0u32..).zip(genesis.outputs()).map(|(place, (id, output))| {
            Arc::new(LedgerOutput { id, output, milestone: 0, time_ms: genesis.time_ms, place })
        });
        Self::with(latest, outputs)
    }

    pub(crate) fn from_snapshot(snapshot: Snapshot) -> Self {
        Self::with(snapshot.latest, snapshot.unspent)
    }

    fn with(latest: LatestMilestone, outputs: impl IntoIterator<Item = Arc<LedgerOutput>>) -> Self {
        let mut ledger = Self {
            latest,
            unspent: FxHashMap::default(),
            spent: FxHashMap::default(),
            by_address: FxHashMap::default(),
            aliases: FxHashMap::default(),
            due: BTreeMap::new(),
            history: BTreeMap::new(),
        };
        for output in outputs {
            ledger.insert(output);
        }
        ledger
    }

    /// The milestone it stands at.
    pub const fn latest(&self) -> &LatestMilestone {
        &self.latest
    }

    /// An output that can be consumed.
    pub fn unspent(&self, id: &OutputId) -> Option<&Arc<LedgerOutput>> {
        self.unspent.get(id)
    }

    /// How many outputs can be consumed.
    pub fn unspent_count(&self) -> usize {
        self.unspent.len()
    }

    /// Where an output stands; `None` if it never was or is older than the history kept.
    pub fn output(&self, id: &OutputId) -> Option<OutputState> {
        if let Some(output) = self.unspent.get(id) {
            return Some(OutputState::Unspent(Arc::clone(output)));
        }
        self.spent.get(id).map(|spent| OutputState::Spent {
            output: Arc::clone(&spent.output),
            by: spent.by,
            milestone: spent.milestone,
        })
    }

    pub(crate) fn is_spent(&self, id: &OutputId) -> bool {
        self.spent.contains_key(id)
    }

    /// Unspent basic outputs that `address` owns now or may come to own by an expiration, oldest first.
    pub fn addressed_to(&self, address: &L1Address) -> impl Iterator<Item = &Arc<LedgerOutput>> {
        self.by_address.get(address).into_iter().flat_map(BTreeMap::values)
    }

    /// Unspent basic outputs that `address` can consume as of the latest milestone, oldest first.
    pub fn spendable_by(&self, address: &L1Address) -> impl Iterator<Item = &Arc<LedgerOutput>> {
        let (now, owner) = (self.latest.seconds(), *address);
        self.addressed_to(address).filter(move |held| {
            held.output.as_basic().is_some_and(|basic| basic.owner_at(now) == owner && basic.is_unlocked_at(now))
        })
    }

    /// Tokens that `address` can consume as of the latest milestone.
    pub fn balance(&self, address: &L1Address) -> u64 {
        self.spendable_by(address).fold(0, |sum, held| sum.saturating_add(held.output.amount()))
    }

    /// The alias's unspent output: of a chain, its anchor.
    pub fn alias(&self, id: &AliasId) -> Option<&Arc<LedgerOutput>> {
        self.aliases.get(id)
    }

    /// Unspent basic outputs addressed to a chain and made by a milestone after `since`, oldest first; those whose timelock is
    /// not over or which have expired are among them.
    pub fn requests(&self, chain: &AliasId, since: u32) -> impl Iterator<Item = &Arc<LedgerOutput>> {
        let address = L1Address::Alias(*chain);
        let first = (since.saturating_add(1), 0);
        self.by_address
            .get(&address)
            .into_iter()
            .flat_map(move |outputs| outputs.range(first..).map(|(_, held)| held))
            .filter(move |held| held.output.as_basic().is_some_and(|basic| basic.address == address))
    }

    /// What milestone `index` did, if the history reaches back to it.
    pub fn diff(&self, index: u32) -> Option<&Arc<LedgerDiff>> {
        self.history.get(&index)
    }

    /// What the milestones after `since` did, oldest first, as far as the history reaches back.
    pub fn diffs_since(&self, since: u32) -> impl Iterator<Item = &Arc<LedgerDiff>> {
        self.history.range(since.saturating_add(1)..).map(|(_, diff)| diff)
    }

    /// The next unix second after the latest milestone at which a timelock or expiration of an unspent output falls due.
    pub fn next_due_second(&self) -> Option<u32> {
        self.due.range(self.latest.seconds().saturating_add(1)..).next().map(|(second, _)| *second)
    }

    pub(crate) fn snapshot(&self, genesis: &Genesis) -> Snapshot {
        let mut unspent: Vec<_> = self.unspent.values().cloned().collect();
        unspent.sort_unstable_by_key(|held| held.id);
        Snapshot { genesis: genesis.clone(), latest: self.latest, unspent }
    }

    /// Applies the next milestone.
    pub(crate) fn apply(&mut self, diff: Arc<LedgerDiff>) -> Result<(), TangleError> {
        let essence = &diff.milestone.essence;
        if self.latest.index.checked_add(1) != Some(essence.index) || essence.previous != self.latest.id {
            return Err(TangleError::Restore(format!(
                "milestone {} does not follow milestone {} with id {}",
                essence.index, self.latest.index, self.latest.id
            )));
        }
        for output in &diff.created {
            self.insert(Arc::clone(output));
        }
        for (id, by) in &diff.consumed {
            self.consume(id, *by, essence.index)?;
        }
        self.latest = LatestMilestone {
            index: essence.index,
            id: diff.milestone.id(),
            time_ms: essence.time_ms,
            block: diff.block,
        };
        self.history.insert(essence.index, diff);
        Ok(())
    }

    /// Takes in milestones that the snapshot covers already, for the history only.
    pub(crate) fn remember(&mut self, diffs: &[Arc<LedgerDiff>]) {
        let created: FxHashMap<OutputId, &Arc<LedgerOutput>> =
            diffs.iter().flat_map(|diff| &diff.created).map(|held| (held.id, held)).collect();
        for diff in diffs {
            let milestone = diff.index();
            for (id, by) in &diff.consumed {
                if let Some(output) = created.get(id) {
                    self.spent.insert(*id, Spent { output: Arc::clone(output), by: *by, milestone });
                }
            }
            self.history.insert(milestone, Arc::clone(diff));
        }
    }

    /// Forgets the history before milestone `first`; answers with what was forgotten.
    pub(crate) fn forget_before(&mut self, first: u32) -> Vec<Arc<LedgerDiff>> {
        let kept = self.history.split_off(&first);
        let forgotten = std::mem::replace(&mut self.history, kept);
        for (id, _) in forgotten.values().flat_map(|diff| &diff.consumed) {
            self.spent.remove(id);
        }
        forgotten.into_values().collect()
    }

    fn insert(&mut self, held: Arc<LedgerOutput>) {
        match &held.output {
            Output::Basic(basic) => {
                let place = (held.milestone, held.place);
                self.by_address.entry(basic.address).or_default().insert(place, Arc::clone(&held));
                if let Some(expiration) = &basic.expiration {
                    let later = self.by_address.entry(expiration.return_address).or_default();
                    later.insert(place, Arc::clone(&held));
                }
                for second in basic.timelock.into_iter().chain(basic.expiration.map(|expiration| expiration.time)) {
                    *self.due.entry(second).or_default() += 1;
                }
            }
            Output::Alias(alias) => {
                self.aliases.insert(alias.id_at(&held.id), Arc::clone(&held));
            }
        }
        self.unspent.insert(held.id, held);
    }

    fn consume(&mut self, id: &OutputId, by: TransactionId, milestone: u32) -> Result<(), TangleError> {
        let Some(held) = self.unspent.remove(id) else {
            return Err(TangleError::Restore(format!(
                "milestone {milestone} consumes output {id}, which is not unspent"
            )));
        };
        match &held.output {
            Output::Basic(basic) => {
                let place = (held.milestone, held.place);
                let later = basic.expiration.map(|expiration| expiration.return_address);
                for address in std::iter::once(basic.address).chain(later) {
                    if let Some(outputs) = self.by_address.get_mut(&address) {
                        outputs.remove(&place);
                        if outputs.is_empty() {
                            self.by_address.remove(&address);
                        }
                    }
                }
                for second in basic.timelock.into_iter().chain(basic.expiration.map(|expiration| expiration.time)) {
                    if let Some(count) = self.due.get_mut(&second) {
                        *count -= 1;
                        if *count == 0 {
                            self.due.remove(&second);
                        }
                    }
                }
            }
            Output::Alias(alias) => {
                let alias = alias.id_at(&held.id);
                // Its successor was inserted before: only an alias that ends here leaves the index.
                if self.aliases.get(&alias).is_some_and(|current| current.id == held.id) {
                    self.aliases.remove(&alias);
                }
            }
        }
        self.spent.insert(*id, Spent { output: held, by, milestone });
        Ok(())
    }
}
