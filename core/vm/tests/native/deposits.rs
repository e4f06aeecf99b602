//! What L1 outputs bring.

use alloy_primitives::{Address, U256};
use vespiary_tangle::{Expiration, StorageDepositReturn};
use vespiary_types::{AgentId, Assets, Call, Hname, L1Address};
use vespiary_vm::native::{Core, accounts, blocklog};
use vespiary_vm::{OnLedgerError, Skip, on_ledger_request};

use crate::chain::{ALICE, BOB, CHAIN, Chain, LEAST_FEE, OWNER, TOKEN, call, failure, fee_of, succeeded, wei};

#[test]
fn a_deposit_credits_everything_and_stays_after_the_call_fails() {
    let mut chain = Chain::new();
    let doomed = Call { contract: Hname::of("blob"), gas_budget: 50_000, ..Call::default() };
    let request = chain.on_ledger(ALICE, 5 * TOKEN, Some(&doomed));
    let receipt = chain.run(request);
    let error = failure(&receipt);
    assert_eq!((error.contract, error.code), (Some(Hname::of("blob")), 1), "{error}");
    assert_eq!(fee_of(&receipt), wei(LEAST_FEE));
    assert_eq!(chain.balance(AgentId::L1(ALICE)), wei(5 * TOKEN - LEAST_FEE));
}

#[test]
fn an_output_without_metadata_or_with_garbage_is_a_plain_deposit() {
    let mut chain = Chain::new();
    succeeded(&chain.deposit(ALICE, TOKEN));
    let (id, mut output) = chain.output(ALICE, TOKEN, None);
    output.metadata = Some(b"hello".to_vec());
    let receipt = chain.run(std::sync::Arc::new(on_ledger_request(id, &output, CHAIN).unwrap()));
    succeeded(&receipt);
    assert_eq!(chain.balance(AgentId::L1(ALICE)), wei(2 * TOKEN - 2 * LEAST_FEE));
}

#[test]
fn an_output_is_never_executed_twice() {
    let mut chain = Chain::new();
    let request = chain.on_ledger(ALICE, TOKEN, None);
    let executed = chain.execute(&[request.clone(), request.clone()]);
    assert_eq!((executed.receipts.len(), executed.skipped[0].1.clone()), (1, Skip::Processed));
    assert_eq!(executed.record.consumed.len(), 1);
    assert_eq!(chain.skip(request.clone()), Skip::Processed);
    assert_eq!(chain.balance(AgentId::L1(ALICE)), wei(TOKEN - LEAST_FEE));

    let vespiary_types::RequestId::OnLedger(output) = request.id() else { panic!("it is on-ledger") };
    let asked = blocklog::IBlocklog::isRequestProcessedCall { outputId: output.to_bytes().into() };
    let answer = chain.view(Core::Blocklog, "isRequestProcessed", &asked);
    assert_eq!((answer.processed, answer.height), (true, 1));
}

#[test]
fn a_deposit_can_credit_an_ethereum_address() {
    let mut chain = Chain::new();
    let address = Address::repeat_byte(0x77);
    let agent = AgentId::Ethereum { chain: CHAIN, address };
    let transfer = accounts::transfer_to(&agent, Assets::base(wei(3 * TOKEN)), 100_000);
    let request = chain.on_ledger(ALICE, 4 * TOKEN, Some(&transfer));
    let receipt = chain.run(request);
    succeeded(&receipt);
    assert_eq!(chain.journal().balance(&address), wei(3 * TOKEN));
    assert_eq!(chain.balance(AgentId::L1(ALICE)), wei(TOKEN) - fee_of(&receipt));
}

#[test]
fn a_deposit_that_leaves_nothing_for_gas_says_so_and_stays() {
    let mut chain = Chain::new();
    let transfer = accounts::transfer_to(&AgentId::L1(BOB), Assets::base(wei(TOKEN)), 100_000);
    let request = chain.on_ledger(ALICE, TOKEN, Some(&transfer));
    let receipt = chain.run(request);
    assert_eq!(failure(&receipt).code, 6);
    assert_eq!(chain.balance(AgentId::L1(ALICE)), wei(TOKEN - LEAST_FEE));
    assert_eq!(chain.balance(AgentId::L1(BOB)), U256::ZERO);
}

#[test]
fn tokens_without_a_sender_are_the_owners_and_their_call_is_refused() {
    let mut chain = Chain::new();
    let steal = accounts::transfer_to(&AgentId::L1(BOB), Assets::base(wei(TOKEN)), 100_000);
    let (id, mut output) = chain.output(ALICE, TOKEN, Some(&steal));
    output.sender = None;
    let receipt = chain.run(std::sync::Arc::new(on_ledger_request(id, &output, CHAIN).unwrap()));
    assert_eq!(failure(&receipt).code, 16);
    assert_eq!(chain.balance(AgentId::L1(OWNER)), wei(TOKEN));
    assert_eq!(chain.balance(AgentId::L1(BOB)), U256::ZERO);
}

#[test]
fn what_may_change_hands_or_is_locked_is_not_executed() {
    let mut chain = Chain::new();
    let (id, mut output) = chain.output(ALICE, TOKEN, None);
    output.timelock = Some(1_000);
    let request = on_ledger_request(id, &output, CHAIN).unwrap();
    assert_eq!(chain.skip(request.into()), Skip::Timelocked(1_000));
    output.timelock = None;
    output.expiration = Some(Expiration { return_address: ALICE, time: 1_000 });
    let request = on_ledger_request(id, &output, CHAIN).unwrap();
    assert_eq!(chain.skip(request.into()), Skip::Unclaimed);
    output.expiration = Some(Expiration { return_address: ALICE, time: 1 });
    let request = on_ledger_request(id, &output, CHAIN).unwrap();
    assert_eq!(chain.skip(request.into()), Skip::Expired);
}

#[test]
fn an_output_for_somebody_else_or_with_a_deposit_to_return_is_no_request() {
    let mut chain = Chain::new();
    let (id, mut output) = chain.output(ALICE, TOKEN, None);
    output.storage_deposit_return = Some(StorageDepositReturn { address: ALICE, amount: 200_000 });
    assert_eq!(on_ledger_request(id, &output, CHAIN), Err(OnLedgerError::StorageDepositReturn(id)));
    output.address = L1Address::Ed25519([8; 32]);
    assert!(matches!(on_ledger_request(id, &output, CHAIN), Err(OnLedgerError::OtherAddress { .. })));
}

#[test]
fn a_block_executes_no_more_outputs_than_an_anchor_can_consume() {
    let mut chain = Chain::new();
    let requests: Vec<_> = (0..101).map(|_| chain.on_ledger(ALICE, TOKEN, None)).collect();
    let executed = chain.execute(&requests);
    assert_eq!(executed.receipts.len(), 100);
    assert!(matches!(executed.skipped[0].1, Skip::BlockLimit(_)));
    assert!(executed.skipped[0].1.is_temporary());
}

#[test]
fn accounts_lists_its_agents_page_by_page() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    chain.deposit(BOB, TOKEN);
    let list = |chain: &mut Chain, after: Vec<u8>| {
        chain.view(Core::Accounts, "accounts", &accounts::IAccounts::accountsCall { after_: after.into() })
    };
    let all = list(&mut chain, Vec::new());
    assert!(all.contains(&AgentId::L1(ALICE).to_bytes().into()) && all.contains(&AgentId::L1(BOB).to_bytes().into()));
    assert_eq!(list(&mut chain, all[0].to_vec()), all[1..]);
    let nonsense = call(Core::Accounts, "balance", &accounts::IAccounts::balanceCall { agent: vec![99].into() });
    let request = chain.signed(ALICE, nonsense);
    assert_eq!(failure(&chain.run(request)).code, 3);
}
