//! `accounts`: who owns what.
//!
//! ```text
//! ledger     balances, nonces, sums, fees: the bookkeeping, called by everything that moves assets
//! contract   the entry points
//! calls      ready-made calls for clients: a deposit, a deposit to somebody else, a withdrawal
//! ```

mod calls;
mod contract;
mod ledger;

pub use calls::{deposit, transfer_to, withdraw};
pub use contract::IAccounts;
pub(super) use contract::{abi, call};
pub use ledger::{balance, burn, burned, circulating, nonce, pay_fees, spending_allowance};
pub(crate) use ledger::{debit, deposited, minted, paid_out, raise_nonce, set_spending_allowance, transfer};
