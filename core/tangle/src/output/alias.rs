//! Alias outputs: accounts with a state, a state controller and a governor.

use serde::{Deserialize, Serialize};
use vespiary_types::{AliasId, L1Address, OutputId};

use super::OutputKind;
use super::layout::{Tagged, check_blob, condition, count, feature, put_condition, put_features, read_metadata};
use crate::TangleError;
use crate::codec::{Reader, put_length};
use crate::parameters::MAX_METADATA_BYTES;

/// An account with a state index and metadata, a state controller and a governor (type 4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AliasOutput {
    /// Tokens in their smallest unit.
    pub amount: u64,
    /// The alias; zero in the output that creates it.
    pub alias_id: AliasId,
    /// Rises by one with each state transition.
    pub state_index: u32,
    /// What the controller commits to; at most 8,192 bytes.
    pub state_metadata: Vec<u8>,
    /// How many foundries it made.
    pub foundry_counter: u32,
    /// Unlocks state transitions.
    pub state_controller: L1Address,
    /// Unlocks governance transitions and destruction.
    pub governor: L1Address,
    /// An address that was unlocked by the transaction that made the output.
    pub sender: Option<L1Address>,
    /// 1 to 8,192 bytes; the governor's.
    pub metadata: Option<Vec<u8>>,
    /// Who created it; never changes.
    pub immutable_issuer: Option<L1Address>,
    /// 1 to 8,192 bytes that never change.
    pub immutable_metadata: Option<Vec<u8>>,
}

impl AliasOutput {
    /// The smallest alias there is: what its storage deposit starts from.
    pub(crate) const fn smallest() -> Self {
        let nobody = L1Address::Ed25519([0; 32]);
        Self::create(nobody, nobody, 0, Vec::new())
    }

    /// The output that creates an alias.
    pub const fn create(
        state_controller: L1Address,
        governor: L1Address,
        amount: u64,
        state_metadata: Vec<u8>,
    ) -> Self {
        Self {
            amount,
            alias_id: AliasId::new([0; 32]),
            state_index: 0,
            state_metadata,
            foundry_counter: 0,
            state_controller,
            governor,
            sender: None,
            metadata: None,
            immutable_issuer: None,
            immutable_metadata: None,
        }
    }

    /// Whether this output creates its alias.
    pub fn is_creation(&self) -> bool {
        self.alias_id == AliasId::default()
    }

    /// The alias's id, where the output itself has `id`.
    pub fn id_at(&self, id: &OutputId) -> AliasId {
        if self.is_creation() { id.alias_id() } else { self.alias_id }
    }

    pub(crate) fn packed_bytes(&self) -> usize {
        let features = self.sender.map_or(0, |_| 34) + self.metadata.as_ref().map_or(0, |bytes| 3 + bytes.len());
        let immutable = self.immutable_issuer.map_or(0, |_| 34)
            + self.immutable_metadata.as_ref().map_or(0, |bytes| 3 + bytes.len());
        1 + 8 + 1 + 32 + 4 + 2 + self.state_metadata.len() + 4 + (1 + 2 * 34) + (1 + features) + (1 + immutable)
    }

    pub(super) fn pack(&self, to: &mut Vec<u8>) {
        to.push(OutputKind::Alias as u8);
        to.extend_from_slice(&self.amount.to_le_bytes());
        to.push(0);
        to.extend_from_slice(self.alias_id.as_bytes());
        to.extend_from_slice(&self.state_index.to_le_bytes());
        put_length!(to, self.state_metadata.len(), u16);
        to.extend_from_slice(&self.state_metadata);
        to.extend_from_slice(&self.foundry_counter.to_le_bytes());
        to.push(2);
        put_condition(to, condition::STATE_CONTROLLER, &self.state_controller);
        put_condition(to, condition::GOVERNOR, &self.governor);
        to.push(count(&[self.sender.is_some(), self.metadata.is_some()]));
        put_features(to, self.sender.as_ref(), None, self.metadata.as_deref());
        to.push(count(&[self.immutable_issuer.is_some(), self.immutable_metadata.is_some()]));
        put_features(to, None, self.immutable_issuer.as_ref(), self.immutable_metadata.as_deref());
    }

    pub(super) fn unpack(from: &mut Reader<'_>) -> Result<Self, TangleError> {
        let amount = from.u64("an amount")?;
        from.expect(0, "the count of native tokens, which are not supported here,")?;
        let alias_id = AliasId::new(from.array("an alias id")?);
        let state_index = from.u32("a state index")?;
        let length = from.u16("a state metadata's length")?;
        let state_metadata = from.take(usize::from(length), "state metadata")?.to_vec();
        let foundry_counter = from.u32("a foundry counter")?;
        let mut conditions = Tagged::read(from, "unlock conditions")?;
        let both = "an alias output has a state controller and a governor unlock condition";
        if !conditions.next_is(from, condition::STATE_CONTROLLER)? {
            return Err(from.malformed(both));
        }
        let state_controller = from.address()?;
        if !conditions.next_is(from, condition::GOVERNOR)? {
            return Err(from.malformed(both));
        }
        let governor = from.address()?;
        conditions.finish(from)?;
        let mut output = Self::create(state_controller, governor, amount, state_metadata);
        (output.alias_id, output.state_index, output.foundry_counter) = (alias_id, state_index, foundry_counter);
        let mut features = Tagged::read(from, "features")?;
        if features.next_is(from, feature::SENDER)? {
            output.sender = Some(from.address()?);
        }
        if features.next_is(from, feature::METADATA)? {
            output.metadata = Some(read_metadata(from)?);
        }
        features.finish(from)?;
        let mut immutable = Tagged::read(from, "immutable features")?;
        if immutable.next_is(from, feature::ISSUER)? {
            output.immutable_issuer = Some(from.address()?);
        }
        if immutable.next_is(from, feature::METADATA)? {
            output.immutable_metadata = Some(read_metadata(from)?);
        }
        immutable.finish(from)?;
        Ok(output)
    }

    pub(super) fn check_syntax(&self) -> Result<(), TangleError> {
        if self.is_creation() && (self.state_index != 0 || self.foundry_counter != 0) {
            return Err(TangleError::Syntax("a new alias starts with state index 0 and foundry counter 0".into()));
        }
        let own = L1Address::Alias(self.alias_id);
        if !self.is_creation() && (self.state_controller == own || self.governor == own) {
            return Err(TangleError::Syntax(
                "an alias can be neither its own state controller nor its own governor".into(),
            ));
        }
        if self.state_metadata.len() > MAX_METADATA_BYTES {
            return Err(TangleError::Syntax(format!(
                "state metadata of {} bytes is above the limit of {MAX_METADATA_BYTES}",
                self.state_metadata.len()
            )));
        }
        check_blob(self.metadata.as_deref(), MAX_METADATA_BYTES, "metadata")?;
        check_blob(self.immutable_metadata.as_deref(), MAX_METADATA_BYTES, "immutable metadata")
    }
}
