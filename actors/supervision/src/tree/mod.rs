//! The tree as data: who lives in it, how they fare, what happened, and faults by path.
//!
//! ```text
//! path.rs  ── names ──▶ mod.rs  the map of paths; a lock on structure, never on work
//! glob.rs  ── selects ─▶   │
//!                          ├──▶ snapshot.rs  figures of every actor, read from atomics
//!                          ├──▶ events.rs    what happened, to bounded subscribers
//!                          └──▶ faults.rs    crash, stop, hang, drop, delay
//! ```

mod events;
mod faults;
mod glob;
mod path;
mod snapshot;

use std::{
    any::Any,
    collections::BTreeMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::{Mutex, RwLock};
use tokio::{sync::Notify, time::Instant};

pub use events::{EventKind, EventStream, Observed, TreeEvent};
pub use faults::Fault;
pub use glob::Glob;
pub use path::Path;
pub use snapshot::{ActorInfo, State};

use crate::{
    actor::Actor,
    address::Address,
    cell::Vitals,
    supervisor::{Supervisor, SupervisorHandle},
};

/// A handle on a tree, cheap to clone and good from any thread. It keeps nobody alive.
#[derive(Clone)]
pub struct Tree(Arc<Inner>);

struct Inner {
    epoch: Instant,
    actors: RwLock<BTreeMap<Path, Entry>>,
    subscribers: Mutex<Vec<Weak<events::Subscriber>>>,
    living: AtomicUsize,
    emptied: Notify,
}

struct Entry {
    vitals: Arc<Vitals>,
    /// An `Address<A>`.
    address: Box<dyn Any + Send + Sync>,
}

impl Tree {
    pub(crate) fn new(epoch: Instant) -> Self {
        Self(Arc::new(Inner {
            epoch,
            actors: RwLock::default(),
            subscribers: Mutex::default(),
            living: AtomicUsize::new(0),
            emptied: Notify::new(),
        }))
    }

    /// Time since the epoch on the tokio clock of the calling thread.
    #[expect(clippy::disallowed_methods, reason = "the tree tells times on the tokio clock it runs on, paused or not")]
    pub fn now(&self) -> Duration {
        Instant::now().saturating_duration_since(self.0.epoch)
    }

    /// Every actor, in the order of paths.
    pub fn snapshot(&self) -> Vec<ActorInfo> {
        self.0.actors.read().iter().map(|(path, entry)| ActorInfo::read(path, &entry.vitals)).collect()
    }

    /// The actor at a path.
    pub fn get(&self, path: &str) -> Option<ActorInfo> {
        let actors = self.0.actors.read();
        actors.get_key_value(path).map(|(path, entry)| ActorInfo::read(path, &entry.vitals))
    }

    /// The actors whose paths match a glob, such as `/chains/*/executor` or `/nodes/**`.
    pub fn select(&self, glob: &str) -> Vec<ActorInfo> {
        let glob = Glob::new(glob);
        let actors = self.0.actors.read();
        actors
            .iter()
            .filter(|(path, _)| glob.matches(path))
            .map(|(path, entry)| ActorInfo::read(path, &entry.vitals))
            .collect()
    }

    /// The address of the actor at a path, if it is an `A`.
    pub fn address<A: Actor>(&self, path: &str) -> Option<Address<A>> {
        self.0.actors.read().get(path)?.address.downcast_ref::<Address<A>>().cloned()
    }

    /// The supervisor at a path.
    pub fn supervisor(&self, path: &str) -> Option<SupervisorHandle> {
        self.address::<Supervisor>(path).map(SupervisorHandle::new)
    }

    /// What happens from now on. A reader that falls `capacity` events behind loses the oldest and is told how many.
    pub fn events(&self, capacity: usize) -> EventStream {
        let (subscriber, stream) = events::subscribe(capacity);
        self.0.subscribers.lock().push(subscriber);
        stream
    }

    pub(crate) fn emit(&self, path: &Path, kind: EventKind) {
        match &kind {
            EventKind::Exited { reason, .. } if reason.is_abnormal() => tracing::warn!(%path, %reason, "actor exited"),
            EventKind::Escalated { .. } | EventKind::Quarantined { .. } | EventKind::Stuck { .. } => {
                tracing::error!(%path, event = ?kind, "supervision");
            }
            _ => tracing::debug!(%path, event = ?kind, "supervision"),
        }
        let mut subscribers = self.0.subscribers.lock();
        if subscribers.is_empty() {
            return;
        }
        let event = TreeEvent { at: self.now(), path: path.clone(), kind };
        subscribers.retain(|subscriber| match subscriber.upgrade() {
            Some(subscriber) => {
                subscriber.push(event.clone());
                true
            }
            None => false,
        });
    }

    pub(crate) fn insert<A: Actor>(&self, path: &Path, address: &Address<A>) {
        let vitals = address.vitals().clone();
        vitals.place(path.clone());
        self.0.living.fetch_add(1, Ordering::AcqRel);
        self.0.actors.write().insert(path.clone(), Entry { vitals, address: Box::new(address.clone()) });
    }

    pub(crate) fn remove(&self, path: &Path, vitals: &Arc<Vitals>) {
        let mut actors = self.0.actors.write();
        // Another child may have taken the name by now.
        let removed = if actors.get(path).is_some_and(|entry| Arc::ptr_eq(&entry.vitals, vitals)) {
            actors.remove(path)
        } else {
            None
        };
        drop(actors);
        drop(removed);
        if self.0.living.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.emptied.notify_one();
        }
    }

    /// Waits until every cell of the tree is gone.
    pub(crate) async fn emptied(&self) {
        while self.0.living.load(Ordering::Acquire) > 0 {
            self.0.emptied.notified().await;
        }
    }

    pub(crate) fn paths(&self) -> Vec<Path> {
        self.0.actors.read().keys().cloned().collect()
    }

    pub(crate) fn vitals(&self, path: &str) -> Option<(Path, Arc<Vitals>)> {
        let actors = self.0.actors.read();
        actors.get_key_value(path).map(|(path, entry)| (path.clone(), entry.vitals.clone()))
    }

    /// Marks and reports every actor that has kept its thread for longer than `limit` of real time.
    pub(crate) fn report_stuck(&self, limit: Duration) {
        let mut stuck = Vec::new();
        for (path, entry) in self.0.actors.read().iter() {
            let silent = entry.vitals.silent_for();
            if silent > limit && entry.vitals.mark_stuck() {
                stuck.push((path.clone(), silent));
            }
        }
        for (path, silent) in stuck {
            self.emit(&path, EventKind::Stuck { silent });
        }
    }

    pub(crate) fn is_dropped(weak: &WeakTree) -> bool {
        weak.0.strong_count() == 0
    }

    pub(crate) fn downgrade(&self) -> WeakTree {
        WeakTree(Arc::downgrade(&self.0))
    }
}

/// A tree that may be gone.
pub(crate) struct WeakTree(Weak<Inner>);

impl WeakTree {
    pub(crate) fn upgrade(&self) -> Option<Tree> {
        self.0.upgrade().map(Tree)
    }
}

impl std::fmt::Debug for Tree {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for actor in self.snapshot() {
            writeln!(formatter, "{actor}")?;
        }
        Ok(())
    }
}
