//! Values between Python and the facade.

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyList, PyString, PyTuple};
use serde_json::Value;
use vespiary_api::contract::{DynSolType, DynSolValue};
use vespiary_api::{Address, At, B256, Bytes, Level, Span, U256, units};

use crate::errors::raise;
use crate::wallet::Wallet;

/// A Python integer of any size.
pub(crate) fn int_to_python(py: Python<'_>, number: U256) -> PyResult<Py<PyAny>> {
    if let Ok(small) = u64::try_from(number) {
        return Ok(small.into_pyobject(py)?.into_any().unbind());
    }
    let bytes = PyBytes::new(py, &number.to_be_bytes::<32>());
    Ok(py.get_type::<PyInt>().call_method1(intern!(py, "from_bytes"), (bytes, intern!(py, "big")))?.unbind())
}

fn signed_to_python(py: Python<'_>, bytes: [u8; 32]) -> PyResult<Py<PyAny>> {
    let arguments = PyDict::new(py);
    arguments.set_item("signed", true)?;
    let bytes = PyBytes::new(py, &bytes);
    let number = py.get_type::<PyInt>().call_method("from_bytes", (bytes, "big"), Some(&arguments))?;
    Ok(number.unbind())
}

/// A non-negative integer of at most 256 bits.
pub(crate) fn int_from_python(value: &Bound<'_, PyAny>) -> PyResult<U256> {
    if let Ok(small) = value.extract::<u64>() {
        return Ok(U256::from(small));
    }
    let py = value.py();
    let number = value.call_method0(intern!(py, "__index__"))?;
    let bytes = number.call_method1(intern!(py, "to_bytes"), (32, intern!(py, "big"))).map_err(|error| {
        if error.is_instance_of::<PyOverflowError>(py) {
            PyOverflowError::new_err(format!("{number} does not fit 256 bits without a sign"))
        } else {
            error
        }
    })?;
    Ok(U256::from_be_slice(bytes.cast::<PyBytes>()?.as_bytes()))
}

/// An amount of wei: an integer, or a text with its unit such as "0.5 gwei".
pub(crate) fn wei(value: &Bound<'_, PyAny>) -> PyResult<U256> {
    if let Ok(text) = value.cast::<PyString>() {
        return units::price(text.to_str()?).map_err(|error| raise(value.py(), error));
    }
    if value.is_instance_of::<pyo3::types::PyFloat>() {
        return Err(PyTypeError::new_err("an amount is a whole number of wei: write iota(\"0.5\") or gwei(\"0.5\")"));
    }
    int_from_python(value)
}

/// Seconds as a number, or a text such as "20ms".
pub(crate) fn span(value: &Bound<'_, PyAny>) -> PyResult<std::time::Duration> {
    if let Ok(text) = value.cast::<PyString>() {
        return text.to_str()?.parse::<Span>().map(|span| span.0).map_err(|error| raise(value.py(), error));
    }
    if let Ok(seconds) = value.extract::<f64>() {
        return std::time::Duration::try_from_secs_f64(seconds)
            .map_err(|_| PyValueError::new_err(format!("{seconds} seconds is no length of time")));
    }
    // datetime.timedelta
    let seconds: f64 = value
        .call_method0("total_seconds")
        .map_err(|_| {
            PyTypeError::new_err("a length of time is a number of seconds, a text such as \"20ms\", or a timedelta")
        })?
        .extract()?;
    std::time::Duration::try_from_secs_f64(seconds).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// A level by name.
pub(crate) fn level(text: &str) -> PyResult<Level> {
    text.parse().map_err(PyValueError::new_err)
}

/// A height, or a text that names a place.
pub(crate) fn at(value: &Bound<'_, PyAny>) -> PyResult<At> {
    if let Ok(height) = value.extract::<u64>() {
        return Ok(At::Height(height));
    }
    if let Ok(hash) = value.cast::<PyBytes>() {
        return B256::try_from(hash.as_bytes())
            .map(At::Hash)
            .map_err(|_| PyValueError::new_err("a block hash has 32 bytes"));
    }
    let text: String = value.extract().map_err(|_| PyTypeError::new_err("at= is a height, a level or a block hash"))?;
    text.parse().map_err(|error| raise(value.py(), error))
}

/// An address as text, 20 bytes, or anything with an `address`.
pub(crate) fn address(value: &Bound<'_, PyAny>) -> PyResult<Address> {
    if let Ok(wallet) = value.cast::<Wallet>() {
        return Ok(wallet.get().inner.address());
    }
    let refuse = |shown: &str| {
        raise(
            value.py(),
            vespiary_api::Error::malformed(format!(
                "{shown} is not an Ethereum address: give 0x and 40 hexadecimal digits, 20 bytes, a wallet or a contract"
            )),
        )
    };
    if let Ok(text) = value.cast::<PyString>() {
        let text = text.to_str()?;
        return text.parse().map_err(|_| refuse(&format!("`{text}`")));
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Address::try_from(bytes.as_bytes()).map_err(|_| refuse("this"));
    }
    match value.getattr(intern!(value.py(), "address")) {
        Ok(inner) => address(&inner),
        Err(_) => Err(refuse(&value.repr()?.to_string())),
    }
}

/// Bytes, or 0x text.
pub(crate) fn bytes(value: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    if let Ok(text) = value.cast::<PyString>() {
        let text = text.to_str()?;
        return text.parse().map_err(|_| {
            raise(
                value.py(),
                vespiary_api::Error::malformed(format!(
                    "`{}` is not hexadecimal",
                    text.chars().take(40).collect::<String>()
                )),
            )
        });
    }
    Ok(value.extract::<Vec<u8>>()?.into())
}

/// A hash: 32 bytes or 0x text.
pub(crate) fn hash(value: &Bound<'_, PyAny>) -> PyResult<B256> {
    let bytes = bytes(value)?;
    B256::try_from(bytes.as_ref())
        .map_err(|_| PyValueError::new_err(format!("a hash has 32 bytes, not {}", bytes.len())))
}

/// A value of an ABI type.
pub(crate) fn value_from_python(kind: &DynSolType, value: &Bound<'_, PyAny>) -> PyResult<DynSolValue> {
    let misfit = |why: &str| {
        let shown: String = value.repr().map(|text| text.to_string()).unwrap_or_default().chars().take(60).collect();
        let message = format!("{shown} is not a value of type {}{why}", kind.sol_type_name());
        raise(value.py(), vespiary_api::Error::new(vespiary_api::Code::Abi, message, Value::Null))
    };
    match kind {
        DynSolType::Bool => {
            value.cast::<PyBool>().map(|flag| DynSolValue::Bool(flag.is_true())).map_err(|_| misfit(""))
        }
        DynSolType::Uint(bits) => {
            let number = int_from_python(value).map_err(|_| misfit(""))?;
            if number.bit_len() > *bits {
                return Err(misfit(": it is too large"));
            }
            Ok(DynSolValue::Uint(number, *bits))
        }
        DynSolType::Int(_) => {
            let text = value.call_method0("__index__").and_then(|number| number.str()).map_err(|_| misfit(""))?;
            kind.coerce_str(text.to_str()?).map_err(|_| misfit(""))
        }
        DynSolType::Address => address(value).map(DynSolValue::Address),
        DynSolType::String => Ok(DynSolValue::String(value.extract().map_err(|_| misfit(""))?)),
        DynSolType::Bytes => Ok(DynSolValue::Bytes(bytes(value).map_err(|_| misfit(""))?.to_vec())),
        DynSolType::FixedBytes(size) => {
            let bytes = bytes(value).map_err(|_| misfit(""))?;
            if bytes.len() != *size {
                return Err(misfit(&format!(": it has {} bytes", bytes.len())));
            }
            Ok(DynSolValue::FixedBytes(B256::right_padding_from(&bytes), *size))
        }
        DynSolType::Array(item) => Ok(DynSolValue::Array(
            items(value, |_| Some(item), None).map_err(|error| error.unwrap_or_else(|| misfit("")))?,
        )),
        DynSolType::FixedArray(item, length) => {
            let values =
                items(value, |_| Some(item), Some(*length)).map_err(|error| error.unwrap_or_else(|| misfit("")))?;
            Ok(DynSolValue::FixedArray(values))
        }
        DynSolType::Tuple(kinds) | DynSolType::CustomStruct { tuple: kinds, .. } => {
            let fields = match (kind, value.cast::<PyDict>()) {
                (DynSolType::CustomStruct { prop_names, .. }, Ok(dict)) => {
                    let values: Vec<Bound<'_, PyAny>> = prop_names
                        .iter()
                        .map(|name| dict.get_item(name)?.ok_or_else(|| misfit(&format!(": field {name} is missing"))))
                        .collect::<PyResult<_>>()?;
                    PyList::new(value.py(), values)?.into_any()
                }
                _ => value.clone(),
            };
            let values = items(&fields, |place| kinds.get(place), Some(kinds.len()));
            Ok(DynSolValue::Tuple(values.map_err(|error| error.unwrap_or_else(|| misfit("")))?))
        }
        DynSolType::Function => {
            kind.coerce_str(&value.extract::<String>().map_err(|_| misfit(""))?).map_err(|_| misfit(""))
        }
    }
}

/// The items of any iterable but a text; an error of none means that the shape does not fit.
fn items<'k>(
    value: &Bound<'_, PyAny>,
    kind: impl Fn(usize) -> Option<&'k DynSolType>,
    length: Option<usize>,
) -> Result<Vec<DynSolValue>, Option<PyErr>> {
    if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
        return Err(None);
    }
    let mut values = Vec::new();
    for (place, item) in value.try_iter().map_err(|_| None)?.enumerate() {
        let kind = kind(place).ok_or(None)?;
        values.push(value_from_python(kind, &item.map_err(Some)?).map_err(Some)?);
    }
    if length.is_some_and(|length| length != values.len()) { Err(None) } else { Ok(values) }
}

/// Python's own value of an ABI value: int, str, bytes, bool, list, tuple; addresses with their checksum.
pub(crate) fn value_to_python(py: Python<'_>, value: &DynSolValue) -> PyResult<Py<PyAny>> {
    let all =
        |values: &[DynSolValue]| values.iter().map(|value| value_to_python(py, value)).collect::<PyResult<Vec<_>>>();
    Ok(match value {
        DynSolValue::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any().unbind(),
        DynSolValue::Uint(number, _) => int_to_python(py, *number)?,
        DynSolValue::Int(number, _) => signed_to_python(py, number.to_be_bytes::<32>())?,
        DynSolValue::Address(address) => PyString::new(py, &address.to_checksum(None)).into_any().unbind(),
        DynSolValue::FixedBytes(word, size) => {
            PyBytes::new(py, word.get(..*size).unwrap_or_default()).into_any().unbind()
        }
        DynSolValue::Function(function) => PyBytes::new(py, function.as_slice()).into_any().unbind(),
        DynSolValue::Bytes(bytes) => PyBytes::new(py, bytes).into_any().unbind(),
        DynSolValue::String(text) => PyString::new(py, text).into_any().unbind(),
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) => {
            PyList::new(py, all(values)?)?.into_any().unbind()
        }
        DynSolValue::Tuple(values) | DynSolValue::CustomStruct { tuple: values, .. } => {
            PyTuple::new(py, all(values)?)?.into_any().unbind()
        }
    })
}

/// Plain data as dicts, lists, texts and numbers.
pub(crate) fn plain_to_python(py: Python<'_>, value: &Value) -> PyResult<Py<PyAny>> {
    Ok(match value {
        Value::Null => py.None(),
        Value::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any().unbind(),
        Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), ..) => number.into_pyobject(py)?.into_any().unbind(),
            (None, Some(number), _) => number.into_pyobject(py)?.into_any().unbind(),
            (None, None, number) => number.into_pyobject(py)?.into_any().unbind(),
        },
        Value::String(text) => PyString::new(py, text).into_any().unbind(),
        Value::Array(values) => {
            let values = values.iter().map(|value| plain_to_python(py, value)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, values)?.into_any().unbind()
        }
        Value::Object(fields) => {
            let dict = PyDict::new(py);
            for (name, value) in fields {
                dict.set_item(name, plain_to_python(py, value)?)?;
            }
            dict.into_any().unbind()
        }
    })
}

/// JSON text as plain data of the facade.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(py: Python<'_>, text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| raise(py, vespiary_api::Error::from(error)))
}
