//! What can be wrong with a key or a signature.

/// A key or signature that cannot be used. None of these pass by trying again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The bytes are not an Ed25519 public key (ZIP-215: they do not decompress to a curve point).
    #[error("{0} is not an Ed25519 public key: its bytes do not name a point of the curve")]
    PublicKey(String),
    /// The Ed25519 signature does not hold for this message and key.
    #[error("the Ed25519 signature does not match the message and the public key {0}")]
    Ed25519Signature(String),
    /// The bytes are not a secp256k1 secret: zero, or not below the order of the group.
    #[error("these 32 bytes are not an Ethereum private key: it must be between 1 and the order of secp256k1 less one")]
    EthereumSecret,
    /// The signature's s is in the upper half of the group's order (EIP-2 refuses it: every signature would have a twin).
    #[error("the signature's s value is in the upper half of the range, which EIP-2 refuses: sign with low s")]
    HighS,
    /// No public key fits this secp256k1 signature and message.
    #[error("no public key can be recovered from this secp256k1 signature: r, s or the parity is wrong")]
    Recovery,
}
