//! What the provider signs with its own accounts.

use std::time::Duration;

use alloy_primitives::{Address, Bytes};
use serde_json::{Value, json};
use vespiary_types::Level;

use super::call::wrong_chain;
use super::{Answer, Params, Provider, RpcError};
use crate::send::{SendOptions, Transaction};
use crate::{At, CallRequest, Code, Wallet};

/// As in `transaction`: a client's first look for the receipt must not miss it.
const BOUND: Duration = Duration::from_secs(2);

pub(super) async fn accounts(provider: Provider, _: Params) -> Answer {
    Ok(provider.accounts().iter().map(|wallet| json!(wallet.address().to_checksum(None))).collect())
}

pub(super) async fn send(provider: Provider, params: Params) -> Answer {
    let call: CallRequest = params.required(0, "transaction")?;
    if let Some(found) = call.chain_id.filter(|found| *found != provider.chain().evm_chain_id()) {
        return Err(wrong_chain(found, &provider));
    }
    let wallet = match call.from {
        Some(from) => account(&provider, from)?,
        None => provider.accounts().first().cloned().ok_or_else(no_accounts)?,
    };
    let chain = provider.chain();
    let gas = if let Some(gas) = call.gas {
        gas
    } else {
        // A revert is told before it costs anything, as clients expect of a node that fills in the gas.
        let mut asked = call.clone();
        asked.from = Some(wallet.address());
        let estimate = chain.estimate_gas(asked, At::Level(Level::Pending)).await?;
        // What the next block does may cost a little more than the last.
        (estimate + estimate / 4).min(chain.gas_limit())
    };
    let transaction = Transaction {
        sender: wallet,
        to: call.to,
        value: call.value.unwrap_or_default(),
        data: call.call_data(),
        gas: Some(gas),
        nonce: call.nonce,
        max_fee: call.price(),
        tip: call.max_priority_fee_per_gas,
    };
    let options = SendOptions { wait: Level::Final, timeout: Some(BOUND), progress: None };
    let sent = chain.send(vec![transaction], options).await.pop();
    let sent = sent.unwrap_or_else(|| Err(crate::Error::internal("a batch lost its row")));
    match sent {
        Ok(sent) => Ok(json!(sent.hash())),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn sign(provider: Provider, params: Params) -> Answer {
    let wallet = account(&provider, params.required(0, "address")?)?;
    Ok(json!(wallet.sign_message(&params.required::<Bytes>(1, "message")?)))
}

/// The arguments stand the other way round than `eth_sign`'s; a message that is no hex is taken as text.
pub(super) async fn personal_sign(provider: Provider, params: Params) -> Answer {
    let wallet = account(&provider, params.required(1, "address")?)?;
    let text: String = params.required(0, "message")?;
    let message =
        text.parse::<Bytes>().ok().filter(|_| text.starts_with("0x")).unwrap_or_else(|| text.into_bytes().into());
    Ok(json!(wallet.sign_message(&message)))
}

pub(super) async fn sign_typed_data(provider: Provider, params: Params) -> Answer {
    let wallet = account(&provider, params.required(0, "address")?)?;
    let data = match params.required::<Value>(1, "typed data")? {
        Value::String(text) => serde_json::from_str(&text).map_err(crate::Error::from)?,
        other => other,
    };
    Ok(json!(wallet.sign_typed_data(data)?))
}

fn account(provider: &Provider, address: Address) -> Result<Wallet, RpcError> {
    let found = provider.accounts().iter().find(|wallet| wallet.address() == address).cloned();
    found.ok_or_else(|| RpcError {
        code: 4100,
        message: format!("this provider has no account {address}: pass its wallet when you make the provider"),
        data: Some(json!({ "code": Code::Refused, "address": address })),
    })
}

fn no_accounts() -> RpcError {
    RpcError::new(4100, "this provider has no accounts: pass wallets when you make it")
}
