//! What happened in a tree, for logs, metrics and other languages: bounded, and honest about what a slow reader missed.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures::Stream;
use parking_lot::Mutex;
use serde::Serialize;

use super::path::Path;
use crate::exit::ExitReason;

/// Something that happened to an actor.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TreeEvent {
    /// When, since the tree's epoch, on the tokio clock.
    pub at: Duration,
    /// To whom.
    pub path: Path,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
#[non_exhaustive]
pub enum EventKind {
    /// The first incarnation is up.
    Started {
        /// 1.
        incarnation: u64,
    },
    /// A later incarnation is up.
    Restarted {
        /// Which.
        incarnation: u64,
    },
    /// An incarnation ended.
    Exited {
        /// Which.
        incarnation: u64,
        /// Why.
        reason: ExitReason,
    },
    /// A supervisor gave up on its children, and ends.
    Escalated {
        /// The child that failed last.
        child: Path,
        /// How many restarts are allowed in the period.
        intensity: usize,
    },
    /// The actor failed too often and stays down; its siblings live.
    Quarantined {
        /// Its last failure.
        reason: ExitReason,
    },
    /// The actor blocks its thread.
    Stuck {
        /// For how long it already has, on the real clock.
        silent: Duration,
    },
    /// A stuck actor gave its thread back.
    Unstuck,
}

/// What a subscriber reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// The next event.
    Event(TreeEvent),
    /// So many events before the next one were lost, because the reader was slow.
    Missed(u64),
}

pub(crate) struct Subscriber {
    capacity: usize,
    buffer: Mutex<Buffer>,
}

#[derive(Default)]
struct Buffer {
    events: VecDeque<TreeEvent>,
    missed: u64,
    waker: Option<Waker>,
}

pub(crate) fn subscribe(capacity: usize) -> (Weak<Subscriber>, EventStream) {
    let subscriber = Arc::new(Subscriber { capacity: capacity.max(1), buffer: Mutex::default() });
    (Arc::downgrade(&subscriber), EventStream(subscriber))
}

impl Subscriber {
    pub(crate) fn push(&self, event: TreeEvent) {
        let mut buffer = self.buffer.lock();
        if buffer.events.len() >= self.capacity {
            buffer.events.pop_front();
            buffer.missed += 1;
        }
        buffer.events.push_back(event);
        if let Some(waker) = buffer.waker.take() {
            drop(buffer);
            waker.wake();
        }
    }
}

/// The events of a tree from the moment of subscription, on any executor. It ends never: drop it to unsubscribe.
pub struct EventStream(Arc<Subscriber>);

impl EventStream {
    /// The next event, or how many were lost before it.
    pub async fn next(&mut self) -> Observed {
        std::future::poll_fn(|poll| self.poll(poll)).await
    }

    /// What is there already.
    pub fn try_next(&mut self) -> Option<Observed> {
        self.0.buffer.lock().take()
    }

    fn poll(&self, poll: &mut Context<'_>) -> Poll<Observed> {
        let mut buffer = self.0.buffer.lock();
        let observed = buffer.take();
        if observed.is_none() {
            buffer.waker = Some(poll.waker().clone());
        }
        observed.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Buffer {
    fn take(&mut self) -> Option<Observed> {
        match std::mem::take(&mut self.missed) {
            0 => self.events.pop_front().map(Observed::Event),
            missed => Some(Observed::Missed(missed)),
        }
    }
}

impl Stream for EventStream {
    type Item = Observed;

    fn poll_next(self: Pin<&mut Self>, poll: &mut Context<'_>) -> Poll<Option<Observed>> {
        self.poll(poll).map(Some)
    }
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EventStream").finish_non_exhaustive()
    }
}
