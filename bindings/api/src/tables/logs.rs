//! `logs`: one row an EVM log.

use std::sync::Arc;

use vespiary_types::{Block, Log, Receipt};

use super::{Columns, Excerpt};

/// A log and where it stands.
pub(super) struct Row<'a> {
    pub(super) excerpt: &'a Excerpt,
    pub(super) block: &'a Arc<Block>,
    pub(super) receipt: &'a Receipt,
    pub(super) log_index: u64,
    pub(super) log: &'a Log,
}

/// Every log of the excerpts in order.
pub(super) fn rows(excerpts: &[Excerpt]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for excerpt in excerpts {
        for block in &excerpt.blocks {
            let logs = block.receipts.iter().flat_map(|receipt| receipt.logs.iter().map(move |log| (receipt, log)));
            rows.extend(logs.zip(0..).map(|((receipt, log), log_index)| Row {
                excerpt,
                block,
                receipt,
                log_index,
                log,
            }));
        }
    }
    rows
}

/// The columns that say where a log stands: those of every table of logs and events.
pub(super) fn place(columns: &mut Columns, rows: &[Row<'_>]) {
    columns.text("node", rows.iter().map(|row| row.excerpt.node.as_str()));
    columns.text("chain", rows.iter().map(|row| row.excerpt.chain.as_str()));
    columns.u64("height", rows.iter().map(|row| row.block.header.number));
    columns.u32("index", rows.iter().map(|row| row.receipt.index));
    columns.u64("log_index", rows.iter().map(|row| row.log_index));
    columns.fixed("transaction_hash", 32, rows.iter().map(|row| row.receipt.transaction_hash));
    columns.time("proposed_at", rows.iter().map(|row| Excerpt::proposed_ns(row.block)));
    columns.time("anchored_at", rows.iter().map(|row| row.excerpt.anchored_ns(row.block.header.number)));
    columns.fixed("address", 20, rows.iter().map(|row| row.log.address));
}

pub(super) fn columns(columns: &mut Columns, excerpts: &[Excerpt]) {
    let rows = rows(excerpts);
    place(columns, &rows);
    for place in 0..4 {
        let topics = rows.iter().map(|row| row.log.data.topics().get(place));
        columns.fixed_or_null(&format!("topic{place}"), 32, topics);
    }
    columns.bytes("data", rows.iter().map(|row| row.log.data.data.as_ref()));
}
