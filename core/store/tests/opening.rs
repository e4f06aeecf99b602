//! Who may open a data directory.

use std::fs;

use vespiary_state::StoreError;
use vespiary_store::{FORMAT_VERSION, FjallOptions, FjallStore};

fn open(directory: &tempfile::TempDir) -> Result<FjallStore, StoreError> {
    FjallStore::open(directory.path(), FjallOptions::default())
}

#[test]
fn a_directory_has_one_owner_at_a_time() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let first = open(&directory).expect("the store opens");
    let path = directory.path().display().to_string();
    assert_eq!(open(&directory).err(), Some(StoreError::InUse { path }));
    drop(first);
    open(&directory).expect("the store opens again");
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    drop(open(&directory).expect("the store opens"));
    let file = directory.path().join("FORMAT");
    let newer = format!("vespiary data {}\n", FORMAT_VERSION + 1);
    fs::write(&file, &newer).expect("written");
    let error = open(&directory).expect_err("a newer format");
    assert!(
        matches!(error, StoreError::NewerFormat { found, supported, .. } if (found, supported) == (FORMAT_VERSION + 1, FORMAT_VERSION))
    );
    assert!(error.to_string().contains("use a newer Vespiary"), "{error}");
    assert_eq!(fs::read_to_string(&file).expect("read"), newer);
}

#[test]
fn a_format_that_does_not_read_is_named() {
    for text in ["", "vespiary data", "vespiary data 0", "vespiary data x", "something else"] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        fs::write(directory.path().join("FORMAT"), text).expect("written");
        assert!(
            matches!(open(&directory), Err(StoreError::Damaged { what, .. }) if what.contains("FORMAT")),
            "{text:?}"
        );
    }
}

#[test]
fn a_directory_that_cannot_be_is_a_disk_error() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("file");
    fs::write(&file, "").expect("written");
    let error = FjallStore::open(file.join("below"), FjallOptions::default()).expect_err("a file is no directory");
    assert!(matches!(error, StoreError::Disk(_)), "{error:?}");
}

#[test]
fn a_damaged_database_is_refused_without_a_panic() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    drop(open(&directory).expect("the store opens"));
    let version = directory.path().join("database").join("version");
    assert!(version.exists(), "fjall keeps its version there");
    fs::write(version, "nonsense").expect("written");
    assert!(matches!(open(&directory), Err(StoreError::Damaged { .. } | StoreError::Disk(_))));
}
