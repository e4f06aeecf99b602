//! A chain's state: what blocks change, what commits to it, and how both are kept.
//!
//! ```text
//!            StateView (view)  ── one interface to read a state
//!           ┌─────┴──────┬───────────┐
//!       EmptyState    Overlay      ChainState::at, ::latest
//!                     Changes            │
//!                        │          chain/ ── blocks, flat state, history, indexes of one chain
//!                        ▼               │
//!   trie/ ◄── Commitment (roots, proofs) │
//!                                        ▼
//!                     Store (store, table, batch) ── memory, or fjall in vespiary-store
//!                                  conformance/ ── what every store must do
//! ```
//!
//! It promises: a block is kept as a whole or not at all; every retained height reads as it was; roots and proofs are those of stock
//! Ethereum libraries; no record on disk, however damaged, makes it panic.

mod account;
mod batch;
mod chain;
mod changes;
mod commitment;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod empty;
mod error;
mod memory;
mod overlay;
mod store;
mod table;
mod trie;
mod view;

pub use account::Account;
pub use batch::{Batch, TableWrites};
pub use chain::{ChainState, Committed, Extra, Head, MAX_NATIVE_KEY_BYTES, RewindPermission};
pub use changes::{AccountChange, Changes};
pub use commitment::{AccountProof, Commitment, NativeProof, Roots, StorageProof};
pub use empty::EmptyState;
pub use error::StoreError;
pub use memory::MemoryStore;
pub use overlay::Overlay;
pub use store::{Direction, KeyRange, MAX_KEY_BYTES, Row, Store, Visit, check_batch};
pub use table::Table;
pub use trie::{Join, sequential};
pub use view::StateView;
