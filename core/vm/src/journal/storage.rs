//! Storage slots, transient slots (EIP-1153) and what is warm (EIP-2929).

use alloy_primitives::{Address, B256};

use super::entry::SlotEntry;
use super::{Journal, Undo};

impl Journal {
    /// The value of a storage slot.
    pub fn storage(&self, address: &Address, slot: &B256) -> B256 {
        self.with_slot(address, slot, |entry| entry.current)
    }

    /// The value of a storage slot when the present request began (EIP-2200).
    pub fn storage_before_request(&self, address: &Address, slot: &B256) -> B256 {
        let epoch = self.epoch;
        self.with_slot(address, slot, |entry| if entry.written == epoch { entry.before } else { entry.current })
    }

    /// Writes a storage slot.
    pub fn set_storage(&mut self, address: &Address, slot: &B256, value: B256) {
        let epoch = self.epoch;
        let before = self.with_slot(address, slot, |entry| {
            let before = entry.current;
            if entry.written != epoch {
                entry.written = epoch;
                entry.before = before;
            }
            entry.current = value;
            before
        });
        self.undo.push(Undo::Slot(*address, *slot, before));
    }

    /// The value of a transient slot.
    pub fn transient(&self, address: &Address, slot: &B256) -> B256 {
        self.transient.get(&(*address, *slot)).copied().unwrap_or_default()
    }

    /// Writes a transient slot; it is gone with the request.
    pub fn set_transient(&mut self, address: &Address, slot: &B256, value: B256) {
        let before = self.transient.insert((*address, *slot), value).unwrap_or_default();
        self.undo.push(Undo::Transient(*address, *slot, before));
    }

    /// True if the request has met this address before.
    pub fn is_warm(&self, address: &Address) -> bool {
        self.accounts.borrow().get(address).is_some_and(|entry| entry.warm == self.epoch)
    }

    /// True if the request has met this slot before.
    pub fn is_slot_warm(&self, address: &Address, slot: &B256) -> bool {
        let accounts = self.accounts.borrow();
        accounts.get(address).and_then(|entry| entry.slots.get(slot)).is_some_and(|entry| entry.warm == self.epoch)
    }

    /// Makes an address warm.
    pub fn warm(&mut self, address: &Address) {
        let epoch = self.epoch;
        let cold = self.with_account(address, |entry| std::mem::replace(&mut entry.warm, epoch) != epoch);
        if cold {
            self.undo.push(Undo::WarmAccount(*address));
        }
    }

    /// Makes a slot warm.
    pub fn warm_slot(&mut self, address: &Address, slot: &B256) {
        let epoch = self.epoch;
        let cold = self.with_slot(address, slot, |entry| std::mem::replace(&mut entry.warm, epoch) != epoch);
        if cold {
            self.undo.push(Undo::WarmSlot(*address, *slot));
        }
    }

    fn with_slot<T>(&self, address: &Address, slot: &B256, act: impl FnOnce(&mut SlotEntry) -> T) -> T {
        self.with_account(address, |account| {
            let cleared = account.cleared;
            act(account.slots.entry(*slot).or_insert_with(|| {
                let value = if cleared { B256::ZERO } else { self.read(self.base.storage(address, slot)) };
                SlotEntry { original: value, before: value, current: value, written: 0, warm: 0 }
            }))
        })
    }
}
