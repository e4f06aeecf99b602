//! Reading blocks and their parts. Header, record, requests and receipts stand apart: nobody decodes what he does not ask for.

use std::ops::ControlFlow;
use std::sync::Arc;

use alloy_primitives::{B256, Sealed};
use alloy_rlp::Decodable;
use serde::de::DeserializeOwned;
use vespiary_types::{Block, BlockRecord, Header, Receipt, Request, RequestId};

use super::records::{RUN, damaged, from_record, place_from, run_item};
use super::{ChainState, keys};
use crate::{Direction, KeyRange, StoreError, Table};

impl ChainState {
    /// The header at a height, with its hash; none if there is no such block.
    pub fn header(&self, height: u64) -> Result<Option<Sealed<Header>>, StoreError> {
        let key = keys::at_height(self.inner.prefix, keys::HEADER, height);
        let mut header = None;
        self.inner.store.read(Table::Blocks, &key, &mut |bytes| header = Some(header_from(bytes)))?;
        header.transpose().map_err(|reason| damaged(format!("header at height {height}"), reason))
    }

    /// The hash of the block at a height.
    pub fn hash_at(&self, height: u64) -> Result<Option<B256>, StoreError> {
        let key = keys::at_height(self.inner.prefix, keys::HEADER, height);
        let mut hash = None;
        self.inner
            .store
            .read(Table::Blocks, &key, &mut |bytes| hash = Some(bytes.first_chunk().map(|hash| B256::new(*hash))))?;
        hash.map(|hash| hash.ok_or_else(|| damaged(format!("header at height {height}"), "it is too short")))
            .transpose()
    }

    /// The height of the block with a hash.
    pub fn height_of(&self, hash: &B256) -> Result<Option<u64>, StoreError> {
        let key = keys::key(self.inner.prefix, keys::HASH, &[hash.as_slice()]);
        let bytes = self.inner.store.get(Table::Index, &key)?;
        let height = bytes.map(|bytes| <[u8; 8]>::try_from(bytes).map(u64::from_be_bytes));
        height.transpose().map_err(|_| damaged(format!("height of block {hash}"), "not 8 bytes"))
    }

    /// What the block at a height did beyond Ethereum's fields.
    pub fn record(&self, height: u64) -> Result<Option<BlockRecord>, StoreError> {
        let key = keys::at_height(self.inner.prefix, keys::RECORD, height);
        let bytes = self.inner.store.get(Table::Blocks, &key)?;
        bytes.map(|bytes| from_record(&bytes, || format!("block record at height {height}"))).transpose()
    }

    /// The block at a height; none if there is no such block.
    pub fn block(&self, height: u64) -> Result<Option<Block>, StoreError> {
        let (Some(header), Some(record)) = (self.header(height)?, self.record(height)?) else { return Ok(None) };
        let (header, hash) = header.into_parts();
        let (requests, receipts) = (self.requests(height)?, self.receipts(height)?);
        Ok(Some(Block { header, hash, record, requests, receipts }))
    }

    /// The block with a hash.
    pub fn block_by_hash(&self, hash: &B256) -> Result<Option<Block>, StoreError> {
        match self.height_of(hash)? {
            Some(height) => self.block(height),
            None => Ok(None),
        }
    }

    /// The requests of the block at a height, in order; empty if there is no such block.
    pub fn requests(&self, height: u64) -> Result<Vec<Arc<Request>>, StoreError> {
        self.all(keys::REQUESTS, height, "requests")
    }

    /// One request of a block.
    pub fn request(&self, height: u64, index: u32) -> Result<Option<Arc<Request>>, StoreError> {
        self.one(keys::REQUESTS, height, index, "requests")
    }

    /// The receipts of the block at a height, in order; empty if there is no such block.
    pub fn receipts(&self, height: u64) -> Result<Vec<Receipt>, StoreError> {
        self.all(keys::RECEIPTS, height, "receipts")
    }

    /// One receipt of a block.
    pub fn receipt(&self, height: u64, index: u32) -> Result<Option<Receipt>, StoreError> {
        self.one(keys::RECEIPTS, height, index, "receipts")
    }

    /// Where the request with an id was executed: height and index.
    pub fn locate(&self, id: &RequestId) -> Result<Option<(u64, u32)>, StoreError> {
        self.place(&keys::request(self.inner.prefix, id), || format!("place of request {id}"))
    }

    /// Where the transaction with a hash stands: height and index. Native requests have a transaction too.
    pub fn locate_transaction(&self, hash: &B256) -> Result<Option<(u64, u32)>, StoreError> {
        let key = keys::key(self.inner.prefix, keys::TRANSACTION, &[hash.as_slice()]);
        self.place(&key, || format!("place of transaction {hash}"))
    }

    fn place(&self, key: &[u8], what: impl Fn() -> String) -> Result<Option<(u64, u32)>, StoreError> {
        let bytes = self.inner.store.get(Table::Index, key)?;
        bytes.map(|bytes| place_from(&bytes).ok_or_else(|| damaged(what(), "not 12 bytes"))).transpose()
    }

    fn all<T: DeserializeOwned>(&self, kind: u8, height: u64, what: &str) -> Result<Vec<T>, StoreError> {
        let (mut items, mut failed) = (Vec::new(), None);
        let range = KeyRange::prefix(&keys::at_height(self.inner.prefix, kind, height));
        self.inner.store.scan(Table::Blocks, &range, Direction::Forward, &mut |_, run| {
            for index in 0.. {
                match item(run, index, what, height) {
                    Ok(Some(value)) => items.push(value),
                    Ok(None) => break,
                    Err(error) => {
                        failed = Some(error);
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        failed.map_or(Ok(items), Err)
    }

    fn one<T: DeserializeOwned>(&self, kind: u8, height: u64, index: u32, what: &str) -> Result<Option<T>, StoreError> {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        let run = u32::try_from(place / RUN).unwrap_or(u32::MAX);
        let mut found = Ok(None);
        self.inner.store.read(Table::Blocks, &keys::run(self.inner.prefix, kind, height, run), &mut |run| {
            found = item(run, place % RUN, what, height);
        })?;
        found
    }
}

fn item<T: DeserializeOwned>(run: &[u8], index: usize, what: &str, height: u64) -> Result<Option<T>, StoreError> {
    let name = || format!("{what} at height {height}");
    let item = run_item(run, index).map_err(|reason| damaged(name(), reason))?;
    item.map(|bytes| from_record(bytes, name)).transpose()
}

fn header_from(bytes: &[u8]) -> Result<Sealed<Header>, String> {
    let (hash, mut rlp) = bytes.split_first_chunk::<32>().ok_or("it is too short")?;
    let header = Header::decode(&mut rlp).map_err(|error| error.to_string())?;
    if !rlp.is_empty() {
        return Err(format!("{} bytes are left over", rlp.len()));
    }
    Ok(Sealed::new_unchecked(header, B256::new(*hash)))
}
