//! The keys of the Ethereum side: secp256k1 by libsecp256k1, with low s and a recovery bit (EIP-2, EIP-155's parity).

use core::fmt;
use std::sync::LazyLock;

use ::secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use ::secp256k1::{All, Message, PublicKey, Secp256k1, SecretKey};
use alloy_primitives::{Address, B256, Signature, U256, keccak256};

use crate::CryptoError;

/// The library's tables. They hold no state that a result could depend on.
static CONTEXT: LazyLock<Secp256k1<All>> = LazyLock::new(Secp256k1::new);

/// An Ethereum private key. Wiped when dropped and never printed.
#[derive(Clone)]
pub struct EthereumSecret {
    secret: SecretKey,
    address: Address,
}

impl EthereumSecret {
    /// The key whose secret scalar is these 32 bytes, big-endian.
    ///
    /// # Errors
    /// [`CryptoError::EthereumSecret`] when they are zero or not below the order of the group.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, CryptoError> {
        let secret = SecretKey::from_byte_array(bytes).map_err(|_| CryptoError::EthereumSecret)?;
        let address = address_of(&PublicKey::from_secret_key(&CONTEXT, &secret));
        Ok(Self { secret, address })
    }

    /// The Ethereum address: the last 20 bytes of keccak256 over the uncompressed public key.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Signs a 32-byte hash (RFC 6979 nonce, low s).
    pub fn sign_prehash(&self, prehash: &B256) -> Signature {
        let signature = CONTEXT.sign_ecdsa_recoverable(Message::from_digest(prehash.0), &self.secret);
        let (recovery, bytes) = signature.serialize_compact();
        let (r, s) = halves(&bytes);
        Signature::new(r, s, matches!(recovery, RecoveryId::One | RecoveryId::Three))
    }

    /// The secret scalar itself, for key files and wallets that ask for it by name.
    pub fn expose_secret(&self) -> [u8; 32] {
        self.secret.secret_bytes()
    }
}

impl Drop for EthereumSecret {
    fn drop(&mut self) {
        self.secret.non_secure_erase();
    }
}

impl fmt::Debug for EthereumSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EthereumSecret {{ address: {}, secret: … }}", self.address)
    }
}

/// The address that made `signature` over `prehash`. This is the strict rule of transactions: high s is refused (EIP-2).
///
/// # Errors
/// [`CryptoError::HighS`] or [`CryptoError::Recovery`].
pub fn recover_signer(prehash: &B256, signature: &Signature) -> Result<Address, CryptoError> {
    recover(prehash, signature).map(|key| address_of(&key))
}

/// The public key (64 bytes, without the leading 0x04) that made `signature` over `prehash`, by the rules of [`recover_signer`].
///
/// # Errors
/// [`CryptoError::HighS`] or [`CryptoError::Recovery`].
pub fn recover_public_key(prehash: &B256, signature: &Signature) -> Result<[u8; 64], CryptoError> {
    let key = recover(prehash, signature)?.serialize_uncompressed();
    key.split_first_chunk::<1>().and_then(|(_, point)| <[u8; 64]>::try_from(point).ok()).ok_or(CryptoError::Recovery)
}

fn recover(prehash: &B256, signature: &Signature) -> Result<PublicKey, CryptoError> {
    if signature.normalize_s().is_some() {
        return Err(CryptoError::HighS);
    }
    let mut compact = [0; 64];
    let (r, s) = compact.split_at_mut(32);
    r.copy_from_slice(&signature.r().to_be_bytes::<32>());
    s.copy_from_slice(&signature.s().to_be_bytes::<32>());
    let parity = if signature.v() { RecoveryId::One } else { RecoveryId::Zero };
    let signature = RecoverableSignature::from_compact(&compact, parity).map_err(|_| CryptoError::Recovery)?;
    CONTEXT.recover_ecdsa(Message::from_digest(prehash.0), &signature).map_err(|_| CryptoError::Recovery)
}

fn address_of(key: &PublicKey) -> Address {
    let uncompressed = key.serialize_uncompressed();
    let (_, point) = uncompressed.split_at(1);
    Address::from_word(keccak256(point))
}

fn halves(bytes: &[u8; 64]) -> (U256, U256) {
    let (r, s) = bytes.split_at(32);
    (U256::from_be_slice(r), U256::from_be_slice(s))
}
