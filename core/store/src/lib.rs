//! The fjall store: the one room of core that touches a disk.
//!
//! ```text
//! database ── FjallStore: one keyspace a table
//!  ├── format ── the version of what is on disk, checked before anything is opened
//!  └── failure ── the first disk error ends all writing; what fjall's errors mean to people
//! ```
//!
//! A data directory holds `FORMAT`, one line of text, and `database/`, which is fjall's own.
//!
//! It promises what [`vespiary_state::Store`] does, proven by the same conformance suite as the memory store, and that a killed
//! process leaves every acknowledged commit whole and nothing else.

mod database;
mod failure;
mod format;

pub use database::{FjallOptions, FjallStore};
pub use format::FORMAT_VERSION;
