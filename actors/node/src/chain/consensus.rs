//! Consensus: carries the engine's effects out.
//!
//! A committee of one decides each view as soon as it is executed, so no view lives long enough for an actor of its own; larger
//! committees get one a view here.

use std::sync::Arc;
use std::time::Duration;

use vespiary_consensus::{AnchorPlan, Batch, Certificate, Effect, Engine, Execution, Input, Proposal};
use vespiary_supervision::{Actor, Address, AskError, Context, Handler, Reply};
use vespiary_types::Request;

use super::Chain;
use super::executor::ExecutorActor;
use super::mempool::Mempool;
use super::messages::{Collect, Commit, Execute, Ran, RanBlock, Skipped, Work};
use super::shared::records;
use super::state::StateActor;
use crate::NodeError;

/// Most requests of a block. Blocks follow each other within milliseconds, so larger ones would only make senders wait.
const MOST_REQUESTS: usize = 1_000;

/// How long to wait before a question is put again to a neighbour that is restarting.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(1);

pub(crate) struct ConsensusActor {
    chain: Arc<Chain>,
    engine: Engine,
    mempool: Address<Mempool>,
    executor: Address<ExecutorActor>,
    state: Address<StateActor>,
    /// The payloads behind the refs of the proposal that is being made.
    payloads: Vec<Arc<Request>>,
    /// What executing it gave.
    ran: Option<Box<RanBlock>>,
}

impl ConsensusActor {
    pub(crate) fn open(
        chain: &Arc<Chain>,
        mempool: &Address<Mempool>,
        executor: &Address<ExecutorActor>,
        state: &Address<StateActor>,
    ) -> Result<Self, NodeError> {
        let engine = Engine::new(chain.id, 0, chain.committee()?, chain.key.clone(), chain.payout, chain.parent()?)?;
        Ok(Self {
            chain: Arc::clone(chain),
            engine,
            mempool: mempool.clone(),
            executor: executor.clone(),
            state: state.clone(),
            payloads: Vec::new(),
            ran: None,
        })
    }

    fn step(&mut self, input: Input, context: &mut Context<Self>) {
        let now_ns = self.chain.host.clock().now_ns();
        for effect in self.engine.step(now_ns, input) {
            match effect {
                Effect::Collect => self.collect(context),
                Effect::Execute(proposal) => self.execute(proposal, context),
                Effect::Commit(proposal, certificate) => self.commit(proposal, certificate, context),
                Effect::Drop(_) => {
                    self.payloads = Vec::new();
                    self.ran = None;
                }
            }
        }
    }

    /// Puts a question again after a while if the neighbour was busy or restarting; gives up with it if it is gone.
    fn again(
        error: AskError,
        context: &mut Context<Self>,
        repeat: impl FnOnce(&mut Self, &mut Context<Self>) + 'static,
    ) {
        if error == AskError::Gone {
            context.fail("a neighbour is gone");
            return;
        }
        context.after(BETWEEN_ATTEMPTS, repeat);
    }

    fn collect(&mut self, context: &mut Context<Self>) {
        let asked = self.mempool.ask(Collect { most: MOST_REQUESTS });
        context.spawn_then(asked, |actor, answer, context| match answer {
            Ok(requests) => actor.collected(requests, context),
            Err(error) => Self::again(error, context, Self::collect),
        });
    }

    fn collected(&mut self, requests: Vec<Arc<Request>>, context: &mut Context<Self>) {
        let batch = Batch {
            requests: requests.iter().map(|request| request.reference()).collect(),
            milestone: self.chain.tangle.latest().id,
            anchor_plan: self.anchor_plan(requests.is_empty()),
        };
        self.payloads = requests;
        self.step(Input::Collected(batch), context);
    }

    /// An anchor to plan: over the confirmed anchor output if nobody planned one, and if there is something to cover, the
    /// block to come among it. A block without requests is worth making only for blocks before it.
    fn anchor_plan(&self, without_requests: bool) -> Option<AnchorPlan> {
        let anchor = (*self.chain.anchor_due.lock())?;
        // The anchor actor may have looked just before the block with the plan was committed.
        if !matches!(self.chain.state.meta_get(&records::plan(&anchor)), Ok(None)) {
            return None;
        }
        let (head, heads) = (self.chain.head_height(), *self.chain.heads.lock());
        let uncovered = heads.anchored.is_none_or(|anchored| anchored < head);
        (uncovered || !without_requests).then_some(AnchorPlan { anchor, covered: head + 1 })
    }

    fn execute(&mut self, proposal: Arc<Proposal>, context: &mut Context<Self>) {
        let asked = self.executor.ask(Execute { proposal: Arc::clone(&proposal), requests: self.payloads.clone() });
        context.spawn_then(asked, move |actor, answer, context| match answer {
            Ok(Ok(ran)) => actor.executed(&proposal, ran, context),
            // The state cannot be read, or rules are impossible: supervision waits between attempts, and quarantines in the end.
            Ok(Err(error)) => context.fail(error),
            // The executor crashed and is being restarted: a fresh one runs the same proposal.
            Err(error) => Self::again(error, context, move |actor, context| actor.execute(proposal, context)),
        });
    }

    fn executed(&mut self, proposal: &Arc<Proposal>, ran: Ran, context: &mut Context<Self>) {
        if !ran.skipped.is_empty() {
            // A mempool too busy to hear it offers them again, and they are skipped again.
            let _ = self.mempool.tell(Skipped(ran.skipped));
        }
        let execution = ran.block.as_ref().map_or(Execution::Empty, |ran| Execution::Block(ran.block.hash));
        self.ran = ran.block;
        self.step(Input::Executed { digest: proposal.digest(), execution }, context);
    }

    fn commit(&mut self, proposal: Arc<Proposal>, certificate: Certificate, context: &mut Context<Self>) {
        let Some(ran) = self.ran.take() else {
            context.fail("a proposal became final that was not executed");
            return;
        };
        self.payloads = Vec::new();
        if proposal.anchor_plan.is_some() {
            *self.chain.anchor_due.lock() = None;
        }
        // The state answers even across its own crash: with it the whole chain restarts, and resumes from what was committed.
        let asked = self.state.ask(Commit { ran, proposal, certificate });
        context.spawn_then(asked, |actor, answer, context| match answer {
            Ok(Ok(parent)) => actor.step(Input::Committed(parent), context),
            Ok(Err(error)) => context.fail(error),
            Err(error) => context.fail(error),
        });
    }
}

impl Actor for ConsensusActor {
    const KIND: &'static str = "consensus";

    fn started(&mut self, context: &mut Context<Self>) {
        // Something may have waited for an earlier incarnation.
        self.step(Input::Work, context);
    }
}

impl Handler<Work> for ConsensusActor {
    fn handle(&mut self, _: Work, context: &mut Context<Self>) -> Reply<()> {
        self.step(Input::Work, context);
        Reply::now(())
    }
}
