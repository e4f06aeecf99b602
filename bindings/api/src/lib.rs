//! The facade: one typed async API that every language wraps, and nothing but it.
//!
//! ```text
//! Node ── Chain ── send, call, receipts ── contract   arguments and results by ABI
//!   │       ├──── rpc       Ethereum's JSON-RPC without a transport
//!   │       ├──── stream    blocks and logs with a cursor
//!   │       ├──── tables    Arrow, one documented schema each
//!   │       └──── proof     from an anchor on the tangle down to a slot
//!   ├── Tree                who lives in it, faults by path
//!   └── Tangle              milestones, faucet
//! Wallet, units, options, errors: plain values, bound to no node
//! ```
//!
//! What it promises: every argument and result is owned plain data; every future waits on channels only, so that any host can
//! drive it; every failure is an [`Error`] with a stable code; and under [`contained`] no panic reaches a host.

#![expect(
    clippy::unused_async,
    reason = "the facade is asynchronous throughout: what needs no waiting on a node in this process will on one elsewhere"
)]

mod at;
mod bridge;
mod call;
mod chain;
mod contain;
pub mod contract;
mod engine;
mod error;
mod ethereum;
mod node;
mod options;
mod proof;
mod receipt;
mod rpc;
mod send;
mod stream;
mod tables;
mod tangle;
mod timer;
mod tree;
pub mod units;
mod wallet;

pub use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
pub use at::{At, Heads};
pub use call::CallRequest;
pub use chain::Chain;
pub use contain::{block_on, contained};
pub use contract::Interface;
pub use error::{Code, Error, Result, Revert, RevertError};
pub use ethereum::block_json;
pub use node::Node;
pub use options::{ChainOptions, ClockKind, Durability, Fees, GasLimitOptions, MempoolOptions, NodeOptions};
pub use proof::{Anchor, Proof, SlotProof};
pub use receipt::{Receipt, Sent};
pub use rpc::{Provider, RpcError};
pub use send::{Progress, SendOptions, Transaction};
pub use stream::{BlockItem, BlockStream, Cursor, LogFilter, LogItem, LogStream, TreeEvents};
pub use tables::{Selection, Table, TableKind};
pub use tangle::{Tangle, TangleOptions};
pub use tree::Tree;
pub use units::{Amount, Span};
pub use vespiary_types::{Block, ChainId, L1Address, Level};
pub use wallet::Wallet;
