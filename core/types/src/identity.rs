//! Who asks.

use serde::{Deserialize, Serialize};

use crate::AgentId;

/// In whose name a read, a subscription or a sync request is made. The default policy is open; private chains look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Identity {
    /// Somebody who did not say.
    #[default]
    Anonymous,
    /// The program that hosts the node.
    Host,
    /// An agent that proved its key.
    Agent(AgentId),
}
