//! Many keys out of one seed, the same in every run and on every machine.
//!
//! `child(domain, i) = BLAKE2b-256("vespiary-derive-v1" ‖ u8 length of domain ‖ domain ‖ seed ‖ u64 little-endian i)`.
//! The fixed prefix and the length byte keep domains apart; the seed cannot be found from children.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Blake2b, CryptoError, Ed25519KeyPair, EthereumSecret};

const PREFIX: &[u8] = b"vespiary-derive-v1";
const ETHEREUM: &str = "ethereum";
const ED25519: &str = "ed25519";
const NUMBER: &[u8] = b"vespiary-seed-number-v1";

/// 32 secret bytes that keys are derived from. Wiped when dropped and never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

/// The two keys of one person: an Ethereum key for the chains, an Ed25519 key for the L1.
#[derive(Clone, Debug)]
pub struct ChildKeys {
    /// Signs Ethereum transactions.
    pub ethereum: EthereumSecret,
    /// Signs L1 transactions and off-ledger requests.
    pub ed25519: Ed25519KeyPair,
}

impl Seed {
    /// A seed of 32 bytes that the caller drew from a good source.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The seed of a number, for experiments that must be repeatable: whoever knows the number has the keys.
    pub fn from_number(number: u64) -> Self {
        Self(Blake2b::new().chain(NUMBER).chain(&number.to_le_bytes()).finish())
    }

    /// 32 bytes for purpose `domain` (at most 255 bytes, longer is cut there) and number `index`.
    pub fn derive(&self, domain: &str, index: u64) -> [u8; 32] {
        let domain = domain.as_bytes();
        let length = u8::try_from(domain.len()).unwrap_or(u8::MAX);
        let domain = domain.get(..usize::from(length)).unwrap_or(domain);
        Blake2b::new().chain(PREFIX).chain(&[length]).chain(domain).chain(&self.0).chain(&index.to_le_bytes()).finish()
    }

    /// The keys of person number `index`.
    ///
    /// # Errors
    /// [`CryptoError::EthereumSecret`] if the derived bytes are no secp256k1 secret, which happens once in 2¹²⁸ children: take the next index.
    pub fn child(&self, index: u64) -> Result<ChildKeys, CryptoError> {
        Ok(ChildKeys {
            ethereum: EthereumSecret::from_bytes(self.derive(ETHEREUM, index))?,
            ed25519: Ed25519KeyPair::from_seed(&self.derive(ED25519, index)),
        })
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seed(…)")
    }
}
