//! What a node is made with.

use crate::environment::{ClockKind, Disk, Durability};
use crate::tangle::{TangleConfig, TangleHandle};

/// A node's configuration.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Its name, in tables and logs.
    pub name: String,
    /// Where it keeps its chains.
    pub disk: Disk,
    /// What a block survives before it is called final. In memory there is nothing to wait for.
    pub durability: Durability,
    /// The seed of all its randomness. Its keys can be guessed from it: with a data directory it is refused.
    pub seed: Option<u64>,
    /// Real or virtual time. A tangle that is passed in brings its own.
    pub clock: ClockKind,
    /// The tangle to anchor on; none to make one of its own.
    pub tangle: Option<TangleHandle>,
    /// What its own tangle is made with.
    pub tangle_config: TangleConfig,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            name: "node".into(),
            disk: Disk::default(),
            durability: Durability::default(),
            seed: None,
            clock: ClockKind::default(),
            tangle: None,
            tangle_config: TangleConfig::default(),
        }
    }
}
