//! A running node.

use std::collections::BTreeMap;
use std::mem::forget;
use std::process;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;

use crate::chain::WeakChain;
use crate::engine::{ChainEngine, NodeEngine};
use crate::tables::{Selection, Table, TableKind};
use crate::{Chain, ChainOptions, Error, NodeOptions, Result, Tangle, Tree};

/// The threads that all nodes of a process share start with its first node, and a fork leaves them behind: a child of a process that
/// had a node can have none.
pub(crate) fn check_first_process() -> Result<()> {
    static FIRST: OnceLock<u32> = OnceLock::new();
    let (opened, current) = (*FIRST.get_or_init(process::id), process::id());
    if opened == current { Ok(()) } else { Err(Error::Forked { opened, current }) }
}

/// A running node. Cheap to clone.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

struct Inner {
    /// Taken out by the drop alone.
    engine: Option<NodeEngine>,
    name: String,
    seed: Option<u64>,
    pid: u32,
    /// One handle a chain while anybody has it, so that its block cache and nonce lanes are shared by everybody.
    chains: Mutex<BTreeMap<String, WeakChain>>,
}

impl Node {
    /// Starts a node; without a tangle it makes its own.
    pub async fn open(options: NodeOptions, tangle: Option<Tangle>) -> Result<Self> {
        check_first_process()?;
        let name = options.name.clone().unwrap_or_else(|| "node".into());
        let seed = options.seed;
        let engine = NodeEngine::start(options, tangle.map(|tangle| tangle.engine().clone())).await?;
        Ok(Self(Arc::new(Inner { engine: Some(engine), name, seed, pid: process::id(), chains: Mutex::default() })))
    }

    /// The version of this software.
    pub const fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The seed it was opened with.
    pub fn seed(&self) -> Option<u64> {
        self.0.seed
    }

    /// True once it was closed.
    pub fn is_closed(&self) -> bool {
        self.check_process().is_err() || self.0.engine().is_closed()
    }

    /// Shuts the tree down in order, waits for it at most `timeout`, then abandons it. A second call does nothing.
    pub async fn close(&self, timeout: Duration) -> Result<()> {
        self.check_process()?;
        self.0.engine().close(timeout).await
    }

    /// Makes a chain.
    pub async fn create_chain(&self, options: ChainOptions) -> Result<Chain> {
        self.check()?;
        let config = options.config()?;
        let engine = self.0.engine().create_chain(config).await?;
        Ok(self.handle(engine))
    }

    /// The chain of this name, made if there is none. One with another configuration is an error that shows the difference.
    pub async fn get_or_create_chain(&self, options: ChainOptions) -> Result<Chain> {
        self.check()?;
        let config = options.config()?;
        let engine = self.0.engine().get_or_create_chain(config).await?;
        Ok(self.handle(engine))
    }

    /// The chain of this name.
    pub async fn chain(&self, name: String) -> Result<Chain> {
        self.check()?;
        let engine = self.0.engine().chain(name).await?;
        Ok(self.handle(engine))
    }

    /// All chains, by name.
    pub async fn chains(&self) -> Result<Vec<Chain>> {
        self.check()?;
        let mut chains: Vec<Chain> =
            self.0.engine().chains().await?.into_iter().map(|engine| self.handle(engine)).collect();
        chains.sort_by(|left, right| left.name().cmp(right.name()));
        Ok(chains)
    }

    fn handle(&self, engine: ChainEngine) -> Chain {
        let mut chains = self.0.chains.lock();
        let name = engine.config().name.clone();
        if let Some(chain) = chains.get(&name).and_then(WeakChain::upgrade) {
            return chain;
        }
        let chain = Chain::new(self.clone(), engine);
        chains.insert(name, chain.downgrade());
        chain
    }

    /// The supervision tree.
    pub fn tree(&self) -> Tree {
        Tree::new(self.clone())
    }

    /// The tangle the node is on.
    pub fn tangle(&self) -> Tangle {
        Tangle::of(self.0.engine().tangle())
    }

    /// Unix milliseconds on the node's clock.
    pub async fn now_ms(&self) -> Result<u64> {
        self.0.engine().clock().now_ms().await
    }

    /// True on virtual time.
    pub fn is_virtual(&self) -> bool {
        self.0.engine().clock().is_virtual()
    }

    /// Lets virtual time run; `ERR_REFUSED` on real time.
    pub async fn run_for(&self, span: Duration) -> Result<()> {
        self.check()?;
        self.0.engine().clock().run_for(span).await
    }

    /// A table over all chains of the node.
    pub async fn table(&self, kind: TableKind, selection: Selection) -> Result<Table> {
        self.check()?;
        crate::tables::of_node(self, kind, selection).await
    }

    /// `ERR_FORKED` in a forked child, whose copy of the node has no threads.
    pub fn check_process(&self) -> Result<()> {
        let (opened, current) = (self.0.pid, process::id());
        if opened == current { Ok(()) } else { Err(Error::Forked { opened, current }) }
    }

    /// Fails in a forked child and after the end.
    pub(crate) fn check(&self) -> Result<()> {
        self.check_process()?;
        if self.0.engine().is_closed() { Err(Error::NodeClosed { name: self.0.name.clone() }) } else { Ok(()) }
    }

    pub(crate) fn engine(&self) -> &NodeEngine {
        self.0.engine()
    }
}

impl Inner {
    fn engine(&self) -> &NodeEngine {
        self.engine.as_ref().expect("only the drop takes it out")
    }
}

impl Drop for Inner {
    /// In a forked child the threads behind the engine do not exist, so nothing may be told or joined there: it is left alone.
    fn drop(&mut self) {
        let engine = self.engine.take();
        if self.pid == process::id() { drop(engine) } else { forget(engine) }
    }
}
