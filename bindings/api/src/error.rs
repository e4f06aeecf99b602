//! The one error that every language sees: a stable code, a sentence for people, and the facts behind it.

use std::fmt;
use std::time::Duration;

use alloy_primitives::{Address, Bytes, U256};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What every call of the facade gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Stable names, the same in every language: `err.code` in JavaScript, `error.code` and the class in Python.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// The node was closed, or its thread is gone.
    NodeClosed = "ERR_NODE_CLOSED",
    /// A handle was used in a forked child.
    Forked = "ERR_FORKED",
    /// No answer within the time given.
    Timeout = "ERR_TIMEOUT",
    /// A fault of this software.
    Internal = "ERR_INTERNAL",
    /// An argument could not be read.
    Malformed = "ERR_MALFORMED",
    /// It is understood, and not allowed here.
    Refused = "ERR_REFUSED",
    /// Too much is queued; try again.
    Busy = "ERR_BUSY",
    /// A reader fell behind, and something was dropped.
    Lagged = "ERR_LAGGED",
    /// Another process or node has the data directory.
    InUse = "ERR_IN_USE",
    /// The data directory was written by a newer version.
    NewerFormat = "ERR_NEWER_FORMAT",
    /// The data directory could not be read or written.
    Store = "ERR_STORE",
    /// The node has no chain of this name.
    UnknownChain = "ERR_UNKNOWN_CHAIN",
    /// The node has a chain of this name.
    ChainExists = "ERR_CHAIN_EXISTS",
    /// The chain exists with another configuration.
    ConfigDiffers = "ERR_CONFIG_DIFFERS",
    /// Nobody in the tree has this path.
    UnknownActor = "ERR_UNKNOWN_ACTOR",
    /// The chain has no such block.
    UnknownBlock = "ERR_UNKNOWN_BLOCK",
    /// The chain has no such transaction.
    UnknownTransaction = "ERR_UNKNOWN_TRANSACTION",
    /// The nonce was used already.
    NonceTooLow = "ERR_NONCE_TOO_LOW",
    /// The nonce leaves a gap behind it.
    NonceTooHigh = "ERR_NONCE_TOO_HIGH",
    /// It pays less for gas than the chain asks.
    Underpriced = "ERR_UNDERPRICED",
    /// It would replace a pending one and does not pay more.
    ReplacementUnderpriced = "ERR_REPLACEMENT_UNDERPRICED",
    /// The sender cannot pay for gas and value.
    InsufficientFunds = "ERR_INSUFFICIENT_FUNDS",
    /// The gas limit is below what any such transaction needs.
    IntrinsicGas = "ERR_INTRINSIC_GAS",
    /// The gas limit is above what the chain allows.
    GasLimit = "ERR_GAS_LIMIT",
    /// Signed for another chain.
    WrongChainId = "ERR_WRONG_CHAIN_ID",
    /// The signature does not hold.
    BadSignature = "ERR_BAD_SIGNATURE",
    /// The mempool is full.
    PoolFull = "ERR_POOL_FULL",
    /// It was ordered and could not be run.
    Skipped = "ERR_SKIPPED",
    /// The contract reverted.
    Reverted = "ERR_REVERTED",
    /// Arguments or data do not fit a contract's interface.
    Abi = "ERR_ABI",
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Everything a caller in any language can be told.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The node was closed.
    #[error("node `{name}` is closed; open a new one")]
    NodeClosed {
        /// Its name.
        name: String,
    },
    /// A handle was used in a forked child, whose copy of the node has no threads.
    #[error(
        "a node was opened in process {opened}; this is its forked child {current}, which has none of the threads behind it: start children with `spawn`, or open nodes in the children only"
    )]
    Forked {
        /// The process that opened the node.
        opened: u32,
        /// The process that used it.
        current: u32,
    },
    /// No answer in time.
    #[error("{what} did not happen within {limit:?}")]
    Timeout {
        /// What was waited for.
        what: String,
        /// For how long.
        limit: Duration,
    },
    /// The contract reverted, or its machine stopped it.
    #[error("{}", .0.text)]
    Reverted(Box<Revert>),
    /// The sender cannot pay for gas and value.
    #[error("{address} has {have} wei and needs {need} wei for gas and value")]
    InsufficientFunds {
        /// The sender.
        address: Address,
        /// Its balance in wei.
        have: U256,
        /// What it would take in wei.
        need: U256,
    },
    /// Anything that a code, a sentence and some facts describe in full.
    #[error("{message}")]
    Other {
        /// What it is.
        code: Code,
        /// For people.
        message: String,
        /// The facts, by name.
        details: Map<String, Value>,
    },
}

/// Why a call failed on the chain, decoded as far as the interface at hand allows.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revert {
    /// For people: `reverted: ERC20InsufficientBalance(sender=0x…, balance=0, needed=5)`.
    #[serde(skip)]
    pub text: String,
    /// The revert data as the contract returned it.
    pub data: Bytes,
    /// The text of `Error(string)`, or what the machine says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The custom error, if the interface knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RevertError>,
    /// The transaction, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_hash: Option<alloy_primitives::B256>,
    /// The height of its block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// A custom error with its arguments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RevertError {
    /// The error's name.
    pub name: String,
    /// Its arguments by name, or by place where they have none.
    pub args: Value,
    /// The same with their types.
    #[serde(skip)]
    pub values: Vec<(String, alloy_dyn_abi::DynSolValue)>,
}

impl Error {
    /// An error made of its parts; `details` must be an object.
    pub fn new(code: Code, message: impl Into<String>, details: Value) -> Self {
        let details = match details {
            Value::Object(details) => details,
            _ => Map::new(),
        };
        Self::Other { code, message: message.into(), details }
    }

    /// An argument that cannot be read.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Code::Malformed, message, Value::Null)
    }

    /// Something that is not allowed here.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Code::Refused, message, Value::Null)
    }

    /// A fault of this software.
    pub fn internal(message: impl fmt::Display) -> Self {
        Self::new(Code::Internal, format!("internal fault: {message}; please report it"), Value::Null)
    }

    /// The stable name.
    pub fn code(&self) -> Code {
        match self {
            Self::NodeClosed { .. } => Code::NodeClosed,
            Self::Forked { .. } => Code::Forked,
            Self::Timeout { .. } => Code::Timeout,
            Self::Reverted(_) => Code::Reverted,
            Self::InsufficientFunds { .. } => Code::InsufficientFunds,
            Self::Other { code, .. } => *code,
        }
    }

    /// The facts, as an object.
    pub fn details(&self) -> Value {
        match self {
            Self::NodeClosed { name } => json!({ "name": name }),
            Self::Forked { opened, current } => json!({ "opened": opened, "current": current }),
            Self::Timeout { what, limit } => json!({ "what": what, "limitMs": limit.as_secs_f64() * 1e3 }),
            Self::Reverted(revert) => serde_json::to_value(revert).unwrap_or_default(),
            Self::InsufficientFunds { address, have, need } => {
                json!({ "address": address, "have": have, "need": need })
            }
            Self::Other { details, .. } => Value::Object(details.clone()),
        }
    }

    /// The sentence for people.
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// `{"code", "message", "details"}`: how an error crosses a border that knows only text.
    pub fn to_json(&self) -> String {
        json!({ "code": self.code(), "message": self.message(), "details": self.details() }).to_string()
    }
}

impl From<arrow_schema::ArrowError> for Error {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::internal(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::malformed(format!("this JSON cannot be used: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_distinct_and_keep_their_form() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(names.iter().all(|name| name.starts_with("ERR_") && *name == name.to_uppercase()));
    }

    #[test]
    fn an_error_carries_its_facts_across_a_text_border() {
        let error = Error::InsufficientFunds { address: Address::ZERO, have: U256::from(1), need: U256::from(2) };
        let value: Value = serde_json::from_str(&error.to_json()).expect("JSON");
        assert_eq!(value["code"], "ERR_INSUFFICIENT_FUNDS");
        assert_eq!(value["details"]["need"], "0x2");
    }
}
