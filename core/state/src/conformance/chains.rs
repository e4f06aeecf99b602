//! The guarantees of a chain in a store.
#![expect(missing_docs, reason = "a guarantee is documented by its name")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use proptest::test_runner::{Config, TestRunner};
use vespiary_types::ChainId;

use super::blocks::{CHAIN, block, extend, native};
use super::interrupted::{Interrupted, Moment};
use super::model::Model;
use super::script::{Step, addresses, native_keys, script, slots};
use super::{NewPlace, Place};
use crate::{
    Account, AccountChange, Batch, ChainState, Changes, Committed, Direction, Extra, KeyRange, Overlay,
    RewindPermission, StateView, StoreError, Table, sequential,
};

fn chain(place: &dyn Place) -> ChainState {
    ChainState::open(place.open(), CHAIN).unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>, reason: &str) {
    match result {
        Err(StoreError::Refused(message)) => assert!(message.contains(reason), "{message}"),
        other => panic!("not refused: {other:?}"),
    }
}

pub fn a_block_reads_back_whole_and_by_its_parts(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    assert_eq!(chain.head(), None);
    assert_eq!(chain.block(0).unwrap(), None);
    let genesis = extend(&chain, &native(b"k", b"v"), 0, 0, Extra::new()).unwrap();
    // More than two runs of requests.
    let block = extend(&chain, &native(b"k", b"w"), 150, 0, Extra::new()).unwrap();
    assert_eq!(chain.head().map(|head| (head.height, head.hash)), Some((1, block.hash)));
    assert_eq!(chain.block(0).unwrap(), Some(genesis));
    assert_eq!(chain.block(1).unwrap().as_ref(), Some(&block));
    assert_eq!(chain.block_by_hash(&block.hash).unwrap().as_ref(), Some(&block));
    assert_eq!(chain.block_by_hash(&B256::ZERO).unwrap(), None);
    assert_eq!(chain.header(1).unwrap().unwrap().into_parts(), (block.header.clone(), block.hash));
    assert_eq!(chain.record(1).unwrap().as_ref(), Some(&block.record));
    assert_eq!(chain.receipts(1).unwrap(), block.receipts);
    assert_eq!(chain.requests(1).unwrap(), block.requests);
    for index in [0, 63, 64, 127, 128, 149] {
        assert_eq!(chain.receipt(1, index).unwrap().as_ref(), block.receipts.get(index as usize));
        assert_eq!(chain.request(1, index).unwrap().as_ref(), block.requests.get(index as usize));
    }
    assert_eq!(chain.receipt(1, 150).unwrap(), None);
    assert_eq!(chain.receipt(1, 1_000).unwrap(), None);
    assert_eq!(chain.block(2).unwrap(), None);
    assert_eq!(chain.at(2).err(), Some(StoreError::Height { asked: 2, oldest: 0, newest: 1 }));
}

pub fn a_request_is_found_by_id_and_by_transaction_hash(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    extend(&chain, &Changes::default(), 0, 0, Extra::new()).unwrap();
    let block = extend(&chain, &Changes::default(), 3, 0, Extra::new()).unwrap();
    for (receipt, index) in block.receipts.iter().zip(0..) {
        assert_eq!(chain.locate(&receipt.request).unwrap(), Some((1, index)));
        assert_eq!(chain.locate_transaction(&receipt.transaction_hash).unwrap(), Some((1, index)));
    }
    assert_eq!(chain.locate_transaction(&B256::ZERO).unwrap(), None);
}

pub fn a_second_commit_of_a_block_writes_nothing(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    let changes = native(b"k", b"v");
    let commitment = chain.commitment().apply(&changes, &sequential);
    let genesis = block(None, 2, &commitment, 0);
    assert_eq!(chain.commit(&genesis, &changes, commitment.clone(), Extra::new()), Ok(Committed::New));
    extend(&chain, &native(b"k", b"later"), 0, 0, Extra::new()).unwrap();
    let mut extra = Extra::new();
    extra.put(*b"written", *b"twice");
    assert_eq!(chain.commit(&genesis, &changes, commitment, extra), Ok(Committed::Already));
    assert_eq!(chain.meta_get(b"written").unwrap(), None);
    assert_eq!(chain.latest().native(b"k").unwrap(), Some(Bytes::from_static(b"later")));
}

pub fn another_block_at_a_height_is_refused(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    extend(&chain, &Changes::default(), 0, 0, Extra::new()).unwrap();
    let commitment = chain.commitment();
    let other = block(None, 0, &commitment, 1);
    refused(chain.commit(&other, &Changes::default(), commitment, Extra::new()), "the block at height 0 is");
}

pub fn a_block_that_does_not_follow_the_head_is_refused(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    extend(&chain, &Changes::default(), 0, 0, Extra::new()).unwrap();
    let commitment = chain.commitment();
    let mut head = chain.head();
    for change in [|head: &mut crate::Head| head.height += 1, |head: &mut crate::Head| head.hash = B256::repeat_byte(9)]
    {
        let mut wrong = head.unwrap();
        change(&mut wrong);
        let block = block(Some(wrong), 0, &commitment, 0);
        refused(chain.commit(&block, &Changes::default(), commitment.clone(), Extra::new()), "the head is");
    }
    head = chain.head();
    assert_eq!(head.map(|head| head.height), Some(0));
}

pub fn a_block_with_other_roots_is_refused(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    let changes = native(b"k", b"v");
    let before = chain.commitment();
    let genesis = block(None, 0, &before, 0);
    refused(chain.commit(&genesis, &changes, before.apply(&changes, &sequential), Extra::new()), "roots");
    assert_eq!(chain.head(), None);
}

pub fn a_final_block_is_never_rewound(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    for _ in 0..4 {
        extend(&chain, &Changes::default(), 1, 0, Extra::new()).unwrap();
    }
    let head = chain.head();
    let permission = RewindPermission::NotBelow { final_height: 2 };
    refused(chain.rewind(1, permission, Extra::new(), &sequential), "height 2 is final");
    assert_eq!(chain.head(), head);
    chain.rewind(2, permission, Extra::new(), &sequential).unwrap();
    assert_eq!(chain.head().map(|head| head.height), Some(2));
    let above = chain.rewind(3, RewindPermission::Dev, Extra::new(), &sequential);
    assert_eq!(above, Err(StoreError::Height { asked: 3, oldest: 0, newest: 2 }));
}

pub fn a_rewound_chain_takes_another_block(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    extend(&chain, &native(b"k", b"0"), 0, 0, Extra::new()).unwrap();
    let left = extend(&chain, &native(b"k", b"1"), 2, 0, Extra::new()).unwrap();
    let mut extra = Extra::new();
    extra.put(*b"rewound", *b"yes");
    chain.rewind(0, RewindPermission::Dev, extra, &sequential).unwrap();
    assert_eq!(chain.meta_get(b"rewound").unwrap(), Some(b"yes".to_vec()));
    assert_eq!(chain.block_by_hash(&left.hash).unwrap(), None);
    assert_eq!(chain.locate(&left.receipts[0].request).unwrap(), None);
    assert_eq!(chain.locate_transaction(&left.receipts[0].transaction_hash).unwrap(), None);
    assert_eq!(chain.receipts(1).unwrap(), []);
    assert_eq!(chain.latest().native(b"k").unwrap(), Some(Bytes::from_static(b"0")));
    let right = extend(&chain, &native(b"k", b"2"), 1, 1, Extra::new()).unwrap();
    assert_ne!(left.hash, right.hash);
    assert_eq!(chain.block(1).unwrap(), Some(right));
    assert_eq!(chain.at(0).unwrap().native(b"k").unwrap(), Some(Bytes::from_static(b"0")));
}

pub fn a_view_from_before_a_rewind_refuses_to_answer(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    extend(&chain, &native(b"k", b"0"), 0, 0, Extra::new()).unwrap();
    extend(&chain, &native(b"k", b"1"), 0, 0, Extra::new()).unwrap();
    let views = [chain.at(0).unwrap(), chain.latest()];
    chain.rewind(0, RewindPermission::Dev, Extra::new(), &sequential).unwrap();
    for view in views {
        refused(view.native(b"k"), "rewound");
        refused(view.native_with_prefix(b""), "rewound");
    }
}

pub fn chains_of_one_store_do_not_see_each_other(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    // Neighbours, with 0xff at the border.
    let ids = [[7; 32], [8; 32], [0xff; 32], [0; 32]].map(ChainId::new);
    let open = || ids.map(|id| ChainState::open(store.clone(), id).unwrap());
    for (chain, value) in open().iter().zip(0u8..) {
        extend(chain, &native(b"k", &[value]), 1, u64::from(value), Extra::new()).unwrap();
        chain.meta_put(b"m", &[value]).unwrap();
    }
    for (chain, value) in open().iter().zip(0u8..) {
        let entries = vec![(Bytes::from_static(b"k"), Bytes::from(vec![value]))];
        assert_eq!(chain.latest().native_with_prefix(b"").unwrap(), entries);
        assert_eq!(chain.meta_scan(b"").unwrap(), [(b"m".to_vec(), vec![value])]);
        assert_eq!(chain.head().map(|head| head.height), Some(0));
    }
}

pub fn chains_with_the_same_beginning_are_refused(place: NewPlace<'_>) {
    let place = place();
    let store = place.open();
    ChainState::open(store.clone(), CHAIN).unwrap();
    let mut id = *CHAIN.as_bytes();
    id[31] = 0;
    refused(ChainState::open(store, ChainId::new(id)).map(|chain| chain.chain()), "the same 8 bytes");
}

pub fn extra_records_come_with_their_block(place: NewPlace<'_>) {
    let place = place();
    {
        let chain = chain(place.as_ref());
        let mut extra = Extra::new();
        extra.put(*b"pool/1", *b"1");
        extra.put(*b"pool/2", *b"2");
        extend(&chain, &Changes::default(), 0, 0, extra).unwrap();
        let mut extra = Extra::new();
        extra.delete(*b"pool/1");
        extra.put(*b"pool/\xff", *b"3");
        extend(&chain, &Changes::default(), 0, 0, extra).unwrap();
    }
    let chain = chain(place.as_ref());
    let expected = [(b"pool/2".to_vec(), b"2".to_vec()), (b"pool/\xff".to_vec(), b"3".to_vec())];
    assert_eq!(chain.meta_scan(b"pool/").unwrap(), expected);
}

pub fn a_reader_never_sees_two_heights_at_once(place: NewPlace<'_>) {
    const HEIGHTS: u64 = 150;
    let place = place();
    let chain = chain(place.as_ref());
    let changes = |height: u64| {
        let value = B256::from(U256::from(height + 1));
        let mut changes = Changes::default();
        for address in addresses() {
            let account = Account { nonce: height + 1, ..Account::default() };
            let storage = slots().into_iter().map(|slot| (slot, value)).collect();
            changes.accounts.insert(address, AccountChange { account: Some(account), storage_cleared: false, storage });
        }
        for key in native_keys() {
            changes.native.insert(key, Some(Bytes::copy_from_slice(value.as_slice())));
        }
        changes
    };
    extend(&chain, &changes(0), 0, 0, Extra::new()).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for height in 1..HEIGHTS {
                extend(&chain, &changes(height), 0, 0, Extra::new()).unwrap();
            }
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) {
            let view = chain.latest();
            let nonce = view.account(&addresses()[0]).unwrap().unwrap().nonce;
            let value = B256::from(U256::from(nonce));
            for address in addresses() {
                assert_eq!(view.account(&address).unwrap().unwrap().nonce, nonce);
                assert!(slots().iter().all(|slot| view.storage(&address, slot).unwrap() == value));
                assert!(view.storage_slots(&address).unwrap().iter().all(|(_, other)| *other == value));
            }
            let entries = view.native_with_prefix(b"").unwrap();
            assert_eq!(entries.len(), native_keys().len());
            assert!(entries.iter().all(|(_, other)| other.as_ref() == value.as_slice()));
            assert_eq!(view.block_hash(nonce).unwrap(), None, "a view knows no later block");
        }
    });
}

pub fn a_commit_in_the_middle_of_a_read_does_not_show(place: NewPlace<'_>) {
    let changes = |height: u64| {
        let value = B256::from(U256::from(height + 1));
        let account = Account { nonce: height + 1, ..Account::default() };
        let storage = [(B256::ZERO, value)].into();
        let mut changes = native(b"k", value.as_slice());
        changes
            .accounts
            .insert(Address::ZERO, AccountChange { account: Some(account), storage_cleared: false, storage });
        changes
    };
    let gone = || {
        let mut changes = Changes::default();
        changes.accounts.insert(Address::ZERO, AccountChange::default());
        changes.native.insert(Bytes::from_static(b"k"), None);
        changes
    };
    let reads: [fn(&dyn StateView) -> bool; 6] = [
        |view| view.account(&Address::ZERO).unwrap().is_some_and(|account| account.nonce == 1),
        |view| view.storage(&Address::ZERO, &B256::ZERO).unwrap() == B256::with_last_byte(1),
        |view| view.has_storage(&Address::ZERO).unwrap(),
        |view| view.storage_slots(&Address::ZERO).unwrap() == [(B256::ZERO, B256::with_last_byte(1))],
        |view| view.native(b"k").unwrap().is_some_and(|value| value.ends_with(&[0, 1])),
        |view| view.native_with_prefix(b"").unwrap().iter().all(|(_, value)| value.ends_with(&[0, 1])),
    ];
    let place = place();
    let inner = place.open();
    for (number, read) in reads.into_iter().enumerate() {
        for (moment, next) in [(Moment::Before, changes(1)), (Moment::After, changes(1)), (Moment::Before, gone())] {
            let store = Arc::new(Interrupted::new(inner.clone()));
            let chain = ChainState::open(store.clone(), CHAIN).unwrap();
            if chain.head().is_none() {
                extend(&chain, &changes(0), 0, 0, Extra::new()).unwrap();
            }
            let (view, other) = (chain.latest(), chain.clone());
            store.interrupt(moment, move || {
                extend(&other, &next, 0, 0, Extra::new()).unwrap();
            });
            assert!(read(view.as_ref()), "read {number}, interrupted {moment:?}");
            assert_eq!(chain.head().map(|head| head.height), Some(1), "the interruption came");
            assert!(read(view.as_ref()), "read {number} again");
            chain.rewind(0, RewindPermission::Dev, Extra::new(), &sequential).unwrap();
        }
    }
}

pub fn a_long_history_reads_as_a_short_one(place: NewPlace<'_>) {
    const HEIGHTS: u8 = 60;
    let place = place();
    let chain = chain(place.as_ref());
    for height in 0..HEIGHTS {
        let mut changes = native(b"often", &[height]);
        changes.native.insert(Bytes::from_static(b"often\0"), Some(vec![height, 1].into()));
        changes.native.insert(vec![height].into(), Some(vec![height].into()));
        extend(&chain, &changes, 0, 0, Extra::new()).unwrap();
    }
    for height in 0..HEIGHTS {
        let view = chain.at(height.into()).unwrap();
        let mut entries: Vec<_> = (0..=height).map(|key| (vec![key].into(), vec![key].into())).collect();
        entries.push((Bytes::from_static(b"often"), vec![height].into()));
        entries.push((Bytes::from_static(b"often\0"), vec![height, 1].into()));
        assert_eq!(view.native_with_prefix(b"").unwrap(), entries);
        assert_eq!(view.native_with_prefix(b"of").unwrap(), entries[usize::from(height) + 1..]);
    }
}

pub fn a_damaged_record_is_named(place: NewPlace<'_>) {
    let place = place();
    let chain = chain(place.as_ref());
    let code = Bytes::from_static(b"code");
    let account = Account { nonce: 1, balance: U256::from(5), code_hash: keccak256(&code) };
    let storage = [(B256::ZERO, B256::repeat_byte(1))].into();
    let mut changes = native(b"k", b"v");
    changes.code.insert(account.code_hash, code);
    changes.accounts.insert(Address::ZERO, AccountChange { account: Some(account), storage_cleared: false, storage });
    extend(&chain, &Changes::default(), 0, 0, Extra::new()).unwrap();
    let block = extend(&chain, &changes, 2, 0, Extra::new()).unwrap();

    // Every record of the chain in turn is cut, emptied and lengthened; no reading of it may panic, nor opening the chain.
    let store = chain.store().clone();
    let mut named = 0;
    for table in [Table::State, Table::History, Table::Blocks, Table::Index, Table::Meta] {
        for (key, value) in store.collect(table, &KeyRange::prefix(&[]), Direction::Forward, usize::MAX).unwrap() {
            let cut = value[..value.len() / 2].to_vec();
            for damage in [cut, Vec::new(), [&value[..], &[9; 40]].concat(), vec![0xff; value.len()]] {
                let write = |value: &[u8]| {
                    let mut batch = Batch::new();
                    batch.put(table, key.as_slice(), value);
                    store.commit(batch).unwrap();
                };
                write(&damage);
                let mut failures = Vec::new();
                failures.extend(ChainState::open(store.clone(), CHAIN).err());
                failures.extend(chain.block(1).err());
                failures.extend(chain.receipt(1, 1).err());
                failures.extend(chain.block_by_hash(&block.hash).err());
                failures.extend(chain.locate(&block.receipts[0].request).err());
                for view in [chain.latest(), chain.at(0).unwrap()] {
                    failures.extend(view.account(&Address::ZERO).err());
                    failures.extend(view.storage_slots(&Address::ZERO).err());
                    failures.extend(view.storage(&Address::ZERO, &B256::ZERO).err());
                    failures.extend(view.native_with_prefix(b"").err());
                    failures.extend(view.native(b"k").err());
                }
                named += failures.iter().filter(|error| matches!(error, StoreError::Damaged { .. })).count();
                write(&value);
            }
        }
    }
    assert!(named > 50, "only {named} damages were named");
    assert_eq!(chain.block(1).unwrap(), Some(block));
}

/// Random lives of a chain against the model: every retained height, every root and proof, overlays before each commit, views that
/// outlive commits, rewinds, and reopening.
pub fn every_height_reads_as_the_model_says(place: NewPlace<'_>) {
    let mut runner = TestRunner::new(Config { cases: place().lives(), failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&script(), |steps| {
        live(place().as_ref(), &steps);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn live(place: &dyn Place, steps: &[Step]) {
    let (addresses, slots, native_keys) = (addresses(), slots(), native_keys());
    let check = |model: &Model, view: &dyn StateView| model.check_view(view, &addresses, &slots, &native_keys);
    let mut chain = Some(chain(place));
    let mut models: Vec<(Model, B256)> = Vec::new();
    let mut views: Vec<Arc<dyn StateView>> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let open = chain.as_ref().unwrap();
        match step {
            Step::Block(changes) => {
                let before = models.last().map(|(model, _)| model.clone()).unwrap_or_default();
                let model = before.after(changes);
                let base = open.latest();
                check(&before, base.as_ref());
                let overlay =
                    Overlay { base, changes: Arc::new(changes.clone()), height: models.len() as u64, hash: B256::ZERO };
                check(&model, &overlay);
                // An overlay over an overlay.
                let nothing = Arc::new(Changes::default());
                let upper = Overlay {
                    base: Arc::new(overlay),
                    changes: nothing,
                    height: models.len() as u64 + 1,
                    hash: B256::ZERO,
                };
                check(&model, &upper);
                let block =
                    extend(open, changes, u32::try_from(number % 3).unwrap(), number as u64, Extra::new()).unwrap();
                // What the overlay is over did not move.
                check(&model, &upper);
                models.push((model, block.hash));
                views.push(open.latest());
            }
            Step::Rewind(back) if !models.is_empty() => {
                let height = (models.len() as u64 - 1).saturating_sub(*back);
                open.rewind(height, RewindPermission::Dev, Extra::new(), &sequential).unwrap();
                models.truncate(usize::try_from(height).unwrap() + 1);
                views = (0..=height).map(|height| open.at(height).unwrap()).collect();
            }
            Step::Rewind(_) => {}
            Step::Reopen => {
                views.clear();
                drop(chain.take());
                chain = Some(self::chain(place));
                let open = chain.as_ref().unwrap();
                views = (0..models.len()).map(|height| open.at(height as u64).unwrap()).collect();
            }
        }
        let open = chain.as_ref().unwrap();
        assert_eq!(
            open.head().map(|head| (head.height, head.hash)),
            models.last().map(|(_, hash)| (models.len() as u64 - 1, *hash))
        );
        for (((model, hash), view), height) in models.iter().zip(&views).zip(0..) {
            check(model, view.as_ref());
            assert_eq!(view.block_hash(height).unwrap(), Some(*hash));
            assert_eq!(view.block_hash(height + 1).unwrap(), None);
        }
        if let Some((model, _)) = models.last() {
            model.check_commitment(&open.commitment(), &addresses, &slots, &native_keys);
        }
    }
}
