//! Between a host language and Rust: panics become errors, and a thread can wait without any runtime.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use futures::FutureExt;

use crate::{Error, Result};

/// How often a blocked thread looks whether its host wants to interrupt it.
const LOOK: Duration = Duration::from_millis(50);

/// How long a waiting thread looks before it sleeps.
const SPIN: Duration = Duration::from_micros(200);

/// Turns a panic of `future` into `ERR_INTERNAL`, so that no host ever sees a Rust stack unwind.
pub async fn contained<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(future).catch_unwind().await.unwrap_or_else(|panic| Err(Error::internal(text_of(&*panic))))
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

thread_local! {
    static UNPARK: Arc<Unpark> = Arc::new(Unpark { thread: thread::current(), woken: AtomicBool::new(false) });
}

/// Looks for a wake-up a little longer than a block takes to be made: to put a core to sleep and wake it up again costs as much
/// as the block itself.
#[expect(clippy::disallowed_methods, reason = "how long a thread spins is measured in real time")]
fn spin(unpark: &Unpark) -> bool {
    let start = Instant::now();
    loop {
        for _ in 0..64 {
            if unpark.woken.load(Ordering::Acquire) {
                return true;
            }
            std::hint::spin_loop();
        }
        if start.elapsed() >= SPIN {
            return false;
        }
    }
}

/// Blocks this thread on `future`; it wakes with the result at once, and calls `interrupted` about every 50 ms before that.
///
/// The facade's futures wait on channels only, so no reactor is needed, and a forked child can wait as well.
pub fn block_on<T, I>(future: impl Future<Output = T>, mut interrupted: impl FnMut() -> Result<(), I>) -> Result<T, I> {
    let mut future = pin!(future);
    let unpark = UNPARK.with(Arc::clone);
    let waker = Waker::from(Arc::clone(&unpark));
    let mut context = Context::from_waker(&waker);
    loop {
        unpark.woken.store(false, Ordering::Release);
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Ok(value);
        }
        if !spin(&unpark) {
            thread::park_timeout(LOOK);
            interrupted()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_not_the_end() {
        let outcome = block_on(contained(async { if true { panic!("boom") } else { Ok(()) } }), || Ok::<_, Error>(()));
        let error = outcome.expect("not interrupted").expect_err("a panic");
        assert_eq!(error.code(), crate::Code::Internal);
        assert!(error.message().contains("boom"), "{error}");
    }

    #[test]
    fn an_interrupt_drops_the_wait() {
        let never = std::future::pending::<()>();
        assert_eq!(block_on(never, || Err("Ctrl-C")), Err("Ctrl-C"));
    }
}
