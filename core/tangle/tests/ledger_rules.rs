//! Which transactions take effect: unlock conditions, features, aliases (TIP-18, TIP-20).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod network;

use network::{Network, key};
use vespiary_crypto::Ed25519KeyPair;
use vespiary_tangle::{
    AliasField, AliasOutput, AnchorPlan, BasicOutput, Block, Conflict, Expiration, Output, Payload, PreparedBlock,
    StorageDepositReturn, TangleError, Transaction, TransactionStatus, Unlock, create_chain_alias, minimum_payout,
    rotate_controllers,
};
use vespiary_types::{AliasId, L1Address, OutputId, Payout, TransactionId};

fn fate(network: &mut Network, transaction: Transaction) -> Result<(), Conflict> {
    let id = network.post(transaction);
    network.milestone();
    verdict(network, &id)
}

fn verdict(network: &Network, id: &TransactionId) -> Result<(), Conflict> {
    match network.tangle.status(id) {
        TransactionStatus::Included { .. } => Ok(()),
        TransactionStatus::Conflicting { reason, .. } => Err(reason),
        other => panic!("no milestone decided: {other:?}"),
    }
}

/// A network where persons 1 and 2 hold 10 million each.
fn funded() -> (Network, Ed25519KeyPair, Ed25519KeyPair) {
    let mut network = Network::new();
    let (alice, bob) = (key(1), key(2));
    network.fund(alice.address(), 10_000_000);
    network.fund(bob.address(), 10_000_000);
    network.milestone();
    (network, alice, bob)
}

fn first_output(transaction: &Transaction) -> (OutputId, Output) {
    transaction.outputs().next().map(|(id, output)| (id, output.clone())).unwrap()
}

/// A chain whose group key is person 7's and whose governor is person 8's.
fn chain(network: &mut Network, creator: &Ed25519KeyPair) -> (AliasId, OutputId, AliasOutput) {
    let (group, governor) = (key(7), key(8));
    let funds = network.funds(creator);
    let unsigned = create_chain_alias(
        &network.tangle.network().clone(),
        creator.address(),
        funds,
        group.address(),
        governor.address(),
        1_000_000,
        b"genesis".to_vec(),
    )
    .unwrap();
    let transaction = network.sign(unsigned, &[creator]);
    let (id, output) = first_output(&transaction);
    assert_eq!(fate(network, transaction), Ok(()));
    (id.alias_id(), id, output.as_alias().unwrap().clone())
}

#[test]
fn only_the_owner_spends() {
    let (mut network, alice, bob) = funded();
    let mut theft = network.pay(&alice, BasicOutput::new(bob.address(), 1_000_000));
    let digest = theft.essence.signing_digest();
    theft.unlocks = vec![Unlock::Signature { public_key: bob.public_key(), signature: bob.sign(&digest) }];
    assert!(matches!(fate(&mut network, theft), Err(Conflict::Unlock { .. })));
    let mut forged = network.pay(&alice, BasicOutput::new(bob.address(), 1_000_000));
    forged.unlocks = vec![Unlock::Signature { public_key: alice.public_key(), signature: bob.sign(&digest) }];
    assert_eq!(fate(&mut network, forged), Err(Conflict::Signature));
}

#[test]
fn tokens_are_neither_made_nor_lost() {
    let (mut network, alice, bob) = funded();
    for difference in [-1i64, 1] {
        let honest = network.builder().available(network.funds(&alice));
        let honest = honest.output(BasicOutput::new(bob.address(), 1_000_000)).build(alice.address()).unwrap();
        let mut essence = honest.essence().clone();
        if let Output::Basic(output) = &mut essence.outputs[0] {
            output.amount = output.amount.checked_add_signed(difference).unwrap();
        }
        let signature = alice.sign(&essence.signing_digest());
        let unlocks = vec![Unlock::Signature { public_key: alice.public_key(), signature }];
        let result = fate(&mut network, Transaction { essence, unlocks });
        assert!(matches!(result, Err(Conflict::Amounts { .. })), "{result:?}");
    }
}

#[test]
fn a_signer_who_was_shown_other_outputs_signs_nothing_of_effect() {
    let (mut network, alice, bob) = funded();
    let mut transaction = network.pay(&alice, BasicOutput::new(bob.address(), 1_000_000));
    transaction.essence.inputs_commitment = [7; 32];
    let signature = alice.sign(&transaction.essence.signing_digest());
    transaction.unlocks = vec![Unlock::Signature { public_key: alice.public_key(), signature }];
    assert_eq!(fate(&mut network, transaction), Err(Conflict::InputsCommitment));
}

#[test]
fn several_inputs_of_one_address_take_one_signature() {
    let (mut network, alice, bob) = funded();
    network.fund(alice.address(), 5_000_000);
    network.milestone();
    let transaction = network.pay(&alice, BasicOutput::new(bob.address(), 14_000_000));
    assert!(matches!(transaction.unlocks[..], [Unlock::Signature { .. }, Unlock::Reference(0)]));
    assert_eq!(fate(&mut network, transaction.clone()), Ok(()));
    let mut twice = transaction;
    twice.unlocks[1] = twice.unlocks[0];
    assert!(matches!(twice.check(), Err(TangleError::Syntax(_))));
}

#[test]
fn an_expiring_output_changes_hands_at_its_second() {
    let (mut network, alice, bob) = funded();
    let time = network.seconds() + 10;
    let mut offer = BasicOutput::new(bob.address(), 1_000_000);
    offer.expiration = Some(Expiration { return_address: alice.address(), time });
    let offer = network.pay(&alice, offer);
    let (id, output) = first_output(&offer);
    assert_eq!(fate(&mut network, offer), Ok(()));
    let take = |network: &Network, who: &Ed25519KeyPair, seconds: u32| {
        let unsigned = network.builder().input(id, output.clone()).build(who.address()).unwrap();
        unsigned.sign(&[who], seconds).unwrap()
    };
    let early = take(&network, &alice, time);
    assert!(matches!(fate(&mut network, early), Err(Conflict::Unlock { .. })));
    network.now = u64::from(time) * 1_000;
    let late = take(&network, &bob, time - 1);
    assert!(matches!(fate(&mut network, late), Err(Conflict::Unlock { .. })));
    let back = take(&network, &alice, time);
    assert_eq!(fate(&mut network, back), Ok(()));
}

#[test]
fn a_storage_deposit_is_returned_by_plain_outputs_or_not_at_all_once_expired() {
    let (mut network, alice, bob) = funded();
    let time = network.seconds() + 10;
    let mut lent = BasicOutput::new(bob.address(), 2_000_000);
    lent.storage_deposit_return = Some(StorageDepositReturn { address: alice.address(), amount: 1_500_000 });
    lent.expiration = Some(Expiration { return_address: alice.address(), time });
    let lent = network.pay(&alice, lent);
    let (id, output) = first_output(&lent);
    assert_eq!(fate(&mut network, lent), Ok(()));
    let keep = network.builder().input(id, output.clone()).build(bob.address()).unwrap();
    let keep = network.sign(keep, &[&bob]);
    assert_eq!(fate(&mut network, keep), Err(Conflict::StorageDepositReturn { to: alice.address(), owed: 1_500_000 }));
    let mut tagged = BasicOutput::new(alice.address(), 1_500_000);
    tagged.tag = Some(b"here".to_vec());
    let tagged = network.builder().input(id, output.clone()).output(tagged).build(bob.address()).unwrap();
    let tagged = network.sign(tagged, &[&bob]);
    assert!(matches!(fate(&mut network, tagged), Err(Conflict::StorageDepositReturn { .. })));
    let fair = network.builder().input(id, output.clone()).output(BasicOutput::new(alice.address(), 1_500_000));
    let fair = network.sign(fair.build(bob.address()).unwrap(), &[&bob]);
    let mut expired = network.tangle.clone();
    assert_eq!(fate(&mut network, fair), Ok(()));
    // In a world where bob did nothing, alice owes herself nothing after the expiration.
    let reclaim = network.builder().input(id, output).build(key(3).address()).unwrap();
    let reclaim = reclaim.sign(&[&alice], time).unwrap();
    let reclaimed = reclaim.id();
    let parents = expired.select_tips(0);
    let block = Block::new(expired.network().version, parents, Some(Payload::Transaction(reclaim)));
    expired.submit(block, network.now).unwrap();
    network.coordinator.issue(&mut expired, u64::from(time) * 1_000).unwrap();
    assert!(matches!(expired.status(&reclaimed), TransactionStatus::Included { .. }));
}

#[test]
fn nobody_is_named_as_sender_without_having_unlocked_something() {
    let (mut network, alice, bob) = funded();
    let mut letter = BasicOutput::new(bob.address(), 1_000_000);
    letter.sender = Some(bob.address());
    let forged = network.pay(&alice, letter.clone());
    assert_eq!(fate(&mut network, forged), Err(Conflict::Sender(bob.address())));
    letter.sender = Some(alice.address());
    let honest = network.pay(&alice, letter);
    assert_eq!(fate(&mut network, honest), Ok(()));
}

#[test]
fn an_issuer_is_checked_at_creation_and_never_changes() {
    let (mut network, alice, bob) = funded();
    let mut alias = AliasOutput::create(alice.address(), alice.address(), 1_000_000, Vec::new());
    alias.immutable_issuer = Some(bob.address());
    let forged = network.pay(&alice, alias.clone());
    assert_eq!(fate(&mut network, forged), Err(Conflict::Issuer(bob.address())));
    alias.immutable_issuer = Some(alice.address());
    let honest = network.pay(&alice, alias);
    let (id, output) = first_output(&honest);
    assert_eq!(fate(&mut network, honest), Ok(()));
    let mut next = output.as_alias().unwrap().clone();
    (next.alias_id, next.state_index, next.immutable_issuer) = (id.alias_id(), 1, None);
    let signed = AliasMove { id, current: output, next }.signed(&network, &alice);
    assert!(matches!(
        fate(&mut network, signed),
        Err(Conflict::AliasTransition { what: AliasField::ImmutableFeatures, .. })
    ));
}

/// A transaction over one alias that is written by hand, so that it can break any rule.
struct AliasMove {
    id: OutputId,
    current: Output,
    next: AliasOutput,
}

impl AliasMove {
    fn signed(self, network: &Network, signer: &Ed25519KeyPair) -> Transaction {
        let essence = vespiary_tangle::TransactionEssence {
            network_id: network.tangle.network().network_id,
            inputs: vec![self.id],
            inputs_commitment: vespiary_tangle::inputs_commitment([&self.current]),
            outputs: vec![self.next.into()],
            payload: None,
        };
        let signature = signer.sign(&essence.signing_digest());
        Transaction { essence, unlocks: vec![Unlock::Signature { public_key: signer.public_key(), signature }] }
    }
}

#[test]
fn each_transition_changes_only_what_its_controller_may() {
    type Change = fn(&mut AliasOutput);
    let (mut network, alice, _) = funded();
    let (chain, id, current) = chain(&mut network, &alice);
    let (group, governor) = (key(7), key(8));
    let state: [(Change, AliasField); 7] = [
        (|next| next.state_index = 2, AliasField::StateIndex),
        (|next| next.state_controller = key(9).address(), AliasField::StateController),
        (|next| next.governor = key(9).address(), AliasField::Governor),
        (|next| next.metadata = Some(vec![1]), AliasField::Metadata),
        (|next| next.foundry_counter = 1, AliasField::FoundryCounter),
        (|next| next.immutable_metadata = Some(vec![1]), AliasField::ImmutableFeatures),
        (|next| next.immutable_issuer = Some(key(7).address()), AliasField::ImmutableFeatures),
    ];
    for (change, what) in state {
        let mut next = AliasOutput { alias_id: chain, state_index: 1, ..current.clone() };
        change(&mut next);
        let signed = AliasMove { id, current: current.clone().into(), next }.signed(&network, &group);
        assert_eq!(fate(&mut network, signed), Err(Conflict::AliasTransition { alias: chain, what }));
    }
    let mut next = AliasOutput { alias_id: chain, ..current.clone() };
    next.state_metadata = b"usurped".to_vec();
    let signed = AliasMove { id, current: current.clone().into(), next }.signed(&network, &governor);
    assert_eq!(
        fate(&mut network, signed),
        Err(Conflict::AliasTransition { alias: chain, what: AliasField::StateMetadata })
    );
    // The right change with the wrong controller's key.
    let next = AliasOutput { alias_id: chain, state_index: 1, ..current.clone() };
    let signed = AliasMove { id, current: current.into(), next }.signed(&network, &governor);
    assert!(matches!(fate(&mut network, signed), Err(Conflict::Unlock { .. })));
}

#[test]
fn a_rotation_hands_the_chain_over_and_the_old_group_is_out() {
    let (mut network, alice, _) = funded();
    let (chain, id, current) = chain(&mut network, &alice);
    let params = network.tangle.network().clone();
    let unsigned = rotate_controllers(&params, id, current, key(9).address(), key(8).address()).unwrap();
    let rotation = network.sign(unsigned, &[&key(8)]);
    assert_eq!(fate(&mut network, rotation), Ok(()));
    let anchor = network.tangle.ledger().alias(&chain).unwrap().clone();
    let plan = AnchorPlan::new(&params, anchor.id, anchor.output.as_alias().unwrap().clone(), b"1".to_vec()).unwrap();
    let unsigned = plan.build().unwrap();
    assert!(matches!(unsigned.clone().sign(&[&key(7)], 0), Err(TangleError::NoKey(_))));
    let anchor = network.sign(unsigned, &[&key(9)]);
    assert_eq!(fate(&mut network, anchor), Ok(()));
}

#[test]
fn a_governor_ends_an_alias_and_gets_its_tokens() {
    let (mut network, alice, _) = funded();
    let (chain, id, current) = chain(&mut network, &alice);
    let unsigned = network.builder().input(id, current).build(key(8).address()).unwrap();
    let ended = network.sign(unsigned, &[&key(8)]);
    assert_eq!(fate(&mut network, ended), Ok(()));
    assert_eq!(network.tangle.ledger().alias(&chain), None);
    assert_eq!(network.tangle.ledger().balance(&key(8).address()), 1_000_000);
}

#[test]
fn what_belongs_to_a_chain_moves_only_with_its_state_transition() {
    let (mut network, alice, bob) = funded();
    let (chain, id, current) = chain(&mut network, &alice);
    let deposit = network.pay(&bob, BasicOutput::new(L1Address::Alias(chain), 1_000_000));
    let (request, output) = first_output(&deposit);
    assert_eq!(fate(&mut network, deposit), Ok(()));
    // In a governance transition the alias unlocks nothing.
    let next = AliasOutput { alias_id: chain, ..current.clone() };
    let essence = vespiary_tangle::TransactionEssence {
        network_id: network.tangle.network().network_id,
        inputs: vec![id, request],
        inputs_commitment: vespiary_tangle::inputs_commitment([&current.into(), &output]),
        outputs: vec![next.into(), BasicOutput::new(key(8).address(), 1_000_000).into()],
        payload: None,
    };
    let signature = key(8).sign(&essence.signing_digest());
    let unlocks = vec![Unlock::Signature { public_key: key(8).public_key(), signature }, Unlock::Alias(0)];
    let theft = Transaction { essence, unlocks };
    assert!(matches!(fate(&mut network, theft), Err(Conflict::Unlock { .. })));
}

#[test]
fn blocks_that_break_a_rule_without_a_ledger_are_refused() {
    let (mut network, alice, bob) = funded();
    let good = network.pay(&alice, BasicOutput::new(bob.address(), 1_000_000));
    let refuse = |network: &mut Network, change: &dyn Fn(&mut Transaction)| {
        let mut transaction = good.clone();
        change(&mut transaction);
        let parents = network.tangle.select_tips(0);
        let block = Block::new(network.tangle.network().version, parents, Some(Payload::Transaction(transaction)));
        PreparedBlock::new(block).and_then(|block| network.tangle.attach(block, 0)).err()
    };
    assert!(matches!(refuse(&mut network, &|tx| tx.essence.network_id += 1), Some(TangleError::Network { .. })));
    assert!(refuse(&mut network, &|tx| tx.essence.outputs.clear()).is_some());
    assert!(refuse(&mut network, &|tx| tx.essence.inputs.push(tx.essence.inputs[0])).is_some());
    assert!(refuse(&mut network, &|tx| tx.unlocks.clear()).is_some());
    assert!(refuse(&mut network, &|tx| tx.unlocks[0] = Unlock::Alias(0)).is_some());
    assert!(refuse(&mut network, &|tx| tx.essence.outputs = vec![tx.essence.outputs[0].clone(); 129]).is_some());
    let dust = BasicOutput::new(bob.address(), minimum_payout() - 1);
    let dusty = refuse(&mut network, &|tx| tx.essence.outputs.push(dust.clone().into()));
    assert!(matches!(dusty, Some(TangleError::StorageDeposit { amount: 106_499, minimum: 106_500 })));
    let huge = BasicOutput::new(bob.address(), u64::MAX);
    assert!(refuse(&mut network, &|tx| tx.essence.outputs = vec![huge.clone().into(); 2]).is_some());
}

#[test]
fn an_anchor_of_the_largest_size_fits_a_block_and_balances() {
    let (mut network, alice, _) = funded();
    let (chain, id, current) = chain(&mut network, &alice);
    let mut requests = Vec::new();
    for round in 0..127u64 {
        let block = network.faucet.send(&network.tangle, BasicOutput::new(L1Address::Alias(chain), 300_000), round);
        network.attach(block.unwrap());
    }
    network.milestone();
    for held in network.tangle.ledger().requests(&chain, 0) {
        requests.push((held.id, held.output.as_basic().unwrap().clone()));
    }
    assert_eq!(requests.len(), 127);
    let params = network.tangle.network().clone();
    let mut plan = AnchorPlan::new(&params, id, current, vec![9; 200]).unwrap();
    for (id, output) in requests {
        plan.consume(id, output).unwrap();
    }
    let nobody = BasicOutput::new(L1Address::Alias(chain), 300_000);
    assert!(matches!(plan.consume(OutputId::default(), nobody), Err(TangleError::AnchorFull(_))));
    for person in 0..127 {
        plan.pay(&Payout { to: key(person).address(), tokens: minimum_payout() }).unwrap();
        plan.pay(&Payout { to: key(person).address(), tokens: minimum_payout() }).unwrap();
    }
    assert!(matches!(
        plan.pay(&Payout { to: key(500).address(), tokens: minimum_payout() }),
        Err(TangleError::AnchorFull(_))
    ));
    let too_little = Payout { to: key(1).address(), tokens: minimum_payout() - 1 };
    assert!(matches!(plan.pay(&too_little), Err(TangleError::StorageDeposit { .. })));
    let planned = plan.block_bytes();
    let unsigned = plan.build().unwrap();
    assert_eq!((unsigned.essence().inputs.len(), unsigned.essence().outputs.len()), (128, 128));
    let anchor = network.sign(unsigned, &[&key(7)]);
    let parents = vec![vespiary_types::BlockId::default(); 8];
    let block =
        Block { version: params.version, parents, payload: Some(Payload::Transaction(anchor.clone())), nonce: 0 };
    assert_eq!(block.to_bytes().len(), planned);
    assert_eq!(fate(&mut network, anchor), Ok(()));
    let held = network.tangle.ledger().alias(&chain).unwrap();
    assert_eq!(held.output.amount(), 1_000_000 + 127 * 300_000 - 127 * 2 * minimum_payout());
    assert_eq!(held.output.as_alias().unwrap().state_index, 1);
    assert_eq!(network.tangle.ledger().requests(&chain, 0).count(), 0);
    assert_eq!(network.total(), u128::from(network::SUPPLY));
}

#[test]
fn a_chain_cannot_pay_more_than_it_has() {
    let (mut network, alice, bob) = funded();
    let (_, id, current) = chain(&mut network, &alice);
    let params = network.tangle.network().clone();
    let mut plan = AnchorPlan::new(&params, id, current.clone(), Vec::new()).unwrap();
    plan.pay(&Payout { to: bob.address(), tokens: 1_000_001 }).unwrap();
    assert!(matches!(plan.build(), Err(TangleError::InsufficientFunds { .. })));
    let mut plan = AnchorPlan::new(&params, id, current, Vec::new()).unwrap();
    plan.pay(&Payout { to: bob.address(), tokens: 999_999 }).unwrap();
    assert!(matches!(plan.build(), Err(TangleError::StorageDeposit { .. })));
}
