//! Basic outputs: tokens that belong to an address, under conditions.

use serde::{Deserialize, Serialize};
use vespiary_types::L1Address;

use super::OutputKind;
use super::layout::{Tagged, check_blob, condition, count, feature, put_condition, put_features, read_metadata};
use crate::codec::{Reader, put_length};
use crate::parameters::{MAX_METADATA_BYTES, MAX_TAG_BYTES};
use crate::{TangleError, deposit};

/// Whoever consumes the output pays this back by plain basic outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StorageDepositReturn {
    /// Who gets it back.
    pub address: L1Address,
    /// How much.
    pub amount: u64,
}

/// From a time on the output belongs to another address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Expiration {
    /// Who owns it from then on.
    pub return_address: L1Address,
    /// Unix seconds; the owner until then is the output's address.
    pub time: u32,
}

/// A deposit of tokens to an address (type 3).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BasicOutput {
    /// Tokens in their smallest unit.
    pub amount: u64,
    /// Who may unlock it.
    pub address: L1Address,
    /// What must be paid back, if anything.
    pub storage_deposit_return: Option<StorageDepositReturn>,
    /// Not spendable before this unix second.
    pub timelock: Option<u32>,
    /// Changes hands at a time.
    pub expiration: Option<Expiration>,
    /// An address that was unlocked by the transaction that made the output.
    pub sender: Option<L1Address>,
    /// 1 to 8,192 bytes.
    pub metadata: Option<Vec<u8>>,
    /// 1 to 64 bytes.
    pub tag: Option<Vec<u8>>,
}

impl BasicOutput {
    /// An output with an address and nothing else.
    pub const fn new(address: L1Address, amount: u64) -> Self {
        Self {
            amount,
            address,
            storage_deposit_return: None,
            timelock: None,
            expiration: None,
            sender: None,
            metadata: None,
            tag: None,
        }
    }

    /// Whether it has an address and nothing else, as a storage deposit must be returned.
    pub fn is_plain(&self) -> bool {
        *self == Self::new(self.address, self.amount)
    }

    /// Who may unlock it at this unix second.
    pub fn owner_at(&self, seconds: u32) -> L1Address {
        match self.expiration {
            Some(expiration) if seconds >= expiration.time => expiration.return_address,
            _ => self.address,
        }
    }

    /// Whether its timelock is over at this unix second.
    pub fn is_unlocked_at(&self, seconds: u32) -> bool {
        self.timelock.is_none_or(|timelock| seconds >= timelock)
    }

    pub(crate) fn packed_bytes(&self) -> usize {
        let conditions = 34
            + self.storage_deposit_return.map_or(0, |_| 42)
            + self.timelock.map_or(0, |_| 5)
            + self.expiration.map_or(0, |_| 38);
        let features = self.sender.map_or(0, |_| 34)
            + self.metadata.as_ref().map_or(0, |bytes| 3 + bytes.len())
            + self.tag.as_ref().map_or(0, |bytes| 2 + bytes.len());
        1 + 8 + 1 + 1 + conditions + 1 + features
    }

    pub(super) fn pack(&self, to: &mut Vec<u8>) {
        to.push(OutputKind::Basic as u8);
        to.extend_from_slice(&self.amount.to_le_bytes());
        to.push(0);
        to.push(
            1 + count(&[self.storage_deposit_return.is_some(), self.timelock.is_some(), self.expiration.is_some()]),
        );
        put_condition(to, condition::ADDRESS, &self.address);
        if let Some(back) = &self.storage_deposit_return {
            put_condition(to, condition::STORAGE_DEPOSIT_RETURN, &back.address);
            to.extend_from_slice(&back.amount.to_le_bytes());
        }
        if let Some(time) = self.timelock {
            to.push(condition::TIMELOCK);
            to.extend_from_slice(&time.to_le_bytes());
        }
        if let Some(expiration) = &self.expiration {
            put_condition(to, condition::EXPIRATION, &expiration.return_address);
            to.extend_from_slice(&expiration.time.to_le_bytes());
        }
        to.push(count(&[self.sender.is_some(), self.metadata.is_some(), self.tag.is_some()]));
        put_features(to, self.sender.as_ref(), None, self.metadata.as_deref());
        if let Some(tag) = &self.tag {
            to.push(feature::TAG);
            put_length!(to, tag.len(), u8);
            to.extend_from_slice(tag);
        }
    }

    pub(super) fn unpack(from: &mut Reader<'_>) -> Result<Self, TangleError> {
        let amount = from.u64("an amount")?;
        from.expect(0, "the count of native tokens, which are not supported here,")?;
        let mut conditions = Tagged::read(from, "unlock conditions")?;
        if !conditions.next_is(from, condition::ADDRESS)? {
            return Err(from.malformed("a basic output begins with an address unlock condition"));
        }
        let mut output = Self::new(from.address()?, amount);
        if conditions.next_is(from, condition::STORAGE_DEPOSIT_RETURN)? {
            let address = from.address()?;
            output.storage_deposit_return = Some(StorageDepositReturn { address, amount: from.u64("an amount")? });
        }
        if conditions.next_is(from, condition::TIMELOCK)? {
            output.timelock = Some(from.u32("a timelock")?);
        }
        if conditions.next_is(from, condition::EXPIRATION)? {
            let return_address = from.address()?;
            output.expiration = Some(Expiration { return_address, time: from.u32("an expiration")? });
        }
        conditions.finish(from)?;
        let mut features = Tagged::read(from, "features")?;
        if features.next_is(from, feature::SENDER)? {
            output.sender = Some(from.address()?);
        }
        if features.next_is(from, feature::METADATA)? {
            output.metadata = Some(read_metadata(from)?);
        }
        if features.next_is(from, feature::TAG)? {
            let length = from.u8("a tag's length")?;
            output.tag = Some(from.take(usize::from(length), "a tag")?.to_vec());
        }
        features.finish(from)?;
        Ok(output)
    }

    pub(super) fn check_syntax(&self) -> Result<(), TangleError> {
        if self.timelock == Some(0) || self.expiration.is_some_and(|expiration| expiration.time == 0) {
            return Err(TangleError::Syntax("a timelock or expiration at time 0 means nothing: leave it out".into()));
        }
        if let Some(back) = &self.storage_deposit_return {
            let minimum = deposit::of_bytes(Self::new(back.address, 0).packed_bytes() as u64);
            if back.amount < minimum || back.amount > self.amount {
                return Err(TangleError::Syntax(format!(
                    "a storage deposit return of {} must be between {minimum} and the output's amount {}",
                    back.amount, self.amount
                )));
            }
        }
        check_blob(self.metadata.as_deref(), MAX_METADATA_BYTES, "metadata")?;
        check_blob(self.tag.as_deref(), MAX_TAG_BYTES, "a tag")
    }
}
