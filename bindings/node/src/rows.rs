//! What became of a batch: one JSON object a row.

use serde_json::{Value, json};
use vespiary_api::{Error, Receipt, Result, Sent};

/// `[{"hash", "level", "receipt"} | {"error", "hash"?, "receipt"?}]`: a transaction that ran and failed has an error and a receipt.
pub(crate) fn sent(rows: Vec<Result<Sent>>) -> String {
    list(rows.into_iter().map(|row| match row {
        Ok(sent) => match sent.receipt() {
            Some(receipt) => ran(receipt),
            None => json!({ "hash": sent.hash(), "level": sent.level(), "receipt": Value::Null }),
        },
        Err(error) => failed(&error),
    }))
}

/// The same for transactions that were waited for.
pub(crate) fn reached(rows: Vec<Result<Receipt>>) -> String {
    list(rows.into_iter().map(|row| match row {
        Ok(receipt) => ran(&receipt),
        Err(error) => failed(&error),
    }))
}

fn ran(receipt: &Receipt) -> Value {
    let mut row = json!({ "hash": receipt.hash(), "level": receipt.level(), "receipt": receipt.to_json() });
    if let (Err(error), Some(row)) = (receipt.clone().checked(), row.as_object_mut()) {
        row.insert("error".into(), shown(&error));
    }
    row
}

fn failed(error: &Error) -> Value {
    json!({ "error": shown(error) })
}

fn shown(error: &Error) -> Value {
    json!({ "code": error.code(), "message": error.message(), "details": error.details() })
}

fn list(rows: impl Iterator<Item = Value>) -> String {
    Value::Array(rows.collect()).to_string()
}
