//! Every method by name.

use futures::future::BoxFuture;

use super::{Answer, Params, Provider, account, block, call, filters, logs, node, signer, transaction};

/// What answers a method.
pub(super) type Handler = fn(Provider, Params) -> BoxFuture<'static, Answer>;

macro_rules! methods {
    ($($name:literal => $family:ident::$function:ident,)*) => {
        /// The one table of methods.
        pub(super) const METHODS: &[(&str, Handler)] =
            &[$(($name, |provider, params| Box::pin($family::$function(provider, params))),)*];
    };
}

methods! {
    "eth_chainId" => node::chain_id,
    "net_version" => node::net_version,
    "net_listening" => node::listening,
    "web3_clientVersion" => node::client_version,
    "web3_sha3" => node::sha3,
    "eth_blockNumber" => node::block_number,
    "eth_syncing" => node::syncing,
    "eth_gasPrice" => node::gas_price,
    "eth_maxPriorityFeePerGas" => node::max_priority_fee,
    "eth_feeHistory" => node::fee_history,
    "eth_getBalance" => account::balance,
    "eth_getTransactionCount" => account::transaction_count,
    "eth_getCode" => account::code,
    "eth_getStorageAt" => account::storage,
    "eth_getProof" => account::proof,
    "eth_getBlockByNumber" => block::by_place,
    "eth_getBlockByHash" => block::by_place,
    "eth_getBlockReceipts" => block::receipts,
    "eth_getBlockTransactionCountByNumber" => block::transaction_count,
    "eth_getBlockTransactionCountByHash" => block::transaction_count,
    "eth_getUncleCountByBlockNumber" => block::no_uncles,
    "eth_getUncleCountByBlockHash" => block::no_uncles,
    "eth_sendRawTransaction" => transaction::send_raw,
    "eth_sendRawTransactionSync" => transaction::send_raw_sync,
    "eth_getTransactionByHash" => transaction::by_hash,
    "eth_getTransactionByBlockNumberAndIndex" => transaction::by_place,
    "eth_getTransactionByBlockHashAndIndex" => transaction::by_place,
    "eth_getTransactionReceipt" => transaction::receipt,
    "eth_call" => call::call,
    "eth_estimateGas" => call::estimate_gas,
    "eth_getLogs" => logs::get,
    "eth_newFilter" => filters::new_logs,
    "eth_newBlockFilter" => filters::new_blocks,
    "eth_newPendingTransactionFilter" => filters::new_transactions,
    "eth_getFilterChanges" => filters::changes,
    "eth_getFilterLogs" => filters::logs,
    "eth_uninstallFilter" => filters::uninstall,
    "eth_accounts" => signer::accounts,
    "eth_requestAccounts" => signer::accounts,
    "eth_sendTransaction" => signer::send,
    "eth_sign" => signer::sign,
    "personal_sign" => signer::personal_sign,
    "eth_signTypedData" => signer::sign_typed_data,
    "eth_signTypedData_v4" => signer::sign_typed_data,
}
