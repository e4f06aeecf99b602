//! Requests that come as outputs of the tangle.
//!
//! The metadata feature of a basic output to the chain's alias carries a [`Call`] in wire form. An output without metadata, or with
//! metadata that is no call, is a plain deposit to its sender: nobody loses tokens by a malformed request.

use vespiary_tangle::{BasicOutput, Output};
use vespiary_types::{AgentId, Call, ChainId, L1Address, OnLedgerRequest, OutputId, Payload, Request, Wire};

/// Why an output is no request to a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OnLedgerError {
    /// It is addressed to somebody else.
    #[error("output {output} is addressed to {address}, not to chain {chain}")]
    OtherAddress {
        /// The output.
        output: OutputId,
        /// Its address.
        address: L1Address,
        /// The chain that was asked.
        chain: ChainId,
    },
    /// Whoever consumes it must pay a part back, and an anchor does not.
    #[error("output {0} demands its storage deposit back, which a chain does not pay: send it without that condition")]
    StorageDepositReturn(OutputId),
}

/// The request that an output makes of a chain. Its sender is the output's sender feature, whose address was unlocked when the output was
/// made: nothing is left to verify.
///
/// # Errors
/// [`OnLedgerError`] if the chain must leave the output alone.
pub fn on_ledger_request(id: OutputId, output: &BasicOutput, chain: ChainId) -> Result<Request, OnLedgerError> {
    if output.address != L1Address::Alias(chain) {
        return Err(OnLedgerError::OtherAddress { output: id, address: output.address, chain });
    }
    if output.storage_deposit_return.is_some() {
        return Err(OnLedgerError::StorageDepositReturn(id));
    }
    let sender = output.sender.map_or(AgentId::Nil, AgentId::L1);
    let call = output.metadata.as_deref().and_then(|bytes| Call::from_wire(bytes).ok()).unwrap_or_default();
    let request = OnLedgerRequest {
        output: id,
        sender,
        tokens: output.amount,
        call,
        timelock: output.timelock,
        expiration: output.expiration.map(|expiration| (expiration.time, expiration.return_address)),
        serialized: Output::Basic(output.clone()).to_bytes().into(),
    };
    Ok(Request::verified(Payload::OnLedger(Box::new(request)), sender))
}

/// The output by which `sender` makes a request of a chain and brings `tokens` (of 10⁻⁶); without a call a plain deposit. The transaction
/// that makes it must unlock the sender's address.
pub fn request_output(chain: ChainId, sender: L1Address, tokens: u64, call: Option<&Call>) -> BasicOutput {
    BasicOutput {
        sender: Some(sender),
        metadata: call.map(Wire::to_wire),
        ..BasicOutput::new(L1Address::Alias(chain), tokens)
    }
}
