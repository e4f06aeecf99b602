//! What a chain's anchor says on the tangle.

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};

use crate::FeePolicy;

/// The state metadata of a chain's alias output: it commits to the chain's blocks up to a height.
///
/// Layout, numbers little-endian: version (1 byte, 1) ‖ height (8) ‖ block hash (32) ‖ gas (8) ‖ tokens (8) ‖ validator fee
/// share (1) ‖ public URL (the rest, UTF-8, may be empty).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorMetadata {
    /// The height of the last block it covers.
    pub height: u64,
    /// That block's hash: a keccak-256 of an Ethereum header, which commits to all of the chain's state.
    pub block_hash: B256,
    /// What gas costs.
    pub fees: FeePolicy,
    /// Where the chain can be reached, if it says so.
    pub url: String,
}

impl AnchorMetadata {
    /// The version this code writes.
    pub const VERSION: u8 = 1;

    /// The bytes of the state metadata.
    pub fn to_bytes(&self) -> Vec<u8> {
        [
            [Self::VERSION].as_slice(),
            &self.height.to_le_bytes(),
            self.block_hash.as_slice(),
            &self.fees.gas.to_le_bytes(),
            &self.fees.tokens.to_le_bytes(),
            &[self.fees.validator_fee_share],
            self.url.as_bytes(),
        ]
        .concat()
    }

    /// Reads state metadata; none if it is not an anchor's, as that of an alias which was only just created.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[Self::VERSION])?;
        let (height, rest) = rest.split_first_chunk::<8>()?;
        let (hash, rest) = rest.split_first_chunk::<32>()?;
        let (gas, rest) = rest.split_first_chunk::<8>()?;
        let (tokens, rest) = rest.split_first_chunk::<8>()?;
        let (share, url) = rest.split_first()?;
        Some(Self {
            height: u64::from_le_bytes(*height),
            block_hash: (*hash).into(),
            fees: FeePolicy {
                gas: u64::from_le_bytes(*gas),
                tokens: u64::from_le_bytes(*tokens),
                validator_fee_share: *share,
            },
            url: String::from_utf8(url.to_vec()).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_reads_back_as_it_was_written_and_nothing_else_does() {
        let anchor = AnchorMetadata {
            height: 7,
            block_hash: B256::repeat_byte(3),
            fees: FeePolicy::default(),
            url: "https://chain.example".into(),
        };
        let bytes = anchor.to_bytes();
        assert_eq!(AnchorMetadata::from_bytes(&bytes), Some(anchor));
        assert_eq!(AnchorMetadata::from_bytes(&[]), None);
        assert_eq!(bytes.get(..57).and_then(AnchorMetadata::from_bytes), None);
    }
}
