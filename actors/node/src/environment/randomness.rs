//! Where keys and seeds come from.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use vespiary_crypto::Blake2b;

/// A root of randomness: every use takes a stream of its own by name, so that no use can disturb another.
#[derive(Clone)]
pub struct Randomness {
    root: [u8; 32],
}

impl Randomness {
    /// From the operating system.
    pub fn from_system() -> Result<Self, getrandom::Error> {
        let mut root = [0; 32];
        getrandom::fill(&mut root)?;
        Ok(Self { root })
    }

    /// From a number: the same for the same number, and guessable.
    pub fn from_seed(seed: u64) -> Self {
        Self { root: Blake2b::new().chain(b"vespiary/randomness").chain(&seed.to_le_bytes()).finish() }
    }

    /// From 32 bytes that were kept.
    pub fn from_root(root: [u8; 32]) -> Self {
        Self { root }
    }

    /// 32 bytes for one purpose.
    pub fn bytes(&self, purpose: &str) -> [u8; 32] {
        Blake2b::new().chain(&self.root).chain(purpose.as_bytes()).finish()
    }

    /// A number for one purpose.
    pub fn number(&self, purpose: &str) -> u64 {
        self.bytes(purpose).iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    /// An endless stream for one purpose.
    pub fn stream(&self, purpose: &str) -> ChaCha12Rng {
        ChaCha12Rng::from_seed(self.bytes(purpose))
    }

    /// What a child (a chain, the tangle) takes its own streams from.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        Self { root: self.bytes(&format!("child/{name}")) }
    }

    /// The bytes to keep, secret.
    pub fn root(&self) -> &[u8; 32] {
        &self.root
    }
}

impl std::fmt::Debug for Randomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Randomness(…)")
    }
}
