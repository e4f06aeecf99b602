//! A request on its way: written by a wallet, found by its chain, read as what was asked.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod network;

use network::{Network, key};
use vespiary_tangle::{
    AnchorPlan, BasicOutput, Output, OutputState, RequestOutput, StorageDepositReturn, create_chain_alias,
    on_ledger_request, send_request,
};
use vespiary_types::{AgentId, Call, ChainId, Hname, L1Address, OutputId};

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
    let call = Call {
        contract: Hname::of("accounts"),
        entry_point: Hname::of("deposit"),
        params: vec![1, 2, 3].into(),
        gas_budget: 10_000,
        ..Call::default()
    };
    let request = RequestOutput {
        chain,
        tokens: 3_000_000,
        sender: alice.address(),
        call: call.clone(),
        timelock: None,
        expires: Some(network.seconds() + 60),
    };
    let unsigned = send_request(&network.tangle.network().clone(), request, network.funds(&alice)).unwrap();
    let transaction = network.sign(unsigned, &[&alice]);
    network.post(transaction);
    network.milestone();
    let found: Vec<_> = network.tangle.ledger().requests(&chain, since).cloned().collect();
    assert_eq!(found.len(), 1);
    let read = on_ledger_request(found[0].id, &found[0].output).unwrap();
    assert_eq!((read.sender, read.tokens, &read.call), (AgentId::L1(alice.address()), 3_000_000, &call));
    assert_eq!(Output::from_bytes(&read.serialized).as_ref(), Ok(&found[0].output));
    assert_eq!(read.expiration.map(|(_, to)| to), Some(alice.address()));
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

#[test]
fn unreadable_metadata_still_deposits_and_a_loan_is_no_request() {
    let chain = ChainId::new([9; 32]);
    let mut output = BasicOutput::new(L1Address::Alias(chain), 1_000_000);
    output.metadata = Some(vec![0xff; 20]);
    let read = on_ledger_request(OutputId::default(), &output.clone().into()).unwrap();
    assert_eq!((read.tokens, read.call, read.sender), (1_000_000, Call::default(), AgentId::Nil));
    output.storage_deposit_return = Some(StorageDepositReturn { address: key(1).address(), amount: 200_000 });
    assert_eq!(on_ledger_request(OutputId::default(), &output.into()), None);
}
