//! Changing many keys at once: sorted changes go down the trie together, so every node on their way is made and hashed once.

use alloy_primitives::B256;
use alloy_trie::Nibbles;

use super::join::{Join, WORTH_SHARING, both};
use super::node::{Kind, Leaf, Node, Scratch, child_of, nibble, path_from, shared_nibbles};

/// The leaf that a key has from now on; none removes it.
pub(crate) struct Change<L> {
    pub(crate) key: B256,
    pub(crate) leaf: Option<L>,
}

/// What stands below a branch: which nibbles have a child, and the children in order.
type Children<L> = (u16, Vec<Node<L>>);

/// The subtree at `depth` after the changes, which are sorted, without doubles, and all below that subtree.
pub(super) fn update<L: Leaf>(
    node: Option<&Node<L>>,
    depth: usize,
    changes: &[Change<L>],
    join: Join<'_>,
    scratch: &mut Scratch,
) -> Option<Node<L>> {
    if changes.is_empty() {
        return node.cloned();
    }
    match node.map(|node| (node, &node.kind)) {
        None => {
            let leaves: Vec<&L> = changes.iter().filter_map(|change| change.leaf.as_ref()).collect();
            build(&leaves, depth, join, scratch)
        }
        Some((_, Kind::Leaf(old))) => update_leaf(old, depth, changes, join, scratch),
        Some((node, Kind::Extension(extension))) => {
            update_extension(node, &extension.path, &extension.child, depth, changes, join, scratch)
        }
        Some((node, Kind::Branch(mask, children))) => {
            let (mask_after, after) = update_children(*mask, children, depth, changes, join, scratch);
            let same = *mask == mask_after
                && children.iter().zip(&after).all(|(before, after)| before.reference == after.reference);
            if same { Some(node.clone()) } else { gather(mask_after, after, depth, scratch) }
        }
    }
}

/// A subtree of sorted leaves.
pub(super) fn build<L: Leaf>(leaves: &[&L], depth: usize, join: Join<'_>, scratch: &mut Scratch) -> Option<Node<L>> {
    let (first, last) = (leaves.first()?, leaves.last()?);
    if leaves.len() == 1 {
        return Some(Node::leaf((*first).clone(), depth, scratch));
    }
    let shared = shared_nibbles(first.key(), last.key(), depth);
    let at = depth + shared;
    let (mask, children) = build_children(leaves, at, join, scratch);
    let branch = Node::branch(mask, children, scratch);
    Some(Node::extension(path_from(first.key(), depth).slice(..shared), branch, scratch))
}

fn build_children<L: Leaf>(leaves: &[&L], depth: usize, join: Join<'_>, scratch: &mut Scratch) -> Children<L> {
    if leaves.len() >= 2 * WORTH_SHARING
        && let Some((left, right)) = halves(leaves, |leaf| nibble(leaf.key(), depth))
    {
        return append(both(
            join,
            || build_children(left, depth, join, &mut Scratch::default()),
            || build_children(right, depth, join, &mut Scratch::default()),
        ));
    }
    let (mut mask, mut children) = (0, Vec::with_capacity(leaves.len().min(16)));
    for group in leaves.chunk_by(|left, right| nibble(left.key(), depth) == nibble(right.key(), depth)) {
        if let (Some(leaf), Some(child)) = (group.first(), build(group, depth + 1, join, scratch)) {
            mask |= 1 << nibble(leaf.key(), depth);
            children.push(child);
        }
    }
    (mask, children)
}

fn update_leaf<L: Leaf>(
    old: &L,
    depth: usize,
    changes: &[Change<L>],
    join: Join<'_>,
    scratch: &mut Scratch,
) -> Option<Node<L>> {
    let mut leaves: Vec<&L> = changes.iter().filter_map(|change| change.leaf.as_ref()).collect();
    if changes.binary_search_by(|change| change.key.cmp(old.key())).is_err() {
        let place = leaves.partition_point(|leaf| leaf.key() < old.key());
        leaves.insert(place, old);
    }
    build(&leaves, depth, join, scratch)
}

fn update_extension<L: Leaf>(
    node: &Node<L>,
    path: &Nibbles,
    child: &Node<L>,
    depth: usize,
    changes: &[Change<L>],
    join: Join<'_>,
    scratch: &mut Scratch,
) -> Option<Node<L>> {
    // Changes are sorted, so those below the extension stand together; what lies beside it and removes is void.
    let along = |change: &Change<L>| path_from(&change.key, depth).common_prefix_length(path);
    let before = changes.partition_point(|change| path_from(&change.key, depth).slice(..path.len()) < *path);
    let through = changes.partition_point(|change| path_from(&change.key, depth).slice(..path.len()) <= *path);
    let inner = changes.get(before..through).unwrap_or_default();
    let beside =
        changes.iter().enumerate().filter(|(at, change)| !(before..through).contains(at) && change.leaf.is_some());
    let split = beside.map(|(_, change)| along(change)).min();

    let Some(split) = split else {
        let below = depth + path.len();
        let after = update(Some(child), below, inner, join, scratch)?;
        if after.reference == child.reference {
            return Some(node.clone());
        }
        return Some(under(*path, after, below, scratch));
    };
    // A new key leaves the path at `split`: a branch comes to stand there, with the old child below one of its nibbles.
    let fork = depth + split;
    let rest = path.slice(split + 1..);
    let old = Node::extension(rest, child.clone(), scratch);
    let mask = 1u16 << path.get(split).unwrap_or_default();
    let kept: Vec<Change<L>> = changes
        .iter()
        .enumerate()
        .filter(|(at, change)| (before..through).contains(at) || change.leaf.is_some())
        .map(|(_, change)| Change { key: change.key, leaf: change.leaf.clone() })
        .collect();
    let (mask, children) = update_children(mask, &[old], fork, &kept, join, scratch);
    let branch = gather(mask, children, fork, scratch)?;
    Some(under(path.slice(..split), branch, fork, scratch))
}

fn update_children<L: Leaf>(
    mask: u16,
    children: &[Node<L>],
    depth: usize,
    changes: &[Change<L>],
    join: Join<'_>,
    scratch: &mut Scratch,
) -> Children<L> {
    if changes.len() >= 2 * WORTH_SHARING
        && let Some((left, right)) = halves(changes, |change| nibble(&change.key, depth))
        && let Some(border) = right.first().map(|change| nibble(&change.key, depth))
    {
        let low = mask & ((1u16 << border) - 1);
        let (low_children, high_children) =
            children.split_at_checked(low.count_ones() as usize).unwrap_or((children, &[]));
        return append(both(
            join,
            || update_children(low, low_children, depth, left, join, &mut Scratch::default()),
            || update_children(mask & !low, high_children, depth, right, join, &mut Scratch::default()),
        ));
    }
    let mut groups = changes.chunk_by(|left, right| nibble(&left.key, depth) == nibble(&right.key, depth)).peekable();
    let (mut mask_after, mut after) = (0, Vec::with_capacity(16.min(children.len() + changes.len())));
    for at in 0..16u8 {
        let old = child_of(mask, children, at);
        let group = groups.next_if(|group| group.first().is_some_and(|change| nibble(&change.key, depth) == at));
        let child = match group {
            Some(group) => update(old, depth + 1, group, join, scratch),
            None => old.cloned(),
        };
        if let Some(child) = child {
            mask_after |= 1 << at;
            after.push(child);
        }
    }
    (mask_after, after)
}

/// What stands at a place where there was a branch, now that it has these children: a branch needs two.
fn gather<L: Leaf>(mask: u16, mut children: Vec<Node<L>>, depth: usize, scratch: &mut Scratch) -> Option<Node<L>> {
    if children.len() > 1 {
        return Some(Node::branch(mask, children, scratch));
    }
    let only = children.pop()?;
    let nibble = u8::try_from(mask.trailing_zeros()).unwrap_or_default();
    Some(under(Nibbles::from_nibbles([nibble]), only, depth + 1, scratch))
}

/// `node`, made for depth `below`, with `path` before it: leaves and extensions take the path into their own.
fn under<L: Leaf>(path: Nibbles, node: Node<L>, below: usize, scratch: &mut Scratch) -> Node<L> {
    if path.is_empty() {
        return node;
    }
    match node.kind {
        Kind::Leaf(leaf) => Node::leaf(leaf, below - path.len(), scratch),
        Kind::Extension(extension) => Node::extension(path.join(&extension.path), extension.child.clone(), scratch),
        Kind::Branch(..) => Node::extension(path, node, scratch),
    }
}

/// Cuts sorted items into two runs near the middle without cutting between equal nibbles; none if all are equal.
fn halves<T>(items: &[T], nibble_of: impl Fn(&T) -> u8) -> Option<(&[T], &[T])> {
    let middle = nibble_of(items.get(items.len() / 2)?);
    let cut = match items.partition_point(|item| nibble_of(item) < middle) {
        0 => items.partition_point(|item| nibble_of(item) <= middle),
        cut => cut,
    };
    let (left, right) = items.split_at_checked(cut)?;
    (!left.is_empty() && !right.is_empty()).then_some((left, right))
}

fn append<L>(((low, mut left), (high, right)): (Children<L>, Children<L>)) -> Children<L> {
    left.extend(right);
    (low | high, left)
}
