//! The Ethereum transaction that stands in a block for each request, and the receipt that stands beside it.

use alloy_consensus::{Eip658Value, ReceiptEnvelope, ReceiptWithBloom, Signed, TxEnvelope, TxLegacy, TxType};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use vespiary_types::{ChainId, Payload, Receipt, Request};

use crate::precompile;

/// A request as Ethereum's tools see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockTransaction {
    /// The transaction.
    pub envelope: TxEnvelope,
    /// Its hash.
    pub hash: B256,
    /// Its sender: the signer, or a native sender's EVM alias.
    pub from: Address,
    /// The contract called; none for a creation.
    pub to: Option<Address>,
}

/// The transaction that stands for a request: an Ethereum transaction for itself; for a native request a legacy one with v = 27
/// and r = s = 0, price 0, to the sandbox, whose data is the request's id and content hash, so that its hash is unique. Nobody can
/// send such a transaction: r = 0 is refused everywhere.
pub fn transaction_of(request: &Request, chain: &ChainId) -> BlockTransaction {
    let from = request.sender().evm_alias(chain);
    if let Payload::Ethereum(transaction) = request.payload() {
        let envelope = transaction.envelope().clone();
        let to = alloy_consensus::Transaction::to(&envelope);
        return BlockTransaction { hash: transaction.hash(), envelope, from, to };
    }
    let reference = request.reference();
    let legacy = TxLegacy {
        chain_id: None,
        nonce: request.nonce().unwrap_or_default(),
        gas_price: 0,
        gas_limit: request.gas_limit(),
        to: TxKind::Call(precompile::ADDRESS),
        value: U256::ZERO,
        input: Bytes::from([reference.id.to_bytes().as_slice(), reference.content.as_slice()].concat()),
    };
    let nobodys = Signature::new(U256::ZERO, U256::ZERO, false);
    let envelope = TxEnvelope::Legacy(Signed::new_unhashed(legacy, nobodys));
    let hash = *envelope.tx_hash();
    BlockTransaction { envelope, hash, from, to: Some(precompile::ADDRESS) }
}

/// A receipt as `receiptsRoot` commits to it (EIP-658, EIP-2718).
pub fn receipt_of(receipt: &Receipt) -> ReceiptEnvelope {
    let inner = alloy_consensus::Receipt {
        status: Eip658Value::Eip658(receipt.succeeded()),
        cumulative_gas_used: receipt.cumulative_gas_used,
        logs: receipt.logs.clone(),
    };
    let with_bloom = ReceiptWithBloom::from(inner);
    match TxType::try_from(receipt.transaction_type) {
        Ok(TxType::Eip2930) => ReceiptEnvelope::Eip2930(with_bloom),
        Ok(TxType::Eip1559) => ReceiptEnvelope::Eip1559(with_bloom),
        Ok(TxType::Eip4844) => ReceiptEnvelope::Eip4844(with_bloom),
        Ok(TxType::Eip7702) => ReceiptEnvelope::Eip7702(with_bloom),
        _ => ReceiptEnvelope::Legacy(with_bloom),
    }
}
