//! What every store must do, and what a chain in it must do: run on every store, so that they are twins.
//!
//! ```text
//! mod ── Place, and the macro that makes a test of each guarantee
//!  ├── stores ── the guarantees of a store
//!  ├── chains ── the guarantees of a chain
//!  │    ├── model ── what a state is, in plain maps; roots by alloy-trie's hash builder
//!  │    └── script ── random blocks, rewinds and reopenings
//!  ├── interrupted ── a store that is interrupted at a chosen moment
//!  ├── blocks ── blocks to commit
//!  └── load ── many of them, for measurements
//! ```
#![expect(clippy::missing_panics_doc, reason = "a guarantee that does not hold panics: that is the test")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "these are tests")]

use std::sync::Arc;

use crate::{MemoryStore, Store};

pub mod blocks;
pub mod chains;
pub mod interrupted;
pub mod load;
pub mod model;
pub mod script;
pub mod stores;

/// A place where a store lives, empty at first. Opening it again, after its store was dropped, finds what was written.
pub trait Place {
    /// Opens the store there.
    fn open(&self) -> Arc<dyn Store>;

    /// How many random lives a chain leads in such places: fewer where opening takes long.
    fn lives(&self) -> u32 {
        48
    }
}

/// A place in memory.
#[derive(Default)]
pub struct MemoryPlace(Arc<MemoryStore>);

impl Place for MemoryPlace {
    fn open(&self) -> Arc<dyn Store> {
        self.0.clone()
    }
}

/// Makes a test of each guarantee, of stores in the places that the expression (a `fn() -> impl Place`) makes.
#[macro_export]
macro_rules! store_conformance {
    ($place:expr) => {
        $crate::store_conformance!(@tests $place, stores:
            scans_are_ordered_both_ways,
            a_range_has_its_ends_as_said,
            a_prefix_reaches_to_its_last_key_even_at_0xff,
            tables_do_not_mix,
            the_last_write_of_a_batch_counts,
            a_scan_ends_when_told,
            what_was_written_is_there_after_reopening,
            unfit_keys_are_refused_and_nothing_of_their_batch_is_kept,
            a_batch_is_seen_as_a_whole,
        );
        $crate::store_conformance!(@tests $place, chains:
            a_block_reads_back_whole_and_by_its_parts,
            a_request_is_found_by_id_and_by_transaction_hash,
            a_second_commit_of_a_block_writes_nothing,
            another_block_at_a_height_is_refused,
            a_block_that_does_not_follow_the_head_is_refused,
            a_block_with_other_roots_is_refused,
            a_final_block_is_never_rewound,
            a_rewound_chain_takes_another_block,
            a_view_from_before_a_rewind_refuses_to_answer,
            chains_of_one_store_do_not_see_each_other,
            chains_with_the_same_beginning_are_refused,
            extra_records_come_with_their_block,
            a_reader_never_sees_two_heights_at_once,
            a_commit_in_the_middle_of_a_read_does_not_show,
            a_long_history_reads_as_a_short_one,
            a_damaged_record_is_named,
            every_height_reads_as_the_model_says,
        );
    };
    (@tests $place:expr, $room:ident: $($guarantee:ident,)*) => {
        $(
            #[test]
            fn $guarantee() {
                $crate::conformance::$room::$guarantee(&|| Box::new($place()));
            }
        )*
    };
}

/// How a guarantee gets an empty place; a random one needs many.
pub type NewPlace<'a> = &'a dyn Fn() -> Box<dyn Place>;

#[cfg(test)]
mod memory {
    use super::MemoryPlace;

    crate::store_conformance!(MemoryPlace::default);
}
