//! How far a request has come.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The levels of certainty, each implying those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// In the mempool.
    Pending,
    /// Run in a proposal that is not final yet.
    Executed,
    /// In a block that the committee finalized; a chain never goes back behind it.
    #[default]
    Final,
    /// Under an anchor that a milestone of the tangle confirmed.
    Anchored,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Executed => "executed",
            Self::Final => "final",
            Self::Anchored => "anchored",
        })
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pending" => Ok(Self::Pending),
            "executed" => Ok(Self::Executed),
            "final" => Ok(Self::Final),
            "anchored" => Ok(Self::Anchored),
            other => Err(format!("`{other}` is not a level: use pending, executed, final or anchored")),
        }
    }
}
