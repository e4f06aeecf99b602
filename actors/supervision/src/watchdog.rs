//! The one thread outside all arbiters that notices an actor which blocks its own.

use std::{sync::OnceLock, time::Duration};

use parking_lot::{Condvar, Mutex};

use crate::tree::{Tree, WeakTree};

struct Watchdog {
    trees: Mutex<Vec<(WeakTree, Duration)>>,
    new: Condvar,
}

/// Reports every actor of `tree` that keeps its thread for longer than `limit`, for as long as the tree lives.
pub(crate) fn watch(tree: &Tree, limit: Duration) {
    static WATCHDOG: OnceLock<&'static Watchdog> = OnceLock::new();
    let watchdog = WATCHDOG.get_or_init(|| {
        let watchdog: &'static Watchdog =
            Box::leak(Box::new(Watchdog { trees: Mutex::new(Vec::new()), new: Condvar::new() }));
        let thread = std::thread::Builder::new().name("vespiary-watchdog".to_owned()).spawn(|| watchdog.run());
        if let Err(error) = thread {
            tracing::error!(%error, "no thread for the watchdog; actors that block their thread will not be reported");
        }
        watchdog
    });
    watchdog.trees.lock().push((tree.downgrade(), limit));
    watchdog.new.notify_one();
}

impl Watchdog {
    fn run(&self) {
        let mut trees = self.trees.lock();
        loop {
            trees.retain(|(tree, _)| !Tree::is_dropped(tree));
            let Some(interval) = trees.iter().map(|(_, limit)| *limit / 5).min() else {
                self.new.wait(&mut trees);
                continue;
            };
            self.new.wait_for(&mut trees, interval.max(Duration::from_millis(10)));
            for (tree, limit) in trees.iter() {
                if let Some(tree) = tree.upgrade() {
                    tree.report_stuck(*limit);
                }
            }
        }
    }
}
