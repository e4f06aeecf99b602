//! The tangle as an actor: the pure ledger of `vespiary-tangle`, a coordinator that sets a timer only while something waits, a
//! faucet, and records of every milestone on disk before anybody hears of it.
//!
//! ```text
//! config ── handle ──(messages)──▶ ledger (the actor) ──▶ subscribers: one a chain, told of milestones that touch it
//!                                     │                ──▶ followers: whoever waits for a transaction
//!                                  records (store)
//! ```
//!
//! What it promises: a block that was taken survives a crash of the actor; a milestone is stored before it is told; an idle
//! tangle issues nothing.

mod config;
mod handle;
mod ledger;
mod messages;
mod records;

pub use config::TangleConfig;
pub use handle::{AnchorOutput, TangleHandle};
pub(crate) use ledger::{LedgerActor, TangleShared};
pub(crate) use messages::{Attach, ChainUpdate, Control, Follow, Fund, Inspect, Subscribe};
pub(crate) use records::Records;
