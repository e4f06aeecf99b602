//! The seam between virtual machines: who runs a contract, and how one contract calls another.

use std::fmt;
use std::rc::Rc;

use alloy_primitives::{Address, B256, Bytes};
use vespiary_types::{AgentId, Assets, ChainId, ExecutionError, Hname, RequestId};

use super::{Failure, Gas};
use crate::{Environment, Journal, RequestContext};

/// How deep contracts of machines without a depth limit of their own may call each other.
pub const MAX_DEPTH: u32 = 64;

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// An entry point of a native or Wasm contract.
    Contract {
        /// The contract.
        contract: Hname,
        /// Its entry point.
        entry_point: Hname,
    },
    /// An EVM contract; the input is its calldata.
    Ethereum(Address),
}

/// One call into a contract.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// Who calls, and out of whose account the allowance is taken.
    pub caller: AgentId,
    /// What is called.
    pub target: Target,
    /// Parameters in the target's encoding.
    pub input: &'a [u8],
    /// What the callee may take from the caller during this call; for an EVM contract the value it gets.
    pub allowance: Assets,
    /// True if nothing may change.
    pub is_static: bool,
    /// How many native calls stand above this one.
    pub depth: u32,
}

/// A virtual machine: something that runs contracts, under one sandbox, one gas unit and one receipt.
pub trait Vm {
    /// True if the target is this machine's.
    fn runs(&self, world: &World<'_>, target: &Target) -> bool;

    /// Runs the call to its end. What it changed is undone by the dispatcher if it fails.
    ///
    /// # Errors
    /// Everything that a contract can do wrong, a panic or trap included; an error of the state is remembered by the journal.
    fn call(&self, world: &mut World<'_>, invocation: &Invocation<'_>, gas: &mut Gas) -> Result<Bytes, ExecutionError>;
}

/// Everything that runs on a chain.
pub struct Machines(Vec<Box<dyn Vm>>);

impl fmt::Debug for Machines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Machines({})", self.0.len())
    }
}

impl Default for Machines {
    /// The native core contracts alone.
    fn default() -> Self {
        Self(vec![Box::new(crate::native::NativeMachine)])
    }
}

impl Machines {
    /// One more machine. The first that runs a target gets it.
    #[must_use]
    pub fn with(mut self, machine: impl Vm + 'static) -> Self {
        self.0.push(Box::new(machine));
        self
    }
}

/// What one request runs on.
pub struct World<'a> {
    /// The state, revertible, and the block and the request that are executed.
    pub journal: &'a mut Journal,
    /// Who runs what.
    pub machines: &'a Machines,
}

impl World<'_> {
    /// The block.
    pub fn environment(&self) -> &Rc<Environment> {
        self.journal.environment()
    }

    /// The chain.
    pub fn chain(&self) -> ChainId {
        self.environment().chain.chain
    }

    /// The request; a view that no request asked for is nobody's.
    pub fn request(&self) -> RequestContext {
        self.journal.request().copied().unwrap_or_else(|| {
            RequestContext::of(RequestId::OffLedger(B256::ZERO), AgentId::Nil, 0, &self.environment().block)
        })
    }

    /// Calls a contract of whatever machine: all its changes stay if it succeeds, and none if it fails. The gas is burned either way.
    ///
    /// # Errors
    /// The callee's.
    pub fn call(&mut self, invocation: &Invocation<'_>, gas: &mut Gas) -> Result<Bytes, ExecutionError> {
        let contract = match invocation.target {
            Target::Contract { contract, .. } => contract,
            Target::Ethereum(_) => Hname::of("evm"),
        };
        if invocation.depth > MAX_DEPTH {
            return Err(Failure::Depth(MAX_DEPTH).of(contract));
        }
        let machines = self.machines;
        let Some(machine) = machines.0.iter().find(|machine| machine.runs(self, &invocation.target)) else {
            return Err(Failure::NoContract(contract).of(contract));
        };
        self.journal.checkpoint();
        let result = machine.call(self, invocation, gas);
        match result {
            Ok(_) => self.journal.commit(),
            Err(_) => self.journal.revert(),
        }
        result
    }
}
