//! Calls of `accounts` that clients make all the time.

use alloy_sol_types::SolCall;
use vespiary_types::{AgentId, Assets, Call, Hname, L1Address};

use super::IAccounts;
use crate::native::Core;

fn call<C: SolCall>(entry_point: &str, params: &C, allowance: Assets, gas_budget: u64) -> Call {
    Call {
        contract: Core::Accounts.hname(),
        entry_point: Hname::of(entry_point),
        params: crate::native::entry_point::encode(params),
        allowance,
        gas_budget,
    }
}

/// A deposit into the sender's own account. An output without any metadata means the same.
pub fn deposit(gas_budget: u64) -> Call {
    call("deposit", &IAccounts::depositCall {}, Assets::default(), gas_budget)
}

/// Moves `assets` of the sender to `agent`: as an on-ledger request it deposits to somebody else, an Ethereum address for instance.
/// The output must hold the fee besides (gas × price); what is left over stays the sender's.
pub fn transfer_to(agent: &AgentId, assets: Assets, gas_budget: u64) -> Call {
    let params = IAccounts::transferAllowanceToCall { agent: agent.to_bytes().into() };
    call("transferAllowanceTo", &params, assets, gas_budget)
}

/// Sends `assets` of the sender to an L1 address; none is the sender's own.
pub fn withdraw(target: Option<&L1Address>, assets: Assets, gas_budget: u64) -> Call {
    let target = target.map_or_else(Vec::new, |address| address.to_bytes().to_vec());
    call("withdraw", &IAccounts::withdrawCall { target: target.into() }, assets, gas_budget)
}
