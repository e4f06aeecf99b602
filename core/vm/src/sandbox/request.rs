//! What every call of one request has in common.

use alloy_primitives::{B256, keccak256};
use vespiary_types::{AgentId, RequestId};

use crate::{BlockContext, ChainContext};

/// The request that is being executed, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext<'a> {
    /// The chain.
    pub chain: &'a ChainContext,
    /// The block.
    pub block: &'a BlockContext,
    /// The request.
    pub id: RequestId,
    /// Who sent it, whatever contracts have called each other since.
    pub sender: AgentId,
    /// Its place in the block.
    pub index: u32,
}

impl RequestContext<'_> {
    /// Its own entropy: keccak256(index as four bytes, big-endian ‖ the block's entropy).
    pub fn entropy(&self) -> B256 {
        keccak256([self.index.to_be_bytes().as_slice(), self.block.entropy.as_slice()].concat())
    }

    /// Its own time: the block's, and a nanosecond for each request before it; unix nanoseconds.
    pub fn timestamp_ns(&self) -> u64 {
        self.block.time_ms.saturating_mul(1_000_000).saturating_add(u64::from(self.index))
    }
}
