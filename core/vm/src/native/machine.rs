//! The machine that runs the core contracts.

use alloy_primitives::Bytes;
use vespiary_types::{ExecutionError, Hname};

use super::{Core, accounts, blocklog, governance};
use crate::sandbox::{Failure, Gas, Invocation, Sandbox, Target, Vm, World};

/// Native core contracts as a virtual machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct NativeMachine;

impl Vm for NativeMachine {
    fn runs(&self, _: &World<'_>, target: &Target) -> bool {
        matches!(target, Target::Contract { contract, .. } if Core::of(*contract).is_some())
    }

    fn call(&self, world: &mut World<'_>, invocation: &Invocation<'_>, gas: &mut Gas) -> Result<Bytes, ExecutionError> {
        let Target::Contract { contract, entry_point } = invocation.target else {
            return Err(Failure::NoContract(Hname::NIL).of(Hname::NIL));
        };
        let mut run = || {
            let mut sandbox = Sandbox::enter(world, gas, contract, invocation)?;
            match Core::of(contract).ok_or(Failure::NoContract(contract))? {
                Core::Accounts => accounts::call(&mut sandbox, entry_point, invocation.input),
                Core::Blocklog => blocklog::call(&mut sandbox, entry_point, invocation.input),
                Core::Governance => governance::call(&mut sandbox, entry_point, invocation.input),
            }
        };
        run().map_err(|failure: Failure| failure.of(contract))
    }
}
