//! Tries against alloy-trie's hash builder, on keys that make what hashed keys never do: long extensions, late forks, inline nodes.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use alloy_trie::proof::verify_proof;
use alloy_trie::{HashBuilder, Nibbles};
use proptest::prelude::*;

use super::{Change, Join, Leaf, Trie, sequential};

#[derive(Clone)]
struct Entry {
    key: B256,
    value: Vec<u8>,
}

impl Leaf for Entry {
    fn key(&self) -> &B256 {
        &self.key
    }

    fn write_value(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.value);
    }
}

fn root_of(entries: &BTreeMap<B256, Vec<u8>>) -> B256 {
    let mut builder = HashBuilder::default();
    for (key, value) in entries {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    builder.root()
}

/// Keys that share long beginnings and fork late.
fn forked_key() -> impl Strategy<Value = B256> {
    (0usize..4, prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(0x10)], 3)).prop_map(|(place, bytes)| {
        let mut key = B256::ZERO;
        key[[0, 14, 29, 1][place]..][..3].copy_from_slice(&bytes);
        key
    })
}

fn key() -> impl Strategy<Value = B256> {
    prop_oneof![3 => forked_key(), 1 => any::<[u8; 32]>().prop_map(B256::new)]
}

type Writes = BTreeMap<B256, Option<Vec<u8>>>;

fn writes(key: impl Strategy<Value = B256>, most: usize) -> impl Strategy<Value = Writes> {
    prop::collection::btree_map(key, prop::option::weighted(0.6, prop::collection::vec(1u8.., 1..5)), 0..most)
}

fn changes(writes: &Writes) -> Vec<Change<Entry>> {
    let leaf = |key: &B256, value: &Option<Vec<u8>>| value.clone().map(|value| Entry { key: *key, value });
    writes.iter().map(|(key, value)| Change { key: *key, leaf: leaf(key, value) }).collect()
}

fn note(model: &mut BTreeMap<B256, Vec<u8>>, writes: &Writes) {
    for (key, value) in writes {
        match value {
            Some(value) => model.insert(*key, value.clone()),
            None => model.remove(key),
        };
    }
}

proptest! {
    #[test]
    fn roots_and_proofs_are_those_of_alloy_after_any_changes(
        blocks in prop::collection::vec(writes(key(), 12), 1..8),
        asked in prop::collection::vec(key(), 8),
    ) {
        let (mut trie, mut model) = (Trie::default(), BTreeMap::new());
        for block in &blocks {
            let before = (trie.clone(), trie.root());
            trie = trie.update(&changes(block), &sequential);
            note(&mut model, block);
            prop_assert_eq!(trie.root(), root_of(&model));
            prop_assert_eq!(trie.is_empty(), model.is_empty());
            prop_assert_eq!(before.0.root(), before.1, "an older version changed");
            let entries: Vec<_> =
                model.iter().map(|(key, value)| Entry { key: *key, value: value.clone() }).collect();
            prop_assert_eq!(Trie::of_sorted(&entries, &sequential).root(), trie.root());
        }
        for key in asked.iter().chain(model.keys()) {
            prop_assert_eq!(trie.get(key).map(|entry| &entry.value), model.get(key));
            let proof = trie.proof(key);
            let verified = verify_proof(trie.root(), Nibbles::unpack(key), model.get(key).cloned(), &proof);
            prop_assert!(verified.is_ok(), "{key}: {verified:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_root_does_not_depend_on_the_schedule(
        first in writes(any::<[u8; 32]>().prop_map(B256::new), 900),
        again in writes(forked_key(), 60),
        drop_every in 1usize..4,
    ) {
        let last_first = |one: &mut (dyn FnMut() + Send), two: &mut (dyn FnMut() + Send)| { two(); one(); };
        let threads = |one: &mut (dyn FnMut() + Send), two: &mut (dyn FnMut() + Send)| {
            std::thread::scope(|scope| { scope.spawn(two); one(); });
        };
        let idle = |_: &mut (dyn FnMut() + Send), _: &mut (dyn FnMut() + Send)| {};
        let removed: Writes = first.keys().step_by(drop_every).map(|key| (*key, None)).collect();
        let mut model = BTreeMap::new();
        for writes in [&first, &again, &removed] {
            note(&mut model, writes);
        }
        let joins: [Join<'_>; 4] = [&sequential, &last_first, &threads, &idle];
        for join in joins {
            let mut trie = Trie::default();
            for writes in [&first, &again, &removed] {
                trie = trie.update(&changes(writes), join);
            }
            prop_assert_eq!(trie.root(), root_of(&model));
        }
    }
}

#[test]
fn a_node_takes_one_cache_line_in_its_parent() {
    assert_eq!(size_of::<super::node::Node<std::sync::Arc<Entry>>>(), 64);
}
