//! The Ethereum state tests, through whole blocks of this executor.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use serde_json::Value;
use vespiary_crypto::recover_signer;
use vespiary_types::{
    AgentId, ChainConfig, EthereumTransaction, FeePolicy, Fork, GasLimits, MilestoneId, Payload, Request, Rules,
    RulesSchedule,
};
use vespiary_vm::{BaseFee, BlockContext, ChainContext, Executor, Skip, genesis};

use super::world::{CHAIN, MemoryState, SECOND};

#[test]
fn the_ethereum_state_tests_pass() {
    let folder = std::env::var_os("STATE_TESTS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/GeneralStateTests"),
        PathBuf::from,
    );
    let (mut run, mut failures) = (0, Vec::new());
    for file in json_files(&folder) {
        let text = fs::read_to_string(&file).expect("a readable file");
        let tests: Value = serde_json::from_str(&text).expect("JSON");
        for (name, test) in tests.as_object().expect("tests by name") {
            for (index, post) in test["post"]["Cancun"].as_array().into_iter().flatten().enumerate() {
                run += 1;
                if let Err(reason) = case(test, post) {
                    failures.push(format!("{}: {name} #{index}: {reason}", file.display()));
                }
            }
        }
    }
    assert!(run > 0, "no state tests in {}", folder.display());
    assert!(failures.is_empty(), "{} of {run} failed:\n{}", failures.len(), failures.join("\n"));
    println!("{run} state tests");
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("entry").path()).collect();
    entries.sort();
    let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.chain(folders.iter().flat_map(|folder| json_files(folder))).collect()
}

fn number(value: &Value) -> U256 {
    value.as_str().map_or(U256::ZERO, |text| text.parse().expect("a number"))
}

fn bytes(value: &Value) -> Bytes {
    value.as_str().expect("bytes").parse().expect("hexadecimal digits")
}

fn pre(test: &Value, native: &MemoryState) -> MemoryState {
    let mut state = MemoryState { native: native.native.clone(), ..MemoryState::default() };
    for (address, account) in test["pre"].as_object().expect("accounts") {
        let address: Address = address.parse().expect("an address");
        state.put_code(address, &bytes(&account["code"]));
        let entry = state.accounts.entry(address).or_default();
        entry.balance = number(&account["balance"]);
        entry.nonce = number(&account["nonce"]).to();
        for (slot, value) in account["storage"].as_object().expect("slots") {
            let slot: U256 = slot.parse().expect("a slot");
            state.slots.insert((address, slot.into()), number(value).into());
        }
    }
    state
}

fn case(test: &Value, post: &Value) -> Result<(), String> {
    let env = &test["env"];
    let base_fee: u64 = number(&env["currentBaseFee"]).to();
    let gas_limit: u64 = number(&env["currentGasLimit"]).saturating_to();
    let fees = match base_fee {
        0 => FeePolicy::FREE,
        tokens => FeePolicy { gas: 1_000_000_000_000, tokens, validator_fee_share: 0 },
    };
    let cancun = Rules { protocol: 1, fork: Fork::Cancun };
    let config = ChainConfig {
        evm_chain_id: Some(1),
        fees,
        gas_limits: GasLimits { block: gas_limit, request: gas_limit, minimum: 0 },
        rules: RulesSchedule([(0, cancun)].into()),
        ..ChainConfig::named("tests")
    };
    let mut native = MemoryState::default();
    native.apply(&genesis(&config, CHAIN, 0, MilestoneId::default()).changes);

    let height: u64 = number(&env["currentNumber"]).to();
    let mut state = pre(test, &native);
    for earlier in 0..height {
        state.hashes.insert(earlier, keccak256(earlier.to_string()));
    }
    let random: B256 = env["currentRandom"].as_str().expect("random").parse().expect("a hash");
    let coinbase: Address = env["currentCoinbase"].as_str().expect("coinbase").parse().expect("an address");
    let block = BlockContext {
        height,
        parent: keccak256((height - 1).to_string()),
        parent_time_ns: 0,
        parent_requests: 0,
        time_ns: number(&env["currentTimestamp"]).to::<u64>() * SECOND,
        milestone: MilestoneId::default(),
        entropy: random,
        proposer: AgentId::Ethereum { chain: CHAIN, address: coinbase },
    };
    let context = ChainContext { chain: CHAIN, evm_chain_id: 1, fees_destination: BaseFee::Burn };
    let requests: Vec<_> = request(post).into_iter().collect();
    let executed = Executor::new(context)
        .execute_block(&(Arc::new(state.clone()) as _), &block, &requests, &Arc::new(AtomicBool::new(false)))
        .map_err(|error| error.to_string())?;
    state.apply(&executed.changes);

    let expects_exception = post.get("expectException").is_some();
    if expects_exception && !executed.receipts.is_empty() {
        return Err("was executed and should have been refused".into());
    }
    // Blobs have no place on a chain: type 3 is refused, whatever Ethereum makes of it.
    if executed.skipped.iter().any(|(_, skip)| *skip == Skip::TransactionType(3)) {
        return Ok(());
    }
    if !expects_exception && executed.receipts.is_empty() {
        return Err(format!("was refused: {:?}", executed.skipped));
    }
    let logs: Vec<_> = executed.receipts.iter().flat_map(|receipt| receipt.logs.clone()).collect();
    let logs_hash = keccak256(alloy_rlp::encode(&logs));
    if logs_hash != post["logs"].as_str().expect("logs").parse::<B256>().expect("a hash") {
        return Err(format!("other logs: {logs:?}"));
    }
    let expected: B256 = post["hash"].as_str().expect("hash").parse().expect("a hash");
    let found = state.root();
    if found == expected {
        return Ok(());
    }
    Err(format!("root {found}, expected {expected}; {:?}", executed.receipts.first().map(|receipt| &receipt.outcome)))
}

/// The transaction, if it can be decoded and its signer found: a node would not get further with it.
fn request(post: &Value) -> Option<Arc<Request>> {
    let transaction = EthereumTransaction::decode(bytes(&post["txbytes"])).ok()?;
    let envelope = transaction.envelope();
    let sender = recover_signer(&envelope.signature_hash(), envelope.signature()).ok()?;
    let sender = AgentId::Ethereum { chain: CHAIN, address: sender };
    Some(Arc::new(Request::verified(Payload::Ethereum(Box::new(transaction)), sender)))
}
