//! A load for measurements: holders of a token who send it to each other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

use super::blocks::block;
use crate::{Account, AccountChange, ChainState, Changes, Extra, StoreError, sequential};

/// What is run on a chain.
#[derive(Debug)]
pub struct Load;

fn holder(of: u64) -> Address {
    Address::from_word(keccak256(of.to_be_bytes()))
}

fn slot(of: u64) -> B256 {
    keccak256(holder(of))
}

fn transfers(holders: u64, block: u64, count: u64) -> Changes {
    let mut accounts: BTreeMap<Address, AccountChange> = BTreeMap::new();
    let mut token =
        AccountChange { account: Some(Account { nonce: 1, ..Account::default() }), ..AccountChange::default() };
    for at in block * count..(block + 1) * count {
        let (from, to) = (at * 7_919 % holders, (at * 104_729 + 13) % holders);
        let account = Account { nonce: block + 1, balance: U256::from(10u64.pow(18)), ..Account::default() };
        accounts.insert(holder(from), AccountChange { account: Some(account), ..AccountChange::default() });
        for party in [from, to] {
            token.storage.insert(slot(party), B256::from(U256::from(at + 1_000_000)));
        }
    }
    accounts.insert(Address::repeat_byte(0xee), token);
    let record = Bytes::from(vec![u8::try_from(block % 251).unwrap(); 150]);
    let mut changes = Changes { accounts, ..Changes::default() };
    changes.native.insert([b"blocklog/".as_slice(), &block.to_be_bytes()].concat().into(), Some(record));
    changes
}

impl Load {
    /// Commits a genesis with this many holders.
    pub fn begin(chain: &ChainState, holders: u64) -> Result<(), StoreError> {
        let mut changes = transfers(holders, 0, 1);
        let account = Account { nonce: 0, balance: U256::from(10u64.pow(18)), ..Account::default() };
        for of in 0..holders {
            changes.accounts.insert(holder(of), AccountChange { account: Some(account), ..AccountChange::default() });
            if let Some(token) = changes.accounts.get_mut(&Address::repeat_byte(0xee)) {
                token.storage.insert(slot(of), B256::from(U256::from(1_000_000)));
            }
        }
        let commitment = chain.commitment().apply(&changes, &sequential);
        chain.commit(&block(None, 0, &commitment, 0), &changes, commitment, Extra::new())?;
        Ok(())
    }

    /// Runs it with a genesis of this many holders and says what it took, a line a measurement.
    pub fn measure(
        chain: &ChainState,
        holders: u64,
        now: &dyn Fn() -> Instant,
        mut say: impl FnMut(String),
    ) -> Result<(), StoreError> {
        Self::begin(chain, holders)?;
        say(format!("a token with {holders} holders"));
        let mut height = 0;
        for (count, rounds) in [(1, 1_000), (1_000, 15)] {
            let mut times: Vec<Duration> = Vec::new();
            for _ in 0..rounds {
                height += 1;
                let changes = transfers(holders, height, count);
                let commitment = chain.commitment().apply(&changes, &sequential);
                let block = block(chain.head(), u32::try_from(count).unwrap(), &commitment, 0);
                let start = now();
                chain.commit(&block, &changes, commitment, Extra::new())?;
                times.push(now() - start);
            }
            times.sort_unstable();
            let (median, best, worst) = (times[times.len() / 2], times[0], times[times.len() - 1]);
            say(format!("  commit of a block of {count} transfers: {median:.1?} (best {best:.1?}, worst {worst:.1?})"));
        }
        for (name, view) in [("the head", chain.latest()), ("16 blocks below", chain.at(height.saturating_sub(16))?)] {
            let start = now();
            for of in 0..holders {
                std::hint::black_box(view.storage(&Address::repeat_byte(0xee), &slot(of * 7_919 % holders))?);
            }
            // Hashing of the slot's name, which is not the store's work, is taken off.
            let read = now() - start;
            let start = now();
            for of in 0..holders {
                std::hint::black_box(slot(of * 7_919 % holders));
            }
            let each = read.saturating_sub(now() - start) / u32::try_from(holders).unwrap();
            say(format!("  reading a slot at {name}: {each:?}"));
        }
        let start = now();
        let again = ChainState::open(chain.store().clone(), chain.chain())?;
        say(format!("  opening the chain with {holders} holders: {:.1?}", now() - start));
        assert_eq!(again.head(), chain.head());
        Ok(())
    }
}
