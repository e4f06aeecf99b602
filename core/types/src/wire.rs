//! The wire codec: how values are written to disk and to peers.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why bytes could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Not an encoding of the expected type.
    #[error("these {length} bytes are not {what}: {reason}")]
    Malformed {
        /// The expected type.
        what: &'static str,
        /// How many bytes were given.
        length: usize,
        /// What the decoder says.
        reason: String,
    },
    /// A second encoding of the same value.
    #[error("these bytes read as {0}, but not in its one canonical form")]
    NotCanonical(&'static str),
}

/// A value with one canonical encoding: postcard, checked on the way in by encoding again.
pub trait Wire: Serialize + DeserializeOwned {
    /// What it is called in errors, with its article.
    const WHAT: &'static str;

    /// The canonical bytes.
    fn to_wire(&self) -> Vec<u8> {
        // Postcard fails only on values without a known length, and wire types have none of these.
        postcard::to_stdvec(self).expect("wire types are sized, so postcard can always write them")
    }

    /// Reads what [`Self::to_wire`] wrote, and nothing else.
    fn from_wire(bytes: &[u8]) -> Result<Self, WireError> {
        let malformed = |reason: String| WireError::Malformed { what: Self::WHAT, length: bytes.len(), reason };
        let (value, rest): (Self, _) =
            postcard::take_from_bytes(bytes).map_err(|error| malformed(error.to_string()))?;
        if !rest.is_empty() {
            return Err(malformed(format!("{} bytes are left over", rest.len())));
        }
        if value.to_wire() != bytes {
            return Err(WireError::NotCanonical(Self::WHAT));
        }
        Ok(value)
    }
}
