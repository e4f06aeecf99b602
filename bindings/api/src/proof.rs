//! Proofs that anybody can check without a node: from an anchor on the tangle down to a storage slot.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::Encodable as _;
use serde::Serialize;
use serde_json::{Value, json};
use vespiary_types::Level;

use crate::engine::AccountProofParts;
use crate::ethereum::quantity;
use crate::{At, Chain, Result};

/// An anchor of a chain on the tangle.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Anchor {
    /// The alias output.
    pub output_id: String,
    /// The transaction that made it.
    pub transaction_id: String,
    /// The alias's state index.
    pub state_index: u32,
    /// The last height it covers.
    pub height: u64,
    /// The hash of the block at that height: what its metadata commits to.
    pub block_hash: B256,
    /// The milestone that confirmed it.
    pub milestone: u32,
    /// That milestone's time, unix milliseconds.
    pub time_ms: u64,
}

/// An account and some of its slots, proven against a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// The anchor that covers the block, if it is known: its `blockHash` is that of `header` when their heights are equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// The chain's alias.
    pub chain_id: String,
    /// The height.
    pub height: u64,
    /// keccak-256 of `header`.
    pub block_hash: B256,
    /// The header in RLP.
    pub header: Bytes,
    /// The root in the header.
    pub state_root: B256,
    /// The account.
    pub address: Address,
    /// Nodes from the root to the account.
    pub account_proof: Vec<Bytes>,
    /// Wei.
    pub balance: U256,
    /// Its nonce.
    pub nonce: u64,
    /// The hash of its code.
    pub code_hash: B256,
    /// The root of its storage.
    pub storage_hash: B256,
    /// Slots.
    pub storage_proof: Vec<SlotProof>,
}

/// One slot, proven against `storageHash`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SlotProof {
    /// The slot.
    pub key: B256,
    /// Its value.
    pub value: U256,
    /// Nodes from the root to the value.
    pub proof: Vec<Bytes>,
}

impl Proof {
    /// `eth_getProof`'s shape (EIP-1186).
    pub fn to_json(&self) -> Value {
        json!({
            "address": self.address,
            "accountProof": self.account_proof,
            "balance": self.balance,
            "nonce": quantity(self.nonce),
            "codeHash": self.code_hash,
            "storageHash": self.storage_hash,
            "storageProof": self.storage_proof,
        })
    }
}

impl Chain {
    /// The anchors that are confirmed, in order.
    pub async fn anchors(&self) -> Result<Vec<Anchor>> {
        self.node().check()?;
        let engine = self.engine().clone();
        let records = engine.anchors()?;
        Ok(records
            .into_iter()
            .map(|record| Anchor {
                output_id: record.output_id,
                transaction_id: record.transaction_id,
                state_index: record.state_index,
                height: record.height,
                block_hash: record.block_hash,
                milestone: record.milestone,
                time_ms: record.time_ms,
            })
            .collect())
    }

    /// Proves an account against the block that `at` means, without asking for anchors.
    pub(crate) async fn account_proof(&self, address: Address, slots: Vec<B256>, at: At) -> Result<Proof> {
        self.node().check()?;
        let height = self.height(at)?;
        let header =
            self.header_at(height)?.ok_or_else(|| crate::Error::internal(format!("block {height} is missing")))?;
        let parts: AccountProofParts = self.engine().proof(height, address, &slots)?;
        let mut encoded = Vec::with_capacity(header.length());
        header.encode(&mut encoded);
        Ok(Proof {
            anchor: None,
            chain_id: self.id().to_string(),
            height,
            block_hash: header.hash_slow(),
            header: encoded.into(),
            state_root: header.state_root,
            address,
            account_proof: parts.account_proof,
            balance: parts.balance,
            nonce: parts.nonce,
            code_hash: parts.code_hash,
            storage_hash: parts.storage_hash,
            storage_proof: parts
                .storage
                .into_iter()
                .map(|(key, value, proof)| SlotProof { key, value, proof })
                .collect(),
        })
    }

    /// Proves an account and slots of it. At `anchored` the proof starts at the anchor on the tangle.
    pub async fn prove(&self, address: Address, slots: Vec<B256>, at: At) -> Result<Proof> {
        if at != At::Level(Level::Anchored) {
            return self.account_proof(address, slots, at).await;
        }
        // The head and the anchor are read together, so that they are of the same height.
        let anchor = self.anchors().await?.into_iter().next_back();
        let height = anchor.as_ref().map_or(at, |anchor| At::Height(anchor.height));
        let mut proof = self.account_proof(address, slots, height).await?;
        proof.anchor = anchor;
        Ok(proof)
    }
}
