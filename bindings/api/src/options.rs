//! What a node and a chain are made of, as plain values.

use std::collections::BTreeMap;
use std::path::PathBuf;

use alloy_primitives::{Address, U256};
use serde::{Deserialize, Serialize};
use vespiary_types::{
    AgentId, Anchoring, ChainConfig, ChainId, FeePolicy, Fork, GasLimits, MempoolLimits, Rules, RulesSchedule,
    WEI_PER_BASE_TOKEN,
};

use crate::{Amount, Error, Result, Span};

/// When a commit counts as kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// It survives the loss of power.
    PowerLoss,
    /// It survives the end of the process.
    Process,
}

/// What moves time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockKind {
    /// The machine's clock.
    #[default]
    Real,
    /// Calls that wait, and nothing else.
    Virtual,
}

/// How a node is opened.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NodeOptions {
    /// Its name; "node" if none is given.
    pub name: Option<String>,
    /// Where it keeps its chains; none keeps them in memory.
    pub data_dir: Option<PathBuf>,
    /// What `final` promises with a data directory; power loss if nothing is said.
    pub durability: Option<Durability>,
    /// Makes keys and everything else repeatable, and guessable.
    pub seed: Option<u64>,
    /// Real or virtual time.
    pub clock: ClockKind,
    /// Least time between two milestones of its own tangle.
    pub milestone_interval: Option<Span>,
    /// The network's name, which is the human-readable part of L1 addresses.
    pub network: Option<String>,
}

/// What gas costs, in the forms people give it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fees {
    /// "free", or a price such as "0.5 gwei".
    Text(String),
    /// A fixed price in wei a gas unit.
    #[serde(rename_all = "camelCase")]
    Fixed {
        /// The price.
        price: Amount,
        /// Percent of it that the proposer gets.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        validator_fee_share: Option<u8>,
    },
    /// The policy itself: A gas units for B of L1's smallest units.
    #[serde(rename_all = "camelCase")]
    Ratio {
        /// A.
        gas: u64,
        /// B.
        tokens: u64,
        /// Percent that the proposer gets.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        validator_fee_share: Option<u8>,
    },
}

impl Fees {
    /// The policy; a price that no ratio of 64-bit numbers gives is refused.
    pub fn policy(&self) -> Result<FeePolicy> {
        let share = FeePolicy::default().validator_fee_share;
        match self {
            Self::Text(text) if text == "free" => Ok(FeePolicy::FREE),
            Self::Text(text) => fixed(crate::units::price(text)?, share),
            Self::Fixed { price, validator_fee_share } => fixed(price.0, validator_fee_share.unwrap_or(share)),
            Self::Ratio { gas, tokens, validator_fee_share } => {
                Ok(FeePolicy { gas: *gas, tokens: *tokens, validator_fee_share: validator_fee_share.unwrap_or(share) })
            }
        }
    }
}

/// The ratio A:B with 10¹² · B / A = price, in lowest terms.
fn fixed(price: U256, validator_fee_share: u8) -> Result<FeePolicy> {
    if price.is_zero() {
        return Ok(FeePolicy::FREE);
    }
    let divisor = price.gcd(WEI_PER_BASE_TOKEN);
    let fits = |number: U256| u64::try_from(number).ok();
    match (fits(WEI_PER_BASE_TOKEN / divisor), fits(price / divisor)) {
        (Some(gas), Some(tokens)) => Ok(FeePolicy { gas, tokens, validator_fee_share }),
        _ => Err(Error::malformed(format!("a gas price of {price} wei is too high"))),
    }
}

/// How a chain is made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ChainOptions {
    /// Its name on the node: 1 to 64 of `a-z 0-9 - _`.
    pub name: String,
    /// Not anchored, free genesis allocations, may be rewound.
    pub dev: bool,
    /// What wallets know it by; a 48-bit hash of the chain's id if none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evm_chain_id: Option<u64>,
    /// What gas costs; 10 gwei if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fees: Option<Fees>,
    /// The version of the EVM: "cancun".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fork: Option<String>,
    /// Limits on gas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_limits: Option<GasLimitOptions>,
    /// Limits of the mempool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mempool: Option<MempoolOptions>,
    /// Genesis allocations in wei.
    pub funded: BTreeMap<Address, Amount>,
    /// Who administers the chain; the node's own key if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// Limits on gas; what is left out keeps its default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GasLimitOptions {
    /// Most gas of a block.
    pub block: Option<u64>,
    /// Most gas of a request.
    pub request: Option<u64>,
    /// Least gas a native request is charged for.
    pub minimum: Option<u64>,
}

/// Limits of the mempool; what is left out keeps its default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MempoolOptions {
    /// Most pending requests.
    pub total: Option<u32>,
    /// Most pending requests of one sender.
    pub per_sender: Option<u32>,
    /// Most percent of a block that one sender gets while others wait.
    pub sender_share: Option<u8>,
}

impl ChainOptions {
    /// A chain with this name and defaults for the rest.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The protocol's own form, checked.
    pub fn config(&self) -> Result<ChainConfig> {
        let mut config = ChainConfig::named(self.name.clone());
        if self.dev {
            config.anchoring = Anchoring::Dev;
        }
        config.evm_chain_id = self.evm_chain_id;
        if let Some(fees) = &self.fees {
            config.fees = fees.policy()?;
        }
        if let Some(fork) = &self.fork {
            let fork: Fork = fork.parse().map_err(Error::malformed)?;
            config.rules = RulesSchedule(BTreeMap::from([(0, Rules { fork, ..Rules::default() })]));
        }
        if let Some(limits) = &self.gas_limits {
            let GasLimits { block, request, minimum } = config.gas_limits;
            config.gas_limits = GasLimits {
                block: limits.block.unwrap_or(block),
                request: limits.request.unwrap_or(request),
                minimum: limits.minimum.unwrap_or(minimum),
            };
        }
        if let Some(limits) = &self.mempool {
            let MempoolLimits { total, per_sender, sender_share } = config.mempool;
            config.mempool = MempoolLimits {
                total: limits.total.unwrap_or(total),
                per_sender: limits.per_sender.unwrap_or(per_sender),
                sender_share: limits.sender_share.unwrap_or(sender_share),
            };
        }
        if self.owner.is_some() {
            config.owner = self.owner_agent()?;
        }
        config.funded = self.funded.iter().map(|(address, wei)| (*address, wei.0)).collect();
        config.validate().map_err(|error| Error::malformed(error.to_string()))?;
        Ok(config)
    }

    /// An owner is named by the 33 bytes of an L1 address in hexadecimal digits: an Ethereum address needs the chain's id, which
    /// does not exist yet.
    fn owner_agent(&self) -> Result<AgentId> {
        let text = self.owner.as_deref().unwrap_or_default();
        let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok();
        bytes
            .and_then(|bytes| vespiary_types::L1Address::from_bytes(&bytes).ok())
            .map(AgentId::L1)
            .ok_or_else(|| Error::malformed(format!("owner `{text}` is not an L1 address: give its 33 bytes as 0x…")))
    }

    /// What was chosen for a chain that exists.
    pub fn describe(config: &ChainConfig, chain: &ChainId) -> serde_json::Value {
        serde_json::json!({
            "name": config.name,
            "chainId": chain.to_string(),
            "dev": config.anchoring == Anchoring::Dev,
            "evmChainId": config.evm_chain_id(chain),
            "fees": { "gas": config.fees.gas, "tokens": config.fees.tokens,
                      "validatorFeeShare": config.fees.validator_fee_share, "price": config.fees.price_wei() },
            "fork": config.rules.at(0).fork,
            "gasLimits": config.gas_limits,
            "mempool": { "total": config.mempool.total, "perSender": config.mempool.per_sender,
                         "senderShare": config.mempool.sender_share },
            "owner": config.owner.to_string(),
            "committee": config.committee,
            "funded": config.funded,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_becomes_the_ratio_that_gives_it() {
        for price in ["0.5 gwei", "1 wei", "10 gwei", "3 gwei", "123456789 wei", "2 iota"] {
            let policy = Fees::Text(price.into()).policy().expect(price);
            assert_eq!(policy.price_wei(), crate::units::price(price).expect(price), "{price}");
        }
        assert_eq!(Fees::Text("free".into()).policy().expect("free"), FeePolicy::FREE);
    }

    #[test]
    fn a_misspelt_option_is_refused_by_name() {
        let error = serde_json::from_str::<ChainOptions>(r#"{"name":"shop","fundet":{}}"#).expect_err("unknown");
        assert!(error.to_string().contains("fundet"), "{error}");
    }

    #[test]
    fn a_chain_id_that_wallets_refuse_is_malformed() {
        let options = ChainOptions { evm_chain_id: Some(4_503_599_627_370_477), ..ChainOptions::named("shop") };
        assert!(options.config().expect_err("too large").message().contains("4503599627370476"));
    }
}
