//! What a transaction costs before it runs (yellow paper §6.2, EIP-2028, EIP-2930, EIP-3860).

use alloy_eips::eip2930::AccessList;
use vespiary_types::Fork;

/// Any transaction.
pub(crate) const TRANSACTION: u64 = 21_000;
const CREATION: u64 = 32_000;
const ZERO_BYTE: u64 = 4;
const BYTE: u64 = 16;
const ADDRESS: u64 = 2_400;
const SLOT: u64 = 1_900;
const INIT_CODE_WORD: u64 = 2;

/// The gas of a transaction with this input. Saturates: an input too long for 64 bits of gas cannot be paid for.
pub(crate) fn gas(fork: Fork, creates: bool, input: &[u8], access_list: &AccessList) -> u64 {
    let count = |length: usize, price: u64| u64::try_from(length).unwrap_or(u64::MAX).saturating_mul(price);
    let zeros = input.iter().fold(0, |zeros, byte| zeros + usize::from(*byte == 0));
    let slots = access_list.0.iter().map(|item| item.storage_keys.len()).sum();
    let creation = if creates { CREATION } else { 0 };
    let init_code = if creates && fork >= Fork::Shanghai { count(input.len().div_ceil(32), INIT_CODE_WORD) } else { 0 };
    [
        creation,
        init_code,
        count(zeros, ZERO_BYTE),
        count(input.len() - zeros, BYTE),
        count(access_list.0.len(), ADDRESS),
        count(slots, SLOT),
    ]
    .into_iter()
    .fold(TRANSACTION, u64::saturating_add)
}
