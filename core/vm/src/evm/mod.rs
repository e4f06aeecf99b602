//! The EVM: the `evm` crate's rules of Ethereum over the journal, with our own way through the opcodes.
//!
//! ```text
//! machine      the EVM as one of the chain's virtual machines: native contracts call Solidity through it
//! frame        what one run starts from: the border of this folder
//! forks        the crate's configuration for each of our forks
//! backend      the journal as the crate wants to see it
//! interpreter  the loop: frequent opcodes in place, all others by the crate
//! resolver     which machine runs behind an address: a precompile, the sandbox, code
//! invoker      how a run begins and ends; nested calls are the crate's
//! intrinsic    what a transaction costs before it runs           revert   what failure says to people
//! ```
//!
//! Gas, call depth, the 63/64 rule and every opcode's semantics are the crate's; validation of transactions, fees and nonces are
//! the executor's (`crate::ethereum`).

mod backend;
mod forks;
mod frame;
mod interpreter;
pub(crate) mod intrinsic;
mod invoker;
mod machine;
mod precompiles;
mod resolver;
mod revert;

use ::evm::interpreter::ExitError;
use alloy_primitives::Bytes;
use vespiary_types::ExecutionError;

pub(crate) use forks::{MAX_INIT_CODE, is_supported};
pub(crate) use frame::{Entry, Target};
pub(crate) use invoker::Finished;
pub use machine::EthereumMachine;
pub(crate) use precompiles::is_precompile;

use crate::Journal;
use crate::sandbox::Machines;
use backend::Backend;

/// The crate recurses on the stack this deep and goes on upon the heap.
const STACK_DEPTH: usize = 4;

/// How often runs may nest on the native stack (EVM → native → EVM …).
const MOST_NESTED_RUNS: u32 = 16;

/// Runs one entry to its end. State is kept on success and taken back on failure; gas, fees and nonces are the caller's to settle.
pub(crate) fn run(journal: &mut Journal, machines: &Machines, entry: Entry) -> Finished {
    let gas = entry.gas;
    if journal.nested_runs() >= MOST_NESTED_RUNS {
        return Finished::refused(gas, "calls between virtual machines are nested too deep");
    }
    journal.enter_run();
    let resolver = resolver::Resolver { machines };
    let invoker = invoker::Invoker::new(&resolver);
    let finished = ::evm::transact(entry, Some(STACK_DEPTH), &mut Backend::new(journal), &invoker);
    journal.leave_run();
    finished.unwrap_or_else(|error| Finished::failed(gas, error))
}

impl Finished {
    /// Return data, or why it failed in words.
    pub(crate) fn into_result(self) -> Result<Bytes, ExecutionError> {
        match self.result {
            Ok(()) => Ok(self.output),
            Err(ExitError::Reverted) => Err(revert::explain(self.output)),
            Err(error) => Err(revert::exception(&error)),
        }
    }
}
