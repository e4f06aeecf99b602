//! The executor: one state, one sandbox, one gas unit and one receipt for every virtual machine.
//!
//! ```text
//! context, params, error, call     the words: what surrounds execution, what is asked, what can go wrong
//! journal                          the one revertible view of the state during a block
//! ```

mod call;
mod context;
mod error;
mod journal;
mod params;

pub use call::{CallResult, EthereumCall};
pub use context::{BaseFee, BlockContext, ChainContext, Environment, RequestContext};
pub use error::{ExecutorError, Skip};
pub use journal::{Code, CodeCache, InsufficientBalance, Journal, Output};
pub use params::Parameters;
