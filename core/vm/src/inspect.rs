//! Looking into a chain's state from outside a block: what a mempool and an operator ask.

use std::sync::Arc;

use alloy_consensus::{Transaction, TxEnvelope};
use alloy_primitives::{B256, U256};
use vespiary_state::{StateView, StoreError};
use vespiary_types::{AgentId, Fork, MempoolLimits, MilestoneId};

use crate::native::{accounts, governance};
use crate::{BlockContext, ChainContext, CodeCache, Environment, Journal, Parameters, Skip, evm};

/// The policies of a chain as they stand in a state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policies {
    /// What execution depends on.
    pub parameters: Parameters,
    /// The limits of the mempool.
    pub mempool: MempoolLimits,
}

/// What a state says about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its next nonce.
    pub nonce: u64,
    /// Wei it has.
    pub balance: U256,
}

/// Base tokens of a chain in wei: what all accounts have together, and what was burned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supply {
    /// Σ of all accounts, Ethereum's and native ones.
    pub circulating: U256,
    /// Gone for good, still backed on the tangle.
    pub burned: U256,
}

fn look<T>(state: &Arc<dyn StateView>, chain: ChainContext, read: impl FnOnce(&Journal) -> T) -> Result<T, StoreError> {
    let block = BlockContext {
        height: 0,
        parent: B256::ZERO,
        parent_time_ns: 0,
        parent_requests: 0,
        time_ns: 0,
        milestone: MilestoneId::default(),
        entropy: B256::ZERO,
        proposer: AgentId::Nil,
    };
    let environment = Environment::new(chain, block, Parameters::default());
    let journal = Journal::new(Arc::clone(state), environment, CodeCache::default());
    let found = read(&journal);
    journal.store_error().map_or(Ok(found), Err)
}

/// The policies that hold for the block after this state.
pub fn policies(state: &Arc<dyn StateView>, chain: ChainContext) -> Result<Policies, StoreError> {
    look(state, chain, |journal| Policies {
        parameters: governance::read(journal),
        mempool: governance::mempool_limits(journal),
    })
}

/// An account's nonce and balance, whatever kind of agent it is.
pub fn standing(state: &Arc<dyn StateView>, chain: ChainContext, agent: &AgentId) -> Result<Standing, StoreError> {
    if let AgentId::Ethereum { chain: home, address } = agent
        && *home == chain.chain
    {
        let account = state.account(address)?.unwrap_or_default();
        return Ok(Standing { nonce: account.nonce, balance: account.balance });
    }
    look(state, chain, |journal| Standing {
        nonce: accounts::nonce(journal, &chain.chain, agent),
        balance: accounts::balance(journal, &chain.chain, agent),
    })
}

/// A chain's base tokens.
pub fn supply(state: &Arc<dyn StateView>, chain: ChainContext) -> Result<Supply, StoreError> {
    look(state, chain, |journal| Supply {
        circulating: accounts::circulating(journal),
        burned: accounts::burned(journal),
    })
}

/// Refuses a transaction whose gas limit does not even pay for its data.
pub fn check_intrinsic_gas(envelope: &TxEnvelope, fork: Fork) -> Result<(), Skip> {
    let access_list = envelope.access_list().cloned().unwrap_or_default();
    let needed = evm::intrinsic::gas(fork, envelope.is_create(), envelope.input(), &access_list);
    let given = envelope.gas_limit();
    if given < needed { Err(Skip::IntrinsicGas { given, needed }) } else { Ok(()) }
}
