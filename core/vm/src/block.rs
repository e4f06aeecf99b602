//! An executed block, and its header (semantics of each field: the Ethereum yellow paper, EIP-1559, EIP-4788, EIP-4895).

use std::sync::Arc;

use alloy_consensus::constants::EMPTY_WITHDRAWALS;
use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header, TxReceipt};
use alloy_primitives::{B64, B256, Bloom, Bytes, U256};
use vespiary_state::{Changes, Roots};
use vespiary_types::{Block, BlockRecord, Fork, Receipt, Request, RequestId};

use crate::transaction::BlockTransaction;
use crate::{Environment, Skip, receipt_of};

/// What execution made of a block's requests. Its roots are missing: they follow from `changes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed {
    /// The requests that were executed, in order.
    pub requests: Vec<Arc<Request>>,
    /// One receipt a request.
    pub receipts: Vec<Receipt>,
    /// The requests that were left out, and why.
    pub skipped: Vec<(RequestId, Skip)>,
    /// What is different in the state.
    pub changes: Changes,
    /// What Ethereum's header has no field for; it is in `changes` already.
    pub record: BlockRecord,
    /// The header without `stateRoot` and `extraData`.
    header: Header,
}

impl Executed {
    pub(crate) fn new(
        environment: &Environment,
        requests: Vec<Arc<Request>>,
        transactions: &[BlockTransaction],
        receipts: Vec<Receipt>,
        skipped: Vec<(RequestId, Skip)>,
        changes: Changes,
        record: BlockRecord,
    ) -> Self {
        let header = header(environment, transactions, &receipts, record.gas_used);
        Self { requests, receipts, skipped, changes, record, header }
    }

    /// Fills the two roots that follow from the changes, and hashes the header.
    pub fn seal(self, roots: Roots) -> (Block, Changes) {
        let Self { requests, receipts, changes, record, mut header, .. } = self;
        header.state_root = roots.state;
        header.extra_data = Bytes::copy_from_slice(roots.native.as_slice());
        let hash = header.hash_slow();
        (Block { header, hash, record, requests, receipts }, changes)
    }
}

fn header(environment: &Environment, transactions: &[BlockTransaction], receipts: &[Receipt], gas_used: u64) -> Header {
    let block = &environment.block;
    let fork = environment.fork();
    let envelopes: Vec<_> = transactions.iter().map(|transaction| &transaction.envelope).collect();
    let consensus: Vec<_> = receipts.iter().map(receipt_of).collect();
    let mut logs_bloom = Bloom::ZERO;
    for receipt in &consensus {
        logs_bloom |= receipt.bloom();
    }
    Header {
        parent_hash: block.parent,
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: environment.beneficiary,
        state_root: B256::ZERO,
        transactions_root: calculate_transaction_root(&envelopes),
        receipts_root: calculate_receipt_root(&consensus),
        logs_bloom,
        difficulty: U256::ZERO,
        number: block.height,
        gas_limit: environment.parameters.gas_limits.block,
        gas_used,
        timestamp: environment.timestamp(),
        extra_data: Bytes::new(),
        mix_hash: block.entropy,
        nonce: B64::ZERO,
        // The fee policy refuses a price of more than 64 bits.
        base_fee_per_gas: (fork >= Fork::London).then(|| environment.base_fee.saturating_to()),
        withdrawals_root: (fork >= Fork::Shanghai).then_some(EMPTY_WITHDRAWALS),
        blob_gas_used: (fork >= Fork::Cancun).then_some(0),
        excess_blob_gas: (fork >= Fork::Cancun).then_some(0),
        parent_beacon_block_root: (fork >= Fork::Cancun).then_some(block.milestone.0),
        ..Header::default()
    }
}
