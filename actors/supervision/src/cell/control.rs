//! What a supervisor orders of a cell, and what a cell reports to its supervisor.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
    time::Duration,
};

use futures::task::AtomicWaker;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{exit::ExitReason, tree::State};

/// Answers whoever fired a fault: done, or the state that made it impossible.
pub(crate) type Fired = oneshot::Sender<Result<(), State>>;

pub(crate) enum Control {
    /// Make a fresh value; throw away what is queued first if `drain`.
    Start { incarnation: u64, drain: bool },
    /// End in order.
    Stop,
    /// End now.
    Kill,
    /// Stay down until the next start, and refuse messages meanwhile.
    Rest(State),
    /// End now and for good.
    Dispose,
    /// Panic before the next message.
    Crash(Fired),
    /// Stop as if by itself, before the next message.
    StopItself(Fired),
    /// Handle nothing for a time, and ignore a stop.
    Hang(Duration, Fired),
    /// Throw the next messages away.
    DropNext(u64, Fired),
    /// Hold each of the next messages back for a time; those behind them keep their place.
    DelayNext(u64, Duration, Fired),
}

/// The orders of one cell. It is not a tokio channel so that its polls stay outside tokio's cooperative budget: an order is
/// always seen before the next message.
#[derive(Default)]
pub(crate) struct Orders {
    queue: Mutex<VecDeque<Control>>,
    waiting: AtomicBool,
    waker: AtomicWaker,
}

impl Orders {
    pub(crate) fn push(&self, control: Control) {
        let mut queue = self.queue.lock();
        queue.push_back(control);
        self.waiting.store(true, Ordering::Release);
        drop(queue);
        self.waker.wake();
    }

    /// Whether an order waits; cheap enough to ask after every message.
    pub(crate) fn waiting(&self) -> bool {
        self.waiting.load(Ordering::Acquire)
    }

    pub(crate) fn poll(&self, poll: &mut Context<'_>) -> Poll<Control> {
        self.waker.register(poll.waker());
        if !self.waiting() {
            return Poll::Pending;
        }
        let mut queue = self.queue.lock();
        let next = queue.pop_front();
        self.waiting.store(!queue.is_empty(), Ordering::Release);
        next.map_or(Poll::Pending, Poll::Ready)
    }

    /// Whatever is left when the cell is gone.
    pub(crate) fn clear(&self) {
        let left = std::mem::take(&mut *self.queue.lock());
        drop(left);
    }
}

/// A report of a cell to its supervisor.
#[derive(Debug)]
pub(crate) struct ChildEvent {
    /// The child's place in start order.
    pub(crate) ordinal: u64,
    pub(crate) incarnation: u64,
    pub(crate) news: News,
}

#[derive(Debug)]
pub(crate) enum News {
    Up,
    Exit(ExitReason),
}
