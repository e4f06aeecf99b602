//! Wallets: one person's Ethereum and L1 keys, a plain value bound to no node.

use std::fmt;
use std::sync::Arc;

use alloy_dyn_abi::TypedData;
use alloy_primitives::{Address, B256, Bytes, Signature, eip191_hash_message};
use vespiary_crypto::{Ed25519KeyPair, EthereumSecret, Seed};
use vespiary_types::L1Address;

use crate::{Error, Result};

/// Keys that sign natively. Cheap to clone; it prints without its secrets.
#[derive(Clone)]
pub struct Wallet(Arc<Keys>);

struct Keys {
    ethereum: EthereumSecret,
    ed25519: Ed25519KeyPair,
    l1_seed: [u8; 32],
}

/// Where the L1 key of a wallet made of an Ethereum secret comes from.
const L1_OF_SECRET: &str = "l1-of-ethereum-secret";

impl Wallet {
    /// The wallets `first..first + count` of a seed number: the same in every run and on every machine.
    pub fn many(seed: u64, first: u64, count: u64) -> Result<Vec<Self>> {
        let seed = Seed::from_number(seed);
        (first..first.saturating_add(count)).map(|index| Self::child(&seed, index)).collect()
    }

    /// A wallet of 32 secret bytes from a good source of randomness.
    pub fn from_entropy(bytes: [u8; 32]) -> Result<Self> {
        Self::child(&Seed::new(bytes), 0)
    }

    /// The wallet of an Ethereum private key. Its L1 key is derived from it.
    pub fn from_secret(secret: [u8; 32]) -> Result<Self> {
        let ethereum = EthereumSecret::from_bytes(secret).map_err(|error| Error::malformed(error.to_string()))?;
        let l1_seed = Seed::new(secret).derive(L1_OF_SECRET, 0);
        Ok(Self::of(ethereum, l1_seed))
    }

    /// The wallet with both secrets, as [`Self::secrets`] gave them.
    pub fn from_secrets(ethereum: [u8; 32], l1_seed: [u8; 32]) -> Result<Self> {
        let ethereum = EthereumSecret::from_bytes(ethereum).map_err(|error| Error::malformed(error.to_string()))?;
        Ok(Self::of(ethereum, l1_seed))
    }

    fn child(seed: &Seed, index: u64) -> Result<Self> {
        let ethereum = EthereumSecret::from_bytes(seed.derive("ethereum", index)).map_err(Error::internal)?;
        Ok(Self::of(ethereum, seed.derive("ed25519", index)))
    }

    fn of(ethereum: EthereumSecret, l1_seed: [u8; 32]) -> Self {
        Self(Arc::new(Keys { ethereum, ed25519: Ed25519KeyPair::from_seed(&l1_seed), l1_seed }))
    }

    /// The Ethereum address.
    pub fn address(&self) -> Address {
        self.0.ethereum.address()
    }

    /// The address on the tangle.
    pub fn l1_address(&self) -> L1Address {
        self.0.ed25519.address()
    }

    /// The Ethereum secret and the seed of the L1 key, for key files and pickles.
    pub fn secrets(&self) -> ([u8; 32], [u8; 32]) {
        (self.0.ethereum.expose_secret(), self.0.l1_seed)
    }

    /// The Ethereum key.
    pub fn ethereum(&self) -> &EthereumSecret {
        &self.0.ethereum
    }

    /// The L1 key.
    pub fn ed25519(&self) -> &Ed25519KeyPair {
        &self.0.ed25519
    }

    /// Signs 32 bytes as they are.
    pub fn sign_hash(&self, hash: B256) -> Signature {
        self.0.ethereum.sign_prehash(&hash)
    }

    /// Signs a message as `personal_sign` does (EIP-191): 65 bytes r ‖ s ‖ v with v = 27 or 28.
    pub fn sign_message(&self, message: &[u8]) -> Bytes {
        self.sign_hash(eip191_hash_message(message)).as_bytes().to_vec().into()
    }

    /// Signs typed data (EIP-712) given as JSON: 65 bytes r ‖ s ‖ v.
    pub fn sign_typed_data(&self, json: serde_json::Value) -> Result<Bytes> {
        let typed: TypedData = serde_json::from_value(json)
            .map_err(|error| Error::malformed(format!("this is no typed data of EIP-712: {error}")))?;
        let hash = typed
            .eip712_signing_hash()
            .map_err(|error| Error::malformed(format!("this typed data cannot be hashed: {error}")))?;
        Ok(self.sign_hash(hash).as_bytes().to_vec().into())
    }
}

impl PartialEq for Wallet {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address() && self.l1_address() == other.l1_address()
    }
}

impl Eq for Wallet {}

impl fmt::Debug for Wallet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Wallet({})", self.address())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_key_has_its_published_address() {
        // The first account of every "test test … junk" mnemonic.
        let secret = alloy_primitives::hex!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
        let wallet = Wallet::from_secret(secret).expect("a valid key");
        assert_eq!(wallet.address().to_string(), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    }

    #[test]
    fn wallets_of_a_seed_are_the_same_every_time_and_debug_hides_secrets() {
        let (first, again) = (Wallet::many(7, 0, 3).expect("wallets"), Wallet::many(7, 0, 3).expect("wallets"));
        assert_eq!(first, again);
        let (secret, l1) = first[0].secrets();
        assert_eq!(Wallet::from_secrets(secret, l1).expect("back"), first[0]);
        assert!(!format!("{:?}", first[0]).contains(&hex::encode(secret)));
    }
}
