//! JavaScript's `AbortSignal` on this side: a wait that nobody waits for any more ends, and does not keep the process alive.

use std::future::Future;
use std::pin::pin;

use futures::future::{Either, select};
use napi_derive::napi;
use tokio::sync::watch;
use vespiary_api::{Error, Result};

/// Ends the waits it was given to.
#[napi]
pub struct NativeCancel(watch::Sender<bool>);

#[napi]
impl NativeCancel {
    /// One that has not been used.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Ends them.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

/// What ends a wait, if anything does.
pub(crate) type Cancelled = Option<watch::Receiver<bool>>;

/// The token of a call that was given one.
pub(crate) fn token(cancel: Option<&NativeCancel>) -> Cancelled {
    cancel.map(|cancel| cancel.0.subscribe())
}

/// Waits until the future or the cancellation comes, whichever is first. The host knows why it cancelled: it looks at no error.
pub(crate) async fn unless<T>(cancelled: Cancelled, wait: impl Future<Output = Result<T>>) -> Result<T> {
    let Some(mut cancelled) = cancelled else { return wait.await };
    let cancel = async move {
        if cancelled.wait_for(|cancelled| *cancelled).await.is_err() {
            // Whoever could cancel is gone.
            std::future::pending::<()>().await;
        }
    };
    match select(pin!(wait), pin!(cancel)).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::refused("the wait was cancelled")),
    }
}
