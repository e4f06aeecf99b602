//! What the tangle keeps in the node's store: its genesis, every milestone's diff, and the blocks no milestone has confirmed.

use std::sync::Arc;

use vespiary_state::{Batch, Direction, KeyRange, Store, StoreError, Table};
use vespiary_tangle::{Genesis, LedgerDiff, PreparedBlock, Settings, Tangle};
use vespiary_types::Wire;

use crate::NodeError;

const GENESIS: &[u8] = b"tangle/genesis";
const DIFFS: &[u8] = b"tangle/diff/";
const BLOCKS: &[u8] = b"tangle/block/";

/// The tangle's records in a store.
#[derive(Clone)]
pub(crate) struct Records {
    store: Arc<dyn Store>,
}

fn damaged(what: &str, reason: impl std::fmt::Display) -> NodeError {
    StoreError::Damaged { what: what.into(), reason: reason.to_string() }.into()
}

fn key(prefix: &[u8], number: u64) -> Vec<u8> {
    [prefix, &number.to_be_bytes()].concat()
}

impl Records {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The genesis of this store, `fresh` if it has none yet.
    pub(crate) fn genesis(&self, fresh: impl FnOnce() -> Genesis) -> Result<Genesis, NodeError> {
        if let Some(bytes) = self.store.get(Table::Node, GENESIS)? {
            return Genesis::from_wire(&bytes).map_err(|error| damaged("the tangle's genesis", error));
        }
        let genesis = fresh();
        let mut batch = Batch::new();
        batch.put(Table::Node, GENESIS, genesis.to_wire());
        self.store.commit(batch)?;
        Ok(genesis)
    }

    /// The tangle as it was recorded, without its unconfirmed blocks.
    pub(crate) fn restore(&self, genesis: Genesis) -> Result<Tangle, NodeError> {
        let rows = self.store.collect(Table::Node, &KeyRange::prefix(DIFFS), Direction::Forward, usize::MAX)?;
        let diffs = rows
            .iter()
            .map(|(_, bytes)| LedgerDiff::from_wire(bytes).map_err(|error| damaged("a milestone's diff", error)))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Tangle::restore(genesis, Settings::default(), None, diffs)?)
    }

    /// The unconfirmed blocks in the order they came, with their numbers.
    pub(crate) fn unconfirmed(&self) -> Result<Vec<(u64, PreparedBlock)>, NodeError> {
        let rows = self.store.collect(Table::Node, &KeyRange::prefix(BLOCKS), Direction::Forward, usize::MAX)?;
        rows.into_iter()
            .map(|(key, bytes)| {
                let number = key.last_chunk::<8>().map_or(0, |number| u64::from_be_bytes(*number));
                Ok((number, PreparedBlock::decode(bytes)?))
            })
            .collect()
    }

    /// Keeps a block until a milestone confirms it.
    pub(crate) fn keep(&self, number: u64, block: &PreparedBlock) -> Result<(), StoreError> {
        let mut batch = Batch::new();
        batch.put(Table::Node, key(BLOCKS, number), block.bytes());
        self.store.commit(batch)
    }

    /// Records milestones and forgets the blocks they confirmed.
    pub(crate) fn confirm(
        &self,
        diffs: &[Arc<LedgerDiff>],
        confirmed: impl Iterator<Item = u64>,
    ) -> Result<(), StoreError> {
        let mut batch = Batch::new();
        for diff in diffs {
            batch.put(Table::Node, key(DIFFS, u64::from(diff.index())), diff.to_wire());
        }
        for number in confirmed {
            batch.delete(Table::Node, key(BLOCKS, number));
        }
        self.store.commit(batch)
    }
}
