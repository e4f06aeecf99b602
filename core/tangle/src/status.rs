//! What became of transactions: pending in solid blocks, or decided by a milestone.

use rustc_hash::FxHashMap;
use vespiary_types::{BlockId, TransactionId};

use crate::Conflict;
use crate::ledger::LedgerDiff;

/// Where a transaction stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransactionStatus {
    /// No solid block carries it, or it is older than the history kept.
    Unknown,
    /// A solid block carries it; no milestone has decided.
    Pending,
    /// It took effect.
    Included {
        /// At this milestone.
        milestone: u32,
        /// In this block.
        block: BlockId,
    },
    /// It had no effect. It may be attached again.
    Conflicting {
        /// At this milestone.
        milestone: u32,
        /// Why.
        reason: Conflict,
    },
}

#[derive(Debug, Clone, Default)]
struct TransactionRecord {
    pending_blocks: u32,
    outcome: Option<TransactionStatus>,
}

/// The status of every transaction that is pending or within the history kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statuses(FxHashMap<TransactionId, TransactionRecord>);

impl Statuses {
    pub(crate) fn of(&self, transaction: &TransactionId) -> TransactionStatus {
        match self.0.get(transaction) {
            None => TransactionStatus::Unknown,
            Some(TransactionRecord { outcome: Some(included @ TransactionStatus::Included { .. }), .. }) => {
                included.clone()
            }
            Some(record) if record.pending_blocks > 0 => TransactionStatus::Pending,
            Some(record) => record.outcome.clone().unwrap_or(TransactionStatus::Unknown),
        }
    }

    /// One more solid block carries the transaction.
    pub(crate) fn attached(&mut self, transaction: TransactionId) {
        self.0.entry(transaction).or_default().pending_blocks += 1;
    }

    /// A milestone decided. A transaction that took effect once stays included, whatever becomes of its other blocks.
    pub(crate) fn record(&mut self, diff: &LedgerDiff) {
        let milestone = diff.index();
        let included = diff
            .applied
            .iter()
            .map(|(block, transaction)| (transaction, TransactionStatus::Included { milestone, block: *block }));
        let conflicting = diff.conflicts.iter().map(|(_, transaction, reason)| {
            (transaction, TransactionStatus::Conflicting { milestone, reason: reason.clone() })
        });
        for (transaction, outcome) in included.chain(conflicting) {
            let record = self.0.entry(*transaction).or_default();
            record.pending_blocks = record.pending_blocks.saturating_sub(1);
            if !matches!(record.outcome, Some(TransactionStatus::Included { .. })) {
                record.outcome = Some(outcome);
            }
        }
    }

    /// Forgets what a milestone decided, unless a later one decided again or a block is pending.
    pub(crate) fn forget(&mut self, diff: &LedgerDiff) {
        let applied = diff.applied.iter().map(|(_, transaction)| transaction);
        for transaction in applied.chain(diff.conflicts.iter().map(|(_, transaction, _)| transaction)) {
            let decided_then = self.0.get(transaction).is_some_and(|record| {
                record.pending_blocks == 0
                    && match &record.outcome {
                        Some(
                            TransactionStatus::Included { milestone, .. }
                            | TransactionStatus::Conflicting { milestone, .. },
                        ) => *milestone == diff.index(),
                        _ => true,
                    }
            });
            if decided_then {
                self.0.remove(transaction);
            }
        }
    }
}
