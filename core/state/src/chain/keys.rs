//! Where everything of a chain stands in the tables.
//!
//! ```text
//! State    prefix ‖ a ‖ address | s ‖ address ‖ slot | c ‖ code hash | n ‖ native key
//! History  prefix ‖ a ‖ address | s ‖ address ‖ slot | n ‖ escaped native key, each ‖ height   → value before that height
//!          prefix ‖ u ‖ height                                                             → the keys changed at that height
//! Blocks   prefix ‖ h | b | q | r ‖ height (‖ run)                                         → header, record, requests, receipts
//! Index    prefix ‖ h ‖ block hash | t ‖ transaction hash | r ‖ request id
//! Meta     prefix ‖ c → chain id | h → head | m ‖ key
//! ```
//! Numbers are big-endian, so that their order is that of the keys.

use alloy_primitives::{Address, B256};
use vespiary_types::{ChainId, RequestId};

/// The first bytes of a chain's id: short keys are fast keys. That two chains of a node never share them is checked at opening.
pub(super) type Prefix = [u8; 8];

pub(super) fn prefix_of(chain: &ChainId) -> Prefix {
    chain.as_bytes().first_chunk().copied().unwrap_or_default()
}

pub(super) const ACCOUNT: u8 = b'a';
pub(super) const SLOT: u8 = b's';
pub(super) const CODE: u8 = b'c';
pub(super) const NATIVE: u8 = b'n';
pub(super) const UNDO: u8 = b'u';
pub(super) const HEADER: u8 = b'h';
pub(super) const RECORD: u8 = b'b';
pub(super) const REQUESTS: u8 = b'q';
pub(super) const RECEIPTS: u8 = b'r';
pub(super) const HASH: u8 = b'h';
pub(super) const TRANSACTION: u8 = b't';
pub(super) const REQUEST: u8 = b'r';
pub(super) const CHAIN: u8 = b'c';
pub(super) const HEAD: u8 = b'h';
pub(super) const META: u8 = b'm';

/// prefix ‖ kind ‖ parts.
pub(super) fn key(prefix: Prefix, kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = 9 + parts.iter().map(|part| part.len()).sum::<usize>();
    // Eight more for the height that a history key gets.
    let mut key = Vec::with_capacity(length + 8);
    key.extend_from_slice(&prefix);
    key.push(kind);
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

/// prefix ‖ kind ‖ parts, of a length known beforehand: a key on the stack, for the reads of every storage slot.
fn fixed<const LENGTH: usize>(prefix: Prefix, kind: u8, parts: [&[u8]; 2]) -> [u8; LENGTH] {
    let mut key = [0; LENGTH];
    let mut rest = key.as_mut_slice();
    for part in [&prefix, [kind].as_slice()].into_iter().chain(parts) {
        let Some((place, after)) = rest.split_at_mut_checked(part.len()) else { break };
        place.copy_from_slice(part);
        rest = after;
    }
    key
}

pub(super) fn account(prefix: Prefix, address: &Address) -> [u8; 29] {
    fixed(prefix, ACCOUNT, [address.as_slice(), &[]])
}

pub(super) fn slot(prefix: Prefix, address: &Address, slot: &B256) -> [u8; 61] {
    fixed(prefix, SLOT, [address.as_slice(), slot.as_slice()])
}

pub(super) fn native(prefix: Prefix, native: &[u8]) -> Vec<u8> {
    key(prefix, NATIVE, &[native])
}

pub(super) fn at_height(prefix: Prefix, kind: u8, height: u64) -> Vec<u8> {
    key(prefix, kind, &[&height.to_be_bytes()])
}

pub(super) fn run(prefix: Prefix, kind: u8, height: u64, run: u32) -> Vec<u8> {
    key(prefix, kind, &[&height.to_be_bytes(), &run.to_be_bytes()])
}

/// Where a request is found; an Ethereum transaction by its hash, so it is entered once.
pub(super) fn request(prefix: Prefix, id: &RequestId) -> Vec<u8> {
    match id {
        RequestId::Ethereum(hash) => key(prefix, TRANSACTION, &[hash.as_slice()]),
        other => key(prefix, REQUEST, &[&other.to_bytes()]),
    }
}

/// The history key of a state key, without the height: the same for accounts and slots; native keys, which have any length, are
/// written so that no height can be taken for a part of a longer key and their order stays.
pub(super) fn history(state_key: &[u8]) -> Vec<u8> {
    let (head, rest) = state_key.split_at_checked(9).unwrap_or((state_key, &[]));
    if head.last() != Some(&NATIVE) {
        let mut key = Vec::with_capacity(state_key.len() + 8);
        key.extend_from_slice(state_key);
        return key;
    }
    let mut key = history_prefix(state_key, rest.len() + 10);
    key.extend_from_slice(&[0, 0]);
    key
}

/// The beginning that the history keys of all state keys with this beginning share.
pub(super) fn history_prefix(state_prefix: &[u8], room: usize) -> Vec<u8> {
    let (head, rest) = state_prefix.split_at_checked(9).unwrap_or((state_prefix, &[]));
    let mut key = Vec::with_capacity(head.len() + room);
    key.extend_from_slice(head);
    if head.last() == Some(&NATIVE) {
        for &byte in rest {
            key.push(byte);
            if byte == 0 {
                key.push(u8::MAX);
            }
        }
    } else {
        key.extend_from_slice(rest);
    }
    key
}

/// The state key and the height of a history key; none if it is none.
pub(super) fn from_history(history_key: &[u8]) -> Option<(Vec<u8>, u64)> {
    let (key, height) = history_key.split_last_chunk::<8>()?;
    let height = u64::from_be_bytes(*height);
    let (head, rest) = key.split_at_checked(9)?;
    if head.last() != Some(&NATIVE) {
        return Some((key.to_vec(), height));
    }
    let mut state_key = head.to_vec();
    let mut bytes = rest.strip_suffix(&[0, 0])?.iter();
    while let Some(&byte) = bytes.next() {
        if byte == 0 && bytes.next() != Some(&u8::MAX) {
            return None;
        }
        state_key.push(byte);
    }
    Some((state_key, height))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn history_keys_keep_the_order_and_read_back(
            left in prop::collection::vec(prop_oneof![Just(0u8), Just(255), any::<u8>()], 0..12),
            right in prop::collection::vec(prop_oneof![Just(0u8), Just(255), any::<u8>()], 0..12),
            heights: (u64, u64),
        ) {
            let entry = |key: &[u8], height: u64| {
                let mut entry = history(&native([7; 8], key));
                entry.extend_from_slice(&height.to_be_bytes());
                entry
            };
            let (one, two) = (entry(&left, heights.0), entry(&right, heights.1));
            prop_assert_eq!(from_history(&one), Some((native([7; 8], &left), heights.0)));
            prop_assert_eq!(one.cmp(&two), (left.as_slice(), heights.0).cmp(&(right.as_slice(), heights.1)));
            let prefix = history_prefix(&native([7; 8], &left), 0);
            prop_assert_eq!(two.starts_with(&prefix), right.starts_with(&left));
        }
    }
}
