//! The figures of one actor, kept in atomics so that reading them stops nobody.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use super::control::{Control, Orders};
use crate::{
    error::TellError,
    exit::ExitReason,
    tree::{Path, State},
};

const NEVER: u64 = u64::MAX;

pub(crate) struct Vitals {
    pub(crate) kind: &'static str,
    pub(crate) orders: Orders,
    path: OnceLock<Path>,
    capacity: AtomicUsize,
    queued: AtomicUsize,
    /// Cleared while nobody will start the actor again by itself.
    accepting: AtomicBool,
    received: AtomicU64,
    handled: AtomicU64,
    busy_nanos: AtomicU64,
    /// Real nanoseconds at which the present poll began, or 0.
    busy_since: AtomicU64,
    stuck: AtomicBool,
    state: AtomicU8,
    incarnation: AtomicU64,
    restarts: AtomicU64,
    /// Nanoseconds since the tree's epoch.
    started_at: AtomicU64,
    last_exit: Mutex<Option<ExitReason>>,
}

impl Vitals {
    pub(crate) fn new(kind: &'static str, capacity: usize) -> Self {
        Self {
            kind,
            orders: Orders::default(),
            path: OnceLock::new(),
            capacity: AtomicUsize::new(capacity),
            queued: AtomicUsize::new(0),
            accepting: AtomicBool::new(true),
            received: AtomicU64::new(0),
            handled: AtomicU64::new(0),
            busy_nanos: AtomicU64::new(0),
            busy_since: AtomicU64::new(0),
            stuck: AtomicBool::new(false),
            state: AtomicU8::new(State::Starting.into()),
            incarnation: AtomicU64::new(0),
            restarts: AtomicU64::new(0),
            started_at: AtomicU64::new(NEVER),
            last_exit: Mutex::new(None),
        }
    }

    pub(crate) fn order(&self, control: Control) {
        self.orders.push(control);
    }

    pub(crate) fn place(&self, path: Path) {
        // A cell is placed once: its spec is consumed by the supervisor that launches it.
        let _ = self.path.set(path);
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.get()
    }

    pub(crate) fn set_capacity(&self, capacity: usize) {
        self.capacity.store(capacity, Relaxed);
    }

    pub(crate) fn queued(&self) -> usize {
        self.queued.load(Relaxed)
    }

    pub(crate) fn set_accepting(&self, accepting: bool) {
        self.accepting.store(accepting, Relaxed);
    }

    pub(crate) fn count_handled(&self) {
        self.handled.fetch_add(1, Relaxed);
    }

    pub(crate) fn received(&self) -> u64 {
        self.received.load(Relaxed)
    }

    pub(crate) fn handled(&self) -> u64 {
        self.handled.load(Relaxed)
    }

    pub(crate) fn busy(&self) -> Duration {
        Duration::from_nanos(self.busy_nanos.load(Relaxed))
    }

    pub(crate) fn begin_work(&self) -> u64 {
        let now = real_nanos();
        self.busy_since.store(now, Relaxed);
        now
    }

    /// Ends what `begin_work` began; true if the watchdog had given the actor up meanwhile.
    pub(crate) fn end_work(&self, began: u64) -> bool {
        self.busy_nanos.fetch_add(real_nanos().saturating_sub(began), Relaxed);
        self.busy_since.store(0, Relaxed);
        self.stuck.load(Relaxed) && self.stuck.swap(false, Relaxed)
    }

    /// How long the actor has been at work without a pause.
    pub(crate) fn silent_for(&self) -> Duration {
        match self.busy_since.load(Relaxed) {
            0 => Duration::ZERO,
            since => Duration::from_nanos(real_nanos().saturating_sub(since)),
        }
    }

    /// Marks the actor as stuck; true the first time.
    pub(crate) fn mark_stuck(&self) -> bool {
        !self.stuck.swap(true, Relaxed)
    }

    pub(crate) fn state(&self) -> State {
        if self.stuck.load(Relaxed) { State::Stuck } else { State::from(self.state.load(Relaxed)) }
    }

    pub(crate) fn set_state(&self, state: State) {
        self.state.store(state.into(), Relaxed);
    }

    pub(crate) fn incarnation(&self) -> u64 {
        self.incarnation.load(Relaxed)
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.restarts.load(Relaxed)
    }

    pub(crate) fn started_at(&self) -> Option<Duration> {
        match self.started_at.load(Relaxed) {
            NEVER => None,
            nanos => Some(Duration::from_nanos(nanos)),
        }
    }

    pub(crate) fn born(&self, incarnation: u64, now: Duration) {
        self.incarnation.store(incarnation, Relaxed);
        if incarnation > 1 {
            self.restarts.fetch_add(1, Relaxed);
        }
        self.started_at.store(u64::try_from(now.as_nanos()).unwrap_or(NEVER - 1), Relaxed);
    }

    pub(crate) fn last_exit(&self) -> Option<ExitReason> {
        self.last_exit.lock().clone()
    }

    pub(crate) fn set_last_exit(&self, reason: ExitReason) {
        *self.last_exit.lock() = Some(reason);
    }
}

/// A place in the queue of an actor, given back when the message leaves it, however it leaves.
pub(crate) struct Ticket(Arc<Vitals>);

impl Ticket {
    pub(crate) fn take(vitals: &Arc<Vitals>) -> Result<Self, TellError> {
        if !vitals.accepting.load(Relaxed) {
            return Err(TellError::Gone);
        }
        if vitals.queued.fetch_add(1, Relaxed) >= vitals.capacity.load(Relaxed) {
            vitals.queued.fetch_sub(1, Relaxed);
            return Err(TellError::Busy);
        }
        vitals.received.fetch_add(1, Relaxed);
        Ok(Self(vitals.clone()))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Relaxed);
    }
}

/// Nanoseconds of the real clock since this process first asked, never 0.
#[expect(
    clippy::disallowed_methods,
    reason = "busy time and the watchdog measure threads, which are real even where time is not"
)]
pub(crate) fn real_nanos() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let nanos = START.get_or_init(Instant::now).elapsed().as_nanos();
    u64::try_from(nanos).unwrap_or(u64::MAX).max(1)
}
