//! One chain in a store: its blocks, its state at every retained height, and where to find what.
//!
//! ```text
//! mod ── ChainState: open, head
//!  ├── commit ── a block and all that follows from it, in one batch
//!  ├── view ── the state at a height ── history ── what was there before
//!  ├── rewind ── back to an earlier height
//!  ├── blocks ── reading headers, requests, receipts
//!  ├── meta ── small records of the node's parts
//!  ├── rebuild ── the tries from the flat state, at opening
//!  └── keys, records ── where and how everything is written
//! ```

mod blocks;
mod commit;
mod history;
mod keys;
mod meta;
mod rebuild;
mod records;
mod rewind;
mod view;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::B256;
use parking_lot::{Mutex, RwLock};
use vespiary_types::ChainId;

use crate::{Batch, Commitment, Join, StateView, Store, StoreError, Table, sequential};

pub use commit::{Committed, MAX_NATIVE_KEY_BYTES};
pub use meta::Extra;
pub use rewind::RewindPermission;

use records::damaged;
use view::HeightView;

/// The newest block of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its height; 0 is genesis.
    pub height: u64,
    /// Its hash.
    pub hash: B256,
    /// Its exact time, unix milliseconds.
    pub time_ms: u64,
}

/// A chain in a store. Cloning shares it; any thread may read while one commits.
#[derive(Clone)]
pub struct ChainState {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    chain: ChainId,
    prefix: keys::Prefix,
    /// One commit or rewind at a time.
    writing: Mutex<()>,
    current: RwLock<Current>,
    /// Blocks in the store or on their way into it. A view of fewer blocks must look into the history.
    started: AtomicU64,
    /// Counts rewinds. A view of an earlier count could mix two pasts, and refuses to answer.
    rewinds: AtomicU64,
}

struct Current {
    head: Option<Head>,
    /// The oldest height whose state can be read.
    oldest: u64,
    commitment: Commitment,
}

impl Current {
    /// The number of blocks: the head's height and one.
    fn blocks(&self) -> u64 {
        self.head.map_or(0, |head| head.height.saturating_add(1))
    }
}

impl ChainState {
    /// Opens a chain, or begins one that the store does not know. The tries are rebuilt from the flat state.
    pub fn open(store: Arc<dyn Store>, chain: ChainId) -> Result<Self, StoreError> {
        Self::open_with(store, chain, &sequential)
    }

    /// As [`ChainState::open`], with a second core for the hashing.
    pub fn open_with(store: Arc<dyn Store>, chain: ChainId, join: Join<'_>) -> Result<Self, StoreError> {
        let prefix = keys::prefix_of(&chain);
        let name_key = keys::key(prefix, keys::CHAIN, &[]);
        match store.get(Table::Meta, &name_key)? {
            None => {
                let mut batch = Batch::new();
                batch.put(Table::Meta, name_key, chain.as_bytes().as_slice());
                store.commit(batch)?;
            }
            Some(name) if name == chain.as_bytes() => {}
            Some(name) => {
                return Err(StoreError::Refused(format!(
                    "chain {chain} cannot live beside chain 0x{} in one store: their ids begin with the same 8 bytes",
                    alloy_primitives::hex::encode(name)
                )));
            }
        }
        let head = match store.get(Table::Meta, &keys::key(prefix, keys::HEAD, &[]))? {
            None => None,
            Some(bytes) => Some(records::head_from(&bytes).ok_or_else(|| damaged("head", "not 56 bytes"))?),
        };
        let commitment = rebuild::commitment(store.as_ref(), prefix, join)?;
        let current = Current { head: head.map(|(head, _)| head), oldest: head.map_or(0, |head| head.1), commitment };
        let inner = Inner {
            store,
            chain,
            prefix,
            writing: Mutex::new(()),
            started: AtomicU64::new(current.blocks()),
            rewinds: AtomicU64::new(0),
            current: RwLock::new(current),
        };
        let state = Self { inner: Arc::new(inner) };
        state.check_roots()?;
        Ok(state)
    }

    /// The flat state must be the one that the head's header commits to.
    fn check_roots(&self) -> Result<(), StoreError> {
        let Some(head) = self.head() else { return Ok(()) };
        let header = self.header(head.height)?.ok_or_else(|| damaged("header of the head", "it is not there"))?;
        let roots = self.commitment().roots();
        if header.state_root != roots.state || header.extra_data.as_ref() != roots.native.as_slice() {
            let reason = format!("its roots are not those of the header at height {}", head.height);
            return Err(damaged("flat state", reason));
        }
        Ok(())
    }

    /// The chain's id.
    pub fn chain(&self) -> ChainId {
        self.inner.chain
    }

    /// The store that holds it.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// The newest block; none before genesis.
    pub fn head(&self) -> Option<Head> {
        self.inner.current.read().head
    }

    /// The oldest height whose state can still be read.
    pub fn oldest(&self) -> u64 {
        self.inner.current.read().oldest
    }

    /// The tries of the head's state.
    pub fn commitment(&self) -> Commitment {
        self.inner.current.read().commitment.clone()
    }

    /// The state at the head; the empty state before genesis. It stays at this height while later blocks are committed.
    pub fn latest(&self) -> Arc<dyn StateView> {
        let current = self.inner.current.read();
        self.view(current.blocks())
    }

    /// The state after the block at a height.
    pub fn at(&self, height: u64) -> Result<Arc<dyn StateView>, StoreError> {
        let current = self.inner.current.read();
        let newest = current.head.map_or(0, |head| head.height);
        if current.head.is_none() || height < current.oldest || height > newest {
            return Err(StoreError::Height { asked: height, oldest: current.oldest, newest });
        }
        Ok(self.view(height.saturating_add(1)))
    }

    fn view(&self, blocks: u64) -> Arc<dyn StateView> {
        // The caller holds the lock of `current`, so no rewind is under way.
        let rewinds = self.inner.rewinds.load(Ordering::Acquire);
        Arc::new(HeightView::new(self.clone(), blocks, rewinds))
    }
}
