//! Real or virtual time, behind one handle.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use vespiary_supervision::{Arbiters, Environment, HostError, Placement, Spawner, VirtualHost};

use super::{Clock, Inline, Pool, SystemClock, Threads, VirtualClock};
use crate::NodeError;
use crate::chain::CHAIN_LANE;

/// Whether time is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockKind {
    /// The system's time, the process's threads.
    #[default]
    Real,
    /// A paused clock on one thread, moved only by host calls.
    Virtual,
}

/// The time and the threads that nodes and tangles run on. Clones are the same host.
#[derive(Clone)]
pub struct Host {
    clock: Arc<dyn Clock>,
    pool: Arc<dyn Pool>,
    thread: Option<Arc<VirtualHost>>,
}

impl Host {
    /// Real time.
    pub fn real() -> Self {
        // Every thread that chains will use is there from now on: no later chain is the one that costs a thread.
        for number in 0..Arbiters::process().width() {
            // A thread that cannot start is reported to the first chain that is placed on it.
            let _ = Arbiters::process().spawn(&Placement::lane(CHAIN_LANE, number), Box::new(|| ()));
        }
        Self { clock: Arc::new(SystemClock), pool: Threads::process(), thread: None }
    }

    /// A new virtual time that shows its epoch.
    pub fn virtual_time() -> Result<Self, NodeError> {
        let thread = VirtualHost::start().map_err(NodeError::from)?;
        #[expect(clippy::disallowed_methods, reason = "the virtual clock's own start")]
        let start = thread.run(|| async { tokio::time::Instant::now() }).map_err(NodeError::from)?;
        Ok(Self {
            clock: Arc::new(VirtualClock::starting_at(start)),
            pool: Arc::new(Inline),
            thread: Some(Arc::new(thread)),
        })
    }

    /// A host of this kind.
    pub fn of(kind: ClockKind) -> Result<Self, NodeError> {
        match kind {
            ClockKind::Real => Ok(Self::real()),
            ClockKind::Virtual => Self::virtual_time(),
        }
    }

    /// True on virtual time.
    pub fn is_virtual(&self) -> bool {
        self.thread.is_some()
    }

    /// The time of day for actors on this host.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The threads for heavy work.
    pub fn pool(&self) -> &Arc<dyn Pool> {
        &self.pool
    }

    /// What a supervision tree on this host is started with.
    pub fn environment(&self, seed: u64) -> Environment {
        if self.is_virtual() { Environment::same_thread(seed) } else { Environment::real_time(seed) }
    }

    /// Awaits `call` the way this host needs: in place on real time; on virtual time on the host's thread, where the clock moves
    /// while the call waits for its result.
    pub async fn drive<T: Send + 'static>(
        &self,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, NodeError> {
        match &self.thread {
            None => Ok(call.await),
            Some(thread) => Ok(thread.submit(move || call).await?),
        }
    }

    /// Waits, whatever polls the future: on real time by a timer of the process's own threads, so that a caller needs no
    /// runtime; on virtual time by the host's clock.
    pub(crate) async fn pause(&self, time: Duration) {
        if self.is_virtual() {
            tokio::time::sleep(time).await;
            return;
        }
        let (sender, done) = futures::channel::oneshot::channel::<()>();
        let timer = Box::new(move || {
            actix_rt::spawn(async move {
                tokio::time::sleep(time).await;
                drop(sender);
            });
        });
        // Without a thread the sender is dropped at once: not waiting is all that is left.
        let _ = Arbiters::process().spawn(&Placement::lane("timer", 0), timer);
        let _ = done.await;
    }

    /// Unix time in milliseconds as the host sees it now.
    pub async fn now_ms(&self) -> Result<u64, NodeError> {
        let clock = Arc::clone(&self.clock);
        self.drive(async move { clock.now_ms() }).await
    }

    /// Lets virtual time run. Real time runs by itself and refuses.
    pub async fn run_for(&self, time: Duration) -> Result<(), NodeError> {
        match &self.thread {
            None => Err(NodeError::RealTime),
            Some(thread) => Ok(thread.submit(move || tokio::time::sleep(time)).await?),
        }
    }
}

impl From<HostError> for NodeError {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Panicked(reason) => Self::Internal(reason.to_string()),
            _ => Self::Closed,
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_virtual() { "Host(virtual)" } else { "Host(real)" })
    }
}
