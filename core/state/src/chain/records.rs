//! How single values are written; whatever does not read back is named as damaged.

use alloy_primitives::{B256, KECCAK256_EMPTY, U256};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Head;
use crate::{Account, StoreError};

pub(super) fn damaged(what: impl Into<String>, reason: impl Into<String>) -> StoreError {
    StoreError::Damaged { what: what.into(), reason: reason.into() }
}

/// Removes the first `count` bytes from the front.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (front, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(front)
}

/// Nonce and balance without leading zeros, each after its length, then the code hash if there is code.
pub(super) fn account_bytes(account: &Account) -> Vec<u8> {
    let nonce = account.nonce.to_be_bytes();
    let balance: [u8; 32] = account.balance.to_be_bytes();
    let mut bytes = Vec::with_capacity(48);
    for number in [trimmed(&nonce), trimmed(&balance)] {
        bytes.push(u8::try_from(number.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(number);
    }
    if account.code_hash != KECCAK256_EMPTY {
        bytes.extend_from_slice(account.code_hash.as_slice());
    }
    bytes
}

pub(super) fn account_from(mut bytes: &[u8]) -> Option<Account> {
    let mut number = |longest: usize| {
        let length = usize::from(*take(&mut bytes, 1)?.first()?);
        if length > longest { None } else { U256::try_from_be_slice(take(&mut bytes, length)?) }
    };
    let (nonce, balance) = (number(8)?, number(32)?);
    let code_hash = match bytes.len() {
        0 => KECCAK256_EMPTY,
        _ => B256::try_from(bytes).ok()?,
    };
    Some(Account { nonce: nonce.try_into().ok()?, balance, code_hash })
}

/// A number without its leading zeros.
pub(super) fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

pub(super) fn slot_from(bytes: &[u8]) -> Option<B256> {
    (bytes.len() <= 32).then(|| B256::left_padding_from(bytes))
}

/// The head, and the oldest height whose state is retained: 56 bytes.
pub(super) fn head_bytes(head: &Head, oldest: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(56);
    for number in [head.height, head.time_ms, oldest] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend_from_slice(head.hash.as_slice());
    bytes
}

pub(super) fn head_from(mut bytes: &[u8]) -> Option<(Head, u64)> {
    let mut number = || Some(u64::from_be_bytes(take(&mut bytes, 8)?.try_into().ok()?));
    let (height, time_ms, oldest) = (number()?, number()?, number()?);
    let hash = B256::try_from(bytes).ok()?;
    Some((Head { height, hash, time_ms }, oldest))
}

/// A height and an index: where a request stands.
pub(super) fn place_bytes(height: u64, index: u32) -> [u8; 12] {
    let mut bytes = [0; 12];
    let (front, back) = bytes.split_at_mut(8);
    front.copy_from_slice(&height.to_be_bytes());
    back.copy_from_slice(&index.to_be_bytes());
    bytes
}

pub(super) fn place_from(bytes: &[u8]) -> Option<(u64, u32)> {
    let (height, index) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*height), u32::from_be_bytes(index.try_into().ok()?)))
}

/// The value before a change: a byte that tells whether there was one, then the value.
pub(super) fn previous_bytes(value: Option<&[u8]>) -> Vec<u8> {
    match value {
        None => vec![0],
        Some(value) => [&[1], value].concat(),
    }
}

/// What [`previous_bytes`] wrote.
pub(super) fn previous_from(bytes: &[u8]) -> Result<Option<&[u8]>, StoreError> {
    match bytes.split_first() {
        Some((0, [])) => Ok(None),
        Some((1, value)) => Ok(Some(value)),
        _ => Err(damaged("history", "an entry begins with neither 0 nor 1")),
    }
}

/// Serialized values in one record.
pub(super) fn to_record(value: &(impl Serialize + ?Sized)) -> Vec<u8> {
    // Postcard fails only on values without a known length, and none of ours lacks it.
    postcard::to_stdvec(value).expect("values of blocks are sized, so postcard can always write them")
}

pub(super) fn from_record<T: DeserializeOwned>(bytes: &[u8], what: impl Fn() -> String) -> Result<T, StoreError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(damaged(what(), format!("{} bytes are left over", rest.len()))),
        Err(error) => Err(damaged(what(), error.to_string())),
    }
}

/// Items a record holds at most: one item is read without reading a whole block, and a block needs few writes.
pub(super) const RUN: usize = 64;

/// Items one behind the other: their count, the end of each (both in four bytes), then the bytes.
pub(super) fn run_bytes<T: Serialize>(items: &[T]) -> Vec<u8> {
    let (mut ends, mut bytes) = (Vec::with_capacity(items.len()), Vec::new());
    for item in items {
        bytes.extend(to_record(item));
        ends.push(bytes.len());
    }
    let mut run = Vec::with_capacity(4 + 4 * ends.len() + bytes.len());
    for number in std::iter::once(ends.len()).chain(ends) {
        run.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
    }
    run.extend(bytes);
    run
}

/// The bytes of the item at a place of a run; none if there are fewer. The error says why the run does not read.
pub(super) fn run_item(mut run: &[u8], index: usize) -> Result<Option<&[u8]>, &'static str> {
    const REASON: &str = "a run of them does not add up";
    fn number(bytes: &mut &[u8]) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(take(bytes, 4)?.try_into().ok()?)).ok()
    }
    let count = number(&mut run).ok_or(REASON)?;
    let mut ends = count.checked_mul(4).and_then(|length| take(&mut run, length)).ok_or(REASON)?;
    if index >= count {
        return Ok(None);
    }
    let start = match index.checked_sub(1) {
        None => 0,
        Some(before) => {
            take(&mut ends, before * 4).ok_or(REASON)?;
            number(&mut ends).ok_or(REASON)?
        }
    };
    let end = number(&mut ends).ok_or(REASON)?;
    run.get(start..end).map(Some).ok_or(REASON)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn accounts_read_back_as_written(nonce: u64, balance: [u8; 32], code: Option<[u8; 32]>) {
            let code_hash = code.map_or(KECCAK256_EMPTY, B256::new);
            let account = Account { nonce, balance: U256::from_be_bytes(balance), code_hash };
            prop_assert_eq!(account_from(&account_bytes(&account)), Some(account));
        }

        #[test]
        fn damaged_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), index in 0usize..70) {
            let _ = account_from(&bytes);
            let _ = slot_from(&bytes);
            let _ = head_from(&bytes);
            let _ = place_from(&bytes);
            let _ = previous_from(&bytes);
            let _ = run_item(&bytes, index);
        }

        #[test]
        fn every_item_of_a_run_is_found(items in prop::collection::vec(any::<Vec<u8>>(), 0..RUN)) {
            let run = run_bytes(&items);
            for (index, item) in items.iter().enumerate() {
                let found = run_item(&run, index).expect("whole").expect("there");
                prop_assert_eq!(&from_record::<Vec<u8>>(found, || "item".into()).expect("reads"), item);
            }
            prop_assert_eq!(run_item(&run, items.len()), Ok(None));
        }
    }
}
