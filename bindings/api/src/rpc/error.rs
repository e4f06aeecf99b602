//! JSON-RPC's errors (JSON-RPC 2.0 §5.1, EIP-1474, EIP-1193).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Code, Error};

/// An error as it stands in a response.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct RpcError {
    /// What kind it is.
    pub code: i64,
    /// For people and for clients that match on geth's words.
    pub message: String,
    /// Revert data as hex, or the code and the facts of a rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl RpcError {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    pub(super) fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(-32602, message)
    }

    pub(super) fn not_found(method: &str) -> Self {
        Self::new(-32601, format!("the method {method} does not exist or is not available"))
    }
}

impl From<Error> for RpcError {
    fn from(error: Error) -> Self {
        if let Error::Reverted(revert) = &error {
            // Clients decode custom errors from `data`, and know a revert by code 3 and geth's first words.
            let message = match &revert.reason {
                Some(reason) => format!("execution reverted: {reason}"),
                None => "execution reverted".into(),
            };
            return Self { code: 3, message, data: Some(json!(revert.data)) };
        }
        let code = match error.code() {
            Code::Malformed | Code::Abi => -32602,
            Code::Internal | Code::Store => -32603,
            Code::UnknownBlock => -32001,
            Code::Busy | Code::PoolFull => -32005,
            Code::NodeClosed | Code::Forked => 4900,
            _ => -32000,
        };
        let mut data = match error.details() {
            Value::Object(details) => details,
            _ => Map::new(),
        };
        data.insert("code".into(), json!(error.code()));
        Self { code, message: worded(&error), data: Some(Value::Object(data)) }
    }
}

/// Our sentence behind the words by which clients recognize geth's errors.
fn worded(error: &Error) -> String {
    let known = match error.code() {
        Code::NonceTooLow => "nonce too low",
        Code::NonceTooHigh => "nonce too high",
        Code::InsufficientFunds => "insufficient funds for gas * price + value",
        Code::Underpriced => "max fee per gas less than block base fee",
        Code::ReplacementUnderpriced => "replacement transaction underpriced",
        Code::IntrinsicGas => "intrinsic gas too low",
        Code::GasLimit => "exceeds block gas limit",
        Code::BadSignature => "invalid sender",
        Code::WrongChainId => "invalid chain id for signer",
        _ => return error.message(),
    };
    let message = error.message();
    if message.starts_with(known) { message } else { format!("{known}: {message}") }
}
