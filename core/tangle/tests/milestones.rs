//! White flag, milestones, solidification, the coordinator's policy and proofs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod network;

use network::{Network, START, genesis, key};
use vespiary_tangle::{
    BasicOutput, Block, Conflict, Coordinator, Expiration, MilestonePolicy, PreparedBlock, Proven, Settings, Tangle,
    TangleError, TransactionStatus,
};
use vespiary_types::BlockId;

#[test]
fn of_two_spends_in_one_cone_the_first_in_white_flag_order_wins() {
    let mut network = Network::new();
    let (alice, bob, carol) = (key(1), key(2), key(3));
    network.fund(alice.address(), 1_000_000);
    network.milestone();
    let parents = network.tangle.select_tips(0);
    let to_bob = network.pay(&alice, BasicOutput::new(bob.address(), 1_000_000));
    let to_carol = network.pay(&alice, BasicOutput::new(carol.address(), 1_000_000));
    let (first, to_bob) = network.post_over(parents.clone(), to_bob);
    let (second, to_carol) = network.post_over(parents, to_carol);
    let issued = network.milestone();
    // Both blocks are parents of the milestone, which lists them sorted by id.
    let (winner, loser) = if first < second { (to_bob, to_carol) } else { (to_carol, to_bob) };
    assert!(matches!(network.tangle.status(&winner), TransactionStatus::Included { milestone: 2, .. }));
    assert!(matches!(
        network.tangle.status(&loser),
        TransactionStatus::Conflicting { milestone: 2, reason: Conflict::InputSpent(_) }
    ));
    assert!(issued.diff.included.contains(&first) && issued.diff.included.contains(&second));
    assert_eq!(issued.diff.applied.len(), 1);
    assert_eq!(network.total(), u128::from(network::SUPPLY));
}

#[test]
fn a_loser_may_be_attached_again_and_a_winner_twice_changes_nothing() {
    let mut network = Network::new();
    let alice = key(1);
    network.fund(alice.address(), 1_000_000);
    network.milestone();
    let mut locked = BasicOutput::new(alice.address(), 1_000_000);
    locked.timelock = Some(network.seconds() + 1);
    let locked = network.pay(&alice, locked);
    let held = locked.outputs().next().map(|(id, output)| (id, output.clone())).unwrap();
    network.post(locked);
    network.milestone();
    let spend = network.builder().input(held.0, held.1).build(alice.address()).unwrap();
    // Tests sign for the time when the lock is over.
    let spend = spend.sign(&[&alice], network.seconds() + 5).unwrap();
    let id = network.post(spend.clone());
    network.milestone();
    assert!(matches!(
        network.tangle.status(&id),
        TransactionStatus::Conflicting { reason: Conflict::Timelock { .. }, .. }
    ));
    network.now += 2_000;
    network.post(spend.clone());
    assert_eq!(network.tangle.status(&id), TransactionStatus::Pending);
    network.milestone();
    let included = network.tangle.status(&id);
    assert!(matches!(included, TransactionStatus::Included { .. }));
    network.post(spend);
    network.milestone();
    assert_eq!(network.tangle.status(&id), included);
}

#[test]
fn a_cone_five_thousand_blocks_deep_is_confirmed_on_a_small_stack() {
    let walk = || {
        let mut network = Network::new();
        for _ in 0..5_000 {
            let parents = network.tangle.select_tips(0);
            let block = Block::new(network.tangle.network().version, parents, None);
            network.attach(PreparedBlock::new(block).unwrap());
        }
        network.milestone().diff.included.len()
    };
    let thread = std::thread::Builder::new().stack_size(256 * 1024).spawn(walk).unwrap();
    assert_eq!(thread.join().unwrap(), 5_000);
}

#[test]
fn ledgers_agree_whatever_the_order_in_which_blocks_came() {
    let mut network = Network::new();
    for round in 0..6 {
        for person in 0..9 {
            network.fund(key(person).address(), 500_000 + round);
        }
        if round > 0 {
            for person in 0..9 {
                let from = key(person);
                let payment = BasicOutput::new(key(person + 1).address(), 200_000);
                let transaction = network.pay(&from, payment);
                let parents = network.tangle.ledger().latest().block;
                network.post_over(vec![parents], transaction);
            }
        }
        network.milestone();
    }
    for seed in 0..8u64 {
        let mut blocks = network.blocks.clone();
        // Fisher-Yates with a linear congruence: another order for each seed.
        let mut state = seed;
        for last in (1..blocks.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            blocks.swap(last, (state >> 33) as usize % (last + 1));
        }
        let mut other = Tangle::new(genesis(), Settings::default()).unwrap();
        for block in blocks {
            let attached = other.attach(block, START).unwrap();
            assert!(attached.faults.is_empty(), "seed {seed}: {:?}", attached.faults);
        }
        assert_eq!(other.waiting_blocks(), 0, "seed {seed}");
        assert_eq!(other.snapshot(), network.tangle.snapshot(), "seed {seed}");
    }
}

#[test]
fn a_block_waits_for_its_parents_and_names_them() {
    let mut network = Network::new();
    let version = network.tangle.network().version;
    let parent = PreparedBlock::new(Block::new(version, vec![BlockId::default()], None)).unwrap();
    let child = PreparedBlock::new(Block::new(version, vec![parent.id()], None)).unwrap();
    let attached = network.tangle.attach(child.clone(), START).unwrap();
    assert!(attached.solid.is_empty());
    assert_eq!(attached.missing, [parent.id()]);
    let attached = network.tangle.attach(parent.clone(), START).unwrap();
    assert_eq!(attached.solid, [parent.id(), child.id()]);
    assert_eq!(network.tangle.tips(), [child.id()]);
}

#[test]
fn of_too_many_blocks_that_wait_the_oldest_give_way() {
    let mut network = Network::with(Settings { waiting_blocks: 2, ..Settings::default() });
    let version = network.tangle.network().version;
    let parents: Vec<_> = (0..3)
        .map(|nonce| {
            PreparedBlock::new(Block { nonce, ..Block::new(version, vec![BlockId::default()], None) }).unwrap()
        })
        .collect();
    for parent in &parents {
        network.tangle.submit(Block::new(version, vec![parent.id()], None), START).unwrap();
    }
    assert_eq!(network.tangle.waiting_blocks(), 2);
    let solid: Vec<_> =
        parents.into_iter().map(|parent| network.tangle.attach(parent, START).unwrap().solid.len()).collect();
    assert_eq!(solid, [1, 2, 2]);
}

#[test]
fn an_idle_tangle_is_silent_and_a_block_is_confirmed_within_ten_milliseconds() {
    let mut network = Network::new();
    assert_eq!(network.coordinator.next_milestone_due(&network.tangle, network.now), None);
    network.fund(key(1).address(), 1_000_000);
    let due = network.coordinator.next_milestone_due(&network.tangle, network.now).unwrap();
    assert_eq!(due, network.now + 10);
    let issued = network.coordinator.issue(&mut network.tangle, due).unwrap();
    assert_eq!(issued.diff.milestone.essence.time_ms, due);
    assert_eq!(network.coordinator.next_milestone_due(&network.tangle, due), None);
    // Right behind a milestone the interval counts, not the delay.
    network.now = due + 1;
    network.fund(key(1).address(), 1_000_000);
    assert_eq!(network.coordinator.next_milestone_due(&network.tangle, network.now), Some(due + 50));
}

#[test]
fn a_timelock_or_expiration_that_falls_due_brings_one_milestone() {
    let mut network = Network::new();
    let alice = key(1);
    network.fund(alice.address(), 1_000_000);
    network.milestone();
    let mut offer = BasicOutput::new(key(2).address(), 1_000_000);
    let expires = network.seconds() + 60;
    offer.expiration = Some(Expiration { return_address: alice.address(), time: expires });
    let offer = network.pay(&alice, offer);
    network.post(offer);
    network.milestone();
    let due = network.coordinator.next_milestone_due(&network.tangle, network.now).unwrap();
    assert_eq!(due, u64::from(expires) * 1_000);
    assert_eq!(network.tangle.ledger().balance(&alice.address()), 0);
    network.now = due;
    network.milestone();
    assert_eq!(network.tangle.ledger().balance(&alice.address()), 1_000_000);
    assert_eq!(network.coordinator.next_milestone_due(&network.tangle, network.now), None);
}

#[test]
fn one_milestone_confirms_any_number_of_tips() {
    let mut network = Network::new();
    let version = network.tangle.network().version;
    for nonce in 0..100 {
        let block = Block { nonce, ..Block::new(version, vec![BlockId::default()], None) };
        network.attach(PreparedBlock::new(block).unwrap());
    }
    network.milestone();
    assert_eq!(network.tangle.unconfirmed_blocks(), 0);
    assert_eq!(network.tangle.tips().len(), 1);
}

#[test]
fn only_the_coordinators_keys_make_milestones() {
    let mut network = Network::new();
    network.fund(key(1).address(), 1_000_000);
    let stranger = Coordinator::new(vec![key(5)], MilestonePolicy::default());
    let refused = stranger.issue(&mut network.tangle, START + 10);
    assert!(matches!(refused, Err(TangleError::MilestoneSignatures(_))), "{refused:?}");
    assert_eq!(network.tangle.ledger().latest().index, 0);
}

#[test]
fn two_of_three_keys_sign_and_one_does_not_suffice() {
    let mut genesis = genesis();
    genesis.coordinator.keys = vec![key(10).public_key(), key(11).public_key(), key(12).public_key()];
    genesis.coordinator.threshold = 2;
    let mut tangle = Tangle::new(genesis, Settings::default()).unwrap();
    let alone = Coordinator::new(vec![key(10)], MilestonePolicy::default());
    assert!(alone.issue(&mut tangle, START + 1).is_err());
    let pair = Coordinator::new(vec![key(12), key(10)], MilestonePolicy::default());
    assert_eq!(pair.issue(&mut tangle, START + 1).unwrap().diff.index(), 1);
}

#[test]
fn a_second_milestone_of_one_index_is_a_fault_and_has_no_effect() {
    let mut network = Network::new();
    let mut twin = network.tangle.clone();
    network.fund(key(1).address(), 1_000_000);
    network.milestone();
    let fork = network.coordinator.issue(&mut twin, START + 7).unwrap();
    let before = network.tangle.snapshot();
    let attached = network.tangle.attach(fork.blocks.last().unwrap().as_ref().clone(), network.now).unwrap();
    assert_eq!(attached.faults.len(), 1);
    assert!(attached.faults[0].reason.contains("two milestones 1"), "{}", attached.faults[0].reason);
    assert_eq!(network.tangle.snapshot(), before);
}

#[test]
fn a_client_without_a_ledger_can_check_that_a_block_was_confirmed() {
    let mut network = Network::new();
    for person in 0..11 {
        network.fund(key(person).address(), 1_000_000);
    }
    let coordinator = network.tangle.genesis().coordinator.clone();
    let issued = network.milestone();
    for (block, _) in &issued.diff.applied {
        for proven in [Proven::Included, Proven::Applied] {
            let mut proof = network.tangle.proof(block, proven).unwrap();
            proof.verify(&coordinator).unwrap();
            proof.block = BlockId::new([1; 32]);
            assert!(proof.verify(&coordinator).is_err());
        }
    }
    assert_eq!(network.tangle.proof(&issued.diff.block, Proven::Applied), None);
}

#[test]
fn the_faucet_serves_many_between_two_milestones() {
    let mut network = Network::new();
    let served: Vec<_> = (0..300).map(|person| network.fund(key(person).address(), 200_000 + person)).collect();
    let issued = network.milestone();
    assert_eq!(issued.diff.conflicts, []);
    for id in served {
        assert!(matches!(network.tangle.status(&id), TransactionStatus::Included { milestone: 1, .. }));
    }
    network.fund(key(1).address(), 200_000);
    assert_eq!(network.milestone().diff.conflicts, []);
    assert_eq!(network.tangle.ledger().balance(&key(1).address()), 400_001);
}

#[test]
fn version_two_keeps_whole_seconds() {
    let mut genesis = genesis();
    genesis.version = vespiary_tangle::ProtocolVersion::Stardust;
    let mut tangle = Tangle::new(genesis, Settings::default()).unwrap();
    let coordinator = Coordinator::new(vec![key(1_000)], MilestonePolicy::default());
    let first = coordinator.issue(&mut tangle, START + 1_234).unwrap();
    let second = coordinator.issue(&mut tangle, START + 1_300).unwrap();
    assert_eq!(first.diff.milestone.essence.time_ms, START + 1_000);
    assert_eq!(second.diff.milestone.essence.time_ms, START + 2_000);
    let bytes = second.blocks.last().unwrap().bytes().to_vec();
    assert_eq!(Block::from_bytes(&bytes).unwrap().to_bytes(), bytes);
}

#[test]
fn an_output_that_is_spent_before_it_expires_wakes_nobody() {
    let mut network = Network::new();
    let (alice, bob) = (key(1), key(2));
    network.fund(alice.address(), 2_000_000);
    network.milestone();
    let time = network.seconds() + 60;
    let mut offer = BasicOutput::new(bob.address(), 1_000_000);
    offer.expiration = Some(Expiration { return_address: alice.address(), time });
    let unsigned = network.builder().available(network.funds(&alice)).output(offer.clone()).output(offer);
    let offers = network.sign(unsigned.build(alice.address()).unwrap(), &[&alice]);
    let held: Vec<_> = offers.outputs().map(|(id, output)| (id, output.clone())).collect();
    network.post(offers);
    network.milestone();
    for (taken, due) in [(0, Some(u64::from(time) * 1_000)), (1, None)] {
        let (id, output) = held[taken].clone();
        let take = network.builder().input(id, output).build(bob.address()).unwrap();
        let take = network.sign(take, &[&bob]);
        network.post(take);
        network.milestone();
        assert_eq!(network.coordinator.next_milestone_due(&network.tangle, network.now), due, "after {taken}");
    }
}
