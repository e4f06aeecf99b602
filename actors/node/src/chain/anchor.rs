//! The anchor: turns final blocks into state transitions of the chain's alias on the tangle, one in flight, each followed to its
//! milestone; and takes what the tangle brings, new anchors and requests, to the chain.
//!
//! What an anchor does is planned in consensus and a pure function of the plan and the final blocks (`anchor_transaction`). Its
//! digest is on the disk before it is signed, so that no two different transactions are ever signed over one anchor output.

use std::sync::Arc;
use std::time::Duration;

use vespiary_crypto::{GroupSigner, SoloSigner, Step};
use vespiary_supervision::{Actor, Address, Context, Handler, Reply, TaskHandle};
use vespiary_tangle::{
    Block as TangleBlock, LatestMilestone, LedgerOutput, Payload, PreparedBlock, UnsignedTransaction,
};
use vespiary_types::{AnchorMetadata, OutputId, Request, Wire};

use super::Chain;
use super::anchor_transaction::{self, Planned};
use super::consensus::ConsensusActor;
use super::feed::Feed;
use super::handle::AnchorInfo;
use super::mempool::Mempool;
use super::messages::{Announce, Deposits, Finalized, Work};
use super::shared::records;
use crate::NodeError;
use crate::environment::Durability;
use crate::storage::{Persist, StoreActor};
use crate::tangle::ChainUpdate;

/// How long after it was attached an anchor that no milestone confirmed is attached again; doubles up to the second number.
const REATTACH_AFTER: Duration = Duration::from_secs(1);
const REATTACH_AT_MOST: Duration = Duration::from_mins(1);

pub(crate) struct AnchorActor {
    chain: Arc<Chain>,
    mempool: Address<Mempool>,
    consensus: Address<ConsensusActor>,
    store: Address<StoreActor>,
    feed: Address<Feed>,
    signer: SoloSigner,
    /// The confirmed anchor.
    current: Option<Arc<LedgerOutput>>,
    /// The anchor output over which an anchor is under way.
    in_flight: Option<OutputId>,
    retry: Option<TaskHandle>,
    patience: Duration,
}

impl AnchorActor {
    pub(crate) fn new(
        chain: &Arc<Chain>,
        mempool: &Address<Mempool>,
        consensus: &Address<ConsensusActor>,
        store: &Address<StoreActor>,
        feed: &Address<Feed>,
    ) -> Self {
        Self {
            chain: Arc::clone(chain),
            mempool: mempool.clone(),
            consensus: consensus.clone(),
            store: store.clone(),
            feed: feed.clone(),
            signer: SoloSigner::new(chain.key.clone()),
            current: None,
            in_flight: None,
            retry: None,
            patience: REATTACH_AFTER,
        }
    }

    fn subscribe(&mut self, context: &mut Context<Self>) {
        let (chain, recipient) = (Arc::clone(&self.chain), context.address().recipient::<ChainUpdate>());
        let subscription = async move {
            chain.link.cross().await;
            chain.tangle.subscribe(chain.id, recipient).await
        };
        context.spawn_then(subscription, |actor, outcome, context| match outcome {
            Ok(update) => actor.update(&update, context),
            Err(error) => {
                tracing::warn!(chain = %actor.chain.config.name, %error, "the tangle does not answer, asking again");
                context.after(REATTACH_AFTER, Self::subscribe);
            }
        });
    }

    fn update(&mut self, update: &ChainUpdate, context: &mut Context<Self>) {
        if let Some(anchor) = &update.anchor {
            self.confirmed(anchor, update.milestone, context);
        }
        let requests: Vec<Arc<Request>> =
            update.requests.iter().filter_map(|held| self.request_of(held)).map(Arc::new).collect();
        if !requests.is_empty() {
            self.hand_over(requests, context);
        }
    }

    /// Hands requests to the mempool, again after a while if it is busy.
    fn hand_over(&mut self, requests: Vec<Arc<Request>>, context: &mut Context<Self>) {
        if self.mempool.tell(Deposits(requests.clone())).is_err() {
            context.after(Duration::from_millis(10), move |actor, context| actor.hand_over(requests, context));
        }
    }

    fn request_of(&self, held: &LedgerOutput) -> Option<Request> {
        let basic = held.output.as_basic()?;
        if basic.expiration.is_some() {
            // It could go back to its sender before an anchor takes it in: it would have to be claimed first.
            tracing::info!(output = %held.id, "an output that can expire is left alone");
            return None;
        }
        vespiary_vm::on_ledger_request(held.id, basic, self.chain.id)
            .inspect_err(|error| tracing::info!(%error, "an output addressed to the chain is no request"))
            .ok()
    }

    /// A milestone confirmed this anchor.
    fn confirmed(&mut self, anchor: &Arc<LedgerOutput>, milestone: LatestMilestone, context: &mut Context<Self>) {
        let Some(alias) = anchor.output.as_alias() else { return };
        // A subscription's answer can be taken up after news that is younger than it.
        if self.current.as_ref().is_some_and(|current| current.id == anchor.id || anchor.milestone < current.milestone)
        {
            return;
        }
        let metadata = AnchorMetadata::from_bytes(&alias.state_metadata);
        let info = AnchorInfo {
            output: anchor.id,
            state_index: alias.state_index,
            metadata: metadata.clone(),
            milestone: milestone.index,
            time_ms: anchor.time_ms,
        };
        if let Err(error) = self.chain.state.meta_put(&records::anchor(alias.state_index), &info.to_wire()) {
            context.fail(error);
            return;
        }
        self.current = Some(Arc::clone(anchor));
        self.in_flight = None;
        self.patience = REATTACH_AFTER;
        if let Some(retry) = self.retry.take() {
            retry.cancel();
        }
        if let Some(metadata) = metadata {
            self.chain.heads.lock().anchored = Some(metadata.height);
            let _ = self.feed.tell(Announce);
        }
        self.advance(context);
    }

    /// The next step over the current anchor: carry a plan out, or say that one is due.
    fn advance(&mut self, context: &mut Context<Self>) {
        let Some(current) = self.current.clone() else { return };
        if self.in_flight.is_some() {
            return;
        }
        match self.chain.state.meta_get(&records::plan(&current.id)) {
            Err(error) => context.fail(error),
            Ok(Some(plan)) => {
                let Some(covered) = plan.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes)) else {
                    context.fail("the record of an anchor's plan is damaged");
                    return;
                };
                self.in_flight = Some(current.id);
                self.carry_out(covered, context);
            }
            Ok(None) => {
                *self.chain.anchor_due.lock() = Some(current.id);
                let anchored = self.chain.heads.lock().anchored;
                if anchored.is_none_or(|anchored| anchored < self.chain.head_height()) {
                    // A consensus actor too busy to hear it is making a block, and finds the anchor due with that.
                    let _ = self.consensus.tell(Work);
                }
            }
        }
    }

    fn carry_out(&mut self, covered: u64, context: &mut Context<Self>) {
        let Some(current) = self.current.clone() else { return };
        let chain = Arc::clone(&self.chain);
        let planning = async move {
            let network = chain.tangle.network().await?;
            anchor_transaction::build(&chain, &network, &current, covered)
        };
        context.spawn_then(planning, move |actor, planned, context| match planned {
            Ok(planned) => actor.record(planned, covered, context),
            Err(error) => {
                tracing::error!(chain = %actor.chain.config.name, %error, "the planned anchor cannot be built");
                actor.again(covered, context);
            }
        });
    }

    /// Writes down what is about to be signed, and waits until that is as durable as the chain's blocks.
    fn record(&mut self, planned: Planned, covered: u64, context: &mut Context<Self>) {
        let digest = planned.transaction.signing_digest();
        let key = records::signed(&planned.anchor);
        match self.chain.state.meta_get(&key) {
            Err(error) => return context.fail(error),
            Ok(Some(signed)) if signed != digest => {
                return context
                    .fail("another transaction over this anchor output was signed before: refusing to sign a second");
            }
            Ok(Some(_)) => {}
            Ok(None) => {
                if let Err(error) = self.chain.state.meta_put(&key, &digest) {
                    return context.fail(error);
                }
            }
        }
        if self.chain.durability == Durability::Process {
            return self.sign(planned, covered, context);
        }
        let persisted = self.store.ask(Persist);
        context.spawn_then(persisted, move |actor, outcome, context| match outcome {
            Ok(Ok(())) => actor.sign(planned, covered, context),
            Ok(Err(error)) => context.fail(error),
            Err(_) => actor.again(covered, context),
        });
    }

    fn sign(&mut self, planned: Planned, covered: u64, context: &mut Context<Self>) {
        let Step::Signed(signature) = self.signer.start(planned.transaction.signing_digest()) else {
            return context.fail("a signer of one key did not sign at once");
        };
        let key = self.signer.public_key();
        let chain = Arc::clone(&self.chain);
        let transaction: UnsignedTransaction = planned.transaction;
        let posting = async move {
            let seconds = chain.tangle.latest().seconds();
            let transaction = transaction.unlock(&[(key, signature)], seconds)?;
            chain.link.cross().await;
            let seed = covered;
            let (version, parents) =
                chain.tangle.inspect(move |tangle| (tangle.network().version, tangle.select_tips(seed))).await?;
            let block = TangleBlock::new(version, parents, Some(Payload::Transaction(transaction)));
            chain.tangle.attach(PreparedBlock::new(block)?).await
        };
        context.spawn_then(posting, move |actor, posted: Result<(), NodeError>, context| {
            if let Err(error) = posted {
                tracing::warn!(chain = %actor.chain.config.name, %error, "the tangle did not take an anchor");
            }
            // Taken or not: if no milestone confirms it in time it is attached again, which is safe, for it is the same.
            actor.again(covered, context);
        });
    }

    fn again(&mut self, covered: u64, context: &mut Context<Self>) {
        if let Some(retry) = self.retry.take() {
            retry.cancel();
        }
        let patience = self.patience;
        self.patience = (patience * 2).min(REATTACH_AT_MOST);
        self.retry = Some(context.after(patience, move |actor, context| {
            if actor.in_flight.is_some() {
                actor.carry_out(covered, context);
            }
        }));
    }
}

impl Actor for AnchorActor {
    const KIND: &'static str = "anchor";

    fn started(&mut self, context: &mut Context<Self>) {
        *self.chain.anchor_due.lock() = None;
        self.subscribe(context);
    }
}

impl Handler<ChainUpdate> for AnchorActor {
    fn handle(&mut self, update: ChainUpdate, context: &mut Context<Self>) -> Reply<()> {
        if self.chain.link.is_clear() {
            self.update(&update, context);
        } else {
            let chain = Arc::clone(&self.chain);
            context.spawn_then(async move { chain.link.cross().await }, move |actor, (), context| {
                actor.update(&update, context);
            });
        }
        Reply::now(())
    }
}

impl Handler<Finalized> for AnchorActor {
    fn handle(&mut self, _: Finalized, context: &mut Context<Self>) -> Reply<()> {
        self.advance(context);
        Reply::now(())
    }
}
