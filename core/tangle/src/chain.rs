//! The beginning of a chain on the L1: the alias that is its anchor. What outputs ask of a chain is the chain's to read.

use std::sync::Arc;
use vespiary_types::L1Address;

use crate::ledger::LedgerOutput;
use crate::{AliasOutput, Network, TangleError, TransactionBuilder, UnsignedTransaction};

/// The transaction that creates a chain's alias, paid by `creator`'s outputs.
///
/// The alias is the transaction's first output; its id is [`OutputId::alias_id`] of that.
///
/// # Errors
/// [`TangleError::InsufficientFunds`], [`TangleError::StorageDeposit`] when `tokens` do not cover the alias, or [`TangleError::Syntax`].
pub fn create_chain_alias(
    network: &Network,
    creator: L1Address,
    funds: impl IntoIterator<Item = Arc<LedgerOutput>>,
    state_controller: L1Address,
    governor: L1Address,
    tokens: u64,
    state_metadata: Vec<u8>,
) -> Result<UnsignedTransaction, TangleError> {
    let alias = AliasOutput::create(state_controller, governor, tokens, state_metadata);
    TransactionBuilder::new(network).output(alias).available(funds).build(creator)
}
