//! The embedded L1: a small but real tangle as a pure state machine.
//!
//! ```text
//! bytes ── codec ── output, transaction, milestone, block     layouts of TIP-18, 20, 23, 24, 29
//!                       │                     │
//! builder ──► transaction ──► validation      │               may it take effect? (Conflict)
//! anchor, chain, faucet ┘          │          ▼
//!                             white_flag ◄── dag              order of a milestone's cone; solid blocks and tips
//!                                  │
//!                               ledger  (LedgerDiff, Snapshot) unspent outputs and history
//!                                  │
//!                      status ── tangle ◄── coordinator        DAG + ledger; when and what a milestone is
//!                                  └── proof ── merkle        audit paths for those without a ledger
//! ```
//!
//! What it promises: the ledger is a function of genesis and the milestones' cones, not of the order in which blocks came;
//! tokens are conserved; no bytes make it panic; a step costs what it touches; nothing happens while nothing is asked.
//! There is no clock here: who attaches a block or issues a milestone says what time it is, in unix milliseconds.

mod anchor;
mod block;
mod builder;
mod chain;
mod codec;
mod conflict;
mod coordinator;
mod dag;
mod deposit;
mod error;
mod faucet;
mod ledger;
mod merkle;
mod milestone;
mod output;
mod parameters;
mod proof;
mod status;
mod tangle;
mod transaction;
mod validation;
mod white_flag;

pub use anchor::{AnchorPlan, MAX_CONSUMED, MAX_PAYOUTS, rotate_controllers};
pub use block::{Block, Payload, PreparedBlock, TaggedData};
pub use builder::{TransactionBuilder, UnsignedTransaction};
pub use chain::create_chain_alias;
pub use conflict::{AliasField, Conflict};
pub use coordinator::{Coordinator, Issued, MilestonePolicy};
pub use error::TangleError;
pub use faucet::Faucet;
pub use ledger::{LatestMilestone, Ledger, LedgerDiff, LedgerOutput, OutputState, Snapshot};
pub use merkle::{Sibling, audit_path, merkle_root, root_of_path};
pub use milestone::{Milestone, MilestoneEssence};
pub use output::{AliasOutput, BasicOutput, Expiration, Output, OutputKind, StorageDepositReturn};
pub use parameters::{
    BaseToken, CoordinatorKeys, Genesis, MAX_BLOCK_BYTES, MAX_INPUTS, MAX_METADATA_BYTES, MAX_OUTPUTS, MAX_PARENTS,
    MAX_TAG_BYTES, Network, ProtocolVersion, minimum_anchor_deposit, minimum_payout, network_id,
};
pub use proof::{InclusionProof, Proven};
pub use status::TransactionStatus;
pub use tangle::{Attached, Context, MilestoneFault, Settings, Tangle};
pub use transaction::{Transaction, TransactionEssence, Unlock, inputs_commitment};
pub use validation::validate;
