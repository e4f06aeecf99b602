//! What the node says, as codes that every language knows.

use serde_json::{Value, json};
use vespiary_node::{NodeError, Rejection};
use vespiary_state::StoreError;
use vespiary_vm::Skip;

use crate::{Code, Error};

/// A fault of the store, told to the caller.
pub(crate) fn store_error(error: StoreError) -> Error {
    let message = error.to_string();
    let (code, details) = match error {
        StoreError::InUse { path } => (Code::InUse, json!({ "path": path })),
        StoreError::NewerFormat { path, found, supported } => {
            (Code::NewerFormat, json!({ "path": path, "found": found, "supported": supported }))
        }
        StoreError::Height { asked, oldest, newest } => {
            (Code::UnknownBlock, json!({ "asked": asked, "oldest": oldest, "newest": newest }))
        }
        StoreError::Closed => (Code::NodeClosed, Value::Null),
        StoreError::Refused(_) => (Code::Refused, Value::Null),
        _ => (Code::Store, Value::Null),
    };
    Error::new(code, message, details)
}

pub(super) fn node_error(error: NodeError) -> Error {
    let message = error.to_string();
    let (code, details) = match error {
        NodeError::Closed => (Code::NodeClosed, Value::Null),
        NodeError::UnknownChain { name, near } => (Code::UnknownChain, json!({ "name": name, "near": near })),
        NodeError::ChainExists(name) => (Code::ChainExists, json!({ "name": name })),
        NodeError::ConfigDiffers { name, difference } => {
            (Code::ConfigDiffers, json!({ "name": name, "difference": difference }))
        }
        NodeError::EvmChainIdTaken { id, chain } => (Code::ChainExists, json!({ "evmChainId": id, "name": chain })),
        NodeError::Config(_) => (Code::Malformed, Value::Null),
        NodeError::Store(error) => return store_error(error),
        NodeError::Restarting(_) | NodeError::Busy => (Code::Busy, Value::Null),
        NodeError::RealTime | NodeError::Refused(_) | NodeError::Tangle(_) | NodeError::Conflict(_) => {
            (Code::Refused, Value::Null)
        }
        NodeError::UnknownHeight { asked, head } => (Code::UnknownBlock, json!({ "asked": asked, "head": head })),
        _ => (Code::Internal, Value::Null),
    };
    Error::new(code, message, details)
}

pub(super) fn rejection(rejection: Rejection) -> Error {
    let message = rejection.to_string();
    let (code, details) = match rejection {
        Rejection::Malformed(_) => (Code::Malformed, Value::Null),
        Rejection::BadSignature(_) => (Code::BadSignature, Value::Null),
        Rejection::WrongChainId { found, expected } => {
            (Code::WrongChainId, json!({ "found": found, "expected": expected }))
        }
        Rejection::NoChainId(expected) => (Code::WrongChainId, json!({ "expected": expected })),
        Rejection::NonceTooLow { nonce, next } => (Code::NonceTooLow, json!({ "nonce": nonce, "next": next })),
        Rejection::NonceTooHigh { nonce, next, .. } => (Code::NonceTooHigh, json!({ "nonce": nonce, "next": next })),
        Rejection::Underpriced { offered, price } => (Code::Underpriced, json!({ "offered": offered, "price": price })),
        Rejection::ReplacementUnderpriced { nonce, waiting, offered } => {
            (Code::ReplacementUnderpriced, json!({ "nonce": nonce, "waiting": waiting, "offered": offered }))
        }
        Rejection::InsufficientFunds { address, have, need } => {
            return Error::InsufficientFunds { address, have, need };
        }
        Rejection::PoolFull { limit, scope } => (Code::PoolFull, json!({ "limit": limit, "scope": scope })),
        Rejection::Skipped(skip) => return skipped(&skip),
        Rejection::Refused(_) => (Code::Refused, Value::Null),
        Rejection::Node(cause) => return node_error(*cause.0),
        _ => (Code::Skipped, Value::Null),
    };
    Error::new(code, message, details)
}

/// What Ethereum's rules refuse has the same code whoever noticed it: the mempool at once, or the executor later.
fn skipped(skip: &Skip) -> Error {
    let (code, details) = match skip {
        Skip::NonceTooLow { expected, given } => (Code::NonceTooLow, json!({ "nonce": given, "next": expected })),
        Skip::NonceTooHigh { expected, given } => (Code::NonceTooHigh, json!({ "nonce": given, "next": expected })),
        Skip::ChainId { expected, given } => (Code::WrongChainId, json!({ "found": given, "expected": expected })),
        Skip::Signature => (Code::BadSignature, Value::Null),
        Skip::FeeTooLow { offered, price } => (Code::Underpriced, json!({ "offered": offered, "price": price })),
        Skip::InsufficientFunds { available, needed } => {
            (Code::InsufficientFunds, json!({ "have": available, "need": needed }))
        }
        Skip::IntrinsicGas { given, needed } => (Code::IntrinsicGas, json!({ "limit": given, "need": needed })),
        Skip::GasLimit { given, limit } => (Code::GasLimit, json!({ "limit": given, "most": limit })),
        Skip::TransactionType(_) | Skip::TipAboveFee { .. } => (Code::Malformed, Value::Null),
        _ => (Code::Skipped, Value::Null),
    };
    Error::new(code, skip.to_string(), details)
}
