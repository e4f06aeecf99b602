//! Code, analysed once: where jumps may land depends on the code alone, so it is kept between calls and between blocks.

use std::cell::RefCell;
use std::rc::Rc;

use alloy_primitives::map::B256Map;
use alloy_primitives::{B256, keccak256};

/// The code of a contract with what is known about it.
#[derive(Debug)]
pub struct Code {
    /// The bytes.
    pub bytes: Rc<Vec<u8>>,
    /// keccak-256 of the bytes.
    pub hash: B256,
    jump_destinations: Rc<[u64]>,
}

impl Code {
    /// Analyses code whose hash is known.
    pub fn with_hash(bytes: Vec<u8>, hash: B256) -> Self {
        let jump_destinations = jump_destinations(&bytes).into();
        Self { bytes: Rc::new(bytes), hash, jump_destinations }
    }

    /// Hashes and analyses code.
    pub fn new(bytes: Vec<u8>) -> Self {
        let hash = keccak256(&bytes);
        Self::with_hash(bytes, hash)
    }

    /// Analyses init code, whose hash nobody asks for.
    pub(crate) fn initial(bytes: Vec<u8>) -> Self {
        Self::with_hash(bytes, B256::ZERO)
    }

    /// One bit for each byte of code, set where a JUMPDEST stands that is not part of a PUSH.
    pub(crate) fn jump_destinations(&self) -> &Rc<[u64]> {
        &self.jump_destinations
    }
}

fn jump_destinations(code: &[u8]) -> Vec<u64> {
    let mut bits = vec![0_u64; code.len() / 64 + 1];
    let mut position = 0;
    while let Some(&opcode) = code.get(position) {
        if opcode == 0x5b
            && let Some(word) = bits.get_mut(position / 64)
        {
            *word |= 1 << (position % 64);
        }
        position += if (0x60..=0x7f).contains(&opcode) { usize::from(opcode - 0x5f) + 1 } else { 1 };
    }
    bits
}

/// Analysed code by its hash, shared by the journals of one executor. No result depends on what is in it.
#[derive(Debug, Clone, Default)]
pub struct CodeCache(Rc<RefCell<Cached>>);

#[derive(Debug, Default)]
struct Cached {
    by_hash: B256Map<Rc<Code>>,
    bytes: usize,
}

/// Beyond this the cache starts anew: contracts are at most 24 KiB, so this is room for over 2,000 of the largest.
const MOST_BYTES: usize = 64 << 20;

impl CodeCache {
    pub(super) fn get(&self, hash: &B256) -> Option<Rc<Code>> {
        self.0.borrow().by_hash.get(hash).cloned()
    }

    pub(super) fn insert(&self, code: &Rc<Code>) {
        let mut cached = self.0.borrow_mut();
        if cached.bytes > MOST_BYTES {
            *cached = Cached::default();
        }
        cached.bytes += code.bytes.len();
        cached.by_hash.insert(code.hash, code.clone());
    }
}
