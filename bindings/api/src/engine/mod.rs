//! What the facade stands on: the one room of this crate that touches `vespiary-node`.
//!
//! ```text
//! node, chain, send, rpc, tables, stream, tree, tangle
//!                     │  plain values, heights, futures
//!   engine:  clock.rs   real or virtual time        node.rs    chains by name, the tree
//!            chain.rs   reads, sends, simulations   tangle.rs  the embedded L1
//!            errors.rs  rejections as codes
//!                     │
//!      vespiary-node (actors) · vespiary-state (reads) · vespiary-supervision (the tree)
//! ```
//!
//! Reads go to the store from the caller's thread; everything else is a message to an actor.

mod chain;
mod clock;
mod errors;
mod node;
mod tangle;

pub(crate) use chain::{AccountProofParts, ChainEngine, HeadsWatch, Included};
pub(crate) use clock::Clock;
pub(crate) use errors::store_error;
pub(crate) use node::NodeEngine;
pub(crate) use tangle::TangleEngine;
