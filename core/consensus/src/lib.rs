//! Agreement on the next block, sans-IO: `Engine::step(now, input) -> effects`.
//!
//! ```text
//! committee ── proposal ── vote ── engine
//!                           │
//!                       certificate
//! ```
//!
//! The engine is a pure state machine: no clock, no randomness, no I/O, no iteration over unordered maps. Its host (an actor)
//! carries the effects out and answers with inputs. A proposal is executed before it is final: a vote to finalize signs chain,
//! epoch, view, proposal digest *and* block hash, so that one certificate proves order and execution.
//!
//! A solo chain is a committee of one on the same way: its own vote is a quorum, so every proposal is final as soon as it is
//! executed. Views, proposals, votes and certificates are those of larger committees; messages between validators, leader
//! rotation and timeouts (Simplex) take their place in `engine` when committees have more members.

mod certificate;
mod committee;
mod engine;
mod error;
mod proposal;
mod vote;

pub use certificate::Certificate;
pub use committee::{Committee, ValidatorIndex};
pub use engine::{Batch, Effect, Engine, Execution, Input, Parent};
pub use error::ConsensusError;
pub use proposal::{AnchorPlan, Proposal};
pub use vote::FinalizeVote;
