//! A provider: a chain, the accounts it signs with, and its filters.

use std::sync::Arc;

use futures::future::join_all;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::filters::Filters;
use super::{Params, RpcError, table};
use crate::{Chain, Wallet};

/// Ethereum's JSON-RPC over one chain. Cheap to clone; clones share filters.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    chain: Chain,
    accounts: Vec<Wallet>,
    filters: Mutex<Filters>,
}

impl Provider {
    pub(crate) fn new(chain: Chain, accounts: Vec<Wallet>) -> Self {
        Self(Arc::new(Inner { chain, accounts, filters: Mutex::default() }))
    }

    /// The chain behind it.
    pub fn chain(&self) -> &Chain {
        &self.0.chain
    }

    /// The accounts it signs with.
    pub fn accounts(&self) -> &[Wallet] {
        &self.0.accounts
    }

    pub(super) fn filters(&self) -> &Mutex<Filters> {
        &self.0.filters
    }

    /// Every method it answers.
    pub fn methods() -> impl Iterator<Item = &'static str> {
        table::METHODS.iter().map(|(name, _)| *name)
    }

    /// Answers one call.
    pub async fn request(&self, method: String, params: Value) -> Result<Value, RpcError> {
        let Some((_, handler)) = table::METHODS.iter().find(|(name, _)| *name == method) else {
            return Err(RpcError::not_found(&method));
        };
        self.0.chain.node().check()?;
        let work = handler(self.clone(), Params::read(params)?);
        // A panic in a method is that method's error, whatever transport stands in front.
        crate::contained(async move { Ok(work.await) }).await?
    }

    /// Answers JSON-RPC 2.0 text with text: one call or a batch. Notifications are carried out and not answered.
    pub async fn answer(&self, text: String) -> String {
        match serde_json::from_str::<Value>(&text) {
            Err(error) => failure(&Value::Null, &RpcError::new(-32700, format!("parse error: {error}"))).to_string(),
            Ok(Value::Array(calls)) if calls.is_empty() => {
                failure(&Value::Null, &RpcError::new(-32600, "an empty batch")).to_string()
            }
            Ok(Value::Array(calls)) => {
                let answers = join_all(calls.into_iter().map(|call| self.one(call))).await;
                let answers: Vec<Value> = answers.into_iter().flatten().collect();
                if answers.is_empty() { String::new() } else { Value::Array(answers).to_string() }
            }
            Ok(call) => self.one(call).await.map(|answer| answer.to_string()).unwrap_or_default(),
        }
    }

    async fn one(&self, call: Value) -> Option<Value> {
        let Value::Object(mut call) = call else {
            return Some(failure(&Value::Null, &RpcError::new(-32600, "a call is an object with method and params")));
        };
        let id = call.remove("id");
        let params = call.remove("params").unwrap_or_default();
        let Some(Value::String(method)) = call.remove("method") else {
            return Some(failure(&id.unwrap_or_default(), &RpcError::new(-32600, "a call needs a method")));
        };
        let outcome = self.request(method, params).await;
        let id = id?;
        Some(match outcome {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => failure(&id, &error),
        })
    }
}

fn failure(id: &Value, error: &RpcError) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": error })
}
