//! A request on its way: written by a wallet, found by its chain, consumed by an anchor.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod network;

use network::{Network, key};
use vespiary_tangle::{AnchorPlan, BasicOutput, Expiration, OutputState, TransactionBuilder, create_chain_alias};
use vespiary_types::{ChainId, L1Address, OutputId};

fn chain() -> (Network, ChainId) {
    let mut network = Network::new();
    let alice = key(1);
    network.fund(alice.address(), 20_000_000);
    network.milestone();
    let funds = network.funds(&alice);
    let (group, params) = (key(7).address(), network.tangle.network().clone());
    let unsigned = create_chain_alias(&params, alice.address(), funds, group, group, 1_000_000, Vec::new()).unwrap();
    let transaction = network.sign(unsigned, &[&alice]);
    let chain = OutputId { transaction_id: transaction.id(), index: 0 }.alias_id();
    network.post(transaction);
    network.milestone();
    (network, chain)
}

#[test]
fn a_chain_finds_what_was_asked_of_it_since_a_milestone() {
    let (mut network, chain) = chain();
    let alice = key(1);
    let since = network.tangle.ledger().latest().index;
    let mut request = BasicOutput::new(L1Address::Alias(chain), 3_000_000);
    request.sender = Some(alice.address());
    request.metadata = Some(b"what is asked".to_vec());
    request.expiration = Some(Expiration { return_address: alice.address(), time: network.seconds() + 60 });
    let params = network.tangle.network().clone();
    let builder = TransactionBuilder::new(&params).output(request.clone()).available(network.funds(&alice));
    let unsigned = builder.build(alice.address()).unwrap();
    let transaction = network.sign(unsigned, &[&alice]);
    network.post(transaction);
    network.milestone();
    let found: Vec<_> = network.tangle.ledger().requests(&chain, since).cloned().collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].output.as_basic(), Some(&request));
    // Nothing is new after it.
    assert_eq!(network.tangle.ledger().requests(&chain, since + 1).count(), 0);
    // Once an anchor takes it in, it is spent, and everybody can see by whom.
    let anchor = network.tangle.ledger().alias(&chain).unwrap().clone();
    let current = anchor.output.as_alias().unwrap().clone();
    let mut plan = AnchorPlan::new(&network.tangle.network().clone(), anchor.id, current, b"1".to_vec()).unwrap();
    plan.consume(found[0].id, found[0].output.as_basic().unwrap().clone()).unwrap();
    let anchor = network.sign(plan.build().unwrap(), &[&key(7)]);
    let by_anchor = anchor.id();
    network.post(anchor);
    network.milestone();
    assert_eq!(network.tangle.ledger().requests(&chain, since).count(), 0);
    let state = network.tangle.ledger().output(&found[0].id);
    assert!(matches!(state, Some(OutputState::Spent { by, .. }) if by == by_anchor), "{state:?}");
}
