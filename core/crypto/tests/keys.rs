//! What keys promise: the same in every run, low s, nothing secret in a printout.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use alloy_primitives::{B256, Signature, U256, address, b256, keccak256};
use proptest::prelude::*;
use vespiary_crypto::{
    CryptoError, Ed25519KeyPair, EthereumSecret, GroupSigner, Seed, SoloSigner, Step, recover_public_key,
    recover_signer,
};

#[test]
fn the_well_known_development_key_has_its_well_known_address() {
    let secret = b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
    let secret = EthereumSecret::from_bytes(secret.0).unwrap();
    assert_eq!(secret.address(), address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"));
}

#[test]
fn rfc8032_test_two_signs_as_published() {
    let seed = b256!("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let key = Ed25519KeyPair::from_seed(&seed.0);
    let signature = key.sign(&[0x72]);
    assert!(hex::encode(signature.0).starts_with("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"));
    key.public_key().verify(&[0x72], &signature).unwrap();
}

#[test]
fn a_secret_is_never_printed() {
    let seed = Seed::from_number(7);
    let child = seed.child(0).unwrap();
    let printed = format!("{seed:?} {child:?}");
    assert!(!printed.contains(&hex::encode(child.ethereum.expose_secret())), "{printed}");
    assert!(printed.contains('…'), "{printed}");
}

#[test]
fn children_differ_by_index_domain_and_seed_and_stay_the_same() {
    let seed = Seed::from_number(1);
    assert_eq!(seed.derive("ethereum", 3), Seed::from_number(1).derive("ethereum", 3));
    assert_ne!(seed.derive("ethereum", 3), seed.derive("ethereum", 4));
    assert_ne!(seed.derive("ethereum", 3), seed.derive("ed25519", 3));
    assert_ne!(seed.derive("ethereum", 3), Seed::from_number(2).derive("ethereum", 3));
}

#[test]
fn a_group_of_one_signs_at_once_with_a_plain_key() {
    let mut group = SoloSigner::new(Ed25519KeyPair::from_seed(&[9; 32]));
    let Step::Signed(signature) = group.start([1; 32]) else { panic!("a group of one waits for nobody") };
    group.public_key().verify(&[1; 32], &signature).unwrap();
}

#[test]
fn a_signature_with_high_s_is_refused() {
    let secret = EthereumSecret::from_bytes([5; 32]).unwrap();
    let hash = keccak256(b"money");
    let signature = secret.sign_prehash(&hash);
    let order = U256::from_be_bytes(b256!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").0);
    let twin = Signature::new(signature.r(), order - signature.s(), !signature.v());
    assert_eq!(recover_signer(&hash, &twin), Err(CryptoError::HighS));
}

proptest! {
    #[test]
    fn what_is_signed_is_recovered(secret in any::<[u8; 32]>(), hash in any::<[u8; 32]>()) {
        let Ok(secret) = EthereumSecret::from_bytes(secret) else { return Ok(()) };
        let hash = B256::new(hash);
        let signature = secret.sign_prehash(&hash);
        prop_assert!(signature.normalize_s().is_none());
        prop_assert_eq!(recover_signer(&hash, &signature), Ok(secret.address()));
        let key = recover_public_key(&hash, &signature).unwrap();
        let (hashed, address) = (keccak256(key), secret.address());
        prop_assert_eq!(&hashed[12..], address.as_slice());
    }

    #[test]
    fn garbage_is_an_error_and_never_a_panic(r in any::<[u8; 32]>(), s in any::<[u8; 32]>(), parity: bool, hash in any::<[u8; 32]>()) {
        let signature = Signature::new(U256::from_be_bytes(r), U256::from_be_bytes(s), parity);
        let _ = recover_signer(&B256::new(hash), &signature);
    }
}
