//! The subsystems of a node as actors in one supervision tree.
//!
//! ```text
//! environment   what is handed in: host (clock, threads), randomness, disk, link
//! pools         the way of heavy work to the process's threads
//! storage       the store's actor: syncs for everybody at once
//! tangle        the embedded L1 as an actor
//! chain         one chain: state, mempool, consensus, executor, anchor; its feed
//! node          the tree, the directory of chains, start and close
//! ```
//!
//! The tree of a node:
//!
//! ```text
//! /                 one_for_one
//! ├ storage         rest_for_one
//! │  └ store        syncs the disk, once for all chains' commits since the last
//! ├ pools           one_for_one: signatures, vm
//! ├ tangle          the embedded ledger (absent where another tangle is passed in)
//! ├ feeds/<name>    one a chain, outside it: subscriptions outlive a chain's restart
//! ├ chains          one_for_one, dynamic: a chain that melts down is quarantined, the node lives
//! │  └ <name>       rest_for_one: state, mempool, consensus, executor, anchor
//! └ directory       creates chains, opens those of an earlier run
//! ```
//!
//! What it promises: a request that was accepted is in exactly one block whatever actor crashes when; a block is told to be final
//! once it survives what the node's durability says; an idle node does nothing; on virtual time all of it is a function of a seed.

mod chain;
pub mod environment;
mod error;
mod node;
mod pools;
mod storage;
mod tangle;

pub use chain::{AnchorInfo, At, ChainHandle, FinalRecord, Heads, Included, Resolution};
pub use environment::{ClockKind, Disk, Durability, Host, Link, VIRTUAL_EPOCH_NS};
pub use error::{NodeError, Rejection, RejectionCause};
pub use node::{NodeConfig, NodeHandle, StandaloneTangle};
pub use tangle::{AnchorOutput, TangleConfig, TangleHandle};
