//! What the facade stands on: the one room of this crate that touches `vespiary-node`.
//!
//! ```text
//! node, chain, send, rpc, tables, stream, tree, tangle
//!                     │  plain values, heights, futures
//!                  engine ── drives virtual time, turns rejections into errors
//!                     │
//!               vespiary-node (actors) · vespiary-state (reads) · vespiary-supervision (the tree)
//! ```
//!
//! Reads go to the store from the caller's thread; everything else is a message to an actor.

use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, U256};
use tokio::sync::watch;
use vespiary_state::StateView;
use vespiary_types::{Block, ChainConfig, ChainId, Level, Request, RequestId};

use crate::{CallRequest, Error, Heads, NodeOptions, Result};

/// A call's result on the chain, before anybody reads it.
pub(crate) struct CallOutcome {
    pub(crate) output: std::result::Result<Bytes, vespiary_types::ExecutionError>,
    pub(crate) gas_used: u64,
}

/// Where a request stands.
#[derive(Debug, Clone)]
pub(crate) struct Included {
    pub(crate) height: Option<u64>,
    pub(crate) index: u32,
    pub(crate) level: Level,
}

/// What is known of an anchor.
pub(crate) struct AnchorRecord {
    pub(crate) output_id: String,
    pub(crate) state_index: u32,
    pub(crate) height: u64,
    pub(crate) block_hash: B256,
    pub(crate) milestone: u32,
    pub(crate) time_ms: u64,
    pub(crate) transaction_id: String,
}

/// What `eth_getProof` is made of.
pub(crate) struct AccountProofParts {
    pub(crate) balance: U256,
    pub(crate) nonce: u64,
    pub(crate) code_hash: B256,
    pub(crate) storage_hash: B256,
    pub(crate) account_proof: Vec<Bytes>,
    pub(crate) storage: Vec<(B256, U256, Vec<Bytes>)>,
}

/// Real time, or virtual time that moves only while a call waits for its own result.
#[derive(Clone)]
pub(crate) struct Clock;

impl Clock {
    pub(crate) async fn drive<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        call.await
    }
    pub(crate) fn now_ms(&self) -> u64 {
        0
    }
    pub(crate) fn is_virtual(&self) -> bool {
        false
    }
    pub(crate) async fn run_for(&self, _: Duration) -> Result<()> {
        Err(unwired())
    }
    /// None when `limit` passed first.
    pub(crate) async fn within<T: Send + 'static>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<Option<T>> {
        crate::timer::within(limit, call).await.transpose()
    }
}

#[derive(Clone)]
pub(crate) struct NodeEngine;
#[derive(Clone)]
pub(crate) struct ChainEngine;
#[derive(Clone)]
pub(crate) struct TangleEngine;

/// A fault of the store, told to the caller.
pub(crate) fn store_error(error: vespiary_state::StoreError) -> Error {
    Error::new(crate::Code::Store, error.to_string(), serde_json::Value::Null)
}

fn unwired() -> Error {
    Error::internal("not wired yet")
}

impl NodeEngine {
    pub(crate) async fn start(_: NodeOptions, _: Option<TangleEngine>) -> Result<Self> {
        Err(unwired())
    }
    pub(crate) fn clock(&self) -> &Clock {
        unimplemented!()
    }
    pub(crate) fn tree(&self) -> &vespiary_supervision::Tree {
        unimplemented!()
    }
    pub(crate) fn tangle(&self) -> TangleEngine {
        TangleEngine
    }
    pub(crate) async fn create_chain(&self, _: ChainConfig) -> Result<ChainEngine> {
        Err(unwired())
    }
    pub(crate) async fn get_or_create_chain(&self, _: ChainConfig) -> Result<ChainEngine> {
        Err(unwired())
    }
    pub(crate) async fn chain(&self, _: String) -> Result<ChainEngine> {
        Err(unwired())
    }
    pub(crate) async fn chains(&self) -> Result<Vec<ChainEngine>> {
        Err(unwired())
    }
    pub(crate) async fn close(&self, _: Duration) -> Result<()> {
        Err(unwired())
    }
    pub(crate) fn is_closed(&self) -> bool {
        false
    }
}

impl ChainEngine {
    pub(crate) fn id(&self) -> ChainId {
        unimplemented!()
    }
    pub(crate) fn evm_chain_id(&self) -> u64 {
        unimplemented!()
    }
    pub(crate) fn config(&self) -> &ChainConfig {
        unimplemented!()
    }
    pub(crate) fn heads(&self) -> Heads {
        unimplemented!()
    }
    pub(crate) fn watch(&self) -> watch::Receiver<Heads> {
        unimplemented!()
    }
    pub(crate) fn block(&self, _height: u64) -> Result<Option<Arc<Block>>> {
        Err(unwired())
    }
    pub(crate) fn header(&self, _height: u64) -> Result<Option<vespiary_types::Header>> {
        Err(unwired())
    }
    pub(crate) fn height_of(&self, _hash: B256) -> Result<Option<u64>> {
        Err(unwired())
    }
    pub(crate) fn locate(&self, _transaction: B256) -> Result<Option<(u64, u32)>> {
        Err(unwired())
    }
    pub(crate) fn latest(&self) -> Result<Arc<dyn StateView>> {
        Err(unwired())
    }
    pub(crate) fn at(&self, _height: u64) -> Result<Arc<dyn StateView>> {
        Err(unwired())
    }
    pub(crate) async fn proof(&self, _height: u64, _: Address, _: Vec<B256>) -> Result<AccountProofParts> {
        Err(unwired())
    }
    pub(crate) async fn verify(&self, raw: Vec<Bytes>) -> Vec<Result<Arc<Request>>> {
        raw.iter().map(|_| Err(unwired())).collect()
    }
    pub(crate) async fn submit(&self, _: Arc<Request>, _: Level) -> Result<Included> {
        Err(unwired())
    }
    pub(crate) async fn submit_batch(
        &self,
        requests: Vec<Arc<Request>>,
        _: Level,
        _: Option<watch::Sender<u64>>,
    ) -> Vec<Result<Included>> {
        requests.iter().map(|_| Err(unwired())).collect()
    }
    pub(crate) async fn await_level(&self, _: RequestId, _: Level) -> Result<Included> {
        Err(unwired())
    }
    pub(crate) async fn next_nonce(&self, _: Address) -> Result<u64> {
        Err(unwired())
    }
    pub(crate) async fn pending(&self) -> Result<Vec<Arc<Request>>> {
        Err(unwired())
    }
    pub(crate) async fn call(&self, _height: Option<u64>, _: CallRequest) -> Result<CallOutcome> {
        Err(unwired())
    }
    pub(crate) async fn estimate_gas(
        &self,
        _height: Option<u64>,
        _: CallRequest,
    ) -> Result<std::result::Result<u64, vespiary_types::ExecutionError>> {
        Err(unwired())
    }
    pub(crate) async fn rewind(&self, _: u64) -> Result<()> {
        Err(unwired())
    }
    pub(crate) async fn anchors(&self) -> Result<Vec<AnchorRecord>> {
        Err(unwired())
    }
}

impl TangleEngine {
    pub(crate) async fn start(_: crate::TangleOptions) -> Result<Self> {
        Err(unwired())
    }
    pub(crate) fn network(&self) -> String {
        "vespiary".into()
    }
    pub(crate) async fn latest_milestone(&self) -> Result<serde_json::Value> {
        Err(unwired())
    }
    pub(crate) async fn balance(&self, _: String) -> Result<u64> {
        Err(unwired())
    }
    pub(crate) async fn faucet(&self, _: String, _: u64) -> Result<()> {
        Err(unwired())
    }
    pub(crate) async fn pause(&self) -> Result<()> {
        Err(unwired())
    }
    pub(crate) async fn resume(&self) -> Result<()> {
        Err(unwired())
    }
    pub(crate) async fn refuse(&self, _: u64) -> Result<()> {
        Err(unwired())
    }
    pub(crate) async fn set_milestone_interval(&self, _: Duration) -> Result<()> {
        Err(unwired())
    }
}
