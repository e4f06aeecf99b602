//! What leaves for L1.

use alloy_primitives::U256;
use alloy_sol_types::SolValue;
use vespiary_types::{AgentId, Assets, L1Address, Payout};
use vespiary_vm::native::{Core, accounts};

use crate::chain::{ALICE, BOB, CHAIN, Chain, TOKEN, call, failure, fee_of, succeeded, wei};

#[test]
fn a_withdrawal_makes_a_payout_burns_the_balance_and_floors() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, 10 * TOKEN);
    let (before, total) = (chain.balance(AgentId::L1(ALICE)), accounts::circulating(&chain.journal()));
    let dust = U256::from(17);
    let request = chain.signed(ALICE, accounts::withdraw(None, Assets::base(wei(2 * TOKEN) + dust), 200_000));
    let executed = chain.execute(&[request]);
    let receipt = &executed.receipts[0];
    succeeded(receipt);
    assert_eq!(receipt.payouts, [Payout { to: ALICE, tokens: 2 * TOKEN }]);
    assert_eq!(executed.record.payouts, receipt.payouts);
    assert_eq!(chain.balance(AgentId::L1(ALICE)), before - wei(2 * TOKEN) - fee_of(receipt));
    assert_eq!(accounts::circulating(&chain.journal()), total - wei(2 * TOKEN));
    assert_eq!(chain.counted(), accounts::circulating(&chain.journal()));
}

#[test]
fn a_withdrawal_below_the_storage_deposit_names_the_minimum() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, 10 * TOKEN);
    let before = chain.balance(AgentId::L1(ALICE));
    let request = chain.signed(ALICE, accounts::withdraw(Some(&BOB), Assets::base(wei(106_499)), 200_000));
    let receipt = chain.run(request);
    let error = failure(&receipt);
    assert_eq!((error.code, <(u64, u64)>::abi_decode_params(&error.params)), (7, Ok((106_499, 106_500))));
    assert_eq!(chain.balance(AgentId::L1(ALICE)), before - fee_of(&receipt));
    let request = chain.signed(ALICE, accounts::withdraw(Some(&BOB), Assets::base(wei(106_500)), 200_000));
    assert_eq!(chain.run(request).payouts, [Payout { to: BOB, tokens: 106_500 }]);
}

#[test]
fn nobody_withdraws_to_the_chain_itself() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, 10 * TOKEN);
    let own = L1Address::Alias(CHAIN);
    let request = chain.signed(ALICE, accounts::withdraw(Some(&own), Assets::base(wei(TOKEN)), 200_000));
    assert_eq!(failure(&chain.run(request)).code, 10);
}

#[test]
fn a_block_pays_out_no_more_than_an_anchor_can_carry() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, 1_000 * TOKEN);
    let requests: Vec<_> =
        (0..101).map(|_| chain.signed(ALICE, accounts::withdraw(None, Assets::base(wei(TOKEN)), 200_000))).collect();
    let executed = chain.execute(&requests);
    assert_eq!((executed.record.payouts.len(), executed.skipped.len()), (100, 1));
    assert!(executed.skipped[0].1.is_temporary());
    succeeded(&chain.run(requests[100].clone()));
}

#[test]
fn a_transfer_to_an_unreachable_account_is_refused() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, 10 * TOKEN);
    let away = AgentId::Ethereum { chain: vespiary_types::ChainId::new([8; 32]), address: crate::chain::RICH };
    for agent in [AgentId::Nil, away] {
        let request = chain.signed(ALICE, accounts::transfer_to(&agent, Assets::base(wei(1)), 200_000));
        assert_eq!(failure(&chain.run(request)).code, 10);
    }
    let total = call(Core::Accounts, "totalAssets", &accounts::IAccounts::totalAssetsCall {});
    let request = chain.signed(ALICE, total);
    succeeded(&chain.run(request));
}
