//! Calls without a trace.

use serde_json::json;

use super::{Answer, Params, Provider, RpcError};
use crate::CallRequest;
use crate::ethereum::quantity;

pub(super) async fn call(provider: Provider, params: Params) -> Answer {
    let call = request(&provider, &params)?;
    Ok(json!(provider.chain().call(call, params.at(1)?).await?))
}

pub(super) async fn estimate_gas(provider: Provider, params: Params) -> Answer {
    let call = request(&provider, &params)?;
    Ok(quantity(provider.chain().estimate_gas(call, params.at(1)?).await?))
}

fn request(provider: &Provider, params: &Params) -> Result<CallRequest, RpcError> {
    let call: CallRequest = params.required(0, "call")?;
    match call.chain_id {
        Some(found) if found != provider.chain().evm_chain_id() => Err(wrong_chain(found, provider)),
        _ => Ok(call),
    }
}

pub(super) fn wrong_chain(found: u64, provider: &Provider) -> RpcError {
    let expected = provider.chain().evm_chain_id();
    crate::Error::new(
        crate::Code::WrongChainId,
        format!("chain id {found} is not this chain's: it is {expected}"),
        json!({ "found": found, "expected": expected }),
    )
    .into()
}
