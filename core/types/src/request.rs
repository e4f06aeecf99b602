//! Requests: three ways in, one type out.
//!
//! A request is decoded once, hashed once and its signature checked once (in `vespiary-crypto`); from there on it travels as one
//! shared, immutable [`Request`].

use std::fmt;

use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{B256, Bytes, U256};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{AgentId, Assets, ChainId, Hname, L1Address, OutputId, RequestId, RequestRef, Wire, WireError, blake2b256};

/// A call of a native or Wasm contract's entry point.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Call {
    /// The contract; [`Hname::NIL`] only deposits.
    pub contract: Hname,
    /// Its entry point.
    pub entry_point: Hname,
    /// The parameters as the entry point defines them: for native contracts an ABI-encoded tuple.
    pub params: Bytes,
    /// What the callee may take from the caller's account.
    pub allowance: Assets,
    /// Gas units the caller is ready to pay for.
    pub gas_budget: u64,
}

impl Wire for Call {
    const WHAT: &'static str = "a call";
}

/// A request that came as an output of the tangle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnLedgerRequest {
    /// The output.
    pub output: OutputId,
    /// Its sender feature's address, or [`AgentId::Nil`].
    pub sender: AgentId,
    /// Base tokens it holds, in their smallest L1 unit; all of them are credited to the sender.
    pub tokens: u64,
    /// What it asks for.
    pub call: Call,
    /// Not before this unix time in seconds.
    pub timelock: Option<u32>,
    /// From this unix time in seconds on it belongs to that address. Such an output is claimed by an anchor before it executes.
    pub expiration: Option<(u32, L1Address)>,
    /// The output as serialized on the tangle: what the request's content hash is made of.
    pub serialized: Bytes,
}

/// What the signer of an off-ledger request signs: BLAKE2b-256 of the wire form of this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffLedgerEssence {
    /// The only chain it is good for.
    pub chain: ChainId,
    /// The account's next nonce, from 0.
    pub nonce: u64,
    /// The call.
    pub call: Call,
    /// The Ed25519 public key of the sender, whose agent is the L1 address of this key.
    pub public_key: [u8; 32],
}

impl Wire for OffLedgerEssence {
    const WHAT: &'static str = "an off-ledger request's essence";
}

/// A signed request that never touched the tangle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffLedgerRequest {
    /// What is signed.
    pub essence: OffLedgerEssence,
    /// 64 bytes, Ed25519 over BLAKE2b-256 of the essence.
    pub signature: Bytes,
}

impl Wire for OffLedgerRequest {
    const WHAT: &'static str = "an off-ledger request";
}

/// A signed Ethereum transaction, with the bytes it came in (EIP-2718).
#[derive(Clone, PartialEq, Eq)]
pub struct EthereumTransaction {
    envelope: TxEnvelope,
    raw: Bytes,
}

impl EthereumTransaction {
    /// Decodes the network form of a transaction. Nothing may stand behind it.
    pub fn decode(raw: Bytes) -> Result<Self, WireError> {
        let malformed =
            |reason: String| WireError::Malformed { what: "an Ethereum transaction", length: raw.len(), reason };
        let mut rest: &[u8] = &raw;
        let envelope = TxEnvelope::decode_2718(&mut rest).map_err(|error| malformed(error.to_string()))?;
        if !rest.is_empty() {
            return Err(malformed(format!("{} bytes are left over", rest.len())));
        }
        Ok(Self { envelope, raw })
    }

    /// The transaction's fields.
    pub fn envelope(&self) -> &TxEnvelope {
        &self.envelope
    }

    /// The bytes of the network form, which `transactionsRoot` commits to.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// keccak-256 of the network form.
    pub fn hash(&self) -> B256 {
        *self.envelope.tx_hash()
    }
}

impl From<TxEnvelope> for EthereumTransaction {
    fn from(envelope: TxEnvelope) -> Self {
        let raw = envelope.encoded_2718().into();
        Self { envelope, raw }
    }
}

impl fmt::Debug for EthereumTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EthereumTransaction({})", self.hash())
    }
}

impl Serialize for EthereumTransaction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EthereumTransaction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode(Bytes::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// What was asked, in the form it came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// By an output of the tangle.
    OnLedger(Box<OnLedgerRequest>),
    /// By a signed message.
    OffLedger(Box<OffLedgerRequest>),
    /// By an Ethereum transaction.
    Ethereum(Box<EthereumTransaction>),
}

impl Wire for Payload {
    const WHAT: &'static str = "a request";
}

impl Payload {
    /// The request's name.
    pub fn id(&self) -> RequestId {
        match self {
            Self::OnLedger(request) => RequestId::OnLedger(request.output),
            Self::OffLedger(request) => RequestId::OffLedger(blake2b256(request.to_wire()).into()),
            Self::Ethereum(transaction) => RequestId::Ethereum(transaction.hash()),
        }
    }

    /// The hash of everything that was signed or confirmed.
    pub fn content(&self) -> B256 {
        match self {
            Self::OnLedger(request) => blake2b256(&request.serialized).into(),
            Self::OffLedger(request) => blake2b256(request.to_wire()).into(),
            Self::Ethereum(transaction) => transaction.hash(),
        }
    }
}

/// A request whose signature (or confirmation by a milestone) has been checked: one immutable value, shared by everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    reference: RequestRef,
    sender: AgentId,
    payload: Payload,
}

impl Wire for Request {
    const WHAT: &'static str = "a checked request";
}

impl Request {
    /// A request by the agent whose signature was verified. Only `vespiary-crypto` and the tangle's reader know who that is.
    pub fn verified(payload: Payload, sender: AgentId) -> Self {
        let reference = RequestRef { id: payload.id(), content: payload.content() };
        Self { reference, sender, payload }
    }

    /// Its name.
    pub fn id(&self) -> RequestId {
        self.reference.id
    }

    /// What consensus orders.
    pub fn reference(&self) -> RequestRef {
        self.reference
    }

    /// Who asks.
    pub fn sender(&self) -> AgentId {
        self.sender
    }

    /// What is asked.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The nonce that was signed; on-ledger requests have none.
    pub fn nonce(&self) -> Option<u64> {
        match &self.payload {
            Payload::OnLedger(_) => None,
            Payload::OffLedger(request) => Some(request.essence.nonce),
            Payload::Ethereum(transaction) => Some(transaction.envelope().nonce()),
        }
    }

    /// The most gas it may burn.
    pub fn gas_limit(&self) -> u64 {
        match &self.payload {
            Payload::OnLedger(request) => request.call.gas_budget,
            Payload::OffLedger(request) => request.essence.call.gas_budget,
            Payload::Ethereum(transaction) => transaction.envelope().gas_limit(),
        }
    }

    /// The most it is ready to pay for a gas unit, in wei; native requests pay the chain's price.
    pub fn max_fee_per_gas(&self) -> Option<U256> {
        match &self.payload {
            Payload::Ethereum(transaction) => Some(U256::from(transaction.envelope().max_fee_per_gas())),
            Payload::OnLedger(_) | Payload::OffLedger(_) => None,
        }
    }
}
