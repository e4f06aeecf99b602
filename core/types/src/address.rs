//! Addresses of the tangle.

use std::fmt;

use bech32::{Bech32, Hrp};
use serde::{Deserialize, Serialize};

use crate::{AliasId, NftId};

/// Who may unlock an output on the tangle (TIP-18); 33 bytes, a kind and a hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum L1Address {
    /// BLAKE2b-256 of an Ed25519 public key; kind 0.
    Ed25519([u8; 32]),
    /// The state controller of an alias; kind 8.
    Alias(AliasId),
    /// The owner of an NFT; kind 16.
    Nft(NftId),
}

/// Why bytes or a text are not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// The kind byte is none of 0, 8 and 16.
    #[error("address kind {0} is unknown: 0 is Ed25519, 8 an alias, 16 an NFT")]
    Kind(u8),
    /// Not 33 bytes.
    #[error("an address has 33 bytes, not {0}")]
    Length(usize),
    /// Not bech32.
    #[error("`{text}` is not a bech32 address: {reason}")]
    Bech32 {
        /// What was given.
        text: String,
        /// What the decoder says.
        reason: String,
    },
    /// The address is of another network.
    #[error("address `{text}` belongs to network `{found}`, this one is `{expected}`")]
    Network {
        /// What was given.
        text: String,
        /// Its human-readable part.
        found: String,
        /// The human-readable part of this network.
        expected: String,
    },
}

impl L1Address {
    /// The kind byte (TIP-18).
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Ed25519(_) => 0,
            Self::Alias(_) => 8,
            Self::Nft(_) => 16,
        }
    }

    /// The 32 bytes behind the kind.
    pub fn hash(&self) -> &[u8; 32] {
        match self {
            Self::Ed25519(hash) => hash,
            Self::Alias(id) => id.as_bytes(),
            Self::Nft(id) => id.as_bytes(),
        }
    }

    /// The 33 bytes that stand in encodings.
    pub fn to_bytes(&self) -> [u8; 33] {
        let mut bytes = [self.kind(); 33];
        if let Some(hash) = bytes.get_mut(1..) {
            hash.copy_from_slice(self.hash());
        }
        bytes
    }

    /// The address that [`Self::to_bytes`] made these bytes of.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AddressError> {
        let (kind, hash) = bytes.split_first().ok_or(AddressError::Length(0))?;
        let hash: [u8; 32] = hash.try_into().map_err(|_| AddressError::Length(bytes.len()))?;
        match kind {
            0 => Ok(Self::Ed25519(hash)),
            8 => Ok(Self::Alias(AliasId::new(hash))),
            16 => Ok(Self::Nft(NftId::new(hash))),
            other => Err(AddressError::Kind(*other)),
        }
    }

    /// The text people exchange (TIP-31), for the network with this human-readable part (`iota`, `rms`, `tst`).
    ///
    /// A part that bech32 cannot carry falls back to hexadecimal digits.
    pub fn to_bech32(&self, network: &str) -> String {
        Hrp::parse(network)
            .ok()
            .and_then(|hrp| bech32::encode::<Bech32>(hrp, &self.to_bytes()).ok())
            .unwrap_or_else(|| self.to_string())
    }

    /// Reads the text of TIP-31 for the network with this human-readable part.
    pub fn from_bech32(network: &str, text: &str) -> Result<Self, AddressError> {
        let invalid = |reason: String| AddressError::Bech32 { text: text.into(), reason };
        let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(text)
            .map_err(|error| invalid(error.to_string()))?;
        let found = checked.hrp().to_lowercase();
        if found != network {
            return Err(AddressError::Network { text: text.into(), found, expected: network.into() });
        }
        Self::from_bytes(&checked.byte_iter().collect::<Vec<_>>()).map_err(|error| invalid(error.to_string()))
    }
}

/// Hexadecimal digits of the 33 bytes: the form that needs no network.
impl fmt::Display for L1Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.to_bytes()))
    }
}

impl fmt::Debug for L1Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L1Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tip31_addresses_read_and_print_as_published() {
        let hash = hex::decode("efdc112efe262b304bcf379b26c31bad029f616ee3ec4aa6345a366e4c9e43a3").expect("hex");
        let hash: [u8; 32] = hash.try_into().expect("32 bytes");
        for (address, main, test) in [(
            L1Address::Ed25519(hash),
            "iota1qrhacyfwlcnzkvzteumekfkrrwks98mpdm37cj4xx3drvmjvnep6xqgyzyx",
            "atoi1qrhacyfwlcnzkvzteumekfkrrwks98mpdm37cj4xx3drvmjvnep6x8x4r7t",
        )] {
            for (network, text) in [("iota", main), ("atoi", test)] {
                assert_eq!(address.to_bech32(network), text);
                assert_eq!(L1Address::from_bech32(network, text), Ok(address));
            }
        }
    }

    #[test]
    fn an_address_of_another_network_is_named() {
        let text = L1Address::Ed25519([7; 32]).to_bech32("iota");
        let error = L1Address::from_bech32("tst", &text).expect_err("another network");
        assert!(error.to_string().contains("belongs to network `iota`, this one is `tst`"), "{error}");
    }
}
