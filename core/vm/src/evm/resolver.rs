//! Which machine runs behind an address.

use ::evm::interpreter::trap::CallScheme;
use ::evm::interpreter::uint::H160;
use ::evm::interpreter::{ExitError, ExitException, ExitResult, ExitSucceed};
use ::evm::standard::{Resolver as EvmResolver, ResolverOrigin, State};
use ::evm::{InvokerControl, InvokerExit};
use std::rc::Rc;

use super::backend::{Backend, address};
use super::interpreter::Interpreter;
use super::precompiles;
use crate::Code;
use crate::precompile::{self, Exit, SandboxCall};
use crate::sandbox::{Gas, Machines, World};

/// Ethereum's precompiles first, then the chain's own, then code.
pub(super) struct Resolver<'machines> {
    pub(super) machines: &'machines Machines,
}

type Control<'config> = InvokerControl<Interpreter<'config>, State<'config>>;

impl<'journal> EvmResolver<Backend<'journal>> for Resolver<'_> {
    type State = State<'static>;
    type Interpreter = Interpreter<'static>;

    fn resolve_call(
        &self,
        _origin: ResolverOrigin,
        _scheme: CallScheme,
        code_address: H160,
        input: Vec<u8>,
        state: State<'static>,
        backend: &mut Backend<'journal>,
    ) -> Result<Control<'static>, ExitError> {
        let code_address = address(code_address);
        let gas = state.gasometer.gas64();
        if let Some((result, output, used)) = precompiles::execute(backend.fork(), &code_address, &input, gas) {
            return Ok(exit(result, output, used, state));
        }
        if code_address == precompile::ADDRESS {
            let context = &state.runtime.context;
            let call = SandboxCall {
                caller: address(context.caller),
                address: address(context.address),
                value: context.apparent_value,
                is_static: state.gasometer.is_static,
                input: &input,
            };
            let mut burned = Gas::new(gas);
            let mut world = World { journal: &mut *backend.journal, machines: self.machines };
            return Ok(match precompile::execute(&mut world, &call, &mut burned) {
                Exit::Return(output) => exit(Ok(ExitSucceed::Returned), output.to_vec(), burned.used(), state),
                Exit::Revert(output) => exit(Err(ExitError::Reverted), output.to_vec(), burned.used(), state),
                Exit::OutOfGas => exit(Err(ExitException::OutOfGas.into()), Vec::new(), gas, state),
            });
        }
        // A plain transfer needs no machine.
        let Some(code) = backend.code_at(&code_address) else {
            return Ok(exit(Ok(ExitSucceed::Stopped), Vec::new(), 0, state));
        };
        Ok(InvokerControl::Enter(Interpreter::new(&code, input, state)))
    }

    fn resolve_create(
        &self,
        _origin: ResolverOrigin,
        init_code: Vec<u8>,
        state: State<'static>,
        _backend: &mut Backend<'journal>,
    ) -> Result<Control<'static>, ExitError> {
        let code = Rc::new(Code::initial(init_code));
        Ok(InvokerControl::Enter(Interpreter::new(&code, Vec::new(), state)))
    }
}

fn exit(result: ExitResult, output: Vec<u8>, gas_used: u64, mut state: State<'static>) -> Control<'static> {
    let result = state.gasometer.record_gas64(gas_used).and(result);
    InvokerControl::DirectExit(InvokerExit { result, substate: Some(state), retval: output })
}
