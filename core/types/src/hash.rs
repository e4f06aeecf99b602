//! BLAKE2b-256, the tangle's hash.

use blake2::{Blake2b256, Digest};

/// BLAKE2b with a 32-byte digest (RFC 7693), the hash of every identifier on the tangle.
pub fn blake2b256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    Blake2b256::digest(bytes.as_ref()).into()
}
