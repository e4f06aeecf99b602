//! How fast the ledger is beside signatures. Run by hand: `cargo test --release -p vespiary-tangle --test throughput -- --ignored --nocapture`.
#![expect(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod network;

use std::time::Instant;

use network::{Network, key};
use vespiary_tangle::{BasicOutput, Block, Payload, PreparedBlock};

fn rate(count: u32, start: Instant) -> f64 {
    f64::from(count) / start.elapsed().as_secs_f64()
}

#[test]
#[ignore = "a measurement"]
fn payments_a_second() {
    let mut network = Network::new();
    let count = 20_000u32;
    let start = Instant::now();
    for person in 0..u64::from(count) {
        let block = network.faucet.fund(&network.tangle, key(person).address(), 200_000, person).unwrap();
        network.tangle.attach(block, network.now).unwrap();
    }
    println!("faucet, signed and verified: {:.0}/s", rate(count, start));
    let start = Instant::now();
    network.milestone();
    println!("milestone over {count} chained blocks: {:.0} transactions/s", rate(count, start));
    let mut blocks = Vec::new();
    let parent = network.tangle.ledger().latest().block;
    for person in 0..u64::from(count) {
        let from = key(person);
        let transaction = network.pay(&from, BasicOutput::new(key(person + 1).address(), 200_000));
        let block = Block::new(network.tangle.network().version, vec![parent], Some(Payload::Transaction(transaction)));
        blocks.push(block.to_bytes());
    }
    let start = Instant::now();
    let blocks: Vec<_> = blocks.into_iter().map(|bytes| PreparedBlock::decode(bytes).unwrap()).collect();
    println!("decode, hash and verify: {:.0}/s", rate(count, start));
    let start = Instant::now();
    for block in blocks {
        network.tangle.attach(block, network.now).unwrap();
    }
    println!("attach: {:.0}/s", rate(count, start));
    let start = Instant::now();
    network.now += 100;
    let diff = network.milestone().diff;
    println!("milestone over {count} tips: {:.0} transactions/s", rate(count, start));
    assert_eq!(diff.applied.len(), count as usize);
    let start = Instant::now();
    for _ in 0..1_000 {
        network.fund(key(1).address(), 200_000);
        network.milestone();
    }
    println!(
        "one transfer a milestone over {} outputs: {:.0}/s",
        network.tangle.ledger().unspent_count(),
        rate(1_000, start)
    );
}
