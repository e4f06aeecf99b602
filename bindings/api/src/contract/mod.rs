//! Contracts by their ABI: arguments in, results, events and errors out.
//!
//! ```text
//! interface.rs   an ABI with its types resolved: functions by name and arguments, events, errors
//! value.rs       values of the ABI as plain data, both ways
//! event.rs       a log as an event's arguments
//! revert.rs      why a call failed: Error(string), Panic(uint256), custom errors by name
//! ```

mod event;
mod interface;
mod revert;
mod value;

pub use alloy_dyn_abi::{DynSolType, DynSolValue};
pub use event::EventType;
pub use interface::{Interface, Method, Parameter};
pub use revert::decode_revert;
pub use value::{from_json, to_json};
