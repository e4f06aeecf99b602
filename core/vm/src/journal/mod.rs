//! The journal: the one revertible view of a chain's state during a block, for every virtual machine alike.
//!
//! ```text
//! mod       checkpoints, requests, output (logs, events, payouts)
//! entry     what is cached of an account, a slot, a native entry     undo     how one write is taken back
//! accounts  balances, nonces, code, life and death                   storage  slots, transient slots, warm sets (EIP-2929)
//! native    entries of core and Wasm contracts                       code     analysed code, shared between blocks
//! changes   the sorted, minimal difference at the end
//! ```
//!
//! Reads go through to the [`StateView`] once and are cached; writes stay in memory with an undo log. A store that fails makes
//! a read answer "nothing" and sets a sticky error ([`Journal::store_error`]): whoever drives the journal looks at it after each
//! run and throws the run away, so such an answer never becomes a result.
//!
//! Life of a journal: `new`, then for each request `begin_request` … `end_request` or `abandon_request`, with any
//! nesting of `checkpoint` … `commit` or `revert` inside, then `into_changes`.

mod accounts;
mod changes;
mod code;
mod entry;
mod native;
mod storage;
mod undo;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alloy_primitives::map::{AddressMap, AddressSet, B256Map, HashMap};
use alloy_primitives::{Address, B256, Bytes, Log};
use vespiary_state::{StateView, StoreError};
use vespiary_types::{Event, Payout};

pub use accounts::InsufficientBalance;
pub use code::{Code, CodeCache};
use entry::{AccountEntry, NativeEntry};
use undo::Undo;

use crate::{Environment, RequestContext};

/// What a request leaves besides changed state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// EVM logs.
    pub logs: Vec<Log>,
    /// Events of native and Wasm contracts.
    pub events: Vec<Event>,
    /// Outputs owed to the tangle.
    pub payouts: Vec<Payout>,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    undo: usize,
    logs: usize,
    events: usize,
    payouts: usize,
}

/// The state of a chain while a block is executed. See the module's description.
pub struct Journal {
    base: Arc<dyn StateView>,
    environment: Rc<Environment>,
    request: Option<RequestContext>,
    /// Counts requests from 1; what an entry remembers "for this request" carries it.
    epoch: u64,
    accounts: RefCell<AddressMap<AccountEntry>>,
    native: RefCell<BTreeMap<Bytes, NativeEntry>>,
    block_hashes: RefCell<HashMap<u64, B256>>,
    codes: CodeCache,
    deployed: B256Map<Bytes>,
    transient: HashMap<(Address, B256), B256>,
    touched: AddressSet,
    destroyed: AddressSet,
    /// EIP-161's touch of the RIPEMD-160 precompile outlives a revert, as on mainnet since block 2,675,119.
    ripemd_touched: bool,
    output: Output,
    undo: Vec<Undo>,
    marks: Vec<Mark>,
    error: RefCell<Option<StoreError>>,
    cancellation: Option<Arc<AtomicBool>>,
    nested_runs: u32,
}

impl Journal {
    /// A journal over `base`, with analysed code kept in `codes`.
    pub fn new(base: Arc<dyn StateView>, environment: Environment, codes: CodeCache) -> Self {
        Self {
            base,
            environment: Rc::new(environment),
            request: None,
            epoch: 1,
            accounts: RefCell::default(),
            native: RefCell::default(),
            block_hashes: RefCell::default(),
            codes,
            deployed: B256Map::default(),
            transient: HashMap::default(),
            touched: AddressSet::default(),
            destroyed: AddressSet::default(),
            ripemd_touched: false,
            output: Output::default(),
            undo: Vec::with_capacity(256),
            marks: Vec::with_capacity(16),
            error: RefCell::default(),
            cancellation: None,
            nested_runs: 0,
        }
    }

    /// The block that is executed.
    pub fn environment(&self) -> &Rc<Environment> {
        &self.environment
    }

    /// Sets the environment, once the chain's parameters have been read from the state.
    pub fn set_environment(&mut self, environment: Environment) {
        self.environment = Rc::new(environment);
    }

    /// The request that is executed; none between requests.
    pub fn request(&self) -> Option<&RequestContext> {
        self.request.as_ref()
    }

    /// The first thing that went wrong with the store. After it no answer of this journal may be used.
    pub fn store_error(&self) -> Option<StoreError> {
        self.error.borrow().clone()
    }

    /// Lets a run be cancelled from outside.
    pub fn set_cancellation(&mut self, cancellation: Arc<AtomicBool>) {
        self.cancellation = Some(cancellation);
    }

    /// True if going on is of no use: the run was cancelled, or the store failed. Long loops ask now and then and end; the
    /// executor throws away whatever they then return.
    pub fn interrupted(&self) -> bool {
        self.cancellation.as_ref().is_some_and(|cancelled| cancelled.load(Ordering::Relaxed))
            || self.error.borrow().is_some()
    }

    /// True if the run was cancelled.
    pub(crate) fn cancelled(&self) -> bool {
        self.cancellation.as_ref().is_some_and(|cancelled| cancelled.load(Ordering::Relaxed))
    }

    /// How many machines run inside each other on the native stack.
    pub(crate) fn nested_runs(&self) -> u32 {
        self.nested_runs
    }

    pub(crate) fn enter_run(&mut self) {
        self.nested_runs += 1;
    }

    pub(crate) fn leave_run(&mut self) {
        self.nested_runs = self.nested_runs.saturating_sub(1);
    }

    /// Begins a request: nothing is warm, transient storage is empty.
    pub fn begin_request(&mut self, request: RequestContext) {
        debug_assert!(self.marks.is_empty(), "a request begins outside of all checkpoints");
        self.request = Some(request);
        self.checkpoint();
    }

    /// Ends a request and keeps what it did: destroyed accounts go, and so do touched empty ones (EIP-161).
    pub fn end_request(&mut self) -> Output {
        self.sweep();
        self.forget_request();
        std::mem::take(&mut self.output)
    }

    /// Ends a request as if it had never begun.
    pub fn abandon_request(&mut self) {
        self.marks.truncate(1);
        self.revert();
        self.forget_request();
        self.output = Output::default();
    }

    fn forget_request(&mut self) {
        self.request = None;
        self.epoch += 1;
        self.transient.clear();
        self.touched.clear();
        self.destroyed.clear();
        self.ripemd_touched = false;
        self.undo.clear();
        self.marks.clear();
    }

    /// Opens a nested step that can be taken back.
    pub fn checkpoint(&mut self) {
        self.marks.push(Mark {
            undo: self.undo.len(),
            logs: self.output.logs.len(),
            events: self.output.events.len(),
            payouts: self.output.payouts.len(),
        });
    }

    /// Closes the innermost step and keeps what it did.
    pub fn commit(&mut self) {
        self.marks.pop();
    }

    /// Closes the innermost step and takes everything back that was done since it was opened: state, warmth, logs, events and
    /// payouts.
    pub fn revert(&mut self) {
        let Some(mark) = self.marks.pop() else { return };
        self.output.logs.truncate(mark.logs);
        self.output.events.truncate(mark.events);
        self.output.payouts.truncate(mark.payouts);
        while self.undo.len() > mark.undo {
            if let Some(step) = self.undo.pop() {
                self.take_back(step);
            }
        }
    }

    /// How many checkpoints are open: what is opened must be closed by the same hand.
    pub fn depth(&self) -> usize {
        self.marks.len()
    }

    /// Emits an EVM log.
    pub fn emit_log(&mut self, log: Log) {
        self.output.logs.push(log);
    }

    /// Emits an event of a native or Wasm contract.
    pub fn emit_event(&mut self, event: Event) {
        self.output.events.push(event);
    }

    /// Owes an output to the tangle.
    pub fn push_payout(&mut self, payout: Payout) {
        self.output.payouts.push(payout);
    }

    /// What the request has emitted so far.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The hash of an earlier block; none if it is not within this state's history.
    pub fn block_hash(&self, height: u64) -> Option<B256> {
        if height >= self.environment.block.height {
            return None;
        }
        if let Some(hash) = self.block_hashes.borrow().get(&height) {
            return Some(*hash);
        }
        let hash = if height + 1 == self.environment.block.height {
            Some(self.environment.block.parent)
        } else {
            self.read(self.base.block_hash(height))
        }?;
        self.block_hashes.borrow_mut().insert(height, hash);
        Some(hash)
    }

    /// Notes that an entry does not read back, as if the store had failed.
    pub(crate) fn damaged(&self, what: &str, reason: impl std::fmt::Display) {
        let error = StoreError::Damaged { what: what.into(), reason: reason.to_string() };
        self.error.borrow_mut().get_or_insert(error);
    }

    /// An answer of the store, or nothing and the sticky error.
    fn read<T: Default>(&self, answer: Result<T, StoreError>) -> T {
        answer.unwrap_or_else(|error| {
            self.error.borrow_mut().get_or_insert(error);
            T::default()
        })
    }
}
