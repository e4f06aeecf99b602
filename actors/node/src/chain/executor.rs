//! The executor: one lane into the VM threads. Blocks run in order; simulations share the lane with them.
//!
//! A light proposal, whose requests together cannot burn more gas than [`LIGHT_GAS`], runs where the actor is: handing it to
//! another thread and back would take longer than running it. Where a block runs never changes what it is.
//!
//! A contract's failure is a result with a receipt. A panic of ours on the VM thread is a crash: the overlay and the executor's
//! value are dropped, the actor restarts, and the block runs again on a fresh executor. A block that keeps crashing it melts
//! the chain down into quarantine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vespiary_consensus::Proposal;
use vespiary_state::sequential;
use vespiary_supervision::{Actor, Context, Handler, Reply};
use vespiary_types::Request;
use vespiary_vm::{BlockContext, Executor};

use super::Chain;
use super::messages::{At, Execute, Question, Ran, RanBlock, Simulate, Simulated};
use crate::NodeError;
use crate::environment::{Lane, Workbench};

/// Most gas of a proposal that runs on the chain's own thread: a few milliseconds at the very worst.
const LIGHT_GAS: u64 = 1_000_000;

pub(crate) struct ExecutorActor {
    chain: Arc<Chain>,
    cancelled: Arc<AtomicBool>,
    /// Runs light proposals.
    light: Executor,
}

impl ExecutorActor {
    pub(crate) fn new(chain: &Arc<Chain>) -> Self {
        Self { chain: Arc::clone(chain), cancelled: Arc::default(), light: Executor::new(chain.context()) }
    }

    /// Runs `job` with the chain's executor on its thread. The executor goes back to the bench only when the job ends well.
    fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Executor, &Chain, &Arc<AtomicBool>) -> Result<T, NodeError> + Send + 'static,
    ) -> impl Future<Output = Option<Result<T, NodeError>>> + 'static {
        let (chain, cancelled) = (Arc::clone(&self.chain), Arc::clone(&self.cancelled));
        let lane = Lane::Vm(usize::try_from(chain.number).unwrap_or_default());
        let pools = self.chain.pools.clone();
        let work = move |bench: &mut Workbench| {
            if cancelled.load(Ordering::Relaxed) {
                return Err(vespiary_vm::ExecutorError::Cancelled.into());
            }
            let mut executor = bench.take::<Executor>(chain.number).unwrap_or_else(|| Executor::new(chain.context()));
            let result = job(&mut executor, &chain, &cancelled);
            bench.put(chain.number, executor);
            result
        };
        async move { pools.call(lane, work).await }
    }
}

fn is_light(requests: &[Arc<Request>]) -> bool {
    requests.iter().fold(0_u64, |gas, request| gas.saturating_add(request.gas_limit())) <= LIGHT_GAS
}

fn execute(
    executor: &mut Executor,
    chain: &Chain,
    cancelled: &Arc<AtomicBool>,
    proposal: &Proposal,
    requests: &[Arc<Request>],
) -> Result<Ran, NodeError> {
    let missing = || NodeError::Internal("the chain has no head to build on".into());
    let head = chain.state.head().ok_or_else(missing)?;
    if head.height + 1 != proposal.height {
        return Err(NodeError::Internal(format!(
            "proposal {} does not build on block {}",
            proposal.height, head.height
        )));
    }
    let before = chain.state.record(head.height)?.ok_or_else(missing)?;
    let block = BlockContext {
        height: proposal.height,
        parent: head.hash,
        parent_time_ns: before.time_ns,
        parent_requests: before.requests,
        time_ns: proposal.time_ns,
        milestone: proposal.milestone,
        entropy: proposal.entropy,
        proposer: proposal.payout,
    };
    let mut executed = executor.execute_block(&chain.state.latest(), &block, requests, cancelled)?;
    let skipped = std::mem::take(&mut executed.skipped);
    if executed.requests.is_empty() && proposal.anchor_plan.is_none() {
        return Ok(Ran { block: None, skipped });
    }
    let commitment = chain.state.commitment().apply(&executed.changes, &sequential);
    let (block, changes) = executed.seal(commitment.roots());
    Ok(Ran { block: Some(Box::new(RanBlock { block: Arc::new(block), changes, commitment })), skipped })
}

fn simulate(executor: &mut Executor, chain: &Chain, at: At, question: Question) -> Result<Simulated, NodeError> {
    let head = chain.head_height();
    let (state, block) = match at {
        At::Height(height) if height != head => (chain.state.at(height)?, chain.block_context(height)?),
        At::Height(_) | At::Latest => (chain.state.latest(), chain.block_context(head)?),
        At::Pending => {
            let parent = chain.block_context(head)?;
            let requests = chain.state.record(head)?.map_or(0, |record| record.requests);
            let hash = chain.state.hash_at(head)?.unwrap_or_default();
            let block = BlockContext {
                height: head + 1,
                parent: hash,
                parent_time_ns: parent.time_ns,
                parent_requests: requests,
                time_ns: chain.host.clock().now_ns().max(parent.time_ns.saturating_add(u64::from(requests))),
                milestone: chain.tangle.latest().id,
                proposer: chain.payout,
                ..parent
            };
            (chain.state.latest(), block)
        }
    };
    Ok(match question {
        Question::Call(call) => Simulated::Call(executor.call(&state, &block, &call)?),
        Question::EstimateGas(call) => Simulated::Gas(executor.estimate_gas(&state, &block, &call)?),
        Question::View { contract, entry_point, params } => {
            Simulated::View(executor.view(&state, &block, contract, entry_point, &params)?)
        }
    })
}

impl Drop for ExecutorActor {
    fn drop(&mut self) {
        // What is still running for this incarnation has nobody to answer.
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Actor for ExecutorActor {
    const KIND: &'static str = "executor";
}

impl Handler<Execute> for ExecutorActor {
    fn handle(&mut self, work: Execute, context: &mut Context<Self>) -> Reply<Result<Ran, NodeError>> {
        if is_light(&work.requests) {
            return Reply::now(execute(&mut self.light, &self.chain, &self.cancelled, &work.proposal, &work.requests));
        }
        let running = self
            .run(move |executor, chain, cancelled| execute(executor, chain, cancelled, &work.proposal, &work.requests));
        let (handle, reply) = Reply::deferred();
        context.spawn_then(running, move |_, ran, context| match ran {
            Some(ran) => handle.send(ran),
            None => context.fail("the virtual machine's thread panicked on a block, or lost it"),
        });
        reply
    }
}

impl Handler<Simulate> for ExecutorActor {
    fn handle(&mut self, work: Simulate, _: &mut Context<Self>) -> Reply<Result<Simulated, NodeError>> {
        let running = self.run(move |executor, chain, _| simulate(executor, chain, work.at, work.question));
        // A simulation that panics hurts nobody but its caller: the executor's value is made anew for the next job.
        Reply::later(async move {
            running.await.unwrap_or_else(|| {
                Err(NodeError::Internal(
                    "the simulation panicked, or was lost on its way to the VM's thread: try again".into(),
                ))
            })
        })
    }
}
