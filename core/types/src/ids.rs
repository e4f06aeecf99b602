//! Identifiers: 32-byte hashes told apart by type, and the ids of outputs and requests.

use std::fmt;
use std::str::FromStr;

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};

use crate::blake2b256;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: expected {bytes} bytes as hexadecimal digits, with or without 0x")]
pub struct IdError {
    what: &'static str,
    bytes: usize,
    text: String,
}

fn parse_hex<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], IdError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes).map_err(|_| IdError {
        what,
        bytes: N,
        text: text.into(),
    })?;
    Ok(bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub struct $name(pub B256);

        impl $name {
            /// The id made of these bytes.
            pub const fn new(bytes: [u8; 32]) -> Self {
                Self(B256::new(bytes))
            }

            /// The bytes, as they stand in encodings.
            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "0x{}", hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_hex($what, text).map(Self::new)
            }
        }
    };
}

id!(
    /// An alias output's lasting identity: BLAKE2b-256 of the id of the output that created it (TIP-18).
    AliasId,
    "an alias id"
);
id!(
    /// An NFT's lasting identity (TIP-18).
    NftId,
    "an NFT id"
);
id!(
    /// BLAKE2b-256 of a serialized transaction payload (TIP-20).
    TransactionId,
    "a transaction id"
);
id!(
    /// BLAKE2b-256 of a serialized tangle block (TIP-24).
    BlockId,
    "a tangle block id"
);
id!(
    /// BLAKE2b-256 of a milestone's essence (TIP-29).
    MilestoneId,
    "a milestone id"
);

/// The id of a chain: that of the alias output which anchors it.
pub type ChainId = AliasId;

/// One output of a transaction: 34 bytes, the transaction's id and a little-endian index (TIP-20).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct OutputId {
    /// The transaction that made the output.
    pub transaction_id: TransactionId,
    /// Its place among that transaction's outputs, 0 to 127.
    pub index: u16,
}

impl OutputId {
    /// The 34 bytes that stand in encodings.
    pub fn to_bytes(&self) -> [u8; 34] {
        let mut bytes = [0; 34];
        let (id, index) = bytes.split_at_mut(32);
        id.copy_from_slice(self.transaction_id.as_bytes());
        index.copy_from_slice(&self.index.to_le_bytes());
        bytes
    }

    /// The alias that this output creates, if it is an alias output with an empty id (TIP-18).
    pub fn alias_id(&self) -> AliasId {
        AliasId::new(blake2b256(self.to_bytes()))
    }
}

impl fmt::Display for OutputId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.to_bytes()))
    }
}

impl fmt::Debug for OutputId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputId({self})")
    }
}

impl FromStr for OutputId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let bytes: [u8; 34] = parse_hex("an output id", text)?;
        let (id, index) = bytes.split_at(32);
        let error = || IdError { what: "an output id", bytes: 34, text: text.into() };
        Ok(Self {
            transaction_id: TransactionId::new(id.try_into().map_err(|_| error())?),
            index: u16::from_le_bytes(index.try_into().map_err(|_| error())?),
        })
    }
}

/// What a request is called, by the way it came in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RequestId {
    /// An L1 output addressed to the chain.
    OnLedger(OutputId),
    /// BLAKE2b-256 of the signed bytes of an off-ledger request.
    OffLedger(B256),
    /// The hash of an Ethereum transaction.
    Ethereum(B256),
}

impl RequestId {
    /// The bytes that stand in encodings: a kind byte, then the 34 or 32 bytes of the id.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::OnLedger(output) => [&[0], output.to_bytes().as_slice()].concat(),
            Self::OffLedger(hash) => [&[1], hash.as_slice()].concat(),
            Self::Ethereum(hash) => [&[2], hash.as_slice()].concat(),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnLedger(output) => output.fmt(f),
            Self::OffLedger(hash) | Self::Ethereum(hash) => write!(f, "0x{}", hex::encode(hash)),
        }
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
}

/// What consensus orders: a request's id and the hash of its content, never the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestRef {
    /// The request's id.
    pub id: RequestId,
    /// The hash of everything that was signed or confirmed.
    pub content: B256,
}
