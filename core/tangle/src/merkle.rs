//! Merkle trees over lists of ids, and audit paths through them (TIP-4).

use serde::{Deserialize, Serialize};
use vespiary_crypto::Blake2b;
use vespiary_types::{BlockId, blake2b256};

/// One step from a leaf towards the root: what stands beside the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sibling {
    /// The neighbour is the left child.
    Left([u8; 32]),
    /// The neighbour is the right child.
    Right([u8; 32]),
}

fn leaf(id: &BlockId) -> [u8; 32] {
    Blake2b::new().chain(&[0]).chain(id.as_bytes()).finish()
}

fn node(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Blake2b::new().chain(&[1]).chain(left).chain(right).finish()
}

/// Splits at the largest power of two below the length; `None` for fewer than two.
fn split(ids: &[BlockId]) -> Option<(&[BlockId], &[BlockId])> {
    (ids.len() > 1).then(|| ids.split_at(ids.len().next_power_of_two() / 2))
}

/// The Merkle tree hash of a list; of none it is the hash of nothing.
pub fn merkle_root(ids: &[BlockId]) -> [u8; 32] {
    match (split(ids), ids.first()) {
        (Some((left, right)), _) => node(&merkle_root(left), &merkle_root(right)),
        (None, Some(only)) => leaf(only),
        (None, None) => blake2b256([]),
    }
}

/// The way from the entry at `position` to the root, leaf first; `None` if there is no such entry.
pub fn audit_path(ids: &[BlockId], position: usize) -> Option<Vec<Sibling>> {
    if position >= ids.len() {
        return None;
    }
    let (mut ids, mut position, mut path) = (ids, position, Vec::new());
    while let Some((left, right)) = split(ids) {
        if position < left.len() {
            path.push(Sibling::Right(merkle_root(right)));
            ids = left;
        } else {
            path.push(Sibling::Left(merkle_root(left)));
            position -= left.len();
            ids = right;
        }
    }
    path.reverse();
    Some(path)
}

/// The root that an audit path leads to from `id`.
pub fn root_of_path(id: &BlockId, path: &[Sibling]) -> [u8; 32] {
    path.iter().fold(leaf(id), |hash, sibling| match sibling {
        Sibling::Left(left) => node(left, &hash),
        Sibling::Right(right) => node(&hash, right),
    })
}
