//! The way between a node and the tangle: in one process a function call, and yet a link that can be slowed and cut.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Quality {
    delay: Duration,
    cut: bool,
}

/// A link that delivers after a delay, and nothing while it is cut. Cheap to clone; clones are the same link.
#[derive(Debug, Clone)]
pub struct Link {
    quality: Arc<Mutex<watch::Sender<Quality>>>,
}

impl Default for Link {
    fn default() -> Self {
        Self { quality: Arc::new(Mutex::new(watch::Sender::new(Quality::default()))) }
    }
}

impl Link {
    /// Sets the one-way delay.
    pub fn set_delay(&self, delay: Duration) {
        self.quality.lock().send_modify(|quality| quality.delay = delay);
    }

    /// Cuts the link: what is sent waits until it is mended.
    pub fn cut(&self) {
        self.quality.lock().send_modify(|quality| quality.cut = true);
    }

    /// Mends the link.
    pub fn mend(&self) {
        self.quality.lock().send_modify(|quality| quality.cut = false);
    }

    /// True if nothing slows the link, so that crossing it needs no waiting.
    pub fn is_clear(&self) -> bool {
        *self.quality.lock().borrow() == Quality::default()
    }

    /// Waits as long as a message takes to cross.
    pub async fn cross(&self) {
        if self.is_clear() {
            return;
        }
        let mut changes = self.quality.lock().subscribe();
        // The sender lives as long as this link, so waiting ends only by mending.
        let delay = changes.wait_for(|quality| !quality.cut).await.map_or(Duration::ZERO, |quality| quality.delay);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }
}
