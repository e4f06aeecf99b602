//! `requests`: one row a request, who asked in which form.

use vespiary_types::Payload;

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
    columns.text("request", rows().map(|(_, _, request, _)| request.id().to_string()));
    columns.text(
        "origin",
        rows().map(|(_, _, request, _)| match request.payload() {
            Payload::OnLedger(_) => "on-ledger",
            Payload::OffLedger(_) => "off-ledger",
            Payload::Ethereum(_) => "ethereum",
        }),
    );
    // A request that another request posted names it here; requests that people sent have no parent.
    columns.text_or_null("parent", rows().map(|_| None));
    columns.text("sender", rows().map(|(_, _, request, _)| request.sender().to_string()));
    columns.u64("height", rows().map(|(_, block, ..)| block.header.number));
    columns.u32("index", rows().map(|(.., receipt)| receipt.index));
    columns.time("proposed_at", rows().map(|(_, block, ..)| Excerpt::proposed_ns(block)));
    columns.time("anchored_at", rows().map(|(excerpt, block, ..)| excerpt.anchored_ns(block.header.number)));
    columns.flag("succeeded", rows().map(|(.., receipt)| receipt.succeeded()));
    columns.u64("gas_used", rows().map(|(.., receipt)| receipt.gas_used));
}
