//! What the actors of a chain ask and tell each other.

use std::sync::Arc;

use alloy_primitives::Bytes;
use vespiary_consensus::{Certificate, Parent, Proposal};
use vespiary_state::{Changes, Commitment};
use vespiary_supervision::Message;
use vespiary_types::{AgentId, Block, ExecutionError, Hname, Request, RequestId};
use vespiary_vm::{CallResult, EthereumCall, Skip};

use super::tickets::Ticket;
use crate::NodeError;

/// To the mempool: take these. Each ticket is resolved when its request has reached the level it waits for.
pub(crate) struct Submit(pub(crate) Vec<(Arc<Request>, Ticket)>);

impl Message for Submit {
    type Result = ();
}

/// To the mempool: outputs of the tangle that ask something of the chain.
pub(crate) struct Deposits(pub(crate) Vec<Arc<Request>>);

impl Message for Deposits {
    type Result = ();
}

/// To the mempool: which requests go next?
pub(crate) struct Collect {
    pub(crate) most: usize,
}

impl Message for Collect {
    type Result = Vec<Arc<Request>>;
}

/// To the mempool: the chain has grown, or more of it is final. A hint: the mempool looks for itself.
pub(crate) struct Grown;

impl Message for Grown {
    type Result = ();
}

/// To the mempool: these could not run.
pub(crate) struct Skipped(pub(crate) Vec<(RequestId, Skip)>);

impl Message for Skipped {
    type Result = ();
}

/// To the mempool: which nonce should this account sign next, waiting requests counted?
pub(crate) struct NextNonce(pub(crate) AgentId);

impl Message for NextNonce {
    type Result = Option<u64>;
}

/// To the mempool: what waits?
pub(crate) struct ListPending;

impl Message for ListPending {
    type Result = Vec<Arc<Request>>;
}

/// To consensus: something waits.
pub(crate) struct Work;

impl Message for Work {
    type Result = ();
}

/// To the executor: run a proposal.
pub(crate) struct Execute {
    pub(crate) proposal: Arc<Proposal>,
    pub(crate) requests: Vec<Arc<Request>>,
}

impl Message for Execute {
    type Result = Result<Ran, NodeError>;
}

/// What running a proposal gave.
pub(crate) struct Ran {
    /// The block and what it changes; none if there was nothing to make a block of.
    pub(crate) block: Option<Box<RanBlock>>,
    pub(crate) skipped: Vec<(RequestId, Skip)>,
}

/// A block that is not final yet.
pub(crate) struct RanBlock {
    pub(crate) block: Arc<Block>,
    pub(crate) changes: Changes,
    pub(crate) commitment: Commitment,
}

/// To the executor: simulate.
pub(crate) struct Simulate {
    pub(crate) at: At,
    pub(crate) question: Question,
}

/// The state a simulation runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// After the block at this height, as if in that block.
    Height(u64),
    /// After the newest block, as if in that block.
    Latest,
    /// After the newest block, as if in the next one.
    Pending,
}

/// What is simulated.
pub(crate) enum Question {
    Call(EthereumCall),
    EstimateGas(EthereumCall),
    View { contract: Hname, entry_point: Hname, params: Bytes },
}

/// What a simulation found.
pub(crate) enum Simulated {
    Call(CallResult),
    Gas(Result<u64, CallResult>),
    View(Result<Bytes, ExecutionError>),
}

impl Message for Simulate {
    type Result = Result<Simulated, NodeError>;
}

/// To the state: this block is final.
pub(crate) struct Commit {
    pub(crate) ran: Box<RanBlock>,
    pub(crate) proposal: Arc<Proposal>,
    pub(crate) certificate: Certificate,
}

impl Message for Commit {
    type Result = Result<Parent, NodeError>;
}

/// To the state: make an earlier block the head again.
pub(crate) struct Rewind(pub(crate) u64);

impl Message for Rewind {
    type Result = Result<(), NodeError>;
}

/// To the feed: the chain has come further.
pub(crate) struct Announce;

impl Message for Announce {
    type Result = ();
}

/// To the anchor: the chain has grown.
pub(crate) struct Finalized;

impl Message for Finalized {
    type Result = ();
}
