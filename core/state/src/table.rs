//! The tables of a store: a closed set, because every table of a node on disk costs memory and files.

/// A table of the store. Keys of all but [`Table::Node`] begin with the chain's 8-byte prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// What belongs to the node and to no chain.
    Node,
    /// The state at each chain's head: accounts, storage slots, code, native entries.
    State,
    /// Values before they were changed, by key and height; and which keys each height changed.
    History,
    /// Headers, block records, requests and receipts by height.
    Blocks,
    /// Heights and places by block hash, transaction hash and request id.
    Index,
    /// Each chain's head, and small records of the node's parts about that chain.
    Meta,
}

impl Table {
    /// Every table, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Node, Self::State, Self::History, Self::Blocks, Self::Index, Self::Meta];

    /// The table's name on disk.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::State => "state",
            Self::History => "history",
            Self::Blocks => "blocks",
            Self::Index => "index",
            Self::Meta => "meta",
        }
    }

    /// The table's place in [`Table::ALL`].
    pub const fn number(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_stands_at_its_own_number() {
        for (number, table) in Table::ALL.into_iter().enumerate() {
            assert_eq!(table.number(), number);
        }
    }
}
