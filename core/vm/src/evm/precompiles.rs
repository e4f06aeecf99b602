//! Ethereum's precompiles, by `revm-precompile`.

use ::evm::interpreter::{ExitError, ExitException, ExitResult, ExitSucceed};
use alloy_primitives::Address;
use revm_precompile::PrecompileStatus;
use vespiary_types::Fork;

use super::forks;
use crate::precompile;

/// True if the address is a precompile: Ethereum's at this fork, or the chain's own. They are always warm (EIP-2929).
pub(crate) fn is_precompile(fork: Fork, address: &Address) -> bool {
    // Almost no address is one, and its first byte tells.
    match address.first() {
        Some(0) => forks::precompiles(fork).contains(address),
        Some(0x10) => *address == precompile::ADDRESS,
        _ => false,
    }
}

/// Runs Ethereum's precompile at `address` if there is one: what came of it, its output, and the gas it used.
pub(super) fn execute(fork: Fork, address: &Address, input: &[u8], gas: u64) -> Option<(ExitResult, Vec<u8>, u64)> {
    let precompile = match address.first() {
        Some(0) => forks::precompiles(fork).get(address)?,
        _ => return None,
    };
    let failed = |error: ExitError| (Err(error), Vec::new(), gas);
    Some(match precompile.execute(input, gas, 0) {
        Ok(output) => match output.status {
            PrecompileStatus::Success => (Ok(ExitSucceed::Returned), output.bytes.to_vec(), output.gas_used),
            PrecompileStatus::Revert => (Err(ExitError::Reverted), output.bytes.to_vec(), output.gas_used),
            PrecompileStatus::Halt(halt) if halt.is_oog() => failed(ExitException::OutOfGas.into()),
            PrecompileStatus::Halt(halt) => failed(ExitException::Other(halt.to_string().into()).into()),
        },
        Err(error) => failed(ExitException::Other(error.to_string().into()).into()),
    })
}
