//! What keeping blocks on disk costs: `cargo run --release -p vespiary-store --example disk`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a measurement prints, and may fail"
)]

use std::sync::Arc;
use std::time::Instant;

use vespiary_state::ChainState;
use vespiary_state::conformance::blocks::CHAIN;
use vespiary_state::conformance::load::Load;
use vespiary_store::{FjallOptions, FjallStore};

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).map_or(0, |pages| pages * 4 / 1024)
}

fn main() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let before = resident_mib();
    let start = Instant::now();
    let store = Arc::new(FjallStore::open(directory.path(), FjallOptions::default()).expect("opens"));
    println!("opening an empty store: {:.1?}, {} MiB more resident", start.elapsed(), resident_mib() - before);
    let chain = ChainState::open(store, CHAIN).expect("opens");
    Load::measure(&chain, 10_000, &Instant::now, |line| println!("{line}")).expect("commits and reads");
    let start = Instant::now();
    chain.store().persist().expect("persists");
    println!("persist: {:.1?}; {} MiB resident", start.elapsed(), resident_mib());
    drop(chain);
    let start = Instant::now();
    let store = Arc::new(FjallStore::open(directory.path(), FjallOptions::default()).expect("opens"));
    ChainState::open(store, CHAIN).expect("opens");
    println!("opening store and chain again: {:.1?}", start.elapsed());
}
