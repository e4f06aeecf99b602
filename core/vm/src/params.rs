//! The parameters of a chain that execution depends on.

use vespiary_types::{AgentId, ChainConfig, FeePolicy, GasLimits, RulesSchedule};

/// What governance decides about execution. It stands in the native state, is read once a block, and holds for the whole block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    /// Who administers the chain.
    pub owner: AgentId,
    /// Who gets the owner's share of fees: the owner, unless governance names somebody else.
    pub payout_agent: AgentId,
    /// What gas costs.
    pub fees: FeePolicy,
    /// Limits on gas.
    pub gas_limits: GasLimits,
    /// The versions the chain runs, by height.
    pub rules: RulesSchedule,
    /// While true only governance calls of the owner run.
    pub maintenance: bool,
}

impl From<&ChainConfig> for Parameters {
    fn from(config: &ChainConfig) -> Self {
        Self {
            owner: config.owner,
            payout_agent: config.owner,
            fees: config.fees,
            gas_limits: config.gas_limits,
            rules: config.rules.clone(),
            maintenance: false,
        }
    }
}
