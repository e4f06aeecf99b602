//! Blocks and what is in them.

use serde_json::{Value, json};

use super::{Answer, Params, Provider};
use crate::ethereum::{self, quantity};

/// By number, tag or hash: all are places in the chain.
pub(super) async fn by_place(provider: Provider, params: Params) -> Answer {
    let full: bool = params.optional(1, "hydrated transactions")?.unwrap_or(false);
    let block = provider.chain().block(params.at(0)?).await?;
    Ok(block.map_or(Value::Null, |block| ethereum::block(&block, full)))
}

pub(super) async fn receipts(provider: Provider, params: Params) -> Answer {
    let block = provider.chain().block(params.at(0)?).await?;
    Ok(block
        .map_or(Value::Null, |block| (0..block.receipts.len()).map(|index| ethereum::receipt(&block, index)).collect()))
}

pub(super) async fn transaction_count(provider: Provider, params: Params) -> Answer {
    let block = provider.chain().block(params.at(0)?).await?;
    Ok(block.map_or(Value::Null, |block| quantity(block.receipts.len() as u64)))
}

pub(super) async fn no_uncles(provider: Provider, params: Params) -> Answer {
    let block = provider.chain().block(params.at(0)?).await?;
    Ok(block.map_or(Value::Null, |_| json!("0x0")))
}
