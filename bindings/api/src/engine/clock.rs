//! Real or virtual time.

use std::time::Duration;

use vespiary_node::Host;

use super::errors::node_error;
use crate::{Result, timer};

/// The host's time. Every call that waits for its own result goes through here, so that nothing above needs to know which time it is.
#[derive(Clone)]
pub(crate) struct Clock(Host);

impl Clock {
    pub(super) fn new(host: Host) -> Self {
        Self(host)
    }

    /// Awaits a call; on virtual time the clock moves while it waits.
    pub(crate) async fn drive<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        if !self.0.is_virtual() {
            return call.await;
        }
        self.0.drive(call).await.map_err(node_error)?
    }

    /// As [`Self::drive`], for at most `limit`; none if that passed first.
    pub(crate) async fn within<T: Send + 'static>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<Option<T>> {
        if !self.0.is_virtual() {
            return timer::within(limit, call).await.transpose();
        }
        let call = async move { tokio::time::timeout(limit, call).await.ok().transpose() };
        self.0.drive(call).await.map_err(node_error)?
    }

    pub(crate) async fn now_ms(&self) -> Result<u64> {
        self.0.now_ms().await.map_err(node_error)
    }

    pub(crate) fn is_virtual(&self) -> bool {
        self.0.is_virtual()
    }

    pub(crate) async fn run_for(&self, time: Duration) -> Result<()> {
        self.0.run_for(time).await.map_err(node_error)
    }
}
