//! Storage deposits: an output pays for the room it takes in every ledger (TIP-19).

use crate::{AliasOutput, BasicOutput, Output, TangleError};

/// Tokens per virtual byte.
pub(crate) const PER_BYTE: u64 = 250;
/// An output's id is a key of the database and weighs ten times: 34 · 10.
const KEY_BYTES: u64 = 34 * 10;
/// Block id, milestone index and time that are stored with each output.
const RECORD_BYTES: u64 = 32 + 4 + 4;

/// The deposit of an output whose serialization has this many bytes.
pub(crate) const fn of_bytes(bytes: u64) -> u64 {
    PER_BYTE * (bytes + KEY_BYTES + RECORD_BYTES)
}

impl BasicOutput {
    /// The least this output must hold (TIP-19).
    pub fn minimum_deposit(&self) -> u64 {
        of_bytes(self.packed_bytes() as u64)
    }
}

impl AliasOutput {
    /// The least this output must hold (TIP-19).
    pub fn minimum_deposit(&self) -> u64 {
        of_bytes(self.packed_bytes() as u64)
    }
}

impl Output {
    /// The least this output must hold (TIP-19).
    pub fn minimum_deposit(&self) -> u64 {
        match self {
            Self::Basic(output) => output.minimum_deposit(),
            Self::Alias(output) => output.minimum_deposit(),
        }
    }

    /// Whether the output holds its deposit.
    ///
    /// # Errors
    /// [`TangleError::StorageDeposit`] with the least it must hold.
    pub fn check_deposit(&self) -> Result<(), TangleError> {
        let (amount, minimum) = (self.amount(), self.minimum_deposit());
        if amount < minimum { Err(TangleError::StorageDeposit { amount, minimum }) } else { Ok(()) }
    }
}
