//! What every participant of one network agrees on before the first block.

use serde::{Deserialize, Serialize};
use vespiary_crypto::Ed25519PublicKey;
use vespiary_types::{L1Address, MilestoneId, OutputId, TransactionId, Wire, blake2b256};

use crate::{AliasOutput, BasicOutput, Output, TangleError};

/// The most inputs, and the most outputs, of a transaction (TIP-22).
pub const MAX_INPUTS: usize = 128;
/// The most outputs of a transaction (TIP-22).
pub const MAX_OUTPUTS: usize = 128;
/// The most bytes of a serialized block (TIP-22).
pub const MAX_BLOCK_BYTES: usize = 32_768;
/// The most parents of a block (TIP-22).
pub const MAX_PARENTS: usize = 8;
/// The most bytes of a metadata feature and of an alias's state metadata (TIP-22).
pub const MAX_METADATA_BYTES: usize = 8_192;
/// The most bytes of a tag (TIP-22).
pub const MAX_TAG_BYTES: usize = 64;

/// Which layout blocks and milestones have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProtocolVersion {
    /// Version 2, TIP-29 as published: milestones carry whole seconds in 32 bits.
    Stardust,
    /// Version 3, ours: milestones carry milliseconds in 64 bits, so that finality is not capped at one a second.
    Milliseconds,
}

impl ProtocolVersion {
    /// The byte that opens a block.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Stardust => 2,
            Self::Milliseconds => 3,
        }
    }

    /// The version of this byte.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            2 => Some(Self::Stardust),
            3 => Some(Self::Milliseconds),
            _ => None,
        }
    }
}

/// The base token, as wallets show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseToken {
    /// Its name.
    pub name: String,
    /// Its ticker symbol.
    pub symbol: String,
    /// Digits behind the decimal point of one token: 6 (the chains' conversion to 18 relies on it).
    pub decimals: u8,
}

impl Default for BaseToken {
    fn default() -> Self {
        Self { name: "Vespiary".into(), symbol: "VES".into(), decimals: 6 }
    }
}

/// Who may sign milestones: `threshold` of `keys` (TIP-29).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoordinatorKeys {
    /// The applicable public keys.
    pub keys: Vec<Ed25519PublicKey>,
    /// How many must sign, at least 1.
    pub threshold: u8,
}

/// A network's first state. Its hash is the id of milestone 0, so every milestone commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    /// The network's name; its hash is the network id in every transaction.
    pub network_name: String,
    /// The human-readable part of bech32 addresses.
    pub bech32_hrp: String,
    /// The layout of blocks.
    pub version: ProtocolVersion,
    /// The base token.
    pub token: BaseToken,
    /// Who signs milestones.
    pub coordinator: CoordinatorKeys,
    /// Unix milliseconds of milestone 0.
    pub time_ms: u64,
    /// Who holds which tokens at first; the faucet is one of them.
    pub allocations: Vec<(L1Address, u64)>,
}

impl Wire for Genesis {
    const WHAT: &'static str = "a tangle's genesis";
}

impl Genesis {
    /// A network whose whole supply belongs to `faucet` and whose milestones one key signs.
    pub fn solo(
        network_name: &str,
        coordinator: Ed25519PublicKey,
        faucet: L1Address,
        supply: u64,
        time_ms: u64,
    ) -> Self {
        Self {
            network_name: network_name.into(),
            bech32_hrp: "tst".into(),
            version: ProtocolVersion::Milliseconds,
            token: BaseToken::default(),
            coordinator: CoordinatorKeys { keys: vec![coordinator], threshold: 1 },
            time_ms,
            allocations: vec![(faucet, supply)],
        }
    }

    /// The id of milestone 0: BLAKE2b-256 of the wire form.
    pub fn milestone_id(&self) -> MilestoneId {
        MilestoneId::new(blake2b256(self.to_wire()))
    }

    /// The outputs that exist before the first transaction. Their transaction id is the genesis hash.
    pub fn outputs(&self) -> Vec<(OutputId, Output)> {
        let transaction_id = TransactionId(self.milestone_id().0);
        (0..=u16::MAX)
            .zip(&self.allocations)
            .map(|(index, (address, amount))| {
                (OutputId { transaction_id, index }, BasicOutput::new(*address, *amount).into())
            })
            .collect()
    }

    /// All tokens there will ever be.
    pub fn supply(&self) -> u64 {
        self.allocations.iter().fold(0, |sum, (_, amount)| sum.saturating_add(*amount))
    }

    /// Checks what a ledger relies on.
    ///
    /// # Errors
    /// [`TangleError::Syntax`] with the rule that is broken, or [`TangleError::StorageDeposit`].
    pub fn check(&self) -> Result<(), TangleError> {
        let CoordinatorKeys { keys, threshold } = &self.coordinator;
        if *threshold == 0 || usize::from(*threshold) > keys.len() || keys.len() > usize::from(u8::MAX) {
            return Err(TangleError::Syntax(format!(
                "a coordinator of {} keys cannot have threshold {threshold}: choose 1 to the number of keys, at most 255",
                keys.len()
            )));
        }
        if self.allocations.is_empty() || self.allocations.len() > usize::from(u16::MAX) {
            return Err(TangleError::Syntax(format!(
                "genesis has {} allocations: give 1 to 65,535",
                self.allocations.len()
            )));
        }
        let total: u128 = self.allocations.iter().map(|(_, amount)| u128::from(*amount)).sum();
        if u64::try_from(total).is_err() {
            return Err(TangleError::Syntax(format!("a supply of {total} does not fit 64 bits: allocate less")));
        }
        self.outputs().iter().try_for_each(|(_, output)| output.check_deposit())
    }

    /// What wallets and chains need to build transactions.
    pub fn network(&self) -> Network {
        Network {
            version: self.version,
            network_id: network_id(&self.network_name),
            network_name: self.network_name.clone(),
            bech32_hrp: self.bech32_hrp.clone(),
            token: self.token.clone(),
            supply: self.supply(),
        }
    }
}

/// The parameters that a builder of transactions needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The layout of blocks.
    pub version: ProtocolVersion,
    /// Stands in every transaction.
    pub network_id: u64,
    /// The name it is made of.
    pub network_name: String,
    /// The human-readable part of bech32 addresses.
    pub bech32_hrp: String,
    /// The base token.
    pub token: BaseToken,
    /// All tokens there are.
    pub supply: u64,
}

/// The network id of a name: the first 8 bytes, little-endian, of its BLAKE2b-256 (TIP-20).
pub fn network_id(name: &str) -> u64 {
    blake2b256(name).into_iter().take(8).rev().fold(0, |id, byte| id << 8 | u64::from(byte))
}

/// The least that a payout to an address can be: the storage deposit of an output with nothing but an address, 106,500 tokens.
pub fn minimum_payout() -> u64 {
    BasicOutput::new(L1Address::Ed25519([0; 32]), 0).minimum_deposit()
}

/// The storage deposit of a new anchor with `metadata_bytes` of state metadata.
pub fn minimum_anchor_deposit(metadata_bytes: usize) -> u64 {
    AliasOutput::smallest().minimum_deposit() + crate::deposit::PER_BYTE * metadata_bytes as u64
}
