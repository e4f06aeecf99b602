//! The DAG: blocks that are solid, those that wait for parents, and the tips (TIP-24, TIP-3).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use vespiary_types::BlockId;

use crate::PreparedBlock;
use crate::parameters::MAX_PARENTS;

/// A solid block: its whole past cone is known.
#[derive(Debug, Clone)]
pub(crate) struct Vertex {
    /// Absent for blocks of which only the id was restored; these are confirmed, or the latest milestone's.
    pub(crate) block: Option<Arc<PreparedBlock>>,
    /// The milestone that confirmed it.
    pub(crate) confirmed: Option<u32>,
}

#[derive(Debug, Clone)]
struct Waiting {
    block: Arc<PreparedBlock>,
    missing: usize,
    arrival: u64,
}

/// Solid blocks, waiting blocks and tips.
#[derive(Debug, Clone)]
pub(crate) struct Dag {
    vertices: FxHashMap<BlockId, Vertex>,
    waiting: FxHashMap<BlockId, Waiting>,
    /// Which waiting blocks a missing block holds up.
    dependents: FxHashMap<BlockId, Vec<BlockId>>,
    /// Waiting blocks by arrival, so that the oldest gives way when there are too many.
    arrivals: BTreeMap<u64, BlockId>,
    next_arrival: u64,
    waiting_limit: usize,
    tips: Vec<BlockId>,
    tip_places: FxHashMap<BlockId, usize>,
}

impl Dag {
    /// A DAG whose only solid block is `entry`.
    pub(crate) fn new(entry: BlockId, entry_confirmed: Option<u32>, waiting_limit: usize) -> Self {
        let mut dag = Self {
            vertices: FxHashMap::default(),
            waiting: FxHashMap::default(),
            dependents: FxHashMap::default(),
            arrivals: BTreeMap::new(),
            next_arrival: 0,
            waiting_limit,
            tips: Vec::new(),
            tip_places: FxHashMap::default(),
        };
        dag.vertices.insert(entry, Vertex { block: None, confirmed: entry_confirmed });
        dag.add_tip(entry);
        dag
    }

    /// Makes a confirmed block known by its id alone.
    pub(crate) fn remember(&mut self, id: BlockId, milestone: u32) {
        self.vertices.entry(id).or_insert(Vertex { block: None, confirmed: Some(milestone) });
    }

    pub(crate) fn vertex(&self, id: &BlockId) -> Option<&Vertex> {
        self.vertices.get(id)
    }

    pub(crate) fn knows(&self, id: &BlockId) -> bool {
        self.vertices.contains_key(id) || self.waiting.contains_key(id)
    }

    pub(crate) fn waiting_count(&self) -> usize {
        self.waiting.len()
    }

    /// Blocks that others wait for and nobody has sent, of the waiting block `id`.
    pub(crate) fn missing_parents(&self, id: &BlockId) -> Vec<BlockId> {
        let Some(waiting) = self.waiting.get(id) else { return Vec::new() };
        waiting.block.block.parents.iter().filter(|parent| !self.knows(parent)).copied().collect()
    }

    /// Takes a block in. Answers with every block that became solid by it, parents before children.
    pub(crate) fn attach(&mut self, block: Arc<PreparedBlock>) -> Vec<Arc<PreparedBlock>> {
        let missing: Vec<BlockId> =
            block.block.parents.iter().filter(|parent| !self.vertices.contains_key(*parent)).copied().collect();
        if !missing.is_empty() {
            self.wait(block, &missing);
            return Vec::new();
        }
        let mut solid = Vec::new();
        let mut ready = VecDeque::from([block]);
        while let Some(block) = ready.pop_front() {
            for dependent in self.dependents.remove(&block.id).into_iter().flatten() {
                let Some(waiting) = self.waiting.get_mut(&dependent) else { continue };
                waiting.missing -= 1;
                if waiting.missing == 0
                    && let Some(waiting) = self.waiting.remove(&dependent)
                {
                    self.arrivals.remove(&waiting.arrival);
                    ready.push_back(waiting.block);
                }
            }
            for parent in &block.block.parents {
                self.remove_tip(parent);
            }
            self.add_tip(block.id);
            self.vertices.insert(block.id, Vertex { block: Some(Arc::clone(&block)), confirmed: None });
            solid.push(block);
        }
        solid
    }

    fn wait(&mut self, block: Arc<PreparedBlock>, missing: &[BlockId]) {
        while self.waiting.len() >= self.waiting_limit.max(1) {
            let Some((_, oldest)) = self.arrivals.pop_first() else { break };
            self.drop_waiting(&oldest);
        }
        let (id, arrival) = (block.id, self.next_arrival);
        self.next_arrival += 1;
        for parent in missing {
            self.dependents.entry(*parent).or_default().push(id);
        }
        self.arrivals.insert(arrival, id);
        self.waiting.insert(id, Waiting { block, missing: missing.len(), arrival });
    }

    fn drop_waiting(&mut self, id: &BlockId) {
        let Some(waiting) = self.waiting.remove(id) else { return };
        for parent in &waiting.block.block.parents {
            if let Some(dependents) = self.dependents.get_mut(parent) {
                dependents.retain(|dependent| dependent != id);
                if dependents.is_empty() {
                    self.dependents.remove(parent);
                }
            }
        }
    }

    pub(crate) fn confirm(&mut self, id: &BlockId, milestone: u32) {
        if let Some(vertex) = self.vertices.get_mut(id) {
            vertex.confirmed = Some(milestone);
        }
    }

    /// Forgets confirmed blocks; a block that still names one as a parent will wait for it.
    pub(crate) fn forget(&mut self, blocks: &[BlockId]) {
        for id in blocks {
            self.vertices.remove(id);
            self.remove_tip(id);
        }
    }

    pub(crate) fn tips(&self) -> &[BlockId] {
        &self.tips
    }

    /// Up to `count` tips, all of them when there are no more, else drawn uniformly by `seed`. Sorted.
    pub(crate) fn select_tips(&self, count: usize, seed: u64) -> Vec<BlockId> {
        let count = count.clamp(1, MAX_PARENTS);
        let mut chosen: Vec<BlockId> = if self.tips.len() <= count {
            self.tips.clone()
        } else {
            draw(self.tips.len(), count, seed).into_iter().filter_map(|place| self.tips.get(place)).copied().collect()
        };
        chosen.sort_unstable();
        chosen
    }

    fn add_tip(&mut self, id: BlockId) {
        self.tip_places.insert(id, self.tips.len());
        self.tips.push(id);
    }

    fn remove_tip(&mut self, id: &BlockId) {
        let Some(place) = self.tip_places.remove(id) else { return };
        self.tips.swap_remove(place);
        if let Some(moved) = self.tips.get(place) {
            self.tip_places.insert(*moved, place);
        }
    }
}

/// `count` different numbers below `total` (Floyd's algorithm over SplitMix64).
fn draw(total: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut state = seed;
    let mut chosen = Vec::with_capacity(count);
    for bound in total - count..total {
        let candidate = usize::try_from(split_mix(&mut state) % (bound as u64 + 1)).unwrap_or(bound);
        chosen.push(if chosen.contains(&candidate) { bound } else { candidate });
    }
    chosen
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
