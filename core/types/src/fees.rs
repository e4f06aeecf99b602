//! What gas costs.

use alloy_primitives::U256;
use serde::{Deserialize, Serialize};

use crate::WEI_PER_BASE_TOKEN;

/// A chain's fee policy: a fixed price of gas, one integer in wei for all virtual machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeePolicy {
    /// Gas units bought by `tokens` base tokens (the A of A:B); 0:0 is a free chain.
    pub gas: u64,
    /// Base tokens in their smallest L1 unit (the B of A:B).
    pub tokens: u64,
    /// Percent of the base fee that goes to the proposer; the rest goes to the chain's owner.
    pub validator_fee_share: u8,
}

/// Why a fee policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FeePolicyError {
    /// Only one side of the ratio is zero.
    #[error("gas per token {gas}:{tokens} has one zero: use 0:0 for a free chain, or two positive numbers")]
    HalfZero {
        /// The A side.
        gas: u64,
        /// The B side.
        tokens: u64,
    },
    /// A price that a block header cannot carry.
    #[error(
        "gas per token {gas}:{tokens} makes gas dearer than 2^64 wei, which Ethereum's baseFeePerGas cannot hold: lower the second number"
    )]
    Price {
        /// The A side.
        gas: u64,
        /// The B side.
        tokens: u64,
    },
    /// More than everything.
    #[error("validator_fee_share is a percentage, not {0}")]
    Share(u8),
}

impl Default for FeePolicy {
    /// 100 gas for one millionth of a token (10 gwei a gas unit), half of it to the proposer.
    fn default() -> Self {
        Self { gas: 100, tokens: 1, validator_fee_share: 50 }
    }
}

impl FeePolicy {
    /// A chain without fees.
    pub const FREE: FeePolicy = FeePolicy { gas: 0, tokens: 0, validator_fee_share: 0 };

    /// Checks the ratio and the share.
    pub fn validate(&self) -> Result<(), FeePolicyError> {
        if (self.gas == 0) != (self.tokens == 0) {
            return Err(FeePolicyError::HalfZero { gas: self.gas, tokens: self.tokens });
        }
        if u64::try_from(self.price_wei()).is_err() {
            return Err(FeePolicyError::Price { gas: self.gas, tokens: self.tokens });
        }
        if self.validator_fee_share > 100 {
            return Err(FeePolicyError::Share(self.validator_fee_share));
        }
        Ok(())
    }

    /// Wei for one gas unit: ⌈10¹² · tokens / gas⌉, the block's `baseFeePerGas`. 0 on a free chain.
    pub fn price_wei(&self) -> U256 {
        if self.gas == 0 {
            return U256::ZERO;
        }
        (WEI_PER_BASE_TOKEN * U256::from(self.tokens)).div_ceil(U256::from(self.gas))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_rounds_up_and_a_free_chain_costs_nothing() {
        assert_eq!(FeePolicy::default().price_wei(), U256::from(10_000_000_000_u64));
        let odd = FeePolicy { gas: 3, tokens: 1, validator_fee_share: 0 };
        assert_eq!(odd.price_wei(), U256::from(333_333_333_334_u64));
        assert_eq!(FeePolicy::FREE.price_wei(), U256::ZERO);
    }

    #[test]
    fn half_a_ratio_is_refused() {
        let half = FeePolicy { gas: 0, tokens: 1, validator_fee_share: 0 };
        assert!(matches!(half.validate(), Err(FeePolicyError::HalfZero { .. })));
    }

    #[test]
    fn a_price_beyond_a_headers_64_bits_is_refused() {
        let dear = FeePolicy { gas: 1, tokens: 18_446_745, validator_fee_share: 0 };
        assert!(matches!(dear.validate(), Err(FeePolicyError::Price { .. })));
        assert_eq!(FeePolicy { tokens: 18_446_744, ..dear }.validate(), Ok(()));
    }
}
