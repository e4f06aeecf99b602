//! The faucet: real transactions out of the faucet's own outputs, as many between two milestones as are asked for.

use std::collections::BTreeMap;

use vespiary_crypto::Ed25519KeyPair;
use vespiary_types::{BlockId, L1Address, OutputId, TransactionId};

use crate::parameters::MAX_INPUTS;
use crate::{
    BasicOutput, Block, Output, OutputState, Payload, PreparedBlock, Tangle, TangleError, TransactionBuilder,
    TransactionStatus,
};

/// Holds the faucet's key and remembers its last remainder, which the next request spends before any milestone.
#[derive(Debug, Clone)]
pub struct Faucet {
    key: Ed25519KeyPair,
    head: Option<Head>,
    /// Confirmed outputs that pending requests consume. The ledger still shows them as unspent.
    in_flight: BTreeMap<OutputId, TransactionId>,
}

/// The remainder of the latest request.
#[derive(Debug, Clone)]
struct Head {
    id: OutputId,
    output: BasicOutput,
    transaction: TransactionId,
    block: BlockId,
}

impl Faucet {
    /// The faucet of this key.
    pub const fn new(key: Ed25519KeyPair) -> Self {
        Self { key, head: None, in_flight: BTreeMap::new() }
    }

    /// Its address, which genesis endows.
    pub fn address(&self) -> L1Address {
        self.key.address()
    }

    /// Makes the block that sends `amount` tokens to `to`, to be attached to `tangle` right away.
    ///
    /// Each block refers to the one before and spends its remainder, so any number can be in flight. `seed` chooses tips.
    ///
    /// # Errors
    /// [`TangleError::StorageDeposit`] when `amount` is below the least an output can hold, [`TangleError::InsufficientFunds`]
    /// when the faucet is empty.
    pub fn fund(
        &mut self,
        tangle: &Tangle,
        to: L1Address,
        amount: u64,
        seed: u64,
    ) -> Result<PreparedBlock, TangleError> {
        self.send(tangle, BasicOutput::new(to, amount), seed)
    }

    /// As [`Self::fund`], with an output of the caller's making.
    ///
    /// # Errors
    /// As [`Self::fund`], and [`TangleError::Syntax`].
    pub fn send(&mut self, tangle: &Tangle, output: BasicOutput, seed: u64) -> Result<PreparedBlock, TangleError> {
        Output::from(output.clone()).check()?;
        self.head = self.head.take().filter(|head| is_usable(tangle, head));
        let address = self.address();
        let mut builder = TransactionBuilder::new(tangle.network()).output(output);
        let parents = if let Some(head) = &self.head {
            builder = builder.input(head.id, head.output.clone());
            tangle.select_tips_with(head.block, seed)
        } else {
            tangle.select_tips(seed)
        };
        // What people returned is taken in only when the remainder does not suffice.
        self.in_flight.retain(|_, transaction| tangle.status(transaction) == TransactionStatus::Pending);
        let free = tangle
            .ledger()
            .spendable_by(&address)
            .filter(|held| held.output.as_basic().is_some_and(|basic| basic.storage_deposit_return.is_none()))
            .filter(|held| !self.in_flight.contains_key(&held.id))
            .take(MAX_INPUTS);
        let unsigned = builder.available(free.cloned()).build(address)?;
        let confirmed: Vec<OutputId> =
            unsigned.essence().inputs.iter().filter(|id| tangle.ledger().unspent(id).is_some()).copied().collect();
        let transaction = unsigned.sign(&[&self.key], tangle.ledger().latest().seconds())?;
        let remainder = transaction.outputs().skip(1).find_map(|(id, output)| Some((id, output.as_basic()?.clone())));
        let block = Block::new(tangle.network().version, parents, Some(Payload::Transaction(transaction)));
        let block = PreparedBlock::new(block)?;
        if let Some(transaction) = block.transaction_id() {
            self.in_flight.extend(confirmed.into_iter().map(|id| (id, transaction)));
        }
        self.head = match (remainder, block.transaction_id()) {
            (Some((id, output)), Some(transaction)) => Some(Head { id, output, transaction, block: block.id() }),
            _ => None,
        };
        Ok(block)
    }
}

/// A remainder is good while its transaction is pending or it is unspent.
fn is_usable(tangle: &Tangle, head: &Head) -> bool {
    match tangle.status(&head.transaction) {
        TransactionStatus::Pending => true,
        _ => matches!(tangle.ledger().output(&head.id), Some(OutputState::Unspent(_))),
    }
}
