//! The mempool: takes requests, keeps them until they are in a block, and tells their senders.
//!
//! Accepted requests are written to the store before anything else happens with them, and removed in the batch that commits
//! their block, so neither a crash of the actor nor of the process loses or doubles one. What the chain did is read from the
//! chain: messages are hints, and a missed one costs nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::U256;
use vespiary_state::{Extra, StateView, StoreError};
use vespiary_supervision::{Actor, Address, Context, Handler, Reply};
use vespiary_types::{AgentId, Block, Level, Payload, Request, RequestId, Transaction, Wire};
use vespiary_vm::{Policies, Skip, Standing};

use super::Chain;
use super::consensus::ConsensusActor;
use super::messages::{Collect, Deposits, Grown, ListPending, NextNonce, Skipped, Submit, Work};
use super::queue::{Queue, Taken};
use super::shared::records;
use super::tickets::{Included, Ticket};
use crate::{NodeError, Rejection};

/// How long a sender that waits is kept waiting for a nonce that nobody sends.
const GAP_PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Mempool {
    chain: Arc<Chain>,
    consensus: Address<ConsensusActor>,
    queue: Queue,
    tickets: HashMap<RequestId, Vec<Ticket>>,
    /// Tickets of requests in blocks that are not final yet, by height.
    settling: BTreeMap<u64, Vec<(Ticket, Included)>>,
    /// On-ledger requests that may not run yet, by the unix second from which they may.
    timelocked: BTreeMap<u32, Vec<Arc<Request>>>,
    /// Every block up to this height has been looked at.
    seen: u64,
    view: Arc<dyn StateView>,
    /// The policies after `seen`.
    policies: Arc<Policies>,
}

impl Mempool {
    pub(crate) fn open(chain: &Arc<Chain>, consensus: &Address<ConsensusActor>) -> Result<Self, NodeError> {
        let view = chain.state.latest();
        let policies = Arc::clone(&chain.policies.lock());
        let mut mempool = Self {
            chain: Arc::clone(chain),
            consensus: consensus.clone(),
            queue: Queue::new(policies.mempool, policies.parameters.fees.price_wei()),
            tickets: HashMap::new(),
            settling: BTreeMap::new(),
            timelocked: BTreeMap::new(),
            seen: chain.head_height(),
            view,
            policies,
        };
        mempool.restore()?;
        Ok(mempool)
    }

    /// Takes up what an earlier incarnation, or process, had accepted.
    fn restore(&mut self) -> Result<(), NodeError> {
        let now = self.chain.host.clock().now_ms();
        let mut outdated = Extra::new();
        let kept = self.chain.state.meta_scan(records::PENDING)?;
        let mut requests: Vec<(Vec<u8>, Arc<Request>)> = Vec::with_capacity(kept.len());
        for (key, bytes) in kept {
            let request = Request::from_wire(&bytes)
                .map_err(|error| StoreError::Damaged { what: "a pending request".into(), reason: error.to_string() })?;
            requests.push((key, Arc::new(request)));
        }
        requests.sort_by_key(|(_, request)| (request.sender(), request.nonce()));
        for (key, request) in requests {
            if self.take(&request, now).is_err() {
                outdated.delete(key);
            }
        }
        if !outdated.is_empty() {
            self.chain.state.meta_write(outdated)?;
        }
        Ok(())
    }

    fn standing(view: &Arc<dyn StateView>, chain: &Chain, sender: &AgentId) -> Result<Standing, Rejection> {
        vespiary_vm::standing(view, chain.context(), sender).map_err(|error| NodeError::from(error).into())
    }

    fn take(&mut self, request: &Arc<Request>, now_ms: u64) -> Result<Taken, Rejection> {
        let (view, chain) = (Arc::clone(&self.view), Arc::clone(&self.chain));
        let sender = request.sender();
        self.queue.take(Arc::clone(request), || Self::standing(&view, &chain, &sender), now_ms)
    }

    /// Whether the chain takes such a request at all; what depends on accounts is the queue's to say.
    fn check(&self, request: &Request) -> Result<(), Rejection> {
        let Payload::Ethereum(transaction) = request.payload() else { return Ok(()) };
        let (envelope, parameters) = (transaction.envelope(), &self.policies.parameters);
        let (offered, price) = (U256::from(envelope.max_fee_per_gas()), parameters.fees.price_wei());
        if offered < price {
            return Err(Rejection::Underpriced { offered, price });
        }
        let (given, limit) = (envelope.gas_limit(), parameters.gas_limits.request);
        if given > limit {
            return Err(Rejection::Skipped(Skip::GasLimit { given, limit }));
        }
        let fork = parameters.rules.at(self.seen + 1).fork;
        vespiary_vm::check_intrinsic_gas(envelope, fork).map_err(Rejection::Skipped)
    }

    fn submit(&mut self, requests: Vec<(Arc<Request>, Ticket)>, context: &mut Context<Self>) {
        self.catch_up();
        let now = self.chain.host.clock().now_ms();
        let mut accepted = Extra::new();
        let mut news = Vec::with_capacity(requests.len());
        for (request, ticket) in requests {
            let taken = self.check(&request).and_then(|()| self.take(&request, now));
            match taken {
                Ok(taken) => {
                    if taken != Taken::Known {
                        accepted.put(records::pending(&request.id()), request.to_wire());
                    }
                    if let Taken::Instead(old) = taken {
                        accepted.delete(records::pending(&old));
                        let nonce = request.nonce().unwrap_or_default();
                        self.reject(&old, &Rejection::Replaced(nonce));
                    }
                    news.push((request, ticket));
                }
                Err(rejection) => self.refuse(&request, ticket, rejection),
            }
        }
        if !accepted.is_empty()
            && let Err(error) = self.chain.state.meta_write(accepted)
        {
            // What cannot be kept is not accepted.
            let error = NodeError::from(error);
            for (request, ticket) in news {
                self.queue.remove(&request.id());
                ticket.resolve(Err(error.clone().into()));
            }
            return;
        }
        for (request, ticket) in news {
            let id = request.id();
            if ticket.level == Level::Pending {
                ticket.resolve(Ok(Included { request: id, level: Level::Pending, place: None }));
                continue;
            }
            self.tickets.entry(id).or_default().push(ticket);
            if self.queue.is_gapped(&id) {
                context.after(GAP_PATIENCE, move |mempool, _| mempool.lose_patience(&id));
            }
        }
        self.ask_for_a_block();
    }

    /// Answers a request that was not taken: one that is in a block already has succeeded, whatever its nonce says now.
    fn refuse(&mut self, request: &Request, ticket: Ticket, rejection: Rejection) {
        if matches!(rejection, Rejection::NonceTooLow { .. })
            && let Ok(Some((height, index))) = self.chain.state.locate(&request.id())
            && let Ok(Some(block)) = self.chain.block(height)
        {
            self.settle(ticket, request.id(), &block, index);
            self.release();
            return;
        }
        ticket.resolve(Err(rejection));
    }

    fn lose_patience(&mut self, id: &RequestId) {
        if !self.queue.is_gapped(id) {
            return;
        }
        let Some(request) = self.queue.remove(id) else { return };
        let next = self.queue.next_nonce(&request.sender()).unwrap_or_else(|| {
            Self::standing(&self.view, &self.chain, &request.sender()).map_or(0, |standing| standing.nonce)
        });
        self.forget(&[*id]);
        let nonce = request.nonce().unwrap_or_default();
        self.reject(id, &Rejection::NonceTooHigh { nonce, next, most: super::queue::NONCE_GAP });
    }

    fn reject(&mut self, id: &RequestId, rejection: &Rejection) {
        for ticket in self.tickets.remove(id).unwrap_or_default() {
            ticket.resolve(Err(rejection.clone()));
        }
    }

    fn forget(&self, ids: &[RequestId]) {
        let mut extra = Extra::new();
        for id in ids {
            extra.delete(records::pending(id));
        }
        if let Err(error) = self.chain.state.meta_write(extra) {
            // It is read again at the next start and found outdated then.
            tracing::warn!(chain = %self.chain.config.name, %error, "a dropped request could not be removed from the store");
        }
    }

    fn ask_for_a_block(&self) {
        if self.queue.has_ready() {
            // A consensus actor too busy to listen is making a block, and asks when it is done.
            let _ = self.consensus.tell(Work);
        }
    }

    /// Follows the chain: what is in blocks leaves the queue, and its senders hear of it.
    fn catch_up(&mut self) {
        let head = self.chain.head_height();
        if head < self.seen {
            // Rewound: what was in the dropped blocks is gone with them.
            self.seen = head;
            self.view = self.chain.state.latest();
            let (view, chain) = (&self.view, &self.chain);
            self.queue.rewound(|sender| Self::standing(view, chain, sender).ok().map(|standing| standing.nonce));
        }
        while self.seen < head {
            let Ok(Some(block)) = self.chain.block(self.seen + 1) else { break };
            self.seen += 1;
            for (index, request) in (0_u32..).zip(&block.requests) {
                for outdated in self.queue.executed(request) {
                    let next = request.nonce().map_or(0, |nonce| nonce + 1);
                    let nonce = outdated.nonce().unwrap_or_default();
                    self.forget(&[outdated.id()]);
                    self.reject(&outdated.id(), &Rejection::NonceTooLow { nonce, next });
                }
                for ticket in self.tickets.remove(&request.id()).unwrap_or_default() {
                    self.settle(ticket, request.id(), &block, index);
                }
            }
            self.view = self.chain.state.latest();
            self.policies = Arc::clone(&self.chain.policies.lock());
            self.queue.set_price(self.policies.parameters.fees.price_wei());
            self.queue.set_limits(self.policies.mempool);
        }
        self.release();
    }

    fn settle(&mut self, ticket: Ticket, request: RequestId, block: &Arc<Block>, index: u32) {
        let included = Included { request, level: Level::Executed, place: Some((Arc::clone(block), index)) };
        if ticket.level <= Level::Executed {
            ticket.resolve(Ok(included));
        } else {
            self.settling.entry(block.height()).or_default().push((ticket, included));
        }
    }

    /// Tells the senders of everything that is final by now.
    fn release(&mut self) {
        let last = self.chain.heads.lock().final_;
        while let Some(entry) = self.settling.first_entry() {
            if *entry.key() > last {
                break;
            }
            for (ticket, included) in entry.remove() {
                ticket.resolve(Ok(Included { level: Level::Final, ..included }));
            }
        }
    }

    fn park(&mut self, request: Arc<Request>, second: u32, context: &mut Context<Self>) {
        let wait_ms = (u64::from(second) * 1_000).saturating_sub(self.chain.host.clock().now_ms());
        self.timelocked.entry(second).or_default().push(request);
        context.after(Duration::from_millis(wait_ms), move |mempool, _| {
            for request in mempool.timelocked.remove(&second).unwrap_or_default() {
                let now = mempool.chain.host.clock().now_ms();
                // Only senders with nonces can be refused here.
                let _ = mempool.take(&request, now);
            }
            mempool.ask_for_a_block();
        });
    }

    fn expire(&mut self, context: &mut Context<Self>) {
        let expired = self.queue.expire(self.chain.host.clock().now_ms());
        if !expired.is_empty() {
            self.forget(&expired.iter().map(|request| request.id()).collect::<Vec<_>>());
        }
        for request in expired {
            self.reject(&request.id(), &Rejection::TimedOut);
        }
        self.watch_ages(context);
    }

    /// Sets a timer for the oldest request's end of life; an empty mempool has none.
    fn watch_ages(&mut self, context: &mut Context<Self>) {
        let Some(due) = self.queue.next_expiry_ms() else { return };
        let wait = due.saturating_sub(self.chain.host.clock().now_ms()).max(1);
        context.after(Duration::from_millis(wait), Self::expire);
    }
}

impl Actor for Mempool {
    const KIND: &'static str = "mempool";

    fn started(&mut self, context: &mut Context<Self>) {
        self.watch_ages(context);
        self.ask_for_a_block();
    }
}

impl Handler<Submit> for Mempool {
    fn handle(&mut self, Submit(requests): Submit, context: &mut Context<Self>) -> Reply<()> {
        let idle = self.queue.len() == 0;
        self.submit(requests, context);
        if idle {
            self.watch_ages(context);
        }
        Reply::now(())
    }
}

impl Handler<Deposits> for Mempool {
    fn handle(&mut self, Deposits(requests): Deposits, context: &mut Context<Self>) -> Reply<()> {
        self.catch_up();
        let now = self.chain.host.clock().now_ms();
        for request in requests {
            if self.queue.contains(&request.id()) || matches!(self.chain.state.locate(&request.id()), Ok(Some(_))) {
                continue;
            }
            let timelock = match request.payload() {
                Payload::OnLedger(output) => output.timelock,
                _ => None,
            };
            match timelock {
                Some(second) if u64::from(second) * 1_000 > now => self.park(request, second, context),
                _ => {
                    if let Err(rejection) = self.take(&request, now) {
                        tracing::warn!(request = %request.id(), %rejection, "a deposit was not taken");
                    }
                }
            }
        }
        self.ask_for_a_block();
        Reply::now(())
    }
}

impl Handler<Collect> for Mempool {
    fn handle(&mut self, collect: Collect, _: &mut Context<Self>) -> Reply<Vec<Arc<Request>>> {
        self.catch_up();
        let gas = self.policies.parameters.gas_limits.block;
        let batch = self.queue.batch(collect.most, gas);
        if batch.len() >= collect.most {
            // Surely more is waiting: the next block begins as soon as this one is final.
            self.ask_for_a_block();
        }
        Reply::now(batch)
    }
}

impl Handler<Grown> for Mempool {
    fn handle(&mut self, _: Grown, _: &mut Context<Self>) -> Reply<()> {
        self.catch_up();
        self.ask_for_a_block();
        Reply::now(())
    }
}

impl Handler<Skipped> for Mempool {
    fn handle(&mut self, Skipped(skips): Skipped, context: &mut Context<Self>) -> Reply<()> {
        self.catch_up();
        let mut dropped = Vec::new();
        for (id, skip) in skips {
            if let Skip::Timelocked(second) = skip {
                if let Some(request) = self.queue.remove(&id) {
                    self.park(request, second, context);
                }
                continue;
            }
            if skip.is_temporary() {
                continue;
            }
            self.queue.remove(&id);
            dropped.push(id);
            let rejection = match skip {
                Skip::NonceTooLow { expected, given } => Rejection::NonceTooLow { nonce: given, next: expected },
                other => Rejection::Skipped(other),
            };
            self.reject(&id, &rejection);
        }
        if !dropped.is_empty() {
            self.forget(&dropped);
        }
        Reply::now(())
    }
}

impl Handler<NextNonce> for Mempool {
    fn handle(&mut self, NextNonce(account): NextNonce, _: &mut Context<Self>) -> Reply<Option<u64>> {
        self.catch_up();
        Reply::now(self.queue.next_nonce(&account))
    }
}

impl Handler<ListPending> for Mempool {
    fn handle(&mut self, _: ListPending, _: &mut Context<Self>) -> Reply<Vec<Arc<Request>>> {
        self.catch_up();
        Reply::now(self.queue.waiting())
    }
}
