//! What a block commits to: the trie of Ethereum's accounts (`stateRoot`) and the trie of native entries (`extraData`).

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use alloy_rlp::Encodable;
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};

use crate::trie::{Change, Join, Leaf, Trie, WORTH_SHARING, both, map_all, sequential};
use crate::{Account, AccountChange, Changes};

/// The two roots of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roots {
    /// Of Ethereum's accounts and their storage: the header's `stateRoot`.
    pub state: B256,
    /// Of the native entries, keccak256(key) to the raw value: the header's `extraData`.
    pub native: B256,
}

/// The tries of one state, in memory. Versions share what did not change: one a block costs what the block touched.
#[derive(Clone, Default)]
pub struct Commitment {
    state: Trie<Arc<AccountLeaf>>,
    native: Trie<Arc<NativeLeaf>>,
}

/// Proof of an account and some of its slots (EIP-1186, `eth_getProof`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountProof {
    /// The account's address.
    pub address: Address,
    /// The account; none if it does not exist, which the nodes prove as well.
    pub account: Option<Account>,
    /// The root of its storage trie; that of nothing if it has none.
    pub storage_root: B256,
    /// RLP nodes from the state root on.
    pub nodes: Vec<Bytes>,
    /// The slots asked for, in the order asked.
    pub storage: Vec<StorageProof>,
}

/// Proof of one storage slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageProof {
    /// The slot.
    pub slot: B256,
    /// Its value; zero if unset, which the nodes prove as well.
    pub value: B256,
    /// RLP nodes from the account's storage root on.
    pub nodes: Vec<Bytes>,
}

/// Proof of a native entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeProof {
    /// The key; the trie's path is its keccak-256.
    pub key: Bytes,
    /// The value; none if there is no such entry, which the nodes prove as well.
    pub value: Option<Bytes>,
    /// RLP nodes from the native root on.
    pub nodes: Vec<Bytes>,
}

struct AccountLeaf {
    key: B256,
    nonce: u64,
    balance: U256,
    /// Most accounts have neither code nor storage, and pay no memory for them.
    contract: Option<Arc<Contract>>,
}

struct Contract {
    code_hash: B256,
    storage: Trie<Arc<SlotLeaf>>,
}

struct SlotLeaf {
    key: B256,
    value: B256,
}

struct NativeLeaf {
    key: B256,
    value: Box<[u8]>,
}

impl Leaf for Arc<AccountLeaf> {
    fn key(&self) -> &B256 {
        &self.key
    }

    fn write_value(&self, out: &mut Vec<u8>) {
        TrieAccount::new(self.nonce, self.balance, self.storage_root(), self.account().code_hash).encode(out);
    }
}

impl Leaf for Arc<SlotLeaf> {
    fn key(&self) -> &B256 {
        &self.key
    }

    fn write_value(&self, out: &mut Vec<u8>) {
        U256::from_be_bytes(self.value.0).encode(out);
    }
}

impl Leaf for Arc<NativeLeaf> {
    fn key(&self) -> &B256 {
        &self.key
    }

    fn write_value(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.value);
    }
}

impl AccountLeaf {
    fn new(key: B256, account: Account, storage: Trie<Arc<SlotLeaf>>) -> Self {
        let plain = account.code_hash == KECCAK256_EMPTY && storage.is_empty();
        let contract = (!plain).then(|| Arc::new(Contract { code_hash: account.code_hash, storage }));
        Self { key, nonce: account.nonce, balance: account.balance, contract }
    }

    fn account(&self) -> Account {
        let code_hash = self.contract.as_ref().map_or(KECCAK256_EMPTY, |contract| contract.code_hash);
        Account { nonce: self.nonce, balance: self.balance, code_hash }
    }

    fn storage_root(&self) -> B256 {
        self.contract.as_ref().map_or(EMPTY_ROOT_HASH, |contract| contract.storage.root())
    }
}

impl Commitment {
    /// The commitment to a state without entries.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The commitment after a block's changes. `join` lends a second core (or is [`crate::sequential`]); the result is the same.
    ///
    /// An account that is empty afterwards (EIP-161) is not in the trie, and what is not in the trie has no storage.
    #[must_use]
    pub fn apply(&self, changes: &Changes, join: Join<'_>) -> Self {
        let slots: usize = changes.accounts.values().map(|change| change.storage.len()).sum();
        let small = changes.accounts.len() + changes.native.len() + slots < WORTH_SHARING;
        let join = if small { &sequential } else { join };
        let (state, native) = both(join, || self.state_after(changes, join), || self.native_after(changes, join));
        Self { state, native }
    }

    fn state_after(&self, changes: &Changes, join: Join<'_>) -> Trie<Arc<AccountLeaf>> {
        let accounts: Vec<_> = changes.accounts.iter().collect();
        let mut leaves = map_all(join, &accounts, &|(address, change)| self.account_after(address, change, join));
        leaves.sort_unstable_by_key(|change| change.key);
        self.state.update(&leaves, join)
    }

    fn account_after(&self, address: &Address, change: &AccountChange, join: Join<'_>) -> Change<Arc<AccountLeaf>> {
        let key = keccak256(address);
        let Some(account) = change.remaining() else { return Change { key, leaf: None } };
        let kept = if change.storage_cleared { None } else { self.state.get(&key) };
        let mut storage =
            kept.and_then(|leaf| leaf.contract.as_ref()).map(|contract| contract.storage.clone()).unwrap_or_default();
        if !change.storage.is_empty() {
            let slots: Vec<_> = change.storage.iter().collect();
            let mut slots = map_all(join, &slots, &|(slot, value)| slot_leaf(slot, **value));
            slots.sort_unstable_by_key(|change| change.key);
            storage = storage.update(&slots, join);
        }
        Change { key, leaf: Some(Arc::new(AccountLeaf::new(key, account, storage))) }
    }

    fn native_after(&self, changes: &Changes, join: Join<'_>) -> Trie<Arc<NativeLeaf>> {
        let entries: Vec<_> = changes.native.iter().collect();
        let mut leaves = map_all(join, &entries, &|(key, value)| native_leaf(key, value.as_ref().map(AsRef::as_ref)));
        leaves.sort_unstable_by_key(|change| change.key);
        self.native.update(&leaves, join)
    }

    /// The two roots.
    pub fn roots(&self) -> Roots {
        Roots { state: self.state.root(), native: self.native.root() }
    }

    /// Proves an account and slots of it, present or absent, against the state root.
    pub fn account_proof(&self, address: &Address, slots: &[B256]) -> AccountProof {
        let key = keccak256(address);
        let leaf = self.state.get(&key);
        let trie = leaf.and_then(|leaf| leaf.contract.as_ref()).map(|contract| &contract.storage);
        let storage = slots.iter().map(|slot| {
            let key = keccak256(slot);
            let value = trie.and_then(|trie| trie.get(&key)).map_or(B256::ZERO, |leaf| leaf.value);
            StorageProof { slot: *slot, value, nodes: trie.map(|trie| trie.proof(&key)).unwrap_or_default() }
        });
        AccountProof {
            address: *address,
            account: leaf.map(|leaf| leaf.account()),
            storage_root: leaf.map_or(EMPTY_ROOT_HASH, |leaf| leaf.storage_root()),
            nodes: self.state.proof(&key),
            storage: storage.collect(),
        }
    }

    /// Proves a native entry, present or absent, against the native root.
    pub fn native_proof(&self, key: &[u8]) -> NativeProof {
        let hashed = keccak256(key);
        let value = self.native.get(&hashed).map(|leaf| Bytes::copy_from_slice(&leaf.value));
        NativeProof { key: Bytes::copy_from_slice(key), value, nodes: self.native.proof(&hashed) }
    }
}

fn slot_leaf(slot: &B256, value: B256) -> Change<Arc<SlotLeaf>> {
    let key = keccak256(slot);
    Change { key, leaf: (!value.is_zero()).then(|| Arc::new(SlotLeaf { key, value })) }
}

fn native_leaf(key: &[u8], value: Option<&[u8]>) -> Change<Arc<NativeLeaf>> {
    let key = keccak256(key);
    Change { key, leaf: value.map(|value| Arc::new(NativeLeaf { key, value: value.into() })) }
}

/// Collects a whole state to commit to it at once, as a node does when it opens a chain.
#[derive(Default)]
pub(crate) struct CommitmentBuilder {
    accounts: Vec<Arc<AccountLeaf>>,
    native: Vec<Arc<NativeLeaf>>,
}

impl CommitmentBuilder {
    pub(crate) fn account(&mut self, address: &Address, account: Account, slots: &[(B256, B256)], join: Join<'_>) {
        let mut leaves = map_all(join, slots, &|(slot, value)| slot_leaf(slot, *value));
        leaves.sort_unstable_by_key(|change| change.key);
        let leaves: Vec<_> = leaves.into_iter().filter_map(|change| change.leaf).collect();
        let storage = Trie::of_sorted(&leaves, join);
        self.accounts.push(Arc::new(AccountLeaf::new(keccak256(address), account, storage)));
    }

    pub(crate) fn native(&mut self, key: &[u8], value: &[u8]) {
        self.native.extend(native_leaf(key, Some(value)).leaf);
    }

    pub(crate) fn finish(mut self, join: Join<'_>) -> Commitment {
        self.accounts.sort_unstable_by_key(|leaf| leaf.key);
        self.native.sort_unstable_by_key(|leaf| leaf.key);
        let (state, native) =
            both(join, || Trie::of_sorted(&self.accounts, join), || Trie::of_sorted(&self.native, join));
        Commitment { state, native }
    }
}
