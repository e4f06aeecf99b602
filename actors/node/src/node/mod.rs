//! A node: its tree, and what it is made with.
//!
//! ```text
//! config ─▶ handle (start, close) ─▶ the tree:  /  storage/store  tangle  chains/<name>  feeds/<name>  directory
//!              │                                                                                      │
//!              └── keys (what a data directory keeps secret)                    creates and opens chains, keeps their names
//! ```

mod config;
mod directory;
mod handle;
mod keys;
mod tangle;

pub use config::NodeConfig;
pub(crate) use directory::{Create, Directory, Home, OpenAll};
pub use handle::NodeHandle;
pub use tangle::StandaloneTangle;
