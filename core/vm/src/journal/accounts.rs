//! Ethereum accounts: balances, nonces, code, their making and their end.

use std::rc::Rc;

use alloy_primitives::map::Entry;
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, address};
use vespiary_state::{Account, StoreError};
use vespiary_types::Fork;

use super::entry::{AccountEntry, SlotEntry};
use super::{Code, Journal, Undo};
use crate::native::accounts;

const RIPEMD_160: Address = address!("0000000000000000000000000000000000000003");

/// An account has less than what was to be taken from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{address} has {available} wei, {needed} wei were to be taken")]
pub struct InsufficientBalance {
    /// Whose account.
    pub address: Address,
    /// What is there.
    pub available: U256,
    /// What was asked.
    pub needed: U256,
}

impl Journal {
    /// An account; none if it does not exist.
    pub fn account(&self, address: &Address) -> Option<Account> {
        self.with_account(address, |entry| entry.current)
    }

    /// Wei of an address.
    pub fn balance(&self, address: &Address) -> U256 {
        self.account(address).map_or(U256::ZERO, |account| account.balance)
    }

    /// The next nonce of an address.
    pub fn nonce(&self, address: &Address) -> u64 {
        self.account(address).map_or(0, |account| account.nonce)
    }

    /// The code at an address; none if there is none.
    pub fn code(&self, address: &Address) -> Option<Rc<Code>> {
        self.with_account(address, |entry| {
            let hash = entry.current?.code_hash;
            if hash == KECCAK256_EMPTY {
                return None;
            }
            if entry.code.is_none() {
                entry.code = Some(self.load_code(&hash));
            }
            entry.code.clone()
        })
    }

    fn load_code(&self, hash: &B256) -> Rc<Code> {
        self.codes.get(hash).unwrap_or_else(|| {
            let bytes = self.deployed.get(hash).cloned().or_else(|| {
                let missing = || StoreError::Damaged { what: format!("code {hash}"), reason: "it is missing".into() };
                self.read(self.base.code(hash).and_then(|code| code.ok_or_else(missing).map(Some)))
            });
            let code = Rc::new(Code::with_hash(bytes.unwrap_or_default().to_vec(), *hash));
            if self.error.borrow().is_none() {
                self.codes.insert(&code);
            }
            code
        })
    }

    /// True if a contract may be created at this address: no nonce, no code (EIP-684), no storage (EIP-7610).
    pub fn can_create(&self, address: &Address) -> bool {
        self.with_account(address, |entry| {
            let unused = entry.current.is_none_or(|account| account.nonce == 0 && account.code_hash == KECCAK256_EMPTY);
            unused
                && entry.slots.values().all(|slot| slot.current.is_zero())
                && (entry.cleared || !self.read(self.base.has_storage(address)))
        })
    }

    /// Adds wei to an address. Ethereum's supply does not reach 2²⁵⁶, so it saturates.
    pub fn credit(&mut self, address: &Address, wei: U256) {
        if !wei.is_zero() {
            self.change(address, |account| account.balance = account.balance.saturating_add(wei));
        }
    }

    /// Takes wei from an address, or nothing if there is too little.
    pub fn debit(&mut self, address: &Address, wei: U256) -> Result<(), InsufficientBalance> {
        let available = self.balance(address);
        let Some(left) = available.checked_sub(wei) else {
            return Err(InsufficientBalance { address: *address, available, needed: wei });
        };
        if !wei.is_zero() {
            self.change(address, |account| account.balance = left);
            self.touch(address);
        }
        Ok(())
    }

    /// Sets an address's wei.
    pub fn set_balance(&mut self, address: &Address, wei: U256) {
        self.change(address, |account| account.balance = wei);
        self.touch(address);
    }

    /// Sets an address's next nonce.
    pub fn set_nonce(&mut self, address: &Address, nonce: u64) {
        self.change(address, |account| account.nonce = nonce);
    }

    /// Sets the code at an address.
    pub fn set_code(&mut self, address: &Address, code: Bytes) {
        if code.is_empty() {
            return self.change(address, |account| account.code_hash = KECCAK256_EMPTY);
        }
        let analysed = Rc::new(Code::new(code.to_vec()));
        self.change(address, |account| account.code_hash = analysed.hash);
        self.deployed.insert(analysed.hash, code);
        self.accounts.get_mut().entry(*address).or_default().code = Some(analysed);
    }

    /// Marks an address for EIP-161's sweep at the end of the request.
    pub fn touch(&mut self, address: &Address) {
        if *address == RIPEMD_160 {
            self.ripemd_touched = true;
        }
        if self.touched.insert(*address) {
            self.undo.push(Undo::Touched(*address));
        }
    }

    /// True if the address is being created by this request.
    pub fn is_created(&self, address: &Address) -> bool {
        self.accounts.borrow().get(address).is_some_and(|entry| entry.created == self.epoch)
    }

    /// Notes that the address is being created by this request.
    pub fn mark_created(&mut self, address: &Address) {
        let epoch = self.epoch;
        let before = self.with_account(address, |entry| std::mem::replace(&mut entry.created, epoch));
        if before != epoch {
            self.undo.push(Undo::Created(*address, before));
        }
    }

    /// True if the address goes at the end of this request.
    pub fn is_destroyed(&self, address: &Address) -> bool {
        self.destroyed.contains(address)
    }

    /// SELFDESTRUCT, its balance already moved: the account goes at the end of the request; from Cancun on only if this request
    /// made it (EIP-6780).
    pub fn destroy(&mut self, address: &Address) {
        if self.environment.fork() >= Fork::Cancun && !self.is_created(address) {
            return;
        }
        if self.destroyed.insert(*address) {
            self.undo.push(Undo::Destroyed(*address));
        }
        let lost = self.balance(address);
        self.change(address, |account| account.balance = U256::ZERO);
        accounts::burn(self, lost);
    }

    /// Empties an address's storage, for a contract that is about to be created there.
    pub fn clear_storage(&mut self, address: &Address) {
        let epoch = self.epoch;
        let (slots, cleared) = self.with_account(address, |entry| {
            let slots = std::mem::take(&mut entry.slots);
            // An access list may have warmed slots of a contract that is only now made.
            let warm = slots.iter().filter(|(_, slot)| slot.warm == epoch);
            entry.slots = warm.map(|(slot, _)| (*slot, SlotEntry { warm: epoch, ..SlotEntry::default() })).collect();
            let before = (slots, entry.cleared);
            entry.cleared = entry.cleared || self.read(self.base.has_storage(address));
            before
        });
        if !slots.is_empty() || !cleared {
            self.undo.push(Undo::Cleared(*address, Box::new(slots), cleared));
        }
    }

    /// What happens at the end of a request: after it nothing is left to take back.
    pub(super) fn sweep(&mut self) {
        if self.ripemd_touched {
            self.touched.insert(RIPEMD_160);
        }
        // The order of removal does not show: each account goes by itself.
        for address in self.touched.clone() {
            if self.account(&address).is_some_and(|account| account.is_empty()) {
                self.remove(&address);
            }
        }
        for address in self.destroyed.clone() {
            // It was paid after it destroyed itself.
            let lost = self.balance(&address);
            accounts::burn(self, lost);
            self.remove(&address);
        }
    }

    fn remove(&mut self, address: &Address) {
        self.with_account(address, |entry| {
            entry.current = None;
            entry.code = None;
            entry.slots.clear();
            entry.cleared = entry.cleared || self.read(self.base.has_storage(address));
        });
    }

    fn change(&mut self, address: &Address, act: impl FnOnce(&mut Account)) {
        let before = self.with_account(address, |entry| {
            let before = entry.current;
            let account = entry.current.get_or_insert_default();
            act(account);
            if before.is_some_and(|before| before.code_hash != account.code_hash) {
                entry.code = None;
            }
            before
        });
        self.undo.push(Undo::Account(*address, before));
    }

    /// The one door to a cached account; it is read from the store the first time.
    pub(super) fn with_account<T>(&self, address: &Address, act: impl FnOnce(&mut AccountEntry) -> T) -> T {
        let mut accounts = self.accounts.borrow_mut();
        let entry = match accounts.entry(*address) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let account = self.read(self.base.account(address));
                entry.insert(AccountEntry { original: account, current: account, ..AccountEntry::default() })
            }
        };
        act(entry)
    }
}
