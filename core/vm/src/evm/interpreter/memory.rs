//! Opcodes over memory and call data. Only what lies within memory that is paid for already is done here; growth is the crate's.

#![expect(clippy::inline_always, reason = "the loop's match and these are one jump table only when inlined")]

use ::evm::interpreter::uint::U256;
use ::evm::interpreter::{ExitError, ExitException, Stack};
use ::evm::standard::Machine;
use alloy_primitives::keccak256;

const WORD: usize = 32;

/// Executes the opcode with its gas if it is one of this section and fits into the memory there is. An error is of gas.
#[inline(always)]
pub(super) fn step(machine: &mut Machine<'_>, opcode: u8) -> Result<bool, ExitError> {
    match opcode {
        // MLOAD
        0x51 => {
            let Some(offset) = place(machine, WORD) else { return Ok(false) };
            machine.state.gasometer.record_gas64(3)?;
            let value = U256::from_be_bytes(word(machine.memory.data(), offset));
            machine.stack.set(0, value)?;
        }
        // MSTORE
        0x52 => {
            let (Some(offset), Ok(value)) = (place(machine, WORD), machine.stack.peek(1)) else { return Ok(false) };
            machine.state.gasometer.record_gas64(3)?;
            machine.stack.pop()?;
            machine.stack.pop()?;
            machine.memory.set(offset, &value.to_be_bytes::<WORD>(), None)?;
        }
        // SHL, SHR (Constantinople, so in all our forks)
        0x1b | 0x1c => {
            let (Ok(shift), Ok(value)) = (machine.stack.peek(0), machine.stack.peek(1)) else { return Ok(false) };
            machine.state.gasometer.record_gas64(3)?;
            machine.stack.pop()?;
            let shifted = match usize::try_from(shift) {
                Ok(shift) if shift < 256 && opcode == 0x1b => value << shift,
                Ok(shift) if shift < 256 => value >> shift,
                _ => U256::ZERO,
            };
            machine.stack.set(0, shifted)?;
        }
        // KECCAK256
        0x20 => {
            let Ok(length) = machine.stack.peek(1) else { return Ok(false) };
            let Some(length) = usize::try_from(length).ok().filter(|length| *length > 0) else { return Ok(false) };
            let Some(offset) = place(machine, length) else { return Ok(false) };
            // Memory of this length is paid for, so the product is far from 64 bits.
            machine.state.gasometer.record_gas64(30 + 6 * length.div_ceil(WORD) as u64)?;
            let hash = match machine.memory.data().get(offset..offset + length) {
                Some(bytes) => keccak256(bytes),
                None => keccak256(machine.memory.get(offset, length)),
            };
            machine.stack.pop()?;
            machine.stack.set(0, hash.into())?;
        }
        // PUSH0
        0x5f if machine.state.config.eip3855_push0 => {
            machine.state.gasometer.record_gas64(2)?;
            machine.stack.push(U256::ZERO)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// CALLDATALOAD; its gas is paid.
#[inline(always)]
pub(super) fn call_data_load(stack: &mut Stack, input: &[u8]) -> Result<(), ExitException> {
    let offset = usize::try_from(stack.peek(0)?).unwrap_or(usize::MAX);
    stack.set(0, U256::from_be_bytes(word(input, offset)))
}

/// The offset on top of the stack, if `length` bytes from it are paid for.
#[inline(always)]
fn place(machine: &Machine<'_>, length: usize) -> Option<usize> {
    let offset = usize::try_from(machine.stack.peek(0).ok()?).ok()?;
    let end = offset.checked_add(length)?;
    let paid = usize::try_from(machine.memory.effective_len()).ok()?;
    (end <= paid).then_some(offset)
}

/// 32 bytes, zeros behind the end.
#[inline(always)]
fn word(bytes: &[u8], offset: usize) -> [u8; WORD] {
    if let Some(word) = bytes.get(offset..).and_then(|rest| rest.first_chunk::<WORD>()) {
        return *word;
    }
    let mut word = [0; WORD];
    for (to, byte) in word.iter_mut().zip(bytes.get(offset..).unwrap_or_default()) {
        *to = *byte;
    }
    word
}
