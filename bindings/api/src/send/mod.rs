//! Sending: a batch is the primitive, and a single send is a batch of one.
//!
//! ```text
//! rows ──▶ funds.rs   what each may cost, who can pay for how many at once
//!            │
//!            ▼
//!         lane.rs     nonces in call order, one owner a wallet and chain
//!            │
//!            ▼
//!         sign.rs     EIP-1559 transactions, signed natively
//!            │
//!            ▼
//!         mod.rs      rounds of one mailbox message each; every row its own result
//! ```
//!
//! Rows are in flight together only if their sender can pay for all of them at once: else one row that cannot be paid for would
//! leave a gap in the nonces, and those behind it would wait for ever. What does not fit waits for the next round.

mod funds;
mod lane;
mod raw;
mod sign;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, U256};
use serde_json::json;
use tokio::sync::watch;
use vespiary_types::{Level, Request};

pub(crate) use lane::Lanes;
pub(crate) use raw::hash_of;

use crate::{Chain, Code, Error, Interface, Result, Sent, Wallet};
use funds::Purses;

/// Most rows that are in flight at once: what the mempool holds comfortably.
const WINDOW: usize = 8_192;

/// A transaction to be signed and sent. What is left out is filled in.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// Who signs and pays.
    pub sender: Wallet,
    /// The contract or receiver; none creates a contract.
    pub to: Option<Address>,
    /// Wei sent along.
    pub value: U256,
    /// Call data or init code.
    pub data: Bytes,
    /// Gas limit; left out: as much as the chain allows and the sender can pay for.
    pub gas: Option<u64>,
    /// Nonce; left out: the next one, in call order.
    pub nonce: Option<u64>,
    /// Most wei for a gas unit; left out: the chain's price.
    pub max_fee: Option<U256>,
    /// Wei of it for the proposer; nothing if left out.
    pub tip: Option<U256>,
}

impl Transaction {
    /// A transaction with nothing but a sender, a receiver and data.
    pub fn new(sender: Wallet, to: Option<Address>, data: Bytes) -> Self {
        Self { sender, to, value: U256::ZERO, data, gas: None, nonce: None, max_fee: None, tip: None }
    }
}

/// Counts the rows of a batch that have their result.
#[derive(Debug, Clone)]
pub struct Progress(watch::Sender<u64>);

impl Progress {
    /// The counter and its reading end.
    pub fn channel() -> (Self, watch::Receiver<u64>) {
        let (sender, receiver) = watch::channel(0);
        (Self(sender), receiver)
    }

    fn add(&self, rows: u64) {
        self.0.send_modify(|count| *count += rows);
    }
}

/// How a batch is sent.
#[derive(Debug, Clone, Default)]
pub struct SendOptions {
    /// The level that each row is waited for.
    pub wait: Level,
    /// Most time for the whole batch; without it, as long as it takes.
    pub timeout: Option<Duration>,
    /// Counts rows that have their result.
    pub progress: Option<Progress>,
}

/// A row that is signed and ready to go.
struct Signed {
    row: usize,
    hash: B256,
    sender: Address,
    request: Arc<Request>,
}

impl Chain {
    /// Signs and sends a batch. Row i of the result is what became of call i; a failed row fails alone.
    ///
    /// A transaction that reverts is a result with a receipt, not an error: look at the receipt.
    pub async fn send(&self, calls: Vec<Transaction>, options: SendOptions) -> Vec<Result<Sent>> {
        if let Err(error) = self.node().check() {
            return calls.iter().map(|_| Err(error.clone())).collect();
        }
        let chain = self.clone();
        let rows = calls.len();
        let clock = self.node().engine().clock().clone();
        let SendOptions { wait, timeout, progress } = options;
        let work = async move { Ok(chain.rounds(calls, wait, progress).await) };
        let outcome = match timeout {
            None => clock.drive(work).await.map(Some),
            Some(limit) => clock.within(limit, work).await,
        };
        match outcome {
            Ok(Some(results)) => results,
            Ok(None) => {
                let limit = timeout.unwrap_or_default();
                let error = Error::Timeout { what: format!("{rows} transactions becoming {wait}"), limit };
                vec![Err(error); rows]
            }
            Err(error) => vec![Err(error); rows],
        }
    }

    /// Signs and sends one transaction; `ERR_REVERTED` if it fails on the chain.
    pub async fn send_one(&self, call: Transaction, options: SendOptions) -> Result<Sent> {
        self.send_one_with(call, options, None).await
    }

    /// As [`Self::send_one`], with custom errors decoded by an interface.
    pub async fn send_one_with(
        &self,
        call: Transaction,
        options: SendOptions,
        interface: Option<&Interface>,
    ) -> Result<Sent> {
        let sent =
            self.send(vec![call], options).await.pop().ok_or_else(|| Error::internal("a batch lost its row"))??;
        let Some(failed) = sent.receipt.as_ref().filter(|receipt| !receipt.succeeded()) else { return Ok(sent) };
        let revert = match interface {
            Some(interface) => Self::revert_of(failed, interface),
            None => failed.revert(),
        };
        Err(Error::Reverted(Box::new(revert.unwrap_or_default())))
    }

    async fn rounds(&self, calls: Vec<Transaction>, wait: Level, progress: Option<Progress>) -> Vec<Result<Sent>> {
        let mut results: Vec<Option<Result<Sent>>> = calls.iter().map(|_| None).collect();
        let mut waiting: Vec<usize> = (0..calls.len()).collect();
        while !waiting.is_empty() {
            let (signed, deferred) = match self.round(&calls, &waiting, &mut results, wait).await {
                Ok(round) => round,
                Err(error) => {
                    fill(&mut results, &waiting, &error);
                    break;
                }
            };
            waiting = deferred;
            let settled = results.iter().filter(|result| result.is_some()).count();
            self.submit(signed, wait, progress.as_ref(), &mut results).await;
            if let Some(progress) = &progress {
                progress.0.send_replace(results.iter().filter(|result| result.is_some()).count().max(settled) as u64);
            }
        }
        let lost = || Err(Error::internal("a row of a batch has no result"));
        results.into_iter().map(|result| result.unwrap_or_else(lost)).collect()
    }

    /// Picks the rows that go together, gives them nonces and signs them. The others are handed back.
    async fn round(
        &self,
        calls: &[Transaction],
        waiting: &[usize],
        results: &mut [Option<Result<Sent>>],
        wait: Level,
    ) -> Result<(Vec<Signed>, Vec<usize>)> {
        let senders: BTreeSet<Address> =
            waiting.iter().take(WINDOW).filter_map(|row| calls.get(*row)).map(|call| call.sender.address()).collect();
        for sender in senders {
            self.lanes().prepare(self, sender).await?;
        }
        let mut purses = Purses::open(self, calls, waiting)?;
        let mut held_back: BTreeSet<Address> = BTreeSet::new();
        let mut picked = Vec::with_capacity(waiting.len().min(WINDOW));
        let mut deferred = Vec::new();
        for &row in waiting {
            let (Some(call), Some(result)) = (calls.get(row), results.get_mut(row)) else { continue };
            let sender = call.sender.address();
            if picked.len() >= WINDOW || held_back.contains(&sender) {
                deferred.push(row);
                continue;
            }
            match purses.take(call) {
                Ok(Some(terms)) => picked.push((row, call, terms)),
                Ok(None) => {
                    held_back.insert(sender);
                    deferred.push(row);
                }
                Err(error) => *result = Some(Err(error)),
            }
        }
        let signed = self.lanes().number(self, &picked, wait, results);
        Ok((sign::all(self, &signed), deferred))
    }

    async fn submit(
        &self,
        signed: Vec<Signed>,
        wait: Level,
        progress: Option<&Progress>,
        results: &mut [Option<Result<Sent>>],
    ) {
        let mut put = |row: &Signed, outcome: Result<Sent>| {
            if outcome.is_err() {
                self.lanes().forget(row.sender);
            }
            if let Some(result) = results.get_mut(row.row) {
                *result = Some(outcome);
            }
        };
        if let [row] = signed.as_slice() {
            let included = self.engine().submit(row.request.clone(), wait).await;
            put(row, Self::sent(row.hash, included));
            return;
        }
        let requests = signed.iter().map(|row| row.request.clone()).collect();
        let included = self.engine().submit_batch(requests, wait, progress.map(|progress| progress.0.clone())).await;
        for (row, included) in signed.iter().zip(included) {
            put(row, Self::sent(row.hash, included));
        }
    }
}

fn fill(results: &mut [Option<Result<Sent>>], rows: &[usize], error: &Error) {
    for row in rows {
        if let Some(result) = results.get_mut(*row) {
            *result = Some(Err(error.clone()));
        }
    }
}

/// A nonce that leaves a gap, when the caller would wait for what cannot come.
pub(crate) fn nonce_too_high(sender: Address, nonce: u64, next: u64) -> Error {
    Error::new(
        Code::NonceTooHigh,
        format!(
            "nonce {nonce} of {sender} leaves a gap: its next nonce is {next}. Send that one first, or use wait=\"pending\" to leave it in the mempool"
        ),
        json!({ "address": sender, "nonce": nonce, "next": next }),
    )
}
