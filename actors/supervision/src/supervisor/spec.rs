//! What a supervisor is told.

use std::{sync::Arc, time::Duration};

use tokio::sync::Mutex;

use super::{Supervisor, SupervisorHandle, nursery::Nursery};
use crate::{
    actor::Actor,
    address::{Address, mailbox},
    backoff::Backoff,
    cell::{Control, Host, Site},
    placement::Placement,
    spec::{ChildSpec, Policy, Shutdown},
    tree::State,
};

/// Who is restarted with a child that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// The child alone.
    #[default]
    OneForOne,
    /// The child and those started after it.
    RestForOne,
    /// All children.
    OneForAll,
}

/// A supervisor: its strategy, its patience and its children.
#[derive(Debug)]
pub struct SupervisorSpec {
    pub(super) strategy: Strategy,
    pub(super) intensity: usize,
    pub(super) period: Duration,
    pub(super) backoff: Backoff,
    pub(super) children: Vec<ChildSpec>,
}

impl SupervisorSpec {
    /// A supervisor without children. It gives up after more than 5 restarts in 30 s.
    pub fn new(strategy: Strategy) -> Self {
        Self {
            strategy,
            intensity: 5,
            period: Duration::from_secs(30),
            backoff: Backoff::default(),
            children: Vec::new(),
        }
    }

    /// As [`new`](Self::new) with [`Strategy::OneForOne`].
    pub fn one_for_one() -> Self {
        Self::new(Strategy::OneForOne)
    }

    /// As [`new`](Self::new) with [`Strategy::RestForOne`].
    pub fn rest_for_one() -> Self {
        Self::new(Strategy::RestForOne)
    }

    /// As [`new`](Self::new) with [`Strategy::OneForAll`].
    pub fn one_for_all() -> Self {
        Self::new(Strategy::OneForAll)
    }

    /// How many restarts are allowed within `period`; with one more it gives up.
    #[must_use]
    pub fn intensity(mut self, restarts: usize, period: Duration) -> Self {
        self.intensity = restarts;
        self.period = period;
        self
    }

    /// How long to wait between restarts.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Adds a child after those already added: it starts after them and stops before them.
    #[must_use]
    pub fn child(mut self, child: ChildSpec) -> Self {
        self.children.push(child);
        self
    }

    /// Adds a supervisor as a child; use [`into_child`](Self::into_child) to keep its handle or change its policy.
    #[must_use]
    pub fn supervisor(self, id: impl Into<String>, supervisor: Self) -> Self {
        self.child(supervisor.into_child(id).0)
    }

    /// The supervisor as a child named `id`, and the handle that starts and stops children below it.
    pub fn into_child(self, id: impl Into<String>) -> (ChildSpec, SupervisorHandle) {
        let (address, mailbox) = mailbox::<Supervisor>();
        let handle = SupervisorHandle::new(address.clone());
        let vitals = address.vitals().clone();
        let launch = Box::new(move |mut site: Site| -> Box<dyn FnOnce() + Send> {
            let nursery = Arc::new(Mutex::new(Nursery::new(self)));
            let below = nursery.clone();
            site.on_rest = Some(Box::new(move || {
                // Nobody works in the nursery of a supervisor that is down.
                if let Ok(nursery) = below.try_lock() {
                    for child in nursery.children.values() {
                        child.vitals.order(Control::Rest(State::Stopped));
                    }
                }
            }));
            site.tree.insert(&site.path, &mailbox.address);
            Box::new(move || {
                let factory = Box::new(move || Ok(Supervisor::new(nursery.clone())));
                actix_rt::spawn(Host::new(mailbox, factory, site));
            })
        });
        let policy = Policy { shutdown: Shutdown::Infinity, ..Policy::default() };
        (ChildSpec { id: id.into(), policy, placement: Placement::Inherit, vitals, launch }, handle)
    }
}

// Supervisors are reached through their handles; this keeps the actor's own address an implementation detail.
const _: fn() = || {
    fn sendable<T: Send + Sync>() {}
    sendable::<SupervisorHandle>();
    sendable::<Address<Supervisor>>();
    let _ = Supervisor::KIND;
};
