//! The sandbox as Solidity contracts see it.

use alloy_primitives::{Address, Bytes, U256, hex};
use alloy_sol_types::{SolCall, SolValue, sol};
use vespiary_types::{AgentId, Hname, L1Address, Payout, Receipt};
use vespiary_vm::native::{Core, accounts};
use vespiary_vm::precompile::{self, ISandbox};

use crate::chain::{BOB, CHAIN, Chain, RICH, TOKEN, failure, succeeded, wei};

sol! {
    struct Target { bytes data; }
    function withdraw(Target target) external payable;
    /// The shapes of the sandbox's arguments.
    struct Sum { uint256 baseTokens; }
    function triggerEvent(string payload) external;
    function allow(address target, Sum assets) external;
    function takeAllowedFunds(address from, Sum assets) external;
    function send(Target target, Sum assets) external;
    function call(uint32 contractHname, uint32 entryPoint, bytes params, Sum allowance) external returns (bytes result);
    function getSenderAccount() external view returns (Target agent);
    function getEntropy() external view returns (bytes32 entropy);
    function getTimestampUnixSeconds() external view returns (uint64 time);
}

const ARTIFACT: &str = include_str!("../../../../contracts/artifacts/Withdraw.sol.json");
const INTERFACE: &str = include_str!("../../../../contracts/artifacts/Sandbox.sol.json");

/// A contract that passes its call data on to the sandbox by this opcode, and what comes back to its caller.
fn forwarder(opcode: u8) -> Vec<u8> {
    // Copy the call data to memory; then retLen, retOff, argsLen, argsOff (and no value).
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x5f, 0x36, 0x5f];
    if opcode == CALL {
        code.push(0x5f);
    }
    code.push(0x73);
    code.extend_from_slice(precompile::ADDRESS.as_slice());
    code.extend_from_slice(&[0x5a, opcode, 0x3d, 0x5f, 0x5f, 0x3e]);
    let good = u8::try_from(code.len() + 6).unwrap();
    code.extend_from_slice(&[0x60, good, 0x57, 0x3d, 0x5f, 0xfd, 0x5b, 0x3d, 0x5f, 0xf3]);
    let length = u16::try_from(code.len()).unwrap().to_be_bytes();
    [&[0x61, length[0], length[1], 0x80, 0x60, 0x0a, 0x5f, 0x39, 0x5f, 0xf3], code.as_slice()].concat()
}

const CALL: u8 = 0xf1;
const DELEGATE_CALL: u8 = 0xf4;
const STATIC_CALL: u8 = 0xfa;

fn deploy(chain: &mut Chain, init_code: Vec<u8>) -> Address {
    let request = chain.ethereum(RICH, None, U256::ZERO, init_code.into());
    let receipt = chain.run(request);
    succeeded(&receipt);
    receipt.created.unwrap()
}

fn transact(chain: &mut Chain, to: Address, value: U256, call: &impl SolCall) -> Receipt {
    let request = chain.ethereum(RICH, Some(to), value, call.abi_encode().into());
    chain.run(request)
}

fn output(receipt: &Receipt) -> &[u8] {
    succeeded(receipt);
    let vespiary_types::Outcome::Success(output) = &receipt.outcome else { panic!("it succeeded") };
    output
}

fn sum(wei: U256) -> Sum {
    Sum { baseTokens: wei }
}

fn l1(address: L1Address) -> Target {
    Target { data: address.to_bytes().into() }
}

#[test]
fn a_compiled_contract_withdraws_to_l1_and_hands_back_the_dust() {
    let artifact: serde_json::Value = serde_json::from_str(ARTIFACT).unwrap();
    let mut chain = Chain::new();
    let bytecode = hex::decode(artifact["bytecode"].as_str().unwrap()).unwrap();
    let contract = deploy(&mut chain, bytecode);
    let before = chain.journal().balance(&RICH);
    let receipt = transact(&mut chain, contract, wei(2 * TOKEN) + U256::from(5), &withdrawCall { target: l1(BOB) });
    succeeded(&receipt);
    assert_eq!(receipt.payouts, [Payout { to: BOB, tokens: 2 * TOKEN }]);
    assert_eq!(receipt.logs.len(), 1);
    assert_eq!(chain.journal().balance(&contract), U256::ZERO);
    assert_eq!(chain.journal().balance(&RICH), before - wei(2 * TOKEN) - receipt.fee);
    assert_eq!(chain.counted(), accounts::circulating(&chain.journal()));

    let receipt = transact(&mut chain, contract, wei(5), &withdrawCall { target: l1(BOB) });
    assert!(failure(&receipt).message.contains("106500"), "{}", failure(&receipt));
    assert_eq!(receipt.payouts, []);
}

#[test]
fn the_interface_is_the_one_that_contracts_are_compiled_against() {
    let artifact: serde_json::Value = serde_json::from_str(INTERFACE).unwrap();
    let published: vespiary_vm::native::JsonAbi = serde_json::from_value(artifact["abi"].clone()).unwrap();
    let selectors = |abi: &vespiary_vm::native::JsonAbi| {
        let mut found: Vec<_> = abi
            .functions()
            .map(|function| (function.signature_with_outputs(), function.state_mutability, function.selector()))
            .collect();
        found.sort_by_key(|(signature, ..)| signature.clone());
        found
    };
    assert_eq!(selectors(&precompile::abi()), selectors(&published));
    assert_eq!(precompile::abi().functions().count(), 8);
    assert_eq!(ISandbox::sendCall::SIGNATURE, sendCall::SIGNATURE);
}

#[test]
fn the_context_is_the_requests() {
    let mut chain = Chain::new();
    let forwarder = deploy(&mut chain, forwarder(STATIC_CALL));
    let receipt = transact(&mut chain, forwarder, U256::ZERO, &getSenderAccountCall {});
    let agent = getSenderAccountCall::abi_decode_returns_validate(output(&receipt)).unwrap();
    assert_eq!(agent.data, AgentId::Ethereum { chain: CHAIN, address: RICH }.to_bytes());
    let receipt = transact(&mut chain, forwarder, U256::ZERO, &getTimestampUnixSecondsCall {});
    assert_eq!(U256::from_be_slice(output(&receipt)), U256::from(receipt.height));
    let receipt = transact(&mut chain, forwarder, U256::ZERO, &getEntropyCall {});
    let expected = alloy_primitives::keccak256([[0; 4].as_slice(), &[5; 32]].concat());
    assert_eq!(output(&receipt), expected.as_slice());
}

#[test]
fn an_event_stands_in_the_receipt_with_its_contract() {
    let mut chain = Chain::new();
    let forwarder = deploy(&mut chain, forwarder(CALL));
    let receipt = transact(&mut chain, forwarder, U256::ZERO, &triggerEventCall { payload: "sold".into() });
    succeeded(&receipt);
    assert_eq!(receipt.events.len(), 1);
    assert_eq!(
        (receipt.events[0].contract, receipt.events[0].topic.clone()),
        (Hname::of("evm"), forwarder.to_string())
    );
    assert_eq!(receipt.events[0].payload, Bytes::from_static(b"sold"));
}

#[test]
fn static_and_delegated_calls_and_attached_value_change_nothing() {
    let mut chain = Chain::new();
    let event = triggerEventCall { payload: "no".into() };
    let by_static = deploy(&mut chain, forwarder(STATIC_CALL));
    let receipt = transact(&mut chain, by_static, U256::ZERO, &event);
    assert!(failure(&receipt).message.contains("static call"), "{}", failure(&receipt));
    let by_delegate = deploy(&mut chain, forwarder(DELEGATE_CALL));
    let receipt = transact(&mut chain, by_delegate, U256::ZERO, &event);
    assert!(failure(&receipt).message.contains("DELEGATECALL"), "{}", failure(&receipt));
    let before = chain.journal().balance(&RICH);
    let receipt = transact(&mut chain, precompile::ADDRESS, wei(1), &event);
    assert!(failure(&receipt).message.contains("takes no value"), "{}", failure(&receipt));
    assert_eq!(chain.journal().balance(&RICH), before - receipt.fee);
    assert_eq!(receipt.events, []);
}

#[test]
fn a_contract_takes_what_it_was_allowed_once_and_no_more() {
    let mut chain = Chain::new();
    let taker = deploy(&mut chain, forwarder(CALL));
    let take = |wei| takeAllowedFundsCall { from: RICH, assets: sum(wei) };
    assert!(failure(&transact(&mut chain, taker, U256::ZERO, &take(wei(1)))).message.contains("allowance"));
    for _ in 0..2 {
        let allow = allowCall { target: taker, assets: sum(wei(5)) };
        succeeded(&transact(&mut chain, precompile::ADDRESS, U256::ZERO, &allow));
    }
    succeeded(&transact(&mut chain, taker, U256::ZERO, &take(wei(7))));
    assert_eq!(chain.journal().balance(&taker), wei(7));
    failure(&transact(&mut chain, taker, U256::ZERO, &take(wei(4))));
    assert_eq!(accounts::spending_allowance(&chain.journal(), &RICH, &taker), wei(3));
}

#[test]
fn an_ethereum_account_sends_to_l1_without_a_contract() {
    let mut chain = Chain::new();
    let before = chain.journal().balance(&RICH);
    let send = sendCall { target: l1(BOB), assets: sum(wei(TOKEN) + U256::from(9)) };
    let receipt = transact(&mut chain, precompile::ADDRESS, U256::ZERO, &send);
    succeeded(&receipt);
    assert_eq!(receipt.payouts, [Payout { to: BOB, tokens: TOKEN }]);
    assert_eq!(chain.journal().balance(&RICH), before - wei(TOKEN) - receipt.fee, "the dust stays");
    let nowhere = sendCall { target: Target { data: vec![1, 2, 3].into() }, assets: sum(wei(TOKEN)) };
    failure(&transact(&mut chain, precompile::ADDRESS, U256::ZERO, &nowhere));
}

#[test]
fn solidity_calls_core_contracts_with_its_own_account_and_allowance() {
    let mut chain = Chain::new();
    let invoke = |name: &str, params: Vec<u8>, allowance: U256| callCall {
        contractHname: Core::Accounts.hname().0,
        entryPoint: Hname::of(name).0,
        params: params.into(),
        allowance: sum(allowance),
    };
    let bob = Bytes::from(AgentId::L1(BOB).to_bytes());
    let to_bob = (bob.clone(),).abi_encode_params();
    let transfer = invoke("transferAllowanceTo", to_bob.clone(), wei(3));
    succeeded(&transact(&mut chain, precompile::ADDRESS, U256::ZERO, &transfer));
    assert_eq!(chain.balance(AgentId::L1(BOB)), wei(3));

    let balance = invoke("balance", to_bob, U256::ZERO);
    let receipt = transact(&mut chain, precompile::ADDRESS, U256::ZERO, &balance);
    let result = callCall::abi_decode_returns_validate(output(&receipt)).unwrap();
    assert_eq!(U256::from_be_slice(&result), wei(3));

    // Who has no L1 address must name one.
    let withdraw = invoke("withdraw", (Bytes::new(),).abi_encode_params(), wei(TOKEN));
    let receipt = transact(&mut chain, precompile::ADDRESS, U256::ZERO, &withdraw);
    assert!(failure(&receipt).message.contains("not an address on L1"), "{}", failure(&receipt));
    let withdraw = invoke("withdraw", (Bytes::from(BOB.to_bytes()),).abi_encode_params(), wei(TOKEN));
    let receipt = transact(&mut chain, precompile::ADDRESS, U256::ZERO, &withdraw);
    assert_eq!(receipt.payouts, [Payout { to: BOB, tokens: TOKEN }]);
}

#[test]
fn what_a_contract_undoes_is_undone_in_native_state_too() {
    let mut chain = Chain::new();
    // CALL the sandbox with the call data, then revert whatever it said.
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x5f, 0x36, 0x5f, 0x5f, 0x73];
    code.extend_from_slice(precompile::ADDRESS.as_slice());
    code.extend_from_slice(&[0x5a, CALL, 0x5f, 0x5f, 0xfd]);
    let length = u8::try_from(code.len()).unwrap();
    let init = [&[0x61, 0, length, 0x80, 0x60, 0x0a, 0x5f, 0x39, 0x5f, 0xf3], code.as_slice()].concat();
    let fickle = deploy(&mut chain, init);
    let pay = chain.ethereum(RICH, Some(fickle), U256::ZERO, Bytes::new());
    failure(&chain.run(pay));
    let allow = allowCall { target: RICH, assets: sum(wei(5)) };
    let receipt = transact(&mut chain, fickle, U256::ZERO, &allow);
    failure(&receipt);
    assert_eq!(accounts::spending_allowance(&chain.journal(), &fickle, &RICH), U256::ZERO);
}
