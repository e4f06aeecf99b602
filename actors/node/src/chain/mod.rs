//! One chain: its actors and what they share.
//!
//! ```text
//! handle ─ Submit ─▶ mempool ─ Work ─▶ consensus ─ Execute ─▶ executor      (VM thread)
//!    ▲                  ▲  ◀─ Collect ─┘   │ Commit
//!    └──── tickets ─────┤                  ▼
//!                       └──── Grown ──── state ─ Finalized ─▶ anchor ─▶ tangle
//!                                          └──── Announce ──▶ feed (outside the chain)
//! ```
//!
//! The five actors below `<name>` are restarted `rest_for_one`: whoever comes after a crashed one held on to what it did.

mod anchor;
mod anchor_transaction;
mod consensus;
mod executor;
mod feed;
mod handle;
mod mempool;
mod messages;
mod queue;
mod shared;
mod state;
mod tickets;

use std::sync::Arc;
use std::time::Duration;

use vespiary_supervision::{Address, Backoff, ChildSpec, Placement, SupervisorSpec, mailbox};

pub use handle::{AnchorInfo, ChainHandle};
pub use messages::At;
pub(crate) use shared::{Chain, ChainParts, records};
pub use shared::{FinalRecord, Heads};
pub use tickets::{Included, Resolution};

use crate::NodeError;
use crate::storage::StoreActor;

/// Messages that may wait in front of a mempool. Batches are one message, so this bounds senders, not requests.
const MEMPOOL_CAPACITY: usize = 16_384;

/// The threads that chains live on, as many as there are cores.
pub(crate) const CHAIN_LANE: &str = "chain";

/// More crashes than this within the period, and the chain is quarantined.
const INTENSITY: (usize, Duration) = (20, Duration::from_mins(1));

/// The parts of a chain that are put into the tree.
pub(crate) struct Subtree {
    pub(crate) chain: SupervisorSpec,
    pub(crate) feed: ChildSpec,
    pub(crate) handle: ChainHandle,
}

/// Lays out a chain's actors.
pub(crate) fn subtree(chain: Chain, store: &Address<StoreActor>) -> Subtree {
    let chain = Arc::new(chain);
    let (mempool, mempool_box) = mailbox::<mempool::Mempool>();
    let (consensus, consensus_box) = mailbox::<consensus::ConsensusActor>();
    let (executor, executor_box) = mailbox::<executor::ExecutorActor>();
    let (state, state_box) = mailbox::<state::StateActor>();
    let (anchor, anchor_box) = mailbox::<anchor::AnchorActor>();
    let (feed, feed_box) = mailbox::<feed::Feed>();
    let anchored = chain.is_anchored().then(|| anchor.clone());

    let state_spec = {
        let (chain, store, mempool, feed) = (chain.clone(), store.clone(), mempool.clone(), feed.clone());
        ChildSpec::with_mailbox("state", state_box, move || {
            Ok::<_, NodeError>(state::StateActor::new(&chain, &store, &mempool, anchored.as_ref(), &feed))
        })
    };
    let mempool_spec = {
        let (chain, consensus) = (chain.clone(), consensus.clone());
        ChildSpec::with_mailbox("mempool", mempool_box, move || mempool::Mempool::open(&chain, &consensus))
            .capacity(MEMPOOL_CAPACITY)
    };
    let consensus_spec = {
        let (chain, mempool, executor, state) = (chain.clone(), mempool.clone(), executor.clone(), state.clone());
        ChildSpec::with_mailbox("consensus", consensus_box, move || {
            consensus::ConsensusActor::open(&chain, &mempool, &executor, &state)
        })
    };
    let executor_spec = {
        let chain = chain.clone();
        ChildSpec::with_mailbox("executor", executor_box, move || {
            Ok::<_, NodeError>(executor::ExecutorActor::new(&chain))
        })
    };
    let mut supervisor = SupervisorSpec::rest_for_one()
        .intensity(INTENSITY.0, INTENSITY.1)
        .backoff(Backoff { base: Duration::from_millis(10), max: Duration::from_secs(1), jitter: 0.2 })
        .child(state_spec)
        .child(mempool_spec)
        .child(consensus_spec)
        .child(executor_spec);
    if chain.is_anchored() {
        let (chain, mempool, consensus, store, feed) =
            (chain.clone(), mempool.clone(), consensus, store.clone(), feed.clone());
        supervisor = supervisor.child(ChildSpec::with_mailbox("anchor", anchor_box, move || {
            Ok::<_, NodeError>(anchor::AnchorActor::new(&chain, &mempool, &consensus, &store, &feed))
        }));
    }
    let feed_spec = {
        let chain = chain.clone();
        let (name, place) = (chain.config.name.clone(), placement(&chain));
        ChildSpec::with_mailbox(name, feed_box, move || Ok::<_, NodeError>(feed::Feed::new(&chain))).placement(place)
    };
    let handle = ChainHandle::new(chain, mempool, executor, state);
    Subtree { chain: supervisor, feed: feed_spec, handle }
}

/// A chain and all its actors live on one thread.
pub(crate) fn placement(chain: &Chain) -> Placement {
    Placement::lane(CHAIN_LANE, usize::try_from(chain.number).unwrap_or_default())
}
