//! One Ethereum transaction, by Ethereum's rules to the letter.
//!
//! ```text
//! validate ─▶ take gas limit × price, raise the nonce ─▶ run ─▶ give back what is left ─▶ pay the fee out
//!    │ no: Skip, nothing touched                          a failing run is undone; nonce and fee stay
//! ```

use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, TxKind, U256};
use vespiary_types::{EthereumTransaction, Fork, Outcome};

use crate::evm::{self, Entry, Target, intrinsic};
use crate::native::accounts;
use crate::sandbox::Machines;
use crate::{Environment, Journal, Skip};

/// What came of a transaction. Its logs are the journal's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) outcome: Outcome,
    pub(crate) created: Option<Address>,
    pub(crate) gas_used: u64,
    /// Wei for each gas unit, tip included.
    pub(crate) gas_price: U256,
    pub(crate) fee: U256,
}

/// Runs a transaction between the journal's `begin_request` and `end_request`.
///
/// # Errors
/// Why it cannot run in this block; then nothing has been touched.
pub(crate) fn execute(
    journal: &mut Journal,
    machines: &Machines,
    transaction: &EthereumTransaction,
    sender: Address,
    gas_left: u64,
) -> Result<Run, Skip> {
    let environment = journal.environment().clone();
    let envelope = transaction.envelope();
    let intrinsic_gas = validate(journal, &environment, envelope, sender, gas_left)?;

    let gas_limit = envelope.gas_limit();
    let gas_price = price(envelope, environment.base_fee);
    let upfront = gas_price * U256::from(gas_limit);
    if let Err(error) = journal.debit(&sender, upfront) {
        return Err(Skip::InsufficientFunds { available: error.available, needed: error.needed });
    }
    let nonce = envelope.nonce();
    journal.set_nonce(&sender, nonce + 1);
    journal.touch(&environment.beneficiary);
    if environment.fork() >= Fork::Shanghai {
        // EIP-3651
        journal.warm(&environment.beneficiary);
    }

    let target = match envelope.kind() {
        TxKind::Call(to) => Target::Call(to),
        TxKind::Create => Target::Create(sender.create(nonce)),
    };
    let finished = evm::run(
        journal,
        machines,
        Entry {
            caller: sender,
            origin: sender,
            target,
            value: envelope.value(),
            input: envelope.input().clone(),
            gas: gas_limit,
            intrinsic_gas,
            gas_price,
            access_list: envelope.access_list().cloned().unwrap_or_default(),
            is_static: false,
        },
    );

    let gas_used = finished.gas_used;
    let used = U256::from(gas_used);
    let fee = gas_price * used;
    journal.credit(&sender, upfront - fee);
    let base = environment.base_fee * used;
    accounts::pay_fees(journal, base, fee - base);

    let created = match target {
        Target::Create(address) if finished.result.is_ok() => Some(address),
        _ => None,
    };
    let outcome = finished.into_result().map_or_else(Outcome::Failure, Outcome::Success);
    Ok(Run { outcome, created, gas_used, gas_price, fee })
}

/// What a unit of gas costs: the base fee and the tip, at most the cap (EIP-1559).
pub(crate) fn price(envelope: &TxEnvelope, base_fee: U256) -> U256 {
    let cap = U256::from(envelope.max_fee_per_gas());
    match envelope.max_priority_fee_per_gas() {
        Some(tip) => cap.min(base_fee.saturating_add(U256::from(tip))),
        None => cap,
    }
}

/// Every check that comes before execution, and the intrinsic gas.
fn validate(
    journal: &Journal,
    environment: &Environment,
    envelope: &TxEnvelope,
    sender: Address,
    gas_left: u64,
) -> Result<u64, Skip> {
    let parameters = &environment.parameters;
    if parameters.maintenance {
        return Err(Skip::Maintenance);
    }
    let fork = environment.fork();
    let kind = u8::from(envelope.tx_type());
    // Blobs (type 3) have no place on a chain; EIP-7702 (type 4) comes with Prague.
    if !(kind <= 1 || kind == 2 && fork >= Fork::London) {
        return Err(Skip::TransactionType(kind));
    }
    let signature = envelope.signature();
    if signature.r().is_zero() || signature.s().is_zero() {
        return Err(Skip::Signature);
    }
    // Legacy transactions from before EIP-155 name no chain.
    let expected = environment.chain.evm_chain_id;
    if let Some(given) = envelope.chain_id()
        && given != expected
    {
        return Err(Skip::ChainId { expected, given });
    }
    let (cap, tip) = (envelope.max_fee_per_gas(), envelope.max_priority_fee_per_gas().unwrap_or_default());
    if tip > cap {
        return Err(Skip::TipAboveFee { tip: U256::from(tip), cap: U256::from(cap) });
    }
    if U256::from(cap) < environment.base_fee {
        return Err(Skip::FeeTooLow { offered: U256::from(cap), price: environment.base_fee });
    }
    let given = envelope.gas_limit();
    let limit = parameters.gas_limits.request;
    if given > limit {
        return Err(Skip::GasLimit { given, limit });
    }
    let (creates, input) = (envelope.kind().is_create(), envelope.input());
    if creates && fork >= Fork::Shanghai && input.len() > evm::MAX_INIT_CODE {
        return Err(Skip::InitCodeSize { given: input.len(), limit: evm::MAX_INIT_CODE });
    }
    let empty = AccessList::default();
    let intrinsic_gas = intrinsic::gas(fork, creates, input, envelope.access_list().unwrap_or(&empty));
    if given < intrinsic_gas {
        return Err(Skip::IntrinsicGas { given, needed: intrinsic_gas });
    }

    let account = journal.account(&sender).unwrap_or_default();
    let (expected, given_nonce) = (account.nonce, envelope.nonce());
    if given_nonce < expected {
        return Err(Skip::NonceTooLow { expected, given: given_nonce });
    }
    if given_nonce > expected {
        return Err(Skip::NonceTooHigh { expected, given: given_nonce });
    }
    if expected == u64::MAX {
        return Err(Skip::NonceExhausted);
    }
    if journal.code(&sender).is_some() {
        return Err(Skip::SenderHasCode);
    }
    let needed = U256::from(cap)
        .checked_mul(U256::from(given))
        .and_then(|fee| fee.checked_add(envelope.value()))
        .unwrap_or(U256::MAX);
    // A sum beyond 2²⁵⁶ is more than anybody has.
    if account.balance < needed || needed == U256::MAX {
        return Err(Skip::InsufficientFunds { available: account.balance, needed });
    }
    if given > gas_left {
        return Err(Skip::BlockFull { wanted: given, left: gas_left });
    }
    Ok(intrinsic_gas)
}
