//! The nouns of the protocol: plain values, no behaviour beyond their own encoding.
//!
//! ```text
//! hash ── hname ─┐
//!   └── ids ─────┼── agent ── assets ── request ── receipt ── block
//!      address ──┘                         units, fees, chain (a chain's configuration), level, identity
//! ```
//!
//! Everything that crosses a border of the node (disk, wire, language) is one of these. Hashes that commit to something are
//! 32 bytes. Amounts say their unit in their type or name: *tokens* are L1 base tokens with six decimals (`u64`), *wei* are
//! 10⁻¹⁸ token (`U256`), and `units` is the only place that turns one into the other.

mod address;
mod agent;
mod anchor;
mod assets;
mod block;
mod chain;
mod fees;
mod hash;
mod hname;
mod identity;
mod ids;
mod level;
mod receipt;
mod request;
mod units;
mod wire;

pub use address::{AddressError, L1Address};
pub use agent::{AgentId, AgentIdError};
pub use alloy_consensus::{Header, Transaction, TxEnvelope, TxLegacy};
pub use alloy_primitives::{Address, B256, Bytes, Log, LogData, U256, keccak256};
pub use anchor::AnchorMetadata;
pub use assets::Assets;
pub use block::{Block, BlockRecord, Payout};
pub use chain::{
    Anchoring, ChainConfig, ChainConfigError, Fork, GasLimits, Governor, MAX_EVM_CHAIN_ID, MempoolLimits, Rules,
    RulesSchedule,
};
pub use fees::{FeePolicy, FeePolicyError};
pub use hash::blake2b256;
pub use hname::Hname;
pub use identity::Identity;
pub use ids::{AliasId, BlockId, ChainId, IdError, MilestoneId, NftId, OutputId, RequestId, RequestRef, TransactionId};
pub use level::Level;
pub use receipt::{Event, ExecutionError, Outcome, Receipt};
pub use request::{Call, EthereumTransaction, OffLedgerEssence, OffLedgerRequest, OnLedgerRequest, Payload, Request};
pub use units::{WEI_PER_BASE_TOKEN, tokens_to_wei, wei_to_tokens};
pub use wire::{Wire, WireError};
