//! Opcodes that touch the stack alone.

#![expect(clippy::inline_always, reason = "the loop's match and these are one jump table only when inlined")]

use ::evm::interpreter::uint::U256;
use ::evm::interpreter::{ExitException, Stack};

/// Executes the opcode if it is one of this section; its gas is paid.
#[inline(always)]
pub(super) fn step(stack: &mut Stack, opcode: u8) -> Result<bool, ExitException> {
    match opcode {
        0x01 => binary(stack, U256::wrapping_add),
        0x02 => binary(stack, U256::wrapping_mul),
        0x03 => binary(stack, U256::wrapping_sub),
        0x10 => binary(stack, |a, b| U256::from(a < b)),
        0x11 => binary(stack, |a, b| U256::from(a > b)),
        0x14 => binary(stack, |a, b| U256::from(a == b)),
        0x15 => unary(stack, |a| U256::from(a.is_zero())),
        0x16 => binary(stack, |a, b| a & b),
        0x17 => binary(stack, |a, b| a | b),
        0x18 => binary(stack, |a, b| a ^ b),
        0x19 => unary(stack, |a| !a),
        0x50 => stack.pop().map(|_| true),
        0x80..=0x8f => {
            let value = stack.peek(usize::from(opcode - 0x80))?;
            stack.push(value).map(|()| true)
        }
        0x90..=0x9f => {
            let depth = usize::from(opcode - 0x8f);
            let (top, other) = (stack.peek(0)?, stack.peek(depth)?);
            stack.set(0, other)?;
            stack.set(depth, top).map(|()| true)
        }
        _ => Ok(false),
    }
}

/// PUSH1 to PUSH32: `length` bytes of code, zeros behind its end.
#[inline(always)]
pub(super) fn push(stack: &mut Stack, code: &[u8], from: usize, length: usize) -> Result<(), ExitException> {
    let value = match code.get(from..from + length) {
        Some([byte]) => U256::from(*byte),
        Some(bytes) if length <= 8 => U256::from(bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte))),
        Some(bytes) => U256::from_be_slice(bytes),
        None => {
            let rest = code.get(from..).unwrap_or_default();
            let mut padded = [0_u8; 32];
            for (to, byte) in padded.iter_mut().zip(rest) {
                *to = *byte;
            }
            U256::from_be_slice(padded.get(..length).unwrap_or_default())
        }
    };
    stack.push(value)
}

#[inline(always)]
fn binary(stack: &mut Stack, act: impl FnOnce(U256, U256) -> U256) -> Result<bool, ExitException> {
    let first = stack.pop()?;
    let second = stack.peek(0)?;
    stack.set(0, act(first, second)).map(|()| true)
}

#[inline(always)]
fn unary(stack: &mut Stack, act: impl FnOnce(U256) -> U256) -> Result<bool, ExitException> {
    let value = stack.peek(0)?;
    stack.set(0, act(value)).map(|()| true)
}
