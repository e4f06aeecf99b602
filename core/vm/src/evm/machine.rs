//! The EVM as one of the chain's virtual machines: the way from native contracts to Solidity.

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Bytes, U256};
use vespiary_types::{ExecutionError, Hname};

use super::{Entry, Target as EvmTarget};
use crate::native::accounts;
use crate::sandbox::{Failure, Gas, Invocation, Target, Vm, World};

/// Runs EVM contracts for native ones. Transactions go their own way, which is Ethereum's.
#[derive(Debug, Clone, Copy, Default)]
pub struct EthereumMachine;

impl Vm for EthereumMachine {
    fn runs(&self, _: &World<'_>, target: &Target) -> bool {
        matches!(target, Target::Ethereum(_))
    }

    /// The callee's value is the call's allowance. It leaves the caller's account on the chain and passes through its EVM alias,
    /// which the callee sees as `msg.sender`.
    fn call(&self, world: &mut World<'_>, invocation: &Invocation<'_>, gas: &mut Gas) -> Result<Bytes, ExecutionError> {
        let evm = Hname::of("evm");
        let Target::Ethereum(address) = invocation.target else {
            return Err(Failure::NoContract(evm).of(evm));
        };
        let chain = world.chain();
        let caller = invocation.caller.evm_alias(&chain);
        let value = if invocation.is_static { U256::ZERO } else { invocation.allowance.base_tokens };
        if !value.is_zero() {
            accounts::debit(world.journal, &chain, &invocation.caller, value).map_err(|failure| failure.of(evm))?;
            world.journal.credit(&caller, value);
        }
        let entry = Entry {
            caller,
            origin: world.request().sender.evm_alias(&chain),
            target: EvmTarget::Call(address),
            value,
            input: Bytes::copy_from_slice(invocation.input),
            gas: gas.left(),
            intrinsic_gas: 0,
            gas_price: world.environment().base_fee,
            access_list: AccessList::default(),
            is_static: invocation.is_static,
        };
        let finished = super::run(world.journal, world.machines, entry);
        gas.charge(finished.gas_used).map_err(|failure| failure.of(evm))?;
        finished.into_result()
    }
}
