//! Supervision for actix actors, as OTP has it: fresh state after every crash, addresses and queued messages that survive it,
//! strategies, backoff, escalation, ordered shutdown, and the tree as data.
//!
//! ```text
//!  root.rs ─▶ supervisor/ ─▶ cell/ ─▶ your Actor          who starts and restarts whom
//!              spec.rs  backoff.rs     actor.rs  context.rs  reply.rs
//!  address.rs ─▶ cell/                                     the bounded way in
//!  tree/                                                   paths, figures, events, faults
//!  placement.rs ◀─ arbiters.rs, virtual_host.rs            threads, real and virtual; watchdog.rs looks after the real ones
//! ```
//!
//! It promises: a panic ends one incarnation and nothing else; the question that caused it is answered with
//! [`AskError::Crashed`]; children start in order, each up before the next, and stop in reverse; nothing outside a mailbox's
//! bound is queued; on one thread with a paused clock the same seed gives the same events.
//!
//! ```
//! use std::time::Duration;
//! use vespiary_supervision::{
//!     Actor, ChildSpec, Context, Environment, Handler, Message, Reply, SupervisorSpec, System, VirtualHost,
//! };
//!
//! #[derive(Default)]
//! struct Counter(u64);
//! struct Add(u64);
//!
//! impl Message for Add {
//!     type Result = u64;
//! }
//! impl Actor for Counter {
//!     const KIND: &'static str = "counter";
//! }
//! impl Handler<Add> for Counter {
//!     fn handle(&mut self, Add(amount): Add, _: &mut Context<Self>) -> Reply<u64> {
//!         self.0 += amount;
//!         self.0.into()
//!     }
//! }
//!
//! let host = VirtualHost::start()?;
//! let counts = host.run(|| async {
//!     let (counter, address) = ChildSpec::new("counter", Counter::default);
//!     let root = System::start(SupervisorSpec::one_for_one().child(counter), Environment::same_thread(7)).await?;
//!     let before = address.ask(Add(2)).await;
//!     root.tree().crash("/counter").await?;
//!     let after = address.ask(Add(3)).await;
//!     root.shutdown(Duration::from_secs(1)).await;
//!     Ok::<_, Box<dyn std::error::Error + Send + Sync>>((before, after))
//! })?;
//! assert_eq!(counts.map_err(|error| error.to_string())?, (Ok(2), Ok(3)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod actor;
mod address;
mod arbiters;
mod backoff;
mod cell;
mod context;
mod environment;
mod error;
mod exit;
mod placement;
mod reply;
mod root;
mod spec;
mod supervisor;
mod tree;
mod virtual_host;
mod watchdog;

pub use actor::{Actor, Handler, Message};
pub use address::{Address, Asked, DEFAULT_CAPACITY, Mailbox, Recipient, mailbox};
pub use arbiters::Arbiters;
pub use backoff::Backoff;
pub use context::{Context, TaskHandle};
pub use environment::{Environment, STUCK_AFTER};
pub use error::{AskError, FaultError, StartError, TellError};
pub use exit::ExitReason;
pub use placement::{Placement, SameThread, Spawner};
pub use reply::{Reply, ReplyHandle};
pub use root::{RootHandle, ShutdownReport, System};
pub use spec::{ChildSpec, MailboxPolicy, OnMeltdown, Restart, Shutdown};
pub use supervisor::{Strategy, Supervisor, SupervisorHandle, SupervisorSpec};
pub use tree::{ActorInfo, EventKind, EventStream, Fault, Glob, Observed, Path, State, Tree, TreeEvent};
pub use virtual_host::{HostError, VirtualHost};
