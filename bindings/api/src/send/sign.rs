//! Signing: EIP-1559 transactions by the wallets' own keys, spread over the cores when there are many.

use std::sync::Arc;
use std::thread;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_primitives::TxKind;
use vespiary_types::{AgentId, EthereumTransaction, Payload, Request};

use super::Signed;
use super::lane::Numbered;
use crate::Chain;

/// From so many rows on, a second thread pays off.
const MANY: usize = 64;

/// Signs every row.
pub(super) fn all(chain: &Chain, rows: &[Numbered<'_>]) -> Vec<Signed> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // Virtual time runs on one thread, and signing there is no different.
    if rows.len() < MANY || cores < 2 {
        return rows.iter().map(|row| one(chain, row)).collect();
    }
    let share = rows.len().div_ceil(cores);
    thread::scope(|scope| {
        let hands: Vec<_> = rows
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(|row| one(chain, row)).collect::<Vec<_>>()))
            .collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap_or_default()).collect()
    })
}

fn one(chain: &Chain, row: &Numbered<'_>) -> Signed {
    let call = row.call;
    let narrow = |wei: alloy_primitives::U256| u128::try_from(wei).unwrap_or(u128::MAX);
    let transaction = TxEip1559 {
        chain_id: chain.evm_chain_id(),
        nonce: row.nonce,
        gas_limit: row.terms.gas,
        max_fee_per_gas: narrow(row.terms.max_fee),
        max_priority_fee_per_gas: narrow(row.terms.tip),
        to: call.to.map_or(TxKind::Create, TxKind::Call),
        value: call.value,
        access_list: alloy_eips::eip2930::AccessList::default(),
        input: call.data.clone(),
    };
    let signature = call.sender.sign_hash(transaction.signature_hash());
    let transaction = EthereumTransaction::from(TxEnvelope::from(transaction.into_signed(signature)));
    let hash = transaction.hash();
    let sender = call.sender.address();
    let agent = AgentId::Ethereum { chain: chain.id(), address: sender };
    // Whoever has just signed knows the signer: there is nothing to recover.
    let request = Arc::new(Request::verified(Payload::Ethereum(Box::new(transaction)), agent));
    Signed { row: row.row, hash, sender, request }
}
