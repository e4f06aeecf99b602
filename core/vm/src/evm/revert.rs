//! What an EVM failure says to people.

use ::evm::interpreter::{ExitError, ExitException};
use alloy_primitives::{Bytes, U256};
use alloy_sol_types::{Panic, Revert, SolError};
use vespiary_types::ExecutionError;

/// A revert with its data: `Error(string)` and `Panic(uint256)` are read, a custom error keeps its selector.
pub(super) fn explain(data: Bytes) -> ExecutionError {
    let message = if data.is_empty() {
        "reverted without a reason".into()
    } else if let Ok(error) = Revert::abi_decode(&data) {
        format!("reverted: {}", error.reason)
    } else if let Ok(panic) = Panic::abi_decode(&data) {
        format!("panicked: {} ({:#04x})", panic_reason(panic.code), panic.code)
    } else if let Some(selector) = data.first_chunk::<4>() {
        format!("reverted with custom error {}", alloy_primitives::hex::encode_prefixed(selector))
    } else {
        format!("reverted with {data}")
    };
    ExecutionError { contract: None, code: 0, params: data, message }
}

/// A failure of the machine itself, which leaves no data.
pub(super) fn exception(error: &ExitError) -> ExecutionError {
    let message = match error {
        ExitError::Exception(exception) => match exception {
            ExitException::OutOfGas => "out of gas".into(),
            ExitException::StackUnderflow => "stack underflow".into(),
            ExitException::StackOverflow => "stack overflow".into(),
            ExitException::InvalidJump => "jumped to a place that is no jump destination".into(),
            ExitException::InvalidRange => "memory or data out of range".into(),
            ExitException::DesignatedInvalid => "invalid opcode 0xfe".into(),
            ExitException::InvalidOpcode(opcode) => format!("invalid opcode {:#04x}", opcode.0),
            ExitException::CallTooDeep => "calls nested deeper than 1,024".into(),
            ExitException::CreateCollision => "a contract exists at the address of the new one".into(),
            ExitException::CreateContractLimit => "the contract's code is above the size limit".into(),
            ExitException::OutOfOffset => "return data out of range".into(),
            ExitException::OutOfFund => "insufficient balance for the transfer".into(),
            ExitException::MaxNonce => "the nonce has reached its maximum".into(),
            ExitException::Other(reason) => reason.to_string(),
            other => format!("the machine stopped: {other:?}"),
        },
        other => format!("the machine stopped: {other:?}"),
    };
    ExecutionError { contract: None, code: 0, params: Bytes::new(), message }
}

/// Solidity's panic codes.
fn panic_reason(code: U256) -> &'static str {
    match u8::try_from(code).unwrap_or(u8::MAX) {
        0x00 => "generic compiler panic",
        0x01 => "assertion failed",
        0x11 => "arithmetic overflow",
        0x12 => "division by zero",
        0x21 => "invalid enum value",
        0x22 => "corrupt storage byte array",
        0x31 => "pop of an empty array",
        0x32 => "index out of bounds",
        0x41 => "out of memory",
        0x51 => "call of an uninitialized function",
        _ => "unknown reason",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_read_for_people() {
        let reverted = explain(Revert::from("ERC20: too little").abi_encode().into());
        assert_eq!(reverted.message, "reverted: ERC20: too little");
        let panicked = explain(Panic { code: U256::from(0x11) }.abi_encode().into());
        assert_eq!(panicked.message, "panicked: arithmetic overflow (0x11)");
    }

    #[test]
    fn a_custom_error_keeps_its_data() {
        let data = Bytes::from_static(&[0xe4, 0x50, 0xd3, 0x8c, 1]);
        let error = explain(data.clone());
        assert_eq!(error.message, "reverted with custom error 0xe450d38c");
        assert_eq!(error.params, data);
    }
}
