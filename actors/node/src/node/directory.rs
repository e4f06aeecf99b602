//! The directory: creates chains, opens those of an earlier run, and keeps their names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use vespiary_crypto::Ed25519KeyPair;
use vespiary_state::{Batch, ChainState, Direction, Extra, KeyRange, Store, StoreError, Table, sequential};
use vespiary_supervision::{Actor, Address, Context, Handler, Message, OnMeltdown, Reply, SupervisorHandle};
use vespiary_tangle::{create_chain_alias, minimum_anchor_deposit, minimum_payout};
use vespiary_types::{
    AgentId, AliasId, AnchorMetadata, Anchoring, B256, ChainConfig, ChainId, FeePolicy, Governor, OutputId, Wire,
    blake2b256, wei_to_tokens,
};

use crate::NodeError;
use crate::chain::{Chain, ChainHandle, ChainParts, FinalRecord, placement, records, subtree};
use crate::environment::{Durability, Host, Link, Randomness};
use crate::pools::Pools;
use crate::storage::StoreActor;
use crate::tangle::TangleHandle;

const CHAINS: &[u8] = b"chain/";

/// Tokens (of 10⁻⁶) that the node's own key takes from the faucet beyond what a chain needs, so that the next chains need not wait
/// for the faucet's milestone.
pub(crate) const RESERVE: u64 = 1_000_000_000_000;

/// The handles of a node's chains by name: data that outlives the directory's actor.
pub(crate) type Names = Arc<RwLock<BTreeMap<String, ChainHandle>>>;

/// What chains of a node have in common.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) host: Host,
    pub(crate) randomness: Randomness,
    pub(crate) tangle: TangleHandle,
    pub(crate) link: Link,
    pub(crate) durability: Durability,
    pub(crate) pools: Pools,
    pub(crate) syncer: Address<StoreActor>,
    pub(crate) chains: SupervisorHandle,
    pub(crate) feeds: SupervisorHandle,
    pub(crate) names: Names,
    /// Held while the node's own key spends.
    pub(crate) spending: Arc<tokio::sync::Mutex<()>>,
}

/// A chain as the store remembers it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    id: ChainId,
    config: ChainConfig,
}

impl Wire for Entry {
    const WHAT: &'static str = "a chain's entry in the directory";
}

/// The node's own key on the tangle: it creates chains, and is their owner and payout agent unless they say otherwise.
pub(crate) fn node_key(randomness: &Randomness) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed(&randomness.bytes("node"))
}

impl Home {
    fn key(&self) -> Ed25519KeyPair {
        node_key(&self.randomness)
    }

    /// The key of the chain's committee of one: it votes, and controls the alias.
    fn committee_key(&self, name: &str) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed(&self.randomness.child("chains").bytes(name))
    }

    /// Creates a chain from nothing: its alias on the tangle, its genesis, its entry, its actors.
    async fn create(self, mut config: ChainConfig) -> Result<ChainHandle, NodeError> {
        config.validate()?;
        self.check_unique(&config)?;
        let key = self.key();
        if config.owner == AgentId::Nil {
            config.owner = AgentId::L1(key.address());
        }
        let id = match config.anchoring {
            Anchoring::Anchored => self.create_alias(&config, &key).await?,
            Anchoring::Dev => self.dev_id(&config.name),
        };
        let chosen = config.evm_chain_id(&id);
        self.check_evm_chain_id(chosen)?;
        let latest = self.tangle.latest();
        let now_ns = self.host.clock().now_ns();
        let executed = vespiary_vm::genesis(&config, id, now_ns, latest.id);
        let state = ChainState::open(Arc::clone(&self.store), id)?;
        let commitment = state.commitment().apply(&executed.changes, &sequential);
        let (block, changes) = executed.seal(commitment.roots());
        let finality = FinalRecord {
            digest: B256::ZERO,
            epoch: 0,
            view: 0,
            payout: AgentId::Nil,
            anchor_plan: None,
            certificate: None,
        };
        let mut extra = Extra::new();
        extra.put(records::finality(0), finality.to_wire());
        state.commit(&block, &changes, commitment, extra)?;
        let mut batch = Batch::new();
        let entry = Entry { id, config: config.clone() };
        batch.put(Table::Node, [CHAINS, config.name.as_bytes()].concat(), entry.to_wire());
        self.store.commit(batch)?;
        if self.durability == Durability::PowerLoss {
            self.syncer.ask(crate::storage::Persist).await??;
        }
        self.start(entry, state).await
    }

    fn check_unique(&self, config: &ChainConfig) -> Result<(), NodeError> {
        if self.names.read().contains_key(&config.name) {
            return Err(NodeError::ChainExists(config.name.clone()));
        }
        config.evm_chain_id.map_or(Ok(()), |id| self.check_evm_chain_id(id))
    }

    fn check_evm_chain_id(&self, id: u64) -> Result<(), NodeError> {
        match self.names.read().values().find(|chain| chain.evm_chain_id() == id) {
            Some(chain) => Err(NodeError::EvmChainIdTaken { id, chain: chain.name().into() }),
            None => Ok(()),
        }
    }

    fn dev_id(&self, name: &str) -> ChainId {
        ChainId::new(blake2b256([b"vespiary/dev".as_slice(), &self.randomness.child("chains").bytes(name)].concat()))
    }

    /// Makes the alias that will anchor the chain, holding its own storage deposit and the genesis allocations.
    async fn create_alias(&self, config: &ChainConfig, key: &Ed25519KeyPair) -> Result<AliasId, NodeError> {
        let metadata =
            AnchorMetadata { height: 0, block_hash: B256::ZERO, fees: FeePolicy::default(), url: String::new() };
        let deposit = minimum_anchor_deposit(metadata.to_bytes().len());
        let too_much = || NodeError::Refused("the allocations are more tokens than there can be".into());
        let allocated = config
            .funded
            .values()
            .try_fold(0_u64, |sum, wei| sum.checked_add(wei_to_tokens(*wei)?.0))
            .ok_or_else(too_much)?;
        let tokens = deposit.checked_add(allocated).ok_or_else(too_much)?;
        let (creator, group) = (key.address(), self.committee_key(&config.name).address());
        let governor = match config.governor {
            Governor::Sovereign => group,
            Governor::Owner(address) => address,
        };
        // Two chains must not be paid from one output.
        let _spending = self.spending.lock().await;
        let with_remainder = tokens.checked_add(minimum_payout()).ok_or_else(too_much)?;
        if self.tangle.balance(creator).await? < with_remainder {
            self.tangle.faucet(creator, with_remainder.saturating_add(RESERVE)).await?;
        }
        let network = self.tangle.network().await?;
        let funds = self.tangle.unspent(creator).await?;
        let unsigned = create_chain_alias(&network, creator, funds, group, governor, tokens, Vec::new())?;
        let transaction_id = self.tangle.confirm(unsigned, key).await?;
        Ok(OutputId { transaction_id, index: 0 }.alias_id())
    }

    /// Puts a chain's actors into the tree.
    async fn start(&self, entry: Entry, state: ChainState) -> Result<ChainHandle, NodeError> {
        let name = entry.config.name.clone();
        let chain = Chain::new(ChainParts {
            id: entry.id,
            key: self.committee_key(&name),
            payout: AgentId::L1(self.key().address()),
            config: entry.config,
            state,
            host: self.host.clone(),
            tangle: self.tangle.clone(),
            link: self.link.clone(),
            durability: self.durability,
            pools: self.pools.clone(),
        })?;
        let place = placement(&chain);
        let parts = subtree(chain, &self.syncer);
        self.feeds.start_child(parts.feed).await?;
        let (spec, _) = parts.chain.into_child(name.clone());
        self.chains.start_child(spec.placement(place).on_meltdown(OnMeltdown::Quarantine)).await?;
        self.names.write().insert(name, parts.handle.clone());
        Ok(parts.handle)
    }

    /// Opens every chain that the store remembers and that is not open yet.
    async fn open_all(self) -> Result<(), NodeError> {
        let rows = self.store.collect(Table::Node, &KeyRange::prefix(CHAINS), Direction::Forward, usize::MAX)?;
        for (_, bytes) in rows {
            let entry = Entry::from_wire(&bytes).map_err(|error| StoreError::Damaged {
                what: "the directory of chains".into(),
                reason: error.to_string(),
            })?;
            if self.names.read().contains_key(&entry.config.name) {
                continue;
            }
            let state = ChainState::open(Arc::clone(&self.store), entry.id)?;
            self.start(entry, state).await?;
        }
        Ok(())
    }
}

/// Create a chain.
pub(crate) struct Create(pub(crate) ChainConfig);

impl Message for Create {
    type Result = Result<ChainHandle, NodeError>;
}

/// Open the chains of an earlier run.
pub(crate) struct OpenAll;

impl Message for OpenAll {
    type Result = Result<(), NodeError>;
}

pub(crate) struct Directory {
    home: Home,
    /// Names of chains that are being created.
    creating: BTreeSet<String>,
}

impl Directory {
    pub(crate) fn new(home: &Home) -> Self {
        Self { home: home.clone(), creating: BTreeSet::new() }
    }
}

impl Actor for Directory {
    const KIND: &'static str = "directory";
}

impl Handler<Create> for Directory {
    fn handle(&mut self, Create(config): Create, context: &mut Context<Self>) -> Reply<Result<ChainHandle, NodeError>> {
        let name = config.name.clone();
        if !self.creating.insert(name.clone()) {
            return Reply::now(Err(NodeError::ChainExists(name)));
        }
        let (handle, reply) = Reply::deferred();
        context.spawn_then(self.home.clone().create(config), move |directory, created, _| {
            directory.creating.remove(&name);
            handle.send(created);
        });
        reply
    }
}

impl Handler<OpenAll> for Directory {
    fn handle(&mut self, _: OpenAll, _: &mut Context<Self>) -> Reply<Result<(), NodeError>> {
        Reply::held(self.home.clone().open_all())
    }
}

/// How long the node waits for its chains' last words before it ends them.
pub(crate) const CLOSING: Duration = Duration::from_secs(10);
