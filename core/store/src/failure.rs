//! The first disk error ends all writing: what reached the disk is then unknown, and only opening again finds out.

use std::path::Path;
use std::sync::OnceLock;

use vespiary_state::StoreError;

/// Remembers the first failure of a write.
#[derive(Debug, Default)]
pub(crate) struct Failure {
    first: OnceLock<String>,
}

impl Failure {
    /// Refuses if a write failed before.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.first.get().map_or(Ok(()), |reason| Err(StoreError::Disk(reason.clone())))
    }

    /// Takes down why a write failed; the first reason is the one that all later writes are told.
    pub(crate) fn note(&self, error: &fjall::Error) -> StoreError {
        StoreError::Disk(self.first.get_or_init(|| describe(error)).clone())
    }
}

/// Why a directory could not be opened.
pub(crate) fn opening(error: &fjall::Error, directory: &Path) -> StoreError {
    let damaged = |reason: String| StoreError::Damaged { what: format!("database in {}", directory.display()), reason };
    match error {
        fjall::Error::Locked => StoreError::InUse { path: directory.display().to_string() },
        fjall::Error::Io(_) | fjall::Error::Storage(fjall::LsmError::Io(_)) | fjall::Error::Poisoned => {
            StoreError::Disk(describe(error))
        }
        _ => damaged(describe(error)),
    }
}

/// Why something could not be read.
pub(crate) fn reading(error: &fjall::Error, table: &str) -> StoreError {
    match error {
        fjall::Error::Io(_) | fjall::Error::Storage(fjall::LsmError::Io(_)) | fjall::Error::Poisoned => {
            StoreError::Disk(describe(error))
        }
        _ => StoreError::Damaged { what: format!("table {table}"), reason: describe(error) },
    }
}

fn describe(error: &fjall::Error) -> String {
    match error {
        fjall::Error::Io(error) | fjall::Error::Storage(fjall::LsmError::Io(error)) => error.to_string(),
        fjall::Error::Poisoned => "an earlier write or a background task failed".into(),
        other => format!("{other:?}"),
    }
}
