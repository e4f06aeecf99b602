//! Entry points: names, parameters and results of native contracts, in Solidity's ABI.
//!
//! Parameters and results are the ABI encoding of a function's argument and return lists, without a selector: the entry point's
//! hashed name stands beside them.

use alloy_primitives::Bytes;
use alloy_sol_types::SolCall;
use vespiary_types::{AgentId, Hname};

use crate::sandbox::{Failure, Sandbox};

type Body = fn(&mut Sandbox<'_, '_>, &[u8]) -> Result<Bytes, Failure>;

/// One entry point of a contract.
pub(super) struct Entry {
    name: &'static str,
    is_view: bool,
    body: Body,
}

impl Entry {
    /// One that may change the state.
    pub(super) const fn new(name: &'static str, body: Body) -> Self {
        Self { name, is_view: false, body }
    }

    /// One that only looks.
    pub(super) const fn view(name: &'static str, body: Body) -> Self {
        Self { name, is_view: true, body }
    }

    /// Runs the entry point with this name.
    pub(super) fn dispatch(
        entries: &[Self],
        sandbox: &mut Sandbox<'_, '_>,
        entry_point: Hname,
        params: &[u8],
    ) -> Result<Bytes, Failure> {
        let entry = entries
            .iter()
            .find(|entry| Hname::of(entry.name) == entry_point)
            .ok_or(Failure::NoEntryPoint { contract: sandbox.contract(), entry_point })?;
        if !entry.is_view {
            sandbox.changes(entry.name)?;
        }
        (entry.body)(sandbox, params)
    }
}

/// Decodes the parameters, runs, encodes the result.
pub(super) fn run<C: SolCall>(
    name: &'static str,
    params: &[u8],
    body: impl FnOnce(C) -> Result<C::Return, Failure>,
) -> Result<Bytes, Failure> {
    // A decoder's own words change with its version, and contracts see these.
    let reason = || String::from("they are not the ABI encoding of its arguments");
    let call =
        C::abi_decode_raw_validate(params).map_err(|_| Failure::Parameters { entry_point: name, reason: reason() })?;
    Ok(C::abi_encode_returns(&body(call)?).into())
}

/// Parameters as [`run`] decodes them.
pub(super) fn encode(call: &impl SolCall) -> Bytes {
    let mut bytes = Vec::with_capacity(call.abi_encoded_size());
    call.abi_encode_raw(&mut bytes);
    bytes.into()
}

/// An agent among the parameters.
pub(super) fn agent(name: &'static str, bytes: &[u8]) -> Result<AgentId, Failure> {
    AgentId::from_bytes(bytes).map_err(|error| Failure::Parameters { entry_point: name, reason: error.to_string() })
}
