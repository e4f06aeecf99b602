//! A tangle that stands alone, to be shared by several nodes.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use vespiary_state::{MemoryStore, Store};
use vespiary_supervision::{ChildSpec, RootHandle, SupervisorSpec, System, Tree};

use crate::NodeError;
use crate::environment::{Host, Randomness};
use crate::tangle::{LedgerActor, Records, TangleConfig, TangleHandle, TangleShared};

/// A tangle with a tree of its own.
#[derive(Clone)]
pub struct StandaloneTangle {
    handle: TangleHandle,
    tree: Tree,
    root: Arc<Mutex<Option<RootHandle>>>,
}

impl StandaloneTangle {
    /// Starts a tangle on a host.
    pub async fn start(config: TangleConfig, host: Host, seed: Option<u64>) -> Result<Self, NodeError> {
        let randomness = super::keys::randomness(&crate::environment::Disk::Memory, seed)?;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let (spec, handle) = child(&config, &host, &randomness, &store);
        let environment = host.environment(randomness.number("supervision"));
        let root = System::start(SupervisorSpec::one_for_one().child(spec), environment).await?;
        Ok(Self { handle, tree: root.tree().clone(), root: Arc::new(Mutex::new(Some(root))) })
    }

    /// The tangle.
    pub fn handle(&self) -> &TangleHandle {
        &self.handle
    }

    /// Its tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Ends it. Nodes that still use it hear that it is closed.
    pub async fn close(&self, timeout: Duration) {
        let root = self.root.lock().take();
        if let Some(root) = root {
            root.shutdown(timeout).await;
        }
    }
}

/// The tangle's actor, and the handle to it.
pub(crate) fn child(
    config: &TangleConfig,
    host: &Host,
    randomness: &Randomness,
    store: &Arc<dyn Store>,
) -> (ChildSpec, TangleHandle) {
    let shared = Arc::new(TangleShared::new(config));
    let randomness = randomness.child("tangle");
    let records = Records::new(Arc::clone(store));
    let (config, host_of_actor, shared_of_actor) = (config.clone(), host.clone(), Arc::clone(&shared));
    let (spec, address) = ChildSpec::fallible("tangle", move || {
        LedgerActor::open(&records, &config, &host_of_actor, &randomness, &shared_of_actor)
    });
    (spec.capacity(65_536), TangleHandle::new(address, shared, host.clone()))
}
