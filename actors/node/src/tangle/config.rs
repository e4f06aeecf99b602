//! What an embedded tangle is made with.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vespiary_types::L1Address;

/// The configuration of an embedded tangle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TangleConfig {
    /// The network's name, from which its id is made.
    pub network: String,
    /// At most one milestone in this time.
    pub milestone_interval: Duration,
    /// How long a block waits for company before its milestone.
    pub milestone_delay: Duration,
    /// Base tokens in their smallest unit that the faucet has.
    pub faucet: u64,
    /// Who else holds tokens from the first.
    pub endowed: Vec<(L1Address, u64)>,
}

impl Default for TangleConfig {
    fn default() -> Self {
        Self {
            network: "vespiary".into(),
            milestone_interval: Duration::from_millis(50),
            milestone_delay: Duration::from_millis(10),
            faucet: 1_000_000_000_000_000_000,
            endowed: Vec::new(),
        }
    }
}
