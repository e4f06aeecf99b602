//! Blocks: the vertices of the tangle (TIP-24), and what they carry.

use serde::{Deserialize, Serialize};
use vespiary_types::{BlockId, TransactionId, blake2b256};

use crate::codec::{Reader, put_length};
use crate::milestone::MILESTONE_PAYLOAD;
use crate::parameters::{MAX_BLOCK_BYTES, MAX_PARENTS, MAX_TAG_BYTES};
use crate::transaction::TRANSACTION_PAYLOAD;
use crate::{Milestone, ProtocolVersion, TangleError, Transaction};

const TAGGED_DATA_PAYLOAD: u32 = 5;

/// Bytes with a tag that the ledger does not interpret (TIP-23, payload type 5).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TaggedData {
    /// At most 64 bytes.
    pub tag: Vec<u8>,
    /// Anything that fits a block.
    pub data: Vec<u8>,
}

/// What a block carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// Moves tokens.
    Transaction(Transaction),
    /// Confirms blocks.
    Milestone(Milestone),
    /// Is only there to be read.
    TaggedData(TaggedData),
}

/// A vertex of the tangle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The layout.
    pub version: ProtocolVersion,
    /// 1 to 8 earlier blocks, sorted, each once.
    pub parents: Vec<BlockId>,
    /// What it carries, if anything.
    pub payload: Option<Payload>,
    /// The proof of work; any number, as the least score is 0 here.
    pub nonce: u64,
}

impl Block {
    /// A block over `parents`, which are sorted and made unique.
    pub fn new(version: ProtocolVersion, mut parents: Vec<BlockId>, payload: Option<Payload>) -> Self {
        parents.sort_unstable();
        parents.dedup();
        Self { version, parents, payload, nonce: 0 }
    }

    /// BLAKE2b-256 of the serialized block.
    pub fn id(&self) -> BlockId {
        BlockId::new(blake2b256(self.to_bytes()))
    }

    /// The bytes of TIP-24's layout.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = vec![self.version.byte()];
        pack_parents(&mut to, &self.parents);
        let length_at = to.len();
        to.extend_from_slice(&0u32.to_le_bytes());
        match &self.payload {
            None => {}
            Some(Payload::Transaction(transaction)) => transaction.pack(&mut to),
            Some(Payload::Milestone(milestone)) => milestone.pack(&mut to),
            Some(Payload::TaggedData(data)) => data.pack(&mut to),
        }
        let length = u32::try_from(to.len() - length_at - 4).unwrap_or(u32::MAX);
        if let Some(place) = to.get_mut(length_at..length_at + 4) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        to.extend_from_slice(&self.nonce.to_le_bytes());
        to
    }

    /// Reads one block and nothing behind it, and checks every rule that needs no ledger.
    ///
    /// # Errors
    /// [`TangleError::Malformed`], [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TangleError> {
        if bytes.len() > MAX_BLOCK_BYTES {
            return Err(too_large(bytes.len()));
        }
        let mut from = Reader::new(bytes);
        let byte = from.u8("a protocol version")?;
        let Some(version) = ProtocolVersion::from_byte(byte) else {
            return Err(from.malformed(format!("protocol version {byte} is unknown: 2 and 3 are read")));
        };
        let parents = unpack_parents(&mut from)?;
        let length = from.u32("a payload's length")?;
        let start = from.position();
        let payload = if length == 0 { None } else { Some(Payload::unpack(&mut from, version, length)?) };
        if (from.position() - start) as u64 != u64::from(length) {
            return Err(from.malformed(format!("the payload's length is given as {length}")));
        }
        let nonce = from.u64("a nonce")?;
        from.finish("a block")?;
        let block = Self { version, parents, payload, nonce };
        block.check_parts()?;
        Ok(block)
    }

    /// Every rule that needs no knowledge of the ledger; signatures are not verified.
    ///
    /// # Errors
    /// [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
    pub fn check(&self) -> Result<(), TangleError> {
        let length = self.to_bytes().len();
        if length > MAX_BLOCK_BYTES { Err(too_large(length)) } else { self.check_parts() }
    }

    fn check_parts(&self) -> Result<(), TangleError> {
        check_parents(&self.parents)?;
        match &self.payload {
            None => Ok(()),
            Some(Payload::Transaction(transaction)) => transaction.check(),
            Some(Payload::TaggedData(data)) => data.check(),
            Some(Payload::Milestone(milestone)) => {
                if milestone.essence.parents != self.parents {
                    return Err(TangleError::Syntax("a milestone's parents are those of its block".into()));
                }
                if milestone.essence.version != self.version {
                    return Err(TangleError::Syntax("a milestone's version is that of its block".into()));
                }
                milestone.check()
            }
        }
    }

    /// The transaction it carries.
    pub const fn transaction(&self) -> Option<&Transaction> {
        match &self.payload {
            Some(Payload::Transaction(transaction)) => Some(transaction),
            _ => None,
        }
    }

    /// The milestone it carries.
    pub const fn milestone(&self) -> Option<&Milestone> {
        match &self.payload {
            Some(Payload::Milestone(milestone)) => Some(milestone),
            _ => None,
        }
    }
}

impl Payload {
    fn unpack(from: &mut Reader<'_>, version: ProtocolVersion, length: u32) -> Result<Self, TangleError> {
        match from.u32("a payload's type")? {
            TRANSACTION_PAYLOAD => Transaction::unpack(from).map(Self::Transaction),
            MILESTONE_PAYLOAD => Milestone::unpack(from, version).map(Self::Milestone),
            TAGGED_DATA_PAYLOAD => TaggedData::unpack(from, length).map(Self::TaggedData),
            kind => Err(from.malformed(format!("{kind} is not a payload's type"))),
        }
    }
}

impl TaggedData {
    pub(crate) fn packed_bytes(&self) -> usize {
        4 + 1 + self.tag.len() + 4 + self.data.len()
    }

    pub(crate) fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&TAGGED_DATA_PAYLOAD.to_le_bytes());
        put_length!(to, self.tag.len(), u8);
        to.extend_from_slice(&self.tag);
        put_length!(to, self.data.len(), u32);
        to.extend_from_slice(&self.data);
    }

    pub(crate) fn unpack_sized(from: &mut Reader<'_>, length: u32) -> Result<Self, TangleError> {
        let start = from.position();
        let kind = from.u32("a payload's type")?;
        if kind != TAGGED_DATA_PAYLOAD {
            return Err(from.malformed(format!("a transaction carries tagged data (type 5), not payload type {kind}")));
        }
        let data = Self::unpack(from, length)?;
        if (from.position() - start) as u64 != u64::from(length) {
            return Err(from.malformed(format!("the payload's length is given as {length}")));
        }
        Ok(data)
    }

    fn unpack(from: &mut Reader<'_>, payload_length: u32) -> Result<Self, TangleError> {
        let length = from.u8("a tag's length")?;
        let tag = from.take(usize::from(length), "a tag")?.to_vec();
        let length = from.u32("data's length")?;
        if length > payload_length {
            return Err(from.malformed(format!("{length} bytes of data do not fit a payload of {payload_length}")));
        }
        let data = from.take(length as usize, "data")?.to_vec();
        Ok(Self { tag, data })
    }

    pub(crate) fn check(&self) -> Result<(), TangleError> {
        if self.tag.len() > MAX_TAG_BYTES {
            let length = self.tag.len();
            return Err(TangleError::Syntax(format!("a tag of {length} bytes is above the limit of {MAX_TAG_BYTES}")));
        }
        Ok(())
    }
}

/// A block made ready to be attached: serialized, hashed, its rules checked and its signatures judged.
///
/// Making one is the costly part and needs no ledger, so it can run on any thread.
#[derive(Debug, Clone)]
pub struct PreparedBlock {
    pub(crate) id: BlockId,
    pub(crate) transaction_id: Option<TransactionId>,
    pub(crate) block: Block,
    pub(crate) bytes: Vec<u8>,
    /// Of a transaction. A milestone's are judged where the coordinator's keys are known.
    pub(crate) signatures_hold: bool,
}

impl PreparedBlock {
    /// Prepares a block that came as bytes.
    ///
    /// # Errors
    /// As [`Block::from_bytes`].
    pub fn decode(bytes: Vec<u8>) -> Result<Self, TangleError> {
        let block = Block::from_bytes(&bytes)?;
        Ok(Self::assemble(block, bytes))
    }

    /// Prepares a block that was built here.
    ///
    /// # Errors
    /// As [`Block::check`].
    pub fn new(block: Block) -> Result<Self, TangleError> {
        let bytes = block.to_bytes();
        if bytes.len() > MAX_BLOCK_BYTES {
            return Err(too_large(bytes.len()));
        }
        block.check_parts()?;
        Ok(Self::assemble(block, bytes))
    }

    fn assemble(block: Block, bytes: Vec<u8>) -> Self {
        let id = BlockId::new(blake2b256(&bytes));
        let transaction_id = block.transaction().map(Transaction::id);
        let signatures_hold = block.transaction().is_none_or(Transaction::signatures_hold);
        Self { id, transaction_id, block, bytes, signatures_hold }
    }

    /// The block's id.
    pub const fn id(&self) -> BlockId {
        self.id
    }

    /// The id of the transaction it carries.
    pub const fn transaction_id(&self) -> Option<TransactionId> {
        self.transaction_id
    }

    /// The block itself.
    pub const fn block(&self) -> &Block {
        &self.block
    }

    /// Its serialized form.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn too_large(length: usize) -> TangleError {
    TangleError::Syntax(format!("a block of {length} bytes is above the limit of {MAX_BLOCK_BYTES}"))
}

pub(crate) fn pack_parents(to: &mut Vec<u8>, parents: &[BlockId]) {
    put_length!(to, parents.len(), u8);
    for parent in parents {
        to.extend_from_slice(parent.as_bytes());
    }
}

pub(crate) fn unpack_parents(from: &mut Reader<'_>) -> Result<Vec<BlockId>, TangleError> {
    let count = usize::from(from.u8("a count of parents")?);
    if count == 0 || count > MAX_PARENTS {
        return Err(from.malformed(format!("a block has 1 to {MAX_PARENTS} parents, not {count}")));
    }
    (0..count).map(|_| from.block_id("a parent")).collect()
}

pub(crate) fn check_parents(parents: &[BlockId]) -> Result<(), TangleError> {
    if parents.is_empty() || parents.len() > MAX_PARENTS {
        return Err(TangleError::Syntax(format!("a block has 1 to {MAX_PARENTS} parents, not {}", parents.len())));
    }
    if !parents.is_sorted_by(|left, right| left < right) {
        return Err(TangleError::Syntax("a block's parents are sorted, each once".into()));
    }
    Ok(())
}
