//! A chain from outside.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Transaction, TxEnvelope};
use alloy_primitives::Bytes;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use vespiary_state::{ChainState, StoreError};
use vespiary_supervision::{Address, AskError, TellError};
use vespiary_tangle::TangleError;
use vespiary_types::{
    AgentId, AnchorMetadata, Block, ChainConfig, ChainId, EthereumTransaction, ExecutionError, Hname, L1Address, Level,
    OffLedgerRequest, OutputId, Payload, Request, RequestId, Wire, blake2b256,
};
use vespiary_vm::{BlockContext, CallResult, EthereumCall, Policies, Supply};

use super::executor::ExecutorActor;
use super::mempool::Mempool;
use super::messages::{At, ListPending, NextNonce, Question, Rewind, Simulate, Simulated, Submit};
use super::state::StateActor;
use super::tickets::{Batch, Included, Resolution};
use super::{Chain, FinalRecord, Heads, records};
use crate::environment::{Lane, Workbench};
use crate::{NodeError, Rejection};

/// How many requests are under way at once at most; the rest of a larger batch follows as these resolve.
const WINDOW: usize = 4_096;

/// How many signatures one job checks.
const SIGNATURES_PER_JOB: usize = 64;

/// How often work that was lost on its way to a thread is handed in.
const ATTEMPTS: u32 = 50;

/// How long to wait before what a restarting actor lost is submitted again.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(5);

/// An anchor that a milestone confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorInfo {
    /// The anchor output.
    pub output: OutputId,
    /// The alias's state index: 0 at its creation, one more with each anchor.
    pub state_index: u32,
    /// What it commits to; none at its creation.
    pub metadata: Option<AnchorMetadata>,
    /// The milestone's index.
    pub milestone: u32,
    /// The milestone's time, unix milliseconds.
    pub time_ms: u64,
}

impl Wire for AnchorInfo {
    const WHAT: &'static str = "an anchor's record";
}

/// A chain of a node. Clones are the same chain. Calls wait on channels only, so that any executor may poll them.
#[derive(Clone)]
pub struct ChainHandle {
    chain: Arc<Chain>,
    mempool: Address<Mempool>,
    executor: Address<ExecutorActor>,
    state: Address<StateActor>,
}

impl ChainHandle {
    pub(crate) fn new(
        chain: Arc<Chain>,
        mempool: Address<Mempool>,
        executor: Address<ExecutorActor>,
        state: Address<StateActor>,
    ) -> Self {
        Self { chain, mempool, executor, state }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.chain.config.name
    }

    /// Its id: that of the alias which anchors it.
    pub fn id(&self) -> ChainId {
        self.chain.id
    }

    /// Its EVM chain id.
    pub fn evm_chain_id(&self) -> u64 {
        self.chain.evm_chain_id
    }

    /// What it was created with.
    pub fn config(&self) -> &ChainConfig {
        &self.chain.config
    }

    /// Where deposits on the tangle go.
    pub fn alias_address(&self) -> L1Address {
        L1Address::Alias(self.chain.id)
    }

    /// The tangle that anchors it.
    pub fn tangle(&self) -> &crate::TangleHandle {
        &self.chain.tangle
    }

    /// Its blocks and state, read straight from the store.
    pub fn state(&self) -> &ChainState {
        &self.chain.state
    }

    /// How far it has come.
    pub fn heads(&self) -> Heads {
        *self.chain.heads.lock()
    }

    /// How far it has come, as a value to watch. It has no more changes once the node is closed.
    pub fn watch(&self) -> watch::Receiver<Heads> {
        match self.chain.feed.lock().as_ref() {
            Some(feed) => feed.subscribe(),
            None => watch::Sender::new(self.heads()).subscribe(),
        }
    }

    /// Its node begins to close.
    pub(crate) fn begin_closing(&self) {
        self.chain.closing.store(true, Ordering::Relaxed);
    }

    /// Why its actors do not answer for good.
    fn gone(&self) -> NodeError {
        if self.chain.closing.load(Ordering::Relaxed) {
            return NodeError::Closed;
        }
        NodeError::Refused(format!(
            "chain `{0}` is quarantined, for its actors kept crashing: what it has can be read; the tree says why, at /chains/{0}",
            self.name()
        ))
    }

    /// Nothing will come any more: ends whoever waits for it.
    pub(crate) fn end(&self) {
        self.chain.feed.lock().take();
    }

    /// A block, decoded once while it is recent.
    pub fn block(&self, height: u64) -> Result<Option<Arc<Block>>, NodeError> {
        Ok(self.chain.block(height)?)
    }

    /// What is kept about a final block beside the block: its proposal's digest and the committee's certificate.
    pub fn finality(&self, height: u64) -> Result<FinalRecord, NodeError> {
        self.chain.finality(height)
    }

    /// What surrounded the block at a height: what executing it again takes.
    pub fn block_context(&self, height: u64) -> Result<BlockContext, NodeError> {
        self.chain.block_context(height)
    }

    /// The policies that hold for the next block.
    pub fn policies(&self) -> Result<Policies, NodeError> {
        Ok(vespiary_vm::policies(&self.chain.state.latest(), self.chain.context())?)
    }

    /// The chain's base tokens at a height.
    pub fn supply(&self, height: u64) -> Result<Supply, NodeError> {
        Ok(vespiary_vm::supply(&self.chain.state.at(height)?, self.chain.context())?)
    }

    /// Decodes Ethereum transactions and recovers their senders, once: a few in place, many spread over the pool.
    pub async fn verify(&self, raw: Vec<Bytes>) -> Vec<Result<Arc<Request>, Rejection>> {
        let chain = Arc::clone(&self.chain);
        self.spread(raw, move |raw| verify_ethereum(&chain, raw)).await
    }

    /// Checks the signatures of off-ledger requests, once.
    pub async fn verify_off_ledger(&self, requests: Vec<OffLedgerRequest>) -> Vec<Result<Arc<Request>, Rejection>> {
        let chain = self.chain.id;
        self.spread(requests, move |request| verify_off_ledger(chain, request)).await
    }

    async fn spread<I: Clone + Send + Sync + 'static>(
        &self,
        items: Vec<I>,
        check: impl Fn(I) -> Result<Arc<Request>, Rejection> + Send + Sync + 'static,
    ) -> Vec<Result<Arc<Request>, Rejection>> {
        // Waking a thread costs as much as one signature: a few are checked where they are.
        if items.len() <= 2 {
            return items.into_iter().map(check).collect();
        }
        let check = Arc::new(check);
        let jobs = items.chunks(SIGNATURES_PER_JOB).map(|part| {
            let (part, check) = (Arc::<[I]>::from(part), Arc::clone(&check));
            async move {
                for _ in 0..ATTEMPTS {
                    let (part, check) = (Arc::clone(&part), Arc::clone(&check));
                    let job = move |_: &mut Workbench| part.iter().cloned().map(|item| check(item)).collect::<Vec<_>>();
                    match self.chain.pools.call(Lane::Signatures, job).await {
                        Some(rows) => return rows,
                        None => self.chain.host.pause(BETWEEN_ATTEMPTS).await,
                    }
                }
                let lost =
                    || Rejection::from(NodeError::Internal("checking these signatures fails again and again".into()));
                std::iter::repeat_with(|| Err(lost())).take(part.len()).collect()
            }
        });
        join_all(jobs).await.into_iter().flatten().collect()
    }

    /// Submits a request and waits for a level. Safe to repeat: a request is executed once.
    pub async fn submit(&self, request: Arc<Request>, wait: Level) -> Resolution {
        let mut rows = self.submit_batch(vec![request], wait, None).await;
        rows.pop().unwrap_or_else(|| Err(NodeError::Internal("a batch of one has no row".into()).into()))
    }

    /// Submits many, a bounded number at a time. One result a row, in order; a bad row fails alone. `progress` counts rows
    /// that are resolved.
    ///
    /// What an actor's crash lost on the way is submitted again until it resolves.
    pub async fn submit_batch(
        &self,
        requests: Vec<Arc<Request>>,
        wait: Level,
        progress: Option<watch::Sender<u64>>,
    ) -> Vec<Resolution> {
        let level = wait.min(Level::Final);
        let mut results: Vec<Resolution> = Vec::with_capacity(requests.len());
        for window in requests.chunks(WINDOW) {
            let rows = self.submit_window(window, level, progress.as_ref()).await;
            results.extend(rows);
        }
        if wait == Level::Anchored {
            let top = results.iter().flatten().filter_map(Included::height).max();
            if let Some(top) = top
                && let Err(error) = self.until(Level::Anchored, top).await
            {
                let error = Rejection::from(error);
                return results.into_iter().map(|row| row.and(Err(error.clone()))).collect();
            }
            for row in results.iter_mut().flatten() {
                row.level = Level::Anchored;
            }
        }
        results
    }

    async fn submit_window(
        &self,
        requests: &[Arc<Request>],
        level: Level,
        progress: Option<&watch::Sender<u64>>,
    ) -> Vec<Resolution> {
        let mut results: Vec<Option<Resolution>> = vec![None; requests.len()];
        loop {
            let open: Vec<usize> =
                results.iter().enumerate().filter(|(_, row)| row.is_none()).map(|(place, _)| place).collect();
            if open.is_empty() {
                break;
            }
            let (batch, tickets) = Batch::new(open.len(), level, progress.cloned());
            let parts = open.iter().filter_map(|place| requests.get(*place)).cloned().zip(tickets).collect();
            match self.mempool.tell(Submit(parts)) {
                Ok(()) => {}
                Err(TellError::Busy) => {
                    self.chain.host.pause(BETWEEN_ATTEMPTS).await;
                    continue;
                }
                Err(_) => {
                    let closed = Rejection::from(self.gone());
                    return results.into_iter().map(|row| row.unwrap_or_else(|| Err(closed.clone()))).collect();
                }
            }
            let mut lost = false;
            for (place, row) in open.into_iter().zip(batch.await) {
                lost |= row.is_none();
                if let Some(slot) = results.get_mut(place) {
                    *slot = row;
                }
            }
            if lost {
                self.chain.host.pause(BETWEEN_ATTEMPTS).await;
            }
        }
        results.into_iter().flatten().collect()
    }

    /// Waits until the chain has reached a level at a height.
    pub async fn until(&self, level: Level, height: u64) -> Result<(), NodeError> {
        if level == Level::Anchored && !self.chain.is_anchored() {
            return Err(NodeError::Refused(format!(
                "chain `{}` is a dev chain: it has no anchor to wait for",
                self.chain.config.name
            )));
        }
        let reached = move |heads: &Heads| match level {
            Level::Pending | Level::Executed => heads.executed >= height,
            Level::Final => heads.final_ >= height,
            Level::Anchored => heads.anchored.is_some_and(|anchored| anchored >= height),
        };
        self.watch().wait_for(reached).await.map(|_| ()).map_err(|_| NodeError::Closed)
    }

    /// Waits until a request that was submitted before reaches a level.
    pub async fn await_level(&self, request: RequestId, level: Level) -> Result<Included, NodeError> {
        let mut heads = self.watch();
        loop {
            if let Some((height, index)) = self.chain.state.locate(&request)? {
                self.until(level, height).await?;
                let block = self.block(height)?;
                let place = block.map(|block| (block, index));
                return Ok(Included { request, level, place });
            }
            heads.changed().await.map_err(|_| NodeError::Closed)?;
        }
    }

    /// The nonce an account should sign next, its waiting requests counted.
    pub async fn next_nonce(&self, account: AgentId) -> Result<u64, NodeError> {
        if let Some(nonce) = self.ask(|| self.mempool.ask(NextNonce(account))).await? {
            return Ok(nonce);
        }
        Ok(vespiary_vm::standing(&self.chain.state.latest(), self.chain.context(), &account)?.nonce)
    }

    /// What waits in the mempool.
    pub async fn pending(&self) -> Result<Vec<Arc<Request>>, NodeError> {
        self.ask(|| self.mempool.ask(ListPending)).await
    }

    /// Simulates a call (`eth_call`).
    pub async fn call(&self, at: At, call: EthereumCall) -> Result<CallResult, NodeError> {
        match self.simulate(at, Question::Call(call)).await? {
            Simulated::Call(result) => Ok(result),
            _ => Err(other_answer()),
        }
    }

    /// Estimates the gas of a call; the failed call itself if no amount of gas would do.
    pub async fn estimate_gas(&self, at: At, call: EthereumCall) -> Result<Result<u64, CallResult>, NodeError> {
        match self.simulate(at, Question::EstimateGas(call)).await? {
            Simulated::Gas(result) => Ok(result),
            _ => Err(other_answer()),
        }
    }

    /// Calls a view of a native contract.
    pub async fn view(
        &self,
        at: At,
        contract: Hname,
        entry_point: Hname,
        params: Bytes,
    ) -> Result<Result<Bytes, ExecutionError>, NodeError> {
        match self.simulate(at, Question::View { contract, entry_point, params }).await? {
            Simulated::View(result) => Ok(result),
            _ => Err(other_answer()),
        }
    }

    async fn simulate(&self, at: At, question: Question) -> Result<Simulated, NodeError> {
        self.answered(self.executor.ask(Simulate { at, question }).await)?
    }

    /// Makes an earlier block the head again. Only on `dev` chains.
    pub async fn rewind(&self, height: u64) -> Result<(), NodeError> {
        self.answered(self.state.ask(Rewind(height)).await)?
    }

    /// The confirmed anchors, oldest first.
    pub fn anchors(&self) -> Result<Vec<AnchorInfo>, NodeError> {
        let rows = self.chain.state.meta_scan(records::ANCHORS)?;
        rows.iter()
            .map(|(_, bytes)| {
                AnchorInfo::from_wire(bytes).map_err(|error| {
                    StoreError::Damaged { what: "an anchor's record".into(), reason: error.to_string() }.into()
                })
            })
            .collect()
    }

    fn answered<T>(&self, answer: Result<T, AskError>) -> Result<T, NodeError> {
        answer.map_err(|error| if error == AskError::Gone { self.gone() } else { error.into() })
    }

    /// Puts a question that is safe to repeat again while its actor restarts.
    async fn ask<T>(&self, ask: impl Fn() -> vespiary_supervision::Asked<T>) -> Result<T, NodeError> {
        loop {
            match ask().await {
                Ok(answer) => return Ok(answer),
                Err(AskError::Gone) => return Err(self.gone()),
                Err(_) => self.chain.host.pause(BETWEEN_ATTEMPTS).await,
            }
        }
    }
}

fn other_answer() -> NodeError {
    NodeError::Internal("the executor answered another question".into())
}

/// Decodes one transaction, checks whom it is for, and recovers who signed it.
fn verify_ethereum(chain: &Chain, raw: Bytes) -> Result<Arc<Request>, Rejection> {
    let transaction = EthereumTransaction::decode(raw).map_err(|error| Rejection::Malformed(error.to_string()))?;
    let envelope = transaction.envelope();
    if matches!(envelope, TxEnvelope::Eip4844(_)) {
        return Err(Rejection::Refused("blob transactions (type 3) are not accepted: this chain has no blobs".into()));
    }
    let expected = chain.evm_chain_id;
    match envelope.chain_id() {
        Some(found) if found != expected => return Err(Rejection::WrongChainId { found, expected }),
        Some(_) => {}
        None => return Err(Rejection::NoChainId(expected)),
    }
    let signature = envelope.signature();
    if signature.r().is_zero() || signature.s().is_zero() {
        return Err(Rejection::BadSignature("r or s is zero".into()));
    }
    let address = envelope
        .recover_signer()
        .map_err(|_| Rejection::BadSignature("no key can have made it, or s is in the upper half (EIP-2)".into()))?;
    let sender = AgentId::Ethereum { chain: chain.id, address };
    Ok(Arc::new(Request::verified(Payload::Ethereum(Box::new(transaction)), sender)))
}

fn verify_off_ledger(chain: ChainId, request: OffLedgerRequest) -> Result<Arc<Request>, Rejection> {
    if request.essence.chain != chain {
        return Err(Rejection::Malformed(format!(
            "the request is for chain {}, this chain is {chain}",
            request.essence.chain
        )));
    }
    let signature: [u8; 64] = request.signature.as_ref().try_into().map_err(|_| {
        Rejection::BadSignature(format!("an Ed25519 signature has 64 bytes, not {}", request.signature.len()))
    })?;
    let key = vespiary_crypto::Ed25519PublicKey(request.essence.public_key);
    key.verify(&blake2b256(request.essence.to_wire()), &vespiary_crypto::Ed25519Signature(signature))
        .map_err(|error| Rejection::BadSignature(error.to_string()))?;
    let sender = AgentId::L1(key.address());
    Ok(Arc::new(Request::verified(Payload::OffLedger(Box::new(request)), sender)))
}

impl From<TangleError> for Rejection {
    fn from(error: TangleError) -> Self {
        NodeError::from(error).into()
    }
}

impl std::fmt::Debug for ChainHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChainHandle").field("name", &self.name()).field("heads", &self.heads()).finish_non_exhaustive()
    }
}
