//! A chain's block: an Ethereum block, the requests behind its transactions, and the record of what Ethereum has no field for.

use std::sync::Arc;

use alloy_consensus::Header;
use alloy_primitives::{B256, Bytes, U256};
use alloy_rlp::{Decodable, Encodable};
use serde::{Deserialize, Serialize};

use crate::{L1Address, MilestoneId, OutputId, Receipt, Request, Wire, WireError};

/// An output that the chain owes to the tangle; the next anchors pay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// Who gets it.
    pub to: L1Address,
    /// Base tokens in their smallest L1 unit.
    pub tokens: u64,
}

/// What a block does beyond Ethereum's fields. It stands in the state under `blocklog`, and so under the header's `extraData`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BlockRecord {
    /// The block's height; 0 is genesis.
    pub height: u64,
    /// Exact time, unix nanoseconds; the header has whole seconds. Each request has a nanosecond of its own (time + index), so a
    /// block's time is at least its parent's plus its parent's number of requests: many blocks fit one millisecond.
    pub time_ns: u64,
    /// The milestone that the block saw.
    pub milestone: MilestoneId,
    /// Requests in the block.
    pub requests: u32,
    /// Gas burned.
    pub gas_used: u64,
    /// Wei of fees charged.
    pub fees: U256,
    /// On-ledger outputs it executed: an anchor will consume them.
    pub consumed: Vec<OutputId>,
    /// Outputs it owes to the tangle: an anchor will make them.
    pub payouts: Vec<Payout>,
}

impl Wire for BlockRecord {
    const WHAT: &'static str = "a block record";
}

/// A final block with everything needed to check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The Ethereum header; its hash is the block's hash.
    pub header: Header,
    /// The hash of the header.
    pub hash: B256,
    /// What Ethereum's header has no field for.
    pub record: BlockRecord,
    /// The executed requests in order; request index = transaction index.
    pub requests: Vec<Arc<Request>>,
    /// One receipt a request.
    pub receipts: Vec<Receipt>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    header: Bytes,
    record: BlockRecord,
    requests: Vec<Arc<Request>>,
    receipts: Vec<Receipt>,
}

impl Wire for Stored {
    const WHAT: &'static str = "a block";
}

impl BlockRecord {
    /// Unix milliseconds, floored.
    pub fn time_ms(&self) -> u64 {
        self.time_ns / 1_000_000
    }
}

impl Block {
    /// The canonical bytes.
    pub fn to_wire(&self) -> Vec<u8> {
        let mut header = Vec::with_capacity(self.header.length());
        self.header.encode(&mut header);
        Stored {
            header: header.into(),
            record: self.record.clone(),
            requests: self.requests.clone(),
            receipts: self.receipts.clone(),
        }
        .to_wire()
    }

    /// Reads what [`Self::to_wire`] wrote and hashes the header again.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, WireError> {
        let stored = Stored::from_wire(bytes)?;
        let header = Header::decode(&mut stored.header.as_ref()).map_err(|error| WireError::Malformed {
            what: "a block header",
            length: stored.header.len(),
            reason: error.to_string(),
        })?;
        let hash = header.hash_slow();
        Ok(Self { header, hash, record: stored.record, requests: stored.requests, receipts: stored.receipts })
    }

    /// The block's height.
    pub fn height(&self) -> u64 {
        self.header.number
    }
}
