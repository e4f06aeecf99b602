//! One key that a committee holds together: what it signs is an ordinary Ed25519 signature to everyone else.
//!
//! A [`GroupSigner`] does no I/O. It is started with a digest, says what to send, is fed what arrives, and in the end holds
//! the signature:
//!
//! ```text
//! start(digest) ──► Step::Working { outgoing } ── receive(digest, from, message) ──► … ──► Step::Signed(signature)
//!                        ▲                                                   │
//!                        └──────────── exclude(digest, silent) ◄── the caller's timer
//! ```
//!
//! A committee of one ([`SoloSigner`]) is a plain key and answers `Signed` from `start`. FROST (RFC 9591) fits the same
//! three calls: commitments are made ahead and travel on votes, so `start` answers `Working` with this member's share,
//! `receive` checks each share against its commitment and names a liar by [`Step::Faulty`], and `exclude` begins again
//! with a subset that leaves out the silent (ROAST). Nonces live in the signer, in memory only; a digest is started again
//! with fresh ones after a restart. The caller keeps the durable record that no two digests are signed for one anchor.

use serde::{Deserialize, Serialize};

use crate::{Ed25519KeyPair, Ed25519PublicKey, Ed25519Signature};

/// A member's place in the committee, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SignerIndex(pub u16);

/// Who an outgoing message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// Every other member.
    All,
    /// One member.
    One(SignerIndex),
}

/// A message of the signing protocol. The caller adds chain, epoch and authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Whom to send it to.
    pub to: Recipient,
    /// Opaque to everyone but a [`GroupSigner`].
    pub message: Vec<u8>,
}

/// Where a signature stands after a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Not enough has arrived; send these.
    Working {
        /// What to send, possibly nothing.
        outgoing: Vec<Outgoing>,
    },
    /// A member sent something provably wrong. The signature goes on without it.
    Faulty {
        /// Who it was.
        signer: SignerIndex,
        /// What to send.
        outgoing: Vec<Outgoing>,
    },
    /// The group's signature over the digest, already verified.
    Signed(Ed25519Signature),
}

/// A key held by n members, of whom a quorum signs.
pub trait GroupSigner: Send {
    /// The group's key: the state controller of its chain's alias.
    fn public_key(&self) -> Ed25519PublicKey;

    /// Begins, or resumes, signing a 32-byte digest (BLAKE2b-256 of a transaction essence).
    fn start(&mut self, digest: [u8; 32]) -> Step;

    /// Takes a message of member `from`. One for a digest that was not started here is kept by no one: it is sent again.
    fn receive(&mut self, digest: [u8; 32], from: SignerIndex, message: &[u8]) -> Step;

    /// Goes on without members who have not answered in time.
    fn exclude(&mut self, digest: [u8; 32], silent: &[SignerIndex]) -> Step;
}

/// A group of one: a plain Ed25519 key (threshold schemes refuse 1 of 1).
#[derive(Debug, Clone)]
pub struct SoloSigner(Ed25519KeyPair);

impl SoloSigner {
    /// The group whose only member holds `key`.
    pub const fn new(key: Ed25519KeyPair) -> Self {
        Self(key)
    }
}

impl GroupSigner for SoloSigner {
    fn public_key(&self) -> Ed25519PublicKey {
        self.0.public_key()
    }

    fn start(&mut self, digest: [u8; 32]) -> Step {
        Step::Signed(self.0.sign(&digest))
    }

    fn receive(&mut self, digest: [u8; 32], _from: SignerIndex, _message: &[u8]) -> Step {
        self.start(digest)
    }

    fn exclude(&mut self, digest: [u8; 32], _silent: &[SignerIndex]) -> Step {
        self.start(digest)
    }
}
