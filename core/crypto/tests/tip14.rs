//! TIP-14's published vectors: the signatures on which Ed25519 implementations disagree.

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

#[test]
fn every_published_signature_is_judged_as_published() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("vectors/tip14-ed25519.json")).unwrap();
    assert_eq!(vectors.len(), 12);
    for vector in vectors {
        let key = Ed25519PublicKey(bytes(&vector.pub_key));
        let signature = Ed25519Signature(bytes(&vector.signature));
        let verdict = key.verify(&hex::decode(&vector.message).unwrap(), &signature);
        assert_eq!(verdict.is_ok(), vector.valid, "{}: {verdict:?}", vector.message);
        assert_eq!(key.address(), L1Address::from_bytes(&hex::decode(&vector.address).unwrap()).unwrap());
    }
}
