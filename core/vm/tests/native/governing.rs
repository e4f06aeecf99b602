//! Who governs, and from when on.

use alloy_primitives::U256;
use vespiary_types::{AgentId, Hname};
use vespiary_vm::native::governance::{self, IGovernance};
use vespiary_vm::native::{Core, blocklog};

use crate::chain::{ALICE, BOB, Chain, LEAST_FEE, OWNER, TOKEN, call, failure, succeeded, wei};

fn free_chain() -> vespiary_types::Call {
    let params = IGovernance::setFeePolicyCall { gas_: 0, tokens: 0, validatorFeeShare: 0 };
    call(Core::Governance, "setFeePolicy", &params)
}

#[test]
fn only_the_owner_governs_and_pays_nothing_for_it() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    let request = chain.signed(ALICE, free_chain());
    assert_eq!(failure(&chain.run(request)).code, 11);
    // The owner has nothing but fees, and governs all the same.
    let before = chain.balance(AgentId::L1(OWNER));
    let request = chain.signed(OWNER, free_chain());
    let receipt = chain.run(request);
    succeeded(&receipt);
    assert_eq!((receipt.fee, receipt.gas_price), (U256::ZERO, U256::ZERO));
    assert_eq!(chain.balance(AgentId::L1(OWNER)), before);
}

#[test]
fn a_policy_holds_from_the_next_block_on() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    let requests = [chain.signed(OWNER, free_chain()), chain.on_ledger(BOB, TOKEN, None)];
    let executed = chain.execute(&requests);
    assert_eq!(executed.receipts[1].fee, wei(LEAST_FEE));
    assert_eq!(chain.deposit(BOB, TOKEN).fee, U256::ZERO);
}

#[test]
fn a_policy_that_contradicts_itself_is_refused() {
    let mut chain = Chain::new();
    let half = IGovernance::setFeePolicyCall { gas_: 0, tokens: 1, validatorFeeShare: 0 };
    let limits = IGovernance::setGasLimitsCall { block_: 1, request: 2, minimum: 3 };
    let mempool = IGovernance::setMempoolLimitsCall { total: 0, perSender: 1, senderShare: 50 };
    for refused in [
        call(Core::Governance, "setFeePolicy", &half),
        call(Core::Governance, "setGasLimits", &limits),
        call(Core::Governance, "setMempoolLimits", &mempool),
    ] {
        let request = chain.signed(OWNER, refused);
        assert_eq!(failure(&chain.run(request)).code, 13);
    }
}

#[test]
fn ownership_moves_in_two_steps() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    let claim = || call(Core::Governance, "claimChainOwnership", &IGovernance::claimChainOwnershipCall {});
    let request = chain.signed(ALICE, claim());
    assert_eq!(failure(&chain.run(request)).code, 12);
    let offer = IGovernance::delegateChainOwnershipCall { agent: AgentId::L1(ALICE).to_bytes().into() };
    let request = chain.signed(OWNER, call(Core::Governance, "delegateChainOwnership", &offer));
    succeeded(&chain.run(request));
    assert_eq!(governance::owner(&chain.journal()), AgentId::L1(OWNER));
    let request = chain.signed(ALICE, claim());
    succeeded(&chain.run(request));
    let owner = chain.view(Core::Governance, "getChainOwner", &IGovernance::getChainOwnerCall {});
    assert_eq!(owner, AgentId::L1(ALICE).to_bytes());
    let request = chain.signed(OWNER, free_chain());
    chain.deposit(OWNER, TOKEN);
    assert_eq!(failure(&chain.run(request)).code, 11, "a former owner is nobody special");
}

#[test]
fn the_owners_share_goes_to_the_payout_agent() {
    let mut chain = Chain::new();
    let payout = IGovernance::setPayoutAgentIDCall { agent: AgentId::L1(BOB).to_bytes().into() };
    let request = chain.signed(OWNER, call(Core::Governance, "setPayoutAgentID", &payout));
    succeeded(&chain.run(request));
    chain.deposit(ALICE, TOKEN);
    assert_eq!(chain.balance(AgentId::L1(BOB)), wei(LEAST_FEE / 2));
}

#[test]
fn views_tell_what_the_chain_is_and_change_nothing() {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    let info = chain.view(Core::Governance, "getChainInfo", &IGovernance::getChainInfoCall {});
    assert_eq!((info.gas_, info.tokens, info.validatorFeeShare), (100, 1, 50));
    let rules = chain.view(Core::Governance, "getRules", &IGovernance::getRulesCall { height: 5 });
    assert_eq!((rules.protocol, rules.fork.as_str()), (1, "Cancun"));
    let block = chain.view(Core::Blocklog, "getBlockInfo", &blocklog::IBlocklog::getBlockInfoCall { height: 1 });
    assert_eq!((block.height, block.requests, block.consumed.len()), (1, 1, 1));
    assert_eq!(block.fees, wei(LEAST_FEE));
}

#[test]
fn the_state_keeps_the_latest_block_records_and_forgets_older_ones() {
    let chain = Chain::new();
    let mut journal = chain.journal();
    assert_eq!(blocklog::record(&journal, 0).map(|record| record.height), Some(0));
    let record = vespiary_types::BlockRecord { height: blocklog::RETAINED_RECORDS, ..Default::default() };
    blocklog::write_record(&mut journal, &record);
    assert_eq!(blocklog::record(&journal, 0), None);
    assert_eq!(blocklog::record(&journal, record.height), Some(record));
}

#[test]
fn core_contracts_have_their_published_names_and_an_abi() {
    for core in Core::ALL {
        assert_eq!(core.hname(), Hname::of(core.name()));
        assert!(core.abi().functions().count() > 5, "{} has entry points", core.name());
    }
    assert_eq!(vespiary_vm::precompile::abi().functions().count(), 8);
}
