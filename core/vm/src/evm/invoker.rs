//! How a run begins and ends. Nested calls and creations are the crate's standard invoker; fees and nonces are the executor's.

use std::convert::Infallible;
use std::rc::Rc;

use ::evm::backend::TransactionalBackend;
use ::evm::interpreter::runtime::{
    Context, RuntimeBackend, RuntimeState, SetCodeOrigin, TouchKind, TransactionContext, Transfer,
};
use ::evm::interpreter::trap::{CallCreateTrap, CallScheme};
use ::evm::interpreter::uint::{H160, H256, U256};
use ::evm::interpreter::{Capture, ExitError, ExitException, ExitFatal};
use ::evm::standard::{
    GasometerState, Invoker as Standard, InvokerState, ResolverOrigin, State, SubstackInvoke, routines,
};
use ::evm::{Invoker as EvmInvoker, InvokerControl, InvokerExit, MergeStrategy};
use alloy_primitives::{Address, Bytes};

use super::backend::Backend;
use super::frame::{Entry, Target};
use super::interpreter::Interpreter;
use super::{forks, resolver::Resolver};

/// A run that came to its end.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Gas used of the entry's, refunds taken off.
    pub(crate) gas_used: u64,
    /// Return data, or revert data.
    pub(crate) output: Bytes,
    /// What the machine says.
    pub(crate) result: Result<(), ExitError>,
}

impl Finished {
    pub(super) fn failed(gas: u64, error: ExitError) -> Self {
        Self { gas_used: gas, output: Bytes::new(), result: Err(error) }
    }

    pub(super) fn refused(gas: u64, reason: &'static str) -> Self {
        Self::failed(gas, ExitException::Other(reason.into()).into())
    }
}

/// What is remembered between beginning and end.
pub(super) struct Begun {
    created: Option<H160>,
    gas: u64,
}

pub(super) struct Invoker<'resolver> {
    standard: Standard<'static, 'resolver, Resolver<'resolver>>,
    resolver: &'resolver Resolver<'resolver>,
}

impl<'resolver> Invoker<'resolver> {
    pub(super) fn new(resolver: &'resolver Resolver<'resolver>) -> Self {
        Self { standard: Standard::new(resolver), resolver }
    }
}

type Control = InvokerControl<Interpreter<'static>, State<'static>>;

fn h160(address: Address) -> H160 {
    H160(address.into())
}

impl<'journal> EvmInvoker<Backend<'journal>> for Invoker<'_> {
    type State = State<'static>;
    type Interpreter = Interpreter<'static>;
    type Interrupt = Infallible;
    type TransactArgs = Entry;
    type TransactInvoke = Begun;
    type TransactValue = Finished;
    type SubstackInvoke = SubstackInvoke;

    fn new_transact(&self, entry: Entry, backend: &mut Backend<'journal>) -> Result<(Begun, Control), ExitError> {
        let (target, created) = match entry.target {
            Target::Call(address) => (h160(address), None),
            Target::Create(address) => (h160(address), Some(h160(address))),
        };
        let caller = h160(entry.caller);
        let begun = Begun { created, gas: entry.gas };

        backend.push_substate();
        for item in &entry.access_list.0 {
            let address = h160(item.address);
            backend.mark_hot(address, TouchKind::Access);
            for slot in &item.storage_keys {
                backend.mark_storage_hot(address, H256(slot.0));
            }
        }
        backend.mark_hot(caller, TouchKind::Access);
        backend.mark_hot(target, TouchKind::Access);

        let mut gasometer = GasometerState::new(entry.gas, entry.is_static);
        if let Err(error) = gasometer.record_gas64(entry.intrinsic_gas) {
            return Ok((begun, failed(error)));
        }
        let state = State {
            runtime: RuntimeState {
                context: Context { caller, address: target, apparent_value: entry.value },
                transaction_context: Rc::new(TransactionContext {
                    origin: h160(entry.origin),
                    gas_price: entry.gas_price,
                }),
                retbuf: Vec::new(),
            },
            gasometer,
            config: forks::config(backend.fork()),
        };
        let transfer = Transfer { source: caller, target, value: entry.value };
        let (input, origin) = (entry.input.to_vec(), ResolverOrigin::Transaction);
        let control = if created.is_some() {
            routines::make_enter_create_machine(origin, self.resolver, caller, input, transfer, state, backend)
        } else {
            let scheme = CallScheme::Call;
            routines::make_enter_call_machine(
                origin,
                self.resolver,
                scheme,
                target,
                input,
                Some(transfer),
                state,
                backend,
            )
        };
        Ok((begun, control.unwrap_or_else(failed)))
    }

    fn finalize_transact(
        &self,
        begun: &Begun,
        exit: InvokerExit<State<'static>>,
        backend: &mut Backend<'journal>,
    ) -> Result<Finished, ExitError> {
        let InvokerExit { result, substate: mut state, retval: mut output } = exit;
        let mut result = result.map(|_| ());
        if let (Ok(()), Some(address)) = (&result, begun.created) {
            let code = std::mem::take(&mut output);
            result = match state.as_mut() {
                Some(state) => routines::deploy_create_code(address, code, state, backend, SetCodeOrigin::Transaction),
                None => Err(ExitFatal::Unfinished.into()),
            };
        }
        let gas_left = match (&result, &state) {
            (Ok(()), Some(state)) => state.effective_gas(true),
            (Err(ExitError::Reverted), Some(state)) => state.effective_gas(false),
            _ => U256::ZERO,
        };
        backend.pop_substate(if result.is_ok() { MergeStrategy::Commit } else { MergeStrategy::Discard })?;
        if !matches!(result, Ok(()) | Err(ExitError::Reverted)) {
            output = Vec::new();
        }
        let gas_used = begun.gas.saturating_sub(gas_left.saturating_to());
        Ok(Finished { gas_used, output: output.into(), result })
    }

    fn enter_substack(
        &self,
        trap: CallCreateTrap,
        machine: &mut Interpreter<'static>,
        backend: &mut Backend<'journal>,
        depth: usize,
    ) -> Capture<Result<(SubstackInvoke, Control), ExitError>, Infallible> {
        self.standard.enter_substack(trap, machine, backend, depth)
    }

    fn exit_substack(
        &self,
        begun: SubstackInvoke,
        exit: InvokerExit<State<'static>>,
        parent: &mut Interpreter<'static>,
        backend: &mut Backend<'journal>,
    ) -> Result<(), ExitError> {
        self.standard.exit_substack(begun, exit, parent, backend)
    }
}

fn failed(error: ExitError) -> Control {
    InvokerControl::DirectExit(InvokerExit { result: Err(error), substate: None, retval: Vec::new() })
}
