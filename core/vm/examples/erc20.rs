//! How much processor time an ERC-20 transfer takes in a block, signatures aside (Linux): `cargo run --release -p vespiary-vm --example erc20 [transfers]`.

#![expect(clippy::indexing_slicing, reason = "an example: a wrong index should stop it")]

#[allow(dead_code, reason = "the tests' world has more in it")]
#[path = "../tests/ethereum/world.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use alloy_consensus::{Signed, TxEip1559, TxEnvelope};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, hex};
use vespiary_state::StateView;
use vespiary_types::{ChainConfig, MilestoneId, Receipt, Request};
use vespiary_vm::{BaseFee, BlockContext, ChainContext, Executed, Executor, genesis};
use world::{CHAIN, MemoryState, agent, envelope};

const USERS: u64 = 1_000;
const A_BLOCK: u64 = 2_000;

fn user(number: u64) -> Address {
    let mut bytes = [0xaa; 20];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

fn request(from: u64, nonce: u64, to: TxKind, input: Bytes) -> Arc<Request> {
    let transaction = TxEip1559 {
        chain_id: 1,
        nonce,
        gas_limit: if to.is_create() { 2_000_000 } else { 100_000 },
        max_fee_per_gas: 20_000_000_000,
        max_priority_fee_per_gas: 1,
        to,
        input,
        ..TxEip1559::default()
    };
    let signature = Signature::new(U256::ONE, U256::ONE, false);
    envelope(user(from), TxEnvelope::Eip1559(Signed::new_unhashed(transaction, signature)))
}

fn transfer(to: u64, amount: u64) -> Bytes {
    let amount = U256::from(amount).to_be_bytes::<32>();
    [hex!("a9059cbb").as_slice(), user(to).into_word().as_slice(), &amount].concat().into()
}

struct Chain {
    state: Arc<MemoryState>,
    executor: Executor,
    height: u64,
}

impl Chain {
    fn run(&mut self, requests: &[Arc<Request>]) -> (Executed, f64) {
        self.height += 1;
        let block = BlockContext {
            height: self.height,
            parent: B256::ZERO,
            parent_time_ns: 0,
            parent_requests: 0,
            time_ns: self.height,
            milestone: MilestoneId::default(),
            entropy: B256::ZERO,
            proposer: agent(Address::repeat_byte(0xee)),
        };
        let (view, never): (Arc<dyn StateView>, _) = (self.state.clone(), Arc::new(AtomicBool::new(false)));
        let started = processor_seconds();
        let executed = self.executor.execute_block(&view, &block, requests, &never).expect("executes");
        let took = processor_seconds() - started;
        drop(view);
        assert_eq!(executed.receipts.len(), requests.len(), "{:?}", executed.skipped.first());
        assert!(executed.receipts.iter().all(Receipt::succeeded));
        Arc::make_mut(&mut self.state).apply(&executed.changes);
        (executed, took)
    }
}

/// What this thread has had of a processor, by Linux; other processes do not blur it as they do a clock.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux's /proc");
    let nanoseconds: f64 = text.split(' ').next().and_then(|first| first.parse().ok()).expect("a number");
    nanoseconds / 1e9
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let artifact = include_str!("../../../contracts/artifacts/Token.sol.json");
    let artifact: serde_json::Value = serde_json::from_str(artifact).expect("JSON");
    let code = hex::decode(artifact["bytecode"].as_str().expect("bytecode")).expect("hexadecimal digits");
    let supply = U256::MAX.to_be_bytes::<32>();

    let config = ChainConfig {
        evm_chain_id: Some(1),
        owner: agent(Address::repeat_byte(0x0f)),
        funded: (0..USERS).map(|number| (user(number), U256::from(1) << 100)).collect(),
        ..ChainConfig::named("bench")
    };
    let mut state = MemoryState::default();
    state.apply(&genesis(&config, CHAIN, 0, MilestoneId::default()).changes);
    let context = ChainContext { chain: CHAIN, evm_chain_id: 1, fees_destination: BaseFee::Split };
    let mut chain = Chain { state: Arc::new(state), executor: Executor::new(context), height: 0 };

    let deploy = request(0, 0, TxKind::Create, [code.as_slice(), &supply].concat().into());
    let token = chain.run(&[deploy]).0.receipts[0].created.expect("a contract");
    let fund: Vec<_> =
        (1..USERS).map(|number| request(0, number, token.into(), transfer(number, 1_000_000_000))).collect();
    chain.run(&fund[..500]);
    chain.run(&fund[500..]);

    let mut next = vec![0_u64; 1_000];
    next[0] = USERS;
    for (name, plain) in [("ERC-20 transfer", false), ("plain transfer", true)] {
        let (mut total, mut done, mut gas) = (0.0, 0, 0);
        while done < count {
            let until = (done + A_BLOCK).min(count);
            let requests: Vec<_> = (done..until)
                .map(|index| {
                    let (from, to) = (index % USERS, (index * 7 + 1) % USERS);
                    let nonce = &mut next[usize::try_from(from).expect("small")];
                    *nonce += 1;
                    let (to, input) = if plain { (user(to), Bytes::new()) } else { (token, transfer(to, 1)) };
                    request(from, *nonce - 1, to.into(), input)
                })
                .collect();
            let (executed, took) = chain.run(&requests);
            total += took;
            done = until;
            gas += executed.record.gas_used;
        }
        let (micros, rate) = (total * 1e6 / done as f64, gas as f64 / total / 1e6);
        println!("{name}: {micros:.2} µs each, {rate:.0} Mgas/s, in blocks of {A_BLOCK}, roots of the lists included");
    }
}
