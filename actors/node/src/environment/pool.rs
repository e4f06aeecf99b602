//! Threads for work that would block an arbiter: signatures, virtual machines, syncs.
//!
//! They belong to the process, not to a node: a thousand idle chains have no thread more than one.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use crossbeam_channel::{Receiver, Sender, unbounded};
use futures::channel::oneshot;

/// Which threads a job runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Any thread for signatures.
    Signatures,
    /// The VM thread with this number, modulo their count: an executor stays on one for life.
    Vm(usize),
    /// The one thread that waits for disks.
    Sync,
}

/// A piece of work. It may keep values on its thread's workbench.
pub type Job = Box<dyn FnOnce(&mut Workbench) + Send>;

/// Runs jobs on lanes.
pub trait Pool: Send + Sync + 'static {
    /// Queues a job. A job that panics takes its own result with it and nothing else.
    fn run(&self, lane: Lane, job: Job);

    /// How many jobs of a kind run at once.
    fn width(&self) -> usize;
}

impl dyn Pool {
    /// Runs `job` on a lane and gives back its result; `Err` if it panicked.
    pub fn call<T: Send + 'static>(
        &self,
        lane: Lane,
        job: impl FnOnce(&mut Workbench) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (sender, receiver) = oneshot::channel();
        self.run(
            lane,
            Box::new(move |bench| {
                // Whoever asked may have gone; the result goes with them.
                let _ = sender.send(job(bench));
            }),
        );
        receiver
    }
}

/// What stays on a thread between jobs, by owner: values that cannot leave it, such as a chain's executor.
#[derive(Default)]
pub struct Workbench {
    slots: BTreeMap<u64, Box<dyn Any>>,
}

impl Workbench {
    /// Takes what `owner` has, leaving nothing. Put it back with [`Self::put`] when the work on it ended well: after a panic it
    /// is gone, and the next use makes it anew.
    pub fn take<T: 'static>(&mut self, owner: u64) -> Option<T> {
        let value = self.slots.remove(&owner)?;
        value.downcast::<T>().ok().map(|value| *value)
    }

    /// Keeps a value for `owner`.
    pub fn put<T: 'static>(&mut self, owner: u64, value: T) {
        self.slots.insert(owner, Box::new(value));
    }

    /// Drops what `owner` has.
    pub fn clear(&mut self, owner: u64) {
        self.slots.remove(&owner);
    }
}

thread_local! {
    static WORKBENCH: RefCell<Workbench> = RefCell::default();
}

fn run_here(job: Job) {
    // The panic's message reaches the log through the hook; the job's owner sees its result channel close.
    let _ = catch_unwind(AssertUnwindSafe(|| WORKBENCH.with_borrow_mut(|bench| job(bench))));
}

/// On the caller's thread, at once: virtual time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inline;

impl Pool for Inline {
    fn run(&self, _lane: Lane, job: Job) {
        run_here(job);
    }

    fn width(&self) -> usize {
        1
    }
}

/// The process's threads: as many for signatures and for VMs as there are cores, one for syncs.
pub struct Threads {
    signatures: Sender<Job>,
    vms: Vec<Sender<Job>>,
    sync: Sender<Job>,
}

impl Threads {
    /// The threads that all nodes of the process share, started on first use.
    pub fn process() -> Arc<Self> {
        static PROCESS: OnceLock<Arc<Threads>> = OnceLock::new();
        Arc::clone(PROCESS.get_or_init(|| {
            let width = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
            let (signatures, queue) = unbounded::<Job>();
            for number in 0..width {
                work(&format!("vespiary-sig-{number}"), queue.clone());
            }
            let lane = |name: String| {
                let (sender, queue) = unbounded::<Job>();
                work(&name, queue);
                sender
            };
            let vms = (0..width).map(|number| lane(format!("vespiary-vm-{number}"))).collect();
            Arc::new(Threads { signatures, vms, sync: lane("vespiary-sync".into()) })
        }))
    }
}

/// VM threads have deep stacks: a thousand nested calls of contracts nest on them.
const STACK_BYTES: usize = 64 << 20;

fn work(name: &str, queue: Receiver<Job>) {
    let started = std::thread::Builder::new().name(name.into()).stack_size(STACK_BYTES).spawn(move || {
        for job in queue {
            run_here(job);
        }
    });
    if let Err(error) = started {
        tracing::error!(thread = name, %error, "a thread of the pool could not be started");
    }
}

impl Pool for Threads {
    fn run(&self, lane: Lane, job: Job) {
        let queue = match lane {
            Lane::Signatures => &self.signatures,
            Lane::Vm(number) => match self.vms.get(number % self.vms.len().max(1)) {
                Some(queue) => queue,
                None => &self.signatures,
            },
            Lane::Sync => &self.sync,
        };
        // A queue closes only if its thread never started; the dropped job tells its owner so.
        let _ = queue.send(job);
    }

    fn width(&self) -> usize {
        self.vms.len()
    }
}

impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Threads").field("width", &self.vms.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_panics_takes_only_its_own_result() {
        let pool: Arc<dyn Pool> = Threads::process();
        let lost = pool.call(Lane::Vm(0), |_| -> u32 { panic!("on purpose") });
        assert!(futures::executor::block_on(lost).is_err());
        assert_eq!(futures::executor::block_on(pool.call(Lane::Vm(0), |_| 7)), Ok(7));
    }

    #[test]
    fn a_workbench_keeps_its_owners_value_on_its_thread() {
        let pool: Arc<dyn Pool> = Threads::process();
        let count = |bench: &mut Workbench| {
            let count = bench.take::<u32>(u64::MAX).unwrap_or_default() + 1;
            bench.put(u64::MAX, count);
            count
        };
        assert_eq!(futures::executor::block_on(pool.call(Lane::Vm(1), count)), Ok(1));
        assert_eq!(futures::executor::block_on(pool.call(Lane::Vm(1), count)), Ok(2));
    }
}
