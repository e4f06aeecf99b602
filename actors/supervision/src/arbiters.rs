//! The process's threads: named lanes of actix arbiters, started when first needed and shared by every tree.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock, mpsc},
};

use actix_rt::{Arbiter, ArbiterHandle, System};
use parking_lot::Mutex;

use crate::{
    error::StartError,
    placement::{Placement, Spawner},
};

/// Named lanes of threads, each up to as wide as the machine has cores; a thread starts when its number is first asked for,
/// so a lane of which only number 0 is used is one thread. They live as long as the process and hold no state of any tree.
pub struct Arbiters {
    width: usize,
    lanes: Mutex<Lanes>,
}

#[derive(Default)]
struct Lanes {
    /// actix asks for a system around its arbiters; this one runs on a thread of its own.
    system: Option<ArbiterHandle>,
    arbiters: BTreeMap<(String, usize), ArbiterHandle>,
}

impl Arbiters {
    /// The arbiters that every tree of the process shares.
    pub fn process() -> Arc<Self> {
        static PROCESS: OnceLock<Arc<Arbiters>> = OnceLock::new();
        PROCESS
            .get_or_init(|| {
                let width = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
                Arc::new(Arbiters { width, lanes: Mutex::default() })
            })
            .clone()
    }

    /// How many threads a lane can have.
    pub fn width(&self) -> usize {
        self.width
    }

    fn arbiter(&self, lane: &str, index: usize) -> Result<ArbiterHandle, StartError> {
        let index = index % self.width;
        let mut lanes = self.lanes.lock();
        let key = (lane.to_owned(), index);
        if let Some(arbiter) = lanes.arbiters.get(&key).filter(|arbiter| arbiter.alive()) {
            return Ok(arbiter.clone());
        }
        let no_thread = |reason: String| StartError::Thread { lane: format!("{lane} {index}"), reason };
        let system = match lanes.system.clone().filter(ArbiterHandle::alive) {
            Some(system) => system,
            None => start_system().map_err(no_thread)?,
        };
        lanes.system = Some(system.clone());
        let (sender, receiver) = mpsc::channel();
        system.spawn_fn(move || {
            let _ = sender.send(Arbiter::try_new().map(|arbiter| arbiter.handle()));
        });
        let arbiter = match receiver.recv() {
            Ok(made) => made.map_err(|error| no_thread(error.to_string()))?,
            Err(_) => return Err(no_thread("the thread that starts threads is gone".to_owned())),
        };
        lanes.arbiters.insert(key, arbiter.clone());
        Ok(arbiter)
    }
}

fn start_system() -> Result<ArbiterHandle, String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::Builder::new()
        .name("vespiary-arbiters".to_owned())
        .spawn(move || {
            let runner = System::new();
            let _ = sender.send(System::current().arbiter().clone());
            // Ends with the process.
            let _ = runner.run();
        })
        .map_err(|error| error.to_string())?;
    receiver.recv().map_err(|_| "its runtime could not be made".to_owned())
}

impl Spawner for Arbiters {
    fn spawn(&self, placement: &Placement, job: Box<dyn FnOnce() + Send>) -> Result<(), StartError> {
        match placement {
            Placement::Inherit => job(),
            Placement::Lane { name, index } => {
                if !self.arbiter(name, *index)?.spawn_fn(job) {
                    let lane = format!("{name} {index}");
                    return Err(StartError::Thread { lane, reason: "the thread has ended".to_owned() });
                }
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Arbiters {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let threads: Vec<String> =
            self.lanes.lock().arbiters.keys().map(|(lane, index)| format!("{lane} {index}")).collect();
        formatter.debug_struct("Arbiters").field("threads", &threads).finish_non_exhaustive()
    }
}
