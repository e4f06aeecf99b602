//! The keys of the L1: deterministic Ed25519 signing (RFC 8032) and verification by the rules of ZIP-215.
//!
//! Every verifier must agree on every signature, malleable and low-order ones included, or ledgers fork. TIP-14 fixes the
//! rules to ZIP-215, which `ed25519-zebra` implements; dalek's own `verify` and `verify_strict` decide differently.

use core::fmt;

use ed25519_dalek::Signer;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vespiary_types::L1Address;

use crate::{CryptoError, blake2b256};

/// An Ed25519 public key as it stands in an unlock: 32 bytes, not checked to be a point before it is used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ed25519PublicKey(pub [u8; 32]);

impl Ed25519PublicKey {
    /// The L1 address of the key: BLAKE2b-256 of its bytes (TIP-31).
    pub fn address(&self) -> L1Address {
        L1Address::Ed25519(blake2b256(self.0))
    }

    /// Checks a signature by ZIP-215's rules (TIP-14).
    ///
    /// # Errors
    /// [`CryptoError::PublicKey`] when the key is no point, [`CryptoError::Ed25519Signature`] when the signature does not hold.
    pub fn verify(&self, message: &[u8], signature: &Ed25519Signature) -> Result<(), CryptoError> {
        let key = ed25519_zebra::VerificationKey::try_from(self.0)
            .map_err(|_| CryptoError::PublicKey(alloy_primitives::hex::encode(self.0)))?;
        key.verify(&ed25519_zebra::Signature::from(signature.0), message)
            .map_err(|_| CryptoError::Ed25519Signature(alloy_primitives::hex::encode(self.0)))
    }
}

impl fmt::Debug for Ed25519PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ed25519PublicKey({self})")
    }
}

impl fmt::Display for Ed25519PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", alloy_primitives::hex::encode(self.0))
    }
}

/// An Ed25519 signature, R ‖ s. Serialized as 64 bytes in a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ed25519Signature(pub [u8; 64]);

impl fmt::Debug for Ed25519Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ed25519Signature(0x{})", alloy_primitives::hex::encode(self.0))
    }
}

impl Serialize for Ed25519Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = serializer.serialize_tuple(64)?;
        for byte in &self.0 {
            bytes.serialize_element(byte)?;
        }
        bytes.end()
    }
}

impl<'de> Deserialize<'de> for Ed25519Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SixtyFourBytes;
        impl<'de> Visitor<'de> for SixtyFourBytes {
            type Value = Ed25519Signature;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("64 bytes of an Ed25519 signature")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
                let mut bytes = [0; 64];
                for (index, byte) in bytes.iter_mut().enumerate() {
                    *byte = sequence.next_element()?.ok_or_else(|| A::Error::invalid_length(index, &self))?;
                }
                Ok(Ed25519Signature(bytes))
            }
        }
        deserializer.deserialize_tuple(64, SixtyFourBytes)
    }
}

/// An Ed25519 key pair. The secret half is wiped when the value is dropped and never printed.
#[derive(Clone)]
pub struct Ed25519KeyPair(ed25519_dalek::SigningKey);

impl Ed25519KeyPair {
    /// The key pair of a 32-byte seed (RFC 8032's private key).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public_key(&self) -> Ed25519PublicKey {
        Ed25519PublicKey(self.0.verifying_key().to_bytes())
    }

    /// The L1 address of the public half.
    pub fn address(&self) -> L1Address {
        self.public_key().address()
    }

    /// Signs `message`; the same message has the same signature always.
    pub fn sign(&self, message: &[u8]) -> Ed25519Signature {
        Ed25519Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for Ed25519KeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ed25519KeyPair {{ public: {}, secret: … }}", self.public_key())
    }
}
