//! Deposits, withdrawals and anchors: cumulative, one in flight, worked off in several where one does not hold them.

mod ground;

use std::sync::Arc;

use alloy_primitives::{Bytes, U256};
use ground::{Ground, check_backing, funded, replay, transfer, wallet};
use vespiary_crypto::{Ed25519KeyPair, Seed};
use vespiary_node::{ChainHandle, Rejection};
use vespiary_tangle::TransactionBuilder;
use vespiary_types::{
    AgentId, Assets, L1Address, Level, OffLedgerEssence, OffLedgerRequest, Request, Wire, blake2b256, tokens_to_wei,
};
use vespiary_vm::{native::accounts, on_ledger};

fn l1_key(number: u64) -> Ed25519KeyPair {
    Seed::from_number(number).child(0).expect("a key").ed25519
}

/// Sends `count` deposits of `tokens` each from `key`, in transactions of up to a hundred outputs; they wait for milestones.
fn deposit(ground: &Ground, chain: &ChainHandle, key: &Ed25519KeyPair, to: &AgentId, tokens: u64, count: usize) {
    let tangle = ground.node.tangle().clone();
    let (sender, id) = (key.address(), chain.id());
    let gas = tokens_to_wei(50_000);
    let call = accounts::transfer_to(to, Assets::base(tokens_to_wei(tokens) - gas), 50_000);
    let key = key.clone();
    ground.run(async move {
        let total = tokens * count as u64 + 100_000_000;
        tangle.faucet(sender, total).await.expect("the faucet has enough");
        let mut left = count;
        while left > 0 {
            let part = left.min(100);
            let network = tangle.network().await.expect("a network");
            let funds = tangle.unspent(sender).await.expect("funds");
            let mut builder = TransactionBuilder::new(&network).available(funds);
            for _ in 0..part {
                builder = builder.output(on_ledger::request_output(id, sender, tokens, Some(&call)));
            }
            let unsigned = builder.build(sender).expect("enough funds");
            tangle.confirm(unsigned, &key).await.expect("confirmed");
            left -= part;
        }
    });
}

fn withdrawal(chain: &ChainHandle, key: &Ed25519KeyPair, nonce: u64, to: L1Address, tokens: u64) -> OffLedgerRequest {
    let call = accounts::withdraw(Some(&to), Assets::base(tokens_to_wei(tokens)), 200_000);
    let essence = OffLedgerEssence { chain: chain.id(), nonce, call, public_key: key.public_key().0 };
    let signature = key.sign(&blake2b256(essence.to_wire()));
    OffLedgerRequest { essence, signature: Bytes::copy_from_slice(&signature.0) }
}

fn verified(ground: &Ground, chain: &ChainHandle, requests: Vec<OffLedgerRequest>) -> Vec<Arc<Request>> {
    let chain = chain.clone();
    let rows: Vec<Result<Arc<Request>, Rejection>> = ground.run(async move { chain.verify_off_ledger(requests).await });
    rows.into_iter().map(|row| row.expect("a valid signature")).collect()
}

#[test]
fn a_deposit_reaches_an_ethereum_address_and_a_withdrawal_the_tangle() {
    let ground = Ground::new(Ground::virtual_node());
    let chain = ground.create(funded("shop", &[]));
    let (key, alice) = (l1_key(5), wallet(1));
    let agent = AgentId::Ethereum { chain: chain.id(), address: alice.address() };
    deposit(&ground, &chain, &key, &agent, 5_000_000, 1);
    ground.run_for(2);
    let balance = chain.state().latest().account(&alice.address()).expect("readable").expect("credited").balance;
    assert_eq!(balance, tokens_to_wei(5_000_000) - tokens_to_wei(50_000));
    check_backing(&ground, &chain);

    let plain = AgentId::L1(key.address());
    deposit(&ground, &chain, &key, &plain, 3_000_000, 1);
    ground.run_for(2);
    let target = l1_key(6).address();
    let requests = verified(&ground, &chain, vec![withdrawal(&chain, &key, 0, target, 1_000_000)]);
    let included = ground.run({
        let chain = chain.clone();
        async move { chain.submit_batch(requests, Level::Anchored, None).await }
    });
    for row in included {
        assert!(row.is_ok(), "{row:?}");
    }
    let tangle = ground.node.tangle().clone();
    assert_eq!(ground.run(async move { tangle.balance(target).await }).expect("answered"), 1_000_000);
    check_backing(&ground, &chain);
    replay(&chain);
}

#[test]
fn a_thousand_deposits_and_withdrawals_out_of_the_tangles_sight_are_worked_off_in_several_anchors() {
    let ground = Ground::new(Ground::virtual_node());
    let chain = ground.create(funded("shop", &[]));
    let (key, rich) = (l1_key(5), l1_key(7));
    let owner = AgentId::L1(rich.address());
    deposit(&ground, &chain, &rich, &owner, 3_000_000_000, 1);
    ground.run_for(2);
    // The chain loses sight of the tangle, while deposits go on arriving there.
    let before = chain.anchors().expect("readable").len();
    ground.node.link().cut();
    deposit(&ground, &chain, &key, &owner, 1_000_000, 1_000);
    let (tangle, id) = (ground.node.tangle().clone(), chain.id());
    let waiting =
        ground.run(async move { tangle.inspect(move |tangle| tangle.ledger().requests(&id, 0).count()).await });
    assert_eq!(waiting.expect("answered"), 1_000);
    let targets: Vec<_> = (0..1_000).map(|number| l1_key(10_000 + number).address()).collect();
    let requests =
        targets.iter().zip(0..).map(|(target, nonce)| withdrawal(&chain, &rich, nonce, *target, 200_000)).collect();
    let requests = verified(&ground, &chain, requests);
    let rows = ground.run({
        let chain = chain.clone();
        // Blocks never wait for the tangle.
        async move { chain.submit_batch(requests, Level::Final, None).await }
    });
    for row in rows {
        let (block, index) = row.expect("final").place.expect("in a block");
        assert!(block.receipts[index as usize].succeeded(), "{:?}", block.receipts[index as usize].outcome);
    }
    let stalled = chain.heads();
    assert!(stalled.anchored < Some(stalled.executed), "no anchor passes a cut link");
    ground.node.link().mend();
    ground.run_for(60);
    let heads = chain.heads();
    assert_eq!(heads.anchored, Some(heads.executed), "everything is worked off");
    let anchors = chain.anchors().expect("readable");
    assert!(anchors.len() - before >= 8, "127 outputs fit one anchor: {} anchors", anchors.len() - before);
    for pair in anchors.windows(2) {
        assert_eq!(pair[1].state_index, pair[0].state_index + 1, "one after the other");
    }
    let tangle = ground.node.tangle().clone();
    let paid = ground.run(async move {
        let mut paid = 0;
        for target in targets {
            paid += tangle.balance(target).await.expect("answered");
        }
        paid
    });
    assert_eq!(paid, 200_000 * 1_000);
    let received = chain.block(heads.executed).expect("readable").is_some() && {
        let native = vespiary_vm::standing(
            &chain.state().latest(),
            vespiary_vm::ChainContext {
                chain: chain.id(),
                evm_chain_id: chain.evm_chain_id(),
                fees_destination: <_>::default(),
            },
            &owner,
        );
        native.expect("readable").balance > tokens_to_wei(3_000_000_000 - 200_000_000 + 900_000_000 - 100_000_000)
    };
    assert!(received, "every deposit was credited");
    check_backing(&ground, &chain);
    replay(&chain);
}

#[test]
fn every_block_of_a_busy_chain_is_backed() {
    let ground = Ground::new(Ground::virtual_node());
    let (alice, bob) = (wallet(1), wallet(2));
    let chain = ground.create(funded("shop", &[&alice]));
    let agent = AgentId::Ethereum { chain: chain.id(), address: bob.address() };
    for nonce in 0..10 {
        deposit(&ground, &chain, &l1_key(5), &agent, 1_000_000, 3);
        let request = ground.verified(&chain, transfer(&chain, &alice, nonce, bob.address(), 1));
        let chain_of_call = chain.clone();
        ground.run(async move { chain_of_call.submit(request, Level::Final).await }).expect("a good transfer");
        check_backing(&ground, &chain);
    }
    let spent = chain.state().latest().account(&bob.address()).expect("readable").expect("there").balance;
    assert!(spent > U256::ZERO);
}

#[test]
fn a_tangle_that_refuses_blocks_delays_the_anchor_and_loses_nothing() {
    let ground = Ground::new(Ground::virtual_node());
    let alice = wallet(1);
    let chain = ground.create(funded("shop", &[&alice]));
    let tangle = ground.node.tangle().clone();
    ground.run(async move { tangle.refuse(3).await }).expect("told");
    let request = ground.verified(&chain, transfer(&chain, &alice, 0, wallet(2).address(), 1));
    let chain_of_call = chain.clone();
    let included = ground.run(async move { chain_of_call.submit(request, Level::Anchored).await });
    assert_eq!(included.expect("anchored in the end").level, Level::Anchored);
}
