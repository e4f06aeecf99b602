//! `eth_getLogs`: a range of blocks through a filter, by their blooms first.

use serde::Deserialize;
use serde_json::Value;
use vespiary_types::Block;

use super::{Answer, Params, Provider, RpcError};
use crate::stream::LogFilter;
use crate::{At, Chain, Result, ethereum};

/// Most blocks that one call reads: what a client can wait for.
const MOST_BLOCKS: u64 = 1_000_000;
/// Most logs in one answer.
const MOST_LOGS: usize = 100_000;

/// The whole filter object.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Range {
    pub(super) from_block: Option<At>,
    pub(super) to_block: Option<At>,
    pub(super) block_hash: Option<alloy_primitives::B256>,
    #[serde(flatten)]
    pub(super) filter: LogFilter,
}

pub(super) async fn get(provider: Provider, params: Params) -> Answer {
    let range: Range = params.required(0, "filter")?;
    select(provider.chain(), &range)
}

pub(super) fn select(chain: &Chain, range: &Range) -> Answer {
    let (from, to) = match (range.block_hash, range.from_block, range.to_block) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            return Err(RpcError::invalid_params("give either blockHash or a range, not both"));
        }
        (Some(hash), None, None) => {
            let height = chain.height(At::Hash(hash))?;
            (height, height)
        }
        (None, from, to) => {
            let head = chain.heads().final_;
            let height = |at: Option<At>| match at {
                None => Ok(head),
                // A range that ends in the future ends at the head.
                Some(At::Height(height)) => Ok(height),
                Some(at) => chain.height(at),
            };
            (height(from)?, height(to)?.min(head))
        }
    };
    if from > to {
        return match range.to_block {
            Some(At::Height(end)) if from > end => Err(RpcError::invalid_params("fromBlock is behind toBlock")),
            _ => Ok(Value::Array(Vec::new())),
        };
    }
    if to - from >= MOST_BLOCKS {
        return Err(RpcError::invalid_params(format!(
            "a range of {} blocks is more than {MOST_BLOCKS}",
            to - from + 1
        )));
    }
    let mut found = Vec::new();
    for height in from..=to {
        collect(chain, height, &range.filter, &mut found)?;
        if found.len() > MOST_LOGS {
            return Err(RpcError::new(-32005, format!("more than {MOST_LOGS} logs match: ask for fewer blocks")));
        }
    }
    Ok(Value::Array(found))
}

/// Adds the matching logs of one height.
pub(super) fn collect(chain: &Chain, height: u64, filter: &LogFilter, found: &mut Vec<Value>) -> Result<()> {
    let Some(header) = chain.header_at(height)? else { return Ok(()) };
    if !filter.may_match(&header.logs_bloom) {
        return Ok(());
    }
    if let Some(block) = chain.block_at(height)? {
        matching(&block, filter, |index, log_index, log| found.push(ethereum::log(&block, index, log_index, log)));
    }
    Ok(())
}

fn matching(block: &Block, filter: &LogFilter, mut each: impl FnMut(usize, u64, &vespiary_types::Log)) {
    let mut log_index = 0;
    for (index, receipt) in block.receipts.iter().enumerate() {
        for log in &receipt.logs {
            if filter.matches(log) {
                each(index, log_index, log);
            }
            log_index += 1;
        }
    }
}
