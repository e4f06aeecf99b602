//! The state: commits final blocks, and tells who must know.

use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::Bytes;
use vespiary_consensus::Parent;
use vespiary_state::{Changes, Extra, RewindPermission, sequential};
use vespiary_supervision::{Actor, Address, Context, Handler, Reply};
use vespiary_types::{Anchoring, Wire};
use vespiary_vm::native::Core;

use super::anchor::AnchorActor;
use super::feed::Feed;
use super::mempool::Mempool;
use super::messages::{Announce, Commit, Finalized, Grown, Rewind};
use super::shared::{FinalRecord, records};
use super::{Chain, Heads};
use crate::NodeError;
use crate::environment::Durability;
use crate::storage::{Persist, StoreActor};

pub(crate) struct StateActor {
    chain: Arc<Chain>,
    store: Address<StoreActor>,
    mempool: Address<Mempool>,
    anchor: Option<Address<AnchorActor>>,
    feed: Address<Feed>,
    /// Until when, on the tree's clock, the thread is kept awake; none while it may sleep. Not the time of day: that can be set back.
    awake_until: Option<Duration>,
}

/// How long the thread is kept awake after a block.
const LINGER: Duration = Duration::from_micros(200);

/// How long to wait before a sync is asked for again of a store's actor that is restarting.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(1);

impl StateActor {
    pub(crate) fn new(
        chain: &Arc<Chain>,
        store: &Address<StoreActor>,
        mempool: &Address<Mempool>,
        anchor: Option<&Address<AnchorActor>>,
        feed: &Address<Feed>,
    ) -> Self {
        Self {
            chain: Arc::clone(chain),
            store: store.clone(),
            mempool: mempool.clone(),
            anchor: anchor.cloned(),
            feed: feed.clone(),
            awake_until: None,
        }
    }

    fn commit(&mut self, commit: Commit, context: &mut Context<Self>) -> Result<Parent, NodeError> {
        let Commit { ran, proposal, certificate } = commit;
        let (block, height) = (Arc::clone(&ran.block), ran.block.height());
        let mut extra = Extra::new();
        let finality = FinalRecord {
            digest: certificate.vote.digest,
            epoch: proposal.epoch,
            view: proposal.view,
            payout: proposal.payout,
            anchor_plan: proposal.anchor_plan,
            certificate: Some(certificate),
        };
        extra.put(records::finality(height), finality.to_wire());
        if let Some(plan) = &proposal.anchor_plan {
            extra.put(records::plan(&plan.anchor), plan.covered.to_be_bytes());
        }
        for request in block.requests.iter().filter(|request| request.nonce().is_some()) {
            extra.delete(records::pending(&request.id()));
        }
        self.chain.state.commit(&block, &ran.changes, ran.commitment, extra)?;
        if governs(&ran.changes) {
            self.read_policies()?;
        }
        let parent = Parent {
            height,
            digest: finality.digest,
            time_ns: block.record.time_ns,
            requests: block.record.requests,
            entropy: block.header.mix_hash,
            view: finality.view,
        };
        self.chain.remember(block);
        self.announce(context);
        Ok(parent)
    }

    fn read_policies(&self) -> Result<(), NodeError> {
        let policies = vespiary_vm::policies(&self.chain.state.latest(), self.chain.context())?;
        *self.chain.policies.lock() = Arc::new(policies);
        Ok(())
    }

    /// Tells the chain's neighbours that it has grown, and everybody that it is final once that holds.
    fn announce(&mut self, context: &mut Context<Self>) {
        let height = self.chain.head_height();
        self.chain.heads.lock().executed = height;
        // All of these are hints: a neighbour too busy to hear one looks for itself with the next.
        if let Some(anchor) = &self.anchor {
            let _ = anchor.tell(Finalized);
        }
        if self.chain.durability == Durability::Process {
            self.finalized(height, context);
            return;
        }
        let _ = self.mempool.tell(Grown);
        let persisted = self.store.ask(Persist);
        context.spawn_then(persisted, move |actor, outcome, context| match outcome {
            Ok(Ok(())) => actor.finalized(height, context),
            Ok(Err(error)) => context.fail(error),
            // The store's actor is restarting: ask the new one.
            Err(_) => {
                context.after(BETWEEN_ATTEMPTS, |actor: &mut Self, context| actor.announce(context));
            }
        });
    }

    fn finalized(&mut self, height: u64, context: &mut Context<Self>) {
        {
            let mut heads = self.chain.heads.lock();
            heads.final_ = heads.final_.max(height);
        }
        let _ = self.mempool.tell(Grown);
        let _ = self.feed.tell(Announce);
        self.linger(context);
    }

    /// Keeps the chain's thread awake for a moment after a block: a sender that waited for it often has its next request ready,
    /// and waking a sleeping core would take as long as making the block. An idle chain sleeps.
    fn linger(&mut self, context: &mut Context<Self>) {
        if self.chain.host.is_virtual() {
            return;
        }
        let until = context.now().saturating_add(LINGER);
        if self.awake_until.replace(until).is_none() {
            self.watch_for_more(context);
        }
    }

    fn watch_for_more(&mut self, context: &mut Context<Self>) {
        if self.awake_until.is_none_or(|until| context.now() >= until) {
            self.awake_until = None;
            return;
        }
        context.spawn_then(tokio::task::yield_now(), |actor, (), context| actor.watch_for_more(context));
    }
}

/// True if the changes touch what governance keeps.
fn governs(changes: &Changes) -> bool {
    let contract = Core::Governance.hname().to_bytes();
    changes.native.range(Bytes::copy_from_slice(&contract)..).next().is_some_and(|(key, _)| key.starts_with(&contract))
}

impl Actor for StateActor {
    const KIND: &'static str = "state";

    fn started(&mut self, context: &mut Context<Self>) {
        let heads = *self.chain.heads.lock();
        if heads.final_ < self.chain.head_height() {
            // An earlier incarnation committed a block and could not say so any more.
            self.announce(context);
        }
    }
}

impl Handler<Commit> for StateActor {
    fn handle(&mut self, commit: Commit, context: &mut Context<Self>) -> Reply<Result<Parent, NodeError>> {
        Reply::now(self.commit(commit, context))
    }
}

impl Handler<Rewind> for StateActor {
    fn handle(&mut self, Rewind(height): Rewind, context: &mut Context<Self>) -> Reply<Result<(), NodeError>> {
        if self.chain.config.anchoring != Anchoring::Dev {
            return Reply::now(Err(NodeError::Refused(format!(
                "chain `{}` is anchored: its final blocks stay. Only chains created with dev=True can be rewound",
                self.chain.config.name
            ))));
        }
        let mut extra = Extra::new();
        for above in height + 1..=self.chain.head_height() {
            extra.delete(records::finality(above));
        }
        let rewound = self.chain.state.rewind(height, RewindPermission::Dev, extra, &sequential);
        if rewound.is_ok() {
            self.chain.forget_above(height);
            if let Err(error) = self.read_policies() {
                return Reply::now(Err(error));
            }
            *self.chain.heads.lock() = Heads { executed: height, final_: height, anchored: None };
            let _ = self.feed.tell(Announce);
            // Everything below holds a head that is gone: it begins again on this one.
            context.fail("the chain was rewound");
        }
        Reply::now(rewound.map_err(NodeError::from))
    }
}
