//! Gas of native operations: the same unit that the EVM burns.
//!
//! | operation | gas |
//! |---|---|
//! | a request's parameters, which its block keeps | 16 a byte, as calldata that is not zero (EIP-2028) |
//! | entering a contract | 2,000, and 1 a byte of input |
//! | entering the sandbox from Solidity | 500, and 1 a byte of call data |
//! | asking for the context (caller, time, entropy, …) | 20 |
//! | reading an entry or a balance | 500, and 1 a byte |
//! | writing an entry | 5,000, and 16 a byte of key and value |
//! | removing an entry | 2,000 |
//! | scanning | 500, and 200 and 1 a byte for each entry found |
//! | moving assets between accounts | 9,000, as an EVM call with value |
//! | an event or a log | 375, 375 a topic, 8 a byte, as EVM's LOG |
//! | sending to L1 | 30,000, for the output that the anchor makes |
//!
//! Reading is cheaper than in the EVM (2,100) because native entries are few and near; writing costs what the state keeps.

use super::Failure;

/// A byte of a request's parameters.
pub const INPUT_BYTE: u64 = 16;
/// Entering a contract.
pub const CALL: u64 = 2_000;
/// Entering the sandbox from Solidity.
pub const SANDBOX: u64 = 500;
/// Asking for the context.
pub const CONTEXT: u64 = 20;
/// Reading an entry.
pub const READ: u64 = 500;
/// Each byte read.
pub const READ_BYTE: u64 = 1;
/// Writing an entry.
pub const WRITE: u64 = 5_000;
/// Each byte of a written key and value.
pub const WRITE_BYTE: u64 = 16;
/// Removing an entry.
pub const REMOVE: u64 = 2_000;
/// Each entry that a scan finds.
pub const SCAN_ENTRY: u64 = 200;
/// Moving assets from one account to another.
pub const TRANSFER: u64 = 9_000;
/// An event or log.
pub const LOG: u64 = 375;
/// Each topic of a log.
pub const LOG_TOPIC: u64 = 375;
/// Each byte of an event or log.
pub const LOG_BYTE: u64 = 8;
/// An output on L1.
pub const SEND: u64 = 30_000;

/// What a run may burn and has burned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gas {
    limit: u64,
    used: u64,
    exhausted: bool,
}

impl Gas {
    /// A full tank.
    pub const fn new(limit: u64) -> Self {
        Self { limit, used: 0, exhausted: false }
    }

    /// Burns `amount`.
    ///
    /// # Errors
    /// [`Failure::OutOfGas`] if less is left; then all of it is burned.
    pub fn charge(&mut self, amount: u64) -> Result<(), Failure> {
        if amount > self.left() {
            self.used = self.limit;
            self.exhausted = true;
            return Err(Failure::OutOfGas { limit: self.limit });
        }
        self.used += amount;
        Ok(())
    }

    /// Burns `base`, and `each` for every one of `count`.
    ///
    /// # Errors
    /// [`Failure::OutOfGas`] if less is left; then all of it is burned.
    pub fn charge_each(&mut self, base: u64, each: u64, count: usize) -> Result<(), Failure> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.charge(each.saturating_mul(count).saturating_add(base))
    }

    /// The most it may burn.
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// What it has burned.
    pub const fn used(&self) -> u64 {
        self.used
    }

    /// What is left.
    pub const fn left(&self) -> u64 {
        self.limit - self.used
    }

    /// True once more was asked than was left.
    pub const fn is_exhausted(&self) -> bool {
        self.exhausted
    }
}
