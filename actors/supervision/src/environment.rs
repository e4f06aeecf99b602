//! What a tree is handed from outside: threads, randomness, time.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    arbiters::Arbiters,
    placement::{Placement, SameThread, Spawner},
};

/// How long an actor may keep its thread before it counts as stuck.
pub const STUCK_AFTER: Duration = Duration::from_secs(5);

/// What a tree is handed from outside.
#[derive(Clone)]
pub struct Environment {
    /// Where actors run.
    pub spawner: Arc<dyn Spawner>,
    /// Where the root runs.
    pub placement: Placement,
    /// Seeds the jitter of backoffs, each supervisor's by its path.
    pub seed: u64,
    /// The instant from which the times of events count; the start of the tree if `None`.
    pub epoch: Option<Instant>,
    /// After how long on the real clock a blocked actor is reported as stuck; never if `None`.
    pub stuck_after: Option<Duration>,
}

impl Environment {
    /// Real time, on the process-wide arbiters, watched.
    pub fn real_time(seed: u64) -> Self {
        Self {
            spawner: Arbiters::process(),
            placement: Placement::lane("root", 0),
            seed,
            epoch: None,
            stuck_after: Some(STUCK_AFTER),
        }
    }

    /// The calling thread and its tokio clock, paused or not; unwatched. It needs a local runtime around it, such as a
    /// [`VirtualHost`](crate::VirtualHost)'s.
    pub fn same_thread(seed: u64) -> Self {
        Self { spawner: Arc::new(SameThread), placement: Placement::Inherit, seed, epoch: None, stuck_after: None }
    }

    /// With the times of events counted from `epoch`.
    #[must_use]
    pub fn with_epoch(mut self, epoch: Instant) -> Self {
        self.epoch = Some(epoch);
        self
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Environment").field("seed", &self.seed).finish_non_exhaustive()
    }
}
