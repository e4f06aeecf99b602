//! A thread with a paused clock: virtual time for a whole tree, moved only by the host program.

use std::{future::Future, sync::mpsc, task::Poll, thread::JoinHandle, time::Duration};

use futures::{FutureExt, future::LocalBoxFuture};
use tokio::sync::oneshot;

use crate::{
    cell::{settle, supervised},
    exit::ExitReason,
};

/// Why a host call has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// What was run on the host panicked.
    #[error("the call {0}")]
    Panicked(ExitReason),
    /// The thread could not be started, or has ended.
    #[error("the virtual host is gone")]
    Gone,
}

type Call = Box<dyn FnOnce() -> LocalBoxFuture<'static, ()> + Send>;

/// A thread of its own with a paused tokio clock.
///
/// Between calls it waits outside the runtime, so nothing runs and the clock stands still: calls enter in the order in which
/// they are made, at the present instant. While a call waits for its own result, and only then, the clock jumps to the next
/// timer whenever nobody has work to do.
pub struct VirtualHost {
    calls: Option<mpsc::Sender<Call>>,
    thread: Option<JoinHandle<()>>,
}

impl VirtualHost {
    /// Starts the thread.
    pub fn start() -> Result<Self, HostError> {
        let (calls, inbox) = mpsc::channel::<Call>();
        let thread = std::thread::Builder::new()
            .name("vespiary-virtual".to_owned())
            .spawn(move || {
                let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()
                else {
                    return;
                };
                let runner = actix_rt::System::with_tokio_rt(move || runtime);
                while let Ok(call) = inbox.recv() {
                    runner.block_on(call());
                }
            })
            .map_err(|_| HostError::Gone)?;
        Ok(Self { calls: Some(calls), thread: Some(thread) })
    }

    /// Runs `call` on the host and waits for its result; the clock moves while it waits for something.
    pub fn run<T, F, C>(&self, call: C) -> Result<T, HostError>
    where
        T: Send + 'static,
        F: Future<Output = T> + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let (sender, result) = mpsc::channel();
        self.enter(call, move |outcome| {
            let _ = sender.send(outcome);
        });
        result.recv().unwrap_or(Err(HostError::Gone))
    }

    /// As [`run`](Self::run), for a caller that is asynchronous itself. The call enters now, awaited or not.
    pub fn submit<T, F, C>(&self, call: C) -> impl Future<Output = Result<T, HostError>> + Send + 'static + use<T, F, C>
    where
        T: Send + 'static,
        F: Future<Output = T> + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let (sender, result) = oneshot::channel();
        self.enter(call, move |outcome| {
            let _ = sender.send(outcome);
        });
        async move { result.await.unwrap_or(Err(HostError::Gone)) }
    }

    /// A dead thread drops the call, and with it whatever the caller waits on.
    fn enter<T, F, C>(&self, call: C, answer: impl FnOnce(Result<T, HostError>) + Send + 'static)
    where
        T: Send + 'static,
        F: Future<Output = T> + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let call: Call = Box::new(move || {
            Box::pin(async move {
                let outcome = match supervised(call) {
                    Ok(future) => {
                        let mut future = Box::pin(future);
                        std::future::poll_fn(move |poll| match supervised(|| future.poll_unpin(poll)) {
                            Ok(poll) => poll.map(Ok),
                            Err(panic) => Poll::Ready(Err(panic)),
                        })
                        .await
                    }
                    Err(panic) => Err(panic),
                };
                answer(outcome.map_err(HostError::Panicked));
            })
        });
        if let Some(calls) = &self.calls {
            let _ = calls.send(call);
        }
    }

    /// Lets the clock run for `time`; what falls due at its last instant happens too.
    pub fn run_for(&self, time: Duration) -> Result<(), HostError> {
        self.run(move || async move {
            tokio::time::sleep(time).await;
            settle().await;
        })
    }

    /// Lets everything happen that can happen at the present instant; the clock stands still.
    pub fn settle(&self) -> Result<(), HostError> {
        self.run(settle)
    }
}

impl Drop for VirtualHost {
    /// Ends the thread; what still lives on it is dropped there.
    fn drop(&mut self) {
        drop(self.calls.take());
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for VirtualHost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("VirtualHost").finish_non_exhaustive()
    }
}
