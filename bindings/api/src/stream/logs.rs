//! Logs in order of height and place.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use vespiary_types::{Block, Level, Log};

use super::{BlockStream, LogFilter};
use crate::{Chain, Result, ethereum};

/// Where a reader of logs stands: the next log it wants is at this place or behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cursor {
    /// The height.
    pub height: u64,
    /// The place among the block's logs.
    #[serde(default)]
    pub log_index: u64,
}

/// A log of a stream.
#[derive(Debug, Clone)]
pub struct LogItem {
    /// The block it stands in.
    pub block: Arc<Block>,
    /// The transaction's place in the block.
    pub index: usize,
    /// Its own place among the block's logs.
    pub log_index: u64,
    /// The log.
    pub log: Log,
}

impl LogItem {
    /// Where to resume.
    pub fn cursor(&self) -> Cursor {
        Cursor { height: self.block.header.number, log_index: self.log_index + 1 }
    }

    /// `eth_getLogs`' entry, with the cursor.
    pub fn to_json(&self) -> Value {
        let mut value = ethereum::log(&self.block, self.index, self.log_index, &self.log);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("cursor".into(), json!(self.cursor()));
        }
        value
    }
}

/// Logs from a cursor on. Cheap to clone: clones share the cursor.
#[derive(Clone)]
pub struct LogStream {
    blocks: BlockStream,
    filter: Arc<LogFilter>,
    state: Arc<Mutex<State>>,
}

struct State {
    ready: VecDeque<LogItem>,
    /// Where the next log is looked for.
    cursor: Cursor,
}

impl LogStream {
    pub(crate) fn new(chain: Chain, filter: LogFilter, from: Option<Cursor>, level: Level) -> Self {
        let level = level.max(Level::Final);
        let cursor =
            from.unwrap_or_else(|| Cursor { height: chain.heads().at(level).map_or(0, |head| head + 1), log_index: 0 });
        let blocks = BlockStream::new(chain, Some(cursor.height), level);
        Self { blocks, filter: Arc::new(filter), state: Arc::new(Mutex::new(State { ready: VecDeque::new(), cursor })) }
    }

    /// The next log; none after the node was closed. Dropping the future loses nothing.
    pub async fn next(&self) -> Result<Option<LogItem>> {
        let mut state = self.state.lock().await;
        loop {
            if let Some(item) = state.ready.pop_front() {
                state.cursor = item.cursor();
                return Ok(Some(item));
            }
            // Between here and the next await nothing is taken out of a stream and not kept.
            let Some(item) = self.blocks.next().await? else { return Ok(None) };
            let height = item.block.header.number;
            let first = if height == state.cursor.height { state.cursor.log_index } else { 0 };
            if self.filter.may_match(&item.block.header.logs_bloom) {
                self.collect(&item.block, first, &mut state.ready);
            }
            state.cursor = Cursor { height: height + 1, log_index: 0 };
        }
    }

    fn collect(&self, block: &Arc<Block>, first: u64, ready: &mut VecDeque<LogItem>) {
        let logs = block
            .receipts
            .iter()
            .enumerate()
            .flat_map(|(index, receipt)| receipt.logs.iter().map(move |log| (index, log)));
        for ((index, log), log_index) in logs.zip(0..) {
            if log_index >= first && self.filter.matches(log) {
                ready.push_back(LogItem { block: block.clone(), index, log_index, log: log.clone() });
            }
        }
    }

    /// Where to resume.
    pub async fn cursor(&self) -> Cursor {
        let state = self.state.lock().await;
        match state.ready.front() {
            Some(item) => Cursor { height: item.block.header.number, log_index: item.log_index },
            None => state.cursor,
        }
    }
}
