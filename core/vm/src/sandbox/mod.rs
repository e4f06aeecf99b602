//! The sandbox: what a contract sees of its chain, whatever machine runs it.
//!
//! ```text
//! request ─▶ World::call ─▶ Vm (native, EVM, …) ─▶ contract
//!   (machine)     ▲                                   │ Sandbox (host): account, allowance, state, events, send, call
//!                 └────────────── nested call ────────┘ Gas by one table, Failure as the receipt shows it
//! ```
//!
//! A contract sees nothing else: no clock, no random source, no I/O. Every call is one checkpoint of the journal: its changes stay
//! together or go together, across machines.

mod failure;
pub mod gas;
mod host;
mod machine;

pub use failure::Failure;
pub use gas::Gas;
pub use host::Sandbox;
pub(crate) use host::{send, whole_tokens};
pub use machine::{Invocation, MAX_DEPTH, Machines, Target, Vm, World};

/// How many outputs a request, and a block, makes on L1 at most: what one anchor can carry.
pub const MAX_PAYOUTS: usize = 100;
/// How many on-ledger requests a block executes at most: what one anchor can consume.
pub const MAX_CONSUMED: usize = 100;
