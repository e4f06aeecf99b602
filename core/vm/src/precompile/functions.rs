//! What each of the sandbox's functions does.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolCall, SolType};
use vespiary_types::{AgentId, Assets, Event, Hname, L1Address};

use super::ISandbox::{self, ISandboxCalls};
use super::interface::AgentID;
use crate::native::accounts;
use crate::sandbox::{self, Failure, Gas, Invocation, Target, World, gas};

/// The name under which EVM contracts emit events; the topic is the contract's address.
const EVM: &str = "evm";

pub(super) fn answer(
    world: &mut World<'_>,
    caller: Address,
    asked: ISandboxCalls,
    gas: &mut Gas,
) -> Result<Bytes, Failure> {
    let chain = world.chain();
    let account = AgentId::Ethereum { chain, address: caller };
    let output = match asked {
        ISandboxCalls::getSenderAccount(_) => {
            gas.charge(gas::CONTEXT)?;
            let data = world.request().sender.to_bytes().into();
            ISandbox::getSenderAccountCall::abi_encode_returns(&AgentID { data })
        }
        ISandboxCalls::getEntropy(_) => {
            gas.charge(gas::CONTEXT)?;
            ISandbox::getEntropyCall::abi_encode_returns(&world.request().entropy)
        }
        ISandboxCalls::getTimestampUnixSeconds(_) => {
            gas.charge(gas::CONTEXT)?;
            ISandbox::getTimestampUnixSecondsCall::abi_encode_returns(&world.environment().timestamp())
        }
        ISandboxCalls::triggerEvent(call) => {
            gas.charge_each(gas::LOG + gas::LOG_TOPIC, gas::LOG_BYTE, call.payload.len())?;
            let timestamp_ns = world.request().timestamp_ns;
            let (contract, topic) = (Hname::of(EVM), caller.to_checksum(None));
            let payload = call.payload.into_bytes().into();
            world.journal.emit_event(Event { contract, topic, timestamp_ns, payload });
            Vec::new()
        }
        ISandboxCalls::allow(call) => {
            gas.charge(gas::READ + gas::WRITE)?;
            let before = accounts::spending_allowance(world.journal, &caller, &call.target);
            let allowed = before.saturating_add(call.assets.baseTokens);
            accounts::set_spending_allowance(world.journal, &caller, &call.target, allowed);
            Vec::new()
        }
        ISandboxCalls::takeAllowedFunds(call) => {
            gas.charge(gas::READ + gas::WRITE + gas::TRANSFER)?;
            take(world, &call.from, &caller, call.assets.baseTokens)?;
            Vec::new()
        }
        ISandboxCalls::send(call) => {
            gas.charge(gas::SEND)?;
            let to = L1Address::from_bytes(&call.target.data).map_err(|error| Failure::Target(error.to_string()))?;
            sandbox::send(world, &account, to, Assets::base(call.assets.baseTokens))?;
            Vec::new()
        }
        ISandboxCalls::call(call) => {
            let invocation = Invocation {
                caller: account,
                target: Target::Contract {
                    contract: Hname(hname(call.contractHname)),
                    entry_point: Hname(hname(call.entryPoint)),
                },
                input: &call.params,
                allowance: Assets::base(call.allowance.baseTokens),
                is_static: false,
                depth: 1,
            };
            let result = world.call(&invocation, gas)?;
            ISandbox::callCall::abi_encode_returns(&result)
        }
    };
    Ok(output.into())
}

fn hname(name: <super::interface::Hname as SolType>::RustType) -> u32 {
    name
}

fn take(world: &mut World<'_>, from: &Address, to: &Address, wei: U256) -> Result<(), Failure> {
    let chain = world.chain();
    let allowed = accounts::spending_allowance(world.journal, from, to);
    let rest = allowed.checked_sub(wei).ok_or(Failure::Allowance { asked: wei, allowed })?;
    accounts::set_spending_allowance(world.journal, from, to, rest);
    let agent = |address: &Address| AgentId::Ethereum { chain, address: *address };
    accounts::transfer(world.journal, &chain, &agent(from), &agent(to), wei)
}
