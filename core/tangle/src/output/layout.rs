//! The typed lists inside an output: unlock conditions and features, counted and in ascending order.

use vespiary_types::L1Address;

use crate::TangleError;
use crate::codec::{Reader, put_address, put_length};

pub(super) mod condition {
    pub(in crate::output) const ADDRESS: u8 = 0;
    pub(in crate::output) const STORAGE_DEPOSIT_RETURN: u8 = 1;
    pub(in crate::output) const TIMELOCK: u8 = 2;
    pub(in crate::output) const EXPIRATION: u8 = 3;
    pub(in crate::output) const STATE_CONTROLLER: u8 = 4;
    pub(in crate::output) const GOVERNOR: u8 = 5;
}

pub(super) mod feature {
    pub(in crate::output) const SENDER: u8 = 0;
    pub(in crate::output) const ISSUER: u8 = 1;
    pub(in crate::output) const METADATA: u8 = 2;
    pub(in crate::output) const TAG: u8 = 3;
}

/// A counted list of typed entries that stand in ascending order, each at most once.
pub(super) struct Tagged {
    left: u8,
    what: &'static str,
    next: Option<u8>,
}

impl Tagged {
    pub(super) fn read(from: &mut Reader<'_>, what: &'static str) -> Result<Self, TangleError> {
        Ok(Self { left: from.u8(what)?, what, next: None })
    }

    /// Whether the next entry has this type, which is then consumed. Asking in ascending order makes any other order an error.
    pub(super) fn next_is(&mut self, from: &mut Reader<'_>, kind: u8) -> Result<bool, TangleError> {
        if self.next.is_none() && self.left > 0 {
            self.left -= 1;
            self.next = Some(from.u8(self.what)?);
        }
        if self.next == Some(kind) {
            self.next = None;
            return Ok(true);
        }
        Ok(false)
    }

    pub(super) fn finish(self, from: &Reader<'_>) -> Result<(), TangleError> {
        if self.next.is_none() && self.left == 0 {
            return Ok(());
        }
        Err(from.malformed(format!("{} of this output are unknown to its type, repeated or out of order", self.what)))
    }
}

pub(super) fn count(present: &[bool]) -> u8 {
    present.iter().map(|present| u8::from(*present)).sum()
}

pub(super) fn put_condition(to: &mut Vec<u8>, kind: u8, address: &L1Address) {
    to.push(kind);
    put_address(to, address);
}

pub(super) fn put_features(
    to: &mut Vec<u8>,
    sender: Option<&L1Address>,
    issuer: Option<&L1Address>,
    metadata: Option<&[u8]>,
) {
    if let Some(address) = sender {
        put_condition(to, feature::SENDER, address);
    }
    if let Some(address) = issuer {
        put_condition(to, feature::ISSUER, address);
    }
    if let Some(bytes) = metadata {
        to.push(feature::METADATA);
        put_length!(to, bytes.len(), u16);
        to.extend_from_slice(bytes);
    }
}

pub(super) fn read_metadata(from: &mut Reader<'_>) -> Result<Vec<u8>, TangleError> {
    let length = from.u16("metadata's length")?;
    Ok(from.take(usize::from(length), "metadata")?.to_vec())
}

pub(super) fn check_blob(bytes: Option<&[u8]>, limit: usize, what: &str) -> Result<(), TangleError> {
    match bytes.map(<[u8]>::len) {
        Some(length) if length == 0 || length > limit => {
            Err(TangleError::Syntax(format!("{what} of {length} bytes: give 1 to {limit}, or leave it out")))
        }
        _ => Ok(()),
    }
}
