//! The transaction of an anchor: a pure function of the anchor output, the plan and the final blocks.

use std::sync::Arc;

use vespiary_state::StoreError;
use vespiary_tangle::{AnchorPlan, BasicOutput, LedgerOutput, Network, Output, TangleError, UnsignedTransaction};
use vespiary_types::{AnchorMetadata, Block, OutputId, Payload};

use super::Chain;
use crate::NodeError;

/// An anchor that is ready to be signed.
pub(crate) struct Planned {
    /// The anchor output it consumes.
    pub(crate) anchor: OutputId,
    /// The transaction.
    pub(crate) transaction: UnsignedTransaction,
}

/// Builds the anchor over `current` that covers the longest run of whole blocks which fits, up to height `covered`.
pub(crate) fn build(
    chain: &Chain,
    network: &Network,
    current: &Arc<LedgerOutput>,
    covered: u64,
) -> Result<Planned, NodeError> {
    let alias =
        current.output.as_alias().ok_or_else(|| NodeError::Internal("the chain's anchor is not an alias".into()))?;
    let first = AnchorMetadata::from_bytes(&alias.state_metadata).map_or(0, |metadata| metadata.height + 1);
    let mut last = None;
    let mut plan =
        AnchorPlan::new(network, current.id, alias.clone(), vec![0; metadata(chain, first)?.to_bytes().len()])?;
    for height in first..=covered {
        let block = block(chain, height)?;
        let mut longer = plan.clone();
        match extend(&mut longer, &block) {
            Ok(()) => (plan, last) = (longer, Some(height)),
            Err(NodeError::Tangle(TangleError::AnchorFull(_))) if last.is_some() => break,
            Err(error) => return Err(error),
        }
    }
    let last = last.ok_or_else(|| NodeError::Internal(format!("an anchor up to block {covered} covers nothing")))?;
    // The length of the metadata does not depend on the height, so the plan measured above is the plan built here.
    let mut finished = AnchorPlan::new(network, current.id, alias.clone(), metadata(chain, last)?.to_bytes())?;
    for height in first..=last {
        extend(&mut finished, &*block(chain, height)?)?;
    }
    Ok(Planned { anchor: current.id, transaction: finished.build()? })
}

fn block(chain: &Chain, height: u64) -> Result<Arc<Block>, NodeError> {
    let missing = || StoreError::Damaged { what: format!("block {height}"), reason: "it is missing".into() };
    Ok(chain.block(height)?.ok_or_else(missing)?)
}

fn metadata(chain: &Chain, height: u64) -> Result<AnchorMetadata, NodeError> {
    let block_hash = block(chain, height)?.hash;
    let fees = vespiary_vm::policies(&chain.state.at(height)?, chain.context())?.parameters.fees;
    Ok(AnchorMetadata { height, block_hash, fees, url: String::new() })
}

/// Adds what a block executed and owes.
fn extend(plan: &mut AnchorPlan, block: &Block) -> Result<(), NodeError> {
    for request in &block.requests {
        let Payload::OnLedger(request) = request.payload() else { continue };
        plan.consume(request.output, basic(&request.serialized)?)?;
    }
    for payout in &block.record.payouts {
        plan.pay(payout)?;
    }
    Ok(())
}

fn basic(serialized: &[u8]) -> Result<BasicOutput, NodeError> {
    Output::from_bytes(serialized)?
        .as_basic()
        .cloned()
        .ok_or_else(|| NodeError::Internal("an executed on-ledger request is no basic output".into()))
}
