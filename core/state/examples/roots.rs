//! What commitment and commit cost: `cargo run --release -p vespiary-state --example roots`.
//!
//! Prints a line a measurement; the slow ones (a million keys) only with `--large`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a measurement prints, and may fail"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use vespiary_state::{Account, AccountChange, Changes, Commitment, sequential};

fn number(of: u64, salt: u64) -> B256 {
    keccak256([of.to_be_bytes(), salt.to_be_bytes()].concat())
}

fn two_threads(one: &mut (dyn FnMut() + Send), two: &mut (dyn FnMut() + Send)) {
    std::thread::scope(|scope| {
        scope.spawn(two);
        one();
    });
}

fn native(keys: impl Iterator<Item = u64>, salt: u64) -> Changes {
    let value = |key| Some(Bytes::from([number(key, salt).0, [7; 32]].concat()).into_iter().chain([1; 6]).collect());
    Changes { native: keys.map(|key| (Bytes::from(number(key, 0).0), value(key))).collect(), ..Changes::default() }
}

fn address(of: u64) -> Address {
    Address::from_word(number(of, 1))
}

fn transfers(holders: u64, block: u64, count: u64) -> Changes {
    let token = address(u64::MAX);
    let mut accounts: BTreeMap<Address, AccountChange> = BTreeMap::new();
    let mut storage = BTreeMap::new();
    for index in 0..count {
        let at = block * count + index;
        let (from, to) = (at * 7_919 % holders, (at * 104_729 + 13) % holders);
        let account = Account { nonce: block + 2, balance: U256::from(10u64.pow(18)), code_hash: KECCAK256_EMPTY };
        accounts.insert(address(from), AccountChange { account: Some(account), ..AccountChange::default() });
        for holder in [from, to] {
            storage.insert(number(holder, 2), B256::from(U256::from(block + index + 1_000_000)));
        }
    }
    let account = Account { nonce: 1, balance: U256::ZERO, code_hash: B256::repeat_byte(5) };
    accounts.insert(token, AccountChange { account: Some(account), storage_cleared: false, storage });
    let record = Bytes::from(vec![u8::try_from(block % 251).expect("small"); 150]);
    let native = [
        ([b"blocklog/".as_slice(), &block.to_be_bytes()].concat().into(), Some(record.clone())),
        (Bytes::from_static(b"blocklog/last"), Some(record)),
    ];
    Changes { accounts, native: native.into(), ..Changes::default() }
}

fn holders(count: u64) -> Changes {
    let mut changes = transfers(count, 0, 1);
    for holder in 0..count {
        let account = Account { nonce: 1, balance: U256::from(10u64.pow(18)), code_hash: KECCAK256_EMPTY };
        changes.accounts.insert(address(holder), AccountChange { account: Some(account), ..AccountChange::default() });
        if let Some(token) = changes.accounts.get_mut(&address(u64::MAX)) {
            token.storage.insert(number(holder, 2), B256::from(U256::from(1_000_000)));
        }
    }
    changes
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).map_or(0, |pages| pages * 4 / 1024)
}

struct Times {
    median: Duration,
    best: Duration,
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1?} (best {:.1?})", self.median, self.best)
    }
}

/// The time of `rounds` blocks, one upon the other, the old version dropped each time.
fn measure(rounds: u64, mut commitment: Commitment, block: impl Fn(u64) -> Changes, threads: bool) -> Times {
    let mut times: Vec<_> = (1..=rounds)
        .map(|round| {
            let changes = block(round);
            let start = Instant::now();
            commitment = if threads {
                commitment.apply(&changes, &two_threads)
            } else {
                commitment.apply(&changes, &sequential)
            };
            std::hint::black_box(commitment.roots());
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |place: usize| times.get(place).copied().expect("at least one round");
    Times { median: at(times.len() / 2), best: at(0) }
}

fn main() {
    let large = std::env::args().any(|argument| argument == "--large");
    for keys in if large { vec![10_000u64, 1_000_000] } else { vec![10_000] } {
        let before = resident_mib();
        let changes = native(0..keys, 0);
        let start = Instant::now();
        let commitment = Commitment::empty().apply(&changes, &sequential);
        let built = start.elapsed();
        drop(changes);
        println!("{keys} native keys of 70 bytes: built in {built:?}, {} MiB more resident", resident_mib() - before);
        let block = |round: u64| native((0..2_400).map(move |key| (round * 2_400 + key) * 48_271 % keys), round);
        for threads in [false, true] {
            let time = measure(21, commitment.clone(), block, threads);
            println!("  2,400 random keys changed, {} core(s): {time}", 1 + u8::from(threads));
        }
    }
    for count in if large { vec![10_000u64, 1_000_000] } else { vec![10_000] } {
        let commitment = Commitment::empty().apply(&holders(count), &sequential);
        println!("ERC-20 token with {count} holders");
        for (transactions, rounds) in [(1, 2_001), (1_000, 21)] {
            for threads in [false, true] {
                let time = measure(rounds, commitment.clone(), |round| transfers(count, round, transactions), threads);
                println!("  block of {transactions} transfers, {} core(s): {time}", 1 + u8::from(threads));
            }
        }
    }
}
