//! Transactions that were signed elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes};
use vespiary_state::StateView;
use vespiary_types::{AgentId, Level, Request, RequestId};

use super::{Progress, nonce_too_high};
use crate::{At, Chain, Result, Sent};

impl Chain {
    /// Sends signed transactions in the form of the network (EIP-2718). Row i of the result is what became of `raw[i]`.
    pub async fn send_raw(&self, raw: Vec<Bytes>, wait: Level, progress: Option<Progress>) -> Vec<Result<Sent>> {
        if let Err(error) = self.node().check() {
            return raw.iter().map(|_| Err(error.clone())).collect();
        }
        let (chain, rows) = (self.clone(), raw.len());
        let work = async move { Ok(chain.send_verified(raw, wait, progress).await) };
        match self.node().engine().clock().drive(work).await {
            Ok(results) => results,
            Err(error) => vec![Err(error); rows],
        }
    }

    pub(crate) async fn send_verified(
        &self,
        raw: Vec<Bytes>,
        wait: Level,
        progress: Option<Progress>,
    ) -> Vec<Result<Sent>> {
        let verified = self.engine().verify(raw).await;
        let mut checked = self.without_gaps(verified, wait).await;
        let requests: Vec<Arc<Request>> = checked.iter().filter_map(|row| row.as_ref().ok().cloned()).collect();
        let refused = (checked.len() - requests.len()) as u64;
        if let Some(progress) = &progress {
            progress.add(refused);
        }
        let included = match requests.as_slice() {
            [] => Vec::new(),
            [request] => vec![self.engine().submit(request.clone(), wait).await],
            _ => self.engine().submit_batch(requests, wait, progress.map(|progress| progress.0)).await,
        };
        let mut included = included.into_iter();
        checked
            .drain(..)
            .map(|row| {
                let request = row?;
                let lost = || Err(crate::Error::internal("a row of a batch has no result"));
                Self::sent(hash_of(&request), included.next().unwrap_or_else(lost))
            })
            .collect()
    }

    /// Waiting for what stands behind a gap in the nonces would never end, so such rows are refused unless nobody waits.
    async fn without_gaps(&self, rows: Vec<Result<Arc<Request>>>, wait: Level) -> Vec<Result<Arc<Request>>> {
        if wait == Level::Pending {
            return rows;
        }
        let mut nonces: BTreeMap<Address, Vec<u64>> = BTreeMap::new();
        for request in rows.iter().flatten() {
            if let (AgentId::Ethereum { address, .. }, Some(nonce)) = (request.sender(), request.nonce()) {
                nonces.entry(address).or_default().push(nonce);
            }
        }
        let mut ends: BTreeMap<Address, u64> = BTreeMap::new();
        for (address, mut given) in nonces {
            given.sort_unstable();
            let executed = self.view(At::default()).and_then(|view| {
                Ok(view.account(&address).map_err(crate::engine::store_error)?.map_or(0, |account| account.nonce))
            });
            let mut end = executed.unwrap_or_default();
            if given.first().is_some_and(|first| *first > end) {
                end = self.engine().next_nonce(address).await.unwrap_or(end);
            }
            for nonce in given {
                if nonce == end {
                    end += 1;
                }
            }
            ends.insert(address, end);
        }
        rows.into_iter()
            .map(|row| {
                let request = row?;
                if let (AgentId::Ethereum { address, .. }, Some(nonce)) = (request.sender(), request.nonce())
                    && let Some(end) = ends.get(&address)
                    && nonce > *end
                {
                    return Err(nonce_too_high(address, nonce, *end));
                }
                Ok(request)
            })
            .collect()
    }
}

/// The hash by which Ethereum's tools know a request.
pub(crate) fn hash_of(request: &Request) -> B256 {
    match request.id() {
        RequestId::Ethereum(hash) | RequestId::OffLedger(hash) => hash,
        RequestId::OnLedger(_) => request.reference().content,
    }
}
