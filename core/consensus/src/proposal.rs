//! What is agreed on.

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use vespiary_types::{AgentId, ChainId, MilestoneId, OutputId, RequestRef, Wire, blake2b256};

/// Which anchor to build: a pure function of the finalized chain makes the transaction of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorPlan {
    /// The confirmed anchor output that the anchor consumes. At most one plan for each stands on the finalized chain.
    pub anchor: OutputId,
    /// The last height it covers, at most the proposal's own.
    pub covered: u64,
}

/// A leader's word on the next block: everything that must be fixed for all honest nodes to execute the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The chain.
    pub chain: ChainId,
    /// The committee's number.
    pub epoch: u64,
    /// The view, rising without end within a chain.
    pub view: u64,
    /// The parent proposal's digest; zero on top of genesis.
    pub parent: B256,
    /// The height of the block it asks for.
    pub height: u64,
    /// The requests in the order of execution.
    pub requests: Vec<RequestRef>,
    /// Unix time in nanoseconds, at least the parent's plus its number of requests.
    pub time_ns: u64,
    /// The milestone the leader has seen.
    pub milestone: MilestoneId,
    /// The block's entropy.
    pub entropy: B256,
    /// The leader's registered payout agent: it gets the proposer's share of fees.
    pub payout: AgentId,
    /// The anchor to build once this is final.
    pub anchor_plan: Option<AnchorPlan>,
}

impl Wire for Proposal {
    const WHAT: &'static str = "a proposal";
}

impl Proposal {
    /// What votes and children name it by.
    pub fn digest(&self) -> B256 {
        blake2b256(self.to_wire()).into()
    }
}
