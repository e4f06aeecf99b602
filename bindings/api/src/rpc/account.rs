//! Accounts: balance, nonce, code, storage and their proofs.

use alloy_primitives::{Address, B256, U256};
use serde_json::json;

use super::{Answer, Params, Provider, RpcError};
use crate::ethereum::quantity;

pub(super) async fn balance(provider: Provider, params: Params) -> Answer {
    Ok(json!(provider.chain().balance(params.required(0, "address")?, params.at(1)?).await?))
}

pub(super) async fn transaction_count(provider: Provider, params: Params) -> Answer {
    Ok(quantity(provider.chain().nonce(params.required(0, "address")?, params.at(1)?).await?))
}

pub(super) async fn code(provider: Provider, params: Params) -> Answer {
    Ok(json!(provider.chain().code(params.required(0, "address")?, params.at(1)?).await?))
}

pub(super) async fn storage(provider: Provider, params: Params) -> Answer {
    let slot = slot(&params.required::<String>(1, "slot")?)?;
    Ok(json!(provider.chain().storage(params.required(0, "address")?, slot, params.at(2)?).await?))
}

pub(super) async fn proof(provider: Provider, params: Params) -> Answer {
    let address: Address = params.required(0, "address")?;
    let slots: Vec<String> = params.required(1, "storageKeys")?;
    let slots = slots.iter().map(|text| slot(text)).collect::<Result<Vec<_>, _>>()?;
    let proof = provider.chain().account_proof(address, slots, params.at(2)?).await?;
    Ok(proof.to_json())
}

/// A slot as 32 bytes or as a quantity; both are in use.
fn slot(text: &str) -> Result<B256, RpcError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    U256::from_str_radix(digits, 16)
        .map(B256::from)
        .map_err(|_| RpcError::invalid_params(format!("`{text}` is not a storage slot: give up to 32 bytes as 0x…")))
}
