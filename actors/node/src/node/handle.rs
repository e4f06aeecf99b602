//! A node from outside.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use vespiary_state::{MemoryStore, Store};
use vespiary_store::{FjallOptions, FjallStore};
use vespiary_supervision::{Address, ChildSpec, RootHandle, SupervisorSpec, System, Tree};
use vespiary_types::ChainConfig;

use super::directory::{self, Names};
use super::{Create, Directory, Home, NodeConfig, OpenAll};
use crate::NodeError;
use crate::chain::ChainHandle;
use crate::environment::{Disk, Durability, Host, Link};
use crate::pools::Pools;
use crate::storage::{Door, StoreActor};
use crate::tangle::TangleHandle;

/// A node. Clones are the same node; the last one dropped ends it in the background.
#[derive(Clone)]
pub struct NodeHandle {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    host: Host,
    tree: Tree,
    tangle: TangleHandle,
    link: Link,
    directory: Address<Directory>,
    names: Names,
    door: Arc<Door>,
    root: Mutex<Option<RootHandle>>,
}

impl NodeHandle {
    /// Starts a node and opens the chains of its data directory.
    pub async fn start(config: NodeConfig) -> Result<Self, NodeError> {
        let host = match &config.tangle {
            Some(tangle) => tangle.host().clone(),
            None => Host::of(config.clock)?,
        };
        let starting = host.clone();
        host.drive(async move { Self::start_on(starting, config).await }).await?
    }

    async fn start_on(host: Host, config: NodeConfig) -> Result<Self, NodeError> {
        if host.is_virtual()
            && let Disk::Directory(path) = &config.disk
        {
            return Err(NodeError::Refused(format!(
                "virtual time keeps everything in memory: leave the data directory {} out",
                path.display()
            )));
        }
        super::keys::check(&config.disk, config.seed)?;
        let store: Arc<dyn Store> = match &config.disk {
            Disk::Memory => Arc::new(MemoryStore::default()),
            Disk::Directory(path) => {
                let path = path.clone();
                let opening = host
                    .pool()
                    .call(crate::environment::Lane::Sync, move |_| FjallStore::open(path, FjallOptions::default()));
                Arc::new(opening.await.map_err(|_| NodeError::Internal("opening the store panicked".into()))??)
            }
        };
        // The database's lock is held from here on, so nobody else writes the keys beside it.
        let seed = config.seed.or(host.is_virtual().then_some(0));
        let randomness = super::keys::randomness(&config.disk, seed)?;
        let door = Arc::new(Door::new(store));
        let store: Arc<dyn Store> = door.clone();
        let durability = if config.disk == Disk::Memory { Durability::Process } else { config.durability };

        let (store_of_actor, pool) = (Arc::clone(&store), Arc::clone(host.pool()));
        let (syncer_spec, syncer) = ChildSpec::new("store", move || StoreActor::new(&store_of_actor, &pool));
        // A chain that gave up gets one fresh try; one that gives up again soon is quarantined.
        let (chains_spec, chains) =
            SupervisorSpec::one_for_one().intensity(1, Duration::from_mins(1)).into_child("chains");
        let (feeds_spec, feeds) = SupervisorSpec::one_for_one().into_child("feeds");
        let mut root = SupervisorSpec::one_for_one().intensity(100, Duration::from_secs(10)).supervisor(
            "storage",
            SupervisorSpec::rest_for_one().intensity(100, Duration::from_secs(10)).child(syncer_spec),
        );
        let (pools_spec, pools) = Pools::new(host.pool());
        root = root.supervisor("pools", pools_spec);
        let tangle = if let Some(tangle) = config.tangle {
            tangle
        } else {
            // The node's own key needs no faucet on a tangle of its own: the first chain waits for one milestone less.
            let mut tangle_config = config.tangle_config;
            tangle_config.endowed.push((directory::node_key(&randomness).address(), directory::RESERVE));
            let (spec, handle) = super::tangle::child(&tangle_config, &host, &randomness, &store);
            root = root.child(spec);
            handle
        };
        let (names, link) = (Names::default(), Link::default());
        let home = Home {
            store,
            host: host.clone(),
            randomness: randomness.clone(),
            tangle: tangle.clone(),
            link: link.clone(),
            durability,
            pools,
            syncer,
            chains,
            feeds,
            names: Arc::clone(&names),
            spending: Arc::default(),
        };
        let (directory_spec, directory) = ChildSpec::new("directory", move || Directory::new(&home));
        let root = root.child(feeds_spec).child(chains_spec).child(directory_spec);
        let root = System::start(root, host.environment(randomness.number("supervision"))).await?;
        let tree = root.tree().clone();
        let root = Mutex::new(Some(root));
        let inner = Inner { name: config.name, host, tree, tangle, link, directory, names, door, root };
        let node = Self { inner: Arc::new(inner) };
        if let Err(error) = node.inner.directory.ask(OpenAll).await.map_err(NodeError::from).and_then(|opened| opened) {
            node.close_on(super::directory::CLOSING).await;
            return Err(error);
        }
        Ok(node)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The time it runs on.
    pub fn host(&self) -> &Host {
        &self.inner.host
    }

    /// Its supervision tree.
    pub fn tree(&self) -> &Tree {
        &self.inner.tree
    }

    /// The tangle its chains are anchored on.
    pub fn tangle(&self) -> &TangleHandle {
        &self.inner.tangle
    }

    /// The way to the tangle: it can be slowed and cut.
    pub fn link(&self) -> &Link {
        &self.inner.link
    }

    /// Creates a chain.
    pub async fn create_chain(&self, config: ChainConfig) -> Result<ChainHandle, NodeError> {
        self.check_open()?;
        self.inner.directory.ask(Create(config)).await?
    }

    /// The chain of this name, created if there is none. One that exists must have this configuration.
    pub async fn get_or_create_chain(&self, config: ChainConfig) -> Result<ChainHandle, NodeError> {
        self.check_open()?;
        let found = self.inner.names.read().get(&config.name).cloned();
        let chain = match found {
            Some(chain) => chain,
            None => match self.create_chain(config.clone()).await {
                // Somebody else created it in between, or is about to.
                Err(NodeError::ChainExists(name)) => self.chain(&name).await?,
                created => return created,
            },
        };
        match difference(chain.config(), &config) {
            None => Ok(chain),
            Some(difference) => Err(NodeError::ConfigDiffers { name: config.name, difference }),
        }
    }

    /// The chain of this name.
    #[expect(clippy::unused_async, reason = "a node elsewhere will have to be asked")]
    pub async fn chain(&self, name: &str) -> Result<ChainHandle, NodeError> {
        self.check_open()?;
        let names = self.inner.names.read();
        names.get(name).cloned().ok_or_else(|| {
            let near = names.keys().filter(|known| is_near(known, name)).cloned().collect();
            NodeError::UnknownChain { name: name.into(), near }
        })
    }

    /// Its chains by name.
    #[expect(clippy::unused_async, reason = "a node elsewhere will have to be asked")]
    pub async fn chains(&self) -> Result<Vec<ChainHandle>, NodeError> {
        self.check_open()?;
        Ok(self.inner.names.read().values().cloned().collect())
    }

    /// True once [`Self::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.inner.root.lock().is_none()
    }

    fn check_open(&self) -> Result<(), NodeError> {
        if self.is_closed() { Err(NodeError::Closed) } else { Ok(()) }
    }

    /// Shuts the tree down in order and lets the data directory go; what does not end within `timeout` is abandoned. A second
    /// call does nothing.
    pub async fn close(&self, timeout: Duration) -> Result<(), NodeError> {
        let node = self.clone();
        self.inner.host.drive(async move { node.close_on(timeout).await }).await
    }

    async fn close_on(&self, timeout: Duration) {
        let root = self.inner.root.lock().take();
        if let Some(root) = root {
            for chain in self.inner.names.read().values() {
                chain.begin_closing();
            }
            let report = root.shutdown(timeout).await;
            if !report.left.is_empty() {
                tracing::warn!(node = %self.inner.name, left = ?report.left, "the node closed without waiting for these actors");
            }
            for chain in self.inner.names.read().values() {
                chain.end();
            }
            self.inner.door.close();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Dropping the root shuts the tree down in the background; the store stays until its last actor is gone.
        if let Some(root) = self.root.lock().take() {
            for chain in self.names.read().values() {
                chain.begin_closing();
                chain.end();
            }
            drop(root);
        }
    }
}

/// What differs between a chain's configuration and the one asked for, field by field. Fields that the node fills in when they
/// are left out may be left out again.
fn difference(stored: &ChainConfig, asked: &ChainConfig) -> Option<String> {
    let mut asked = asked.clone();
    if asked.owner == vespiary_types::AgentId::Nil {
        asked.owner = stored.owner;
    }
    let fields = |config: &ChainConfig| match serde_json::to_value(config) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (stored, asked) = (fields(stored), fields(&asked));
    let differences: Vec<String> = stored
        .iter()
        .filter_map(|(field, has)| {
            let wants = asked.get(field)?;
            (has != wants).then(|| format!("{field} is {has}, asked for {wants}"))
        })
        .collect();
    (!differences.is_empty()).then(|| differences.join("; "))
}

/// Names a person may have meant: the same but for case, or one letter more, less or other.
fn is_near(known: &str, name: &str) -> bool {
    let (known, name) = (known.to_lowercase(), name.to_lowercase());
    if known == name || known.starts_with(&name) || name.starts_with(&known) {
        return true;
    }
    let common_start = known.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    let common_end = known.chars().rev().zip(name.chars().rev()).take_while(|(a, b)| a == b).count();
    let longest = known.chars().count().max(name.chars().count());
    common_start + common_end + 1 >= longest
}

impl std::fmt::Debug for NodeHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeHandle")
            .field("name", &self.inner.name)
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
