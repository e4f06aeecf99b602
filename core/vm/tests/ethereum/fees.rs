//! Where money goes.

use alloy_primitives::{Address, U256};
use proptest::prelude::*;
use vespiary_types::{FeePolicy, Outcome};
use vespiary_vm::{BaseFee, Executor};

use super::world::{OWNER, PROPOSER, World, config, signed, user};

/// SSTORE(0, 1), then REVERT without data.
const WRITES_AND_REVERTS: [u8; 8] = [0x60, 1, 0x60, 0, 0x55, 0x5f, 0x5f, 0xfd];

fn total(world: &World) -> U256 {
    world.state.accounts.values().fold(U256::ZERO, |sum, account| sum + account.balance)
}

#[test]
fn a_failed_transaction_is_charged_and_rolled_back() {
    let mut world = World::new(&config());
    let contract = Address::repeat_byte(0xc0);
    world.state.put_code(contract, &WRITES_AND_REVERTS);
    let before = world.state.balance(&user(1));
    let request = signed(user(1), world.transaction(0, Some(contract), 5, vec![]));
    let executed = world.execute(&[request]);

    let receipt = &executed.receipts[0];
    assert!(matches!(&receipt.outcome, Outcome::Failure(error) if error.message == "reverted without a reason"));
    assert_eq!(receipt.gas_price, U256::from(11_000_000_000_u64), "the price and a tip of 1 gwei");
    assert_eq!(receipt.fee, receipt.gas_price * U256::from(receipt.gas_used));
    assert!(world.state.slots.keys().all(|(address, _)| *address != contract), "storage rolled back");
    assert_eq!(world.state.balance(&contract), U256::ZERO, "value rolled back");
    assert_eq!(world.state.balance(&user(1)), before - receipt.fee);
    assert_eq!(world.state.accounts[&user(1)].nonce, 1);
}

#[test]
fn a_burned_base_fee_is_nobodys_and_the_tip_is_the_proposers() {
    let mut world = World::new(&config());
    world.context.fees_destination = BaseFee::Burn;
    world.executor = Executor::new(world.context);
    let before = total(&world);
    let request = signed(user(1), world.transaction(0, Some(user(2)), 5, vec![]));
    world.execute(&[request]);
    assert_eq!(world.state.balance(&PROPOSER), U256::from(21_000_000_000_000_u64));
    assert_eq!(before - total(&world), U256::from(210_000_000_000_000_u64));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn splitting_fees_conserves_every_wei(
        gas in 1_u64..1_000_000, tokens in 1_u64..1_000, share in 0_u8..=100, tip in 0_u64..1_000_000_007,
        value in 0_u64..u64::MAX, fails: bool,
    ) {
        let mut config = config();
        config.fees = FeePolicy { gas, tokens, validator_fee_share: share };
        for wei in config.funded.values_mut() {
            *wei = U256::from(1) << 128;
        }
        let price = config.fees.price_wei();
        let mut world = World::new(&config);
        let contract = Address::repeat_byte(0xc0);
        if fails {
            world.state.put_code(contract, &WRITES_AND_REVERTS);
        }
        let before = total(&world);
        let mut transaction = world.transaction(0, Some(contract), value, vec![1, 0, 2]);
        transaction.max_fee_per_gas = price.to::<u128>() + u128::from(tip);
        transaction.max_priority_fee_per_gas = u128::from(tip);
        let executed = world.execute(&[signed(user(1), transaction)]);

        prop_assert_eq!(total(&world), before);
        let receipt = &executed.receipts[0];
        prop_assert_eq!(receipt.succeeded(), !fails);
        let base = price * U256::from(receipt.gas_used);
        let proposers = base * U256::from(share) / U256::from(100);
        prop_assert_eq!(world.state.balance(&OWNER), base - proposers);
        prop_assert_eq!(world.state.balance(&PROPOSER), proposers + U256::from(tip) * U256::from(receipt.gas_used));
        prop_assert_eq!(executed.record.fees, receipt.fee);
    }
}
