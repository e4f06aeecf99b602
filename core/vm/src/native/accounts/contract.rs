//! The entry points of `accounts`.

use alloy_json_abi::JsonAbi;
use alloy_primitives::{Bytes, U256};
use alloy_sol_types::sol;
use vespiary_types::{AgentId, Assets, Hname, L1Address};

use super::ledger;
use crate::native::entry_point::{Entry, agent, run};
use crate::native::state_key;
use crate::sandbox::{Failure, Sandbox, gas, whole_tokens};

/// Most accounts that one call of `accounts` lists.
const LIST_LIMIT: usize = 1_000;

sol! {
    /// Parameters and results of the core contract `accounts`. Agents and L1 addresses are their canonical bytes, amounts are wei.
    #[sol(abi)]
    interface IAccounts {
        /// Does nothing more: whatever a request brings is credited to its sender before it runs.
        function deposit() external;
        /// Sends the allowance from the caller's account to an L1 address, rounded down to L1's six decimals, and returns base tokens
        /// of 10^-6. An empty target is the caller, who must then be an L1 address.
        function withdraw(bytes target) external returns (uint64 tokens);
        /// Moves the allowance from the caller's account into an agent's.
        function transferAllowanceTo(bytes agent) external;
        /// What an agent owns.
        function balance(bytes agent) external view returns (uint256 baseTokens);
        /// Wei that an agent owns.
        function balanceBaseToken(bytes agent) external view returns (uint256 wei_);
        /// Wei in all accounts, those of Ethereum addresses included, and wei that were burned.
        function totalAssets() external view returns (uint256 baseTokens, uint256 burned);
        /// Agents that own something, in the order of their bytes, at most 1,000 of them, from the one after `after_` (empty: from the first).
        /// Ethereum addresses of this chain are not among them: their accounts are the EVM's.
        function accounts(bytes after_) external view returns (bytes[] agents);
        /// An agent's next nonce.
        function getAccountNonce(bytes agent) external view returns (uint64 nonce);
    }
}

pub(crate) fn abi() -> JsonAbi {
    IAccounts::abi::contract()
}

pub(crate) fn call(sandbox: &mut Sandbox<'_, '_>, entry_point: Hname, params: &[u8]) -> Result<Bytes, Failure> {
    const ENTRIES: &[Entry] = &[
        Entry::new("deposit", |_, params| run::<IAccounts::depositCall>("deposit", params, |_| Ok(().into()))),
        Entry::new("withdraw", |sandbox, params| {
            run::<IAccounts::withdrawCall>("withdraw", params, |call| withdraw(sandbox, &call.target))
        }),
        Entry::new("transferAllowanceTo", |sandbox, params| {
            run::<IAccounts::transferAllowanceToCall>("transferAllowanceTo", params, |call| {
                transfer_allowance_to(sandbox, &call.agent).map(Into::into)
            })
        }),
        Entry::view("balance", |sandbox, params| {
            run::<IAccounts::balanceCall>("balance", params, |call| balance(sandbox, "balance", &call.agent))
        }),
        Entry::view("balanceBaseToken", |sandbox, params| {
            run::<IAccounts::balanceBaseTokenCall>("balanceBaseToken", params, |call| {
                balance(sandbox, "balanceBaseToken", &call.agent)
            })
        }),
        Entry::view("totalAssets", |sandbox, params| {
            run::<IAccounts::totalAssetsCall>("totalAssets", params, |_| {
                sandbox.charge(2 * gas::READ)?;
                let journal = sandbox.journal();
                Ok((ledger::circulating(journal), ledger::burned(journal)).into())
            })
        }),
        Entry::view("accounts", |sandbox, params| {
            run::<IAccounts::accountsCall>("accounts", params, |call| list(sandbox, &call.after_))
        }),
        Entry::view("getAccountNonce", |sandbox, params| {
            run::<IAccounts::getAccountNonceCall>("getAccountNonce", params, |call| {
                let agent = agent("getAccountNonce", &call.agent)?;
                sandbox.charge(gas::READ)?;
                let chain = sandbox.chain();
                Ok(ledger::nonce(sandbox.journal(), &chain, &agent))
            })
        }),
    ];
    Entry::dispatch(ENTRIES, sandbox, entry_point, params)
}

fn withdraw(sandbox: &mut Sandbox<'_, '_>, target: &[u8]) -> Result<u64, Failure> {
    let to = match (target, sandbox.caller()) {
        ([], AgentId::L1(address)) => address,
        ([], caller) => {
            return Err(Failure::Target(format!("{caller} is not an address on L1, so name the one that gets it")));
        }
        (bytes, _) => L1Address::from_bytes(bytes).map_err(|error| Failure::Target(error.to_string()))?,
    };
    // What floors away is not taken from the caller in the first place.
    let assets = Assets::base(whole_tokens(sandbox.allowance().base_tokens));
    sandbox.take_allowed(assets)?;
    sandbox.send(to, assets)
}

fn transfer_allowance_to(sandbox: &mut Sandbox<'_, '_>, to: &[u8]) -> Result<(), Failure> {
    let to = agent("transferAllowanceTo", to)?;
    match to {
        AgentId::Nil => return Err(Failure::Target("nobody owns nothing".into())),
        AgentId::Ethereum { chain, .. } if chain != sandbox.chain() => {
            return Err(Failure::Target(format!("{to} is an Ethereum address of another chain")));
        }
        _ => {}
    }
    let assets = sandbox.allowance();
    sandbox.transfer_allowed(&to, assets)
}

fn balance(sandbox: &mut Sandbox<'_, '_>, name: &'static str, bytes: &[u8]) -> Result<U256, Failure> {
    let agent = agent(name, bytes)?;
    Ok(sandbox.balance(&agent)?.base_tokens)
}

fn list(sandbox: &mut Sandbox<'_, '_>, after: &[u8]) -> Result<Vec<Bytes>, Failure> {
    // All are read to find a page of them, so all are paid for, beforehand.
    let count = ledger::count(sandbox.journal());
    sandbox.charge(gas::SCAN_ENTRY.saturating_mul(count).saturating_add(gas::READ))?;
    let prefix = state_key(sandbox.contract(), ledger::BALANCE);
    let found = sandbox.journal().native_prefix(&prefix);
    let agents = found.into_iter().map(|(key, _)| key.slice(prefix.len()..));
    let agents: Vec<Bytes> = agents.filter(|agent| agent.as_ref() > after).take(LIST_LIMIT).collect();
    Ok(agents)
}
