//! Contract and entry point names, hashed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::blake2b256;

/// The name of a contract or entry point as a number: the first non-zero 4-byte little-endian group of BLAKE2b-256(name).
///
/// Printed as eight hexadecimal digits; `root` is `cebf5908`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Hname(pub u32);

impl Hname {
    /// The reserved name of nothing: a request that only carries assets targets it.
    pub const NIL: Hname = Hname(0);

    /// The hashed form of `name`.
    pub fn of(name: &str) -> Hname {
        blake2b256(name)
            .chunks_exact(4)
            .filter_map(|group| group.try_into().ok())
            .map(u32::from_le_bytes)
            .find(|group| *group != 0)
            .map_or(Hname(1), Hname)
    }

    /// Four bytes, little-endian, as they stand in encodings.
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }
}

impl fmt::Display for Hname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for Hname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hname({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_has_its_published_name() {
        assert_eq!(Hname::of("root").to_string(), "cebf5908");
    }
}
