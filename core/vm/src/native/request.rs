//! Executing one native request: an L1 deposit or a signed off-ledger call.
//!
//! ```text
//! may it run? ─▶ credit what it brings ─▶ budget ─▶ call (one checkpoint) ─▶ fee
//!      │ no: Skip, nothing stays             a failing call is undone; credit, nonce and fee stay
//! ```

use alloy_primitives::{Bytes, U256};
use vespiary_types::{
    AgentId, Call, ExecutionError, Hname, OffLedgerRequest, OnLedgerRequest, Outcome, Payload, Request, tokens_to_wei,
};

use super::{accounts, blocklog, governance};
use crate::sandbox::{Failure, Gas, Invocation, Machines, Target, World, gas};
use crate::{Environment, Journal, Skip};

/// What a block has left for one more request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Gas.
    pub gas: u64,
    /// Outputs that it may still owe to L1.
    pub payouts: usize,
    /// On-ledger requests that it may still execute.
    pub consumed: usize,
}

/// What came of a request. Its logs, events and payouts are the journal's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Success or failure.
    pub outcome: Outcome,
    /// The gas it could burn.
    pub gas_budget: u64,
    /// The gas it is charged for: what it burned, or the chain's minimum.
    pub gas_used: u64,
    /// Wei for a gas unit; zero for the owner's governance calls.
    pub gas_price: U256,
    /// Wei charged: gas × price, or less if the sender had less.
    pub fee: U256,
}

/// Runs a native request between the journal's `begin_request` and `end_request`.
///
/// All that an L1 output holds is credited to its sender, whatever becomes of the call. An output that names no sender is the
/// chain's owner's, and only deposits: a call of it fails.
///
/// # Errors
/// Why it cannot run in this block: then the request must be abandoned, and leaves no receipt.
pub fn execute(journal: &mut Journal, machines: &Machines, request: &Request, room: &Room) -> Result<Run, Skip> {
    let environment = journal.environment().clone();
    let chain = environment.chain.chain;
    let sender = request.sender();
    let (call, is_signed) = match request.payload() {
        Payload::OnLedger(on_ledger) => {
            admit_output(journal, &environment, on_ledger, room)?;
            (&on_ledger.call, false)
        }
        Payload::OffLedger(off_ledger) => {
            admit_signed(journal, &environment, off_ledger, &sender)?;
            (&off_ledger.essence.call, true)
        }
        Payload::Ethereum(transaction) => {
            return Err(Skip::TransactionType(transaction.envelope().tx_type().into()));
        }
    };
    let is_free = governance::is_free(journal, &sender, call.contract);
    if environment.parameters.maintenance && !is_free {
        return Err(Skip::Maintenance);
    }

    match request.payload() {
        Payload::OnLedger(on_ledger) => {
            let owner = if sender == AgentId::Nil { environment.parameters.owner } else { sender };
            accounts::deposited(journal, &chain, &owner, tokens_to_wei(on_ledger.tokens));
            blocklog::mark_processed(journal, &on_ledger.output);
        }
        _ => accounts::raise_nonce(journal, &chain, &sender),
    }

    let price = if is_free { U256::ZERO } else { environment.base_fee };
    let budget = Budget::of(journal, &environment, &sender, call, price);
    if is_signed && budget.gas < budget.minimum {
        return Err(Skip::InsufficientFunds { available: budget.balance, needed: budget.needed });
    }
    let wanted = budget.gas.max(budget.minimum);
    if wanted > room.gas {
        return Err(Skip::BlockFull { wanted, left: room.gas });
    }

    let mut gas = Gas::new(budget.gas);
    let result = run(journal, machines, &sender, call, &budget, &mut gas);
    if journal.output().payouts.len() > room.payouts {
        return Err(Skip::BlockLimit("outputs on L1"));
    }

    let gas_used = gas.used().max(budget.minimum);
    let fee = charge(journal, &sender, price.saturating_mul(U256::from(gas_used)));
    let outcome = result.map_or_else(Outcome::Failure, Outcome::Success);
    Ok(Run { outcome, gas_budget: budget.gas, gas_used, gas_price: price, fee })
}

fn admit_output(
    journal: &Journal,
    environment: &Environment,
    request: &OnLedgerRequest,
    room: &Room,
) -> Result<(), Skip> {
    if blocklog::processed_at(journal, &request.output).is_some() {
        return Err(Skip::Processed);
    }
    let now = environment.timestamp();
    if let Some(timelock) = request.timelock
        && u64::from(timelock) > now
    {
        return Err(Skip::Timelocked(timelock));
    }
    if let Some((expiration, _)) = request.expiration {
        // Anchors trail blocks: such an output could change hands between its execution and the anchor that consumes it.
        return Err(if u64::from(expiration) <= now { Skip::Expired } else { Skip::Unclaimed });
    }
    if room.consumed == 0 {
        return Err(Skip::BlockLimit("L1 outputs executed"));
    }
    Ok(())
}

fn admit_signed(
    journal: &Journal,
    environment: &Environment,
    request: &OffLedgerRequest,
    sender: &AgentId,
) -> Result<(), Skip> {
    let chain = environment.chain.chain;
    if request.essence.chain != chain {
        return Err(Skip::OtherChain(request.essence.chain));
    }
    let expected = accounts::nonce(journal, &chain, sender);
    let given = request.essence.nonce;
    if expected == u64::MAX {
        return Err(Skip::NonceExhausted);
    }
    match given.cmp(&expected) {
        std::cmp::Ordering::Less => Err(Skip::NonceTooLow { expected, given }),
        std::cmp::Ordering::Greater => Err(Skip::NonceTooHigh { expected, given }),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

/// What a request may burn, and why not more.
struct Budget {
    gas: u64,
    minimum: u64,
    balance: U256,
    /// Wei for the minimum and the allowance.
    needed: U256,
}

impl Budget {
    /// The gas asked for within the chain's limits, and within what the sender has beside the allowance.
    fn of(journal: &Journal, environment: &Environment, sender: &AgentId, call: &Call, price: U256) -> Self {
        let limits = environment.parameters.gas_limits;
        let balance = accounts::balance(journal, &environment.chain.chain, sender);
        let allowance = call.allowance.base_tokens;
        let asked = call.gas_budget.max(limits.minimum).min(limits.request);
        let affordable = match balance.saturating_sub(allowance).checked_div(price) {
            Some(units) => u64::try_from(units).unwrap_or(u64::MAX),
            None => u64::MAX,
        };
        let needed = price.saturating_mul(U256::from(limits.minimum)).saturating_add(allowance);
        Self { gas: asked.min(affordable), minimum: limits.minimum, balance, needed }
    }
}

fn run(
    journal: &mut Journal,
    machines: &Machines,
    sender: &AgentId,
    call: &Call,
    budget: &Budget,
    gas: &mut Gas,
) -> Result<Bytes, ExecutionError> {
    let refuse = |failure: Failure| Err(failure.of(call.contract));
    if call.contract == Hname::NIL && call.params.is_empty() {
        return Ok(Bytes::new());
    }
    if *sender == AgentId::Nil {
        return refuse(Failure::NoSender);
    }
    let Budget { balance, needed, .. } = *budget;
    if call.allowance.base_tokens > balance || budget.gas < budget.minimum {
        return refuse(Failure::Balance { agent: *sender, balance, needed });
    }
    if let Err(failure) = gas.charge_each(0, gas::INPUT_BYTE, call.params.len()) {
        return refuse(failure);
    }
    if call.contract == Hname::NIL {
        return Ok(Bytes::new());
    }
    let invocation = Invocation {
        caller: *sender,
        target: Target::Contract { contract: call.contract, entry_point: call.entry_point },
        input: &call.params,
        allowance: call.allowance,
        is_static: false,
        depth: 0,
    };
    World { journal, machines }.call(&invocation, gas)
}

/// Takes a fee from the sender, or what there is of it, and hands it out.
fn charge(journal: &mut Journal, sender: &AgentId, fee: U256) -> U256 {
    let chain = journal.environment().chain.chain;
    let fee = fee.min(accounts::balance(journal, &chain, sender));
    // It is no more than the balance, and a fee that could not be taken is not handed out either.
    if *sender == AgentId::Nil || accounts::debit(journal, &chain, sender, fee).is_err() {
        return U256::ZERO;
    }
    accounts::pay_fees(journal, fee, U256::ZERO);
    fee
}
