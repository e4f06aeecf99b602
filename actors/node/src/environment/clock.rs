//! What time it is.

use std::time::Duration;

use tokio::time::Instant;

/// Where virtual time begins: 2026-01-01T00:00:00Z in unix nanoseconds.
pub const VIRTUAL_EPOCH_NS: u64 = 1_767_225_600_000_000_000;

/// Tells the time of day. Timers are tokio's, whose clock is real or paused like this one.
pub trait Clock: Send + Sync + 'static {
    /// Unix time in nanoseconds.
    fn now_ns(&self) -> u64;

    /// Unix time in milliseconds.
    fn now_ms(&self) -> u64 {
        self.now_ns() / 1_000_000
    }
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where a node reads the system clock")]
    fn now_ns(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Tokio's paused clock, counted from the virtual epoch. It is read on the host's thread only.
#[derive(Debug, Clone, Copy)]
pub struct VirtualClock {
    start: Instant,
}

impl VirtualClock {
    /// A clock that shows the virtual epoch at `start`.
    pub fn starting_at(start: Instant) -> Self {
        Self { start }
    }
}

impl Clock for VirtualClock {
    #[expect(clippy::disallowed_methods, reason = "tokio's clock is the virtual one here")]
    fn now_ns(&self) -> u64 {
        let elapsed = Instant::now().saturating_duration_since(self.start);
        VIRTUAL_EPOCH_NS.saturating_add(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX))
    }
}
