//! A small network for tests: a faucet, people with keys, a coordinator, and a clock that only moves by hand.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::Arc;

use vespiary_crypto::{Ed25519KeyPair, Seed};
use vespiary_tangle::{
    Block, Coordinator, Faucet, Genesis, Issued, LedgerDiff, LedgerOutput, MilestonePolicy, Output, Payload,
    PreparedBlock, Settings, Tangle, Transaction, TransactionBuilder, UnsignedTransaction,
};
use vespiary_types::{BlockId, L1Address, TransactionId};

pub(crate) const START: u64 = 1_767_225_600_000;
pub(crate) const SUPPLY: u64 = 1_000_000_000_000;

pub(crate) struct Network {
    pub(crate) tangle: Tangle,
    pub(crate) coordinator: Coordinator,
    pub(crate) faucet: Faucet,
    pub(crate) now: u64,
    /// Every block in the order it was attached.
    pub(crate) blocks: Vec<PreparedBlock>,
    pub(crate) diffs: Vec<Arc<LedgerDiff>>,
}

pub(crate) fn key(index: u64) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed(&Seed::from_number(42).derive("test", index))
}

pub(crate) fn genesis() -> Genesis {
    Genesis::solo("vespiary-test", key(1_000).public_key(), key(1_001).address(), SUPPLY, START)
}

impl Network {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self {
            tangle: Tangle::new(genesis(), settings).unwrap(),
            coordinator: Coordinator::new(vec![key(1_000)], MilestonePolicy::default()),
            faucet: Faucet::new(key(1_001)),
            now: START,
            blocks: Vec::new(),
            diffs: Vec::new(),
        }
    }

    pub(crate) fn attach(&mut self, block: PreparedBlock) -> BlockId {
        self.blocks.push(block.clone());
        let id = block.id();
        let attached = self.tangle.attach(block, self.now).unwrap();
        assert!(attached.faults.is_empty(), "{:?}", attached.faults);
        self.diffs.extend(attached.milestones);
        id
    }

    pub(crate) fn post(&mut self, transaction: Transaction) -> TransactionId {
        let parents = self.tangle.select_tips(self.now);
        self.post_over(parents, transaction).1
    }

    pub(crate) fn post_over(&mut self, parents: Vec<BlockId>, transaction: Transaction) -> (BlockId, TransactionId) {
        let id = transaction.id();
        let block = Block::new(self.tangle.network().version, parents, Some(Payload::Transaction(transaction)));
        (self.attach(PreparedBlock::new(block).unwrap()), id)
    }

    pub(crate) fn milestone(&mut self) -> Issued {
        self.now += 100;
        let issued = self.coordinator.issue(&mut self.tangle, self.now).unwrap();
        self.blocks.extend(issued.blocks.iter().map(|block| block.as_ref().clone()));
        self.diffs.push(Arc::clone(&issued.diff));
        issued
    }

    pub(crate) fn fund(&mut self, to: L1Address, amount: u64) -> TransactionId {
        let block = self.faucet.fund(&self.tangle, to, amount, self.now).unwrap();
        let id = block.transaction_id().unwrap();
        self.attach(block);
        id
    }

    pub(crate) fn funds(&self, of: &Ed25519KeyPair) -> Vec<Arc<LedgerOutput>> {
        self.tangle.ledger().spendable_by(&of.address()).cloned().collect()
    }

    pub(crate) fn builder(&self) -> TransactionBuilder {
        TransactionBuilder::new(self.tangle.network())
    }

    pub(crate) fn seconds(&self) -> u32 {
        self.tangle.ledger().latest().seconds()
    }

    pub(crate) fn sign(&self, unsigned: UnsignedTransaction, keys: &[&Ed25519KeyPair]) -> Transaction {
        unsigned.sign(keys, self.seconds()).unwrap()
    }

    pub(crate) fn pay(&self, from: &Ed25519KeyPair, output: impl Into<Output>) -> Transaction {
        let unsigned = self.builder().available(self.funds(from)).output(output).build(from.address()).unwrap();
        self.sign(unsigned, &[from])
    }

    pub(crate) fn total(&self) -> u128 {
        self.tangle.snapshot().unspent.iter().map(|held| u128::from(held.output.amount())).sum()
    }
}
