//! Proofs: the encodings of the nodes on the way to a key, present or not (EIP-1186).

use alloy_primitives::{B256, Bytes};

use super::Trie;
use super::node::{Kind, Leaf, child_of, nibble, path_from};

impl<L: Leaf> Trie<L> {
    /// The nodes from the root to the leaf of a key, or to where the way to it ends. Nodes short enough to stand inside their
    /// parents are not listed again.
    pub(crate) fn proof(&self, key: &B256) -> Vec<Bytes> {
        let mut nodes = Vec::new();
        let (mut next, mut depth) = (self.root.as_ref(), 0);
        while let Some(node) = next {
            if depth == 0 || node.reference.is_hash() {
                nodes.push(node.encoding(depth).into());
            }
            next = match &node.kind {
                Kind::Extension(extension) if path_from(key, depth).starts_with(&extension.path) => {
                    depth += extension.path.len();
                    Some(&extension.child)
                }
                Kind::Branch(mask, children) => {
                    let child = child_of(*mask, children, nibble(key, depth));
                    depth += 1;
                    child
                }
                Kind::Leaf(_) | Kind::Extension(_) => None,
            };
        }
        nodes
    }
}
