//! The Ethereum side of the executor, from outside: blocks in, receipts, changes and headers out.

mod blocks;
mod calls;
mod fees;
mod state_tests;
mod world;
