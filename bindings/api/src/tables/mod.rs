//! Tables: what a node has, as Arrow, in one documented and versioned schema each.
//!
//! ```text
//! of_chain / of_node ──▶ blocks.rs transactions.rs receipts.rs logs.rs requests.rs tree.rs   one file a table
//!                          └──▶ columns.rs   columns out of iterators, with their types and meaning
//! of_event ──▶ events.rs   one event of a contract, a column an argument
//! ```
//!
//! Rules for all: the first columns are `node` and `chain`; times are nanoseconds UTC on the node's clock, one column a level, null
//! where that level has not come or is not known; 256-bit numbers are 32 bytes big-endian, marked `vespiary.type = uint256` in the
//! field's metadata; addresses are 20 bytes, hashes 32. The schema's metadata holds `vespiary.table`, `vespiary.schema` (its
//! version), `vespiary.version`, and `vespiary.seed` if there is one. Columns are only ever added at the end within a version.

mod blocks;
mod columns;
mod events;
mod logs;
mod receipts;
mod requests;
mod transactions;
mod tree;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde::Deserialize;
use vespiary_types::{Block, Level};

use crate::{Chain, Error, Node, Result};
use columns::Columns;

pub(crate) use events::of_event;

/// The version of every schema.
const SCHEMA: &str = "1";

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableKind {
    /// One row a block.
    Blocks,
    /// One row a transaction: what was asked.
    Transactions,
    /// One row a receipt: what became of it.
    Receipts,
    /// One row an EVM log.
    Logs,
    /// One row a request: who asked in which form, and its levels.
    Requests,
    /// One row an actor, as it is now.
    Tree,
}

impl TableKind {
    /// Every table.
    pub const ALL: &[Self] =
        &[Self::Blocks, Self::Transactions, Self::Receipts, Self::Logs, Self::Requests, Self::Tree];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Transactions => "transactions",
            Self::Receipts => "receipts",
            Self::Logs => "logs",
            Self::Requests => "requests",
            Self::Tree => "tree",
        }
    }
}

impl FromStr for TableKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().find(|kind| kind.as_str() == text).copied().ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|kind| kind.as_str()).collect();
            Error::malformed(format!("`{text}` is not a table: there are {}", names.join(", ")))
        })
    }
}

/// Which heights, both ends included; everything if nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Selection {
    /// The first height.
    pub from: Option<u64>,
    /// The last height.
    pub to: Option<u64>,
}

/// A table. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    fn of(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }

    /// Its columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Its rows.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// How many rows it has.
    pub fn num_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// An Arrow IPC stream, for languages without the C data interface.
    pub fn to_ipc(&self) -> Result<Vec<u8>> {
        let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &self.schema)?;
        for batch in &self.batches {
            writer.write(batch)?;
        }
        Ok(writer.into_inner()?)
    }
}

/// The blocks of a chain that a table is made of, and when they became anchored.
pub(crate) struct Excerpt {
    node: String,
    chain: String,
    blocks: Vec<Arc<Block>>,
    /// The time of the milestone that anchored a height and those below it, by that height.
    anchored: BTreeMap<u64, u64>,
}

impl Excerpt {
    /// Nanoseconds at which a height became anchored.
    fn anchored_ns(&self, height: u64) -> Option<i64> {
        let (_, time_ms) = self.anchored.range(height..).next()?;
        i64::try_from(*time_ms).ok()?.checked_mul(1_000_000)
    }

    /// Nanoseconds of a block's own time.
    fn proposed_ns(block: &Block) -> Option<i64> {
        i64::try_from(block.record.time_ns).ok()
    }
}

/// A table of one chain.
pub(crate) async fn of_chain(chain: &Chain, kind: TableKind, selection: Selection) -> Result<Table> {
    if kind == TableKind::Tree {
        return tree::table(chain.node(), Some(chain.name()));
    }
    let excerpt = excerpt(chain, selection).await?;
    assemble(chain.node(), kind, &[excerpt])
}

/// A table of all chains of a node.
pub(crate) async fn of_node(node: &Node, kind: TableKind, selection: Selection) -> Result<Table> {
    if kind == TableKind::Tree {
        return tree::table(node, None);
    }
    let mut excerpts = Vec::new();
    for chain in node.chains().await? {
        excerpts.push(excerpt(&chain, selection).await?);
    }
    assemble(node, kind, &excerpts)
}

fn assemble(node: &Node, kind: TableKind, excerpts: &[Excerpt]) -> Result<Table> {
    let fill = match kind {
        TableKind::Blocks => blocks::columns,
        TableKind::Transactions => transactions::columns,
        TableKind::Receipts => receipts::columns,
        TableKind::Logs => logs::columns,
        TableKind::Requests | TableKind::Tree => requests::columns,
    };
    let mut columns = Columns::new(kind.as_str(), node.seed());
    fill(&mut columns, excerpts);
    columns.finish()
}

pub(crate) async fn excerpt(chain: &Chain, selection: Selection) -> Result<Excerpt> {
    let head = chain.heads().at(Level::Final).unwrap_or_default();
    let last = selection.to.unwrap_or(head).min(head);
    let mut blocks = Vec::new();
    for height in selection.from.unwrap_or(0)..=last {
        // Nothing is put into the cache: a table reads everything once.
        blocks.extend(chain.engine().block(height)?);
    }
    let anchors = chain.anchors().await?;
    Ok(Excerpt {
        node: chain.node().name().into(),
        chain: chain.name().into(),
        blocks,
        anchored: anchors.iter().map(|anchor| (anchor.height, anchor.time_ms)).collect(),
    })
}
