//! TIP-14's published vectors: the signatures on which Ed25519 implementations disagree.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde::Deserialize;
use vespiary_crypto::{Ed25519PublicKey, Ed25519Signature};
use vespiary_types::L1Address;

#[derive(Deserialize)]
struct Vector {
    address: String,
    message: String,
    pub_key: String,
    signature: String,
    valid: bool,
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// A vector is valid if the key is the address's and its signature holds. In one of them the address is that of another
/// encoding of the same point: the hash is over the bytes that were given, never over a canonical form.
#[test]
fn every_published_signature_is_judged_as_published() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("vectors/tip14-ed25519.json")).unwrap();
    assert_eq!(vectors.len(), 12);
    for (index, vector) in vectors.into_iter().enumerate() {
        let key = Ed25519PublicKey(bytes(&vector.pub_key));
        let owns = L1Address::from_bytes(&hex::decode(&vector.address).unwrap()) == Ok(key.address());
        let verdict = key.verify(&hex::decode(&vector.message).unwrap(), &Ed25519Signature(bytes(&vector.signature)));
        assert_eq!(owns && verdict.is_ok(), vector.valid, "vector {index}: owns {owns}, {verdict:?}");
    }
}
