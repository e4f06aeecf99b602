//! Outputs: what the ledger holds (TIP-18's basic and alias outputs).
//!
//! Unlock conditions and features are fields here, not lists: each can stand once and in one order only, which is the rule
//! of the layout too.

use serde::{Deserialize, Serialize};
use vespiary_types::{AliasId, L1Address, OutputId};

use crate::codec::{Reader, put_address, put_length};
use crate::parameters::{MAX_METADATA_BYTES, MAX_TAG_BYTES};
use crate::{TangleError, deposit};

/// The kinds of outputs by their type byte (TIP-20). Foundries and NFTs have their place and are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OutputKind {
    /// A deposit to an address.
    Basic = 3,
    /// An account with a state: a chain's anchor.
    Alias = 4,
    /// Controls the supply of a native token; not accepted.
    Foundry = 5,
    /// A unique token; not accepted.
    Nft = 6,
}

mod condition {
    pub(super) const ADDRESS: u8 = 0;
    pub(super) const STORAGE_DEPOSIT_RETURN: u8 = 1;
    pub(super) const TIMELOCK: u8 = 2;
    pub(super) const EXPIRATION: u8 = 3;
    pub(super) const STATE_CONTROLLER: u8 = 4;
    pub(super) const GOVERNOR: u8 = 5;
}

mod feature {
    pub(super) const SENDER: u8 = 0;
    pub(super) const ISSUER: u8 = 1;
    pub(super) const METADATA: u8 = 2;
    pub(super) const TAG: u8 = 3;
}

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

/// An output of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Output {
    /// A deposit.
    Basic(BasicOutput),
    /// An account with a state.
    Alias(AliasOutput),
}

impl From<BasicOutput> for Output {
    fn from(output: BasicOutput) -> Self {
        Self::Basic(output)
    }
}

impl From<AliasOutput> for Output {
    fn from(output: AliasOutput) -> Self {
        Self::Alias(output)
    }
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

    fn pack(&self, to: &mut Vec<u8>) {
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

    fn unpack(from: &mut Reader<'_>) -> Result<Self, TangleError> {
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

    fn check_syntax(&self) -> Result<(), TangleError> {
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

    fn pack(&self, to: &mut Vec<u8>) {
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

    fn unpack(from: &mut Reader<'_>) -> Result<Self, TangleError> {
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

    fn check_syntax(&self) -> Result<(), TangleError> {
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

impl Output {
    /// Tokens in their smallest unit.
    pub const fn amount(&self) -> u64 {
        match self {
            Self::Basic(output) => output.amount,
            Self::Alias(output) => output.amount,
        }
    }

    /// The kind by its type byte.
    pub const fn kind(&self) -> OutputKind {
        match self {
            Self::Basic(_) => OutputKind::Basic,
            Self::Alias(_) => OutputKind::Alias,
        }
    }

    /// The sender feature's address.
    pub const fn sender(&self) -> Option<&L1Address> {
        match self {
            Self::Basic(output) => output.sender.as_ref(),
            Self::Alias(output) => output.sender.as_ref(),
        }
    }

    /// The basic output, if it is one.
    pub const fn as_basic(&self) -> Option<&BasicOutput> {
        match self {
            Self::Basic(output) => Some(output),
            Self::Alias(_) => None,
        }
    }

    /// The alias output, if it is one.
    pub const fn as_alias(&self) -> Option<&AliasOutput> {
        match self {
            Self::Alias(output) => Some(output),
            Self::Basic(_) => None,
        }
    }

    /// The bytes of TIP-20's layout.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.packed_bytes());
        self.pack(&mut bytes);
        bytes
    }

    /// Reads one output and nothing behind it, and checks its own rules.
    ///
    /// # Errors
    /// [`TangleError::Malformed`], [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TangleError> {
        let mut from = Reader::new(bytes);
        let output = Self::unpack(&mut from)?;
        from.finish("an output")?;
        output.check()?;
        Ok(output)
    }

    /// How many bytes it has in a transaction.
    pub fn packed_bytes(&self) -> usize {
        match self {
            Self::Basic(output) => output.packed_bytes(),
            Self::Alias(output) => output.packed_bytes(),
        }
    }

    /// The rules that need no knowledge of the ledger, the storage deposit among them.
    ///
    /// # Errors
    /// [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
    pub fn check(&self) -> Result<(), TangleError> {
        match self {
            Self::Basic(output) => output.check_syntax()?,
            Self::Alias(output) => output.check_syntax()?,
        }
        self.check_deposit()
    }

    pub(crate) fn pack(&self, to: &mut Vec<u8>) {
        match self {
            Self::Basic(output) => output.pack(to),
            Self::Alias(output) => output.pack(to),
        }
    }

    pub(crate) fn unpack(from: &mut Reader<'_>) -> Result<Self, TangleError> {
        match from.u8("an output's type")? {
            3 => BasicOutput::unpack(from).map(Self::Basic),
            4 => AliasOutput::unpack(from).map(Self::Alias),
            kind @ (5 | 6) => Err(from.malformed(format!(
                "outputs of type {kind} ({}) are not accepted by this ledger",
                if kind == 5 { "foundry" } else { "NFT" }
            ))),
            kind => Err(from.malformed(format!("{kind} is not an output's type"))),
        }
    }
}

/// A counted list of typed entries that stand in ascending order, each at most once.
struct Tagged {
    left: u8,
    what: &'static str,
    next: Option<u8>,
}

impl Tagged {
    fn read(from: &mut Reader<'_>, what: &'static str) -> Result<Self, TangleError> {
        Ok(Self { left: from.u8(what)?, what, next: None })
    }

    /// Whether the next entry has this type, which is then consumed. Asking in ascending order makes any other order an error.
    fn next_is(&mut self, from: &mut Reader<'_>, kind: u8) -> Result<bool, TangleError> {
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

    fn finish(self, from: &Reader<'_>) -> Result<(), TangleError> {
        if self.next.is_none() && self.left == 0 {
            return Ok(());
        }
        Err(from.malformed(format!("{} of this output are unknown to its type, repeated or out of order", self.what)))
    }
}

fn count(present: &[bool]) -> u8 {
    present.iter().map(|present| u8::from(*present)).sum()
}

fn put_condition(to: &mut Vec<u8>, kind: u8, address: &L1Address) {
    to.push(kind);
    put_address(to, address);
}

fn put_features(to: &mut Vec<u8>, sender: Option<&L1Address>, issuer: Option<&L1Address>, metadata: Option<&[u8]>) {
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

fn read_metadata(from: &mut Reader<'_>) -> Result<Vec<u8>, TangleError> {
    let length = from.u16("metadata's length")?;
    Ok(from.take(usize::from(length), "metadata")?.to_vec())
}

fn check_blob(bytes: Option<&[u8]>, limit: usize, what: &str) -> Result<(), TangleError> {
    match bytes.map(<[u8]>::len) {
        Some(length) if length == 0 || length > limit => {
            Err(TangleError::Syntax(format!("{what} of {length} bytes: give 1 to {limit}, or leave it out")))
        }
        _ => Ok(()),
    }
}
