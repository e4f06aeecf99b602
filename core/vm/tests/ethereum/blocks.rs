//! Blocks: order, skipping, determinism, headers.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use alloy_consensus::{Signed, Transaction, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_eips::eip4788::BEACON_ROOTS_ADDRESS;
use alloy_primitives::{Address, B256, Signature, U256};
use alloy_rlp::Encodable;
use alloy_trie::root::ordered_trie_root_encoded;
use vespiary_state::{Roots, StoreError};
use vespiary_types::{AgentId, Call, L1Address, OffLedgerEssence, OffLedgerRequest, Payload, Request, RequestId, Wire};
use vespiary_vm::{Executor, ExecutorError, Skip, receipt_of, transaction_of};

use super::world::{CHAIN, SECOND, World, agent, config, envelope, signed, user};

/// SSTORE(0, first word of the input); LOG1 with topic 7.
const STORES_AND_LOGS: [u8; 12] = [0x5f, 0x35, 0x5f, 0x55, 0x60, 7, 0x5f, 0x5f, 0xa1, 0x00, 0x00, 0x00];

fn word(number: u8) -> Vec<u8> {
    U256::from(number).to_be_bytes::<32>().to_vec()
}

/// A world with the contract above at this address.
fn with_contract() -> (World, Address) {
    let mut world = World::new(&config());
    let contract = Address::repeat_byte(0xc0);
    world.state.put_code(contract, &STORES_AND_LOGS);
    (world, contract)
}

fn off_ledger(nonce: u64) -> Arc<Request> {
    let call = Call { gas_budget: 100_000, ..Call::default() };
    let essence = OffLedgerEssence { chain: CHAIN, nonce, call, public_key: [9; 32] };
    let payload = Payload::OffLedger(Box::new(OffLedgerRequest { essence, signature: vec![1; 64].into() }));
    Arc::new(Request::verified(payload, AgentId::L1(L1Address::Ed25519([9; 32]))))
}

#[test]
fn a_block_executed_twice_is_the_same_block() {
    let (mut world, contract) = with_contract();
    let requests = [
        signed(user(1), world.transaction(0, Some(contract), 0, word(3))),
        signed(user(2), world.transaction(0, Some(user(3)), 77, vec![])),
        signed(user(1), world.transaction(5, Some(user(3)), 77, vec![])),
        signed(user(1), world.transaction(1, None, 0, vec![0x60, 1, 0x60, 0, 0x55])),
    ];
    let first = world.try_execute(&requests).expect("executes");
    let again = world.try_execute(&requests).expect("executes");
    world.executor = Executor::new(world.context);
    let cold = world.try_execute(&requests).expect("executes");
    assert_eq!(first, again);
    assert_eq!(first, cold);
    let roots = Roots { state: B256::repeat_byte(1), native: B256::repeat_byte(2) };
    assert_eq!(first.seal(roots).0.hash, cold.seal(roots).0.hash);
}

#[test]
fn a_skipped_request_leaves_no_trace() {
    let (mut world, contract) = with_contract();
    let nothing = world.try_execute(&[]).expect("executes");
    let poor = Address::repeat_byte(0xdd);
    let cheap = |mut transaction: alloy_consensus::TxEip1559| {
        (transaction.max_fee_per_gas, transaction.max_priority_fee_per_gas) = (1, 0);
        transaction
    };
    let other_chain = |mut transaction: alloy_consensus::TxEip1559| {
        transaction.chain_id += 1;
        transaction
    };
    let gas = |mut transaction: alloy_consensus::TxEip1559, gas: u64| {
        transaction.gas_limit = gas;
        transaction
    };
    let requests = [
        signed(user(1), world.transaction(1, Some(contract), 0, word(3))),
        signed(poor, world.transaction(0, Some(contract), 0, word(3))),
        signed(user(1), cheap(world.transaction(0, Some(contract), 0, word(3)))),
        signed(user(1), other_chain(world.transaction(0, Some(contract), 0, word(3)))),
        signed(user(1), gas(world.transaction(0, Some(contract), 0, word(3)), 21_000)),
        signed(user(1), gas(world.transaction(0, Some(contract), 0, word(3)), 50_000_001)),
        signed(contract, world.transaction(0, Some(contract), 0, word(3))),
        signed(user(1), world.transaction(0, None, 0, vec![0; 49_153])),
        off_ledger(0),
    ];
    let executed = world.try_execute(&requests).expect("executes");
    let reasons: Vec<_> = executed.skipped.iter().map(|(_, skip)| skip.clone()).collect();
    assert!(
        matches!(
            reasons.as_slice(),
            [
                Skip::NonceTooHigh { expected: 0, given: 1 },
                Skip::InsufficientFunds { .. },
                Skip::FeeTooLow { .. },
                Skip::ChainId { .. },
                Skip::IntrinsicGas { given: 21_000, needed: 21_140 },
                Skip::GasLimit { given: 50_000_001, limit: 50_000_000 },
                Skip::SenderHasCode,
                Skip::InitCodeSize { .. },
                Skip::InsufficientFunds { .. },
            ]
        ),
        "{reasons:?}"
    );
    assert_eq!(executed.changes, nothing.changes);
    assert_eq!(executed.receipts, []);
}

#[test]
fn a_signature_of_nobody_is_refused() {
    let mut world = World::new(&config());
    let legacy = TxLegacy { gas_limit: 21_000, gas_price: 20_000_000_000, to: user(2).into(), ..TxLegacy::default() };
    let nobodys = Signature::new(U256::ZERO, U256::ZERO, false);
    let request = envelope(user(1), TxEnvelope::Legacy(Signed::new_unhashed(legacy, nobodys)));
    let executed = world.execute(&[request]);
    assert_eq!(executed.skipped[0].1, Skip::Signature);
}

#[test]
fn what_is_written_back_is_no_change() {
    let (mut world, contract) = with_contract();
    let requests = [
        signed(user(1), world.transaction(0, Some(contract), 0, word(3))),
        signed(user(1), world.transaction(1, Some(contract), 0, word(0))),
    ];
    let executed = world.execute(&requests);
    assert_eq!(executed.receipts.len(), 2);
    assert!(!executed.changes.accounts.contains_key(&contract), "its slot is as it was");
}

#[test]
fn a_full_block_leaves_the_rest_for_the_next_one() {
    let mut config = config();
    config.gas_limits.block = 1_500_000;
    config.gas_limits.request = 1_000_000;
    let mut world = World::new(&config);
    let requests: Vec<_> =
        (1..=30).map(|nonce| signed(user(1), world.transaction(nonce - 1, Some(user(2)), 1, vec![]))).collect();
    let executed = world.execute(&requests);
    // Each may use 1,000,000 gas and uses 21,000: the 25th finds 996,000 left.
    assert_eq!(executed.receipts.len(), 24);
    assert!(executed.skipped.iter().all(|(_, skip)| skip.is_temporary()), "{:?}", executed.skipped);
    let rest = world.execute(&requests[24..]);
    assert_eq!(rest.receipts.len(), 6);
}

#[test]
fn header_roots_are_those_of_ethereum() {
    let (mut world, contract) = with_contract();
    let executed = world.execute(&[
        signed(user(1), world.transaction(0, Some(contract), 0, word(3))),
        signed(user(2), world.transaction(0, Some(user(3)), 1, vec![])),
    ]);
    let raw: Vec<Vec<u8>> = executed
        .requests
        .iter()
        .map(|request| match request.payload() {
            Payload::Ethereum(transaction) => transaction.raw().to_vec(),
            _ => unreachable!("only Ethereum transactions"),
        })
        .collect();
    let receipts: Vec<_> = executed.receipts.iter().map(|receipt| receipt_of(receipt).encoded_2718()).collect();
    let state = world.state.root();
    let (block, _) = executed.seal(Roots { state, native: B256::repeat_byte(4) });

    let header = &block.header;
    assert_eq!(header.transactions_root, ordered_trie_root_encoded(&raw));
    assert_eq!(header.receipts_root, ordered_trie_root_encoded(&receipts));
    assert_eq!(header.state_root, state);
    assert_eq!(header.extra_data.as_ref(), B256::repeat_byte(4).as_slice());
    assert_eq!(header.timestamp, world.time_ns / SECOND);
    assert_eq!(header.base_fee_per_gas, Some(10_000_000_000));
    assert_eq!(header.gas_used, block.receipts[1].cumulative_gas_used);
    assert_eq!(header.mix_hash, B256::repeat_byte(5));
    assert_eq!(header.parent_beacon_block_root, Some(B256::repeat_byte(3)));
    let topics_bloomed = block.receipts[0]
        .logs
        .iter()
        .all(|log| header.logs_bloom.contains_input(alloy_primitives::BloomInput::Raw(log.address.as_slice())));
    assert!(topics_bloomed && block.receipts[0].logs.len() == 1);
    let mut encoded = Vec::new();
    header.encode(&mut encoded);
    assert_eq!(block.hash, alloy_primitives::keccak256(encoded));
}

#[test]
fn a_native_request_stands_as_a_transaction_that_nobody_can_send() {
    let (first, second) = (transaction_of(&off_ledger(0), &CHAIN), transaction_of(&off_ledger(1), &CHAIN));
    assert_ne!(first.hash, second.hash);
    assert_eq!(first.from, AgentId::L1(L1Address::Ed25519([9; 32])).evm_alias(&CHAIN));
    let raw = first.envelope.encoded_2718();
    let read = TxEnvelope::decode_2718(&mut raw.as_slice()).expect("stock libraries read it");
    assert_eq!(*read.tx_hash(), first.hash);
    assert_eq!((read.signature().r(), read.signature().s(), read.signature().v()), (U256::ZERO, U256::ZERO, false));
    let request = off_ledger(0);
    let data = [request.id().to_bytes().as_slice(), request.reference().content.as_slice()].concat();
    assert_eq!(read.input().as_ref(), data);
}

#[test]
fn a_native_request_is_executed_and_receipted_beside_transactions() {
    let mut config = config();
    config.fees = vespiary_types::FeePolicy::FREE;
    let mut world = World::new(&config);
    let executed = world.execute(&[off_ledger(0), signed(user(1), world.transaction(0, Some(user(2)), 1, vec![]))]);
    assert_eq!(executed.skipped, []);
    let native = &executed.receipts[0];
    assert_eq!((native.transaction_type, native.index, native.succeeded()), (0, 0, true));
    assert_eq!(executed.receipts[1].cumulative_gas_used, native.gas_used + 21_000);
}

#[test]
fn a_cancelled_block_is_an_error_and_nothing_else() {
    let (mut world, contract) = with_contract();
    let request = signed(user(1), world.transaction(0, Some(contract), 0, word(3)));
    let (view, block) = (world.view(), world.block());
    let cancelled = Arc::new(AtomicBool::new(true));
    let result = world.executor.execute_block(&view, &block, std::slice::from_ref(&request), &cancelled);
    assert_eq!(result, Err(ExecutorError::Cancelled));
    let executed = world.execute(&[request]);
    assert_eq!(executed.receipts.len(), 1, "the executor is as good as before");
}

#[test]
fn a_store_that_fails_within_a_contract_fails_the_block() {
    let mut world = World::new(&config());
    let contract = Address::repeat_byte(0xc0);
    // BALANCE(0xdd…dd), stored: a wrong zero would become state.
    let code = [&[0x73][..], &[0xdd; 20], &[0x31, 0x5f, 0x55]].concat();
    world.state.put_code(contract, &code);
    world.state.broken = Some(Address::repeat_byte(0xdd));
    let request = signed(user(1), world.transaction(0, Some(contract), 0, vec![]));
    let result = world.try_execute(&[request]);
    assert_eq!(result, Err(ExecutorError::Store(StoreError::Disk("sector 9".into()))));
}

#[test]
fn the_milestone_is_readable_by_eip_4788() {
    let mut world = World::new(&config());
    world.execute(&[]);
    let at = world.time_ns / SECOND % 8_191;
    let slot = |number: u64| world.state.slots.get(&(BEACON_ROOTS_ADDRESS, U256::from(number).into())).copied();
    assert_eq!(slot(at), Some(U256::from(world.time_ns / SECOND).into()));
    assert_eq!(slot(at + 8_191), Some(B256::repeat_byte(3)));
}

#[test]
fn a_block_before_its_parents_last_request_is_refused() {
    let mut world = World::new(&config());
    let mut block = world.block();
    (block.parent_time_ns, block.parent_requests) = (block.time_ns, 1);
    let view = world.view();
    let result = world.executor.execute_block(&view, &block, &[], &Arc::new(AtomicBool::new(false)));
    assert!(matches!(result, Err(ExecutorError::Time { parent_requests: 1, .. })), "{result:?}");
}

#[test]
fn receipts_name_their_request_and_place() {
    let (mut world, contract) = with_contract();
    let requests = [
        signed(user(1), world.transaction(0, Some(contract), 0, word(3))),
        signed(user(1), world.transaction(1, None, 0, vec![0x60, 1, 0x5f, 0x53, 0x60, 1, 0x5f, 0xf3])),
    ];
    let executed = world.execute(&requests);
    for (index, (receipt, request)) in executed.receipts.iter().zip(&requests).enumerate() {
        assert_eq!((receipt.request, receipt.index), (request.id(), u32::try_from(index).expect("small")));
        assert_eq!(RequestId::Ethereum(receipt.transaction_hash), request.id());
        assert_eq!((receipt.height, receipt.from, receipt.transaction_type), (1, user(1), 2));
    }
    let created = executed.receipts[1].created.expect("a contract");
    assert_eq!(created, user(1).create(1));
    assert_eq!(world.state.accounts[&created].nonce, 1);
    assert_eq!(executed.record.requests, 2);
    assert!(!executed.record.to_wire().is_empty());
    assert_eq!(requests[0].sender(), agent(user(1)));
}
