//! The executor: one state, one sandbox, one gas unit and one receipt for every virtual machine.
//!
//! ```text
//! context, params, error, call     the words: what surrounds execution, what is asked, what can go wrong
//! journal                          the one revertible view of the state during a block
//! sandbox                          what a contract sees, and how one machine's contracts call another's
//! native, precompile               core contracts and native requests; the sandbox's face in Solidity
//! on_ledger                        requests that come as outputs of the tangle
//! evm, ethereum                    the EVM over the journal; one Ethereum transaction by Ethereum's rules
//! executor ─▶ block, transaction   blocks: requests in order, receipts, the Ethereum header and what stands in it for each request
//! genesis, system                  block 0; what a block does before its first request
//! simulate                         eth_call, eth_estimateGas, native views
//! inspect                          policies, accounts and totals of a state, for whoever is not executing
//! ```

mod block;
mod call;
mod context;
mod error;
mod ethereum;
mod evm;
mod executor;
mod genesis;
mod inspect;
mod journal;
pub mod native;
pub mod on_ledger;
mod params;
pub mod precompile;
pub mod sandbox;
mod simulate;
mod system;
mod transaction;

pub use block::Executed;
pub use call::{CallResult, EthereumCall};
pub use context::{BaseFee, BlockContext, ChainContext, Environment, RequestContext};
pub use error::{ExecutorError, Skip};
pub use evm::EthereumMachine;
pub use executor::Executor;
pub use genesis::genesis;
pub use inspect::{Policies, Standing, Supply, check_intrinsic_gas, policies, standing, supply};
pub use journal::{Code, CodeCache, InsufficientBalance, Journal, Output};
pub use on_ledger::{OnLedgerError, on_ledger_request};
pub use params::Parameters;
pub use transaction::{BlockTransaction, receipt_of, transaction_of};
