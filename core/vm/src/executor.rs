//! Executing blocks.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use alloy_primitives::{B256, U256};
use vespiary_state::StateView;
use vespiary_types::{AgentId, BlockRecord, Payload, Receipt, Request};

use crate::native::request::Room;
use crate::native::{self, blocklog, governance};
use crate::sandbox::{MAX_CONSUMED, MAX_PAYOUTS, Machines};
use crate::transaction::BlockTransaction;
use crate::{
    BlockContext, ChainContext, CodeCache, Environment, EthereumMachine, Executed, ExecutorError, Journal, Output,
    Parameters, RequestContext, Skip, ethereum, evm, system, transaction_of,
};

/// Executes the blocks of one chain. It keeps analysed code from block to block, and lives on one thread (`Rc` inside).
///
/// Every result is a function of the state, the block and the requests alone.
#[derive(Debug)]
pub struct Executor {
    pub(crate) context: ChainContext,
    pub(crate) machines: Machines,
    pub(crate) codes: CodeCache,
}

/// What one request came to, whatever machine ran it.
struct Ran {
    outcome: vespiary_types::Outcome,
    created: Option<alloy_primitives::Address>,
    gas_budget: u64,
    gas_used: u64,
    gas_price: U256,
    fee: U256,
}

/// A block on its way.
struct Progress {
    requests: Vec<Arc<Request>>,
    transactions: Vec<BlockTransaction>,
    receipts: Vec<Receipt>,
    record: BlockRecord,
}

impl Executor {
    /// An executor for the chain, with native contracts and the EVM.
    pub fn new(context: ChainContext) -> Self {
        Self { context, machines: Machines::default().with(EthereumMachine), codes: CodeCache::default() }
    }

    /// Runs the requests in order on `state`. What cannot run is skipped with a reason and leaves nothing; what fails has a receipt.
    ///
    /// # Errors
    /// When the state cannot be read, `cancel` was set, or the block's time or rules are impossible. Then nothing is kept, and the same
    /// block may be run again.
    pub fn execute_block(
        &mut self,
        state: &Arc<dyn StateView>,
        block: &BlockContext,
        requests: &[Arc<Request>],
        cancel: &Arc<AtomicBool>,
    ) -> Result<Executed, ExecutorError> {
        check_time(block)?;
        let mut journal = self.begin(state, block)?;
        journal.set_cancellation(cancel.clone());
        let environment = journal.environment().clone();
        system::begin_block(&mut journal, &self.machines);

        let mut progress = Progress {
            requests: Vec::with_capacity(requests.len()),
            transactions: Vec::with_capacity(requests.len()),
            receipts: Vec::with_capacity(requests.len()),
            record: BlockRecord {
                height: block.height,
                time_ns: block.time_ns,
                milestone: block.milestone,
                ..BlockRecord::default()
            },
        };
        let mut skipped = Vec::new();
        for request in requests {
            let ran = self.run(&mut journal, &environment, &progress.record, request);
            interruption(&journal)?;
            match ran {
                Ok(ran) => {
                    let output = journal.end_request();
                    progress.add(&environment, request, ran, output);
                }
                Err(skip) => {
                    journal.abandon_request();
                    skipped.push((request.id(), skip));
                }
            }
        }

        let Progress { requests, transactions, receipts, record } = progress;
        blocklog::write_record(&mut journal, &record);
        journal.end_request();
        interruption(&journal)?;
        let changes = journal.into_changes()?;
        Ok(Executed::new(&environment, requests, &transactions, receipts, skipped, changes, record))
    }

    /// A journal whose environment has the parameters that stand in the state.
    pub(crate) fn begin(&self, state: &Arc<dyn StateView>, block: &BlockContext) -> Result<Journal, ExecutorError> {
        let blank = Environment::new(self.context, *block, Parameters::default());
        let mut journal = Journal::new(state.clone(), blank, self.codes.clone());
        let parameters = governance::read(&journal);
        interruption(&journal)?;
        let environment = Environment::new(self.context, *block, parameters);
        let fork = environment.fork();
        if !evm::is_supported(fork) {
            return Err(ExecutorError::Fork(fork));
        }
        journal.set_environment(environment);
        Ok(journal)
    }

    fn run(
        &self,
        journal: &mut Journal,
        environment: &Environment,
        so_far: &BlockRecord,
        request: &Request,
    ) -> Result<Ran, Skip> {
        let room = Room {
            gas: environment.parameters.gas_limits.block.saturating_sub(so_far.gas_used),
            payouts: MAX_PAYOUTS.saturating_sub(so_far.payouts.len()),
            consumed: MAX_CONSUMED.saturating_sub(so_far.consumed.len()),
        };
        journal.begin_request(RequestContext::new(request, so_far.requests, &environment.block));
        let ran = match request.payload() {
            Payload::Ethereum(transaction) => {
                let sender = request.sender().evm_alias(&environment.chain.chain);
                let run = ethereum::execute(journal, &self.machines, transaction, sender, room.gas)?;
                Ran {
                    outcome: run.outcome,
                    created: run.created,
                    gas_budget: request.gas_limit(),
                    gas_used: run.gas_used,
                    gas_price: run.gas_price,
                    fee: run.fee,
                }
            }
            Payload::OnLedger(_) | Payload::OffLedger(_) => {
                let run = native::request::execute(journal, &self.machines, request, &room)?;
                Ran {
                    outcome: run.outcome,
                    created: None,
                    gas_budget: run.gas_budget,
                    gas_used: run.gas_used,
                    gas_price: run.gas_price,
                    fee: run.fee,
                }
            }
        };
        // Solidity sends to L1 too.
        if journal.output().payouts.len() > room.payouts {
            return Err(Skip::BlockLimit("outputs on L1"));
        }
        Ok(ran)
    }
}

impl Progress {
    fn add(&mut self, environment: &Environment, request: &Arc<Request>, ran: Ran, output: Output) {
        let transaction = transaction_of(request, &environment.chain.chain);
        let record = &mut self.record;
        let index = record.requests;
        record.requests += 1;
        record.gas_used = record.gas_used.saturating_add(ran.gas_used);
        record.fees = record.fees.saturating_add(ran.fee);
        record.payouts.extend_from_slice(&output.payouts);
        if let Payload::OnLedger(on_ledger) = request.payload() {
            record.consumed.push(on_ledger.output);
        }
        self.receipts.push(Receipt {
            request: request.id(),
            transaction_hash: transaction.hash,
            transaction_type: transaction.envelope.tx_type().into(),
            height: record.height,
            index,
            from: transaction.from,
            to: transaction.to,
            created: ran.created,
            outcome: ran.outcome,
            gas_budget: ran.gas_budget,
            gas_used: ran.gas_used,
            cumulative_gas_used: record.gas_used,
            gas_price: ran.gas_price,
            fee: ran.fee,
            storage_deposit: U256::ZERO,
            events: output.events,
            logs: output.logs,
            payouts: output.payouts,
        });
        self.transactions.push(transaction);
        self.requests.push(request.clone());
    }
}

/// Why a run must be thrown away, if it must.
pub(crate) fn interruption(journal: &Journal) -> Result<(), ExecutorError> {
    if let Some(error) = journal.store_error() {
        return Err(error.into());
    }
    if journal.cancelled() { Err(ExecutorError::Cancelled) } else { Ok(()) }
}

/// A block's time is at least its parent's and one nanosecond for each of the parent's requests.
fn check_time(block: &BlockContext) -> Result<(), ExecutorError> {
    let BlockContext { time_ns, parent_time_ns, parent_requests, .. } = *block;
    let earliest = parent_time_ns.checked_add(u64::from(parent_requests));
    if earliest.is_some_and(|earliest| time_ns >= earliest) {
        return Ok(());
    }
    Err(ExecutorError::Time { time_ns, parent_time_ns, parent_requests })
}

/// Who executes what nobody signed.
pub(crate) fn nobodys_request(sender: AgentId, block: &BlockContext) -> RequestContext {
    RequestContext::of(vespiary_types::RequestId::OffLedger(B256::ZERO), sender, 0, block)
}
