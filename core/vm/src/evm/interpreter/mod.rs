//! The loop through a contract's code.
//!
//! ```text
//! mod     the loop        costs   which opcodes cost the same always
//! stack   PUSH, DUP, SWAP, arithmetic, comparison      memory   MLOAD, MSTORE, CALLDATALOAD, KECCAK256
//! ```
//!
//! Opcodes that contracts spend their time in are executed here, gas and all, without the crate's two table look-ups each. An
//! opcode's section either does the whole of it or declines without having changed anything, and then the crate's own gas and
//! execution functions run: there is one meaning of each opcode, and state tests and a differential test hold both paths to it.

mod costs;
#[cfg(test)]
mod differential;
mod memory;
mod stack;

use std::rc::Rc;

use ::evm::interpreter::trap::{CallCreateTrap, CallFeedback, CreateFeedback};
use ::evm::interpreter::uint::U256;
use ::evm::interpreter::{
    Capture, Control, ExitError, ExitException, ExitFatal, ExitResult, ExitSucceed, FeedbackInterpreter,
    Interpreter as EvmInterpreter, eval,
};
use ::evm::standard::{Machine, State, eval_gasometer};

use super::backend::Backend;
use crate::Code;

/// A contract's code on its way.
pub(super) struct Interpreter<'config> {
    machine: Machine<'config>,
    code: Rc<Vec<u8>>,
    jump_destinations: Rc<[u64]>,
    input: Rc<Vec<u8>>,
    position: usize,
}

impl<'config> Interpreter<'config> {
    pub(super) fn new(code: &Code, input: Vec<u8>, state: State<'config>) -> Self {
        let (stack_limit, memory_limit) = (state.config.stack_limit(), state.config.memory_limit());
        let (bytes, input) = (code.bytes.clone(), Rc::new(input));
        Self {
            machine: Machine::new(bytes.clone(), input.clone(), stack_limit, memory_limit, state),
            code: bytes,
            jump_destinations: code.jump_destinations().clone(),
            input,
            position: 0,
        }
    }

    fn stop(&mut self, result: ExitResult) -> Capture<ExitResult, CallCreateTrap> {
        self.position = self.code.len();
        Capture::Exit(result)
    }

    /// Where a jump lands.
    #[inline]
    fn land(&self, target: U256) -> Result<usize, ExitException> {
        let target = usize::try_from(target).map_err(|_| ExitException::InvalidJump)?;
        self.land_at(target)
    }

    #[inline]
    fn land_at(&self, target: usize) -> Result<usize, ExitException> {
        let bits = self.jump_destinations.get(target / 64).copied().unwrap_or_default();
        if bits >> (target % 64) & 1 == 1 { Ok(target) } else { Err(ExitException::InvalidJump) }
    }
}

/// After so many jumps a run looks whether it was cancelled. Between two jumps code only runs forward.
const JUMPS_BETWEEN_LOOKS: u32 = 4_096;

impl<'config, 'journal> EvmInterpreter<Backend<'journal>> for Interpreter<'config> {
    type State = State<'config>;
    type Trap = CallCreateTrap;

    fn deconstruct(self) -> (State<'config>, Vec<u8>) {
        (self.machine.state, self.machine.retval)
    }

    fn state(&self) -> &State<'config> {
        &self.machine.state
    }

    fn state_mut(&mut self) -> &mut State<'config> {
        &mut self.machine.state
    }

    #[expect(clippy::indexing_slicing, reason = "the table has an entry for each of the 256 opcodes")]
    fn run(&mut self, backend: &mut Backend<'journal>) -> Capture<ExitResult, CallCreateTrap> {
        let whole = self.code.clone();
        let code: &[u8] = &whole;
        let mut position = self.position;
        let mut jumps = 0_u32;
        if backend.journal.interrupted() {
            return self.stop(Err(ExitFatal::Other("cancelled".into()).into()));
        }

        macro_rules! some {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(error) => return self.stop(Err(error.into())),
                }
            };
        }

        loop {
            let Some(&opcode) = code.get(position) else {
                return self.stop(Ok(ExitSucceed::Stopped));
            };
            let cost = costs::STATIC[usize::from(opcode)];
            if cost == costs::DYNAMIC {
                match memory::step(&mut self.machine, opcode) {
                    Ok(true) => {
                        position += 1;
                        continue;
                    }
                    Ok(false) => {}
                    Err(error) => {
                        self.machine.state.gasometer.oog();
                        return self.stop(Err(error));
                    }
                }
                match eval_gasometer::<_, _, CallCreateTrap>(&mut self.machine, backend, position) {
                    Control::Exit(result) => return self.stop(result),
                    Control::NoAction | Control::Continue(_) | Control::Jump(_) | Control::Trap(_) => {}
                }
            } else {
                if let Err(error) = self.machine.state.gasometer.record_gas64(u64::from(cost)) {
                    self.machine.state.gasometer.oog();
                    return self.stop(Err(error));
                }
                match opcode {
                    0x56 | 0x57 => {
                        let target = some!(self.machine.stack.pop());
                        if opcode == 0x57 && some!(self.machine.stack.pop()).is_zero() {
                            position += 1;
                            continue;
                        }
                        position = some!(self.land(target));
                        jumps += 1;
                        if jumps == JUMPS_BETWEEN_LOOKS {
                            jumps = 0;
                            if backend.journal.interrupted() {
                                return self.stop(Err(ExitFatal::Other("cancelled".into()).into()));
                            }
                        }
                        continue;
                    }
                    0x35 => {
                        some!(memory::call_data_load(&mut self.machine.stack, &self.input));
                        position += 1;
                        continue;
                    }
                    0x5b => {
                        position += 1;
                        continue;
                    }
                    0x60..=0x7f => {
                        let length = usize::from(opcode - 0x5f);
                        some!(stack::push(&mut self.machine.stack, code, position + 1, length));
                        position += 1 + length;
                        continue;
                    }
                    _ => {
                        if some!(stack::step(&mut self.machine.stack, opcode)) {
                            position += 1;
                            continue;
                        }
                    }
                }
            }
            match eval::eval_any::<_, _, CallCreateTrap>(&mut self.machine, backend, position) {
                Control::NoAction => {}
                Control::Continue(length) => position += length,
                Control::Jump(target) => position = some!(self.land_at(target)),
                Control::Exit(result) => return self.stop(result),
                Control::Trap(trap) => {
                    self.position = position;
                    return Capture::Trap(trap);
                }
            }
        }
    }
}

impl<'journal> FeedbackInterpreter<Backend<'journal>, CallFeedback> for Interpreter<'_> {
    fn feedback(&mut self, feedback: CallFeedback, _backend: &mut Backend<'journal>) -> Result<(), ExitError> {
        feedback.to_machine(self)?;
        self.position += 1;
        Ok(())
    }
}

impl<'journal> FeedbackInterpreter<Backend<'journal>, CreateFeedback> for Interpreter<'_> {
    fn feedback(&mut self, feedback: CreateFeedback, _backend: &mut Backend<'journal>) -> Result<(), ExitError> {
        feedback.to_machine(self)?;
        self.position += 1;
        Ok(())
    }
}

impl<'config> AsRef<Machine<'config>> for Interpreter<'config> {
    fn as_ref(&self) -> &Machine<'config> {
        &self.machine
    }
}

impl<'config> AsMut<Machine<'config>> for Interpreter<'config> {
    fn as_mut(&mut self) -> &mut Machine<'config> {
        &mut self.machine
    }
}
