//! The two ways Python waits for Rust: blocking with the GIL released, or an `asyncio` future.
//!
//! Results are carried to event loops by one thread of our own, many in one attach. `pyo3-async-runtimes` delivers from pool threads
//! that attach to an interpreter which may already be shutting down, which crashes CPython at exit, and its global runtime is
//! dead in a forked child.

use std::future::Future;
use std::process;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::{mem, thread};

use pyo3::intern;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use vespiary_api::{Result, block_on, contained};

use crate::errors::raise;

/// Waits with the GIL released; Ctrl-C raises `KeyboardInterrupt` and drops the future.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method alone is not general enough over the attachment's lifetime"
)]
pub(crate) fn blocking<T: Send>(py: Python<'_>, future: impl Future<Output = Result<T>> + Send) -> PyResult<T> {
    py.detach(|| block_on(contained(future), || Python::attach(|py| py.check_signals())))?
        .map_err(|error| raise(py, error))
}

/// Blocks, or gives an `asyncio` future, as the handle wants it. `convert` makes the Python value with the GIL held.
pub(crate) fn settle<'py, T, F, C>(
    py: Python<'py>,
    asynchronous: bool,
    future: F,
    convert: C,
) -> PyResult<Bound<'py, PyAny>>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
    C: for<'a> FnOnce(Python<'a>, T) -> PyResult<Py<PyAny>> + Send + 'static,
{
    if asynchronous {
        return awaitable(py, async {
            let outcome = contained(future).await;
            Box::new(move |py: Python<'_>| convert(py, outcome.map_err(|error| raise(py, error))?)) as Value
        });
    }
    let value = blocking(py, future)?;
    Ok(convert(py, value)?.into_bound(py))
}

/// An `asyncio` future; cancelling it drops the Rust future.
fn awaitable<F>(py: Python<'_>, future: F) -> PyResult<Bound<'_, PyAny>>
where
    F: Future<Output = Value> + Send + 'static,
{
    let event_loop = py.import(intern!(py, "asyncio"))?.call_method0(intern!(py, "get_running_loop"))?;
    let promise = event_loop.call_method0(intern!(py, "create_future"))?;
    let (cancel, cancelled) = oneshot::channel::<()>();
    promise.call_method1(intern!(py, "add_done_callback"), (Cancel(Mutex::new(Some(cancel))),))?;

    let bridge = Bridge::current()?;
    let done = bridge.done.clone();
    let (event_loop, target) = (event_loop.unbind(), promise.clone().unbind());
    bridge.runtime.spawn(async move {
        let value = tokio::select! {
            biased;
            _ = cancelled => return,
            value = future => value,
        };
        let _ = done.send(Settled { event_loop, promise: target, value });
    });
    Ok(promise)
}

/// Lets Rust reach Python no more. Called from `atexit`, before the interpreter starts to finalize.
pub(crate) fn shut(py: Python<'_>) {
    if let Some(bridge) = lock().clone().filter(|bridge| bridge.pid == process::id()) {
        py.detach(|| *bridge.open.write().unwrap_or_else(PoisonError::into_inner) = false);
    }
}

type Value = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

struct Settled {
    event_loop: Py<PyAny>,
    promise: Py<PyAny>,
    value: Value,
}

/// Runs futures and carries their results to event loops.
struct Bridge {
    pid: u32,
    runtime: Runtime,
    done: Sender<Settled>,
    open: RwLock<bool>,
}

/// Locked only while attached and never across a detach, so no `os.fork` can catch it locked.
static CURRENT: Mutex<Option<Arc<Bridge>>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<Arc<Bridge>>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bridge {
    /// This process's bridge; a forked child gets its own, as its copy of the parent's has no threads.
    fn current() -> PyResult<Arc<Self>> {
        let mut slot = lock();
        if let Some(bridge) = slot.as_ref().filter(|bridge| bridge.pid == process::id()) {
            return Ok(bridge.clone());
        }
        mem::forget(slot.take());
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("vespiary-python").build()?;
        let (done, settled) = channel();
        let bridge = Arc::new(Self { pid: process::id(), runtime, done, open: RwLock::new(true) });
        let carrier = bridge.clone();
        thread::Builder::new().name("vespiary-settle".into()).spawn(move || carrier.carry(&settled))?;
        *slot = Some(bridge.clone());
        Ok(bridge)
    }

    fn carry(&self, settled: &Receiver<Settled>) {
        while let Ok(first) = settled.recv() {
            let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
            if !*open {
                // Dropping it would touch Python, which is on its way out.
                mem::forget(first);
                continue;
            }
            Python::attach(|py| {
                for one in std::iter::once(first).chain(settled.try_iter().take(1023)) {
                    // A closed loop is nobody's problem: nothing waits on its futures.
                    let _ = one.deliver(py);
                }
            });
        }
    }
}

impl Settled {
    fn deliver(self, py: Python<'_>) -> PyResult<()> {
        let (name, value) = match (self.value)(py) {
            Ok(value) => (intern!(py, "set_result"), value),
            Err(error) => (intern!(py, "set_exception"), error.into_value(py).into_any()),
        };
        let settle = Settle(self.promise.getattr(py, name)?, self.promise);
        self.event_loop.call_method1(py, intern!(py, "call_soon_threadsafe"), (settle, value))?;
        Ok(())
    }
}

/// Runs on the loop's thread, where a cancelled future can still be told apart.
#[pyclass(frozen)]
struct Settle(Py<PyAny>, Py<PyAny>);

#[pymethods]
impl Settle {
    fn __call__(&self, py: Python<'_>, value: Bound<'_, PyAny>) -> PyResult<()> {
        if !self.1.call_method0(py, intern!(py, "done"))?.is_truthy(py)? {
            self.0.call1(py, (value,))?;
        }
        Ok(())
    }
}

/// Done-callback that tells the Rust side when Python cancelled.
#[pyclass(frozen)]
struct Cancel(Mutex<Option<oneshot::Sender<()>>>);

#[pymethods]
impl Cancel {
    fn __call__(&self, promise: Bound<'_, PyAny>) -> PyResult<()> {
        if promise.call_method0(intern!(promise.py(), "cancelled"))?.is_truthy()?
            && let Some(cancel) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            let _ = cancel.send(());
        }
        Ok(())
    }
}
