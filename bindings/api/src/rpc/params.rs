//! Reading a call's parameters.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::RpcError;
use crate::At;

/// The positional parameters of a call.
pub(super) struct Params(Vec<Value>);

impl Params {
    /// An array, or nothing.
    pub(super) fn read(value: Value) -> Result<Self, RpcError> {
        match value {
            Value::Array(values) => Ok(Self(values)),
            Value::Null => Ok(Self(Vec::new())),
            _ => Err(RpcError::invalid_params("params must be an array")),
        }
    }

    /// A parameter that must be there.
    pub(super) fn required<T: DeserializeOwned>(&self, place: usize, name: &str) -> Result<T, RpcError> {
        self.optional(place, name)?
            .ok_or_else(|| RpcError::invalid_params(format!("missing value for required argument {place} ({name})")))
    }

    /// A parameter that may be left out or null.
    pub(super) fn optional<T: DeserializeOwned>(&self, place: usize, name: &str) -> Result<Option<T>, RpcError> {
        match self.0.get(place) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value.clone())
                .map(Some)
                .map_err(|error| RpcError::invalid_params(format!("invalid argument {place} ({name}): {error}"))),
        }
    }

    /// A block parameter: a tag, a number, or EIP-1898's object. The last final block if it is left out.
    pub(super) fn at(&self, place: usize) -> Result<At, RpcError> {
        if let Some(Value::Object(object)) = self.0.get(place) {
            let field = object.get("blockHash").or_else(|| object.get("blockNumber"));
            let text = field.and_then(Value::as_str).unwrap_or_default();
            return text.parse().map_err(|error: crate::Error| RpcError::invalid_params(error.message()));
        }
        Ok(self.optional(place, "block")?.unwrap_or_default())
    }
}
