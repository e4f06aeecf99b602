//! What is stored brings back the same tangle, and what is old is forgotten.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod network;

use network::{Network, genesis, key};
use vespiary_tangle::{BasicOutput, LedgerDiff, Settings, Snapshot, Tangle, TangleError, TransactionStatus};
use vespiary_types::Wire;

/// Ten milestones of payments, with one double spend in each.
fn lived() -> Network {
    let mut network = Network::new();
    for round in 0..10 {
        for person in 0..5 {
            network.fund(key(person).address(), 600_000);
        }
        let parents = vec![network.tangle.ledger().latest().block];
        if round > 0 {
            for payee in [1, 2] {
                let twice = network.pay(&key(0), BasicOutput::new(key(payee).address(), 200_000));
                network.post_over(parents.clone(), twice);
            }
        }
        network.milestone();
    }
    network
}

fn stored(network: &Network) -> Vec<LedgerDiff> {
    network.diffs.iter().map(|diff| LedgerDiff::from_wire(&diff.to_wire()).unwrap()).collect()
}

#[test]
fn a_tangle_restored_from_diffs_alone_equals_the_original_and_goes_on() {
    let mut network = lived();
    let restored = Tangle::restore(genesis(), Settings::default(), None, stored(&network)).unwrap();
    assert_eq!(restored.snapshot(), network.tangle.snapshot());
    let mut twin = restored;
    for diff in &network.diffs {
        for (_, transaction) in &diff.applied {
            assert_eq!(twin.status(transaction), network.tangle.status(transaction));
        }
        for (_, transaction, _) in &diff.conflicts {
            assert_eq!(twin.status(transaction), network.tangle.status(transaction));
        }
        for (id, _) in &diff.consumed {
            assert_eq!(twin.ledger().output(id), network.tangle.ledger().output(id));
        }
    }
    let before = network.blocks.len();
    network.fund(key(3).address(), 300_000);
    network.milestone();
    for block in &network.blocks[before..] {
        let attached = twin.attach(block.clone(), network.now).unwrap();
        assert!(attached.faults.is_empty(), "{:?}", attached.faults);
    }
    assert_eq!(twin.snapshot(), network.tangle.snapshot());
}

#[test]
fn a_snapshot_in_the_middle_gives_the_same_tangle_with_and_without_history() {
    let network = lived();
    let diffs = stored(&network);
    let half = Tangle::restore(genesis(), Settings::default(), None, diffs[..5].to_vec()).unwrap();
    let snapshot = Snapshot::from_wire(&half.snapshot().to_wire()).unwrap();
    let short = Tangle::restore(genesis(), Settings::default(), Some(snapshot.clone()), diffs[5..].to_vec()).unwrap();
    let full = Tangle::restore(genesis(), Settings::default(), Some(snapshot), diffs.clone()).unwrap();
    assert_eq!(short.snapshot(), network.tangle.snapshot());
    assert_eq!(full.snapshot(), network.tangle.snapshot());
    let early = diffs[1].applied[0].1;
    assert_eq!(short.status(&early), TransactionStatus::Unknown);
    assert_eq!(full.status(&early), network.tangle.status(&early));
}

#[test]
fn a_gap_or_another_network_is_refused() {
    let network = lived();
    let mut diffs = stored(&network);
    diffs.remove(4);
    let gap = Tangle::restore(genesis(), Settings::default(), None, diffs);
    assert!(matches!(gap, Err(TangleError::Restore(_))));
    let mut other = genesis();
    other.network_name = "elsewhere".into();
    let foreign = Tangle::restore(other, Settings::default(), Some(network.tangle.snapshot()), []);
    assert!(matches!(foreign, Err(TangleError::Restore(_))));
}

#[test]
fn history_is_bounded_and_the_ledger_is_not_touched_by_it() {
    let mut network = Network::with(Settings { history_milestones: 3, ..Settings::default() });
    let mut transactions = Vec::new();
    for person in 0..10 {
        transactions.push(network.fund(key(person).address(), 200_000));
        network.milestone();
    }
    assert_eq!(network.tangle.status(&transactions[0]), TransactionStatus::Unknown);
    assert!(matches!(network.tangle.status(&transactions[9]), TransactionStatus::Included { milestone: 10, .. }));
    assert_eq!(network.tangle.ledger().diffs_since(0).count(), 3);
    assert_eq!(network.tangle.ledger().balance(&key(0).address()), 200_000);
    assert_eq!(network.total(), u128::from(network::SUPPLY));
}
