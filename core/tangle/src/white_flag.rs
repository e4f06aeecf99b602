//! White flag: the one order in which a milestone's cone is confirmed, and what its transactions do (TIP-2).

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use vespiary_types::{BlockId, OutputId, TransactionId};

use crate::dag::Dag;
use crate::ledger::{Ledger, LedgerOutput};
use crate::merkle::merkle_root;
use crate::milestone::seconds;
use crate::validation::validate;
use crate::{Conflict, Output, PreparedBlock, Transaction};

/// What a milestone over some parents does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Confirmation {
    pub(crate) included: Vec<BlockId>,
    pub(crate) applied: Vec<(BlockId, TransactionId)>,
    pub(crate) conflicts: Vec<(BlockId, TransactionId, Conflict)>,
    pub(crate) created: Vec<Arc<LedgerOutput>>,
    pub(crate) consumed: Vec<(OutputId, TransactionId)>,
}

impl Confirmation {
    pub(crate) fn inclusion_root(&self) -> [u8; 32] {
        merkle_root(&self.included)
    }

    pub(crate) fn applied_root(&self) -> [u8; 32] {
        merkle_root(&self.applied.iter().map(|(block, _)| *block).collect::<Vec<_>>())
    }
}

/// The unconfirmed blocks of the cone below `parents`: post-order, depth first, parents in listed order.
///
/// The walk keeps its own stack, because a cone can be deeper than any thread's.
pub(crate) fn order(dag: &Dag, parents: &[BlockId]) -> Vec<BlockId> {
    let is_new = |id: &BlockId| dag.vertex(id).is_some_and(|vertex| vertex.confirmed.is_none());
    let parents_of = |id: &BlockId| -> &[BlockId] {
        dag.vertex(id).and_then(|vertex| vertex.block.as_ref()).map_or(&[], |block| &block.block.parents)
    };
    let mut order = Vec::new();
    let mut seen = FxHashSet::default();
    let mut stack: Vec<(BlockId, usize)> = Vec::new();
    for root in parents {
        if !is_new(root) || !seen.insert(*root) {
            continue;
        }
        stack.push((*root, 0));
        while let Some((id, next)) = stack.last_mut() {
            if let Some(parent) = parents_of(id).get(*next) {
                *next += 1;
                if is_new(parent) && seen.insert(*parent) {
                    stack.push((*parent, 0));
                }
            } else {
                order.push(*id);
                stack.pop();
            }
        }
    }
    order
}

/// Confirms the cone below `parents` at a milestone's index and time. Changes nothing.
pub(crate) fn confirm(dag: &Dag, ledger: &Ledger, parents: &[BlockId], index: u32, time_ms: u64) -> Confirmation {
    let included = order(dag, parents);
    let mut cone = Cone {
        ledger,
        index,
        time_ms,
        created: FxHashMap::default(),
        spent: FxHashSet::default(),
        result: Confirmation::default(),
    };
    for id in &included {
        let Some(block) = dag.vertex(id).and_then(|vertex| vertex.block.as_ref()) else { continue };
        let (Some(transaction), Some(transaction_id)) = (block.block.transaction(), block.transaction_id) else {
            continue;
        };
        match cone.check(block, transaction) {
            Ok(()) => cone.apply(*id, transaction, transaction_id),
            Err(reason) => cone.result.conflicts.push((*id, transaction_id, reason)),
        }
    }
    Confirmation { included, ..cone.result }
}

/// The ledger with what the cone has done to it so far.
struct Cone<'a> {
    ledger: &'a Ledger,
    index: u32,
    time_ms: u64,
    created: FxHashMap<OutputId, Arc<LedgerOutput>>,
    spent: FxHashSet<OutputId>,
    result: Confirmation,
}

impl Cone<'_> {
    fn check(&self, block: &PreparedBlock, transaction: &Transaction) -> Result<(), Conflict> {
        let mut inputs: Vec<&Output> = Vec::with_capacity(transaction.essence.inputs.len());
        for id in &transaction.essence.inputs {
            if self.spent.contains(id) {
                return Err(Conflict::InputSpent(*id));
            }
            match self.created.get(id).or_else(|| self.ledger.unspent(id)) {
                Some(held) => inputs.push(&held.output),
                None if self.ledger.is_spent(id) => return Err(Conflict::InputSpent(*id)),
                None => return Err(Conflict::InputUnknown(*id)),
            }
        }
        if !block.signatures_hold {
            return Err(Conflict::Signature);
        }
        validate(transaction, &inputs, seconds(self.time_ms))
    }

    fn apply(&mut self, block: BlockId, transaction: &Transaction, transaction_id: TransactionId) {
        for id in &transaction.essence.inputs {
            self.spent.insert(*id);
            self.result.consumed.push((*id, transaction_id));
        }
        for (index, output) in (0u16..).zip(&transaction.essence.outputs) {
            let held = Arc::new(LedgerOutput {
                id: OutputId { transaction_id, index },
                output: output.clone(),
                milestone: self.index,
                time_ms: self.time_ms,
                place: u32::try_from(self.result.created.len()).unwrap_or(u32::MAX),
            });
            self.created.insert(held.id, Arc::clone(&held));
            self.result.created.push(held);
        }
        self.result.applied.push((block, transaction_id));
    }
}
