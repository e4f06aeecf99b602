//! Blocks, transactions, receipts and logs in the shapes of Ethereum's JSON-RPC.

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, Bloom, BloomInput, Bytes, U64, U256};
use serde_json::{Map, Value, json};
use vespiary_types::{Block, Log, Payload, Request, TxEnvelope};

/// A 0x quantity.
pub(crate) fn quantity(number: u64) -> Value {
    json!(U64::from(number))
}

/// The bloom filter of logs (yellow paper §4.3.1).
pub(crate) fn bloom_of(logs: &[Log]) -> Bloom {
    logs.iter().fold(Bloom::ZERO, |mut bloom, log| {
        bloom.accrue_log(log);
        bloom
    })
}

/// True if a block or receipt with this bloom may hold a log of one of `addresses` with these topics.
pub(crate) fn bloom_may_match(bloom: &Bloom, addresses: &[Address], topics: &[Option<Vec<B256>>]) -> bool {
    let holds = |bytes: &[u8]| bloom.contains_input(BloomInput::Raw(bytes));
    (addresses.is_empty() || addresses.iter().any(|address| holds(address.as_slice())))
        && topics
            .iter()
            .flatten()
            .all(|choices| choices.is_empty() || choices.iter().any(|topic| holds(topic.as_slice())))
}

/// `eth_getBlockBy…`; transactions whole or by hash.
pub(crate) fn block(block: &Block, full: bool) -> Value {
    let header = &block.header;
    let transactions: Vec<Value> = (0..block.receipts.len())
        .map(|index| match (full, block.receipts.get(index)) {
            (false, Some(receipt)) => json!(receipt.transaction_hash),
            _ => transaction(block, index),
        })
        .collect();
    let mut value = json!({
        "number": quantity(header.number),
        "hash": block.hash,
        "parentHash": header.parent_hash,
        "sha3Uncles": header.ommers_hash,
        "miner": header.beneficiary,
        "stateRoot": header.state_root,
        "transactionsRoot": header.transactions_root,
        "receiptsRoot": header.receipts_root,
        "logsBloom": header.logs_bloom,
        "difficulty": header.difficulty,
        "totalDifficulty": "0x0",
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": header.extra_data,
        "mixHash": header.mix_hash,
        "nonce": header.nonce,
        "size": quantity(header_size(block)),
        "uncles": [],
        "transactions": transactions,
        // Beyond Ethereum: the exact time, unix nanoseconds.
        "timestampNs": quantity(block.record.time_ns),
    });
    if let Some(fields) = value.as_object_mut() {
        let mut optional = |name: &str, field: Option<Value>| {
            if let Some(field) = field {
                fields.insert(name.into(), field);
            }
        };
        optional("baseFeePerGas", header.base_fee_per_gas.map(quantity));
        optional("withdrawalsRoot", header.withdrawals_root.map(|root| json!(root)));
        optional("withdrawals", header.withdrawals_root.map(|_| json!([])));
        optional("blobGasUsed", header.blob_gas_used.map(quantity));
        optional("excessBlobGas", header.excess_blob_gas.map(quantity));
        optional("parentBeaconBlockRoot", header.parent_beacon_block_root.map(|root| json!(root)));
        optional("requestsHash", header.requests_hash.map(|hash| json!(hash)));
    }
    value
}

fn header_size(block: &Block) -> u64 {
    let transactions: usize = block
        .requests
        .iter()
        .map(|request| match request.payload() {
            Payload::Ethereum(transaction) => transaction.raw().len(),
            Payload::OnLedger(_) | Payload::OffLedger(_) => 0,
        })
        .sum();
    (alloy_rlp::Encodable::length(&block.header) + transactions) as u64
}

/// A block in `eth_getBlockByNumber`'s shape, its transactions whole.
pub fn block_json(block: &Block) -> Value {
    self::block(block, true)
}

/// A transaction in its block.
pub(crate) fn transaction(block: &Block, index: usize) -> Value {
    let (Some(request), Some(receipt)) = (block.requests.get(index), block.receipts.get(index)) else {
        return Value::Null;
    };
    let mut fields = unmined(request, receipt.from);
    fields.insert("hash".into(), json!(receipt.transaction_hash));
    fields.insert("blockHash".into(), json!(block.hash));
    fields.insert("blockNumber".into(), quantity(block.header.number));
    fields.insert("transactionIndex".into(), quantity(index as u64));
    if fields.contains_key("maxFeePerGas") {
        fields.insert("gasPrice".into(), json!(receipt.gas_price));
    }
    Value::Object(fields)
}

/// A transaction that is in no block.
pub(crate) fn unmined(request: &Request, from: Address) -> Map<String, Value> {
    let mut fields = match request.payload() {
        Payload::Ethereum(transaction) => envelope(transaction.envelope()),
        Payload::OnLedger(_) | Payload::OffLedger(_) => native(request),
    };
    fields.insert("from".into(), json!(from));
    for name in ["blockHash", "blockNumber", "transactionIndex"] {
        fields.insert(name.into(), Value::Null);
    }
    fields
}

fn envelope(transaction: &TxEnvelope) -> Map<String, Value> {
    let signature = transaction.signature();
    let parity = u64::from(signature.v());
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.into(), value);
    };
    put("hash", json!(transaction.tx_hash()));
    put("type", quantity(u64::from(transaction.tx_type() as u8)));
    put("nonce", quantity(transaction.nonce()));
    put("gas", quantity(transaction.gas_limit()));
    put("to", json!(transaction.to()));
    put("value", json!(transaction.value()));
    put("input", json!(transaction.input()));
    put("r", json!(signature.r()));
    put("s", json!(signature.s()));
    match transaction.chain_id() {
        Some(chain_id) => {
            put("chainId", quantity(chain_id));
            put(
                "v",
                if transaction.is_legacy() {
                    json!(U256::from(chain_id) * U256::from(2) + U256::from(35 + parity))
                } else {
                    quantity(parity)
                },
            );
        }
        None => put("v", quantity(27 + parity)),
    }
    if !transaction.is_legacy() {
        put("yParity", quantity(parity));
        let entries: Vec<Value> = transaction
            .access_list()
            .map(|list| {
                list.iter().map(|item| json!({ "address": item.address, "storageKeys": item.storage_keys })).collect()
            })
            .unwrap_or_default();
        put("accessList", json!(entries));
    }
    if let Some(price) = transaction.gas_price() {
        put("gasPrice", json!(U256::from(price)));
    } else {
        put("gasPrice", json!(U256::from(transaction.max_fee_per_gas())));
        put("maxFeePerGas", json!(U256::from(transaction.max_fee_per_gas())));
        put("maxPriorityFeePerGas", json!(U256::from(transaction.max_priority_fee_per_gas().unwrap_or_default())));
    }
    fields
}

/// The legacy transaction that stands for a native request: r = s = 0, gas price 0, to the sandbox, the request's name as data.
fn native(request: &Request) -> Map<String, Value> {
    let reference = request.reference();
    let input: Bytes = [reference.id.to_bytes().as_slice(), reference.content.as_slice()].concat().into();
    let fields = json!({
        "type": "0x0",
        "nonce": quantity(request.nonce().unwrap_or_default()),
        "gas": quantity(request.gas_limit()),
        "gasPrice": "0x0",
        "to": sandbox(),
        "value": "0x0",
        "input": input,
        "v": "0x1b",
        "r": "0x0",
        "s": "0x0",
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Where every chain has its sandbox (semantics: 0x1074 and zeros).
pub(crate) fn sandbox() -> Address {
    let mut address = [0_u8; 20];
    address.first_chunk_mut::<2>().into_iter().for_each(|head| *head = [0x10, 0x74]);
    address.into()
}

/// `eth_getTransactionReceipt`.
pub(crate) fn receipt(block: &Block, index: usize) -> Value {
    let Some(receipt) = block.receipts.get(index) else { return Value::Null };
    let before: u64 = block.receipts.iter().take(index).map(|receipt| receipt.logs.len() as u64).sum();
    let logs: Vec<Value> =
        receipt.logs.iter().zip(before..).map(|(entry, log_index)| log(block, index, log_index, entry)).collect();
    let mut value = json!({
        "transactionHash": receipt.transaction_hash,
        "transactionIndex": quantity(index as u64),
        "blockHash": block.hash,
        "blockNumber": quantity(block.header.number),
        "from": receipt.from,
        "to": receipt.to,
        "cumulativeGasUsed": quantity(receipt.cumulative_gas_used),
        "gasUsed": quantity(receipt.gas_used),
        "effectiveGasPrice": receipt.gas_price,
        "contractAddress": receipt.created,
        "logs": logs,
        "logsBloom": bloom_of(&receipt.logs),
        "type": quantity(u64::from(receipt.transaction_type)),
        "status": if receipt.succeeded() { "0x1" } else { "0x0" },
    });
    if let (Some(fields), vespiary_types::Outcome::Failure(error)) = (value.as_object_mut(), &receipt.outcome) {
        // As Besu and Erigon name it.
        fields.insert("revertReason".into(), json!(error.params));
    }
    value
}

/// One log in its block.
pub(crate) fn log(block: &Block, index: usize, log_index: u64, log: &Log) -> Value {
    let hash = block.receipts.get(index).map(|receipt| receipt.transaction_hash).unwrap_or_default();
    json!({
        "address": log.address,
        "topics": log.data.topics(),
        "data": log.data.data,
        "blockNumber": quantity(block.header.number),
        "blockHash": block.hash,
        "blockTimestamp": quantity(block.header.timestamp),
        "transactionHash": hash,
        "transactionIndex": quantity(index as u64),
        "logIndex": quantity(log_index),
        "removed": false,
    })
}
