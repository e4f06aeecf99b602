//! The actor around the ledger.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::Rng;
use rand_chacha::ChaCha12Rng;
use tokio::sync::watch;
use vespiary_crypto::Ed25519KeyPair;
use vespiary_supervision::{Actor, Context, Handler, Recipient, Reply, ReplyHandle, TaskHandle};
use vespiary_tangle::{
    Attached, Coordinator, Faucet, Genesis, LatestMilestone, LedgerDiff, MilestonePolicy, PreparedBlock, Tangle,
    TransactionStatus,
};
use vespiary_types::{AliasId, BlockId, L1Address, TransactionId};

use super::records::Records;
use super::{Attach, ChainUpdate, Control, Follow, Fund, Inspect, Subscribe, TangleConfig};
use crate::NodeError;
use crate::environment::{Clock, Host, Randomness};

/// What outlives an incarnation of the actor: who listens, how it is set, and the latest milestone for whoever looks.
pub(crate) struct TangleShared {
    pub(crate) latest: watch::Sender<LatestMilestone>,
    subscribers: Mutex<BTreeMap<AliasId, Recipient<ChainUpdate>>>,
    settings: Mutex<Settings>,
}

#[derive(Debug, Clone, Copy)]
struct Settings {
    policy: MilestonePolicy,
    paused: bool,
    refusals: u32,
}

impl TangleShared {
    pub(crate) fn new(config: &TangleConfig) -> Self {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
        let policy = MilestonePolicy {
            interval_ms: millis(config.milestone_interval),
            delay_ms: u64::try_from(config.milestone_delay.as_millis()).unwrap_or(u64::MAX),
        };
        let none = LatestMilestone { index: 0, id: <_>::default(), time_ms: 0, block: BlockId::default() };
        Self {
            latest: watch::Sender::new(none),
            subscribers: Mutex::default(),
            settings: Mutex::new(Settings { policy, paused: false, refusals: 0 }),
        }
    }
}

pub(crate) struct LedgerActor {
    tangle: Tangle,
    coordinator_key: Ed25519KeyPair,
    faucet: Faucet,
    records: Records,
    clock: Arc<dyn Clock>,
    shared: Arc<TangleShared>,
    tips: ChaCha12Rng,
    /// Numbers of unconfirmed blocks in the records.
    numbers: BTreeMap<BlockId, u64>,
    next_number: u64,
    followers: BTreeMap<TransactionId, Vec<ReplyHandle<Result<u32, NodeError>>>>,
    timer: Option<TaskHandle>,
    restored: Vec<(u64, PreparedBlock)>,
}

impl LedgerActor {
    /// The tangle as the store has it, a fresh one if it has none.
    pub(crate) fn open(
        records: &Records,
        config: &TangleConfig,
        host: &Host,
        randomness: &Randomness,
        shared: &Arc<TangleShared>,
    ) -> Result<Self, NodeError> {
        let coordinator_key = Ed25519KeyPair::from_seed(&randomness.bytes("coordinator"));
        let faucet = Faucet::new(Ed25519KeyPair::from_seed(&randomness.bytes("faucet")));
        let genesis = records.genesis(|| {
            let mut genesis = Genesis::solo(
                &config.network,
                coordinator_key.public_key(),
                faucet.address(),
                config.faucet,
                host.clock().now_ms(),
            );
            genesis.allocations.extend(&config.endowed);
            genesis
        })?;
        let tangle = records.restore(genesis)?;
        let restored = records.unconfirmed()?;
        shared.latest.send_replace(*tangle.ledger().latest());
        Ok(Self {
            tangle,
            coordinator_key,
            faucet,
            records: records.clone(),
            clock: Arc::clone(host.clock()),
            shared: Arc::clone(shared),
            tips: randomness.stream("tips"),
            numbers: BTreeMap::new(),
            next_number: restored.iter().map(|(number, _)| number + 1).max().unwrap_or(0),
            followers: BTreeMap::new(),
            timer: None,
            restored,
        })
    }

    fn attach(&mut self, block: PreparedBlock, context: &mut Context<Self>) -> Result<(), NodeError> {
        {
            let mut settings = self.shared.settings.lock();
            if settings.refusals > 0 {
                settings.refusals -= 1;
                return Err(NodeError::Refused(
                    "the tangle refused the block, as it was told to: attach it again".into(),
                ));
            }
        }
        let (id, number) = (block.id(), self.next_number);
        self.records.keep(number, &block)?;
        self.next_number += 1;
        self.numbers.insert(id, number);
        match self.tangle.attach(block, self.clock.now_ms()) {
            Ok(attached) => self.attached(&attached, context),
            Err(error) => {
                self.numbers.remove(&id);
                self.records.confirm(&[], std::iter::once(number))?;
                Err(error.into())
            }
        }
    }

    fn attached(&mut self, attached: &Attached, context: &mut Context<Self>) -> Result<(), NodeError> {
        for fault in &attached.faults {
            tracing::error!(index = fault.index, reason = %fault.reason, "a signed milestone contradicts the ledger");
        }
        self.tell(&attached.milestones)?;
        self.arm(context);
        Ok(())
    }

    /// Stores milestones, then tells everybody concerned.
    fn tell(&mut self, diffs: &[Arc<LedgerDiff>]) -> Result<(), NodeError> {
        if diffs.is_empty() {
            return Ok(());
        }
        let confirmed: Vec<u64> =
            diffs.iter().flat_map(|diff| &diff.included).filter_map(|block| self.numbers.remove(block)).collect();
        self.records.confirm(diffs, confirmed.into_iter())?;
        self.shared.latest.send_replace(*self.tangle.ledger().latest());
        for diff in diffs {
            self.tell_chains(diff);
            for transaction in diff.applied.iter().map(|(_, id)| id).chain(diff.conflicts.iter().map(|(_, id, _)| id)) {
                let Some(followers) = self.followers.remove(transaction) else { continue };
                for follower in followers {
                    if let Some(outcome) = self.outcome(transaction) {
                        follower.send(outcome);
                    }
                }
            }
        }
        Ok(())
    }

    /// Each chain hears of what touches it: looked up by what the milestone made, not by going through all chains.
    fn tell_chains(&self, diff: &LedgerDiff) {
        let mut updates: BTreeMap<AliasId, ChainUpdate> = BTreeMap::new();
        let milestone = *self.tangle.ledger().latest();
        for made in &diff.created {
            let chain = match (made.output.as_alias(), made.output.as_basic()) {
                (Some(alias), _) => alias.id_at(&made.id),
                (_, Some(basic)) => match basic.address {
                    L1Address::Alias(alias) => alias,
                    _ => continue,
                },
                _ => continue,
            };
            let update =
                updates.entry(chain).or_insert_with(|| ChainUpdate { milestone, anchor: None, requests: Vec::new() });
            if made.output.as_alias().is_some() {
                update.anchor = Some(Arc::clone(made));
            } else if self.tangle.ledger().unspent(&made.id).is_some() {
                update.requests.push(Arc::clone(made));
            }
        }
        let mut subscribers = self.shared.subscribers.lock();
        for (chain, update) in updates {
            let Some(recipient) = subscribers.get(&chain) else { continue };
            match recipient.tell(update) {
                Ok(()) => {}
                // A chain that is too far behind subscribes again when it sees the gap; one that is gone never will.
                Err(vespiary_supervision::TellError::Busy) => {
                    tracing::warn!(%chain, "a chain is too busy to hear of a milestone");
                }
                Err(_) => {
                    subscribers.remove(&chain);
                }
            }
        }
    }

    fn standing(&self, chain: &AliasId) -> ChainUpdate {
        let ledger = self.tangle.ledger();
        ChainUpdate {
            milestone: *ledger.latest(),
            anchor: ledger.alias(chain).cloned(),
            requests: ledger.requests(chain, 0).cloned().collect(),
        }
    }

    fn outcome(&self, transaction: &TransactionId) -> Option<Result<u32, NodeError>> {
        match self.tangle.status(transaction) {
            TransactionStatus::Included { milestone, .. } => Some(Ok(milestone)),
            TransactionStatus::Conflicting { reason, .. } => Some(Err(NodeError::Conflict(reason.to_string()))),
            TransactionStatus::Unknown | TransactionStatus::Pending => None,
        }
    }

    /// Sets the timer for the next milestone; none while nothing waits for one.
    fn arm(&mut self, context: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            timer.cancel();
        }
        let settings = *self.shared.settings.lock();
        if settings.paused {
            return;
        }
        let coordinator = Coordinator::new(vec![self.coordinator_key.clone()], settings.policy);
        let now = self.clock.now_ms();
        let Some(due) = coordinator.next_milestone_due(&self.tangle, now) else { return };
        let delay = Duration::from_millis(due.saturating_sub(now));
        self.timer = Some(context.after(delay, move |actor, context| actor.issue(&coordinator, context)));
    }

    fn issue(&mut self, coordinator: &Coordinator, context: &mut Context<Self>) {
        let issued = coordinator.issue(&mut self.tangle, self.clock.now_ms());
        let told = issued.map_err(NodeError::from).and_then(|issued| self.tell(&[issued.diff]));
        if let Err(error) = told {
            // The ledger in memory may be ahead of the records: only a fresh value from the records is right.
            context.fail(error);
            return;
        }
        self.arm(context);
    }
}

impl Actor for LedgerActor {
    const KIND: &'static str = "tangle";

    fn started(&mut self, context: &mut Context<Self>) {
        let now = self.clock.now_ms();
        for (number, block) in std::mem::take(&mut self.restored) {
            self.numbers.insert(block.id(), number);
            if let Err(error) = self.tangle.attach(block, now) {
                tracing::warn!(%error, "a kept block does not attach any more");
            }
        }
        let subscribers: Vec<_> = self.shared.subscribers.lock().clone().into_iter().collect();
        for (chain, recipient) in subscribers {
            // Whoever is gone is found out at the next milestone.
            let _ = recipient.tell(self.standing(&chain));
        }
        self.arm(context);
    }
}

impl Handler<Attach> for LedgerActor {
    fn handle(&mut self, Attach(block): Attach, context: &mut Context<Self>) -> Reply<Result<(), NodeError>> {
        self.attach(block, context).into()
    }
}

impl Handler<Fund> for LedgerActor {
    fn handle(&mut self, fund: Fund, context: &mut Context<Self>) -> Reply<Result<TransactionId, NodeError>> {
        let seed = self.tips.next_u64();
        let block = match self.faucet.fund(&self.tangle, fund.to, fund.tokens, seed) {
            Ok(block) => block,
            Err(error) => return Reply::now(Err(error.into())),
        };
        let transaction = block.transaction_id();
        let attached = self.attach(block, context);
        Reply::now(attached.and_then(|()| {
            transaction.ok_or_else(|| NodeError::Internal("the faucet's block carries no transaction".into()))
        }))
    }
}

impl Handler<Follow> for LedgerActor {
    fn handle(&mut self, Follow(transaction): Follow, _: &mut Context<Self>) -> Reply<Result<u32, NodeError>> {
        if let Some(outcome) = self.outcome(&transaction) {
            return Reply::now(outcome);
        }
        let (handle, reply) = Reply::deferred();
        self.followers.entry(transaction).or_default().push(handle);
        reply
    }
}

impl Handler<Inspect> for LedgerActor {
    fn handle(&mut self, Inspect(look): Inspect, _: &mut Context<Self>) -> Reply<Box<dyn std::any::Any + Send>> {
        Reply::now(look(&self.tangle))
    }
}

impl Handler<Subscribe> for LedgerActor {
    fn handle(&mut self, subscribe: Subscribe, _: &mut Context<Self>) -> Reply<ChainUpdate> {
        self.shared.subscribers.lock().insert(subscribe.chain, subscribe.recipient);
        Reply::now(self.standing(&subscribe.chain))
    }
}

impl Handler<Control> for LedgerActor {
    fn handle(&mut self, control: Control, context: &mut Context<Self>) -> Reply<()> {
        {
            let mut settings = self.shared.settings.lock();
            match control {
                Control::Pause => settings.paused = true,
                Control::Resume => settings.paused = false,
                Control::Refuse(blocks) => settings.refusals = blocks,
                Control::Interval(interval) => {
                    settings.policy.interval_ms = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX).max(1);
                }
            }
        }
        self.arm(context);
        Reply::now(())
    }
}
