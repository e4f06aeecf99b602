//! A chain's outputs on the L1: the alias that is its anchor, and requests addressed to it.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use vespiary_types::{AgentId, Call, ChainId, L1Address, OnLedgerRequest, OutputId, Wire};

use crate::ledger::LedgerOutput;
use crate::{
    AliasOutput, BasicOutput, Expiration, Network, Output, TangleError, TransactionBuilder, UnsignedTransaction,
};

/// What a request says to the chain, in its output's metadata.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RequestMetadata(pub Call);

impl Wire for RequestMetadata {
    const WHAT: &'static str = "a request's metadata";
}

/// An output that asks something of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestOutput {
    /// Which chain.
    pub chain: ChainId,
    /// Tokens to deposit, at least the output's storage deposit.
    pub tokens: u64,
    /// Who asks: an address that the transaction unlocks.
    pub sender: L1Address,
    /// What is asked; the default only deposits.
    pub call: Call,
    /// Not before this unix second.
    pub timelock: Option<u32>,
    /// From this unix second on the sender can take it back.
    pub expires: Option<u32>,
}

impl From<RequestOutput> for BasicOutput {
    fn from(request: RequestOutput) -> Self {
        let mut output = Self::new(L1Address::Alias(request.chain), request.tokens);
        output.sender = Some(request.sender);
        output.metadata = Some(RequestMetadata(request.call).to_wire());
        output.timelock = request.timelock;
        output.expiration = request.expires.map(|time| Expiration { return_address: request.sender, time });
        output
    }
}

/// Reads an output addressed to a chain as a request. `None` if it is none: an alias, or one that demands its deposit back.
///
/// Metadata that cannot be read asks for nothing, so that the tokens reach their sender's account all the same.
pub fn on_ledger_request(id: OutputId, output: &Output) -> Option<OnLedgerRequest> {
    let basic = output.as_basic().filter(|basic| basic.storage_deposit_return.is_none())?;
    let call = basic.metadata.as_deref().and_then(|bytes| RequestMetadata::from_wire(bytes).ok()).unwrap_or_default().0;
    Some(OnLedgerRequest {
        output: id,
        sender: basic.sender.map_or(AgentId::Nil, AgentId::L1),
        tokens: basic.amount,
        call,
        timelock: basic.timelock,
        expiration: basic.expiration.map(|expiration| (expiration.time, expiration.return_address)),
        serialized: output.to_bytes().into(),
    })
}

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

/// The transaction that sends a request, or a plain deposit, to a chain, paid by the sender's outputs.
///
/// # Errors
/// [`TangleError::InsufficientFunds`], [`TangleError::StorageDeposit`] or [`TangleError::Syntax`].
pub fn send_request(
    network: &Network,
    request: RequestOutput,
    funds: impl IntoIterator<Item = Arc<LedgerOutput>>,
) -> Result<UnsignedTransaction, TangleError> {
    let sender = request.sender;
    TransactionBuilder::new(network).output(BasicOutput::from(request)).available(funds).build(sender)
}
