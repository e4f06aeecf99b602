//! Owners of assets on a chain.

use std::fmt;

use alloy_primitives::{Address, keccak256};
use serde::{Deserialize, Serialize};

use crate::{ChainId, Hname, L1Address};

/// Whoever can own assets on a chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum AgentId {
    /// Nobody; kind 0.
    #[default]
    Nil,
    /// An address of the tangle; kind 1.
    L1(L1Address),
    /// A native or Wasm contract of a chain; kind 2.
    Contract {
        /// The chain it lives on.
        chain: ChainId,
        /// Its name.
        contract: Hname,
    },
    /// An Ethereum address of a chain; kind 3.
    Ethereum {
        /// The chain it lives on.
        chain: ChainId,
        /// The address.
        address: Address,
    },
}

/// Why bytes are not an agent id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "these {0} bytes are not an agent id: expected a kind (0 nil, 1 L1 address, 2 contract, 3 Ethereum) and its fields"
)]
pub struct AgentIdError(usize);

impl AgentId {
    /// The canonical bytes: the kind, then the fields in declaration order.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Nil => vec![0],
            Self::L1(address) => [&[1], address.to_bytes().as_slice()].concat(),
            Self::Contract { chain, contract } => [&[2], chain.as_bytes().as_slice(), &contract.to_bytes()].concat(),
            Self::Ethereum { chain, address } => [&[3], chain.as_bytes().as_slice(), address.as_slice()].concat(),
        }
    }

    /// The agent that [`Self::to_bytes`] made these bytes of.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AgentIdError> {
        let error = || AgentIdError(bytes.len());
        let (kind, rest) = bytes.split_first().ok_or_else(error)?;
        let chain = || -> Result<(ChainId, &[u8]), AgentIdError> {
            let (chain, rest) = rest.split_first_chunk::<32>().ok_or_else(error)?;
            Ok((ChainId::new(*chain), rest))
        };
        match kind {
            0 if rest.is_empty() => Ok(Self::Nil),
            1 => L1Address::from_bytes(rest).map(Self::L1).map_err(|_| error()),
            2 => {
                let (chain, rest) = chain()?;
                let contract = Hname(u32::from_le_bytes(rest.try_into().map_err(|_| error())?));
                Ok(Self::Contract { chain, contract })
            }
            3 => {
                let (chain, rest) = chain()?;
                let address: [u8; 20] = rest.try_into().map_err(|_| error())?;
                Ok(Self::Ethereum { chain, address: address.into() })
            }
            _ => Err(error()),
        }
    }

    /// The address by which EVM contracts of `chain` see this agent: an Ethereum address of that chain is itself, any other
    /// agent is the last 20 bytes of keccak256("vespiary-agent" ‖ agent id). Nobody holds a key for such an alias.
    pub fn evm_alias(&self, chain: &ChainId) -> Address {
        match self {
            Self::Ethereum { chain: home, address } if home == chain => *address,
            other => {
                let hash = keccak256([b"vespiary-agent".as_slice(), &other.to_bytes()].concat());
                Address::from_word(hash)
            }
        }
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("-"),
            Self::L1(address) => address.fmt(f),
            Self::Contract { chain, contract } => write!(f, "{contract}@{chain}"),
            Self::Ethereum { chain, address } => write!(f, "{address}@{chain}"),
        }
    }
}

impl fmt::Debug for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_agent_survives_its_bytes() {
        let chain = ChainId::new([3; 32]);
        for agent in [
            AgentId::Nil,
            AgentId::L1(L1Address::Ed25519([1; 32])),
            AgentId::Contract { chain, contract: Hname::of("accounts") },
            AgentId::Ethereum { chain, address: Address::repeat_byte(9) },
        ] {
            assert_eq!(AgentId::from_bytes(&agent.to_bytes()), Ok(agent));
        }
        assert!(AgentId::from_bytes(&[9]).is_err());
    }

    #[test]
    fn only_an_ethereum_address_of_the_chain_itself_is_its_own_alias() {
        let (home, away) = (ChainId::new([3; 32]), ChainId::new([4; 32]));
        let address = Address::repeat_byte(9);
        let agent = AgentId::Ethereum { chain: home, address };
        assert_eq!(agent.evm_alias(&home), address);
        assert_ne!(agent.evm_alias(&away), address);
    }
}
