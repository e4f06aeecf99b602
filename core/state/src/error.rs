//! What can go wrong with a store.

/// Why a store did not answer or did not write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the data directory.
    #[error("data directory {path} is in use by another process: close that node first, or choose another directory")]
    InUse {
        /// The directory.
        path: String,
    },
    /// The data was written by a newer version.
    #[error("data directory {path} has format {found}, and this version reads up to {supported}: use a newer Vespiary")]
    NewerFormat {
        /// The directory.
        path: String,
        /// The format found.
        found: u32,
        /// The newest format this version reads.
        supported: u32,
    },
    /// The disk failed; nothing is written any more until the store is opened again.
    #[error("the store failed and takes no more writes until it is opened again: {0}")]
    Disk(String),
    /// A record does not read back.
    #[error("the store holds a damaged record ({what}): {reason}")]
    Damaged {
        /// Which record.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A height that is not there.
    #[error("height {asked} is not stored: heights {oldest} to {newest} are")]
    Height {
        /// The height asked for.
        asked: u64,
        /// The oldest one retained.
        oldest: u64,
        /// The newest one.
        newest: u64,
    },
    /// Whoever owned the store has closed it.
    #[error("the store is closed: open its node again to read its chains")]
    Closed,
    /// An operation that this chain does not allow.
    #[error("{0}")]
    Refused(String),
}
