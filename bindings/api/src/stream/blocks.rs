//! Blocks in order of height.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Mutex;
use vespiary_types::{Block, Level};

use crate::engine::HeadsWatch;
use crate::{Chain, Result, ethereum};

/// A block of a stream.
#[derive(Debug, Clone)]
pub struct BlockItem {
    /// The block.
    pub block: Arc<Block>,
    /// The level that the stream waited for.
    pub level: Level,
}

impl BlockItem {
    /// The height to resume from.
    pub fn cursor(&self) -> u64 {
        self.block.header.number + 1
    }

    /// The item as plain data, the block in `eth_getBlockByNumber`'s whole shape.
    pub fn to_json(&self) -> Value {
        json!({
            "height": self.block.header.number,
            "hash": self.block.hash,
            "timeMs": self.block.record.time_ms(),
            "level": self.level,
            "transactions": self.block.receipts.len(),
            "gasUsed": self.block.header.gas_used,
            "cursor": self.cursor(),
            "block": ethereum::block(&self.block, true),
        })
    }
}

/// Blocks from a height on. Cheap to clone: clones share the cursor, and each block goes to one of them.
#[derive(Clone)]
pub struct BlockStream {
    chain: Chain,
    level: Level,
    state: Arc<Mutex<State>>,
}

struct State {
    next: u64,
    heads: HeadsWatch,
}

impl BlockStream {
    pub(crate) fn new(chain: Chain, from: Option<u64>, level: Level) -> Self {
        // Only final blocks are published; below that a stream would have to take back what it said.
        let level = level.max(Level::Final);
        let next = from.unwrap_or_else(|| chain.heads().at(level).map_or(0, |head| head + 1));
        let heads = chain.engine().watch();
        Self { chain, level, state: Arc::new(Mutex::new(State { next, heads })) }
    }

    /// The chain it reads.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The next block once it has come to the stream's level; none after the node was closed. Dropping the future loses nothing.
    pub async fn next(&self) -> Result<Option<BlockItem>> {
        self.chain.node().check_process()?;
        let mut state = self.state.lock().await;
        loop {
            let heads = state.heads.read();
            if heads.at(self.level).is_some_and(|head| head >= state.next) {
                let Some(block) = self.chain.block_at(state.next)? else { return Ok(None) };
                state.next += 1;
                return Ok(Some(BlockItem { block, level: self.level }));
            }
            if self.chain.node().is_closed() || !state.heads.changed().await {
                return Ok(None);
            }
        }
    }

    /// The height to resume from.
    pub async fn cursor(&self) -> u64 {
        self.state.lock().await.next
    }
}
