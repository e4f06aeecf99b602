//! Filters that a client polls: each remembers the height it has read.

use std::collections::BTreeMap;

use alloy_primitives::U64;
use serde_json::{Value, json};

use super::logs::{Range, collect, select};
use super::{Answer, Params, Provider, RpcError};
use crate::At;

/// Most filters of a provider at once: a client that forgets to uninstall them must not grow for ever.
const MOST: usize = 4_096;

/// The filters of a provider.
#[derive(Default)]
pub(super) struct Filters {
    last: u64,
    installed: BTreeMap<u64, Filter>,
}

struct Filter {
    kind: Kind,
    /// The next height to be read.
    next: u64,
}

#[derive(Clone)]
enum Kind {
    Logs(Box<Range>),
    Blocks,
    Transactions,
}

fn install(provider: &Provider, kind: Kind) -> Value {
    let next = provider.chain().heads().final_ + 1;
    let mut filters = provider.filters().lock();
    if filters.installed.len() >= MOST {
        filters.installed.pop_first();
    }
    filters.last += 1;
    let id = filters.last;
    filters.installed.insert(id, Filter { kind, next });
    json!(U64::from(id))
}

pub(super) async fn new_logs(provider: Provider, params: Params) -> Answer {
    let range: Range = params.required(0, "filter")?;
    Ok(install(&provider, Kind::Logs(Box::new(range))))
}

pub(super) async fn new_blocks(provider: Provider, _: Params) -> Answer {
    Ok(install(&provider, Kind::Blocks))
}

/// Transactions are told when they are final: what is pending may never be.
pub(super) async fn new_transactions(provider: Provider, _: Params) -> Answer {
    Ok(install(&provider, Kind::Transactions))
}

pub(super) async fn changes(provider: Provider, params: Params) -> Answer {
    let id = params.required::<U64>(0, "filter id")?.to::<u64>();
    let head = provider.chain().heads().final_;
    let (kind, from) = {
        let mut filters = provider.filters().lock();
        let filter = filters.installed.get_mut(&id).ok_or_else(unknown)?;
        let from = std::mem::replace(&mut filter.next, head + 1);
        (filter.kind.clone(), from)
    };
    let mut found = Vec::new();
    for height in from..=head {
        match &kind {
            Kind::Logs(range) => {
                let begins = range.from_block.is_none_or(|at| !matches!(at, At::Height(first) if height < first));
                let ends = range.to_block.is_none_or(|at| !matches!(at, At::Height(last) if height > last));
                if begins && ends {
                    collect(provider.chain(), height, &range.filter, &mut found)?;
                }
            }
            Kind::Blocks => found.extend(provider.chain().header_at(height)?.map(|header| json!(header.hash_slow()))),
            Kind::Transactions => {
                let block = provider.chain().block_at(height)?;
                found.extend(
                    block.iter().flat_map(|block| &block.receipts).map(|receipt| json!(receipt.transaction_hash)),
                );
            }
        }
    }
    Ok(Value::Array(found))
}

pub(super) async fn logs(provider: Provider, params: Params) -> Answer {
    let id = params.required::<U64>(0, "filter id")?.to::<u64>();
    let kind = provider.filters().lock().installed.get(&id).map(|filter| filter.kind.clone()).ok_or_else(unknown)?;
    match kind {
        Kind::Logs(range) => select(provider.chain(), &range),
        Kind::Blocks | Kind::Transactions => Err(RpcError::invalid_params("this filter is not one of logs")),
    }
}

pub(super) async fn uninstall(provider: Provider, params: Params) -> Answer {
    let id = params.required::<U64>(0, "filter id")?.to::<u64>();
    Ok(json!(provider.filters().lock().installed.remove(&id).is_some()))
}

fn unknown() -> RpcError {
    RpcError::new(-32000, "filter not found")
}
