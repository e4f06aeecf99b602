//! Ethereum's JSON-RPC without a transport: what EIP-1193 and web3.py providers stand on.
//!
//! ```text
//! provider.rs ── one request or a batch, as text or as values
//!     │
//! table.rs ── every method by name, in one table
//!     │
//!     ├ node.rs       eth_chainId, net_version, eth_gasPrice, eth_feeHistory …
//!     ├ account.rs    eth_getBalance, eth_getCode, eth_getProof …
//!     ├ block.rs      eth_getBlockBy…, eth_getBlockReceipts …
//!     ├ transaction.rs eth_sendRawTransaction, eth_getTransactionReceipt …
//!     ├ call.rs       eth_call, eth_estimateGas
//!     ├ logs.rs       eth_getLogs      filters.rs  eth_newFilter, eth_getFilterChanges …
//!     └ signer.rs     eth_accounts, eth_sendTransaction, personal_sign … with the provider's own accounts
//! ```
//! `latest`, `safe` and `finalized` are the last final block, as a chain never reorganizes.

mod account;
mod block;
mod call;
mod error;
mod filters;
mod logs;
mod node;
mod params;
mod provider;
mod signer;
mod table;
mod transaction;

pub use error::RpcError;
pub use provider::Provider;

use params::Params;
use serde_json::Value;

/// What a method gives.
type Answer = Result<Value, RpcError>;
