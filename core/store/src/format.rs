//! The version of a data directory: a file of one line, so that any version can say which one it needs.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use vespiary_state::StoreError;

/// The format this version writes, and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

const FILE: &str = "FORMAT";
const BEGINNING: &str = "vespiary data ";

/// Checks the format of a directory; an empty one gets this version's.
pub(crate) fn check_or_write(directory: &Path) -> Result<(), StoreError> {
    let path = directory.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => check(directory, &text),
        Err(error) if error.kind() == ErrorKind::NotFound => write(directory, &path).map_err(|error| {
            StoreError::Disk(format!("data directory {} cannot be written: {error}", directory.display()))
        }),
        Err(error) => Err(StoreError::Disk(format!("{} cannot be read: {error}", path.display()))),
    }
}

fn check(directory: &Path, text: &str) -> Result<(), StoreError> {
    let version = text.strip_prefix(BEGINNING).and_then(|version| version.trim_end().parse::<u32>().ok());
    match version {
        Some(found) if found > FORMAT_VERSION => {
            Err(StoreError::NewerFormat { path: directory.display().to_string(), found, supported: FORMAT_VERSION })
        }
        Some(1..) => Ok(()),
        _ => Err(StoreError::Damaged {
            what: format!("{FILE} in {}", directory.display()),
            reason: format!("it reads {text:?}, not `{BEGINNING}` and a number: is this a data directory?"),
        }),
    }
}

/// The file comes to stand under its name whole, before anything else is in the directory.
fn write(directory: &Path, path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(directory)?;
    let draft = directory.join(format!("{FILE}.{}", std::process::id()));
    let mut file = fs::File::create(&draft)?;
    writeln!(file, "{BEGINNING}{FORMAT_VERSION}")?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    fs::File::open(directory)?.sync_all()
}
