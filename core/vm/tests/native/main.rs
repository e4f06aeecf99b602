//! What native requests, core contracts and the sandbox promise, on whole blocks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

mod allowances;
mod chain;
mod deposits;
mod governing;
mod invariant;
mod signed;
mod solidity;
mod withdrawals;
