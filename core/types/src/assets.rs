//! What an agent owns.

use alloy_primitives::U256;
use serde::{Deserialize, Serialize};

/// Assets on a chain. Native tokens and NFTs get their fields when chains learn them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Assets {
    /// Base tokens in wei (10⁻¹⁸ token).
    pub base_tokens: U256,
}

impl Assets {
    /// Only base tokens, in wei.
    pub const fn base(base_tokens: U256) -> Self {
        Self { base_tokens }
    }

    /// True if there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.base_tokens.is_zero()
    }
}
