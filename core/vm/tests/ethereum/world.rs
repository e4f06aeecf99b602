//! A chain in memory: a state that applies changes, and short ways to make requests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use alloy_consensus::{Signed, TxEip1559, TxEnvelope};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, Signature, TxKind, U256, keccak256};
use alloy_trie::TrieAccount;
use alloy_trie::root::{state_root_unhashed, storage_root_unhashed};
use vespiary_state::{Account, Changes, StateView, StoreError};
use vespiary_types::{AgentId, ChainConfig, ChainId, EthereumTransaction, MilestoneId, Payload, Request};
use vespiary_vm::{BaseFee, BlockContext, ChainContext, Executed, Executor, ExecutorError, genesis};

pub(crate) const CHAIN: ChainId = ChainId::new([7; 32]);
pub(crate) const SECOND: u64 = 1_000_000_000;
pub(crate) const GENESIS_TIME: u64 = 1_767_225_600 * SECOND;

/// A state in ordered maps: the oracle that the executor's changes are applied to.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryState {
    pub(crate) accounts: BTreeMap<Address, Account>,
    pub(crate) slots: BTreeMap<(Address, B256), B256>,
    pub(crate) code: BTreeMap<B256, Bytes>,
    pub(crate) native: BTreeMap<Bytes, Bytes>,
    pub(crate) hashes: BTreeMap<u64, B256>,
    /// An account that the store fails to read.
    pub(crate) broken: Option<Address>,
}

impl MemoryState {
    pub(crate) fn apply(&mut self, changes: &Changes) {
        for (address, change) in &changes.accounts {
            match change.account {
                Some(account) => self.accounts.insert(*address, account),
                None => self.accounts.remove(address),
            };
            if change.storage_cleared {
                self.slots.retain(|(of, _), _| of != address);
            }
            for (slot, value) in &change.storage {
                if value.is_zero() {
                    self.slots.remove(&(*address, *slot));
                } else {
                    self.slots.insert((*address, *slot), *value);
                }
            }
        }
        self.code.extend(changes.code.clone());
        for (key, value) in &changes.native {
            match value {
                Some(value) => self.native.insert(key.clone(), value.clone()),
                None => self.native.remove(key),
            };
        }
    }

    pub(crate) fn put_code(&mut self, address: Address, code: &[u8]) {
        let code_hash = if code.is_empty() { KECCAK256_EMPTY } else { keccak256(code) };
        self.code.insert(code_hash, Bytes::copy_from_slice(code));
        self.accounts.entry(address).or_default().code_hash = code_hash;
    }

    pub(crate) fn balance(&self, address: &Address) -> U256 {
        self.accounts.get(address).map_or(U256::ZERO, |account| account.balance)
    }

    /// The root by alloy's hash builder, which knows nothing of our tries.
    pub(crate) fn root(&self) -> B256 {
        state_root_unhashed(self.accounts.iter().map(|(address, account)| {
            let slots = self.storage_slots(address).expect("in memory").into_iter();
            let storage_root = storage_root_unhashed(slots.map(|(slot, value)| (slot, value.into())));
            let Account { nonce, balance, code_hash } = *account;
            (*address, TrieAccount { nonce, balance, storage_root, code_hash })
        }))
    }
}

impl StateView for MemoryState {
    fn account(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        if self.broken == Some(*address) {
            return Err(StoreError::Disk("sector 9".into()));
        }
        Ok(self.accounts.get(address).copied())
    }

    fn storage(&self, address: &Address, slot: &B256) -> Result<B256, StoreError> {
        Ok(self.slots.get(&(*address, *slot)).copied().unwrap_or_default())
    }

    fn has_storage(&self, address: &Address) -> Result<bool, StoreError> {
        Ok(self.slots.range((*address, B256::ZERO)..).next().is_some_and(|((of, _), _)| of == address))
    }

    fn storage_slots(&self, address: &Address) -> Result<Vec<(B256, B256)>, StoreError> {
        let of = self.slots.range((*address, B256::ZERO)..).take_while(|((of, _), _)| of == address);
        Ok(of.map(|((_, slot), value)| (*slot, *value)).collect())
    }

    fn code(&self, hash: &B256) -> Result<Option<Bytes>, StoreError> {
        Ok(self.code.get(hash).cloned())
    }

    fn native(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        Ok(self.native.get(key).cloned())
    }

    fn native_with_prefix(&self, prefix: &[u8]) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let entries = self.native.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(entries.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn block_hash(&self, height: u64) -> Result<Option<B256>, StoreError> {
        Ok(self.hashes.get(&height).copied())
    }
}

pub(crate) fn user(number: u8) -> Address {
    Address::repeat_byte(number)
}

pub(crate) fn agent(address: Address) -> AgentId {
    AgentId::Ethereum { chain: CHAIN, address }
}

pub(crate) const PROPOSER: Address = Address::repeat_byte(0xee);
pub(crate) const OWNER: Address = Address::repeat_byte(0xaa);

/// A chain with ten funded users.
pub(crate) fn config() -> ChainConfig {
    let mut config = ChainConfig { owner: agent(OWNER), ..ChainConfig::named("shop") };
    for number in 1..=10 {
        config.funded.insert(user(number), U256::from(10).pow(U256::from(21)));
    }
    config
}

pub(crate) struct World {
    pub(crate) state: MemoryState,
    pub(crate) executor: Executor,
    pub(crate) context: ChainContext,
    pub(crate) height: u64,
    pub(crate) time_ns: u64,
}

impl World {
    pub(crate) fn new(config: &ChainConfig) -> Self {
        let executed = genesis(config, CHAIN, GENESIS_TIME, MilestoneId::default());
        let mut state = MemoryState::default();
        state.apply(&executed.changes);
        let context =
            ChainContext { chain: CHAIN, evm_chain_id: config.evm_chain_id(&CHAIN), fees_destination: BaseFee::Split };
        Self { state, executor: Executor::new(context), context, height: 0, time_ns: GENESIS_TIME }
    }

    pub(crate) fn block(&self) -> BlockContext {
        BlockContext {
            height: self.height + 1,
            parent: B256::repeat_byte(0x11),
            parent_time_ns: self.time_ns,
            parent_requests: 0,
            time_ns: self.time_ns + SECOND,
            milestone: MilestoneId::new([3; 32]),
            entropy: B256::repeat_byte(5),
            proposer: agent(PROPOSER),
        }
    }

    pub(crate) fn view(&self) -> Arc<dyn StateView> {
        Arc::new(self.state.clone())
    }

    pub(crate) fn try_execute(&mut self, requests: &[Arc<Request>]) -> Result<Executed, ExecutorError> {
        let (view, block) = (self.view(), self.block());
        self.executor.execute_block(&view, &block, requests, &Arc::new(AtomicBool::new(false)))
    }

    /// Executes a block and keeps what it changed.
    pub(crate) fn execute(&mut self, requests: &[Arc<Request>]) -> Executed {
        let executed = self.try_execute(requests).expect("the state answers");
        self.state.apply(&executed.changes);
        (self.height, self.time_ns) = (self.height + 1, self.block().time_ns);
        executed
    }

    /// A transaction at twice the price, with a tip of 1 gwei, that anybody may have signed.
    pub(crate) fn transaction(
        &self,
        nonce: u64,
        to: Option<Address>,
        value: u64,
        input: impl Into<Bytes>,
    ) -> TxEip1559 {
        TxEip1559 {
            chain_id: self.context.evm_chain_id,
            nonce,
            gas_limit: 1_000_000,
            max_fee_per_gas: 20_000_000_000,
            max_priority_fee_per_gas: 1_000_000_000,
            to: to.map_or(TxKind::Create, TxKind::Call),
            value: U256::from(value),
            input: input.into(),
            ..TxEip1559::default()
        }
    }
}

pub(crate) fn signed(from: Address, transaction: TxEip1559) -> Arc<Request> {
    let signature = Signature::new(U256::ONE, U256::ONE, false);
    envelope(from, TxEnvelope::Eip1559(Signed::new_unhashed(transaction, signature)))
}

pub(crate) fn envelope(from: Address, envelope: TxEnvelope) -> Arc<Request> {
    let transaction = EthereumTransaction::from(envelope);
    Arc::new(Request::verified(Payload::Ethereum(Box::new(transaction)), agent(from)))
}
