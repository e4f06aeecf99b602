//! The undo log: one step for each write, taken back in reverse order.

use alloy_primitives::{Address, B256, Bytes, map::B256Map};
use vespiary_state::Account;

use super::Journal;
use super::entry::SlotEntry;

/// How one write is taken back.
#[derive(Debug)]
pub(super) enum Undo {
    Account(Address, Option<Account>),
    Slot(Address, B256, B256),
    Transient(Address, B256, B256),
    WarmAccount(Address),
    WarmSlot(Address, B256),
    Touched(Address),
    Created(Address, u64),
    Destroyed(Address),
    Cleared(Address, Box<B256Map<SlotEntry>>, bool),
    Native(Bytes, Option<Bytes>),
}

impl Journal {
    pub(super) fn take_back(&mut self, step: Undo) {
        let accounts = self.accounts.get_mut();
        match step {
            Undo::Account(address, before) => {
                let entry = accounts.entry(address).or_default();
                if entry.current.map(|account| account.code_hash) != before.map(|account| account.code_hash) {
                    entry.code = None;
                }
                entry.current = before;
            }
            Undo::Slot(address, slot, before) => {
                accounts.entry(address).or_default().slots.entry(slot).or_default().current = before;
            }
            Undo::Transient(address, slot, before) => {
                self.transient.insert((address, slot), before);
            }
            Undo::WarmAccount(address) => accounts.entry(address).or_default().warm = 0,
            Undo::WarmSlot(address, slot) => {
                accounts.entry(address).or_default().slots.entry(slot).or_default().warm = 0;
            }
            Undo::Touched(address) => {
                self.touched.remove(&address);
            }
            Undo::Created(address, before) => accounts.entry(address).or_default().created = before,
            Undo::Destroyed(address) => {
                self.destroyed.remove(&address);
            }
            Undo::Cleared(address, slots, cleared) => {
                let entry = accounts.entry(address).or_default();
                entry.slots = *slots;
                entry.cleared = cleared;
            }
            Undo::Native(key, before) => self.native.get_mut().entry(key).or_default().current = before,
        }
    }
}
