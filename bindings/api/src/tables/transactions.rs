//! `transactions`: one row a transaction, what was asked.

use std::sync::Arc;

use alloy_consensus::Transaction as _;
use alloy_primitives::U256;
use vespiary_types::{Payload, Receipt, Request, TxEnvelope};

use super::{Columns, Excerpt};

pub(super) fn columns(columns: &mut Columns, excerpts: &[Excerpt]) {
    let rows = || {
        excerpts.iter().flat_map(|excerpt| {
            excerpt.blocks.iter().flat_map(move |block| {
                block
                    .requests
                    .iter()
                    .zip(&block.receipts)
                    .map(move |(request, receipt)| (excerpt, block, request, receipt))
            })
        })
    };
    columns.text("node", rows().map(|(excerpt, ..)| excerpt.node.as_str()));
    columns.text("chain", rows().map(|(excerpt, ..)| excerpt.chain.as_str()));
    columns.u64("height", rows().map(|(_, block, ..)| block.header.number));
    columns.u32("index", rows().map(|(.., receipt)| receipt.index));
    columns.fixed("hash", 32, rows().map(|(.., receipt)| receipt.transaction_hash));
    columns.fixed("block_hash", 32, rows().map(|(_, block, ..)| block.hash));
    columns.time("proposed_at", rows().map(|(_, block, ..)| Excerpt::proposed_ns(block)));
    columns.time("anchored_at", rows().map(|(excerpt, block, ..)| excerpt.anchored_ns(block.header.number)));
    columns.u32("type", rows().map(|(.., receipt)| u32::from(receipt.transaction_type)));
    columns.fixed("from", 20, rows().map(|(.., receipt)| receipt.from));
    columns.fixed_or_null("to", 20, rows().map(|(.., receipt)| receipt.to));
    columns.u64_or_null("nonce", rows().map(|(_, _, request, _)| request.nonce()));
    columns.u64("gas_limit", rows().map(|(_, _, request, _)| request.gas_limit()));
    columns.u256("max_fee", rows().map(|(_, _, request, receipt)| max_fee(request, receipt)));
    columns.u256(
        "value",
        rows().map(|(_, _, request, _)| envelope(request).map_or(U256::ZERO, vespiary_types::Transaction::value)),
    );
    columns.bytes(
        "input",
        rows().map(|(_, _, request, _)| envelope(request).map(|inner| inner.input().to_vec()).unwrap_or_default()),
    );
}

fn envelope(request: &Arc<Request>) -> Option<&TxEnvelope> {
    match request.payload() {
        Payload::Ethereum(transaction) => Some(transaction.envelope()),
        Payload::OnLedger(_) | Payload::OffLedger(_) => None,
    }
}

/// Native requests pay the chain's price.
fn max_fee(request: &Request, receipt: &Receipt) -> U256 {
    request.max_fee_per_gas().unwrap_or(receipt.gas_price)
}
