//! The ledger: what every agent owns, and what the chain owes in all.
//!
//! An Ethereum address of the chain keeps its wei and its nonce in its EVM account and nowhere else; everybody else's stand here:
//!
//! | key after the contract's name | value |
//! |---|---|
//! | `b` agent | balance, wei |
//! | `n` agent | next nonce |
//! | `c` | how many agents have a balance here: what listing them costs is known before they are read |
//! | `a` owner's address, spender's address | wei that the spender may take by the sandbox precompile |
//! | `t` | circulating wei: the sum of all balances, here and in the EVM |
//! | `x` | wei that were burned: nobody's any more, yet still in the chain's L1 account |
//!
//! Numbers are big-endian without leading zeros; zero is no entry. Deposits mint what L1 received and payouts melt what L1 will pay,
//! so circulating + burned = what L1 holds for the chain, minus what is queued. Nothing else touches the two sums but a burn, which
//! moves wei from the first to the second.

use alloy_primitives::{Address, U256};
use vespiary_types::{AgentId, ChainId};

use crate::native::{Core, state_key};
use crate::sandbox::Failure;
use crate::{BaseFee, Journal};

pub(super) const BALANCE: &[u8] = b"b";
const NONCE: &[u8] = b"n";
const COUNT: &[u8] = b"c";
const ALLOWANCE: &[u8] = b"a";
const CIRCULATING: &[u8] = b"t";
const BURNED: &[u8] = b"x";

fn key(kind: &[u8], rest: &[u8]) -> Vec<u8> {
    state_key(Core::Accounts.hname(), &[kind, rest].concat())
}

pub(super) fn read(journal: &Journal, key: &[u8]) -> U256 {
    let Some(bytes) = journal.native_get(key) else { return U256::ZERO };
    U256::try_from_be_slice(&bytes).unwrap_or_else(|| {
        journal.damaged("an amount of the accounts contract", "it is wider than 32 bytes");
        U256::ZERO
    })
}

fn write(journal: &mut Journal, key: &[u8], value: U256) {
    if value.is_zero() {
        journal.native_remove(key);
    } else {
        journal.native_set(key, value.to_be_bytes_trimmed_vec());
    }
}

fn own_address(chain: &ChainId, agent: &AgentId) -> Option<Address> {
    match agent {
        AgentId::Ethereum { chain: home, address } if home == chain => Some(*address),
        _ => None,
    }
}

/// Wei that an agent owns.
pub fn balance(journal: &Journal, chain: &ChainId, agent: &AgentId) -> U256 {
    match own_address(chain, agent) {
        Some(address) => journal.balance(&address),
        None => read(journal, &key(BALANCE, &agent.to_bytes())),
    }
}

/// An agent's next nonce.
pub fn nonce(journal: &Journal, chain: &ChainId, agent: &AgentId) -> u64 {
    match own_address(chain, agent) {
        Some(address) => journal.nonce(&address),
        None => read(journal, &key(NONCE, &agent.to_bytes())).saturating_to(),
    }
}

/// Uses up an agent's nonce.
pub(crate) fn raise_nonce(journal: &mut Journal, chain: &ChainId, agent: &AgentId) {
    let next = nonce(journal, chain, agent).saturating_add(1);
    match own_address(chain, agent) {
        Some(address) => journal.set_nonce(&address, next),
        None => write(journal, &key(NONCE, &agent.to_bytes()), U256::from(next)),
    }
}

/// Adds wei to an account. No chain's supply reaches 2²⁵⁶ (a configuration that allocates more is refused), so it saturates.
pub(crate) fn credit(journal: &mut Journal, chain: &ChainId, agent: &AgentId, wei: U256) {
    if let Some(address) = own_address(chain, agent) {
        return journal.credit(&address, wei);
    }
    let balance = balance(journal, chain, agent);
    set_balance(journal, agent, balance, balance.saturating_add(wei));
}

fn set_balance(journal: &mut Journal, agent: &AgentId, before: U256, after: U256) {
    write(journal, &key(BALANCE, &agent.to_bytes()), after);
    let agents = U256::from(count(journal));
    match (before.is_zero(), after.is_zero()) {
        (true, false) => write(journal, &key(COUNT, &[]), agents.saturating_add(U256::ONE)),
        (false, true) => write(journal, &key(COUNT, &[]), agents.saturating_sub(U256::ONE)),
        _ => {}
    }
}

/// How many agents have a balance here, those of the EVM aside.
pub(super) fn count(journal: &Journal) -> u64 {
    read(journal, &key(COUNT, &[])).saturating_to()
}

/// Takes wei out of an account, or nothing if there is too little.
pub(crate) fn debit(journal: &mut Journal, chain: &ChainId, agent: &AgentId, wei: U256) -> Result<(), Failure> {
    let balance = balance(journal, chain, agent);
    let short = || Failure::Balance { agent: *agent, balance, needed: wei };
    let rest = balance.checked_sub(wei).ok_or_else(short)?;
    if let Some(address) = own_address(chain, agent) {
        return journal.debit(&address, wei).map_err(|_| short());
    }
    set_balance(journal, agent, balance, rest);
    Ok(())
}

/// Moves wei from one account to another.
pub(crate) fn transfer(
    journal: &mut Journal,
    chain: &ChainId,
    from: &AgentId,
    to: &AgentId,
    wei: U256,
) -> Result<(), Failure> {
    debit(journal, chain, from, wei)?;
    credit(journal, chain, to, wei);
    Ok(())
}

/// Wei that L1 received for the chain come into being in an account.
pub(crate) fn deposited(journal: &mut Journal, chain: &ChainId, agent: &AgentId, wei: U256) {
    credit(journal, chain, agent, wei);
    minted(journal, wei);
}

/// Wei came into being in some account.
pub(crate) fn minted(journal: &mut Journal, wei: U256) {
    let total = circulating(journal);
    write(journal, &key(CIRCULATING, &[]), total.saturating_add(wei));
}

/// Wei left some account for L1.
pub(crate) fn paid_out(journal: &mut Journal, wei: U256) {
    let total = circulating(journal);
    write(journal, &key(CIRCULATING, &[]), total.saturating_sub(wei));
}

/// Wei left some account for nobody's: a burned fee, or what an EVM contract destroyed with itself. They stay in the chain's L1 account.
pub fn burn(journal: &mut Journal, wei: U256) {
    if wei.is_zero() {
        return;
    }
    paid_out(journal, wei);
    let before = burned(journal);
    write(journal, &key(BURNED, &[]), before.saturating_add(wei));
}

/// Wei in all accounts of the chain, those of the EVM included.
pub fn circulating(journal: &Journal) -> U256 {
    read(journal, &key(CIRCULATING, &[]))
}

/// Wei that were burned.
pub fn burned(journal: &Journal) -> U256 {
    read(journal, &key(BURNED, &[]))
}

/// Hands out a request's fee, already taken from its sender: the base part is burned or split between proposer and payout agent
/// by the block's parameters, the tip is the proposer's. A block that nobody proposed pays all of it to the payout agent.
pub fn pay_fees(journal: &mut Journal, base: U256, tip: U256) {
    let environment = journal.environment().clone();
    let (chain, parameters) = (environment.chain.chain, &environment.parameters);
    let proposer = match environment.block.proposer {
        AgentId::Nil => parameters.payout_agent,
        agent => agent,
    };
    let mut to_proposer = tip;
    match environment.chain.fees_destination {
        BaseFee::Burn => burn(journal, base),
        BaseFee::Split => {
            let share = U256::from(parameters.fees.validator_fee_share.min(100));
            // Divided before it is multiplied: no fee is too large for the percentage.
            let (hundredths, rest) = base.div_rem(U256::from(100));
            let proposers = hundredths * share + rest * share / U256::from(100);
            to_proposer = to_proposer.saturating_add(proposers);
            credit_some(journal, &chain, &parameters.payout_agent, base - proposers);
        }
    }
    credit_some(journal, &chain, &proposer, to_proposer);
}

fn credit_some(journal: &mut Journal, chain: &ChainId, agent: &AgentId, wei: U256) {
    if !wei.is_zero() {
        credit(journal, chain, agent, wei);
    }
}

/// Wei that `spender` may take from `owner` by the sandbox precompile.
pub fn spending_allowance(journal: &Journal, owner: &Address, spender: &Address) -> U256 {
    read(journal, &spending_key(owner, spender))
}

/// Sets what `spender` may take from `owner` by the sandbox precompile.
pub(crate) fn set_spending_allowance(journal: &mut Journal, owner: &Address, spender: &Address, wei: U256) {
    write(journal, &spending_key(owner, spender), wei);
}

fn spending_key(owner: &Address, spender: &Address) -> Vec<u8> {
    key(ALLOWANCE, &[owner.as_slice(), spender.as_slice()].concat())
}
