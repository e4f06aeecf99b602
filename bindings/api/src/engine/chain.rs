//! A chain as the node has it.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256};
use tokio::sync::watch;
use vespiary_node::{At, ChainHandle};
use vespiary_state::StateView;
use vespiary_types::{
    AgentId, Block, ChainConfig, ChainId, ExecutionError, Header, Level, Outcome, Payload, Request, RequestId,
};
use vespiary_vm::EthereumCall;

use super::errors::{node_error, rejection, store_error};
use crate::{CallRequest, Error, Heads, Result};

/// Where a request stands.
#[derive(Debug, Clone)]
pub(crate) struct Included {
    /// How far it has come.
    pub(crate) level: Level,
    /// Its block and its place there; none while it is pending.
    pub(crate) place: Option<(Arc<Block>, u32)>,
}

impl From<vespiary_node::Included> for Included {
    fn from(included: vespiary_node::Included) -> Self {
        Self { level: included.level, place: included.place }
    }
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

#[derive(Clone)]
pub(crate) struct ChainEngine {
    handle: ChainHandle,
    /// The heads in the facade's own type, as they change.
    heads: watch::Receiver<vespiary_node::Heads>,
}

/// The heads of a chain, to be watched.
pub(crate) struct HeadsWatch(watch::Receiver<vespiary_node::Heads>);

impl HeadsWatch {
    /// The present heads; they count as seen.
    pub(crate) fn read(&mut self) -> Heads {
        plain(*self.0.borrow_and_update())
    }

    /// Waits until they are others than those seen; false once the chain is gone.
    pub(crate) async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

fn plain(heads: vespiary_node::Heads) -> Heads {
    Heads { executed: heads.executed, final_: heads.final_, anchored: heads.anchored }
}

impl ChainEngine {
    pub(super) fn new(handle: ChainHandle) -> Self {
        let heads = handle.watch();
        Self { handle, heads }
    }

    pub(crate) fn id(&self) -> ChainId {
        self.handle.id()
    }

    pub(crate) fn evm_chain_id(&self) -> u64 {
        self.handle.evm_chain_id()
    }

    pub(crate) fn config(&self) -> &ChainConfig {
        self.handle.config()
    }

    /// Wei for a gas unit in the next block.
    ///
    /// That of the head, which is at hand, unless the head may have changed it: only native requests reach governance.
    pub(crate) fn price(&self) -> U256 {
        let native = |request: &Arc<Request>| !matches!(request.payload(), Payload::Ethereum(_));
        match self.handle.block(self.handle.heads().final_) {
            Ok(Some(block)) if block.header.number > 0 && !block.requests.iter().any(native) => {
                U256::from(block.header.base_fee_per_gas.unwrap_or_default())
            }
            _ => self
                .handle
                .policies()
                .map_or_else(|_| self.config().fees.price_wei(), |policies| policies.parameters.fees.price_wei()),
        }
    }

    pub(crate) fn heads(&self) -> Heads {
        plain(self.handle.heads())
    }

    pub(crate) fn watch(&self) -> HeadsWatch {
        HeadsWatch(self.heads.clone())
    }

    pub(crate) fn block(&self, height: u64) -> Result<Option<Arc<Block>>> {
        self.handle.block(height).map_err(node_error)
    }

    pub(crate) fn header(&self, height: u64) -> Result<Option<Header>> {
        Ok(self.handle.state().header(height).map_err(store_error)?.map(|header| header.inner().clone()))
    }

    pub(crate) fn height_of(&self, hash: B256) -> Result<Option<u64>> {
        self.handle.state().height_of(&hash).map_err(store_error)
    }

    pub(crate) fn locate(&self, transaction: B256) -> Result<Option<(u64, u32)>> {
        self.handle.state().locate_transaction(&transaction).map_err(store_error)
    }

    pub(crate) fn latest(&self) -> Arc<dyn StateView> {
        self.handle.state().latest()
    }

    pub(crate) fn at(&self, height: u64) -> Result<Arc<dyn StateView>> {
        self.handle.state().at(height).map_err(store_error)
    }

    /// Proofs against the state of a height. The tries of earlier heights are made out of the head's by taking back what changed.
    pub(crate) fn proof(&self, height: u64, address: Address, slots: &[B256]) -> Result<AccountProofParts> {
        let commitment = self.handle.state().commitment_at(height, &vespiary_state::sequential).map_err(store_error)?;
        let proof = commitment.account_proof(&address, slots);
        let account = proof.account.unwrap_or_default();
        Ok(AccountProofParts {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: if proof.account.is_some() { account.code_hash } else { KECCAK256_EMPTY },
            storage_hash: proof.storage_root,
            account_proof: proof.nodes,
            storage: proof.storage.into_iter().map(|slot| (slot.slot, slot.value.into(), slot.nodes)).collect(),
        })
    }

    pub(crate) async fn verify(&self, raw: Vec<Bytes>) -> Vec<Result<Arc<Request>>> {
        self.handle.verify(raw).await.into_iter().map(|row| row.map_err(rejection)).collect()
    }

    pub(crate) async fn submit(&self, request: Arc<Request>, wait: Level) -> Result<Included> {
        self.handle.submit(request, wait).await.map(Included::from).map_err(rejection)
    }

    pub(crate) async fn submit_batch(
        &self,
        requests: Vec<Arc<Request>>,
        wait: Level,
        progress: Option<watch::Sender<u64>>,
    ) -> Vec<Result<Included>> {
        let rows = self.handle.submit_batch(requests, wait, progress).await;
        rows.into_iter().map(|row| row.map(Included::from).map_err(rejection)).collect()
    }

    pub(crate) async fn await_level(&self, request: RequestId, level: Level) -> Result<Included> {
        self.handle.await_level(request, level).await.map(Included::from).map_err(node_error)
    }

    pub(crate) async fn next_nonce(&self, address: Address) -> Result<u64> {
        let account = AgentId::Ethereum { chain: self.id(), address };
        self.handle.next_nonce(account).await.map_err(node_error)
    }

    pub(crate) async fn pending(&self) -> Result<Vec<Arc<Request>>> {
        self.handle.pending().await.map_err(node_error)
    }

    /// Runs a call on the newest state, or on that of a height.
    pub(crate) async fn call(
        &self,
        height: Option<u64>,
        call: CallRequest,
    ) -> Result<std::result::Result<Bytes, ExecutionError>> {
        let result = self.handle.call(place(height), simulated(&call)).await.map_err(node_error)?;
        Ok(match result.outcome {
            Outcome::Success(output) => Ok(output),
            Outcome::Failure(error) => Err(error),
        })
    }

    /// The gas a call takes, or why it fails with any.
    pub(crate) async fn estimate_gas(
        &self,
        height: Option<u64>,
        call: CallRequest,
    ) -> Result<std::result::Result<u64, ExecutionError>> {
        match self.handle.estimate_gas(place(height), simulated(&call)).await.map_err(node_error)? {
            Ok(gas) => Ok(Ok(gas)),
            Err(failed) => match failed.outcome {
                Outcome::Failure(error) => Ok(Err(error)),
                Outcome::Success(_) => Err(Error::internal("a call that fails with any gas succeeded")),
            },
        }
    }

    pub(crate) async fn rewind(&self, height: u64) -> Result<()> {
        self.handle.rewind(height).await.map_err(node_error)
    }

    pub(crate) fn anchors(&self) -> Result<Vec<AnchorRecord>> {
        let anchors = self.handle.anchors().map_err(node_error)?;
        Ok(anchors
            .into_iter()
            .filter_map(|anchor| {
                let metadata = anchor.metadata?;
                Some(AnchorRecord {
                    output_id: anchor.output.to_string(),
                    transaction_id: anchor.output.transaction_id.to_string(),
                    state_index: anchor.state_index,
                    height: metadata.height,
                    block_hash: metadata.block_hash,
                    milestone: anchor.milestone,
                    time_ms: anchor.time_ms,
                })
            })
            .collect())
    }
}

fn place(height: Option<u64>) -> At {
    height.map_or(At::Pending, At::Height)
}

fn simulated(call: &CallRequest) -> EthereumCall {
    EthereumCall {
        from: call.from.unwrap_or_default(),
        to: call.to,
        value: call.value.unwrap_or_default(),
        input: call.call_data(),
        gas: call.gas,
        gas_price: call.price(),
        ..EthereumCall::default()
    }
}
