//! BLAKE2b-256 (RFC 7693) over pieces; over one slice it is `vespiary_types::blake2b256`, shown here again.

use blake2::{Blake2b256, Digest};

/// BLAKE2b-256 over pieces, for what would otherwise be copied together first.
#[derive(Clone, Default)]
pub struct Blake2b(Blake2b256);

impl Blake2b {
    /// A hash of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `data` behind what is there.
    #[must_use]
    pub fn chain(mut self, data: &[u8]) -> Self {
        self.0.update(data);
        self
    }

    /// The hash of everything added.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::Blake2b;
    use crate::blake2b256;

    #[test]
    fn the_hash_of_nothing_is_the_published_one() {
        let published = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
        assert_eq!(hex::encode(blake2b256(b"")), published);
    }

    #[test]
    fn pieces_hash_like_the_whole() {
        assert_eq!(Blake2b::new().chain(b"ab").chain(b"c").finish(), blake2b256(b"abc"));
    }
}
