//! Values of the ABI as plain data.
//!
//! Integers go out as 0x quantities or, below zero, as decimal text; they come in as those, decimal text or numbers. Bytes and addresses are 0x hex.

use alloy_dyn_abi::{DynSolType, DynSolValue};
use alloy_primitives::{I256, U256};
use serde_json::{Map, Value, json};

use super::interface::abi;
use crate::Result;

/// A value of this type out of plain data.
pub fn from_json(kind: &DynSolType, value: &Value) -> Result<DynSolValue> {
    let misfit = || abi(format!("{value} is not a value of type {}", kind.sol_type_name()));
    let all = |kinds: &mut dyn Iterator<Item = &DynSolType>, values: &[Value]| -> Result<Vec<DynSolValue>> {
        kinds.zip(values).map(|(kind, value)| from_json(kind, value)).collect()
    };
    match (kind, value) {
        (DynSolType::Bool, Value::Bool(flag)) => Ok(DynSolValue::Bool(*flag)),
        (DynSolType::String, Value::String(text)) => Ok(DynSolValue::String(text.clone())),
        (DynSolType::Int(_) | DynSolType::Uint(_), Value::Number(number)) => {
            kind.coerce_str(&number.to_string()).map_err(|_| misfit())
        }
        (DynSolType::Uint(bits), Value::String(text)) => {
            let number = crate::units::amount(text).map_err(|_| misfit())?;
            if number.bit_len() > *bits { Err(misfit()) } else { Ok(DynSolValue::Uint(number, *bits)) }
        }
        (DynSolType::Array(item), Value::Array(values)) => {
            Ok(DynSolValue::Array(all(&mut std::iter::repeat(item.as_ref()), values)?))
        }
        (DynSolType::FixedArray(item, length), Value::Array(values)) if values.len() == *length => {
            Ok(DynSolValue::FixedArray(all(&mut std::iter::repeat(item.as_ref()), values)?))
        }
        (DynSolType::Tuple(kinds) | DynSolType::CustomStruct { tuple: kinds, .. }, Value::Array(values))
            if kinds.len() == values.len() =>
        {
            Ok(DynSolValue::Tuple(all(&mut kinds.iter(), values)?))
        }
        (DynSolType::CustomStruct { prop_names, tuple, .. }, Value::Object(fields)) => {
            let values = prop_names
                .iter()
                .map(|name| fields.get(name).cloned().ok_or_else(|| abi(format!("field `{name}` is missing"))))
                .collect::<Result<Vec<_>>>()?;
            Ok(DynSolValue::Tuple(all(&mut tuple.iter(), &values)?))
        }
        (_, Value::String(text)) => kind.coerce_str(text).map_err(|_| misfit()),
        _ => Err(misfit()),
    }
}

/// A value as plain data.
pub fn to_json(value: &DynSolValue) -> Value {
    match value {
        DynSolValue::Bool(flag) => json!(flag),
        DynSolValue::Int(number, _) => {
            if *number >= I256::ZERO {
                json!(U256::from_limbs(*number.into_raw().as_limbs()))
            } else {
                json!(number.to_string())
            }
        }
        DynSolValue::Uint(number, _) => json!(number),
        DynSolValue::FixedBytes(word, size) => {
            json!(format!("0x{}", hex::encode(word.get(..*size).unwrap_or_default())))
        }
        DynSolValue::Address(address) => json!(address.to_checksum(None)),
        DynSolValue::Function(function) => json!(format!("0x{}", hex::encode(function))),
        DynSolValue::Bytes(bytes) => json!(format!("0x{}", hex::encode(bytes))),
        DynSolValue::String(text) => json!(text),
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) | DynSolValue::Tuple(values) => {
            values.iter().map(to_json).collect()
        }
        DynSolValue::CustomStruct { prop_names, tuple, .. } => {
            let fields: Map<String, Value> =
                prop_names.iter().zip(tuple).map(|(name, value)| (name.clone(), to_json(value))).collect();
            Value::Object(fields)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_data_survives_both_ways() {
        for (kind, text) in [
            ("uint256", r#""0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff""#),
            ("(address,bool[])", r#"["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",[true,false]]"#),
            ("bytes", r#""0x0102""#),
            ("int8", r#""-5""#),
            ("string", r#""héllo""#),
        ] {
            let kind = DynSolType::parse(kind).expect("a type");
            let value: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(to_json(&from_json(&kind, &value).expect("fits")), value);
        }
        assert!(from_json(&DynSolType::Uint(8), &json!("256")).is_err());
        assert!(from_json(&DynSolType::Address, &json!("0x12")).is_err());
    }
}
