//! Where a read looks: a height, a block's hash, or a level.

use std::str::FromStr;

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use vespiary_types::Level;

use crate::{Error, Result};

/// How far a chain is, at each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heads {
    /// The last executed height.
    pub executed: u64,
    /// The last final height.
    #[serde(rename = "final")]
    pub final_: u64,
    /// The last height under a confirmed anchor; none before the first anchor.
    pub anchored: Option<u64>,
}

impl Heads {
    /// The head at a level; none if nothing has come so far.
    pub fn at(&self, level: Level) -> Option<u64> {
        match level {
            Level::Pending | Level::Executed => Some(self.executed.max(self.final_)),
            Level::Final => Some(self.final_),
            Level::Anchored => self.anchored,
        }
    }
}

/// Where a read looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// A height.
    Height(u64),
    /// The block with this hash.
    Hash(B256),
    /// The head at a level.
    Level(Level),
}

impl Default for At {
    fn default() -> Self {
        Self::Level(Level::Final)
    }
}

impl FromStr for At {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid = || {
            Error::malformed(format!(
                "`{text}` is not a place in a chain: give a height, a block hash, latest, final, pending, executed, anchored or earliest"
            ))
        };
        match text {
            "latest" | "safe" | "finalized" => Ok(Self::Level(Level::Final)),
            "earliest" => Ok(Self::Height(0)),
            _ if text.len() == 66 && text.starts_with("0x") => text.parse().map(Self::Hash).map_err(|_| invalid()),
            _ => match (text.parse::<Level>(), text.strip_prefix("0x")) {
                (Ok(level), _) => Ok(Self::Level(level)),
                (_, Some(digits)) => u64::from_str_radix(digits, 16).map(Self::Height).map_err(|_| invalid()),
                (_, None) => text.parse().map(Self::Height).map_err(|_| invalid()),
            },
        }
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Height(u64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Height(height) => Ok(Self::Height(height)),
            Form::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ethereums_names_and_ours_are_understood() {
        assert_eq!("finalized".parse(), Ok(At::Level(Level::Final)));
        assert_eq!("anchored".parse(), Ok(At::Level(Level::Anchored)));
        assert_eq!("0x10".parse(), Ok(At::Height(16)));
        assert_eq!("16".parse(), Ok(At::Height(16)));
        assert_eq!(format!("{}", B256::repeat_byte(1)).parse(), Ok(At::Hash(B256::repeat_byte(1))));
        assert!("lately".parse::<At>().is_err());
    }
}
