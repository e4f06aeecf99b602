//! Receipts as callers hold them: a place in a shared block, read when asked.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bloom, Bytes, U256};
use serde_json::Value;
use vespiary_types::{Block, Level, Log, Outcome, Payload, Request};

use crate::ethereum;
use crate::{Error, Result, Revert};

/// The receipt of one executed request. Cheap to make and to clone: it is a place in its block.
#[derive(Debug, Clone)]
pub struct Receipt {
    block: Arc<Block>,
    index: usize,
    level: Level,
}

impl Receipt {
    /// The receipt at this place; none if the block is shorter.
    pub(crate) fn new(block: Arc<Block>, index: u32, level: Level) -> Option<Self> {
        let index = usize::try_from(index).ok()?;
        (index < block.receipts.len() && index < block.requests.len()).then_some(Self { block, index, level })
    }

    /// The protocol's receipt.
    #[expect(clippy::missing_panics_doc, reason = "it cannot panic: `new` checked the index")]
    pub fn inner(&self) -> &vespiary_types::Receipt {
        // `new` checked the index, and the block is shared and immutable.
        self.block.receipts.get(self.index).expect("a receipt's index lies within its block")
    }

    /// The request it belongs to.
    #[expect(clippy::missing_panics_doc, reason = "it cannot panic: `new` checked the index")]
    pub fn request(&self) -> &Arc<Request> {
        self.block.requests.get(self.index).expect("a receipt's index lies within its block")
    }

    /// The block it stands in.
    pub fn block(&self) -> &Arc<Block> {
        &self.block
    }

    /// The transaction's hash.
    pub fn hash(&self) -> B256 {
        self.inner().transaction_hash
    }

    /// The height of the block.
    pub fn height(&self) -> u64 {
        self.block.header.number
    }

    /// The place in the block.
    pub fn index(&self) -> u32 {
        self.inner().index
    }

    /// How far it had come when this was made.
    pub fn level(&self) -> Level {
        self.level
    }

    /// True if the request succeeded.
    pub fn succeeded(&self) -> bool {
        self.inner().succeeded()
    }

    /// Gas burned.
    pub fn gas_used(&self) -> u64 {
        self.inner().gas_used
    }

    /// Wei paid in all.
    pub fn fee(&self) -> U256 {
        self.inner().fee
    }

    /// The contract it created.
    pub fn created(&self) -> Option<Address> {
        self.inner().created
    }

    /// What the contract returned, or its revert data.
    pub fn output(&self) -> &Bytes {
        match &self.inner().outcome {
            Outcome::Success(output) => output,
            Outcome::Failure(error) => &error.params,
        }
    }

    /// EVM logs.
    pub fn logs(&self) -> &[Log] {
        &self.inner().logs
    }

    /// How many logs stand before this receipt's in the block.
    pub fn first_log_index(&self) -> u64 {
        self.block.receipts.iter().take(self.index).map(|receipt| receipt.logs.len() as u64).sum()
    }

    /// The bloom filter of its logs.
    pub fn bloom(&self) -> Bloom {
        ethereum::bloom_of(self.logs())
    }

    /// Why it failed; none if it did not.
    pub fn revert(&self) -> Option<Revert> {
        let Outcome::Failure(error) = &self.inner().outcome else { return None };
        let mut revert = crate::contract::decode_revert(error, None);
        revert.transaction_hash = Some(self.hash());
        revert.height = Some(self.height());
        Some(revert)
    }

    /// Itself, or `ERR_REVERTED`.
    pub fn checked(self) -> Result<Self> {
        match self.revert() {
            None => Ok(self),
            Some(revert) => Err(Error::Reverted(Box::new(revert))),
        }
    }

    /// A receipt out of its block's wire form, as pickles keep it.
    pub fn from_wire(block: &[u8], index: u32, level: Level) -> Result<Self> {
        let block = Block::from_wire(block).map_err(|error| Error::malformed(error.to_string()))?;
        Self::new(Arc::new(block), index, level)
            .ok_or_else(|| Error::malformed(format!("the block has no receipt number {index}")))
    }

    /// `eth_getTransactionReceipt`'s shape.
    pub fn to_json(&self) -> Value {
        ethereum::receipt(&self.block, self.index)
    }

    /// The network bytes of an Ethereum transaction; none for native requests.
    pub fn raw(&self) -> Option<&Bytes> {
        match self.request().payload() {
            Payload::Ethereum(transaction) => Some(transaction.raw()),
            Payload::OnLedger(_) | Payload::OffLedger(_) => None,
        }
    }
}

/// What a send gave: a hash, and the receipt if it was waited for.
#[derive(Debug, Clone)]
pub struct Sent {
    pub(crate) hash: B256,
    pub(crate) receipt: Option<Receipt>,
}

impl Sent {
    /// The transaction's hash.
    pub fn hash(&self) -> B256 {
        self.hash
    }

    /// How far it had come.
    pub fn level(&self) -> Level {
        self.receipt.as_ref().map_or(Level::Pending, Receipt::level)
    }

    /// The height of its block, if it is in one.
    pub fn height(&self) -> Option<u64> {
        self.receipt.as_ref().map(Receipt::height)
    }

    /// The receipt, if it is in a block.
    pub fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }
}
