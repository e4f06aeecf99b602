//! How long a supervisor waits before it restarts a child that keeps failing.

use std::time::Duration;

use rand::RngExt;

/// Waiting times between restarts: the first restart is immediate, then `base`, and each next one twice as long up to `max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Wait before the second restart within the period.
    pub base: Duration,
    /// The longest wait.
    pub max: Duration,
    /// Each wait is changed by up to this fraction, up or down, so that actors that failed together do not retry together.
    pub jitter: f64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_millis(100), max: Duration::from_secs(10), jitter: 0.2 }
    }
}

impl Backoff {
    /// Restarts without a wait.
    pub const NONE: Self = Self { base: Duration::ZERO, max: Duration::ZERO, jitter: 0.0 };

    /// The wait before restart number `attempt`, counted from 1 within the period.
    pub fn delay(&self, attempt: usize, random: &mut impl rand::Rng) -> Duration {
        let Some(doublings) = attempt.checked_sub(2) else { return Duration::ZERO };
        let doublings = u32::try_from(doublings).unwrap_or(u32::MAX).min(31);
        let plain = self.base.saturating_mul(1 << doublings).min(self.max);
        if plain.is_zero() || self.jitter <= 0.0 {
            return plain;
        }
        let jitter = self.jitter.min(1.0);
        plain.mul_f64(1.0 + random.random_range(-jitter..=jitter))
    }
}
