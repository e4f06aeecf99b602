//! A chain in memory that executes blocks one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use alloy_consensus::{Signed, TxEip1559, TxEnvelope};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use alloy_sol_types::SolCall;
use vespiary_state::{EmptyState, Overlay, StateView};
use vespiary_tangle::BasicOutput;
use vespiary_types::{
    AgentId, Anchoring, Assets, Call, ChainConfig, ChainId, EthereumTransaction, Hname, L1Address, MilestoneId,
    OffLedgerEssence, OffLedgerRequest, OutputId, Payload, Receipt, Request, TransactionId, tokens_to_wei,
};
use vespiary_vm::native::{Core, accounts, state_key};
use vespiary_vm::{
    BaseFee, BlockContext, ChainContext, CodeCache, Environment, Executed, Executor, Journal, Skip, genesis, on_ledger,
};

pub(crate) const CHAIN: ChainId = ChainId::new([7; 32]);
pub(crate) const OWNER: L1Address = L1Address::Ed25519([1; 32]);
pub(crate) const ALICE: L1Address = L1Address::Ed25519([2; 32]);
pub(crate) const BOB: L1Address = L1Address::Ed25519([3; 32]);
pub(crate) const PROPOSER: AgentId = AgentId::L1(L1Address::Ed25519([9; 32]));
/// An Ethereum account that genesis gives 1,000 tokens.
pub(crate) const RICH: Address = Address::repeat_byte(0xa1);
/// One token in L1's smallest unit.
pub(crate) const TOKEN: u64 = 1_000_000;
/// The fee of a request that burns no more than the minimum: 10,000 gas at 10 gwei.
pub(crate) const LEAST_FEE: u64 = 100;

pub(crate) struct Chain {
    executor: Executor,
    state: Arc<dyn StateView>,
    height: u64,
    outputs: u64,
    nonces: BTreeMap<AgentId, u64>,
    balances: BTreeMap<Address, U256>,
}

impl Chain {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(configure: impl FnOnce(&mut ChainConfig)) -> Self {
        let mut config = ChainConfig::named("shop");
        config.anchoring = Anchoring::Dev;
        config.owner = AgentId::L1(OWNER);
        config.funded.insert(RICH, tokens_to_wei(1_000 * TOKEN));
        configure(&mut config);
        let context =
            ChainContext { chain: CHAIN, evm_chain_id: config.evm_chain_id(&CHAIN), fees_destination: BaseFee::Split };
        let mut chain = Self {
            executor: Executor::new(context),
            state: Arc::new(EmptyState),
            height: 0,
            outputs: 0,
            nonces: BTreeMap::new(),
            balances: BTreeMap::new(),
        };
        chain.keep(&genesis(&config, CHAIN, 0, MilestoneId::default()));
        chain
    }

    fn keep(&mut self, executed: &Executed) {
        for (address, change) in &executed.changes.accounts {
            self.balances.insert(*address, change.account.map_or(U256::ZERO, |account| account.balance));
        }
        self.state = Arc::new(Overlay {
            base: self.state.clone(),
            changes: Arc::new(executed.changes.clone()),
            height: self.height,
            hash: B256::with_last_byte(self.height as u8),
        });
    }

    fn block(height: u64) -> BlockContext {
        BlockContext {
            height,
            parent: B256::with_last_byte((height - 1) as u8),
            parent_time_ns: (height - 1) * 1_000_000_000,
            parent_requests: 0,
            time_ns: height * 1_000_000_000,
            milestone: MilestoneId::default(),
            entropy: B256::repeat_byte(5),
            proposer: PROPOSER,
        }
    }

    /// Executes one block.
    pub(crate) fn execute(&mut self, requests: &[Arc<Request>]) -> Executed {
        let block = Self::block(self.height + 1);
        let cancel = Arc::new(AtomicBool::new(false));
        let executed = self.executor.execute_block(&self.state, &block, requests, &cancel).unwrap();
        self.height += 1;
        self.keep(&executed);
        executed
    }

    /// Executes a block of one request and returns its receipt.
    pub(crate) fn run(&mut self, request: Arc<Request>) -> Receipt {
        let executed = self.execute(&[request]);
        assert_eq!(executed.skipped, [], "nothing is skipped");
        executed.receipts[0].clone()
    }

    /// Executes a block of one request that must be skipped.
    pub(crate) fn skip(&mut self, request: Arc<Request>) -> Skip {
        let executed = self.execute(&[request]);
        assert_eq!(executed.receipts, [], "a skipped request has no receipt");
        executed.skipped[0].1.clone()
    }

    /// A new output of the tangle with these tokens and this call.
    pub(crate) fn output(&mut self, sender: L1Address, tokens: u64, call: Option<&Call>) -> (OutputId, BasicOutput) {
        self.outputs += 1;
        let mut id = [0; 32];
        id[..8].copy_from_slice(&self.outputs.to_le_bytes());
        let id = OutputId { transaction_id: TransactionId::new(id), index: 0 };
        (id, on_ledger::request_output(CHAIN, sender, tokens, call))
    }

    pub(crate) fn on_ledger(&mut self, sender: L1Address, tokens: u64, call: Option<&Call>) -> Arc<Request> {
        let (id, output) = self.output(sender, tokens, call);
        Arc::new(vespiary_vm::on_ledger_request(id, &output, CHAIN).unwrap())
    }

    pub(crate) fn deposit(&mut self, sender: L1Address, tokens: u64) -> Receipt {
        let request = self.on_ledger(sender, tokens, None);
        self.run(request)
    }

    /// An off-ledger call with the sender's next nonce.
    pub(crate) fn signed(&mut self, sender: L1Address, call: Call) -> Arc<Request> {
        let agent = AgentId::L1(sender);
        let nonce = *self.nonces.entry(agent).and_modify(|nonce| *nonce += 1).or_default();
        off_ledger(sender, nonce, call)
    }

    /// An Ethereum transaction with the sender's next nonce.
    pub(crate) fn ethereum(&mut self, from: Address, to: Option<Address>, value: U256, input: Bytes) -> Arc<Request> {
        let agent = AgentId::Ethereum { chain: CHAIN, address: from };
        let nonce = *self.nonces.entry(agent).and_modify(|nonce| *nonce += 1).or_default();
        let transaction = TxEip1559 {
            chain_id: ChainConfig::named("shop").evm_chain_id(&CHAIN),
            nonce,
            gas_limit: 5_000_000,
            max_fee_per_gas: 20_000_000_000,
            max_priority_fee_per_gas: 1_000_000_000,
            to: to.map_or(TxKind::Create, TxKind::Call),
            value,
            input,
            ..TxEip1559::default()
        };
        let signature = Signature::new(U256::from(1), U256::from(1), false);
        let envelope = TxEnvelope::Eip1559(Signed::new_unhashed(transaction, signature));
        Arc::new(Request::verified(Payload::Ethereum(Box::new(EthereumTransaction::from(envelope))), agent))
    }

    pub(crate) fn journal(&self) -> Journal {
        let context = ChainContext { chain: CHAIN, evm_chain_id: 1, fees_destination: BaseFee::Split };
        let blank = Environment::new(context, Self::block(self.height + 1), vespiary_vm::Parameters::default());
        let mut journal = Journal::new(self.state.clone(), blank, CodeCache::default());
        let parameters = vespiary_vm::native::governance::read(&journal);
        journal.set_environment(Environment::new(context, Self::block(self.height + 1), parameters));
        journal
    }

    pub(crate) fn balance(&self, agent: AgentId) -> U256 {
        accounts::balance(&self.journal(), &CHAIN, &agent)
    }

    /// Calls a view of a core contract.
    pub(crate) fn view<C: SolCall>(&mut self, core: Core, entry_point: &str, call: &C) -> C::Return {
        let mut params = Vec::new();
        call.abi_encode_raw(&mut params);
        let block = Self::block(self.height + 1);
        let result = self.executor.view(&self.state, &block, core.hname(), Hname::of(entry_point), &params);
        C::abi_decode_returns_validate(&result.unwrap().unwrap()).unwrap()
    }

    /// The sum of all accounts, counted one by one.
    pub(crate) fn counted(&self) -> U256 {
        let native = self.state.native_with_prefix(&state_key(Core::Accounts.hname(), b"b")).unwrap();
        let native = native.iter().map(|(_, wei)| U256::try_from_be_slice(wei).unwrap());
        self.balances.values().copied().chain(native).fold(U256::ZERO, |sum, wei| sum + wei)
    }
}

pub(crate) fn off_ledger(sender: L1Address, nonce: u64, call: Call) -> Arc<Request> {
    let essence = OffLedgerEssence { chain: CHAIN, nonce, call, public_key: [0; 32] };
    let request = OffLedgerRequest { essence, signature: Bytes::from(vec![0; 64]) };
    Arc::new(Request::verified(Payload::OffLedger(Box::new(request)), AgentId::L1(sender)))
}

/// A call of a core contract.
pub(crate) fn call<C: SolCall>(core: Core, entry_point: &str, params: &C) -> Call {
    let mut bytes = Vec::new();
    params.abi_encode_raw(&mut bytes);
    Call {
        contract: core.hname(),
        entry_point: Hname::of(entry_point),
        params: bytes.into(),
        allowance: Assets::default(),
        gas_budget: 1_000_000,
    }
}

pub(crate) fn wei(tokens: u64) -> U256 {
    tokens_to_wei(tokens)
}

pub(crate) fn fee_of(receipt: &Receipt) -> U256 {
    assert_eq!(receipt.fee, receipt.gas_price * U256::from(receipt.gas_used), "fee = gas × price");
    receipt.fee
}

/// The failure's message.
pub(crate) fn failure(receipt: &Receipt) -> &vespiary_types::ExecutionError {
    match &receipt.outcome {
        vespiary_types::Outcome::Failure(error) => error,
        vespiary_types::Outcome::Success(_) => panic!("{receipt:?} should have failed"),
    }
}

#[track_caller]
pub(crate) fn succeeded(receipt: &Receipt) {
    if let vespiary_types::Outcome::Failure(error) = &receipt.outcome {
        panic!("{} failed: {error:?}", receipt.request);
    }
}
