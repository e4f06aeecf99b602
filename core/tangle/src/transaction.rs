//! Transactions: inputs, outputs and what unlocks the inputs (TIP-20).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vespiary_crypto::{Blake2b, Ed25519PublicKey, Ed25519Signature};
use vespiary_types::{OutputId, TransactionId, blake2b256};

use crate::codec::{Reader, put_length};
use crate::parameters::{MAX_INPUTS, MAX_OUTPUTS};
use crate::{Output, TaggedData, TangleError};

/// What makes an input spendable. The unlock at a place unlocks the input at that place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unlock {
    /// A signature over BLAKE2b-256 of the essence (type 0).
    Signature {
        /// The key whose hash is the input's address.
        public_key: Ed25519PublicKey,
        /// Judged by ZIP-215 (TIP-14).
        signature: Ed25519Signature,
    },
    /// The same signature as an earlier input's (type 1).
    Reference(u16),
    /// An earlier input is the alias that owns this one, in a state transition (type 2).
    Alias(u16),
}

const SIGNATURE: u8 = 0;
const REFERENCE: u8 = 1;
const ALIAS: u8 = 2;
const ED25519: u8 = 0;
const UTXO_INPUT: u8 = 0;
const ESSENCE: u8 = 1;
pub(crate) const TRANSACTION_PAYLOAD: u32 = 6;

/// Bytes of a signature unlock; every other unlock is smaller.
pub(crate) const SIGNATURE_UNLOCK_BYTES: usize = 1 + 1 + 32 + 64;
/// Bytes of a reference or alias unlock.
pub(crate) const INDEX_UNLOCK_BYTES: usize = 1 + 2;
/// Bytes of an input.
pub(crate) const INPUT_BYTES: usize = 1 + 34;
/// Bytes of an essence without inputs, outputs and payload.
pub(crate) const ESSENCE_BYTES: usize = 1 + 8 + 2 + 32 + 2 + 4;

/// The signed part of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionEssence {
    /// The network it is for.
    pub network_id: u64,
    /// 1 to 128 outputs to consume, each once.
    pub inputs: Vec<OutputId>,
    /// BLAKE2b-256 over the hashes of the consumed outputs, so that a signer knows what he spends.
    pub inputs_commitment: [u8; 32],
    /// 1 to 128 outputs to make.
    pub outputs: Vec<Output>,
    /// Data that is signed with it.
    pub payload: Option<TaggedData>,
}

/// An essence and an unlock for each input (payload type 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The signed part.
    pub essence: TransactionEssence,
    /// One unlock for each input.
    pub unlocks: Vec<Unlock>,
}

/// The commitment to consumed outputs, in the order of the inputs (TIP-20).
pub fn inputs_commitment<'a>(outputs: impl IntoIterator<Item = &'a Output>) -> [u8; 32] {
    outputs.into_iter().fold(Blake2b::new(), |hash, output| hash.chain(&blake2b256(output.to_bytes()))).finish()
}

impl TransactionEssence {
    /// The bytes that are hashed and signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.packed_bytes());
        self.pack(&mut bytes);
        bytes
    }

    /// BLAKE2b-256 of the essence: the message of every signature.
    pub fn signing_digest(&self) -> [u8; 32] {
        blake2b256(self.to_bytes())
    }

    /// How many bytes the essence has.
    pub fn packed_bytes(&self) -> usize {
        ESSENCE_BYTES
            + self.inputs.len() * INPUT_BYTES
            + self.outputs.iter().map(Output::packed_bytes).sum::<usize>()
            + self.payload.as_ref().map_or(0, TaggedData::packed_bytes)
    }

    /// The rules that need no knowledge of the ledger: numbers, uniqueness, and each output's own.
    ///
    /// # Errors
    /// [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
    pub fn check(&self) -> Result<(), TangleError> {
        let syntax = |message: String| Err(TangleError::Syntax(message));
        if self.inputs.is_empty() || self.inputs.len() > MAX_INPUTS {
            return syntax(format!("a transaction has 1 to {MAX_INPUTS} inputs, not {}", self.inputs.len()));
        }
        if self.outputs.is_empty() || self.outputs.len() > MAX_OUTPUTS {
            return syntax(format!("a transaction has 1 to {MAX_OUTPUTS} outputs, not {}", self.outputs.len()));
        }
        if self.inputs.iter().collect::<BTreeSet<_>>().len() != self.inputs.len() {
            return syntax("a transaction consumes each input once".into());
        }
        let mut aliases = BTreeSet::new();
        for output in &self.outputs {
            output.check()?;
            if let Output::Alias(alias) = output
                && !alias.is_creation()
                && !aliases.insert(alias.alias_id)
            {
                return syntax(format!("alias {} stands in two outputs of one transaction", alias.alias_id));
            }
        }
        self.payload.as_ref().map_or(Ok(()), TaggedData::check)
    }

    fn pack(&self, to: &mut Vec<u8>) {
        to.push(ESSENCE);
        to.extend_from_slice(&self.network_id.to_le_bytes());
        put_length!(to, self.inputs.len(), u16);
        for input in &self.inputs {
            to.push(UTXO_INPUT);
            to.extend_from_slice(&input.to_bytes());
        }
        to.extend_from_slice(&self.inputs_commitment);
        put_length!(to, self.outputs.len(), u16);
        for output in &self.outputs {
            output.pack(to);
        }
        match &self.payload {
            None => to.extend_from_slice(&0u32.to_le_bytes()),
            Some(data) => {
                put_length!(to, data.packed_bytes(), u32);
                data.pack(to);
            }
        }
    }

    fn unpack(from: &mut Reader<'_>) -> Result<Self, TangleError> {
        from.expect(ESSENCE, "the essence's type")?;
        let network_id = from.u64("a network id")?;
        let count = usize::from(from.u16("a count of inputs")?);
        if count == 0 || count > MAX_INPUTS {
            return Err(from.malformed(format!("a transaction has 1 to {MAX_INPUTS} inputs, not {count}")));
        }
        let mut inputs = Vec::with_capacity(count);
        for _ in 0..count {
            from.expect(UTXO_INPUT, "an input's type")?;
            let input = OutputId { transaction_id: from.transaction_id()?, index: from.u16("an output's index")? };
            // Genesis may hold more outputs than a transaction can make, so the index is not limited to 127 here.
            inputs.push(input);
        }
        let inputs_commitment = from.array("an inputs commitment")?;
        let count = usize::from(from.u16("a count of outputs")?);
        if count == 0 || count > MAX_OUTPUTS {
            return Err(from.malformed(format!("a transaction has 1 to {MAX_OUTPUTS} outputs, not {count}")));
        }
        let mut outputs = Vec::with_capacity(count);
        for _ in 0..count {
            outputs.push(Output::unpack(from)?);
        }
        let length = from.u32("a payload's length")?;
        let payload = if length == 0 { None } else { Some(TaggedData::unpack_sized(from, length)?) };
        Ok(Self { network_id, inputs, inputs_commitment, outputs, payload })
    }
}

impl Transaction {
    /// BLAKE2b-256 of the serialized payload, unlocks included.
    pub fn id(&self) -> TransactionId {
        TransactionId::new(blake2b256(self.to_bytes()))
    }

    /// The bytes of the payload, its type first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.pack(&mut bytes);
        bytes
    }

    /// The outputs it makes, with their ids.
    pub fn outputs(&self) -> impl Iterator<Item = (OutputId, &Output)> {
        let transaction_id = self.id();
        (0u16..).zip(&self.essence.outputs).map(move |(index, output)| (OutputId { transaction_id, index }, output))
    }

    /// The rules that need no knowledge of the ledger, except that signatures are not verified.
    ///
    /// # Errors
    /// [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
    pub fn check(&self) -> Result<(), TangleError> {
        self.essence.check()?;
        let syntax = |message: String| Err(TangleError::Syntax(message));
        if self.unlocks.len() != self.essence.inputs.len() {
            return syntax(format!("{} unlocks for {} inputs", self.unlocks.len(), self.essence.inputs.len()));
        }
        let mut signers = BTreeSet::new();
        for (index, unlock) in self.unlocks.iter().enumerate() {
            match unlock {
                Unlock::Signature { public_key, .. } => {
                    if !signers.insert(*public_key) {
                        return syntax(format!("unlock {index} signs again with {public_key}: refer to the first"));
                    }
                }
                Unlock::Reference(to) => {
                    let target = self.unlocks.get(usize::from(*to)).filter(|_| usize::from(*to) < index);
                    if !matches!(target, Some(Unlock::Signature { .. })) {
                        return syntax(format!("unlock {index} refers to {to}, which is no earlier signature"));
                    }
                }
                Unlock::Alias(to) => {
                    if usize::from(*to) >= index {
                        return syntax(format!("unlock {index} refers to {to}, which is no earlier input"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether every signature holds over the essence (ZIP-215). The costly part of validation: done once, on any thread.
    pub fn signatures_hold(&self) -> bool {
        let digest = self.essence.signing_digest();
        self.unlocks.iter().all(|unlock| match unlock {
            Unlock::Signature { public_key, signature } => public_key.verify(&digest, signature).is_ok(),
            Unlock::Reference(_) | Unlock::Alias(_) => true,
        })
    }

    pub(crate) fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&TRANSACTION_PAYLOAD.to_le_bytes());
        self.essence.pack(to);
        put_length!(to, self.unlocks.len(), u16);
        for unlock in &self.unlocks {
            match unlock {
                Unlock::Signature { public_key, signature } => {
                    to.extend_from_slice(&[SIGNATURE, ED25519]);
                    to.extend_from_slice(&public_key.0);
                    to.extend_from_slice(&signature.0);
                }
                Unlock::Reference(index) => {
                    to.push(REFERENCE);
                    to.extend_from_slice(&index.to_le_bytes());
                }
                Unlock::Alias(index) => {
                    to.push(ALIAS);
                    to.extend_from_slice(&index.to_le_bytes());
                }
            }
        }
    }

    /// Reads what stands behind the payload's type.
    pub(crate) fn unpack(from: &mut Reader<'_>) -> Result<Self, TangleError> {
        let essence = TransactionEssence::unpack(from)?;
        let count = usize::from(from.u16("a count of unlocks")?);
        if count != essence.inputs.len() {
            return Err(from.malformed(format!("{count} unlocks for {} inputs", essence.inputs.len())));
        }
        let mut unlocks = Vec::with_capacity(count);
        for _ in 0..count {
            unlocks.push(match from.u8("an unlock's type")? {
                SIGNATURE => {
                    from.expect(ED25519, "a signature's type")?;
                    Unlock::Signature {
                        public_key: Ed25519PublicKey(from.array("a public key")?),
                        signature: Ed25519Signature(from.array("a signature")?),
                    }
                }
                REFERENCE => Unlock::Reference(from.u16("a reference")?),
                ALIAS => Unlock::Alias(from.u16("a reference")?),
                3 => return Err(from.malformed("NFT unlocks are not accepted by this ledger")),
                kind => return Err(from.malformed(format!("{kind} is not an unlock's type"))),
            });
        }
        Ok(Self { essence, unlocks })
    }
}
