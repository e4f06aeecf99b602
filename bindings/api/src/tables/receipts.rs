//! `receipts`: one row a receipt, what became of a request.

use vespiary_types::Outcome;

use super::{Columns, Excerpt};
use crate::contract::decode_revert;

pub(super) fn columns(columns: &mut Columns, excerpts: &[Excerpt]) {
    let rows = || {
        excerpts.iter().flat_map(|excerpt| {
            excerpt
                .blocks
                .iter()
                .flat_map(move |block| block.receipts.iter().map(move |receipt| (excerpt, block, receipt)))
        })
    };
    columns.text("node", rows().map(|(excerpt, ..)| excerpt.node.as_str()));
    columns.text("chain", rows().map(|(excerpt, ..)| excerpt.chain.as_str()));
    columns.u64("height", rows().map(|(_, block, _)| block.header.number));
    columns.u32("index", rows().map(|(.., receipt)| receipt.index));
    columns.fixed("transaction_hash", 32, rows().map(|(.., receipt)| receipt.transaction_hash));
    columns.text("request", rows().map(|(.., receipt)| receipt.request.to_string()));
    columns.time("proposed_at", rows().map(|(_, block, _)| Excerpt::proposed_ns(block)));
    columns.time("anchored_at", rows().map(|(excerpt, block, _)| excerpt.anchored_ns(block.header.number)));
    columns.flag("succeeded", rows().map(|(.., receipt)| receipt.succeeded()));
    columns.text_or_null(
        "error",
        rows().map(|(.., receipt)| match &receipt.outcome {
            Outcome::Success(_) => None,
            Outcome::Failure(error) => Some(decode_revert(error, None).text),
        }),
    );
    columns.bytes(
        "output",
        rows().map(|(.., receipt)| match &receipt.outcome {
            Outcome::Success(output) => output.clone(),
            Outcome::Failure(error) => error.params.clone(),
        }),
    );
    columns.fixed("from", 20, rows().map(|(.., receipt)| receipt.from));
    columns.fixed_or_null("to", 20, rows().map(|(.., receipt)| receipt.to));
    columns.fixed_or_null("created", 20, rows().map(|(.., receipt)| receipt.created));
    columns.u64("gas_budget", rows().map(|(.., receipt)| receipt.gas_budget));
    columns.u64("gas_used", rows().map(|(.., receipt)| receipt.gas_used));
    columns.u64("cumulative_gas_used", rows().map(|(.., receipt)| receipt.cumulative_gas_used));
    columns.u256("gas_price", rows().map(|(.., receipt)| receipt.gas_price));
    columns.u256("fee", rows().map(|(.., receipt)| receipt.fee));
    columns.u256("storage_deposit", rows().map(|(.., receipt)| receipt.storage_deposit));
    columns.u32("logs", rows().map(|(.., receipt)| u32::try_from(receipt.logs.len()).unwrap_or(u32::MAX)));
    columns.u32("events", rows().map(|(.., receipt)| u32::try_from(receipt.events.len()).unwrap_or(u32::MAX)));
    columns.u32("payouts", rows().map(|(.., receipt)| u32::try_from(receipt.payouts.len()).unwrap_or(u32::MAX)));
}
