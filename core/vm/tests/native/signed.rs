//! Off-ledger requests: nonces, gas, fees.

use alloy_primitives::U256;
use vespiary_types::{AgentId, Assets, Call, FeePolicy, Hname};
use vespiary_vm::Skip;
use vespiary_vm::native::{Core, accounts};

use crate::chain::{
    ALICE, BOB, CHAIN, Chain, LEAST_FEE, OWNER, PROPOSER, TOKEN, failure, fee_of, off_ledger, succeeded, wei,
};

fn nonce(chain: &mut Chain) -> u64 {
    let agent = AgentId::L1(ALICE).to_bytes().into();
    chain.view(Core::Accounts, "getAccountNonce", &accounts::IAccounts::getAccountNonceCall { agent })
}

#[test]
fn a_wrong_nonce_leaves_no_receipt_and_no_trace() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    let before = chain.balance(AgentId::L1(ALICE));
    let request = off_ledger(ALICE, 1, accounts::deposit(0));
    assert_eq!(chain.skip(request), Skip::NonceTooHigh { expected: 0, given: 1 });
    succeeded(&chain.run(off_ledger(ALICE, 0, accounts::deposit(0))));
    let request = off_ledger(ALICE, 0, accounts::deposit(0));
    assert_eq!(chain.skip(request), Skip::NonceTooLow { expected: 1, given: 0 });
    assert_eq!(chain.balance(AgentId::L1(ALICE)), before - wei(LEAST_FEE));
}

#[test]
fn the_nonce_rises_and_the_fee_is_charged_even_when_execution_fails() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    let before = chain.balance(AgentId::L1(ALICE));
    let unknown = Call { contract: Core::Accounts.hname(), entry_point: Hname::of("nothing"), ..Call::default() };
    let request = chain.signed(ALICE, unknown);
    let receipt = chain.run(request);
    assert_eq!(failure(&receipt).code, 2);
    assert_eq!(nonce(&mut chain), 1);
    assert_eq!(chain.balance(AgentId::L1(ALICE)), before - fee_of(&receipt));
}

#[test]
fn gas_runs_out_at_the_budget_and_nothing_of_the_call_stays() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    let transfer = accounts::transfer_to(&AgentId::L1(BOB), Assets::base(wei(1)), 0);
    let request = chain.signed(ALICE, transfer);
    let receipt = chain.run(request);
    assert_eq!((receipt.gas_budget, receipt.gas_used), (10_000, 10_000), "a smaller budget is raised to the minimum");
    assert!(failure(&receipt).message.starts_with("out of gas"));
    assert_eq!(chain.balance(AgentId::L1(BOB)), U256::ZERO);
}

#[test]
fn who_cannot_pay_for_the_least_gas_is_skipped() {
    let mut chain = Chain::new();
    let needed = wei(LEAST_FEE);
    let request = off_ledger(ALICE, 0, accounts::deposit(0));
    assert_eq!(chain.skip(request), Skip::InsufficientFunds { available: U256::ZERO, needed });
}

#[test]
fn fees_are_split_between_proposer_and_owner() {
    let fees = FeePolicy { gas: 100, tokens: 1, validator_fee_share: 30 };
    let mut chain = Chain::with(|config| config.fees = fees);
    let receipt = chain.deposit(ALICE, TOKEN);
    assert_eq!(receipt.fee, wei(LEAST_FEE));
    assert_eq!(chain.balance(PROPOSER), wei(30));
    assert_eq!(chain.balance(AgentId::L1(OWNER)), wei(70));
}

#[test]
fn a_request_signed_for_another_chain_is_not_executed() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    let vespiary_types::Payload::OffLedger(mut request) = off_ledger(ALICE, 0, accounts::deposit(0)).payload().clone()
    else {
        panic!("it is off-ledger");
    };
    let away = vespiary_types::ChainId::new([8; 32]);
    assert_ne!(away, CHAIN);
    request.essence.chain = away;
    let request = vespiary_types::Request::verified(vespiary_types::Payload::OffLedger(request), AgentId::L1(ALICE));
    assert_eq!(chain.skip(request.into()), Skip::OtherChain(away));
}
