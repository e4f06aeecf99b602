//! A chain's configuration: one plain value, kept with the chain.

use std::collections::BTreeMap;
use std::str::FromStr;

use alloy_primitives::{Address, U256};
use serde::{Deserialize, Serialize};

use crate::{AgentId, ChainId, FeePolicy, FeePolicyError, L1Address, Wire, blake2b256};

/// The largest EVM chain id that wallets accept: MetaMask stops here, viem at 2⁵³ − 1.
pub const MAX_EVM_CHAIN_ID: u64 = 4_503_599_627_370_476;

/// Whether a chain is anchored on the tangle. Recorded in genesis, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Anchoring {
    /// An alias on the tangle holds its assets and commits to its state.
    #[default]
    Anchored,
    /// Solo, no anchor, genesis allocations out of nothing, may be rewound.
    Dev,
}

/// The version of the EVM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Fork {
    /// April 2021.
    Berlin,
    /// August 2021: EIP-1559.
    London,
    /// September 2022: PREVRANDAO.
    Paris,
    /// April 2023: PUSH0.
    Shanghai,
    /// March 2024: transient storage, MCOPY.
    #[default]
    Cancun,
    /// May 2025: EIP-7702.
    Prague,
}

impl Fork {
    /// The newest fork that runs whole. Prague lacks EIP-7702 and the system contract of EIP-2935.
    pub const LATEST: Fork = Fork::Cancun;
}

impl FromStr for Fork {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "berlin" => Ok(Self::Berlin),
            "london" => Ok(Self::London),
            "paris" | "merge" => Ok(Self::Paris),
            "shanghai" => Ok(Self::Shanghai),
            "cancun" => Ok(Self::Cancun),
            "prague" => Ok(Self::Prague),
            _ => Err(format!("`{text}` is not a fork: use Berlin, London, Paris, Shanghai, Cancun or Prague")),
        }
    }
}

/// The rules that hold from a height on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The version of Vespiary's own protocol.
    pub protocol: u32,
    /// The version of the EVM.
    pub fork: Fork,
}

impl Default for Rules {
    fn default() -> Self {
        Self { protocol: 1, fork: Fork::default() }
    }
}

/// Rules by the height from which they hold, so that a living chain can be upgraded. There is always an entry at or below 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesSchedule(pub BTreeMap<u64, Rules>);

impl Default for RulesSchedule {
    fn default() -> Self {
        Self(BTreeMap::from([(0, Rules::default())]))
    }
}

impl RulesSchedule {
    /// The rules of the block at this height.
    pub fn at(&self, height: u64) -> Rules {
        self.0.range(..=height).next_back().map_or_else(Rules::default, |(_, rules)| *rules)
    }
}

/// Limits on gas, governance policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GasLimits {
    /// Most gas of a block.
    pub block: u64,
    /// Most gas of a request.
    pub request: u64,
    /// Least gas a native request is charged for.
    pub minimum: u64,
}

impl Default for GasLimits {
    fn default() -> Self {
        Self { block: 1_000_000_000, request: 50_000_000, minimum: 10_000 }
    }
}

/// Limits of the mempool, governance policy: a chain without fees needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MempoolLimits {
    /// Most pending requests in all.
    pub total: u32,
    /// Most pending requests of one sender.
    pub per_sender: u32,
    /// Most percent of a full block's places that one sender gets while others wait.
    pub sender_share: u8,
}

impl Default for MempoolLimits {
    fn default() -> Self {
        Self { total: 100_000, per_sender: 16_384, sender_share: 50 }
    }
}

/// Who may replace the committee of an anchored chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Governor {
    /// The committee itself.
    #[default]
    Sovereign,
    /// An L1 address, which can replace a committee that has lost too many shares, and so could seize the anchor.
    Owner(L1Address),
}

/// Everything that makes a chain this chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainConfig {
    /// Its name on the node: 1 to 64 of `a-z 0-9 - _`.
    pub name: String,
    /// Anchored on the tangle, or for development.
    pub anchoring: Anchoring,
    /// The EVM chain id; chosen from the chain's id if none is given.
    pub evm_chain_id: Option<u64>,
    /// Names of the validators; empty means the node that creates it, alone.
    pub committee: Vec<String>,
    /// Who may replace the committee.
    pub governor: Governor,
    /// Who administers the chain: sets its fees and limits, and gets the owner's share of fees. Nil means the node's own key.
    pub owner: AgentId,
    /// What gas costs.
    pub fees: FeePolicy,
    /// Limits on gas.
    pub gas_limits: GasLimits,
    /// Limits of the mempool.
    pub mempool: MempoolLimits,
    /// The versions it runs, by height.
    pub rules: RulesSchedule,
    /// Genesis allocations in wei. On an anchored chain they are paid into its alias.
    pub funded: BTreeMap<Address, U256>,
}

impl Wire for ChainConfig {
    const WHAT: &'static str = "a chain's configuration";
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainConfigError {
    /// A name that does not fit a path.
    #[error("`{0}` cannot name a chain: use 1 to 64 of a-z, 0-9, - and _")]
    Name(String),
    /// A chain id that wallets refuse, or zero.
    #[error("EVM chain id {0} is out of range: wallets accept 1 to {MAX_EVM_CHAIN_ID}")]
    EvmChainId(u64),
    /// A fee policy that makes no sense.
    #[error(transparent)]
    Fees(#[from] FeePolicyError),
    /// An allocation that L1's six decimals cannot carry.
    #[error("an anchored chain's allocation must be whole L1 units of 10^12 wei: {address} gets {wei} wei")]
    Allocation {
        /// Whose.
        address: Address,
        /// How much.
        wei: U256,
    },
    /// Allocations that no balance can hold together.
    #[error("the allocations of `funded` add up to more than 2^256 - 1 wei: allocate less")]
    Supply,
    /// More than one validator.
    #[error("a committee of {0} validators needs a cluster: on a lone node leave `committee` out")]
    Committee(usize),
    /// A fork that this version does not run whole.
    #[error(
        "the rules ask for {fork:?} from height {height} on, and this version runs up to Cancun: choose Cancun or earlier"
    )]
    Fork {
        /// The fork.
        fork: Fork,
        /// From which height on.
        height: u64,
    },
    /// Gas limits that contradict each other.
    #[error("gas limits must satisfy minimum {minimum} ≤ request {request} ≤ block {block}")]
    GasLimits {
        /// Least gas of a native request.
        minimum: u64,
        /// Most gas of a request.
        request: u64,
        /// Most gas of a block.
        block: u64,
    },
}

impl ChainConfig {
    /// A chain with this name and defaults for the rest: anchored, 10 gwei a gas unit, Cancun.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            anchoring: Anchoring::default(),
            evm_chain_id: None,
            committee: Vec::new(),
            governor: Governor::default(),
            owner: AgentId::Nil,
            fees: FeePolicy::default(),
            gas_limits: GasLimits::default(),
            mempool: MempoolLimits::default(),
            rules: RulesSchedule::default(),
            funded: BTreeMap::new(),
        }
    }

    /// Checks everything that can be checked without a node.
    pub fn validate(&self) -> Result<(), ChainConfigError> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(fits) {
            return Err(ChainConfigError::Name(self.name.clone()));
        }
        if let Some(id) = self.evm_chain_id
            && !(1..=MAX_EVM_CHAIN_ID).contains(&id)
        {
            return Err(ChainConfigError::EvmChainId(id));
        }
        let GasLimits { block, request, minimum } = self.gas_limits;
        if minimum > request || request > block {
            return Err(ChainConfigError::GasLimits { minimum, request, block });
        }
        if let Some((height, rules)) = self.rules.0.iter().find(|(_, rules)| rules.fork > Fork::LATEST) {
            return Err(ChainConfigError::Fork { fork: rules.fork, height: *height });
        }
        self.fees.validate()?;
        if self.anchoring == Anchoring::Anchored {
            for (address, wei) in &self.funded {
                if !crate::wei_to_tokens(*wei).is_some_and(|(_, rest)| rest.is_zero()) {
                    return Err(ChainConfigError::Allocation { address: *address, wei: *wei });
                }
            }
        }
        if self.funded.values().try_fold(U256::ZERO, |sum, wei| sum.checked_add(*wei)).is_none() {
            return Err(ChainConfigError::Supply);
        }
        if self.committee.len() > 1 {
            return Err(ChainConfigError::Committee(self.committee.len()));
        }
        Ok(())
    }

    /// The EVM chain id: the chosen one, or the first 48 bits of BLAKE2b-256 of the chain's id, never 0.
    pub fn evm_chain_id(&self, chain: &ChainId) -> u64 {
        self.evm_chain_id.unwrap_or_else(|| {
            let hash = blake2b256(chain.as_bytes());
            hash.iter().take(6).fold(0_u64, |id, byte| (id << 8) | u64::from(*byte)).max(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_id_beyond_metamasks_limit_is_refused_by_name() {
        let config = ChainConfig { evm_chain_id: Some(MAX_EVM_CHAIN_ID + 1), ..ChainConfig::named("shop") };
        let message = config.validate().expect_err("too large").to_string();
        assert!(message.contains("4503599627370477") && message.contains("4503599627370476"), "{message}");
    }

    #[test]
    fn a_fork_that_is_not_whole_is_refused_by_name() {
        let prague = Rules { protocol: 1, fork: Fork::Prague };
        let rules = RulesSchedule(BTreeMap::from([(0, Rules::default()), (10, prague)]));
        let message = ChainConfig { rules, ..ChainConfig::named("shop") }.validate().expect_err("Prague").to_string();
        assert!(message.contains("Prague from height 10"), "{message}");
    }

    #[test]
    fn a_configuration_survives_its_wire_form() {
        let mut config = ChainConfig::named("shop");
        config.funded.insert(Address::repeat_byte(1), U256::MAX);
        assert_eq!(ChainConfig::from_wire(&config.to_wire()), Ok(config));
    }

    #[test]
    fn rules_hold_from_their_height_on() {
        let prague = Rules { protocol: 1, fork: Fork::Prague };
        let schedule = RulesSchedule(BTreeMap::from([(0, Rules::default()), (10, prague)]));
        assert_eq!(schedule.at(9).fork, Fork::Cancun);
        assert_eq!(schedule.at(10).fork, Fork::Prague);
    }
}
