//! What the chain is, how far it is, what gas costs.

use alloy_primitives::{Bytes, U256, keccak256};
use serde_json::{Value, json};

use super::{Answer, Params, Provider, RpcError};
use crate::ethereum::quantity;
use crate::{At, Node};

pub(super) async fn chain_id(provider: Provider, _: Params) -> Answer {
    Ok(quantity(provider.chain().evm_chain_id()))
}

pub(super) async fn net_version(provider: Provider, _: Params) -> Answer {
    Ok(json!(provider.chain().evm_chain_id().to_string()))
}

pub(super) async fn listening(_: Provider, _: Params) -> Answer {
    Ok(json!(true))
}

pub(super) async fn client_version(_: Provider, _: Params) -> Answer {
    Ok(json!(format!("vespiary/{}", Node::version())))
}

pub(super) async fn sha3(_: Provider, params: Params) -> Answer {
    Ok(json!(keccak256(params.required::<Bytes>(0, "data")?)))
}

pub(super) async fn block_number(provider: Provider, _: Params) -> Answer {
    Ok(quantity(provider.chain().heads().final_))
}

pub(super) async fn syncing(_: Provider, _: Params) -> Answer {
    Ok(json!(false))
}

pub(super) async fn gas_price(provider: Provider, _: Params) -> Answer {
    Ok(json!(provider.chain().gas_price()))
}

/// Nobody needs to tip: blocks have room, and the order is that of arrival.
pub(super) async fn max_priority_fee(_: Provider, _: Params) -> Answer {
    Ok(json!("0x0"))
}

pub(super) async fn fee_history(provider: Provider, params: Params) -> Answer {
    let count: crate::Amount = params.required(0, "blockCount")?;
    let count = u64::try_from(count.0).unwrap_or(u64::MAX).clamp(1, 1024);
    let chain = provider.chain();
    let newest = chain.height(params.at(1)?)?;
    let percentiles: Vec<f64> = params.optional(2, "rewardPercentiles")?.unwrap_or_default();
    if percentiles.iter().any(|percentile| !(0.0..=100.0).contains(percentile)) {
        return Err(RpcError::invalid_params("reward percentiles lie between 0 and 100"));
    }
    let oldest = newest.saturating_sub(count - 1);
    let (mut fees, mut used, mut rewards): (Vec<Value>, Vec<f64>, Vec<Value>) = Default::default();
    for height in oldest..=newest {
        let Some(block) = chain.block(At::Height(height)).await? else { continue };
        fees.push(quantity(block.header.base_fee_per_gas.unwrap_or_default()));
        #[expect(clippy::cast_precision_loss, reason = "a share for people, not an amount")]
        used.push(block.header.gas_used as f64 / (block.header.gas_limit.max(1)) as f64);
        let base = U256::from(block.header.base_fee_per_gas.unwrap_or_default());
        let mut tips: Vec<U256> = block.receipts.iter().map(|receipt| receipt.gas_price.saturating_sub(base)).collect();
        tips.sort_unstable();
        let at = |percentile: &f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a place in a short list"
            )]
            let place = (percentile / 100.0 * tips.len().saturating_sub(1) as f64) as usize;
            json!(tips.get(place).copied().unwrap_or_default())
        };
        rewards.push(percentiles.iter().map(at).collect());
    }
    // The price of the block to come.
    fees.push(json!(chain.gas_price()));
    let mut history = json!({ "oldestBlock": quantity(oldest), "baseFeePerGas": fees, "gasUsedRatio": used });
    if let Some(fields) = history.as_object_mut().filter(|_| !percentiles.is_empty()) {
        fields.insert("reward".into(), json!(rewards));
    }
    Ok(history)
}
