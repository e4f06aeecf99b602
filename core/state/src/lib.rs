//! A chain's state.

mod account;
mod changes;
mod error;
mod view;

pub use account::Account;
pub use changes::{AccountChange, Changes};
pub use error::StoreError;
pub use view::StateView;
