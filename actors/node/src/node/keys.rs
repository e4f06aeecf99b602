//! The node's secret: 32 bytes from which all its keys are made. With a data directory they are in a file of their own, apart
//! from the database, readable by their owner only.

use std::io::Write;
use std::path::Path;

use vespiary_state::StoreError;

use crate::NodeError;
use crate::environment::{Disk, Randomness};

fn disk(path: &Path, error: &std::io::Error) -> NodeError {
    StoreError::Disk(format!("{}: {error}", path.display())).into()
}

/// Refuses a seed for keys that outlive the process: asked before anything is made on the disk.
pub(crate) fn check(place: &Disk, seed: Option<u64>) -> Result<(), NodeError> {
    match (place, seed) {
        (Disk::Directory(_), Some(_)) => Err(NodeError::Refused(
            "a node with a data directory draws its keys at random: leave the seed out, for anybody could guess them from it"
                .into(),
        )),
        _ => Ok(()),
    }
}

/// The node's randomness: from the seed, from the file of an earlier run, or fresh.
pub(crate) fn randomness(place: &Disk, seed: Option<u64>) -> Result<Randomness, NodeError> {
    let fresh = || {
        Randomness::from_system()
            .map_err(|error| NodeError::Internal(format!("the operating system has no randomness: {error}")))
    };
    check(place, seed)?;
    match place {
        Disk::Memory => seed.map_or_else(fresh, |seed| Ok(Randomness::from_seed(seed))),
        Disk::Directory(directory) => {
            let folder = directory.join("keys");
            let path = folder.join("node.key");
            match std::fs::read(&path) {
                Ok(bytes) => {
                    let root: [u8; 32] = bytes.try_into().map_err(|bytes: Vec<u8>| StoreError::Damaged {
                        what: path.display().to_string(),
                        reason: format!("it has {} bytes instead of 32; restore it from a backup", bytes.len()),
                    })?;
                    Ok(Randomness::from_root(root))
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    let randomness = fresh()?;
                    std::fs::create_dir_all(&folder).map_err(|error| disk(&folder, &error))?;
                    write_secret(&path, randomness.root()).map_err(|error| disk(&path, &error))?;
                    Ok(randomness)
                }
                Err(error) => Err(disk(&path, &error)),
            }
        }
    }
}

fn write_secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
