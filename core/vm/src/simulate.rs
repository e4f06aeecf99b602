//! Running without keeping: `eth_call`, `eth_estimateGas` and native views.

use std::sync::Arc;

use alloy_primitives::{Bytes, U256};
use vespiary_state::StateView;
use vespiary_types::{AgentId, Assets, ExecutionError, Fork, Hname, Outcome};

use crate::evm::{self, Entry, Target, intrinsic};
use crate::executor::{interruption, nobodys_request};
use crate::sandbox::{Gas, Invocation, Target as NativeTarget, World};
use crate::{BlockContext, CallResult, EthereumCall, Executor, ExecutorError, Journal};

impl Executor {
    /// `eth_call`: runs a call in `block` on `state`. A revert is a result.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn call(
        &mut self,
        state: &Arc<dyn StateView>,
        block: &BlockContext,
        call: &EthereumCall,
    ) -> Result<CallResult, ExecutorError> {
        let mut journal = self.begin(state, block)?;
        let limit = journal.environment().parameters.gas_limits.request;
        let result = self.simulate(&mut journal, call, call.gas.unwrap_or(limit).min(limit));
        interruption(&journal)?;
        Ok(result)
    }

    /// `eth_estimateGas`: the least gas limit with which the call succeeds, or how it fails with the most it may have.
    ///
    /// A call may need more than it uses: of the gas at hand 1/64 stays behind at each nested call (EIP-150), and refunds come at the
    /// end. So the limit is searched for by halves, as geth does, but to the last unit.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn estimate_gas(
        &mut self,
        state: &Arc<dyn StateView>,
        block: &BlockContext,
        call: &EthereumCall,
    ) -> Result<Result<u64, CallResult>, ExecutorError> {
        let mut journal = self.begin(state, block)?;
        let limit = journal.environment().parameters.gas_limits.request;
        let mut highest = call.gas.unwrap_or(limit).min(limit);
        if let Some(price) = call.gas_price.filter(|price| !price.is_zero()) {
            let affordable = journal.balance(&call.from).saturating_sub(call.value) / price;
            highest = highest.min(affordable.saturating_to());
        }
        let most = self.simulate(&mut journal, call, highest);
        interruption(&journal)?;
        if !matches!(most.outcome, Outcome::Success(_)) {
            return Ok(Err(most));
        }
        let mut succeeds = |gas: u64| {
            let result = self.simulate(&mut journal, call, gas);
            interruption(&journal)?;
            Ok::<_, ExecutorError>(matches!(result.outcome, Outcome::Success(_)))
        };

        // What it uses, refunds taken off, is never enough by one less.
        let mut fails = most.gas_used.saturating_sub(1);
        if most.gas_used < highest && succeeds(most.gas_used)? {
            return Ok(Ok(most.gas_used));
        }
        // A first guess that mostly holds narrows the search: what it used, the 63/64 rule and the stipend.
        let guess = (most.gas_used + 2_300).saturating_mul(64) / 63;
        if guess < highest {
            if succeeds(guess)? {
                highest = guess;
            } else {
                fails = guess;
            }
        }
        while fails + 1 < highest {
            let middle = fails + (highest - fails) / 2;
            if succeeds(middle)? {
                highest = middle;
            } else {
                fails = middle;
            }
        }
        Ok(Ok(highest))
    }

    /// Calls a native contract's view. Parameters and result are ABI-encoded as the entry point defines them.
    ///
    /// # Errors
    /// Outside when the state cannot be read; inside what the contract says.
    pub fn view(
        &mut self,
        state: &Arc<dyn StateView>,
        block: &BlockContext,
        contract: Hname,
        entry_point: Hname,
        params: &[u8],
    ) -> Result<Result<Bytes, ExecutionError>, ExecutorError> {
        let mut journal = self.begin(state, block)?;
        let mut gas = Gas::new(journal.environment().parameters.gas_limits.request);
        journal.begin_request(nobodys_request(AgentId::Nil, block));
        let invocation = Invocation {
            caller: AgentId::Nil,
            target: NativeTarget::Contract { contract, entry_point },
            input: params,
            allowance: Assets::default(),
            is_static: true,
            depth: 0,
        };
        let result = World { journal: &mut journal, machines: &self.machines }.call(&invocation, &mut gas);
        interruption(&journal)?;
        Ok(result)
    }

    /// One run that is taken back afterwards.
    fn simulate(&self, journal: &mut Journal, call: &EthereumCall, gas: u64) -> CallResult {
        let environment = journal.environment().clone();
        let fork = environment.fork();
        let chain = environment.chain.chain;
        let sender = AgentId::Ethereum { chain, address: call.from };
        journal.begin_request(nobodys_request(sender, &environment.block));
        let nonce = journal.nonce(&call.from);
        let target = match call.to {
            Some(to) => Target::Call(to),
            None => Target::Create(call.from.create(nonce)),
        };
        let price = call.gas_price.unwrap_or_default();
        let refusal = if call.to.is_none() && fork >= Fork::Shanghai && call.input.len() > evm::MAX_INIT_CODE {
            Some(format!("init code of {} bytes is above the limit of {}", call.input.len(), evm::MAX_INIT_CODE))
        } else {
            let upfront = price.saturating_mul(U256::from(gas));
            journal.debit(&call.from, upfront).err().map(|error| format!("insufficient funds for gas: {error}"))
        };
        let result = if let Some(message) = refusal {
            refused(message)
        } else {
            journal.set_nonce(&call.from, nonce.saturating_add(1));
            if fork >= Fork::Shanghai {
                journal.warm(&environment.beneficiary);
            }
            let finished = evm::run(
                journal,
                &self.machines,
                Entry {
                    caller: call.from,
                    origin: call.from,
                    target,
                    value: call.value,
                    input: call.input.clone(),
                    gas,
                    intrinsic_gas: intrinsic::gas(fork, call.to.is_none(), &call.input, &call.access_list),
                    gas_price: price,
                    access_list: call.access_list.clone(),
                    is_static: false,
                },
            );
            let created = match target {
                Target::Create(address) if finished.result.is_ok() => Some(address),
                _ => None,
            };
            let gas_used = finished.gas_used;
            let outcome = finished.into_result().map_or_else(Outcome::Failure, Outcome::Success);
            CallResult { outcome, gas_used, created, logs: journal.output().logs.clone() }
        };
        journal.abandon_request();
        result
    }
}

fn refused(message: String) -> CallResult {
    let error = ExecutionError { contract: None, code: 0, params: Bytes::new(), message };
    CallResult { outcome: Outcome::Failure(error), gas_used: 0, created: None, logs: Vec::new() }
}
