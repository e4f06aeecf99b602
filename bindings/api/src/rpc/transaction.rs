//! Transactions: sent and looked up.

use std::time::Duration;

use alloy_primitives::{B256, Bytes};
use serde_json::{Value, json};
use vespiary_types::Level;

use super::{Answer, Params, Provider, RpcError};
use crate::{Code, Error, ethereum};

/// How long a send waits to be final: clients that look for a receipt and miss it wait for seconds before they look again.
const BOUND: Duration = Duration::from_secs(2);
/// The same for the method whose purpose is to wait (EIP-7966), unless the caller says otherwise.
const SYNC_BOUND: Duration = Duration::from_secs(20);

/// Gives the hash, once the transaction is final or a bounded time has passed.
pub(super) async fn send_raw(provider: Provider, params: Params) -> Answer {
    let raw: Bytes = params.required(0, "transaction")?;
    let hash = alloy_primitives::keccak256(&raw);
    match deliver(&provider, raw, BOUND).await? {
        Some(receipt) => Ok(json!(receipt.hash())),
        None => Ok(json!(hash)),
    }
}

/// Gives the receipt (EIP-7966).
pub(super) async fn send_raw_sync(provider: Provider, params: Params) -> Answer {
    let raw: Bytes = params.required(0, "transaction")?;
    let bound = params.optional::<u64>(1, "timeout")?.map_or(SYNC_BOUND, Duration::from_millis);
    let hash = alloy_primitives::keccak256(&raw);
    match deliver(&provider, raw, bound).await? {
        Some(receipt) => Ok(receipt.to_json()),
        None => Err(RpcError {
            code: 4,
            message: format!("the transaction was not final within {bound:?}; it is still pending"),
            data: Some(json!(hash)),
        }),
    }
}

/// Sends, then waits at most `bound`. What stands behind a gap in the nonces stays pending, which is no error here.
pub(super) async fn deliver(
    provider: &Provider,
    raw: Bytes,
    bound: Duration,
) -> Result<Option<crate::Receipt>, RpcError> {
    let chain = provider.chain().clone();
    let work = {
        let (chain, raw) = (chain.clone(), raw.clone());
        async move {
            chain
                .send_verified(vec![raw], Level::Final, None)
                .await
                .pop()
                .unwrap_or_else(|| Err(Error::internal("no row")))
        }
    };
    match chain.node().engine().clock().within(bound, work).await {
        Ok(sent) => Ok(sent.and_then(|sent| sent.receipt)),
        Err(error) if error.code() == Code::NonceTooHigh => {
            let row = chain.send_raw(vec![raw], Level::Pending, None).await.pop();
            row.unwrap_or_else(|| Err(Error::internal("no row")))?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn by_hash(provider: Provider, params: Params) -> Answer {
    let hash: B256 = params.required(0, "hash")?;
    let chain = provider.chain();
    if let Some(receipt) = chain.receipt(hash).await? {
        return Ok(ethereum::transaction(receipt.block(), receipt.index() as usize));
    }
    let engine = chain.engine().clone();
    let pending = chain.node().engine().clock().drive(async move { engine.pending().await }).await?;
    let found = pending.iter().find(|request| crate::send::hash_of(request) == hash);
    Ok(found.map_or(Value::Null, |request| {
        Value::Object(ethereum::unmined(request, request.sender().evm_alias(&chain.id())))
    }))
}

pub(super) async fn by_place(provider: Provider, params: Params) -> Answer {
    let index: crate::Amount = params.required(1, "index")?;
    let block = provider.chain().block(params.at(0)?).await?;
    let index = usize::try_from(index.0).unwrap_or(usize::MAX);
    Ok(block.map_or(Value::Null, |block| ethereum::transaction(&block, index)))
}

pub(super) async fn receipt(provider: Provider, params: Params) -> Answer {
    let receipt = provider.chain().receipt(params.required(0, "hash")?).await?;
    Ok(receipt.map_or(Value::Null, |receipt| receipt.to_json()))
}
