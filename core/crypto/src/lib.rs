//! Keys, signatures and hashes: everything here is a pure function of its arguments.
//!
//! ```text
//! hash      BLAKE2b-256 over pieces
//! ed25519   L1 keys and ZIP-215 verification      secp256k1  Ethereum keys, signing, recovery
//!    │                                                │
//!    ├── group    one key held by a committee         │
//!    └──────────────────── wallet ────────────────────┘  both kinds of key from one seed
//! ```
//!
//! Nothing here draws randomness: whoever makes a key hands its bytes in. Secrets are wiped when dropped and print as
//! `…` under `Debug`.

mod ed25519;
mod error;
mod group;
mod hash;
mod secp256k1;
mod wallet;

pub use ed25519::{Ed25519KeyPair, Ed25519PublicKey, Ed25519Signature};
pub use error::CryptoError;
pub use group::{GroupSigner, Outgoing, Recipient, SignerIndex, SoloSigner, Step};
pub use hash::Blake2b;
pub use secp256k1::{EthereumSecret, recover_public_key, recover_signer};
pub use vespiary_types::blake2b256;
pub use wallet::{ChildKeys, Seed};
