//! Block 0: what a chain begins with.

use std::sync::Arc;

use alloy_primitives::B256;
use vespiary_state::EmptyState;
use vespiary_types::{AgentId, BlockRecord, ChainConfig, ChainId, MilestoneId};

use crate::native::{self, blocklog};
use crate::{BaseFee, BlockContext, ChainContext, CodeCache, Environment, Executed, Journal, Parameters, system};

/// Genesis: allocations, system contracts, core contracts with the configuration. Its parent is zero, and it has no requests.
///
/// On an anchored chain the allocations are backed by what the chain's alias holds: whoever creates it pays them in.
#[expect(clippy::missing_panics_doc, reason = "it cannot: the empty state answers every read")]
pub fn genesis(config: &ChainConfig, chain: ChainId, time_ns: u64, milestone: MilestoneId) -> Executed {
    let context =
        ChainContext { chain, evm_chain_id: config.evm_chain_id(&chain), fees_destination: BaseFee::default() };
    let block = BlockContext {
        height: 0,
        parent: B256::ZERO,
        parent_time_ns: time_ns,
        parent_requests: 0,
        time_ns,
        milestone,
        entropy: B256::ZERO,
        proposer: AgentId::Nil,
    };
    let environment = Environment::new(context, block, Parameters::from(config));
    let mut journal = Journal::new(Arc::new(EmptyState), environment.clone(), CodeCache::default());
    for (address, wei) in &config.funded {
        journal.credit(address, *wei);
    }
    system::deploy(&mut journal);
    native::genesis(&mut journal, config);
    let record = BlockRecord { height: 0, time_ns, milestone, ..BlockRecord::default() };
    blocklog::write_record(&mut journal, &record);
    journal.end_request();
    let changes = journal.into_changes().expect("the empty state answers every read");
    Executed::new(&environment, Vec::new(), &[], Vec::new(), Vec::new(), changes, record)
}
