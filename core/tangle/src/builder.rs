//! Building transactions: choosing inputs, returning the remainder, signing.

use std::collections::BTreeMap;
use std::sync::Arc;

use vespiary_crypto::{Ed25519KeyPair, Ed25519PublicKey, Ed25519Signature};
use vespiary_types::{AliasId, L1Address, OutputId};

use crate::ledger::LedgerOutput;
use crate::parameters::MAX_INPUTS;
use crate::transaction::inputs_commitment;
use crate::validation::Transitions;
use crate::{BasicOutput, Network, Output, TaggedData, TangleError, Transaction, TransactionEssence, Unlock};

/// Collects what a transaction shall consume and make.
#[derive(Debug, Clone)]
pub struct TransactionBuilder {
    network_id: u64,
    inputs: Vec<(OutputId, Output)>,
    available: Vec<Arc<LedgerOutput>>,
    outputs: Vec<Output>,
    payload: Option<TaggedData>,
}

impl TransactionBuilder {
    /// A transaction for this network, of nothing yet.
    pub fn new(network: &Network) -> Self {
        Self {
            network_id: network.network_id,
            inputs: Vec::new(),
            available: Vec::new(),
            outputs: Vec::new(),
            payload: None,
        }
    }

    /// Consumes this output in any case.
    #[must_use]
    pub fn input(mut self, id: OutputId, output: impl Into<Output>) -> Self {
        self.inputs.push((id, output.into()));
        self
    }

    /// Plain outputs that may be consumed if more tokens are needed, tried in this order. Others among them are passed over.
    #[must_use]
    pub fn available(mut self, outputs: impl IntoIterator<Item = Arc<LedgerOutput>>) -> Self {
        self.available.extend(outputs);
        self
    }

    /// Makes this output.
    #[must_use]
    pub fn output(mut self, output: impl Into<Output>) -> Self {
        self.outputs.push(output.into());
        self
    }

    /// Signs this data along.
    #[must_use]
    pub fn tagged_data(mut self, payload: TaggedData) -> Self {
        self.payload = Some(payload);
        self
    }

    /// Chooses inputs until they pay for the outputs; what is left goes to `remainder` in an output of its own.
    ///
    /// # Errors
    /// [`TangleError::InsufficientFunds`], [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
    pub fn build(mut self, remainder: L1Address) -> Result<UnsignedTransaction, TangleError> {
        let sum = |amounts: &mut dyn Iterator<Item = u64>| amounts.fold(0u64, u64::saturating_add);
        let needed = sum(&mut self.outputs.iter().map(Output::amount));
        let least_remainder = BasicOutput::new(remainder, 0).minimum_deposit();
        let mut available = sum(&mut self.inputs.iter().map(|(_, output)| output.amount()));
        let enough = |available: u64| available == needed || available >= needed.saturating_add(least_remainder);
        for held in &self.available {
            if enough(available) || self.inputs.len() >= MAX_INPUTS {
                break;
            }
            let is_plain = held.output.as_basic().is_some_and(|basic| {
                basic.storage_deposit_return.is_none() && basic.timelock.is_none() && basic.expiration.is_none()
            });
            if !is_plain || self.inputs.iter().any(|(id, _)| *id == held.id) {
                continue;
            }
            available = available.saturating_add(held.output.amount());
            self.inputs.push((held.id, held.output.clone()));
        }
        if !enough(available) {
            let needed = if available > needed { needed.saturating_add(least_remainder) } else { needed };
            return Err(TangleError::InsufficientFunds { available, needed });
        }
        if available > needed {
            self.outputs.push(BasicOutput::new(remainder, available - needed).into());
        }
        UnsignedTransaction::new(self.network_id, self.inputs, self.outputs, self.payload)
    }
}

/// A transaction whose inputs are not unlocked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedTransaction {
    essence: TransactionEssence,
    /// The consumed outputs in the order of the inputs.
    consumed: Vec<Output>,
}

impl UnsignedTransaction {
    pub(crate) fn new(
        network_id: u64,
        inputs: Vec<(OutputId, Output)>,
        outputs: Vec<Output>,
        payload: Option<TaggedData>,
    ) -> Result<Self, TangleError> {
        let (inputs, consumed): (Vec<_>, Vec<_>) = order_inputs(inputs).into_iter().unzip();
        let inputs_commitment = inputs_commitment(&consumed);
        let essence = TransactionEssence { network_id, inputs, inputs_commitment, outputs, payload };
        essence.check()?;
        Ok(Self { essence, consumed })
    }

    /// The part that is signed.
    pub const fn essence(&self) -> &TransactionEssence {
        &self.essence
    }

    /// What each signer signs: BLAKE2b-256 of the essence.
    pub fn signing_digest(&self) -> [u8; 32] {
        self.essence.signing_digest()
    }

    /// Signs with these keys, for a milestone at `seconds` (which decides who owns an output that expires).
    ///
    /// # Errors
    /// [`TangleError::NoKey`] or [`TangleError::NotUnlockable`].
    pub fn sign(self, keys: &[&Ed25519KeyPair], seconds: u32) -> Result<Transaction, TangleError> {
        let digest = self.signing_digest();
        let signatures: Vec<_> = keys.iter().map(|key| (key.public_key(), key.sign(&digest))).collect();
        self.unlock(&signatures, seconds)
    }

    /// Finishes with signatures that were made elsewhere over [`Self::signing_digest`], as a committee's is.
    ///
    /// # Errors
    /// [`TangleError::NoKey`] or [`TangleError::NotUnlockable`].
    pub fn unlock(
        self,
        signatures: &[(Ed25519PublicKey, Ed25519Signature)],
        seconds: u32,
    ) -> Result<Transaction, TangleError> {
        let consumed = || self.essence.inputs.iter().zip(&self.consumed);
        let Some(first) = self.essence.inputs.first() else {
            return Err(TangleError::Syntax("a transaction has at least one input".into()));
        };
        let transitions = Transitions::find(consumed(), &self.essence.outputs).map_err(|_| {
            TangleError::NotUnlockable { output: *first, reason: "an alias changes in a way that no transition allows" }
        })?;
        let mut signed: BTreeMap<L1Address, u16> = BTreeMap::new();
        let mut aliases: BTreeMap<AliasId, u16> = BTreeMap::new();
        let mut unlocks = Vec::with_capacity(self.consumed.len());
        for (place, (id, output)) in (0u16..).zip(consumed()) {
            let owner = transitions.owner(id, output, seconds);
            unlocks.push(match owner {
                L1Address::Ed25519(_) => {
                    if let Some(earlier) = signed.get(&owner) {
                        Unlock::Reference(*earlier)
                    } else {
                        let signer = signatures.iter().find(|(key, _)| key.address() == owner);
                        let (public_key, signature) = *signer.ok_or(TangleError::NoKey(owner))?;
                        signed.insert(owner, place);
                        Unlock::Signature { public_key, signature }
                    }
                }
                L1Address::Alias(alias) => Unlock::Alias(*aliases.get(&alias).ok_or(TangleError::NotUnlockable {
                    output: *id,
                    reason: "the alias that owns it is not consumed before it in a state transition",
                })?),
                L1Address::Nft(_) => {
                    return Err(TangleError::NotUnlockable { output: *id, reason: "NFTs are not held by this ledger" });
                }
            });
            if let Some(alias) = output.as_alias().map(|alias| alias.id_at(id))
                && transitions.is_state_transition(alias)
            {
                aliases.insert(alias, place);
            }
        }
        Ok(Transaction { essence: self.essence, unlocks })
    }
}

/// Aliases first, each behind the alias that controls it, so that alias unlocks can point back.
fn order_inputs(inputs: Vec<(OutputId, Output)>) -> Vec<(OutputId, Output)> {
    let (mut aliases, others): (Vec<_>, Vec<_>) =
        inputs.into_iter().partition(|(_, output)| output.as_alias().is_some());
    let mut ordered = Vec::with_capacity(aliases.len() + others.len());
    while !aliases.is_empty() {
        let ids: Vec<L1Address> = aliases
            .iter()
            .filter_map(|(id, output)| output.as_alias().map(|alias| L1Address::Alias(alias.id_at(id))))
            .collect();
        let free = aliases.iter().position(|(_, output)| {
            output
                .as_alias()
                .is_some_and(|alias| !ids.contains(&alias.state_controller) && !ids.contains(&alias.governor))
        });
        // Aliases that control each other in a ring have no order that unlocks them; validation will say so.
        ordered.push(aliases.remove(free.unwrap_or(0)));
    }
    ordered.extend(others);
    ordered
}
