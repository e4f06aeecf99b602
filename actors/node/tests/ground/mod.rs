//! What the node's tests stand on: a node, wallets, signed transfers.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Bytes, TxKind, U256};
use vespiary_crypto::{EthereumSecret, Seed};
use vespiary_node::{ChainHandle, ClockKind, NodeConfig, NodeHandle};
use vespiary_types::{ChainConfig, Request};

/// A node that is driven by the test.
pub(crate) struct Ground {
    pub(crate) node: NodeHandle,
}

impl Ground {
    /// A node on virtual time.
    pub(crate) fn virtual_node() -> NodeConfig {
        NodeConfig { clock: ClockKind::Virtual, ..NodeConfig::default() }
    }

    pub(crate) fn new(config: NodeConfig) -> Self {
        let node = futures::executor::block_on(NodeHandle::start(config)).expect("the node starts");
        Self { node }
    }

    /// Drives the node until the call has its result.
    pub(crate) fn run<T: Send + 'static>(&self, call: impl Future<Output = T> + Send + 'static) -> T {
        futures::executor::block_on(self.node.host().drive(call)).expect("the host runs")
    }

    pub(crate) fn run_for(&self, seconds: u64) {
        futures::executor::block_on(self.node.host().run_for(Duration::from_secs(seconds))).expect("virtual time");
    }

    pub(crate) fn create(&self, config: ChainConfig) -> ChainHandle {
        let node = self.node.clone();
        self.run(async move { node.create_chain(config).await }).expect("the chain is created")
    }

    pub(crate) fn milestone(&self) -> u32 {
        self.node.tangle().latest().index
    }

    pub(crate) fn verified(&self, chain: &ChainHandle, raw: Bytes) -> Arc<Request> {
        self.verified_all(chain, vec![raw]).pop().expect("one request")
    }

    pub(crate) fn verified_all(&self, chain: &ChainHandle, raw: Vec<Bytes>) -> Vec<Arc<Request>> {
        let chain = chain.clone();
        let rows = self.run(async move { chain.verify(raw).await });
        rows.into_iter().map(|row| row.expect("a valid signature")).collect()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            futures::executor::block_on(self.node.close(Duration::from_secs(5))).expect("the node closes");
        }
    }
}

pub(crate) fn wallet(number: u64) -> EthereumSecret {
    Seed::from_number(number).child(0).expect("a key").ethereum
}

/// A chain on which each of these has a thousand tokens.
pub(crate) fn funded(name: &str, wallets: &[&EthereumSecret]) -> ChainConfig {
    let thousand = U256::from(1_000) * U256::from(10).pow(U256::from(18));
    let funded: BTreeMap<Address, U256> = wallets.iter().map(|wallet| (wallet.address(), thousand)).collect();
    ChainConfig { funded, ..ChainConfig::named(name) }
}

pub(crate) fn transfer(chain: &ChainHandle, from: &EthereumSecret, nonce: u64, to: Address, wei: u64) -> Bytes {
    sign(chain, from, nonce, TxKind::Call(to), U256::from(wei), Bytes::new(), 21_000)
}

/// A signed EIP-1559 transaction in its network form, paying the default price.
pub(crate) fn sign(
    chain: &ChainHandle,
    from: &EthereumSecret,
    nonce: u64,
    to: TxKind,
    value: U256,
    input: Bytes,
    gas_limit: u64,
) -> Bytes {
    let transaction = TxEip1559 {
        chain_id: chain.evm_chain_id(),
        nonce,
        gas_limit,
        max_fee_per_gas: 20_000_000_000,
        max_priority_fee_per_gas: 0,
        to,
        value,
        access_list: <_>::default(),
        input,
    };
    let signature = from.sign_prehash(&transaction.signature_hash());
    TxEnvelope::from(transaction.into_signed(signature)).encoded_2718().into()
}

/// Executes every block of a chain again from its genesis, on a state of its own, and checks that each gives its own hash.
pub(crate) fn replay(chain: &ChainHandle) {
    use std::sync::atomic::AtomicBool;
    use vespiary_state::{ChainState, Extra, MemoryStore, sequential};
    use vespiary_vm::{BaseFee, ChainContext, Executor};

    let state = ChainState::open(Arc::new(MemoryStore::default()), chain.id()).expect("a fresh store");
    let mut executor = Executor::new(ChainContext {
        chain: chain.id(),
        evm_chain_id: chain.evm_chain_id(),
        fees_destination: BaseFee::Split,
    });
    for height in 0..=chain.heads().executed {
        let block = chain.block(height).expect("readable").expect("there");
        let context = chain.block_context(height).expect("known");
        let executed = if height == 0 {
            vespiary_vm::genesis(chain.config(), chain.id(), context.time_ns, context.milestone)
        } else {
            let cancel = Arc::new(AtomicBool::new(false));
            executor.execute_block(&state.latest(), &context, &block.requests, &cancel).expect("it ran before")
        };
        assert!(executed.skipped.is_empty(), "block {height} holds what cannot run: {:?}", executed.skipped);
        let commitment = state.commitment().apply(&executed.changes, &sequential);
        let (again, changes) = executed.seal(commitment.roots());
        assert_eq!(again.hash, block.hash, "block {height} executed again gives another hash");
        assert_eq!(again.receipts, block.receipts, "block {height} executed again gives other receipts");
        state.commit(&again, &changes, commitment, Extra::new()).expect("it follows");
    }
}

/// The backing invariant at a height: what accounts own and what the chain owes is what its alias and the deposits hold.
pub(crate) fn check_backing(ground: &Ground, chain: &ChainHandle) {
    use vespiary_types::{Payload, WEI_PER_BASE_TOKEN};

    let tangle = ground.node.tangle().clone();
    let id = chain.id();
    let anchor = ground.run(async move { tangle.anchor(id).await }).expect("answered").expect("anchored");
    let covered =
        vespiary_types::AnchorMetadata::from_bytes(&anchor.alias.state_metadata).map(|metadata| metadata.height);
    let (mut queued, mut unconsumed) = (0_u64, 0_u64);
    let head = chain.heads().executed;
    for height in covered.map_or(0, |covered| covered + 1)..=head {
        let block = chain.block(height).expect("readable").expect("there");
        queued += block.record.payouts.iter().map(|payout| payout.tokens).sum::<u64>();
        for request in &block.requests {
            if let Payload::OnLedger(request) = request.payload() {
                unconsumed += request.tokens;
            }
        }
    }
    let supply = chain.supply(head).expect("readable");
    let deposit = vespiary_tangle::minimum_anchor_deposit(58);
    let held = anchor.alias.amount - deposit + unconsumed;
    let owned = supply.circulating + supply.burned + U256::from(queued) * WEI_PER_BASE_TOKEN;
    assert_eq!(
        owned,
        U256::from(held) * WEI_PER_BASE_TOKEN,
        "accounts and queued outputs are backed, head {head}, anchor {covered:?}"
    );
}
