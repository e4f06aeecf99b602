//! `blocks`: one row a block.

use super::{Columns, Excerpt};

pub(super) fn columns(columns: &mut Columns, excerpts: &[Excerpt]) {
    let rows = || excerpts.iter().flat_map(|excerpt| excerpt.blocks.iter().map(move |block| (excerpt, block)));
    columns.text("node", rows().map(|(excerpt, _)| excerpt.node.as_str()));
    columns.text("chain", rows().map(|(excerpt, _)| excerpt.chain.as_str()));
    columns.u64("height", rows().map(|(_, block)| block.header.number));
    columns.fixed("hash", 32, rows().map(|(_, block)| block.hash));
    columns.fixed("parent_hash", 32, rows().map(|(_, block)| block.header.parent_hash));
    columns.time("proposed_at", rows().map(|(_, block)| Excerpt::proposed_ns(block)));
    columns.time("anchored_at", rows().map(|(excerpt, block)| excerpt.anchored_ns(block.header.number)));
    columns.fixed("state_root", 32, rows().map(|(_, block)| block.header.state_root));
    columns.fixed("transactions_root", 32, rows().map(|(_, block)| block.header.transactions_root));
    columns.fixed("receipts_root", 32, rows().map(|(_, block)| block.header.receipts_root));
    columns.fixed("beneficiary", 20, rows().map(|(_, block)| block.header.beneficiary));
    columns.u32("requests", rows().map(|(_, block)| block.record.requests));
    columns.u64("gas_used", rows().map(|(_, block)| block.header.gas_used));
    columns.u64("gas_limit", rows().map(|(_, block)| block.header.gas_limit));
    columns.u64("base_fee", rows().map(|(_, block)| block.header.base_fee_per_gas.unwrap_or_default()));
    columns.u256("fees", rows().map(|(_, block)| block.record.fees));
    columns.fixed("milestone", 32, rows().map(|(_, block)| *block.record.milestone.as_bytes()));
    columns.u64("consumed", rows().map(|(_, block)| block.record.consumed.len() as u64));
    columns.u64("payouts", rows().map(|(_, block)| block.record.payouts.len() as u64));
}
