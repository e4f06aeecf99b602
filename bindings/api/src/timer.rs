//! Bounded waits on the real clock, for callers that bring no runtime of their own.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use futures::channel::oneshot;
use futures::future::{Either, select};
use parking_lot::{Condvar, Mutex};

/// Who waits, by time and then by order of arrival.
type Waiting = BTreeMap<(Instant, u64), oneshot::Sender<()>>;

#[derive(Default)]
struct Alarms {
    /// How many have come, and those who wait.
    waiting: Mutex<(u64, Waiting)>,
    changed: Condvar,
}

/// `future`'s output, or none if it takes longer than `limit` of real time.
pub(crate) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let future = std::pin::pin!(future);
    match select(future, sleep(limit)).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// Completes after `limit` of real time.
#[expect(
    clippy::disallowed_methods,
    reason = "what a caller waits in real time is real, whatever clock the node is on"
)]
pub(crate) fn sleep(limit: Duration) -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    if let Some(alarms) = alarms() {
        let mut waiting = alarms.waiting.lock();
        waiting.0 += 1;
        // A wait of centuries is a wait without end.
        if let Some(at) = Instant::now().checked_add(limit) {
            let number = waiting.0;
            waiting.1.insert((at, number), sender);
            alarms.changed.notify_one();
        }
    }
    receiver
}

/// One thread serves the whole process; it holds nothing that a result could depend on.
fn alarms() -> Option<&'static Alarms> {
    static ALARMS: OnceLock<Option<&'static Alarms>> = OnceLock::new();
    *ALARMS.get_or_init(|| {
        let alarms: &'static Alarms = Box::leak(Box::default());
        thread::Builder::new().name("vespiary-timer".into()).spawn(|| ring(alarms)).ok().map(|_| alarms)
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a caller waits in real time is real, whatever clock the node is on"
)]
fn ring(alarms: &Alarms) {
    let mut waiting = alarms.waiting.lock();
    loop {
        // Those whose waiter has gone need not be waited for, but cost nothing until their time comes either.
        let now = Instant::now();
        while let Some(first) = waiting.1.first_entry().filter(|first| first.key().0 <= now) {
            let _ = first.remove().send(());
        }
        match waiting.1.first_key_value().map(|((at, _), _)| *at) {
            Some(at) => {
                alarms.changed.wait_until(&mut waiting, at);
            }
            None => alarms.changed.wait(&mut waiting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_wait_ends_by_itself() {
        let never = std::future::pending::<()>();
        assert_eq!(futures::executor::block_on(within(Duration::from_millis(5), never)), None);
        assert_eq!(futures::executor::block_on(within(Duration::from_mins(1), async { 7 })), Some(7));
    }
}
