//! Nonces in call order: one owner a wallet and chain, for many tasks and threads.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use parking_lot::Mutex;
use vespiary_state::StateView;
use vespiary_types::Level;

use super::funds::Terms;
use super::{Transaction, nonce_too_high};
use crate::{At, Chain, Result, Sent};

/// A row with everything that is signed.
pub(super) struct Numbered<'a> {
    pub(super) row: usize,
    pub(super) call: &'a Transaction,
    pub(super) terms: Terms,
    pub(super) nonce: u64,
}

/// The next nonce of each sender, as far as this process has given them.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<BTreeMap<Address, u64>>);

impl Lanes {
    /// Learns a sender's next nonce, pending ones counted, before the first one is given.
    pub(super) async fn prepare(&self, chain: &Chain, sender: Address) -> Result<()> {
        if self.0.lock().contains_key(&sender) {
            return Ok(());
        }
        let next = chain.engine().next_nonce(sender).await?;
        self.0.lock().entry(sender).or_insert(next);
        Ok(())
    }

    /// Gives nonces to rows in their order, all under one lock.
    pub(super) fn number<'a>(
        &self,
        chain: &Chain,
        picked: &[(usize, &'a Transaction, Terms)],
        wait: Level,
        results: &mut [Option<Result<Sent>>],
    ) -> Vec<Numbered<'a>> {
        let view = chain.view(At::default());
        let mut lanes = self.0.lock();
        let mut numbered = Vec::with_capacity(picked.len());
        for (row, call, terms) in picked {
            let sender = call.sender.address();
            let outcome = view.clone().and_then(|view| {
                let account = view.account(&sender).map_err(crate::engine::store_error)?;
                let executed = account.map_or(0, |account| account.nonce);
                // Somebody else may have used the key meanwhile.
                let next = lanes.get(&sender).copied().unwrap_or(0).max(executed);
                let nonce = call.nonce.unwrap_or(next);
                if nonce > next && wait > Level::Pending {
                    return Err(nonce_too_high(sender, nonce, next));
                }
                if nonce == next {
                    lanes.insert(sender, next + 1);
                }
                Ok(nonce)
            });
            match outcome {
                Ok(nonce) => numbered.push(Numbered { row: *row, call, terms: *terms, nonce }),
                Err(error) => {
                    if let Some(result) = results.get_mut(*row) {
                        *result = Some(Err(error));
                    }
                }
            }
        }
        numbered
    }

    /// Asks the chain again next time: a nonce that was given has come to nothing.
    pub(super) fn forget(&self, sender: Address) {
        self.0.lock().remove(&sender);
    }

    /// After a rewind nothing that was given holds.
    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }
}
