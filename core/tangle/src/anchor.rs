//! The plan of an anchor: one transaction that moves a chain's alias on, takes in requests and pays what the chain owes.
//!
//! The transaction is a pure function of what was put into the plan and of its order, so every validator builds the same.

use std::collections::BTreeMap;

use vespiary_types::{ChainId, L1Address, OutputId, Payout};

use crate::parameters::{MAX_BLOCK_BYTES, MAX_INPUTS, MAX_METADATA_BYTES, MAX_OUTPUTS, MAX_PARENTS, minimum_payout};
use crate::transaction::{ESSENCE_BYTES, INDEX_UNLOCK_BYTES, INPUT_BYTES, SIGNATURE_UNLOCK_BYTES};
use crate::{AliasOutput, BasicOutput, Network, Output, TangleError, UnsignedTransaction};

/// The most outputs an anchor consumes beside the alias.
pub const MAX_CONSUMED: usize = MAX_INPUTS - 1;
/// The most addresses an anchor pays.
pub const MAX_PAYOUTS: usize = MAX_OUTPUTS - 1;

/// Bytes of a block around a payload, with the most parents.
const BLOCK_BYTES: usize = 1 + 1 + MAX_PARENTS * 32 + 4 + 8;
/// Bytes of a transaction around its essence, and of counting its unlocks.
const TRANSACTION_BYTES: usize = 4 + 2;

/// An anchor in the making. Adding what does not fit is refused and leaves the plan as it was.
#[derive(Debug, Clone)]
pub struct AnchorPlan {
    network_id: u64,
    chain: ChainId,
    current: (OutputId, AliasOutput),
    consumed: Vec<(OutputId, BasicOutput)>,
    payouts: BTreeMap<L1Address, u64>,
    metadata: Vec<u8>,
    bytes: usize,
}

impl AnchorPlan {
    /// A plan over the chain's current alias output, with new state metadata and nothing else.
    ///
    /// # Errors
    /// [`TangleError::AnchorFull`] when the metadata is above 8,192 bytes.
    pub fn new(network: &Network, id: OutputId, current: AliasOutput, metadata: Vec<u8>) -> Result<Self, TangleError> {
        if metadata.len() > MAX_METADATA_BYTES {
            return Err(TangleError::AnchorFull("state metadata has at most 8,192 bytes"));
        }
        let chain = current.id_at(&id);
        let mut plan = Self {
            network_id: network.network_id,
            chain,
            current: (id, current),
            consumed: Vec::new(),
            payouts: BTreeMap::new(),
            metadata,
            bytes: 0,
        };
        plan.bytes = BLOCK_BYTES
            + TRANSACTION_BYTES
            + ESSENCE_BYTES
            + INPUT_BYTES
            + SIGNATURE_UNLOCK_BYTES
            + Output::from(plan.next(0)).packed_bytes();
        Ok(plan)
    }

    /// The chain.
    pub const fn chain(&self) -> ChainId {
        self.chain
    }

    /// How many bytes the block will have, with the most parents.
    pub const fn block_bytes(&self) -> usize {
        self.bytes
    }

    /// How many outputs it consumes beside the alias.
    pub fn consumed(&self) -> usize {
        self.consumed.len()
    }

    /// How many addresses it pays.
    pub fn payouts(&self) -> usize {
        self.payouts.len()
    }

    /// Takes an output addressed to the chain into the alias.
    ///
    /// # Errors
    /// [`TangleError::AnchorFull`], or [`TangleError::NotUnlockable`] if it is not the chain's or demands its deposit back.
    pub fn consume(&mut self, id: OutputId, output: BasicOutput) -> Result<(), TangleError> {
        if output.address != L1Address::Alias(self.chain) {
            return Err(TangleError::NotUnlockable { output: id, reason: "it is not addressed to the chain" });
        }
        if output.storage_deposit_return.is_some() {
            return Err(TangleError::NotUnlockable { output: id, reason: "it demands its storage deposit back" });
        }
        let bytes = self.bytes + INPUT_BYTES + INDEX_UNLOCK_BYTES;
        if self.consumed.len() >= MAX_CONSUMED {
            return Err(TangleError::AnchorFull("it consumes 127 outputs already"));
        }
        if bytes > MAX_BLOCK_BYTES {
            return Err(TangleError::AnchorFull("its block has 32,768 bytes"));
        }
        self.bytes = bytes;
        self.consumed.push((id, output));
        Ok(())
    }

    /// Pays what the chain owes. Payouts to one address become one output.
    ///
    /// # Errors
    /// [`TangleError::AnchorFull`], or [`TangleError::StorageDeposit`] for a payout below [`minimum_payout`].
    pub fn pay(&mut self, payout: &Payout) -> Result<(), TangleError> {
        if payout.tokens < minimum_payout() {
            return Err(TangleError::StorageDeposit { amount: payout.tokens, minimum: minimum_payout() });
        }
        if let Some(owed) = self.payouts.get_mut(&payout.to) {
            *owed = owed.saturating_add(payout.tokens);
            return Ok(());
        }
        let bytes = self.bytes + Output::from(BasicOutput::new(payout.to, payout.tokens)).packed_bytes();
        if self.payouts.len() >= MAX_PAYOUTS {
            return Err(TangleError::AnchorFull("it pays 127 addresses already"));
        }
        if bytes > MAX_BLOCK_BYTES {
            return Err(TangleError::AnchorFull("its block has 32,768 bytes"));
        }
        self.bytes = bytes;
        self.payouts.insert(payout.to, payout.tokens);
        Ok(())
    }

    /// Tokens that the alias will hold. Below its storage deposit, or below zero, the chain owes what it does not have.
    ///
    /// # Errors
    /// [`TangleError::InsufficientFunds`] when the payouts exceed what there is.
    pub fn balance_after(&self) -> Result<u64, TangleError> {
        let sum = |amounts: &mut dyn Iterator<Item = u64>| amounts.fold(0u64, u64::saturating_add);
        let available =
            self.current.1.amount.saturating_add(sum(&mut self.consumed.iter().map(|(_, held)| held.amount)));
        let needed = sum(&mut self.payouts.values().copied());
        available.checked_sub(needed).ok_or(TangleError::InsufficientFunds { available, needed })
    }

    /// The transaction: a state transition of the alias, its index one higher. The group's signature over its
    /// [`UnsignedTransaction::signing_digest`] completes it through [`UnsignedTransaction::unlock`].
    ///
    /// # Errors
    /// [`TangleError::InsufficientFunds`] or [`TangleError::StorageDeposit`] when the alias would hold too little.
    pub fn build(self) -> Result<UnsignedTransaction, TangleError> {
        let next = self.next(self.balance_after()?);
        let (id, current) = self.current;
        let consumed = self.consumed.into_iter().map(|(id, output)| (id, Output::from(output)));
        let inputs = std::iter::once((id, Output::from(current))).chain(consumed).collect();
        let payouts = self.payouts.into_iter().map(|(to, tokens)| Output::from(BasicOutput::new(to, tokens)));
        let outputs = std::iter::once(Output::from(next)).chain(payouts).collect();
        UnsignedTransaction::new(self.network_id, inputs, outputs, None)
    }

    /// The alias output that follows, holding `amount`.
    fn next(&self, amount: u64) -> AliasOutput {
        let current = &self.current.1;
        AliasOutput {
            amount,
            alias_id: self.chain,
            state_index: current.state_index.saturating_add(1),
            state_metadata: self.metadata.clone(),
            sender: None,
            ..current.clone()
        }
    }
}

/// The governance transition that hands an alias to other controllers, as a committee's rotation does.
///
/// # Errors
/// [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
pub fn rotate_controllers(
    network: &Network,
    id: OutputId,
    current: AliasOutput,
    state_controller: L1Address,
    governor: L1Address,
) -> Result<UnsignedTransaction, TangleError> {
    let alias_id = current.id_at(&id);
    let next = AliasOutput { alias_id, state_controller, governor, sender: None, ..current.clone() };
    UnsignedTransaction::new(network.network_id, vec![(id, current.into())], vec![next.into()], None)
}
