//! Merkle-Patricia tries in memory (Ethereum yellow paper, appendix D), persistent: a new version shares all that did not change.
//!
//! ```text
//! mod ── Trie: one version ── update ── sorted changes, each node on the way made once
//!  │                           └────── node ── encodings and references
//!  ├── proof ── the nodes on the way to a key
//!  └── join ── the second core, handed in
//! ```

mod join;
mod node;
mod proof;
#[cfg(test)]
mod tests;
mod update;

use alloy_primitives::B256;
use alloy_trie::EMPTY_ROOT_HASH;

pub use join::{Join, sequential};
pub(crate) use join::{WORTH_SHARING, both, map_all};
pub(crate) use node::Leaf;
pub(crate) use update::Change;

use node::{Kind, Node, Scratch, child_of, nibble, path_from};

/// One version of a trie over 32-byte hashed keys. Cloning is one reference count.
#[derive(Clone)]
pub(crate) struct Trie<L> {
    root: Option<Node<L>>,
}

impl<L> Default for Trie<L> {
    fn default() -> Self {
        Self { root: None }
    }
}

impl<L: Leaf> Trie<L> {
    /// A trie of leaves sorted by key, without doubles.
    pub(crate) fn of_sorted(leaves: &[L], join: Join<'_>) -> Self {
        let leaves: Vec<&L> = leaves.iter().collect();
        Self { root: update::build(&leaves, 0, join, &mut Scratch::default()) }
    }

    /// The version after changes, which are sorted by key and without doubles.
    pub(crate) fn update(&self, changes: &[Change<L>], join: Join<'_>) -> Self {
        Self { root: update::update(self.root.as_ref(), 0, changes, join, &mut Scratch::default()) }
    }

    pub(crate) fn root(&self) -> B256 {
        self.root.as_ref().map_or(EMPTY_ROOT_HASH, Node::root)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The leaf of a key.
    pub(crate) fn get(&self, key: &B256) -> Option<&L> {
        let (mut node, mut depth) = (self.root.as_ref()?, 0);
        loop {
            match &node.kind {
                Kind::Leaf(leaf) => return (leaf.key() == key).then_some(leaf),
                Kind::Extension(extension) => {
                    if !path_from(key, depth).starts_with(&extension.path) {
                        return None;
                    }
                    depth += extension.path.len();
                    node = &extension.child;
                }
                Kind::Branch(mask, children) => {
                    node = child_of(*mask, children, nibble(key, depth))?;
                    depth += 1;
                }
            }
        }
    }
}
