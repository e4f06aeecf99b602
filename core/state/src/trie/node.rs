//! Nodes: immutable, shared between versions of a trie, each beside the reference by which its parent names it.

use std::sync::Arc;

use alloy_primitives::{B256, keccak256};
use alloy_rlp::Encodable;
use alloy_trie::nodes::{BranchNodeRef, ExtensionNodeRef, LeafNodeRef, RlpNode};
use alloy_trie::{Nibbles, TrieMask};

/// What stands at the end of a path. The whole key stays with it, so a leaf can move up and down without a copy.
pub(crate) trait Leaf: Clone + Send + Sync {
    /// The hashed key.
    fn key(&self) -> &B256;

    /// Appends the value as the trie commits to it.
    fn write_value(&self, out: &mut Vec<u8>);
}

/// A subtree and its reference (the hash of its encoding, or the encoding itself if that is shorter): 64 bytes in its parent, so
/// that encoding a branch touches no child.
#[derive(Clone)]
pub(crate) struct Node<L> {
    pub(super) reference: RlpNode,
    pub(super) kind: Kind<L>,
}

#[derive(Clone)]
pub(super) enum Kind<L> {
    Leaf(L),
    Extension(Arc<Extension<L>>),
    /// Bit n of the mask is set if there is a child under nibble n; the children stand in that order.
    Branch(u16, Arc<[Node<L>]>),
}

pub(super) struct Extension<L> {
    pub(super) path: Nibbles,
    pub(super) child: Node<L>,
}

/// Buffers that live as long as one walk.
#[derive(Default)]
pub(super) struct Scratch {
    encoded: Vec<u8>,
    value: Vec<u8>,
    references: Vec<RlpNode>,
}

/// The nibble of a hashed key at a depth below 64.
pub(super) fn nibble(key: &B256, depth: usize) -> u8 {
    let byte = key.get(depth / 2).copied().unwrap_or_default();
    if depth.is_multiple_of(2) { byte >> 4 } else { byte & 15 }
}

/// The number of nibbles from `depth` on that two keys share.
pub(super) fn shared_nibbles(left: &B256, right: &B256, depth: usize) -> usize {
    (depth..64).take_while(|&at| nibble(left, at) == nibble(right, at)).count()
}

/// The path of a key from a depth on.
pub(super) fn path_from(key: &B256, depth: usize) -> Nibbles {
    Nibbles::unpack_array(&key.0).slice(depth..)
}

impl<L: Leaf> Node<L> {
    pub(super) fn leaf(leaf: L, depth: usize, scratch: &mut Scratch) -> Self {
        let Scratch { encoded, value, .. } = scratch;
        value.clear();
        leaf.write_value(value);
        encoded.clear();
        let reference = LeafNodeRef::new(&path_from(leaf.key(), depth), value).rlp(encoded);
        Self { reference, kind: Kind::Leaf(leaf) }
    }

    /// `child` under a path; without a path it is the child itself.
    pub(super) fn extension(path: Nibbles, child: Self, scratch: &mut Scratch) -> Self {
        if path.is_empty() {
            return child;
        }
        scratch.encoded.clear();
        let reference = ExtensionNodeRef::new(&path, &child.reference).rlp(&mut scratch.encoded);
        Self { reference, kind: Kind::Extension(Arc::new(Extension { path, child })) }
    }

    pub(super) fn branch(mask: u16, children: impl Into<Arc<[Self]>>, scratch: &mut Scratch) -> Self {
        let children = children.into();
        let Scratch { encoded, references, .. } = scratch;
        references.clear();
        references.extend(children.iter().map(|child| child.reference.clone()));
        encoded.clear();
        let reference = BranchNodeRef::new(references, TrieMask::new(mask)).rlp(encoded);
        Self { reference, kind: Kind::Branch(mask, children) }
    }

    /// The node's encoding, as proofs carry it.
    pub(super) fn encoding(&self, depth: usize) -> Vec<u8> {
        let mut out = Vec::new();
        match &self.kind {
            Kind::Leaf(leaf) => {
                let mut value = Vec::new();
                leaf.write_value(&mut value);
                LeafNodeRef::new(&path_from(leaf.key(), depth), &value).encode(&mut out);
            }
            Kind::Extension(extension) => {
                ExtensionNodeRef::new(&extension.path, &extension.child.reference).encode(&mut out);
            }
            Kind::Branch(mask, children) => {
                let references: Vec<_> = children.iter().map(|child| child.reference.clone()).collect();
                BranchNodeRef::new(&references, TrieMask::new(*mask)).encode(&mut out);
            }
        }
        out
    }

    /// The hash of the node as the root of a trie: a root is hashed however short it is.
    pub(super) fn root(&self) -> B256 {
        self.reference.as_hash().unwrap_or_else(|| keccak256(&self.reference))
    }
}

/// The child of a branch under a nibble.
pub(super) fn child_of<L>(mask: u16, children: &[Node<L>], nibble: u8) -> Option<&Node<L>> {
    let bit = 1u16 << nibble;
    if mask & bit == 0 {
        return None;
    }
    children.get((mask & (bit - 1)).count_ones() as usize)
}
