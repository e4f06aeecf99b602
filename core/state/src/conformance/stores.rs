//! The guarantees of a store.
#![expect(missing_docs, reason = "a guarantee is documented by its name")]

use std::ops::{Bound, ControlFlow};
use std::sync::atomic::{AtomicBool, Ordering};

use super::NewPlace;
use crate::{Batch, Direction, KeyRange, MAX_KEY_BYTES, Store, StoreError, Table};

fn put(store: &dyn Store, table: Table, entries: &[(&[u8], &[u8])]) {
    let mut batch = Batch::new();
    for (key, value) in entries {
        batch.put(table, *key, *value);
    }
    store.commit(batch).unwrap();
}

fn keys(store: &dyn Store, range: &KeyRange, direction: Direction) -> Vec<Vec<u8>> {
    let rows = store.collect(Table::State, range, direction, usize::MAX).unwrap();
    rows.into_iter().map(|(key, _)| key).collect()
}

const KEYS: [&[u8]; 9] = [&[0], &[0, 0], &[0, 1], &[1], &[1, 0xff], &[1, 0xff, 0], &[2], &[0xff], &[0xff, 0xff]];

pub fn scans_are_ordered_both_ways(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    for key in [5, 2, 7, 0, 8, 1, 3, 6, 4] {
        put(store.as_ref(), Table::State, &[(KEYS[key], &[1])]);
    }
    let everything = KeyRange::prefix(&[]);
    assert_eq!(keys(store.as_ref(), &everything, Direction::Forward), KEYS);
    let mut backward = keys(store.as_ref(), &everything, Direction::Backward);
    backward.reverse();
    assert_eq!(backward, KEYS);
}

pub fn a_range_has_its_ends_as_said(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    put(store.as_ref(), Table::State, &KEYS.map(|key| (key, [9].as_slice())));
    let both_ends = KeyRange::inclusive(vec![0, 1], vec![2]);
    assert_eq!(keys(store.as_ref(), &both_ends, Direction::Forward), KEYS[2..=6]);
    let half_open = KeyRange { start: vec![0, 1], end: Bound::Excluded(vec![2]) };
    assert_eq!(keys(store.as_ref(), &half_open, Direction::Forward), KEYS[2..6]);
    for empty in [
        KeyRange::inclusive(vec![2], vec![1]),
        KeyRange { start: vec![1], end: Bound::Excluded(vec![1]) },
        KeyRange::prefix(&[3]),
    ] {
        assert!(keys(store.as_ref(), &empty, Direction::Forward).is_empty());
        assert!(keys(store.as_ref(), &empty, Direction::Backward).is_empty());
    }
}

pub fn a_prefix_reaches_to_its_last_key_even_at_0xff(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    put(store.as_ref(), Table::State, &KEYS.map(|key| (key, [9].as_slice())));
    for prefix in [&[][..], &[0], &[1], &[1, 0xff], &[0xff], &[0xff, 0xff], &[4]] {
        let expected: Vec<_> = KEYS.into_iter().filter(|key| key.starts_with(prefix)).collect();
        assert_eq!(keys(store.as_ref(), &KeyRange::prefix(prefix), Direction::Forward), expected);
    }
}

pub fn tables_do_not_mix(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    for table in Table::ALL {
        put(store.as_ref(), table, &[(b"key", table.name().as_bytes())]);
    }
    for table in Table::ALL {
        assert_eq!(store.get(table, b"key").unwrap().as_deref(), Some(table.name().as_bytes()));
    }
}

pub fn the_last_write_of_a_batch_counts(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    put(store.as_ref(), Table::State, &[(b"removed", b"1"), (b"kept", b"1")]);
    let mut batch = Batch::new();
    batch.put(Table::State, *b"removed", *b"2");
    batch.delete(Table::State, *b"removed");
    batch.delete(Table::State, *b"kept");
    batch.put(Table::State, *b"kept", *b"2");
    batch.delete(Table::State, *b"never there");
    batch.put(Table::State, *b"empty value", []);
    assert_eq!(batch.len(), 4);
    store.commit(batch).unwrap();
    assert_eq!(store.get(Table::State, b"removed").unwrap(), None);
    assert_eq!(store.get(Table::State, b"kept").unwrap(), Some(b"2".to_vec()));
    assert_eq!(store.get(Table::State, b"empty value").unwrap(), Some(Vec::new()));
    store.commit(Batch::new()).unwrap();
}

pub fn a_scan_ends_when_told(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    put(store.as_ref(), Table::State, &KEYS.map(|key| (key, [9].as_slice())));
    let mut seen = 0;
    store
        .scan(Table::State, &KeyRange::prefix(&[]), Direction::Forward, &mut |_, _| {
            seen += 1;
            if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(seen, 3);
    assert_eq!(store.collect(Table::State, &KeyRange::prefix(&[]), Direction::Forward, 0).unwrap(), Vec::new());
}

pub fn what_was_written_is_there_after_reopening(place: NewPlace<'_>) {
    let place = place();
    let large = vec![7; 300_000];
    {
        let store = place.open();
        put(store.as_ref(), Table::State, &[(b"a", b"1"), (b"b", b"2"), (b"large", &large)]);
        store.persist().unwrap();
        let mut batch = Batch::new();
        batch.delete(Table::State, *b"a");
        batch.put(Table::Meta, *b"c", *b"3");
        store.commit(batch).unwrap();
    }
    let store = place.open();
    assert_eq!(store.get(Table::State, b"a").unwrap(), None);
    assert_eq!(store.get(Table::State, b"b").unwrap(), Some(b"2".to_vec()));
    assert_eq!(store.get(Table::State, b"large").unwrap(), Some(large));
    assert_eq!(store.get(Table::Meta, b"c").unwrap(), Some(b"3".to_vec()));
}

pub fn unfit_keys_are_refused_and_nothing_of_their_batch_is_kept(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    put(store.as_ref(), Table::State, &[(&vec![1; MAX_KEY_BYTES], b"1")]);
    for unfit in [Vec::new(), vec![1; MAX_KEY_BYTES + 1]] {
        let mut batch = Batch::new();
        batch.put(Table::Node, *b"fit", *b"1");
        batch.put(Table::State, unfit, *b"1");
        assert!(matches!(store.commit(batch), Err(StoreError::Refused(_))));
        assert_eq!(store.get(Table::Node, b"fit").unwrap(), None);
    }
}

pub fn a_batch_is_seen_as_a_whole(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    let done = AtomicBool::new(false);
    let write = |number: u64| {
        let mut batch = Batch::new();
        for key in 0..50u8 {
            batch.put(Table::State, [key], number.to_be_bytes());
        }
        store.commit(batch).unwrap();
    };
    write(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            (1..400).for_each(write);
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) {
            let rows = store.collect(Table::State, &KeyRange::prefix(&[]), Direction::Forward, usize::MAX).unwrap();
            assert_eq!(rows.len(), 50);
            assert!(rows.windows(2).all(|pair| pair[0].1 == pair[1].1), "half a batch was seen");
            // What the last key has, the first key has too, or newer: batches become visible in order.
            let number = |key: u8| store.get(Table::State, &[key]).unwrap();
            let last = number(49);
            assert!(number(0) >= last, "a batch became visible from its end");
        }
    });
}
