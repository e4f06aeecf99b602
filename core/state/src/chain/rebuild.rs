//! The tries from the flat state.

use std::ops::ControlFlow;

use alloy_primitives::{Address, B256};

use super::keys::{self, Prefix};
use super::records::{account_from, damaged, slot_from};
use crate::commitment::CommitmentBuilder;
use crate::{Account, Commitment, Direction, Join, KeyRange, Store, StoreError, Table};

type Slots = Vec<(B256, B256)>;

pub(super) fn commitment(store: &dyn Store, prefix: Prefix, join: Join<'_>) -> Result<Commitment, StoreError> {
    let mut slots: Vec<(Address, Slots)> = Vec::new();
    each(store, prefix, keys::SLOT, "storage slot", |key, value| {
        let (address, slot) = key.split_at_checked(20)?;
        let (address, slot) = (Address::try_from(address).ok()?, B256::try_from(slot).ok()?);
        let entry = (slot, slot_from(value)?);
        match slots.last_mut() {
            Some((last, list)) if *last == address => list.push(entry),
            _ => slots.push((address, vec![entry])),
        }
        Some(())
    })?;
    let mut accounts: Vec<(Address, Account)> = Vec::new();
    each(store, prefix, keys::ACCOUNT, "account", |key, value| {
        accounts.push((Address::try_from(key).ok()?, account_from(value)?));
        Some(())
    })?;

    let mut builder = CommitmentBuilder::default();
    let mut slots = slots.into_iter().peekable();
    for (address, account) in accounts {
        let own = slots.next_if(|(owner, _)| *owner == address).map(|(_, own)| own).unwrap_or_default();
        builder.account(&address, account, &own, join);
    }
    if let Some((address, _)) = slots.next() {
        return Err(damaged("storage slot", format!("account {address}, which it belongs to, does not exist")));
    }
    each(store, prefix, keys::NATIVE, "native entry", |key, value| {
        builder.native(key, value);
        Some(())
    })?;
    Ok(builder.finish(join))
}

/// Every key of a kind, without the beginning that all share, and its value.
fn each(
    store: &dyn Store,
    prefix: Prefix,
    kind: u8,
    what: &str,
    mut take: impl FnMut(&[u8], &[u8]) -> Option<()>,
) -> Result<(), StoreError> {
    let start = keys::key(prefix, kind, &[]);
    let mut broken = None;
    store.scan(Table::State, &KeyRange::prefix(&start), Direction::Forward, &mut |key, value| {
        if key.get(start.len()..).and_then(|rest| take(rest, value)).is_some() {
            return ControlFlow::Continue(());
        }
        broken = Some(format!("key 0x{} or its value does not read", alloy_primitives::hex::encode(key)));
        ControlFlow::Break(())
    })?;
    broken.map_or(Ok(()), |reason| Err(damaged(what, reason)))
}
