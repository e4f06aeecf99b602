//! The database of a node with a data directory.

use std::fmt;
use std::path::{Path, PathBuf};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};
use vespiary_state::{Batch, Direction, KeyRange, Store, StoreError, Table, Visit, check_batch};

use crate::failure::{Failure, opening, reading};
use crate::format;

/// How much memory and how many threads a store takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FjallOptions {
    /// Bytes of blocks kept in memory for reading; used only as far as there is data.
    pub cache_bytes: u64,
    /// Bytes of fresh writes that a table keeps in memory before they go to a file of their own.
    pub write_buffer_bytes: u64,
    /// Threads for flushing and compaction; at least one is taken.
    pub threads: usize,
}

impl Default for FjallOptions {
    fn default() -> Self {
        Self { cache_bytes: 64 << 20, write_buffer_bytes: 16 << 20, threads: 1 }
    }
}

/// A store in a directory. It belongs to one process at a time.
pub struct FjallStore {
    database: Database,
    tables: [Keyspace; Table::ALL.len()],
    directory: PathBuf,
    failure: Failure,
}

impl fmt::Debug for FjallStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FjallStore").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl FjallStore {
    /// Opens the store in a directory, or makes it there.
    ///
    /// [`StoreError::InUse`] if another process has it open, [`StoreError::NewerFormat`] if a newer version wrote it.
    pub fn open(directory: impl AsRef<Path>, options: FjallOptions) -> Result<Self, StoreError> {
        let directory = directory.as_ref();
        format::check_or_write(directory)?;
        let failed = |error: fjall::Error| opening(&error, directory);
        let database = Database::builder(directory.join("database"))
            .cache_size(options.cache_bytes)
            .worker_threads(options.threads.max(1))
            .open()
            .map_err(failed)?;
        let [node, state, history, blocks, index, meta] = Table::ALL.map(|table| {
            database.keyspace(table.name(), || {
                KeyspaceCreateOptions::default().max_memtable_size(options.write_buffer_bytes)
            })
        });
        let tables = [
            node.map_err(failed)?,
            state.map_err(failed)?,
            history.map_err(failed)?,
            blocks.map_err(failed)?,
            index.map_err(failed)?,
            meta.map_err(failed)?,
        ];
        Ok(Self { database, tables, directory: directory.to_path_buf(), failure: Failure::default() })
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    #[expect(clippy::indexing_slicing, reason = "a table's number is below the number of tables")]
    fn table(&self, table: Table) -> &Keyspace {
        &self.tables[table.number()]
    }
}

impl Store for FjallStore {
    fn read(&self, table: Table, key: &[u8], visit: &mut dyn FnMut(&[u8])) -> Result<bool, StoreError> {
        // fjall applies a batch key by key; only a snapshot sees it as a whole.
        let value = self.database.snapshot().get(self.table(table), key);
        let Some(value) = value.map_err(|error| reading(&error, table.name()))? else { return Ok(false) };
        visit(&value);
        Ok(true)
    }

    fn scan(&self, table: Table, range: &KeyRange, direction: Direction, visit: Visit<'_>) -> Result<(), StoreError> {
        if range.is_empty() {
            return Ok(());
        }
        let mut rows = self.database.snapshot().range::<&[u8], _>(self.table(table), range.bounds());
        loop {
            let row = match direction {
                Direction::Forward => rows.next(),
                Direction::Backward => rows.next_back(),
            };
            let Some(row) = row else { return Ok(()) };
            let (key, value) = row.into_inner().map_err(|error| reading(&error, table.name()))?;
            if visit(&key, &value).is_break() {
                return Ok(());
            }
        }
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        check_batch(&batch)?;
        self.failure.check()?;
        let mut writes = self.database.batch().durability(Some(PersistMode::Buffer));
        for (table, rows) in batch.into_tables() {
            let keyspace = self.table(table);
            for (key, value) in rows {
                match value {
                    Some(value) => writes.insert(keyspace, &*key, &*value),
                    None => writes.remove(keyspace, &*key),
                }
            }
        }
        writes.commit().map_err(|error| self.failure.note(&error))
    }

    fn persist(&self) -> Result<(), StoreError> {
        self.failure.check()?;
        self.database.persist(PersistMode::SyncAll).map_err(|error| self.failure.note(&error))
    }
}
