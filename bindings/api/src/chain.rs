//! A chain: reads at a height or level, and the way to everything else about it.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, U256};
use parking_lot::Mutex;
use serde_json::Value;
use vespiary_state::{Account, StateView};
use vespiary_types::{Block, ChainId, Level, RequestId};

use crate::contract::{Interface, decode_revert};
use crate::engine::{ChainEngine, Included};
use crate::send::Lanes;
use crate::stream::{BlockStream, Cursor, LogFilter, LogStream};
use crate::tables::{Selection, Table, TableKind};
use crate::{At, CallRequest, ChainOptions, Code, Error, Heads, Node, Provider, Receipt, Result, Revert, Sent, Wallet};

/// How many decoded blocks a chain keeps at hand.
const CACHED: usize = 64;

/// A chain of a node. Cheap to clone; it holds its node.
#[derive(Clone)]
pub struct Chain(Arc<Inner>);

pub(crate) struct WeakChain(Weak<Inner>);

impl WeakChain {
    pub(crate) fn upgrade(&self) -> Option<Chain> {
        self.0.upgrade().map(Chain)
    }
}

struct Inner {
    node: Node,
    engine: ChainEngine,
    /// The last blocks that somebody looked at, the oldest first.
    blocks: Mutex<VecDeque<Arc<Block>>>,
    /// Who gives nonces.
    lanes: Lanes,
}

impl Chain {
    pub(crate) fn new(node: Node, engine: ChainEngine) -> Self {
        Self(Arc::new(Inner { node, engine, blocks: Mutex::default(), lanes: Lanes::default() }))
    }

    pub(crate) fn downgrade(&self) -> WeakChain {
        WeakChain(Arc::downgrade(&self.0))
    }

    pub(crate) fn engine(&self) -> &ChainEngine {
        &self.0.engine
    }

    pub(crate) fn lanes(&self) -> &Lanes {
        &self.0.lanes
    }

    /// The node it runs on.
    pub fn node(&self) -> &Node {
        &self.0.node
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.engine.config().name
    }

    /// Its id: that of the alias which anchors it.
    pub fn id(&self) -> ChainId {
        self.0.engine.id()
    }

    /// What wallets know it by.
    pub fn evm_chain_id(&self) -> u64 {
        self.0.engine.evm_chain_id()
    }

    /// Its configuration in [`ChainOptions`]' shape, with its ids.
    pub fn config(&self) -> Value {
        ChainOptions::describe(self.0.engine.config(), &self.id())
    }

    /// Wei for a gas unit.
    pub fn gas_price(&self) -> U256 {
        self.0.engine.price()
    }

    /// Most gas of one request.
    pub fn gas_limit(&self) -> u64 {
        self.0.engine.config().gas_limits.request
    }

    /// How far it is.
    pub fn heads(&self) -> Heads {
        self.0.engine.heads()
    }

    /// The heads once they differ from `seen`.
    pub async fn next_heads(&self, seen: Heads) -> Result<Heads> {
        self.node().check()?;
        let mut watch = self.0.engine.watch();
        loop {
            let heads = watch.read();
            if heads != seen {
                return Ok(heads);
            }
            if !watch.changed().await {
                return Err(self.closed());
            }
        }
    }

    pub(crate) fn closed(&self) -> Error {
        Error::NodeClosed { name: self.node().name().into() }
    }

    /// The height that `at` means; `ERR_UNKNOWN_BLOCK` if the chain is not there yet.
    pub fn height(&self, at: At) -> Result<u64> {
        let heads = self.heads();
        let unknown = |what: String| {
            Error::new(
                Code::UnknownBlock,
                format!("chain `{}` has no {what}; its final head is {}", self.name(), heads.final_),
                serde_json::json!({ "final": heads.final_, "anchored": heads.anchored }),
            )
        };
        match at {
            At::Height(height) if height <= heads.final_ => Ok(height),
            At::Height(height) => Err(unknown(format!("block {height}"))),
            At::Level(Level::Anchored) => heads.anchored.ok_or_else(|| unknown("anchored block yet".into())),
            At::Level(_) => Ok(heads.final_),
            At::Hash(hash) => self.0.engine.height_of(hash)?.ok_or_else(|| unknown(format!("block {hash}"))),
        }
    }

    /// The state that `at` means.
    pub(crate) fn view(&self, at: At) -> Result<Arc<dyn StateView>> {
        self.node().check()?;
        match at {
            At::Level(Level::Pending | Level::Executed | Level::Final) => Ok(self.0.engine.latest()),
            other => self.0.engine.at(self.height(other)?),
        }
    }

    fn account(&self, address: Address, at: At) -> Result<Account> {
        Ok(self.view(at)?.account(&address).map_err(crate::engine::store_error)?.unwrap_or_default())
    }

    /// The balance of an address in wei.
    pub async fn balance(&self, address: Address, at: At) -> Result<U256> {
        Ok(self.account(address, at)?.balance)
    }

    /// The next nonce of an address; at `pending` it counts what waits in the mempool.
    pub async fn nonce(&self, address: Address, at: At) -> Result<u64> {
        if at == At::Level(Level::Pending) {
            self.node().check()?;
            let engine = self.0.engine.clone();
            return self.node().engine().clock().drive(async move { engine.next_nonce(address).await }).await;
        }
        Ok(self.account(address, at)?.nonce)
    }

    /// The code of a contract; empty for anybody else.
    pub async fn code(&self, address: Address, at: At) -> Result<Bytes> {
        let view = self.view(at)?;
        let Some(account) = view.account(&address).map_err(crate::engine::store_error)? else {
            return Ok(Bytes::new());
        };
        Ok(view.code(&account.code_hash).map_err(crate::engine::store_error)?.unwrap_or_default())
    }

    /// A storage slot of a contract.
    pub async fn storage(&self, address: Address, slot: B256, at: At) -> Result<B256> {
        self.view(at)?.storage(&address, &slot).map_err(crate::engine::store_error)
    }

    /// Runs a call without a trace and gives what it returns; `ERR_REVERTED` if it fails.
    pub async fn call(&self, call: CallRequest, at: At) -> Result<Bytes> {
        self.call_with(call, at, None).await
    }

    /// As [`Self::call`], with custom errors decoded by an interface.
    pub async fn call_with(&self, call: CallRequest, at: At, interface: Option<Interface>) -> Result<Bytes> {
        let height = self.call_height(at)?;
        let engine = self.0.engine.clone();
        let output = self.node().engine().clock().drive(async move { engine.call(height, call).await }).await?;
        output.map_err(|error| Error::Reverted(Box::new(decode_revert(&error, interface.as_ref()))))
    }

    /// The least gas with which a call succeeds; `ERR_REVERTED` if none does.
    pub async fn estimate_gas(&self, call: CallRequest, at: At) -> Result<u64> {
        let height = self.call_height(at)?;
        let engine = self.0.engine.clone();
        let gas = self.node().engine().clock().drive(async move { engine.estimate_gas(height, call).await }).await?;
        gas.map_err(|error| Error::Reverted(Box::new(decode_revert(&error, None))))
    }

    /// None stands for the newest state there is.
    fn call_height(&self, at: At) -> Result<Option<u64>> {
        self.node().check()?;
        match at {
            At::Level(Level::Pending | Level::Executed | Level::Final) => Ok(None),
            other => self.height(other).map(Some),
        }
    }

    /// A block, decoded once and shared; none if the chain has no such block.
    pub async fn block(&self, at: At) -> Result<Option<Arc<Block>>> {
        self.node().check()?;
        match self.height(at) {
            Ok(height) => self.block_at(height),
            Err(error) if error.code() == Code::UnknownBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The block at a height, from the cache or the store.
    pub(crate) fn block_at(&self, height: u64) -> Result<Option<Arc<Block>>> {
        if let Some(block) = self.0.blocks.lock().iter().rev().find(|block| block.header.number == height) {
            return Ok(Some(block.clone()));
        }
        let Some(block) = self.0.engine.block(height)? else { return Ok(None) };
        let mut blocks = self.0.blocks.lock();
        if blocks.len() >= CACHED {
            blocks.pop_front();
        }
        blocks.push_back(block.clone());
        Ok(Some(block))
    }

    /// The header at a height.
    pub(crate) fn header_at(&self, height: u64) -> Result<Option<vespiary_types::Header>> {
        if let Some(block) = self.0.blocks.lock().iter().rev().find(|block| block.header.number == height) {
            return Ok(Some(block.header.clone()));
        }
        self.0.engine.header(height)
    }

    /// The receipt of a transaction; none while it is in no final block.
    pub async fn receipt(&self, hash: B256) -> Result<Option<Receipt>> {
        self.node().check()?;
        let Some((height, index)) = self.0.engine.locate(hash)? else { return Ok(None) };
        let level = if self.heads().anchored.is_some_and(|anchored| height <= anchored) {
            Level::Anchored
        } else {
            Level::Final
        };
        Ok(self.block_at(height)?.and_then(|block| Receipt::new(block, index, level)))
    }

    /// The receipt of an Ethereum transaction once it has come to `level`; without a timeout it waits for as long as it takes.
    pub async fn wait_for(&self, hash: B256, level: Level, timeout: Option<Duration>) -> Result<Receipt> {
        self.node().check()?;
        let engine = self.0.engine.clone();
        let id = match self.receipt(hash).await? {
            Some(receipt) if receipt.level() >= level => return Ok(receipt),
            Some(receipt) => receipt.inner().request,
            None => RequestId::Ethereum(hash),
        };
        let wait = async move {
            let included = engine.await_level(id, level.max(Level::Executed)).await?;
            Ok(Self::receipt_of(&included))
        };
        let limited = match timeout {
            None => self.node().engine().clock().drive(wait).await.map(Some)?,
            Some(limit) => self.node().engine().clock().within(limit, wait).await?,
        };
        limited.flatten().ok_or_else(|| Error::Timeout {
            what: format!("transaction {hash} becoming {level}"),
            limit: timeout.unwrap_or_default(),
        })
    }

    /// The receipt at the place where a request was included.
    pub(crate) fn receipt_of(included: &Included) -> Option<Receipt> {
        let (block, index) = included.place.as_ref().filter(|_| included.level >= Level::Final)?;
        Receipt::new(block.clone(), *index, included.level)
    }

    /// Blocks from a height on, from the store into live without a gap; from the next one if no height is given.
    pub fn blocks(&self, from: Option<u64>, level: Level) -> BlockStream {
        BlockStream::new(self.clone(), from, level)
    }

    /// Logs that a filter lets through, from a cursor on.
    pub fn logs(&self, filter: LogFilter, from: Option<Cursor>, level: Level) -> LogStream {
        LogStream::new(self.clone(), filter, from, level)
    }

    /// One of the chain's tables.
    pub async fn table(&self, kind: TableKind, selection: Selection) -> Result<Table> {
        self.node().check()?;
        crate::tables::of_chain(self, kind, selection).await
    }

    /// One event of a contract as a table: the log's place and a column an argument.
    pub async fn event_table(
        &self,
        interface: Interface,
        event: String,
        address: Option<Address>,
        selection: Selection,
    ) -> Result<Table> {
        self.node().check()?;
        crate::tables::of_event(self, &interface, &event, address, selection).await
    }

    /// Takes a `dev` chain back to a height; `ERR_REFUSED` on any other.
    pub async fn rewind(&self, height: u64) -> Result<()> {
        self.node().check()?;
        let engine = self.0.engine.clone();
        self.node().engine().clock().drive(async move { engine.rewind(height).await }).await?;
        self.0.blocks.lock().clear();
        self.0.lanes.clear();
        Ok(())
    }

    /// An Ethereum JSON-RPC provider over this chain that signs with these accounts.
    pub fn provider(&self, accounts: Vec<Wallet>) -> Provider {
        Provider::new(self.clone(), accounts)
    }

    /// What a row of a send became, with its receipt if it is in a block.
    pub(crate) fn sent(hash: B256, included: Result<Included>) -> Result<Sent> {
        let receipt = Self::receipt_of(&included?);
        Ok(Sent { hash, receipt })
    }

    /// The reason of a failed transaction, with custom errors decoded by an interface.
    pub fn revert_of(receipt: &Receipt, interface: &Interface) -> Option<Revert> {
        let vespiary_types::Outcome::Failure(error) = &receipt.inner().outcome else { return None };
        let mut revert = decode_revert(error, Some(interface));
        revert.transaction_hash = Some(receipt.hash());
        revert.height = Some(receipt.height());
        Some(revert)
    }
}
