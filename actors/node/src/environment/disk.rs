//! Where a node keeps what must outlive it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A node's disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Disk {
    /// None: everything is gone with the node.
    #[default]
    Memory,
    /// A data directory, held by one process at a time.
    Directory(PathBuf),
}

/// What a block must survive before its senders hear `final`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// A power cut: the commit is synced to the disk, together with those of all other chains since the last sync.
    #[default]
    PowerLoss,
    /// A killed process: the operating system has the bytes.
    Process,
}
