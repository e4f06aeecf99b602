//! What a state is, in plain maps, and what commits to it, by alloy-trie's hash builder: the oracle.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_trie::proof::verify_proof;
use alloy_trie::{HashBuilder, Nibbles, TrieAccount};

use crate::{Account, Changes, Commitment, Roots, StateView};

/// A state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    /// Accounts with their storage.
    pub accounts: BTreeMap<Address, (Account, BTreeMap<B256, B256>)>,
    /// Code by hash, ever seen.
    pub code: BTreeMap<B256, Bytes>,
    /// Native entries.
    pub native: BTreeMap<Bytes, Bytes>,
}

impl Model {
    /// The state after changes, by the definition of [`Changes`].
    #[must_use]
    pub fn after(&self, changes: &Changes) -> Self {
        let mut after = self.clone();
        for (address, change) in &changes.accounts {
            let old = after.accounts.remove(address);
            let Some(account) = change.account.filter(|account| !account.is_empty()) else { continue };
            let mut storage = old.map(|(_, storage)| storage).unwrap_or_default();
            if change.storage_cleared {
                storage.clear();
            }
            storage.extend(change.storage.iter().map(|(slot, value)| (*slot, *value)));
            storage.retain(|_, value| !value.is_zero());
            after.accounts.insert(*address, (account, storage));
        }
        after.code.extend(changes.code.clone());
        for (key, value) in &changes.native {
            match value {
                Some(value) => after.native.insert(key.clone(), value.clone()),
                None => after.native.remove(key),
            };
        }
        after
    }

    /// The roots.
    pub fn roots(&self) -> Roots {
        let accounts = self.accounts.iter().map(|(address, (account, storage))| {
            let storage = storage.iter().map(|(slot, value)| (slot.as_slice(), slot_value(*value)));
            let account = TrieAccount::new(account.nonce, account.balance, root(storage), account.code_hash);
            (address.as_slice(), alloy_rlp::encode(account))
        });
        Roots {
            state: root(accounts),
            native: root(self.native.iter().map(|(key, value)| (key.as_ref(), value.to_vec()))),
        }
    }

    /// Checks that every read of a view answers as this model, also for what is not there.
    pub fn check_view(&self, view: &dyn StateView, addresses: &[Address], slots: &[B256], native: &[Bytes]) {
        for address in addresses {
            let own = self.accounts.get(address);
            assert_eq!(view.account(address).unwrap(), own.map(|(account, _)| *account), "account {address}");
            let storage = own.map(|(_, storage)| storage.clone()).unwrap_or_default();
            for slot in slots {
                let value = storage.get(slot).copied().unwrap_or_default();
                assert_eq!(view.storage(address, slot).unwrap(), value, "slot {slot} of {address}");
            }
            assert_eq!(view.has_storage(address).unwrap(), !storage.is_empty(), "storage of {address}");
            assert_eq!(view.storage_slots(address).unwrap(), storage.into_iter().collect::<Vec<_>>());
        }
        for key in native {
            assert_eq!(view.native(key).unwrap().as_ref(), self.native.get(key), "native entry {key}");
            let below: Vec<_> = self.native.clone().into_iter().filter(|(other, _)| other.starts_with(key)).collect();
            assert_eq!(view.native_with_prefix(key).unwrap(), below, "native entries below {key}");
        }
        for (hash, code) in &self.code {
            assert_eq!(view.code(hash).unwrap().as_ref(), Some(code));
        }
    }

    /// Checks roots, and proofs by alloy-trie's verifier, also for what is not there.
    pub fn check_commitment(&self, commitment: &Commitment, addresses: &[Address], slots: &[B256], native: &[Bytes]) {
        let roots = self.roots();
        assert_eq!(commitment.roots(), roots);
        for address in addresses {
            let proof = commitment.account_proof(address, slots);
            let own = self.accounts.get(address);
            assert_eq!(proof.account, own.map(|(account, _)| *account));
            let leaf = proof.account.map(|account| {
                let leaf = TrieAccount::new(account.nonce, account.balance, proof.storage_root, account.code_hash);
                alloy_rlp::encode(leaf)
            });
            verify_proof(roots.state, Nibbles::unpack(keccak256(address)), leaf, &proof.nodes).unwrap();
            for (slot, proven) in slots.iter().zip(&proof.storage) {
                let value = own.and_then(|(_, storage)| storage.get(slot)).copied().unwrap_or_default();
                assert_eq!((proven.slot, proven.value), (*slot, value));
                let leaf = (!value.is_zero()).then(|| slot_value(value));
                verify_proof(proof.storage_root, Nibbles::unpack(keccak256(slot)), leaf, &proven.nodes).unwrap();
            }
        }
        for key in native {
            let proof = commitment.native_proof(key);
            assert_eq!(proof.value.as_ref(), self.native.get(key));
            let leaf = proof.value.map(|value| value.to_vec());
            verify_proof(roots.native, Nibbles::unpack(keccak256(key)), leaf, &proof.nodes).unwrap();
        }
    }
}

fn slot_value(value: B256) -> Vec<u8> {
    alloy_rlp::encode(U256::from_be_bytes(value.0))
}

fn root<'a>(entries: impl Iterator<Item = (&'a [u8], Vec<u8>)>) -> B256 {
    let hashed: BTreeMap<_, _> = entries.map(|(key, value)| (keccak256(key), value)).collect();
    let mut builder = HashBuilder::default();
    for (key, value) in hashed {
        builder.add_leaf(Nibbles::unpack(key), &value);
    }
    builder.root()
}
