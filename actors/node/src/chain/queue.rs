//! The mempool's queue: which requests wait, and which go next. Pure: time and accounts are handed in.
//!
//! Requests of one sender go in the order of their nonces, those of different senders by tip and then by arrival. A request
//! without a nonce (an output of the tangle) goes before all others: nobody can outbid the L1's order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;

use alloy_primitives::U256;
use vespiary_types::{AgentId, MempoolLimits, Request, RequestId, Transaction};
use vespiary_vm::Standing;

use crate::Rejection;

/// How far ahead of a sender's next free nonce a request may be and still be kept: room for clients that send in parallel.
pub(crate) const NONCE_GAP: u64 = 64;

/// How long a request lives, in milliseconds.
pub(crate) const LIFETIME_MS: u64 = 24 * 60 * 60 * 1_000;

/// After how long an equal fee replaces a request on a free chain, in milliseconds.
const FREE_REPLACEMENT_MS: u64 = 60 * 1_000;

/// Most on-ledger requests of a block: an anchor's inputs are limited.
pub(crate) const ON_LEDGER_PER_BLOCK: usize = 100;

#[derive(Debug, Clone)]
struct Waiting {
    request: Arc<Request>,
    arrival: u64,
    arrived_ms: u64,
}

/// The order in which requests of different senders go: the highest tip, then the earliest.
type Rank = (Reverse<U256>, u64, AgentId);

#[derive(Debug, Default)]
struct Sender {
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
    /// Where its next request stands in `ready`.
    rank: Option<Rank>,
}

impl Sender {
    /// The first nonce that neither the state nor the queue has used.
    fn free_nonce(&self) -> u64 {
        let mut free = self.next;
        for nonce in self.waiting.range(self.next..).map(|(nonce, _)| *nonce) {
            if nonce != free {
                break;
            }
            free += 1;
        }
        free
    }
}

/// What a request pays for a unit of gas above `price`.
fn tip(request: &Request, price: U256) -> U256 {
    match request.payload() {
        vespiary_types::Payload::Ethereum(transaction) => {
            let envelope = transaction.envelope();
            let room = U256::from(envelope.max_fee_per_gas()).saturating_sub(price);
            envelope.max_priority_fee_per_gas().map_or(room, |most| room.min(U256::from(most)))
        }
        _ => U256::ZERO,
    }
}

/// What one unit of gas is worth to it, for replacements.
fn offer(request: &Request) -> U256 {
    request.max_fee_per_gas().unwrap_or_default()
}

/// What taking a request did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It waits.
    New,
    /// It waits, in the place of this one.
    Instead(RequestId),
    /// It waited already.
    Known,
}

/// The requests that wait.
#[derive(Debug)]
pub(crate) struct Queue {
    limits: MempoolLimits,
    price: U256,
    senders: HashMap<AgentId, Sender>,
    ready: BTreeSet<Rank>,
    on_ledger: VecDeque<Arc<Request>>,
    by_id: HashMap<RequestId, Option<(AgentId, u64)>>,
    by_age: BTreeMap<(u64, u64), RequestId>,
    arrivals: u64,
}

impl Queue {
    pub(crate) fn new(limits: MempoolLimits, price: U256) -> Self {
        Self {
            limits,
            price,
            senders: HashMap::new(),
            ready: BTreeSet::new(),
            on_ledger: VecDeque::new(),
            by_id: HashMap::new(),
            by_age: BTreeMap::new(),
            arrivals: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn contains(&self, id: &RequestId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Follows a change of the chain's price: the order of tips changes with it.
    pub(crate) fn set_price(&mut self, price: U256) {
        if self.price == price {
            return;
        }
        self.price = price;
        let senders: Vec<AgentId> = self.ready.iter().map(|(_, _, sender)| *sender).collect();
        for sender in senders {
            self.rank(&sender);
        }
    }

    /// Follows a rewind of the chain: nonces that were used are free again.
    pub(crate) fn rewound(&mut self, next_nonce: impl Fn(&AgentId) -> Option<u64>) {
        let senders: Vec<AgentId> = self.senders.keys().copied().collect();
        for id in senders {
            if let Some(sender) = self.senders.get_mut(&id)
                && let Some(next) = next_nonce(&id)
            {
                sender.next = next;
            }
            self.rank(&id);
        }
    }

    /// Follows a change of the chain's limits.
    pub(crate) fn set_limits(&mut self, limits: MempoolLimits) {
        self.limits = limits;
    }

    /// Every waiting request, senders in order of their ids.
    pub(crate) fn waiting(&self) -> Vec<Arc<Request>> {
        let mut senders: Vec<_> = self.senders.iter().collect();
        senders.sort_by_key(|(id, _)| **id);
        let nonced = senders.into_iter().flat_map(|(_, sender)| sender.waiting.values().map(|w| &w.request));
        self.on_ledger.iter().chain(nonced).cloned().collect()
    }

    /// The nonce a sender should sign next, if anything of it waits.
    pub(crate) fn next_nonce(&self, sender: &AgentId) -> Option<u64> {
        self.senders.get(sender).map(Sender::free_nonce)
    }

    /// True if a request waits for an earlier nonce of its sender that nobody has sent.
    pub(crate) fn is_gapped(&self, id: &RequestId) -> bool {
        let Some(Some((sender, nonce))) = self.by_id.get(id) else { return false };
        self.senders.get(sender).is_some_and(|sender| *nonce > sender.free_nonce())
    }

    /// Takes a request whose sender stands like this.
    pub(crate) fn take(
        &mut self,
        request: Arc<Request>,
        standing: impl FnOnce() -> Result<Standing, Rejection>,
        now_ms: u64,
    ) -> Result<Taken, Rejection> {
        let id = request.id();
        if self.by_id.contains_key(&id) {
            return Ok(Taken::Known);
        }
        let in_all = self.limits.total as usize;
        let Some(nonce) = request.nonce() else {
            // What the tangle confirmed has been paid for: no limit turns it away.
            self.by_id.insert(id, None);
            self.on_ledger.push_back(request);
            return Ok(Taken::New);
        };
        let sender_id = request.sender();
        let standing = standing()?;
        let sender = self.senders.entry(sender_id).or_default();
        sender.next = sender.next.max(standing.nonce);
        let result = Self::admit(sender, &request, nonce, standing, self.limits, self.by_id.len() >= in_all, now_ms);
        let replaced = match result {
            Ok(replaced) => replaced,
            Err(rejection) => {
                if sender.waiting.is_empty() {
                    self.senders.remove(&sender_id);
                }
                return Err(rejection);
            }
        };
        self.arrivals += 1;
        let waiting = Waiting { request, arrival: self.arrivals, arrived_ms: now_ms };
        self.by_age.insert((now_ms, self.arrivals), id);
        self.by_id.insert(id, Some((sender_id, nonce)));
        let instead = replaced.map(|old| {
            self.by_id.remove(&old.request.id());
            self.by_age.remove(&(old.arrived_ms, old.arrival));
            old.request.id()
        });
        if let Some(sender) = self.senders.get_mut(&sender_id) {
            sender.waiting.insert(nonce, waiting);
        }
        self.rank(&sender_id);
        Ok(instead.map_or(Taken::New, Taken::Instead))
    }

    /// Checks a request against its sender's standing and what waits; gives back what it replaces.
    fn admit(
        sender: &Sender,
        request: &Request,
        nonce: u64,
        standing: Standing,
        limits: MempoolLimits,
        full: bool,
        now_ms: u64,
    ) -> Result<Option<Waiting>, Rejection> {
        if nonce < sender.next {
            return Err(Rejection::NonceTooLow { nonce, next: sender.next });
        }
        let next = sender.free_nonce();
        if nonce > next.saturating_add(NONCE_GAP) {
            return Err(Rejection::NonceTooHigh { nonce, next, most: NONCE_GAP });
        }
        let need = most_cost(request);
        if standing.balance < need {
            let address = sender_address(request);
            return Err(Rejection::InsufficientFunds { address, have: standing.balance, need });
        }
        if let Some(old) = sender.waiting.get(&nonce) {
            let (waiting, offered) = (offer(&old.request), offer(request));
            let aged = now_ms.saturating_sub(old.arrived_ms) >= FREE_REPLACEMENT_MS;
            if offered > waiting || (offered == waiting && offered.is_zero() && aged) {
                return Ok(Some(old.clone()));
            }
            return Err(Rejection::ReplacementUnderpriced { nonce, waiting, offered });
        }
        if full {
            return Err(Rejection::PoolFull { limit: limits.total, scope: "in all" });
        }
        if sender.waiting.len() >= limits.per_sender as usize {
            return Err(Rejection::PoolFull { limit: limits.per_sender, scope: "of one sender" });
        }
        Ok(None)
    }

    /// Puts a sender's next request in its place among the ready ones.
    fn rank(&mut self, id: &AgentId) {
        let Some(sender) = self.senders.get_mut(id) else { return };
        if let Some(rank) = sender.rank.take() {
            self.ready.remove(&rank);
        }
        if let Some(next) = sender.waiting.get(&sender.next) {
            let rank = (Reverse(tip(&next.request, self.price)), next.arrival, *id);
            self.ready.insert(rank);
            sender.rank = Some(rank);
        }
    }

    /// True if a batch would not be empty.
    pub(crate) fn has_ready(&self) -> bool {
        !self.on_ledger.is_empty() || !self.ready.is_empty()
    }

    /// The requests that go next: at most `most` of them with at most `gas` in all. They stay in the queue until they are
    /// [`Self::executed`] or [`Self::remove`]d.
    pub(crate) fn batch(&self, most: usize, gas: u64) -> Vec<Arc<Request>> {
        let mut batch: Vec<Arc<Request>> = self.on_ledger.iter().take(ON_LEDGER_PER_BLOCK.min(most)).cloned().collect();
        let mut gas_left = gas;
        for request in &batch {
            gas_left = gas_left.saturating_sub(request.gas_limit());
        }
        // While others wait, one sender gets its share of places and no more.
        let share = if self.ready.len() > 1 {
            (most * usize::from(self.limits.sender_share.clamp(1, 100))).div_ceil(100)
        } else {
            most
        };
        let mut heads = self.ready.iter().copied().peekable();
        let mut followers: BinaryHeap<Reverse<(Rank, u64, usize)>> = BinaryHeap::new();
        while batch.len() < most {
            let from_heads = match (heads.peek(), followers.peek()) {
                (None, None) => break,
                (Some(head), Some(Reverse((rank, ..)))) => head < rank,
                (head, _) => head.is_some(),
            };
            let (rank, nonce, taken) = if from_heads {
                let Some(rank) = heads.next() else { break };
                let Some(sender) = self.senders.get(&rank.2) else { continue };
                (rank, sender.next, 0)
            } else {
                let Some(Reverse(follower)) = followers.pop() else { break };
                follower
            };
            let Some(sender) = self.senders.get(&rank.2) else { continue };
            let Some(waiting) = sender.waiting.get(&nonce) else { continue };
            let limit = waiting.request.gas_limit();
            if limit > gas_left {
                // Its followers must wait for it; other senders may still fit.
                continue;
            }
            gas_left -= limit;
            batch.push(Arc::clone(&waiting.request));
            if taken + 1 < share
                && let Some(next) = sender.waiting.get(&(nonce + 1))
            {
                let rank = (Reverse(tip(&next.request, self.price)), next.arrival, rank.2);
                followers.push(Reverse((rank, nonce + 1, taken + 1)));
            }
        }
        batch
    }

    /// Forgets a request that a block executed, and every one of its sender whose nonce is used up with it. Gives back those
    /// that can no longer run.
    pub(crate) fn executed(&mut self, request: &Request) -> Vec<Arc<Request>> {
        let Some(nonce) = request.nonce() else {
            self.remove(&request.id());
            return Vec::new();
        };
        let id = request.sender();
        let Some(sender) = self.senders.get_mut(&id) else { return Vec::new() };
        sender.next = sender.next.max(nonce + 1);
        let keep = sender.waiting.split_off(&sender.next);
        let gone = std::mem::replace(&mut sender.waiting, keep);
        let mut outdated = Vec::new();
        for (_, waiting) in gone {
            self.by_id.remove(&waiting.request.id());
            self.by_age.remove(&(waiting.arrived_ms, waiting.arrival));
            if waiting.request.id() != request.id() {
                outdated.push(waiting.request);
            }
        }
        self.settle(&id);
        outdated
    }

    /// Forgets a request.
    pub(crate) fn remove(&mut self, id: &RequestId) -> Option<Arc<Request>> {
        let Some((sender_id, nonce)) = self.by_id.remove(id)? else {
            let place = self.on_ledger.iter().position(|request| request.id() == *id)?;
            return self.on_ledger.remove(place);
        };
        let removed = self.senders.get_mut(&sender_id)?.waiting.remove(&nonce)?;
        self.by_age.remove(&(removed.arrived_ms, removed.arrival));
        self.settle(&sender_id);
        Some(removed.request)
    }

    fn settle(&mut self, id: &AgentId) {
        self.rank(id);
        if self.senders.get(id).is_some_and(|sender| sender.waiting.is_empty()) {
            self.senders.remove(id);
        }
    }

    /// Forgets what has waited longer than requests live.
    pub(crate) fn expire(&mut self, now_ms: u64) -> Vec<Arc<Request>> {
        let old: Vec<RequestId> = self
            .by_age
            .iter()
            .take_while(|((arrived, _), _)| now_ms.saturating_sub(*arrived) >= LIFETIME_MS)
            .map(|(_, id)| *id)
            .collect();
        old.iter().filter_map(|id| self.remove(id)).collect()
    }

    /// When the oldest request will have lived its time.
    pub(crate) fn next_expiry_ms(&self) -> Option<u64> {
        self.by_age.first_key_value().map(|((arrived, _), _)| arrived.saturating_add(LIFETIME_MS))
    }
}

/// Wei that a request may cost its sender at most: gas limit × max fee + value; saturates.
fn most_cost(request: &Request) -> U256 {
    match request.payload() {
        vespiary_types::Payload::Ethereum(transaction) => {
            let envelope = transaction.envelope();
            U256::from(envelope.gas_limit())
                .saturating_mul(U256::from(envelope.max_fee_per_gas()))
                .saturating_add(envelope.value())
        }
        // Native requests run with what gas their sender can pay.
        _ => U256::ZERO,
    }
}

fn sender_address(request: &Request) -> alloy_primitives::Address {
    match request.sender() {
        AgentId::Ethereum { address, .. } => address,
        _ => alloy_primitives::Address::ZERO,
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
