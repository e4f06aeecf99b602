//! Why a call failed.

use alloy_dyn_abi::{DynSolType, DynSolValue};
use alloy_primitives::Selector;
use serde_json::{Map, Value};
use vespiary_types::ExecutionError;

use super::interface::{Interface, Parameter, decode};
use super::value::to_json;
use crate::error::{Revert, RevertError};

/// `Error(string)`, what `require` and `assert` with a reason give.
const ERROR: Selector = Selector::new([0x08, 0xc3, 0x79, 0xa0]);
/// `Panic(uint256)`, what Solidity's own checks give.
const PANIC: Selector = Selector::new([0x4e, 0x48, 0x7b, 0x71]);

/// Reads a failure: custom errors by `interface`, Solidity's own by their published selectors, the rest by what the machine says.
pub fn decode_revert(error: &ExecutionError, interface: Option<&Interface>) -> Revert {
    let mut revert = Revert { data: error.params.clone(), ..Revert::default() };
    let (selector, body) = match error.params.split_first_chunk::<4>() {
        Some((selector, body)) => (Selector::new(*selector), body),
        None => (Selector::ZERO, [].as_slice()),
    };
    if selector == ERROR
        && let Some(DynSolValue::String(reason)) = single(DynSolType::String, body)
    {
        revert.text = format!("reverted: {reason}");
        revert.reason = Some(reason);
    } else if selector == PANIC
        && let Some(DynSolValue::Uint(code, _)) = single(DynSolType::Uint(256), body)
    {
        let reason = panic_reason(code.try_into().unwrap_or(0));
        revert.text = format!("reverted: panic {code:#x}, {reason}");
        revert.reason = Some(reason.into());
    } else if let Some(method) = interface.and_then(|interface| interface.error(&selector))
        && let Some(values) = decode(&method.inputs, body)
    {
        let named: Vec<(String, DynSolValue)> = method
            .inputs
            .iter()
            .zip(values)
            .enumerate()
            .map(|(place, (input, value))| {
                (if input.name.is_empty() { place.to_string() } else { input.name.clone() }, value)
            })
            .collect();
        let arguments: Vec<String> = named.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
        revert.text = format!("reverted: {}({})", method.name, arguments.join(", "));
        let args: Map<String, Value> = named.iter().map(|(name, value)| (name.clone(), to_json(value))).collect();
        revert.error = Some(RevertError { name: method.name.clone(), args: Value::Object(args), values: named });
    } else if error.params.is_empty() {
        revert.text = if error.message.is_empty() { "reverted without a reason".into() } else { error.message.clone() };
        revert.reason = (!error.message.is_empty()).then(|| error.message.clone());
    } else {
        let data = format!("0x{}", hex::encode(&error.params));
        revert.text = format!("reverted with data {data}, which the contract's ABI does not explain");
    }
    revert
}

fn single(kind: DynSolType, body: &[u8]) -> Option<DynSolValue> {
    decode(&[Parameter { name: String::new(), kind }], body)?.pop()
}

fn shown(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Uint(number, _) => number.to_string(),
        DynSolValue::Int(number, _) => number.to_string(),
        other => match to_json(other) {
            Value::String(text) => text,
            value => value.to_string(),
        },
    }
}

/// Solidity's panic codes (documentation, "Panic via assert and Error via require").
fn panic_reason(code: u64) -> &'static str {
    match code {
        0x01 => "an assertion failed",
        0x11 => "arithmetic over- or underflow",
        0x12 => "division by zero",
        0x21 => "a number that is no member of the enum",
        0x22 => "wrongly encoded storage bytes",
        0x31 => "pop of an empty array",
        0x32 => "an index outside the array",
        0x41 => "too much memory, or too large an array",
        0x51 => "a call of an uninitialized function",
        _ => "an unknown code",
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, Bytes, U256};

    use super::*;

    fn failure(params: Vec<u8>) -> ExecutionError {
        ExecutionError { contract: None, code: 0, params: Bytes::from(params), message: "execution reverted".into() }
    }

    #[test]
    fn a_custom_error_is_told_by_name_and_arguments() {
        let interface = Interface::parse(
            r#"[{"type":"error","name":"Short","inputs":[{"name":"who","type":"address"},{"name":"needed","type":"uint256"}]}]"#,
        )
        .expect("an ABI");
        let selector = alloy_primitives::keccak256("Short(address,uint256)");
        let arguments =
            DynSolValue::Tuple(vec![DynSolValue::Address(Address::ZERO), DynSolValue::Uint(U256::from(5), 256)]);
        let data = [&selector[..4], arguments.abi_encode_params().as_slice()].concat();
        let revert = decode_revert(&failure(data.clone()), Some(&interface));
        assert_eq!(revert.text, "reverted: Short(who=0x0000000000000000000000000000000000000000, needed=5)");
        assert_eq!(revert.error.expect("decoded").args["needed"], "0x5");
        assert!(decode_revert(&failure(data), None).text.contains("does not explain"));
    }

    #[test]
    fn reasons_and_panics_need_no_abi() {
        let reason = DynSolValue::Tuple(vec![DynSolValue::String("no".into())]).abi_encode_params();
        let revert = decode_revert(&failure([ERROR.as_slice(), &reason].concat()), None);
        assert_eq!(revert.reason.as_deref(), Some("no"));
        let code = DynSolValue::Tuple(vec![DynSolValue::Uint(U256::from(0x11), 256)]).abi_encode_params();
        let revert = decode_revert(&failure([PANIC.as_slice(), &code].concat()), None);
        assert!(revert.text.contains("overflow") || revert.text.contains("underflow"), "{}", revert.text);
    }
}
