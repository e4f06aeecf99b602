//! The journal as the `evm` crate wants to see it: its address and hash types in, ours out.

use std::rc::Rc;

use ::evm::MergeStrategy;
use ::evm::backend::TransactionalBackend;
use ::evm::interpreter::runtime::{
    Log, RuntimeBackend, RuntimeBaseBackend, RuntimeEnvironment, SetCodeOrigin, TouchKind,
};
use ::evm::interpreter::uint::{H160, H256, U256};
use ::evm::interpreter::{ExitError, ExitException, ExitFatal};
use alloy_primitives::{Address, B256, KECCAK256_EMPTY, LogData};
use vespiary_types::Fork;

use super::forks;
use crate::{Code, Environment, Journal};

/// Our address of the crate's.
#[inline]
pub(super) fn address(address: H160) -> Address {
    Address::new(address.0)
}

#[inline]
fn word(word: H256) -> B256 {
    B256::new(word.0)
}

/// A journal lent to the EVM for one run.
pub(super) struct Backend<'journal> {
    pub(super) journal: &'journal mut Journal,
    environment: Rc<Environment>,
    fork: Fork,
    depth: usize,
}

impl<'journal> Backend<'journal> {
    pub(super) fn new(journal: &'journal mut Journal) -> Self {
        let environment = journal.environment().clone();
        let fork = environment.fork();
        let depth = journal.depth();
        Self { journal, environment, fork, depth }
    }

    pub(super) fn fork(&self) -> Fork {
        self.fork
    }

    pub(super) fn code_at(&self, address: &Address) -> Option<Rc<Code>> {
        self.journal.code(address)
    }
}

impl RuntimeEnvironment for Backend<'_> {
    fn block_hash(&self, number: U256) -> H256 {
        let height = self.environment.block.height;
        match u64::try_from(number) {
            Ok(asked) if asked < height && height - asked <= 256 => {
                H256(self.journal.block_hash(asked).unwrap_or_default().0)
            }
            _ => H256::zero(),
        }
    }

    fn block_number(&self) -> U256 {
        U256::from(self.environment.block.height)
    }

    fn block_coinbase(&self) -> H160 {
        H160(self.environment.beneficiary.into())
    }

    fn block_timestamp(&self) -> U256 {
        U256::from(self.environment.timestamp())
    }

    fn block_difficulty(&self) -> U256 {
        U256::ZERO
    }

    fn block_randomness(&self) -> Option<H256> {
        (self.fork >= Fork::Paris).then_some(H256(self.environment.block.entropy.0))
    }

    fn block_gas_limit(&self) -> U256 {
        U256::from(self.environment.parameters.gas_limits.block)
    }

    fn block_base_fee_per_gas(&self) -> U256 {
        self.environment.base_fee
    }

    fn blob_versioned_hash(&self, _index: U256) -> H256 {
        H256::zero()
    }

    /// Without blobs the excess is 0 and the price stays at its minimum (EIP-4844).
    fn blob_base_fee_per_gas(&self) -> U256 {
        U256::ONE
    }

    fn chain_id(&self) -> U256 {
        U256::from(self.environment.chain.evm_chain_id)
    }
}

impl RuntimeBaseBackend for Backend<'_> {
    fn balance(&self, of: H160) -> U256 {
        self.journal.balance(&address(of))
    }

    fn code_size(&self, of: H160) -> U256 {
        U256::from(self.journal.code(&address(of)).map_or(0, |code| code.bytes.len()))
    }

    fn code_hash(&self, of: H160) -> H256 {
        let account = self.journal.account(&address(of)).filter(|account| !account.is_empty());
        account.map_or_else(H256::zero, |account| H256(account.code_hash.0))
    }

    fn code(&self, of: H160) -> Vec<u8> {
        self.journal.code(&address(of)).map_or_else(Vec::new, |code| code.bytes.to_vec())
    }

    fn storage(&self, of: H160, slot: H256) -> H256 {
        H256(self.journal.storage(&address(of), &word(slot)).0)
    }

    fn transient_storage(&self, of: H160, slot: H256) -> H256 {
        H256(self.journal.transient(&address(of), &word(slot)).0)
    }

    /// EIP-161: an empty account does not exist.
    fn exists(&self, of: H160) -> bool {
        self.journal.account(&address(of)).is_some_and(|account| !account.is_empty())
    }

    fn can_create(&self, at: H160) -> bool {
        self.journal.can_create(&address(at))
    }

    fn nonce(&self, of: H160) -> U256 {
        U256::from(self.journal.nonce(&address(of)))
    }
}

impl RuntimeBackend for Backend<'_> {
    fn original_storage(&self, of: H160, slot: H256) -> H256 {
        H256(self.journal.storage_before_request(&address(of), &word(slot)).0)
    }

    fn deleted(&self, of: H160) -> bool {
        self.journal.is_destroyed(&address(of))
    }

    fn created(&self, of: H160) -> bool {
        self.journal.is_created(&address(of))
    }

    fn is_cold(&self, of: H160, slot: Option<H256>) -> bool {
        let of = address(of);
        match slot {
            None => !self.journal.is_warm(&of) && !super::is_precompile(self.fork, &of),
            Some(slot) => !self.journal.is_slot_warm(&of, &word(slot)),
        }
    }

    fn mark_hot(&mut self, of: H160, kind: TouchKind) {
        let of = address(of);
        match kind {
            TouchKind::Access => self.journal.warm(&of),
            TouchKind::StateChange => self.journal.touch(&of),
            TouchKind::Coinbase => {
                self.journal.touch(&of);
                if forks::config(self.fork).runtime.eip3651_warm_coinbase_address {
                    self.journal.warm(&of);
                }
            }
        }
    }

    fn mark_storage_hot(&mut self, of: H160, slot: H256) {
        self.journal.warm_slot(&address(of), &word(slot));
    }

    fn set_storage(&mut self, of: H160, slot: H256, value: H256) -> Result<(), ExitError> {
        self.journal.set_storage(&address(of), &word(slot), word(value));
        Ok(())
    }

    fn set_transient_storage(&mut self, of: H160, slot: H256, value: H256) -> Result<(), ExitError> {
        self.journal.set_transient(&address(of), &word(slot), word(value));
        Ok(())
    }

    fn log(&mut self, log: Log) -> Result<(), ExitError> {
        let topics = log.topics.into_iter().map(word).collect();
        let data = LogData::new_unchecked(topics, log.data.into());
        self.journal.emit_log(alloy_primitives::Log { address: address(log.address), data });
        Ok(())
    }

    fn mark_delete_reset(&mut self, of: H160) {
        self.journal.destroy(&address(of));
    }

    fn mark_create(&mut self, at: H160) {
        self.journal.mark_created(&address(at));
    }

    fn reset_storage(&mut self, of: H160) {
        self.journal.clear_storage(&address(of));
    }

    fn set_code(&mut self, of: H160, code: Vec<u8>, _origin: SetCodeOrigin) -> Result<(), ExitError> {
        let of = address(of);
        // Nothing changes when a contract without code is deployed over none.
        if code.is_empty() && self.journal.account(&of).is_none_or(|account| account.code_hash == KECCAK256_EMPTY) {
            return Ok(());
        }
        self.journal.set_code(&of, code.into());
        Ok(())
    }

    fn deposit(&mut self, target: H160, value: U256) {
        self.journal.credit(&address(target), value);
    }

    fn withdrawal(&mut self, source: H160, value: U256) -> Result<(), ExitError> {
        self.journal.debit(&address(source), value).map_err(|_| ExitException::OutOfFund.into())
    }

    fn inc_nonce(&mut self, of: H160) -> Result<(), ExitError> {
        let of = address(of);
        // EIP-2681
        let next = self.journal.nonce(&of).checked_add(1).ok_or(ExitException::MaxNonce)?;
        self.journal.set_nonce(&of, next);
        Ok(())
    }
}

impl TransactionalBackend for Backend<'_> {
    fn push_substate(&mut self) {
        self.journal.checkpoint();
    }

    fn pop_substate(&mut self, strategy: MergeStrategy) -> Result<(), ExitError> {
        if self.journal.depth() <= self.depth {
            return Err(ExitFatal::UnevenSubstate.into());
        }
        match strategy {
            MergeStrategy::Commit => self.journal.commit(),
            MergeStrategy::Revert | MergeStrategy::Discard => self.journal.revert(),
        }
        Ok(())
    }
}
