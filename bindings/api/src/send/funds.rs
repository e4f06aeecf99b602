//! What a row may cost, and how many rows of a sender can be in flight together.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use serde_json::json;
use vespiary_state::StateView;

use super::Transaction;
use crate::{At, Chain, Code, Error, Result};

/// What a row is signed with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) gas: u64,
    pub(super) max_fee: U256,
    pub(super) tip: U256,
}

/// What a call without a gas limit gets at least, if its sender can pay for it.
const COMFORTABLE_GAS: u64 = 1_000_000;

/// The senders' money for one round.
pub(super) struct Purses {
    price: U256,
    most_gas: u64,
    by_sender: BTreeMap<Address, Purse>,
}

struct Purse {
    balance: U256,
    reserved: U256,
    rows: u64,
}

impl Purses {
    /// Reads the balances of all senders of these rows.
    pub(super) fn open(chain: &Chain, calls: &[Transaction], waiting: &[usize]) -> Result<Self> {
        let view = chain.view(At::default())?;
        let mut purses: BTreeMap<Address, Purse> = BTreeMap::new();
        for call in waiting.iter().filter_map(|row| calls.get(*row)) {
            let address = call.sender.address();
            if let Some(purse) = purses.get_mut(&address) {
                purse.rows += 1;
                continue;
            }
            let account = view.account(&address).map_err(crate::engine::store_error)?.unwrap_or_default();
            purses.insert(address, Purse { balance: account.balance, reserved: U256::ZERO, rows: 1 });
        }
        Ok(Self { price: chain.gas_price(), most_gas: chain.gas_limit(), by_sender: purses })
    }

    /// Reserves what a row may cost. None: not beside those that were taken already.
    pub(super) fn take(&mut self, call: &Transaction) -> Result<Option<Terms>> {
        let address = call.sender.address();
        let tip = call.tip.unwrap_or_default();
        let max_fee = call.max_fee.unwrap_or_else(|| self.price.saturating_add(tip));
        if max_fee < self.price {
            return Err(Error::new(
                Code::Underpriced,
                format!("max fee {max_fee} wei for a gas unit is below the chain's price of {} wei", self.price),
                json!({ "offered": max_fee, "price": self.price }),
            ));
        }
        let intrinsic = intrinsic_gas(call);
        let Some(purse) = self.by_sender.get_mut(&address) else {
            return Err(Error::internal("a sender without a purse"));
        };
        let short = |need: U256| Error::InsufficientFunds { address, have: purse.balance, need };
        let cost = |gas: u64| max_fee.saturating_mul(U256::from(gas)).saturating_add(call.value);
        let gas = match call.gas {
            Some(gas) if gas < intrinsic => {
                return Err(Error::new(
                    Code::IntrinsicGas,
                    format!("gas limit {gas} is too low: this transaction needs {intrinsic} before it runs"),
                    json!({ "limit": gas, "need": intrinsic }),
                ));
            }
            Some(gas) if gas > self.most_gas => {
                return Err(Error::new(
                    Code::GasLimit,
                    format!("gas limit {gas} is above this chain's limit of {} for one request", self.most_gas),
                    json!({ "limit": gas, "most": self.most_gas }),
                ));
            }
            Some(gas) => gas,
            None => {
                let affordable = |wei: U256| {
                    let wei = wei.saturating_sub(call.value);
                    wei.checked_div(max_fee).map_or(self.most_gas, |gas| gas.try_into().unwrap_or(u64::MAX))
                };
                let share = affordable(purse.balance / U256::from(purse.rows.max(1)));
                share.max(COMFORTABLE_GAS).min(affordable(purse.balance)).min(self.most_gas).max(intrinsic)
            }
        };
        let cost = cost(gas);
        if cost > purse.balance {
            return Err(short(cost));
        }
        let reserved = purse.reserved.saturating_add(cost);
        if reserved > purse.balance {
            return Ok(None);
        }
        purse.reserved = reserved;
        Ok(Some(Terms { gas, max_fee, tip }))
    }
}

/// What a transaction costs before it runs (EIP-2028, EIP-3860).
fn intrinsic_gas(call: &Transaction) -> u64 {
    let data: u64 = call.data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum();
    let length = call.data.len() as u64;
    let creation = if call.to.is_none() { 32_000 + 2 * length.div_ceil(32) } else { 0 };
    21_000 + data + creation
}
