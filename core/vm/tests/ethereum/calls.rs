//! `eth_call` and `eth_estimateGas`.

use alloy_primitives::{Address, Bytes, U256};
use vespiary_types::Outcome;
use vespiary_vm::EthereumCall;

use super::world::{World, config, signed, user};

/// Calls the address in the input's first word with all gas, and reverts if that fails.
fn forwards(to: Address) -> Vec<u8> {
    let call = [&[0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x73][..], to.as_slice(), &[0x5a, 0xf1]].concat();
    // ISZERO, JUMPI to the REVERT at the end, STOP
    let end = u8::try_from(call.len() + 5).expect("short");
    [&call[..], &[0x15, 0x60, end, 0x57, 0x00, 0x5b, 0x5f, 0x5f, 0xfd]].concat()
}

/// Burns gas in a loop of 200, then returns; out of gas it fails.
const LOOPS: [u8; 13] = [0x60, 200, 0x5b, 0x60, 1, 0x90, 0x03, 0x80, 0x60, 2, 0x57, 0x00, 0x00];

#[test]
fn a_plain_transfer_is_estimated_at_21000() {
    let mut world = World::new(&config());
    let (view, block) = (world.view(), world.block());
    let call = EthereumCall { from: user(1), to: Some(user(2)), value: U256::ONE, ..EthereumCall::default() };
    assert_eq!(world.executor.estimate_gas(&view, &block, &call), Ok(Ok(21_000)));
}

#[test]
fn an_estimate_is_enough_and_one_less_is_not() {
    let mut world = World::new(&config());
    let (looping, outer) = (Address::repeat_byte(0xc0), Address::repeat_byte(0xc1));
    world.state.put_code(looping, &LOOPS);
    world.state.put_code(outer, &forwards(looping));
    let (view, block) = (world.view(), world.block());
    let call = EthereumCall { from: user(1), to: Some(outer), ..EthereumCall::default() };
    let estimate = world.executor.estimate_gas(&view, &block, &call).expect("the state answers").expect("succeeds");
    for (gas, succeeds) in [(estimate, true), (estimate - 1, false)] {
        let mut transaction = world.transaction(0, Some(outer), 0, vec![]);
        transaction.gas_limit = gas;
        let executed = world.try_execute(&[signed(user(1), transaction)]).expect("executes");
        assert_eq!(executed.receipts[0].succeeded(), succeeds, "with {gas} gas");
        assert!(executed.receipts[0].gas_used <= gas);
    }
}

#[test]
fn a_revert_is_a_result_with_its_data() {
    let mut world = World::new(&config());
    let contract = Address::repeat_byte(0xc0);
    // CALLDATACOPY all, REVERT all
    world.state.put_code(contract, &[0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0xfd]);
    let (view, block) = (world.view(), world.block());
    let input = Bytes::from(
        hex::decode(concat!(
            "08c379a0",
            "0000000000000000000000000000000000000000000000000000000000000020",
            "0000000000000000000000000000000000000000000000000000000000000004",
            "6e6f706500000000000000000000000000000000000000000000000000000000",
        ))
        .expect("hex"),
    );
    let call = EthereumCall { from: user(1), to: Some(contract), input: input.clone(), ..EthereumCall::default() };
    let result = world.executor.call(&view, &block, &call).expect("the state answers");
    let Outcome::Failure(error) = result.outcome else { panic!("it reverts") };
    assert_eq!((error.message.as_str(), &error.params), ("reverted: nope", &input));
    let estimate = world.executor.estimate_gas(&view, &block, &call).expect("the state answers");
    assert!(estimate.is_err_and(|failed| matches!(failed.outcome, Outcome::Failure(error) if error.params == input)));
}

#[test]
fn a_call_at_price_zero_needs_no_balance_and_keeps_nothing() {
    let mut world = World::new(&config());
    let contract = Address::repeat_byte(0xc0);
    // SSTORE(0, 1), RETURN(0, 32) of SLOAD(0)
    world.state.put_code(contract, &[0x60, 1, 0x5f, 0x55, 0x5f, 0x54, 0x5f, 0x52, 0x60, 32, 0x5f, 0xf3]);
    let (view, block) = (world.view(), world.block());
    let nobody = Address::repeat_byte(0xdd);
    let call = EthereumCall { from: nobody, to: Some(contract), ..EthereumCall::default() };
    for _ in 0..2 {
        let result = world.executor.call(&view, &block, &call).expect("the state answers");
        assert_eq!(result.outcome, Outcome::Success(Bytes::from(U256::ONE.to_be_bytes::<32>())));
    }
    let priced = EthereumCall { gas_price: Some(U256::ONE), ..call };
    let result = world.executor.call(&view, &block, &priced).expect("the state answers");
    assert!(matches!(result.outcome, Outcome::Failure(error) if error.message.starts_with("insufficient funds")));
}

#[test]
fn a_native_view_answers_and_an_unknown_contract_is_its_own_error() {
    let mut world = World::new(&config());
    let (view, block) = (world.view(), world.block());
    let unknown = vespiary_types::Hname::of("nobody");
    let result = world.executor.view(&view, &block, unknown, unknown, &[]).expect("the state answers");
    assert!(result.is_err());
}
