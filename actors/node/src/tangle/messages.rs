//! What the tangle's actor is asked and what it tells.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use vespiary_supervision::{Message, Recipient};
use vespiary_tangle::{LatestMilestone, LedgerOutput, PreparedBlock, Tangle};
use vespiary_types::{AliasId, L1Address, TransactionId};

use crate::NodeError;

/// Attach a block. Answers once it is kept.
pub(crate) struct Attach(pub(crate) PreparedBlock);

impl Message for Attach {
    type Result = Result<(), NodeError>;
}

/// Send tokens from the faucet. Answers the transaction, which is not confirmed yet.
pub(crate) struct Fund {
    pub(crate) to: L1Address,
    pub(crate) tokens: u64,
}

impl Message for Fund {
    type Result = Result<TransactionId, NodeError>;
}

/// Wait until a milestone has decided on a transaction. Answers its index, or why there was no effect.
pub(crate) struct Follow(pub(crate) TransactionId);

impl Message for Follow {
    type Result = Result<u32, NodeError>;
}

/// Look at the ledger.
pub(crate) struct Inspect(pub(crate) Look);

/// A look at the ledger, and what it saw.
pub(crate) type Look = Box<dyn FnOnce(&Tangle) -> Box<dyn Any + Send> + Send>;

impl Message for Inspect {
    type Result = Box<dyn Any + Send>;
}

/// Tell `recipient` of every milestone that touches a chain. Answers how things stand.
pub(crate) struct Subscribe {
    pub(crate) chain: AliasId,
    pub(crate) recipient: Recipient<ChainUpdate>,
}

impl Message for Subscribe {
    type Result = ChainUpdate;
}

/// What a milestone did for a chain, or how the chain stands at it.
#[derive(Debug, Clone)]
pub(crate) struct ChainUpdate {
    /// The milestone.
    pub(crate) milestone: LatestMilestone,
    /// The chain's anchor, if it is new.
    pub(crate) anchor: Option<Arc<LedgerOutput>>,
    /// Outputs addressed to the chain that are new, in the ledger's order.
    pub(crate) requests: Vec<Arc<LedgerOutput>>,
}

impl Message for ChainUpdate {
    type Result = ();
}

/// Experiments with the tangle.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Control {
    /// Issue no milestones.
    Pause,
    /// Issue milestones again.
    Resume,
    /// Refuse the next blocks.
    Refuse(u32),
    /// Change how often milestones are issued at most.
    Interval(Duration),
}

impl Message for Control {
    type Result = ();
}
