//! What is left when the writing process is killed, or its disk gives out. The writers are this test's own binary, run again.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use vespiary_state::conformance::blocks::{CHAIN, extend};
use vespiary_state::{Batch, ChainState, Changes, Direction, Extra, KeyRange, Store, StoreError, Table};
use vespiary_store::{FjallOptions, FjallStore};
use vespiary_types::Bytes;

const DIRECTORY: &str = "VESPIARY_TEST_DIRECTORY";

fn open(directory: &Path) -> Result<FjallStore, StoreError> {
    FjallStore::open(directory, FjallOptions { write_buffer_bytes: 1 << 20, ..FjallOptions::default() })
}

/// The command that runs one writer of this file on a directory.
fn writer(name: &str, directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test's binary"));
    command.args(["--exact", name, "--nocapture", "--ignored", "--test-threads=1"]);
    command.env(DIRECTORY, directory).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn given_directory() -> std::path::PathBuf {
    std::env::var_os(DIRECTORY).expect("the parent names a directory").into()
}

/// A block changes many keys, so that half of one would show.
fn changes(height: u64) -> Changes {
    let mut changes = Changes::default();
    for key in 0..40u8 {
        changes
            .native
            .insert(vec![key].into(), Some(Bytes::copy_from_slice(&[key, height.to_le_bytes()[0]].repeat(40))));
    }
    changes.native.insert(height.to_be_bytes().to_vec().into(), Some(Bytes::from_static(b"once")));
    changes
}

#[test]
#[ignore = "a process of its own, begun and killed by `a_killed_process_leaves_every_acknowledged_block_whole`"]
fn commits_until_killed() {
    let chain = ChainState::open(Arc::new(open(&given_directory()).expect("opens")), CHAIN).expect("a chain");
    loop {
        let height = chain.head().map_or(0, |head| head.height + 1);
        let mut extra = Extra::new();
        extra.put(*b"height", height.to_be_bytes());
        extend(&chain, &changes(height), 3, 0, extra).expect("committed");
        println!("acknowledged {height}");
    }
}

#[test]
fn a_killed_process_leaves_every_acknowledged_block_whole() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for round in 0..20u64 {
        let mut child = writer("commits_until_killed", directory.path()).spawn().expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut wait = || loop {
            let line = lines.next().expect("the writer lives").expect("reads");
            if let Some((_, height)) = line.split_once("acknowledged ") {
                return height.parse::<u64>().expect("a height");
            }
        };
        // A different number of blocks each round, and so a different moment.
        for _ in 0..round * 7 % 23 {
            wait();
        }
        let mut acknowledged = wait();
        if round == 0 {
            assert!(matches!(open(directory.path()), Err(StoreError::InUse { .. })), "another process has it");
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        // What it still said before it died counts too.
        for line in lines.map_while(Result::ok) {
            if let Some((_, Ok(height))) = line.split_once("acknowledged ").map(|(a, height)| (a, height.parse())) {
                acknowledged = height;
            }
        }

        let store: Arc<dyn Store> = Arc::new(open(directory.path()).expect("opens after a kill"));
        // Opening compares the flat state's roots with the head's header.
        let chain = ChainState::open(store.clone(), CHAIN).expect("round {round}: the chain is whole");
        let head = chain.head().expect("a head").height;
        assert!(head >= acknowledged, "round {round}: block {acknowledged} was acknowledged, the head is {head}");
        assert!(head <= acknowledged + 1, "round {round}: at most the block under way is there besides");
        assert_eq!(chain.meta_get(b"height").expect("reads"), Some(head.to_be_bytes().to_vec()));
        for height in head.saturating_sub(30)..=head {
            let block = chain.block(height).expect("reads").expect("there");
            assert_eq!(block.receipts.len(), 3);
            for (receipt, index) in block.receipts.iter().zip(0..) {
                assert_eq!(chain.locate(&receipt.request).expect("reads"), Some((height, index)));
            }
            let view = chain.at(height).expect("retained");
            for (key, value) in changes(height).native {
                assert_eq!(view.native(&key).expect("reads"), value, "round {round}, height {height}");
            }
        }
        // Nothing of a later block.
        let later = (head + 1).to_be_bytes();
        assert_eq!(chain.latest().native(&later).expect("reads"), None);
        for table in [Table::Blocks, Table::History] {
            let rows = store.collect(table, &KeyRange::prefix(&[]), Direction::Forward, usize::MAX).expect("reads");
            assert!(rows.iter().all(|(key, _)| !key.windows(8).any(|part| part == later)), "round {round}: {table:?}");
        }
    }
}

#[test]
#[ignore = "a process of its own, begun by `a_failed_disk_takes_no_more_writes_until_reopened`"]
fn writes_until_the_disk_fails() {
    let store = open(&given_directory()).expect("opens");
    // Noise, so that compression does not make room.
    let mut noise = 1u64;
    let mut value = vec![0u8; 1 << 20];
    for number in 0u64..200 {
        for byte in value.chunks_mut(8) {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            byte.copy_from_slice(&noise.to_le_bytes());
        }
        let mut batch = Batch::new();
        batch.put(Table::Blocks, number.to_be_bytes(), value.as_slice());
        match store.commit(batch) {
            Ok(()) => println!("acknowledged {number}"),
            Err(error) => {
                assert!(matches!(error, StoreError::Disk(_)), "{error:?}");
                assert_eq!(store.commit(small()), Err(error.clone()), "the first reason is told again");
                assert_eq!(store.persist(), Err(error.clone()));
                println!("failed {error}");
                return;
            }
        }
    }
}

fn small() -> Batch {
    let mut batch = Batch::new();
    batch.put(Table::Node, *b"after the failure", *b"1");
    batch
}

#[test]
#[cfg(unix)]
fn a_failed_disk_takes_no_more_writes_until_reopened() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    drop(open(directory.path()).expect("the database is made without a limit"));
    let inner = writer("writes_until_the_disk_fails", directory.path());
    // No write may go beyond 32 MiB of a file (in units of 512 bytes), which fjall's journal soon does. The signal would kill.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 65536; exec \"$0\" \"$@\""]).arg(inner.get_program());
    command.args(inner.get_args()).env(DIRECTORY, directory.path());
    let output = command.output().expect("ran");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("failed the store failed and takes no more writes"), "{text}");
    let acknowledged = text.lines().filter(|line| line.contains("acknowledged ")).count();

    let store = open(directory.path()).expect("opens again");
    let rows = store.collect(Table::Blocks, &KeyRange::prefix(&[]), Direction::Forward, usize::MAX).expect("reads");
    assert!(rows.len() >= acknowledged, "{acknowledged} were acknowledged, {} are there", rows.len());
    assert!(rows.iter().all(|(_, value)| value.len() == 1 << 20));
    assert_eq!(store.get(Table::Node, b"after the failure").expect("reads"), None);
    store.commit(small()).expect("a reopened store writes");
}
