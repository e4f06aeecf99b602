//! Where an actor runs: the seam between the tree and threads.

use std::borrow::Cow;

use crate::error::StartError;

/// On which thread a child runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// On its supervisor's.
    #[default]
    Inherit,
    /// On one of the threads of a lane: number `index` modulo the lane's width, which is the spawner's to say.
    Lane {
        /// The lane's name, such as `chain` or `network`.
        name: Cow<'static, str>,
        /// Which of its threads.
        index: usize,
    },
}

impl Placement {
    /// Thread number `index` of a lane; it wraps around the lane's width.
    pub fn lane(name: impl Into<Cow<'static, str>>, index: usize) -> Self {
        Self::Lane { name: name.into(), index }
    }

    /// The thread of a lane that belongs to a key, the same one every time.
    pub fn keyed(name: impl Into<Cow<'static, str>>, key: &str) -> Self {
        Self::lane(name, usize::try_from(fnv1a(key) >> 33).unwrap_or(0))
    }
}

/// Runs jobs where they are placed. A job spawns local futures with `actix_rt::spawn` and returns.
pub trait Spawner: Send + Sync + 'static {
    /// Runs `job` on the thread of `placement`, now or soon.
    fn spawn(&self, placement: &Placement, job: Box<dyn FnOnce() + Send>) -> Result<(), StartError>;
}

/// Everything on the thread of the one who starts it: a tree on virtual time, or within one `LocalSet`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SameThread;

impl Spawner for SameThread {
    fn spawn(&self, _placement: &Placement, job: Box<dyn FnOnce() + Send>) -> Result<(), StartError> {
        job();
        Ok(())
    }
}

/// FNV-1a: small, and the same in every process, which the standard hasher is not.
pub(crate) fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
