//! `blocklog`: what the chain remembers of its own blocks.
//!
//! In the state stands only what a proof or the next block needs: the record of each block (without the block's hash, which commits to
//! the record), and which outputs of L1 have been executed, so that none is executed twice. Receipts and events are committed by
//! the header's `receiptsRoot` and kept beside the state: a node serves them, and the views that ask for them here say so.
//!
//! | key after the contract's name | value | kept |
//! |---|---|---|
//! | `r` height, eight bytes big-endian | the block's record in wire form | for [`RETAINED_RECORDS`] blocks |
//! | `p` output id, 34 bytes | the height that executed it, eight bytes big-endian | until the anchor that consumed it is buried: from then on no milestone offers the output again, so entries up to that height can go |

use alloy_json_abi::JsonAbi;
use alloy_primitives::Bytes;
use alloy_sol_types::sol;
use vespiary_types::{BlockRecord, Hname, OutputId, TransactionId, Wire};

use super::entry_point::{Entry, run};
use super::{Core, state_key};
use crate::Journal;
use crate::sandbox::{Failure, Sandbox, gas};

/// How many of the latest block records the state keeps. A record of an older block is proved against an older header.
pub const RETAINED_RECORDS: u64 = 10_000;

const RECORD: &[u8] = b"r";
const PROCESSED: &[u8] = b"p";

sol! {
    /// Parameters and results of the core contract `blocklog`.
    #[sol(abi)]
    interface IBlocklog {
        /// What a block did beyond Ethereum's header.
        struct BlockInfo {
            uint64 height;
            /// Unix nanoseconds.
            uint64 timeNs;
            bytes32 milestone;
            uint32 requests;
            uint64 gasUsed;
            /// Wei.
            uint256 fees;
            /// Ids of L1 outputs it executed, 34 bytes each.
            bytes[] consumed;
            /// Outputs it owes to L1.
            PayoutInfo[] payouts;
        }
        /// An output owed to L1.
        struct PayoutInfo {
            /// 33 bytes.
            bytes target;
            /// Base tokens of 10^-6.
            uint64 tokens;
        }
        /// The record of a block before this one, one of the latest 10,000.
        function getBlockInfo(uint64 height) external view returns (BlockInfo info);
        /// Whether an L1 output (its 34-byte id) was executed, and in which block. Off-ledger requests and Ethereum transactions are
        /// told apart by their sender's nonce.
        function isRequestProcessed(bytes outputId) external view returns (bool processed, uint64 height);
        /// The ids of a block's requests: a node answers.
        function getRequestIDsForBlock(uint64 height) external view returns (bytes[] ids);
        /// A request's receipt: a node answers.
        function getRequestReceipt(bytes requestId) external view returns (bytes receipt);
        /// A block's receipts: a node answers.
        function getRequestReceiptsForBlock(uint64 height) external view returns (bytes[] receipts);
        /// A request's events: a node answers.
        function getEventsForRequest(bytes requestId) external view returns (bytes[] events);
        /// A block's events: a node answers.
        function getEventsForBlock(uint64 height) external view returns (bytes[] events);
        /// A contract's events: a node answers.
        function getEventsForContract(uint32 contract_, uint64 fromHeight, uint64 toHeight) external view returns (bytes[] events);
    }
}

pub(super) fn abi() -> JsonAbi {
    IBlocklog::abi::contract()
}

fn record_key(height: u64) -> Vec<u8> {
    state_key(Core::Blocklog.hname(), &[RECORD, &height.to_be_bytes()].concat())
}

fn processed_key(output: &OutputId) -> Vec<u8> {
    state_key(Core::Blocklog.hname(), &[PROCESSED, &output.to_bytes()].concat())
}

/// Writes a block's record at the block's end, and forgets the one that is too old.
pub fn write_record(journal: &mut Journal, record: &BlockRecord) {
    journal.native_set(&record_key(record.height), record.to_wire());
    if let Some(old) = record.height.checked_sub(RETAINED_RECORDS) {
        journal.native_remove(&record_key(old));
    }
}

/// A block's record, if it is still in the state.
pub fn record(journal: &Journal, height: u64) -> Option<BlockRecord> {
    let bytes = journal.native_get(&record_key(height))?;
    BlockRecord::from_wire(&bytes).map_err(|error| journal.damaged("a block record", error)).ok()
}

/// The height at which an output of L1 was executed.
pub fn processed_at(journal: &Journal, output: &OutputId) -> Option<u64> {
    let bytes = journal.native_get(&processed_key(output))?;
    let height = <[u8; 8]>::try_from(bytes.as_ref())
        .map_err(|_| journal.damaged("the height of a processed output", "it has not eight bytes"));
    height.ok().map(u64::from_be_bytes)
}

/// Notes that an output of L1 is executed in the present block.
pub(super) fn mark_processed(journal: &mut Journal, output: &OutputId) {
    let height = journal.environment().block.height;
    journal.native_set(&processed_key(output), height.to_be_bytes().to_vec());
}

pub(super) fn call(sandbox: &mut Sandbox<'_, '_>, entry_point: Hname, params: &[u8]) -> Result<Bytes, Failure> {
    const ENTRIES: &[Entry] = &[
        Entry::view("getBlockInfo", |sandbox, params| {
            run::<IBlocklog::getBlockInfoCall>("getBlockInfo", params, |call| block_info(sandbox, call.height))
        }),
        Entry::view("isRequestProcessed", |sandbox, params| {
            run::<IBlocklog::isRequestProcessedCall>("isRequestProcessed", params, |call| {
                let output = output_id(&call.outputId)?;
                sandbox.charge(gas::READ)?;
                let height = processed_at(sandbox.journal(), &output);
                Ok((height.is_some(), height.unwrap_or_default()).into())
            })
        }),
        Entry::view("getRequestIDsForBlock", |_, _| Err(Failure::NotInState("a block's requests"))),
        Entry::view("getRequestReceipt", |_, _| Err(Failure::NotInState("receipts"))),
        Entry::view("getRequestReceiptsForBlock", |_, _| Err(Failure::NotInState("receipts"))),
        Entry::view("getEventsForRequest", |_, _| Err(Failure::NotInState("events"))),
        Entry::view("getEventsForBlock", |_, _| Err(Failure::NotInState("events"))),
        Entry::view("getEventsForContract", |_, _| Err(Failure::NotInState("events"))),
    ];
    Entry::dispatch(ENTRIES, sandbox, entry_point, params)
}

fn output_id(bytes: &[u8]) -> Result<OutputId, Failure> {
    let malformed = || Failure::Parameters {
        entry_point: "isRequestProcessed",
        reason: format!("an output id has 34 bytes, not {}", bytes.len()),
    };
    let (id, index) = bytes.split_first_chunk::<32>().ok_or_else(malformed)?;
    let index = u16::from_le_bytes(index.try_into().map_err(|_| malformed())?);
    Ok(OutputId { transaction_id: TransactionId::new(*id), index })
}

fn block_info(sandbox: &mut Sandbox<'_, '_>, height: u64) -> Result<IBlocklog::BlockInfo, Failure> {
    sandbox.charge(gas::READ)?;
    let record = record(sandbox.journal(), height).ok_or(Failure::NoRecord { height })?;
    let entries = record.consumed.len().saturating_add(record.payouts.len());
    sandbox.charge(gas::SCAN_ENTRY.saturating_mul(u64::try_from(entries).unwrap_or(u64::MAX)))?;
    let payout = |payout: &vespiary_types::Payout| IBlocklog::PayoutInfo {
        target: payout.to.to_bytes().into(),
        tokens: payout.tokens,
    };
    Ok(IBlocklog::BlockInfo {
        height: record.height,
        timeNs: record.time_ns,
        milestone: record.milestone.0,
        requests: record.requests,
        gasUsed: record.gas_used,
        fees: record.fees,
        consumed: record.consumed.iter().map(|output| output.to_bytes().into()).collect(),
        payouts: record.payouts.iter().map(payout).collect(),
    })
}
