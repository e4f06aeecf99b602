//! The sandbox for Solidity: a precompile with the powers that native contracts have.
//!
//! ```text
//! EVM ──CALL──▶ execute ─▶ interface (ABI) ─▶ functions ─▶ journal, accounts, World::call
//! ```
//!
//! The account acted for is the contract that makes the call. A delegated call would act for somebody else's account, so it is refused;
//! so are attached value, and a static call of anything but a view. Whatever fails reverts with `Error(string)` and leaves nothing.

mod functions;
mod interface;

use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, Bytes, U256, address};
use alloy_sol_types::{Revert, SolError, SolInterface};
pub use interface::ISandbox;

use crate::sandbox::{Failure, Gas, World, gas};

/// Where every chain has its sandbox.
pub const ADDRESS: Address = address!("1074000000000000000000000000000000000000");

/// A message call to the sandbox, as the EVM makes it.
#[derive(Debug, Clone, Copy)]
pub struct SandboxCall<'a> {
    /// The contract or account that calls (`context.caller`).
    pub caller: Address,
    /// Whose storage the call runs on (`context.address`): in a delegated call not [`ADDRESS`].
    pub address: Address,
    /// Wei attached.
    pub value: U256,
    /// True within a static call.
    pub is_static: bool,
    /// Call data.
    pub input: &'a [u8],
}

/// How a call of the sandbox ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// With this return data.
    Return(Bytes),
    /// With this revert data, an ABI-encoded `Error(string)`.
    Revert(Bytes),
    /// With all its gas burned.
    OutOfGas,
}

/// Why the sandbox refuses a call before it looks at what is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("the sandbox acts for the contract that calls it, so it takes no DELEGATECALL or CALLCODE")]
    Delegated,
    #[error("the sandbox takes no value: {0} wei were attached; assets move out of the caller's account")]
    Value(U256),
    // A decoder's own words change with its version, and contracts see these.
    #[error("the sandbox has no such function, or its arguments are malformed")]
    Input,
    #[error("`{0}` changes the chain's state, which a static call must not")]
    Static(&'static str),
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// The sandbox's functions as a JSON ABI.
pub fn abi() -> JsonAbi {
    ISandbox::abi::contract()
}

/// Answers one message call. What it burned is in `gas`, whose limit is the gas that the call was given.
pub fn execute(world: &mut World<'_>, call: &SandboxCall<'_>, gas: &mut Gas) -> Exit {
    world.journal.checkpoint();
    match answer(world, call, gas) {
        Ok(output) => {
            world.journal.commit();
            Exit::Return(output)
        }
        Err(refusal) => {
            world.journal.revert();
            if gas.is_exhausted() {
                return Exit::OutOfGas;
            }
            Exit::Revert(Revert::from(refusal.to_string()).abi_encode().into())
        }
    }
}

fn answer(world: &mut World<'_>, call: &SandboxCall<'_>, gas: &mut Gas) -> Result<Bytes, Refusal> {
    gas.charge_each(gas::SANDBOX, gas::READ_BYTE, call.input.len())?;
    if call.address != ADDRESS {
        return Err(Refusal::Delegated);
    }
    if !call.value.is_zero() {
        return Err(Refusal::Value(call.value));
    }
    let asked = ISandbox::ISandboxCalls::abi_decode_validate(call.input).map_err(|_| Refusal::Input)?;
    if let Some(name) = changing(&asked)
        && call.is_static
    {
        return Err(Refusal::Static(name));
    }
    Ok(functions::answer(world, call.caller, asked, gas)?)
}

/// The name of a function that changes the state; none for a view.
fn changing(call: &ISandbox::ISandboxCalls) -> Option<&'static str> {
    use ISandbox::ISandboxCalls as Calls;
    match call {
        Calls::getSenderAccount(_) | Calls::getEntropy(_) | Calls::getTimestampUnixSeconds(_) => None,
        Calls::triggerEvent(_) => Some("triggerEvent"),
        Calls::allow(_) => Some("allow"),
        Calls::takeAllowedFunds(_) => Some("takeAllowedFunds"),
        Calls::send(_) => Some("send"),
        Calls::call(_) => Some("call"),
    }
}
