//! The border between the tangle's six decimals and a chain's eighteen.

use alloy_primitives::U256;

/// Wei in one base token's smallest L1 unit: 10¹⁸⁻⁶.
pub const WEI_PER_BASE_TOKEN: U256 = U256::from_limbs([1_000_000_000_000, 0, 0, 0]);

/// L1 base tokens (six decimals) as wei (eighteen).
pub fn tokens_to_wei(tokens: u64) -> U256 {
    U256::from(tokens) * WEI_PER_BASE_TOKEN
}

/// Wei as whole L1 base tokens, and the wei that floor away and stay with the sender; `None` if the tokens do not fit 64 bits.
pub fn wei_to_tokens(wei: U256) -> Option<(u64, U256)> {
    let (tokens, rest) = wei.div_rem(WEI_PER_BASE_TOKEN);
    Some((tokens.try_into().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_floors_away_is_handed_back() {
        let wei = tokens_to_wei(5) + U256::from(17);
        assert_eq!(wei_to_tokens(wei), Some((5, U256::from(17))));
        assert_eq!(wei_to_tokens(U256::MAX), None);
    }
}
