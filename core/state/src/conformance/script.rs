//! Random lives of a chain: blocks, rewinds and reopenings over few keys, so that everything is overwritten, removed and made anew.

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use proptest::prelude::*;

use crate::{Account, AccountChange, Changes};

/// What happens to the chain next.
#[derive(Debug, Clone)]
pub enum Step {
    /// A block with these changes.
    Block(Changes),
    /// Back by some blocks.
    Rewind(u64),
    /// The store is closed and opened again.
    Reopen,
}

/// The addresses in a script.
pub fn addresses() -> Vec<Address> {
    (1..=4).map(Address::repeat_byte).collect()
}

/// The slots in a script.
pub fn slots() -> Vec<B256> {
    [0, 1, 2, 0xff].map(B256::repeat_byte).to_vec()
}

/// The native keys in a script: beginnings of each other, zeros and 0xff at their ends.
pub fn native_keys() -> Vec<Bytes> {
    let keys: [&[u8]; 10] =
        [b"", b"a", b"a\0", b"a\0\0", b"a\0\xff", b"a\xff", b"ab", b"\0\0\0\0\0\0\0\0\x01", b"\xff", b"\xff\xff"];
    keys.map(Bytes::from_static).to_vec()
}

fn code(number: u8) -> Bytes {
    Bytes::from(vec![number; 5])
}

fn account() -> impl Strategy<Value = Account> {
    (0u64..3, 0u64..3, prop::option::weighted(0.3, 1u8..4)).prop_map(|(nonce, balance, number)| Account {
        nonce,
        balance: U256::from(balance),
        code_hash: number.map_or(KECCAK256_EMPTY, |number| keccak256(code(number))),
    })
}

fn value() -> impl Strategy<Value = B256> {
    prop_oneof![Just(B256::ZERO), Just(B256::with_last_byte(9)), Just(B256::repeat_byte(9))]
}

fn account_change() -> impl Strategy<Value = AccountChange> {
    let storage = prop::collection::btree_map(prop::sample::select(slots()), value(), 0..4);
    (prop::option::weighted(0.85, account()), prop::bool::weighted(0.15), storage)
        .prop_map(|(account, storage_cleared, storage)| AccountChange { account, storage_cleared, storage })
}

/// Any changes of a block.
pub fn changes() -> impl Strategy<Value = Changes> {
    let native = prop::option::weighted(0.7, prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from));
    (
        prop::collection::btree_map(prop::sample::select(addresses()), account_change(), 0..4),
        prop::collection::btree_map(prop::sample::select(native_keys()), native, 0..5),
    )
        .prop_map(|(accounts, native)| {
            let codes = (1..4).map(|number| (keccak256(code(number)), code(number)));
            let used = |hash: &B256| {
                accounts.values().any(|change| change.account.is_some_and(|account| account.code_hash == *hash))
            };
            let code = codes.filter(|(hash, _)| used(hash)).collect();
            Changes { accounts, code, native }
        })
}

/// A life.
pub fn script() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        10 => changes().prop_map(Step::Block),
        1 => (1u64..5).prop_map(Step::Rewind),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..14)
}
