//! What the actors of one chain and its handles share: the chain's identity and data, never a task.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use alloy_primitives::B256;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use vespiary_consensus::{AnchorPlan, Certificate, Committee, ConsensusError, Parent};
use vespiary_crypto::Ed25519KeyPair;
use vespiary_state::{ChainState, StoreError};
use vespiary_types::{AgentId, Anchoring, Block, ChainConfig, ChainId, OutputId, RequestId, Wire};
use vespiary_vm::{BaseFee, BlockContext, ChainContext, Policies};

use crate::NodeError;
use crate::environment::{Durability, Host, Lane, Link};
use crate::pools::Pools;
use crate::tangle::TangleHandle;

/// How many of the newest blocks are kept decoded.
const RECENT_BLOCKS: usize = 64;

/// How far a chain has come, by level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Heads {
    /// The newest block in the store.
    pub executed: u64,
    /// The newest final block: it survives what the node's durability promises.
    pub final_: u64,
    /// The newest block under a confirmed anchor; none before the first, and on `dev` chains.
    pub anchored: Option<u64>,
}

/// What is kept about each final block beside the block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalRecord {
    /// The proposal's digest; zero for genesis.
    pub digest: B256,
    /// The committee's number.
    pub epoch: u64,
    /// The view it was finalized in.
    pub view: u64,
    /// The proposer's payout agent.
    pub payout: AgentId,
    /// The anchor it plans.
    pub anchor_plan: Option<AnchorPlan>,
    /// The committee's word; none for genesis.
    pub certificate: Option<Certificate>,
}

impl Wire for FinalRecord {
    const WHAT: &'static str = "a final block's record";
}

/// Names of the records that actors keep about a chain.
pub(crate) mod records {
    use super::{OutputId, RequestId};

    /// A [`super::FinalRecord`].
    pub(crate) fn finality(height: u64) -> Vec<u8> {
        [b"final/".as_slice(), &height.to_be_bytes()].concat()
    }

    /// Pending requests.
    pub(crate) const PENDING: &[u8] = b"pending/";

    /// A pending request.
    pub(crate) fn pending(id: &RequestId) -> Vec<u8> {
        [PENDING, &id.to_bytes()].concat()
    }

    /// The plan made over an anchor output.
    pub(crate) fn plan(anchor: &OutputId) -> Vec<u8> {
        [b"plan/".as_slice(), &anchor.to_bytes()].concat()
    }

    /// The digest signed over an anchor output.
    pub(crate) fn signed(anchor: &OutputId) -> Vec<u8> {
        [b"signed/".as_slice(), &anchor.to_bytes()].concat()
    }

    /// Anchors that were confirmed.
    pub(crate) const ANCHORS: &[u8] = b"anchor/";

    /// A confirmed anchor by its state index.
    pub(crate) fn anchor(state_index: u32) -> Vec<u8> {
        [ANCHORS, &state_index.to_be_bytes()].concat()
    }
}

/// One chain on one node.
pub(crate) struct Chain {
    pub(crate) id: ChainId,
    pub(crate) config: ChainConfig,
    pub(crate) evm_chain_id: u64,
    /// Its place among the chains of the process: its executor's thread and workbench.
    pub(crate) number: u64,
    pub(crate) state: ChainState,
    pub(crate) host: Host,
    pub(crate) tangle: TangleHandle,
    pub(crate) link: Link,
    pub(crate) durability: Durability,
    pub(crate) pools: Pools,
    pub(crate) key: Ed25519KeyPair,
    pub(crate) payout: AgentId,
    /// The policies that hold for the next block.
    pub(crate) policies: Mutex<Arc<Policies>>,
    /// How far it has come.
    pub(crate) heads: Mutex<Heads>,
    /// True once its node is being closed.
    pub(crate) closing: AtomicBool,
    /// What the feed has announced of it; gone once the node is closed, which ends whoever waits for more.
    pub(crate) feed: Mutex<Option<watch::Sender<Heads>>>,
    /// The confirmed anchor output that no final block has planned an anchor over, if there is one.
    pub(crate) anchor_due: Mutex<Option<OutputId>>,
    recent: Mutex<VecDeque<Arc<Block>>>,
}

/// Numbers chains within the process. Nothing but the choice of a thread depends on it.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(0);

pub(crate) struct ChainParts {
    pub(crate) id: ChainId,
    pub(crate) config: ChainConfig,
    pub(crate) state: ChainState,
    pub(crate) host: Host,
    pub(crate) tangle: TangleHandle,
    pub(crate) link: Link,
    pub(crate) durability: Durability,
    pub(crate) pools: Pools,
    pub(crate) key: Ed25519KeyPair,
    pub(crate) payout: AgentId,
}

impl Drop for Chain {
    fn drop(&mut self) {
        let number = self.number;
        let lane = Lane::Vm(usize::try_from(number).unwrap_or_default());
        self.host.pool().run(lane, Box::new(move |bench| bench.clear(number)));
    }
}

impl Chain {
    pub(crate) fn new(parts: ChainParts) -> Result<Self, NodeError> {
        let ChainParts { id, config, state, host, tangle, link, durability, pools, key, payout } = parts;
        let height = state.head().map_or(0, |head| head.height);
        let heads = Heads { executed: height, final_: height, anchored: None };
        let evm_chain_id = config.evm_chain_id(&id);
        let context = ChainContext { chain: id, evm_chain_id, fees_destination: BaseFee::Split };
        let policies = vespiary_vm::policies(&state.latest(), context)?;
        Ok(Self {
            evm_chain_id,
            policies: Mutex::new(Arc::new(policies)),
            id,
            config,
            number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
            state,
            host,
            tangle,
            link,
            durability,
            pools,
            key,
            payout,
            heads: Mutex::new(heads),
            closing: AtomicBool::new(false),
            feed: Mutex::new(Some(watch::Sender::new(heads))),
            anchor_due: Mutex::new(None),
            recent: Mutex::default(),
        })
    }

    pub(crate) fn is_anchored(&self) -> bool {
        self.config.anchoring == Anchoring::Anchored
    }

    pub(crate) fn committee(&self) -> Result<Committee, ConsensusError> {
        Committee::new(vec![self.key.public_key()])
    }

    pub(crate) fn context(&self) -> ChainContext {
        ChainContext { chain: self.id, evm_chain_id: self.evm_chain_id, fees_destination: BaseFee::Split }
    }

    pub(crate) fn head_height(&self) -> u64 {
        self.state.head().map_or(0, |head| head.height)
    }

    /// A block, decoded once while it is recent.
    pub(crate) fn block(&self, height: u64) -> Result<Option<Arc<Block>>, StoreError> {
        if let Some(block) = self.recent.lock().iter().find(|block| block.height() == height) {
            return Ok(Some(Arc::clone(block)));
        }
        Ok(self.state.block(height)?.map(Arc::new))
    }

    pub(crate) fn remember(&self, block: Arc<Block>) {
        let mut recent = self.recent.lock();
        if recent.len() >= RECENT_BLOCKS {
            recent.pop_back();
        }
        recent.push_front(block);
    }

    pub(crate) fn forget_above(&self, height: u64) {
        self.recent.lock().retain(|block| block.height() <= height);
    }

    pub(crate) fn finality(&self, height: u64) -> Result<FinalRecord, NodeError> {
        let damaged = |reason: String| StoreError::Damaged { what: format!("final record of height {height}"), reason };
        let bytes = self.state.meta_get(&records::finality(height))?.ok_or_else(|| damaged("it is missing".into()))?;
        Ok(FinalRecord::from_wire(&bytes).map_err(|error| damaged(error.to_string()))?)
    }

    /// The last final block as the engine needs it.
    pub(crate) fn parent(&self) -> Result<Parent, NodeError> {
        let height = self.head_height();
        let missing = || StoreError::Damaged { what: format!("block {height}"), reason: "it is missing".into() };
        let header = self.state.header(height)?.ok_or_else(missing)?;
        let record = self.state.record(height)?.ok_or_else(missing)?;
        let finality = self.finality(height)?;
        Ok(Parent {
            height,
            digest: finality.digest,
            time_ns: record.time_ns,
            requests: record.requests,
            entropy: header.mix_hash,
            view: finality.view,
        })
    }

    /// What surrounded the block at a height, to simulate calls in it or to execute it again.
    pub(crate) fn block_context(&self, height: u64) -> Result<BlockContext, NodeError> {
        let missing = || NodeError::UnknownHeight { asked: height, head: self.head_height() };
        let header = self.state.header(height)?.ok_or_else(missing)?;
        let record = self.state.record(height)?.ok_or_else(missing)?;
        let before = match height.checked_sub(1) {
            Some(parent) => self.state.record(parent)?.ok_or_else(missing)?,
            None => <_>::default(),
        };
        Ok(BlockContext {
            height,
            parent: header.parent_hash,
            parent_time_ns: before.time_ns,
            parent_requests: before.requests,
            time_ns: record.time_ns,
            milestone: record.milestone,
            entropy: header.mix_hash,
            proposer: self.finality(height)?.payout,
        })
    }
}
