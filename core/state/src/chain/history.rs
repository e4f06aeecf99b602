//! What stood under a key before a height changed it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::records::{damaged, previous_from};
use super::{ChainState, keys};
use crate::{Direction, KeyRange, StoreError, Table};

/// The value before a change; none if there was none.
pub(super) type Previous = Option<Vec<u8>>;

/// After so many entries that are too old, finding the next one anew is cheaper than going on.
const LONG_HISTORY: usize = 16;

impl ChainState {
    /// What stood under a state key before the first change at height `from` or later; none if it was not changed since.
    pub(super) fn before(&self, state_key: &[u8], from: u64) -> Result<Option<Previous>, StoreError> {
        let key = keys::history(state_key);
        let (mut start, mut last) = (key.clone(), key);
        start.extend_from_slice(&from.to_be_bytes());
        last.extend_from_slice(&u64::MAX.to_be_bytes());
        let mut found = None;
        self.inner.store.scan(
            Table::History,
            &KeyRange::inclusive(start, last),
            Direction::Forward,
            &mut |_, value| {
                found = Some(previous_from(value).map(|value| value.map(<[u8]>::to_vec)));
                ControlFlow::Break(())
            },
        )?;
        found.transpose()
    }

    /// As [`Self::before`], for every state key that begins with `state_prefix`.
    pub(super) fn all_before(&self, state_prefix: &[u8], from: u64) -> Result<BTreeMap<Vec<u8>, Previous>, StoreError> {
        let mut range = KeyRange::prefix(&keys::history_prefix(state_prefix, 0));
        let mut found = BTreeMap::new();
        loop {
            let (mut too_old, mut broken, mut resume) = (0, false, None);
            self.inner.store.scan(Table::History, &range, Direction::Forward, &mut |key, value| {
                let (Some((state_key, height)), Ok(previous)) = (keys::from_history(key), previous_from(value)) else {
                    broken = true;
                    return ControlFlow::Break(());
                };
                if height >= from {
                    too_old = 0;
                    // Heights come in rising order: the first one at or after `from` has the value that stood then.
                    found.entry(state_key).or_insert_with(|| previous.map(<[u8]>::to_vec));
                    return ControlFlow::Continue(());
                }
                too_old += 1;
                if too_old < LONG_HISTORY {
                    return ControlFlow::Continue(());
                }
                resume = Some(state_key);
                ControlFlow::Break(())
            })?;
            if broken {
                return Err(damaged("history", "an entry does not read"));
            }
            let Some(state_key) = resume else { return Ok(found) };
            range.start = keys::history(&state_key);
            range.start.extend_from_slice(&from.to_be_bytes());
        }
    }

    /// The state keys (without the chain's prefix) that the block at a height changed.
    pub(super) fn changed_at(&self, height: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let key = keys::at_height(self.inner.prefix, keys::UNDO, height);
        let what = || format!("list of the keys changed at height {height}");
        let bytes = self.inner.store.get(Table::History, &key)?.ok_or_else(|| damaged(what(), "it is not there"))?;
        super::records::from_record(&bytes, what)
    }
}
