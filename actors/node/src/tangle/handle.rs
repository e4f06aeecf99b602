//! The tangle from outside.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use vespiary_crypto::Ed25519KeyPair;
use vespiary_supervision::{Address, AskError};
use vespiary_tangle::{
    AliasOutput, Block, InclusionProof, LatestMilestone, LedgerOutput, Network, Payload, PreparedBlock, Proven, Tangle,
    TransactionStatus, UnsignedTransaction,
};
use vespiary_types::{AliasId, BlockId, L1Address, MilestoneId, OutputId, TransactionId};

use super::{Attach, ChainUpdate, Control, Follow, Fund, Inspect, LedgerActor, Subscribe, TangleShared};
use crate::NodeError;
use crate::environment::Host;

/// How often a question to a restarting actor is put again, and how long in between.
const ATTEMPTS: u32 = 200;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(25);

/// A tangle. Clones are the same tangle.
#[derive(Clone)]
pub struct TangleHandle {
    ledger: Address<LedgerActor>,
    shared: Arc<TangleShared>,
    host: Host,
}

/// A chain's anchor as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorOutput {
    /// The output's id.
    pub id: OutputId,
    /// The alias.
    pub alias: AliasOutput,
    /// Index of the milestone that confirmed it.
    pub milestone: u32,
    /// That milestone's id.
    pub milestone_id: MilestoneId,
    /// That milestone's time, unix milliseconds.
    pub time_ms: u64,
    /// The block whose transaction made it, if the history still has it.
    pub block: Option<BlockId>,
}

impl TangleHandle {
    pub(crate) fn new(ledger: Address<LedgerActor>, shared: Arc<TangleShared>, host: Host) -> Self {
        Self { ledger, shared, host }
    }

    /// The host it runs on.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The latest milestone, as a value to watch.
    pub fn watch(&self) -> watch::Receiver<LatestMilestone> {
        self.shared.latest.subscribe()
    }

    /// The latest milestone.
    pub fn latest(&self) -> LatestMilestone {
        *self.shared.latest.borrow()
    }

    /// Looks at the ledger. Repeated by itself while the actor restarts.
    pub async fn inspect<T: Send + 'static>(
        &self,
        look: impl Fn(&Tangle) -> T + Send + Sync + 'static,
    ) -> Result<T, NodeError> {
        let look = Arc::new(look);
        let answer = self
            .patiently(|| {
                let look = Arc::clone(&look);
                self.ledger.ask(Inspect(Box::new(move |tangle| Box::new(look(tangle)))))
            })
            .await?;
        match answer.downcast() {
            Ok(value) => Ok(*value),
            Err(_) => Err(NodeError::Internal("the ledger answered another question".into())),
        }
    }

    /// The network's parameters.
    pub async fn network(&self) -> Result<Network, NodeError> {
        self.inspect(|tangle| tangle.network().clone()).await
    }

    /// Tokens that an address can spend, in their smallest unit.
    pub async fn balance(&self, address: L1Address) -> Result<u64, NodeError> {
        self.inspect(move |tangle| tangle.ledger().balance(&address)).await
    }

    /// Outputs that an address can spend.
    pub async fn unspent(&self, address: L1Address) -> Result<Vec<Arc<LedgerOutput>>, NodeError> {
        self.inspect(move |tangle| tangle.ledger().spendable_by(&address).cloned().collect()).await
    }

    /// The present anchor of a chain.
    pub async fn anchor(&self, chain: AliasId) -> Result<Option<AnchorOutput>, NodeError> {
        self.inspect(move |tangle| {
            let held = tangle.ledger().alias(&chain)?;
            let diff = tangle.ledger().diff(held.milestone);
            let block = diff.and_then(|diff| {
                diff.applied.iter().find(|(_, made)| *made == held.id.transaction_id).map(|(block, _)| *block)
            });
            Some(AnchorOutput {
                id: held.id,
                alias: held.output.as_alias()?.clone(),
                milestone: held.milestone,
                milestone_id: diff.map_or_else(|| tangle.ledger().latest().id, |diff| diff.milestone_id()),
                time_ms: held.time_ms,
                block,
            })
        })
        .await
    }

    /// Proof that a milestone applied the transaction of a block.
    pub async fn proof(&self, block: BlockId) -> Result<Option<InclusionProof>, NodeError> {
        self.inspect(move |tangle| tangle.proof(&block, Proven::Applied)).await
    }

    /// Where a transaction stands.
    pub async fn status(&self, transaction: TransactionId) -> Result<TransactionStatus, NodeError> {
        self.inspect(move |tangle| tangle.status(&transaction)).await
    }

    /// Attaches a block. Safe to repeat: a known block changes nothing.
    pub async fn attach(&self, block: PreparedBlock) -> Result<(), NodeError> {
        self.patiently(|| self.ledger.ask(Attach(block.clone()))).await?
    }

    /// Waits until a milestone has decided on a transaction; the milestone's index if it took effect.
    pub async fn follow(&self, transaction: TransactionId) -> Result<u32, NodeError> {
        self.patiently(|| self.ledger.ask(Follow(transaction))).await?
    }

    /// Attaches a signed transaction and waits for its milestone.
    pub async fn confirm(
        &self,
        unsigned: UnsignedTransaction,
        key: &Ed25519KeyPair,
    ) -> Result<TransactionId, NodeError> {
        let seconds = self.latest().seconds();
        let transaction = unsigned.sign(&[key], seconds)?;
        let id = transaction.id();
        let seed = id.as_bytes().iter().take(8).fold(0_u64, |seed, byte| (seed << 8) | u64::from(*byte));
        let (version, parents) =
            self.inspect(move |tangle| (tangle.network().version, tangle.select_tips(seed))).await?;
        let block = PreparedBlock::new(Block::new(version, parents, Some(Payload::Transaction(transaction))))?;
        self.attach(block).await?;
        self.follow(id).await?;
        Ok(id)
    }

    /// Sends tokens from the faucet and waits for their milestone.
    pub async fn faucet(&self, to: L1Address, tokens: u64) -> Result<TransactionId, NodeError> {
        let transaction = self.ledger.ask(Fund { to, tokens }).await??;
        self.follow(transaction).await?;
        Ok(transaction)
    }

    pub(crate) async fn subscribe(
        &self,
        chain: AliasId,
        recipient: vespiary_supervision::Recipient<ChainUpdate>,
    ) -> Result<ChainUpdate, NodeError> {
        self.patiently(|| self.ledger.ask(Subscribe { chain, recipient: recipient.clone() })).await
    }

    /// Issues no milestones until [`Self::resume`]. Blocks are still taken.
    pub async fn pause(&self) -> Result<(), NodeError> {
        self.control(Control::Pause).await
    }

    /// Issues milestones again.
    pub async fn resume(&self) -> Result<(), NodeError> {
        self.control(Control::Resume).await
    }

    /// Refuses the next blocks.
    pub async fn refuse(&self, blocks: u32) -> Result<(), NodeError> {
        self.control(Control::Refuse(blocks)).await
    }

    /// Sets how often milestones are issued at most.
    pub async fn set_milestone_interval(&self, interval: Duration) -> Result<(), NodeError> {
        self.control(Control::Interval(interval)).await
    }

    async fn control(&self, control: Control) -> Result<(), NodeError> {
        self.patiently(|| self.ledger.ask(control)).await
    }

    /// Puts a question that is safe to repeat again while the actor is restarting.
    async fn patiently<T>(&self, ask: impl Fn() -> vespiary_supervision::Asked<T>) -> Result<T, NodeError> {
        let mut attempt = 0;
        loop {
            match ask().await {
                Ok(answer) => return Ok(answer),
                Err(AskError::Gone) => return Err(NodeError::Closed),
                Err(error) if attempt >= ATTEMPTS => return Err(error.into()),
                Err(_) => {
                    attempt += 1;
                    self.host.pause(BETWEEN_ATTEMPTS).await;
                }
            }
        }
    }
}

impl std::fmt::Debug for TangleHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TangleHandle").field("latest", &self.latest().index).finish_non_exhaustive()
    }
}
