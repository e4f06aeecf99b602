//! What a node is handed from outside. No actor calls the system clock, the operating system's randomness, a thread pool or a
//! disk directly: it uses what stands here, and on virtual time the same tree runs on other things behind the same names.
//!
//! ```text
//! Host          real time: the process's threads       virtual time: one thread, a paused clock
//!  ├ clock      the system's                           tokio's, from 2026-01-01T00:00:00Z
//!  ├ randomness the system's, or a seed                a seed
//!  ├ pool       threads: signatures, VMs, syncs        inline
//!  └ spawner    arbiters shared by all nodes           the same thread
//! Disk          a directory, or memory                 memory
//! Link          the way to the tangle: delay, cut      the same
//! ```

mod clock;
mod disk;
mod host;
mod link;
mod pool;
mod randomness;

pub use clock::{Clock, SystemClock, VIRTUAL_EPOCH_NS, VirtualClock};
pub use disk::{Disk, Durability};
pub use host::{ClockKind, Host};
pub use link::Link;
pub use pool::{Inline, Job, Lane, Pool, Threads, Workbench};
pub use randomness::Randomness;
