//! The children of a supervisor, across its incarnations.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::mpsc, time::Instant};

use super::spec::{Strategy, SupervisorSpec};
use crate::{
    backoff::Backoff,
    cell::{ChildEvent, Control, Vitals},
    placement::Placement,
    spec::{ChildSpec, Launch, Policy, Restart},
    tree::State,
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Status {
    /// Never started, or ended and not to be started again by itself.
    Resting,
    /// Ordered to start, or up.
    Running,
    /// Ended; what follows is not decided.
    Down,
    /// To be started at that instant.
    Waiting(Instant),
    Quarantined,
}

pub(super) struct Child {
    pub(super) id: String,
    pub(super) policy: Policy,
    pub(super) placement: Placement,
    pub(super) vitals: Arc<Vitals>,
    /// There until the child's cell is made.
    pub(super) launch: Option<Launch>,
    pub(super) status: Status,
    pub(super) incarnation: u64,
    /// Whether it was started after the supervisor.
    pub(super) dynamic: bool,
    pub(super) restarts: History,
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.launch.is_none() {
            self.vitals.order(Control::Dispose);
        }
    }
}

/// Restarts within the period.
#[derive(Default)]
pub(super) struct History(VecDeque<Instant>);

impl History {
    /// Counts one more and says how many there are.
    pub(super) fn count(&mut self, now: Instant, period: Duration) -> usize {
        while self.0.front().is_some_and(|then| now.duration_since(*then) > period) {
            self.0.pop_front();
        }
        self.0.push_back(now);
        self.0.len()
    }

    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

pub(crate) struct Nursery {
    pub(super) strategy: Strategy,
    pub(super) intensity: usize,
    pub(super) period: Duration,
    pub(super) backoff: Backoff,
    /// By ordinal, which is the order of starts.
    pub(super) children: BTreeMap<u64, Child>,
    ordinals: BTreeMap<String, u64>,
    next: u64,
    /// The children in [`Status::Waiting`].
    waiting: BTreeSet<(Instant, u64)>,
    pub(super) restarts: History,
    pub(super) reports: mpsc::UnboundedSender<ChildEvent>,
    pub(super) inbox: mpsc::UnboundedReceiver<ChildEvent>,
    /// Names given twice in the spec; the supervisor refuses to start with one.
    pub(super) taken: Option<String>,
}

impl Nursery {
    pub(super) fn new(spec: SupervisorSpec) -> Self {
        let (reports, inbox) = mpsc::unbounded_channel();
        let mut nursery = Self {
            strategy: spec.strategy,
            intensity: spec.intensity,
            period: spec.period,
            backoff: spec.backoff,
            children: BTreeMap::new(),
            ordinals: BTreeMap::new(),
            next: 0,
            waiting: BTreeSet::new(),
            restarts: History::default(),
            reports,
            inbox,
            taken: None,
        };
        for child in spec.children {
            let id = child.id.clone();
            if nursery.add(child, false).is_none() {
                nursery.taken = Some(id);
            }
        }
        nursery
    }

    /// Adds a child after the others; `None` if the name is taken.
    pub(super) fn add(&mut self, spec: ChildSpec, dynamic: bool) -> Option<u64> {
        if self.ordinals.contains_key(&spec.id) {
            return None;
        }
        let ordinal = self.next;
        self.next += 1;
        self.ordinals.insert(spec.id.clone(), ordinal);
        let child = Child {
            id: spec.id,
            policy: spec.policy,
            placement: spec.placement,
            vitals: spec.vitals,
            launch: Some(spec.launch),
            status: Status::Resting,
            incarnation: 0,
            dynamic,
            restarts: History::default(),
        };
        self.children.insert(ordinal, child);
        Some(ordinal)
    }

    pub(super) fn ordinal(&self, id: &str) -> Option<u64> {
        self.ordinals.get(id).copied()
    }

    pub(super) fn status(&self, ordinal: u64) -> Option<Status> {
        self.children.get(&ordinal).map(|child| child.status)
    }

    pub(super) fn set_status(&mut self, ordinal: u64, status: Status) {
        let Some(child) = self.children.get_mut(&ordinal) else { return };
        if let Status::Waiting(at) = child.status {
            self.waiting.remove(&(at, ordinal));
        }
        if let Status::Waiting(at) = status {
            self.waiting.insert((at, ordinal));
            child.vitals.set_state(State::Restarting);
        }
        child.status = status;
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.waiting.first().map(|(at, _)| *at)
    }

    /// Who waits to be started by now, in order of starts.
    pub(super) fn due(&self, now: Instant) -> Vec<u64> {
        let mut due: Vec<u64> = self.waiting.range(..=(now, u64::MAX)).map(|(_, ordinal)| *ordinal).collect();
        due.sort_unstable();
        due
    }

    pub(super) fn remove(&mut self, ordinal: u64) {
        self.set_status(ordinal, Status::Resting);
        if let Some(child) = self.children.remove(&ordinal) {
            self.ordinals.remove(&child.id);
        }
    }

    /// The child will not be started again by itself: it leaves the tree, or stays in it at rest.
    pub(super) fn retire(&mut self, ordinal: u64) {
        if self.children.get(&ordinal).is_some_and(|child| child.dynamic) {
            self.remove(ordinal);
        } else {
            self.rest(ordinal);
        }
    }

    /// The child stays down, and in the tree, until it is released.
    pub(super) fn rest(&mut self, ordinal: u64) {
        let Some(child) = self.children.get(&ordinal) else { return };
        child.vitals.order(Control::Rest(State::Stopped));
        self.set_status(ordinal, Status::Resting);
    }

    /// Who is restarted when this child fails, in order of starts.
    pub(super) fn affected(&self, ordinal: u64) -> Vec<u64> {
        match self.strategy {
            Strategy::OneForOne => vec![ordinal],
            Strategy::RestForOne => self.children.range(ordinal..).map(|(ordinal, _)| *ordinal).collect(),
            Strategy::OneForAll => self.children.keys().copied().collect(),
        }
    }

    /// Kills what a crashed incarnation of the supervisor left running, the last started first.
    pub(super) fn abandon(&mut self) {
        let ordinals: Vec<u64> = self.children.keys().rev().copied().collect();
        for ordinal in ordinals {
            let Some(child) = self.children.get(&ordinal) else { continue };
            match child.status {
                Status::Running => {
                    child.vitals.order(Control::Kill);
                    self.set_status(ordinal, Status::Down);
                }
                Status::Waiting(_) => self.set_status(ordinal, Status::Down),
                Status::Resting | Status::Down | Status::Quarantined => {}
            }
        }
    }

    /// Drops the dynamic children that do not outlive an incarnation of the supervisor.
    pub(super) fn forget_temporary(&mut self) {
        let gone: Vec<u64> = self
            .children
            .iter()
            .filter(|(_, child)| child.dynamic && child.policy.restart == Restart::Temporary)
            .map(|(ordinal, _)| *ordinal)
            .collect();
        for ordinal in gone {
            self.remove(ordinal);
        }
    }
}
