//! A chain from end to end, on virtual time.

mod ground;

use ground::{Ground, transfer, wallet};
use vespiary_node::{At, NodeConfig, Rejection};
use vespiary_types::{ChainConfig, Level, U256};
use vespiary_vm::EthereumCall;

#[test]
fn a_transfer_reaches_the_anchor_through_every_level() {
    let ground = Ground::new(NodeConfig { seed: Some(7), ..Ground::virtual_node() });
    let (alice, bob) = (wallet(1), wallet(2));
    let chain = ground.create(ground::funded("shop", &[&alice]));
    let request = ground.verified(&chain, transfer(&chain, &alice, 0, bob.address(), 5));
    let included = ground.run({
        let chain = chain.clone();
        async move { chain.submit(request, Level::Anchored).await }
    });
    let included = included.expect("a good transfer");
    assert_eq!(included.level, Level::Anchored);
    let (block, index) = included.place.expect("anchored requests are in a block");
    assert!(block.receipts[index as usize].succeeded());
    let heads = chain.heads();
    assert!(heads.anchored.is_some_and(|anchored| anchored >= block.height()), "{heads:?}");
    let balance = chain.state().latest().account(&bob.address()).expect("readable").expect("there").balance;
    assert_eq!(balance, U256::from(5));
}

#[test]
fn an_idle_chain_makes_no_blocks() {
    let ground = Ground::new(Ground::virtual_node());
    let chain = ground.create(ground::funded("shop", &[&wallet(1)]));
    ground.run_for(60);
    let (height, milestone) = (chain.heads(), ground.milestone());
    ground.run_for(3_600);
    assert_eq!((chain.heads(), ground.milestone()), (height, milestone));
    assert_eq!(height.executed, height.anchored.expect("anchored"), "everything is under an anchor: {height:?}");
}

#[test]
fn bad_requests_are_refused_by_name_and_leave_nothing() {
    let ground = Ground::new(Ground::virtual_node());
    let (alice, poor) = (wallet(1), wallet(9));
    let chain = ground.create(ground::funded("shop", &[&alice]));
    let submit = |raw| {
        let request = ground.verified(&chain, raw);
        let chain = chain.clone();
        ground.run(async move { chain.submit(request, Level::Final).await })
    };
    let poor_transfer = submit(transfer(&chain, &poor, 0, alice.address(), 1));
    assert!(matches!(poor_transfer, Err(Rejection::InsufficientFunds { .. })), "{poor_transfer:?}");
    let far = submit(transfer(&chain, &alice, 1_000, poor.address(), 1));
    assert!(matches!(far, Err(Rejection::NonceTooHigh { .. })), "{far:?}");
    let gap = submit(transfer(&chain, &alice, 3, poor.address(), 1));
    assert!(matches!(gap, Err(Rejection::NonceTooHigh { nonce: 3, next: 0, .. })), "{gap:?}");
    let first = transfer(&chain, &alice, 0, poor.address(), 1);
    let taken = submit(first.clone()).expect("a good transfer");
    let low = submit(transfer(&chain, &alice, 0, poor.address(), 2));
    assert!(matches!(low, Err(Rejection::NonceTooLow { nonce: 0, next: 1 })), "{low:?}");
    let again = submit(first).expect("the same request again is where it was");
    assert_eq!(again.height(), taken.height());
    assert!(taken.height().is_some());
    assert_eq!(chain.state().latest().account(&alice.address()).expect("readable").expect("there").nonce, 1);
}

#[test]
fn a_call_is_simulated_and_leaves_nothing() {
    let ground = Ground::new(Ground::virtual_node());
    let alice = wallet(1);
    let chain = ground.create(ground::funded("shop", &[&alice]));
    let call =
        EthereumCall { from: alice.address(), to: Some(wallet(2).address()), value: U256::from(3), ..<_>::default() };
    let before = chain.state().head();
    let (result, gas) = ground.run({
        let chain = chain.clone();
        async move { (chain.call(At::Latest, call.clone()).await, chain.estimate_gas(At::Pending, call).await) }
    });
    assert_eq!(result.expect("answered").gas_used, 21_000);
    assert_eq!(gas.expect("answered").expect("it would succeed"), 21_000);
    assert_eq!(chain.state().head(), before);
}

#[test]
fn two_chains_of_one_node_share_no_chain_id() {
    let ground = Ground::new(Ground::virtual_node());
    let config = |name: &str| ChainConfig { evm_chain_id: Some(1_074), ..ChainConfig::named(name) };
    ground.create(config("one"));
    let node = ground.node.clone();
    let error = ground.run(async move { node.create_chain(config("two")).await }).expect_err("the id is taken");
    assert!(error.to_string().contains("1074 belongs to chain `one`"), "{error}");
}
