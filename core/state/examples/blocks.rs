//! What keeping blocks costs: `cargo run --release -p vespiary-state --features conformance --example blocks`.
//!
//! A memory store; `vespiary-store` has the same for fjall.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a measurement prints, and may fail"
)]

use std::sync::Arc;
use std::time::Instant;

use vespiary_state::conformance::blocks::CHAIN;
use vespiary_state::conformance::load::Load;
use vespiary_state::{ChainState, MemoryStore};
use vespiary_types::ChainId;

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).map_or(0, |pages| pages * 4)
}

fn main() {
    let before = resident_kib();
    let chains: Vec<_> = (0..500u64)
        .map(|number| {
            let mut id = [0; 32];
            id.get_mut(..8).expect("32 bytes").copy_from_slice(&number.to_be_bytes());
            let chain = ChainState::open(Arc::new(MemoryStore::new()), ChainId::new(id)).expect("opens");
            Load::begin(&chain, 10).expect("commits");
            chain
        })
        .collect();
    println!("500 idle chains: {} KiB each", (resident_kib() - before) / 500);
    drop(chains);

    let chain = ChainState::open(Arc::new(MemoryStore::new()), CHAIN).expect("opens");
    Load::measure(&chain, 10_000, &Instant::now, |line| println!("{line}")).expect("commits and reads");
}
