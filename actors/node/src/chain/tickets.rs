//! Where the results of a batch of requests come together.
//!
//! Whoever submits holds the [`Batch`]; each request carries a [`Ticket`] through the mempool. A ticket is resolved once. One
//! that is dropped unresolved, because its actor crashed, says so, and its request is submitted again: a request is never
//! lost with an actor.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;
use parking_lot::Mutex;
use tokio::sync::watch;
use vespiary_types::{Block, Level, RequestId};

use crate::Rejection;

/// A request that reached the level it was waited for.
#[derive(Debug, Clone)]
pub struct Included {
    /// The request.
    pub request: RequestId,
    /// How far it has come.
    pub level: Level,
    /// Its block and place in it; none while it is pending.
    pub place: Option<(Arc<Block>, u32)>,
}

impl Included {
    /// The block's height; none while it is pending.
    pub fn height(&self) -> Option<u64> {
        self.place.as_ref().map(|(block, _)| block.height())
    }
}

/// What became of a request.
pub type Resolution = Result<Included, Rejection>;

struct Shared {
    rows: Mutex<Vec<Option<Resolution>>>,
    open: AtomicUsize,
    waker: AtomicWaker,
    progress: Option<watch::Sender<u64>>,
}

impl Shared {
    fn close(&self, row: usize, resolution: Option<Resolution>) {
        let resolved = resolution.is_some();
        if let Some(slot) = self.rows.lock().get_mut(row) {
            *slot = resolution;
        }
        if resolved && let Some(progress) = &self.progress {
            progress.send_modify(|done| *done += 1);
        }
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.waker.wake();
        }
    }
}

/// The right to resolve one request.
pub(crate) struct Ticket {
    shared: Option<Arc<Shared>>,
    row: usize,
    /// The level that is waited for.
    pub(crate) level: Level,
}

impl Ticket {
    pub(crate) fn resolve(mut self, resolution: Resolution) {
        if let Some(shared) = self.shared.take() {
            shared.close(self.row, Some(resolution));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.close(self.row, None);
        }
    }
}

/// Resolves to one result a row, in order; `None` for a row that was lost on the way.
pub(crate) struct Batch {
    shared: Arc<Shared>,
}

impl Batch {
    /// A batch of `rows` requests, all waiting for `level`.
    pub(crate) fn new(rows: usize, level: Level, progress: Option<watch::Sender<u64>>) -> (Self, Vec<Ticket>) {
        let shared = Arc::new(Shared {
            rows: Mutex::new(vec![None; rows]),
            open: AtomicUsize::new(rows),
            waker: AtomicWaker::new(),
            progress,
        });
        let tickets = (0..rows).map(|row| Ticket { shared: Some(Arc::clone(&shared)), row, level }).collect();
        (Self { shared }, tickets)
    }
}

impl Future for Batch {
    type Output = Vec<Option<Resolution>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.shared.waker.register(context.waker());
        if self.shared.open.load(Ordering::Acquire) > 0 {
            return Poll::Pending;
        }
        Poll::Ready(std::mem::take(&mut *self.shared.rows.lock()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_ticket_is_a_lost_row_and_no_hang() {
        let (batch, mut tickets) = Batch::new(2, Level::Final, None);
        drop(tickets.pop());
        tickets.pop().expect("two tickets").resolve(Err(Rejection::TimedOut));
        let rows = futures::executor::block_on(batch);
        assert!(matches!(rows.as_slice(), [Some(Err(Rejection::TimedOut)), None]));
    }

    #[test]
    fn progress_counts_resolved_rows_only() {
        let (sender, progress) = watch::channel(0);
        let (_batch, mut tickets) = Batch::new(2, Level::Final, Some(sender));
        drop(tickets.pop());
        tickets.pop().expect("two tickets").resolve(Err(Rejection::TimedOut));
        assert_eq!(*progress.borrow(), 1);
    }
}
