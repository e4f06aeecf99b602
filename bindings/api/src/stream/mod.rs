//! Streams with a cursor and no gap, from the store into live.
//!
//! ```text
//! heads (a watch) ──▶ blocks.rs  the next height, read from the store once the head has passed it
//!                       └──▶ logs.rs   the same heights through a filter
//! tree's events  ──▶ tree.rs     no store behind them: the oldest are dropped, and counted
//! ```
//! A slow reader loses nothing and holds nobody up: the feed announces heights, and what is read comes from the store.

mod blocks;
mod filter;
mod logs;
mod tree;

pub use blocks::{BlockItem, BlockStream};
pub use filter::LogFilter;
pub use logs::{Cursor, LogItem, LogStream};
pub use tree::TreeEvents;
