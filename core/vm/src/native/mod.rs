//! Native core contracts: accounts, blocks and governance, in Rust.
//!
//! ```text
//! request      executes one native request: credit, budget, call, fee
//! machine ──▶ accounts · blocklog · governance        (entry_point: names and ABI of what they take and return)
//! ```
//!
//! They own native state under their hashed name, which the header's `extraData` commits to. Calls to Wasp's other core contracts
//! (`root`, `blob`, `errors`, `evm`) fail with a typed error until those exist.

pub mod accounts;
pub mod blocklog;
mod entry_point;
pub mod governance;
mod machine;
pub mod request;

pub use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, Bytes, U256, address};
pub use machine::NativeMachine;
use vespiary_types::{ChainConfig, Hname};

use crate::{Journal, precompile};

/// Where the base token will be an ERC-20. Until then nothing else can settle there.
pub const BASE_TOKEN_ADDRESS: Address = address!("1074010000000000000000000000000000000000");

/// A core contract that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Core {
    /// Who owns what.
    Accounts,
    /// What the chain remembers of its blocks.
    Blocklog,
    /// Who administers the chain, and by which policies it runs.
    Governance,
}

impl Core {
    /// All of them.
    pub const ALL: [Core; 3] = [Core::Accounts, Core::Blocklog, Core::Governance];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Blocklog => "blocklog",
            Self::Governance => "governance",
        }
    }

    /// Its hashed name. A test compares these with BLAKE2b.
    pub const fn hname(self) -> Hname {
        match self {
            Self::Accounts => Hname(0x3c4b_5e02),
            Self::Blocklog => Hname(0xf538_ef2b),
            Self::Governance => Hname(0x17cf_909f),
        }
    }

    /// The core contract with this hashed name.
    pub fn of(contract: Hname) -> Option<Self> {
        Self::ALL.into_iter().find(|core| core.hname() == contract)
    }

    /// Its entry points as a JSON ABI. Parameters and results are encoded by it, without the selector: the entry point's hashed name
    /// stands beside them.
    pub fn abi(self) -> JsonAbi {
        match self {
            Self::Accounts => accounts::abi(),
            Self::Blocklog => blocklog::abi(),
            Self::Governance => governance::abi(),
        }
    }
}

/// The native state's key of a contract's entry: the contract's name, four bytes little-endian, then its own key.
pub fn state_key(contract: Hname, key: &[u8]) -> Vec<u8> {
    [contract.to_bytes().as_slice(), key].concat()
}

/// Writes what the core contracts begin with: the configuration's policies, the sum of its allocations (the caller credits them), and
/// one byte of code at the sandbox's faces, because Solidity does not call an address without code.
pub fn genesis(journal: &mut Journal, config: &ChainConfig) {
    governance::genesis(journal, config);
    accounts::minted(journal, config.funded.values().fold(U256::ZERO, |sum, wei| sum.saturating_add(*wei)));
    for face in [precompile::ADDRESS, BASE_TOKEN_ADDRESS] {
        journal.set_code(&face, Bytes::from_static(&[0xfe]));
        journal.set_nonce(&face, 1);
    }
}
