//! Reading and writing the little-endian layouts of the TIPs, strictly: one byte string for each value.

use vespiary_types::{BlockId, L1Address, MilestoneId, TransactionId};

use crate::TangleError;

/// A cursor over serialized bytes. Every read says what it wanted when the bytes run out.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, length: bytes.len() }
    }

    pub(crate) fn position(&self) -> usize {
        self.length - self.rest.len()
    }

    pub(crate) fn malformed(&self, what: impl Into<String>) -> TangleError {
        TangleError::Malformed { position: self.position(), what: what.into() }
    }

    pub(crate) fn take(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], TangleError> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.malformed(format!("{what} needs {count} bytes and {} are left", self.rest.len())));
        };
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], TangleError> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.malformed(format!("{what} needs {N} bytes and {} are left", self.rest.len())));
        };
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8, TangleError> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, TangleError> {
        self.array(what).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, TangleError> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, what: &'static str) -> Result<u64, TangleError> {
        self.array(what).map(u64::from_le_bytes)
    }

    pub(crate) fn block_id(&mut self, what: &'static str) -> Result<BlockId, TangleError> {
        self.array(what).map(BlockId::new)
    }

    pub(crate) fn transaction_id(&mut self) -> Result<TransactionId, TangleError> {
        self.array("a transaction id").map(TransactionId::new)
    }

    pub(crate) fn milestone_id(&mut self) -> Result<MilestoneId, TangleError> {
        self.array("a milestone id").map(MilestoneId::new)
    }

    pub(crate) fn address(&mut self) -> Result<L1Address, TangleError> {
        let bytes: [u8; 33] = self.array("an address")?;
        L1Address::from_bytes(&bytes).map_err(|error| self.malformed(error.to_string()))
    }

    /// A type byte that must have one value.
    pub(crate) fn expect(&mut self, value: u8, what: &'static str) -> Result<(), TangleError> {
        match self.u8(what)? {
            found if found == value => Ok(()),
            found => Err(self.malformed(format!("{what} must be {value}, not {found}"))),
        }
    }

    pub(crate) fn finish(self, what: &'static str) -> Result<(), TangleError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.malformed(format!("{} bytes are left over behind {what}", self.rest.len())))
    }
}

/// Puts a length of a type that validation keeps in range.
macro_rules! put_length {
    ($to:expr, $length:expr, $type:ty) => {
        $to.extend_from_slice(&<$type>::try_from($length).unwrap_or(<$type>::MAX).to_le_bytes())
    };
}
pub(crate) use put_length;

pub(crate) fn put_address(to: &mut Vec<u8>, address: &L1Address) {
    to.extend_from_slice(&address.to_bytes());
}
