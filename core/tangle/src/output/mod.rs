//! Outputs: what the ledger holds (TIP-18's basic and alias outputs).
//!
//! ```text
//! mod     Output: either kind, its type byte, its bytes
//!  ├── basic    a deposit to an address
//!  ├── alias    an account with a state: a chain's anchor
//!  └── layout   the typed lists of unlock conditions and features that both are written with
//! ```
//!
//! Unlock conditions and features are fields here, not lists: each can stand once and in one order only, which is the rule
//! of the layout too.

mod alias;
mod basic;
mod layout;

use serde::{Deserialize, Serialize};
use vespiary_types::L1Address;

pub use self::alias::AliasOutput;
pub use self::basic::{BasicOutput, Expiration, StorageDepositReturn};
use crate::TangleError;
use crate::codec::Reader;

/// The kinds of outputs by their type byte (TIP-20). Foundries and NFTs have their place and are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OutputKind {
    /// A deposit to an address.
    Basic = 3,
    /// An account with a state: a chain's anchor.
    Alias = 4,
    /// Controls the supply of a native token; not accepted.
    Foundry = 5,
    /// A unique token; not accepted.
    Nft = 6,
}

/// An output of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Output {
    /// A deposit.
    Basic(BasicOutput),
    /// An account with a state.
    Alias(AliasOutput),
}

impl From<BasicOutput> for Output {
    fn from(output: BasicOutput) -> Self {
        Self::Basic(output)
    }
}

impl From<AliasOutput> for Output {
    fn from(output: AliasOutput) -> Self {
        Self::Alias(output)
    }
}

impl Output {
    /// Tokens in their smallest unit.
    pub const fn amount(&self) -> u64 {
        match self {
            Self::Basic(output) => output.amount,
            Self::Alias(output) => output.amount,
        }
    }

    /// The kind by its type byte.
    pub const fn kind(&self) -> OutputKind {
        match self {
            Self::Basic(_) => OutputKind::Basic,
            Self::Alias(_) => OutputKind::Alias,
        }
    }

    /// The sender feature's address.
    pub const fn sender(&self) -> Option<&L1Address> {
        match self {
            Self::Basic(output) => output.sender.as_ref(),
            Self::Alias(output) => output.sender.as_ref(),
        }
    }

    /// The basic output, if it is one.
    pub const fn as_basic(&self) -> Option<&BasicOutput> {
        match self {
            Self::Basic(output) => Some(output),
            Self::Alias(_) => None,
        }
    }

    /// The alias output, if it is one.
    pub const fn as_alias(&self) -> Option<&AliasOutput> {
        match self {
            Self::Alias(output) => Some(output),
            Self::Basic(_) => None,
        }
    }

    /// The bytes of TIP-20's layout.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.packed_bytes());
        self.pack(&mut bytes);
        bytes
    }

    /// Reads one output and nothing behind it, and checks its own rules.
    ///
    /// # Errors
    /// [`TangleError::Malformed`], [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TangleError> {
        let mut from = Reader::new(bytes);
        let output = Self::unpack(&mut from)?;
        from.finish("an output")?;
        output.check()?;
        Ok(output)
    }

    /// How many bytes it has in a transaction.
    pub fn packed_bytes(&self) -> usize {
        match self {
            Self::Basic(output) => output.packed_bytes(),
            Self::Alias(output) => output.packed_bytes(),
        }
    }

    /// The rules that need no knowledge of the ledger, the storage deposit among them.
    ///
    /// # Errors
    /// [`TangleError::Syntax`] or [`TangleError::StorageDeposit`].
    pub fn check(&self) -> Result<(), TangleError> {
        match self {
            Self::Basic(output) => output.check_syntax()?,
            Self::Alias(output) => output.check_syntax()?,
        }
        self.check_deposit()
    }

    pub(crate) fn pack(&self, to: &mut Vec<u8>) {
        match self {
            Self::Basic(output) => output.pack(to),
            Self::Alias(output) => output.pack(to),
        }
    }

    pub(crate) fn unpack(from: &mut Reader<'_>) -> Result<Self, TangleError> {
        match from.u8("an output's type")? {
            3 => BasicOutput::unpack(from).map(Self::Basic),
            4 => AliasOutput::unpack(from).map(Self::Alias),
            kind @ (5 | 6) => Err(from.malformed(format!(
                "outputs of type {kind} ({}) are not accepted by this ledger",
                if kind == 5 { "foundry" } else { "NFT" }
            ))),
            kind => Err(from.malformed(format!("{kind} is not an output's type"))),
        }
    }
}
