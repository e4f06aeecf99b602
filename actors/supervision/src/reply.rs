//! Answers: at once, from a future, or later through a handle that is kept.

use std::{cell::Cell, future::Future, sync::Arc};

use futures::future::LocalBoxFuture;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::error::AskError;

/// What a handler gives back.
#[must_use = "a handler returns its reply"]
pub struct Reply<R>(pub(crate) Answer<R>);

pub(crate) enum Answer<R> {
    Now(R),
    Later(LocalBoxFuture<'static, R>),
    Held(LocalBoxFuture<'static, R>),
    Deferred(Arc<Mutex<Slot<R>>>),
}

impl<R: Send + 'static> Reply<R> {
    /// The answer is known.
    pub fn now(value: R) -> Self {
        Self(Answer::Now(value))
    }

    /// The answer comes from a future. Other messages are handled meanwhile; the future dies with the incarnation.
    pub fn later(future: impl Future<Output = R> + 'static) -> Self {
        Self(Answer::Later(Box::pin(future)))
    }

    /// The answer comes from a future, and no other message is handled until it is there.
    pub fn held(future: impl Future<Output = R> + 'static) -> Self {
        Self(Answer::Held(Box::pin(future)))
    }

    /// The answer is given through the handle, from anywhere, whenever it is known.
    pub fn deferred() -> (ReplyHandle<R>, Self) {
        let slot = Arc::new(Mutex::new(Slot::Open));
        (ReplyHandle { slot: Some(slot.clone()) }, Self(Answer::Deferred(slot)))
    }
}

impl<R: Send + 'static> From<R> for Reply<R> {
    fn from(value: R) -> Self {
        Self::now(value)
    }
}

/// Where a deferred answer and the one who waits for it meet, whichever comes first.
pub(crate) enum Slot<R> {
    Open,
    Answered(R),
    Refused(AskError),
    Waiting(Option<ReplySender<R>>),
    Closed,
}

pub(crate) fn connect<R>(slot: &Mutex<Slot<R>>, sender: Option<ReplySender<R>>) {
    let mut slot = slot.lock();
    match std::mem::replace(&mut *slot, Slot::Closed) {
        Slot::Open => *slot = Slot::Waiting(sender),
        Slot::Answered(value) => {
            if let Some(sender) = sender {
                sender.send(value);
            }
        }
        Slot::Refused(error) => {
            if let Some(sender) = sender {
                sender.refuse(error);
            }
        }
        Slot::Waiting(_) | Slot::Closed => {}
    }
}

/// The right to answer one question, once. Dropped unused, the sender gets [`AskError::Unanswered`].
pub struct ReplyHandle<R> {
    slot: Option<Arc<Mutex<Slot<R>>>>,
}

impl<R> ReplyHandle<R> {
    /// Answers.
    pub fn send(mut self, value: R) {
        let Some(slot) = self.slot.take() else { return };
        let mut slot = slot.lock();
        match std::mem::replace(&mut *slot, Slot::Closed) {
            Slot::Open => *slot = Slot::Answered(value),
            Slot::Waiting(Some(sender)) => sender.send(value),
            _ => {}
        }
    }
}

impl<R> Drop for ReplyHandle<R> {
    fn drop(&mut self) {
        let Some(slot) = self.slot.take() else { return };
        let mut slot = slot.lock();
        match std::mem::replace(&mut *slot, Slot::Closed) {
            Slot::Open => *slot = Slot::Refused(unanswered()),
            Slot::Waiting(Some(sender)) => sender.refuse(unanswered()),
            _ => {}
        }
    }
}

/// The near end of an `ask`. It always answers: on drop it says why there is no answer.
pub(crate) struct ReplySender<R>(Option<oneshot::Sender<Result<R, AskError>>>);

impl<R> ReplySender<R> {
    pub(crate) fn channel() -> (Self, oneshot::Receiver<Result<R, AskError>>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }

    pub(crate) fn send(mut self, value: R) {
        if let Some(sender) = self.0.take() {
            // The asker may have stopped waiting, which is its right.
            let _ = sender.send(Ok(value));
        }
    }

    pub(crate) fn refuse(mut self, error: AskError) {
        if let Some(sender) = self.0.take() {
            let _ = sender.send(Err(error));
        }
    }
}

impl<R> Drop for ReplySender<R> {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            let _ = sender.send(Err(unanswered()));
        }
    }
}

thread_local! {
    /// What the askers of an incarnation hear while it is being dropped on this thread.
    static TEARDOWN: Cell<Option<AskError>> = const { Cell::new(None) };
}

/// Drops what `drop_it` drops, so that every question in it is refused with `error`.
pub(crate) fn refusing<T>(error: AskError, drop_it: impl FnOnce() -> T) -> T {
    struct Restore(Option<AskError>);
    impl Drop for Restore {
        fn drop(&mut self) {
            TEARDOWN.set(self.0);
        }
    }
    let _restore = Restore(TEARDOWN.replace(Some(error)));
    drop_it()
}

fn unanswered() -> AskError {
    if std::thread::panicking() {
        return AskError::Crashed;
    }
    TEARDOWN.get().unwrap_or(AskError::Unanswered)
}
