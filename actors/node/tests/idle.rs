//! What idle chains cost: nothing. In a process of its own, whose CPU time and threads are counted.
#![cfg(target_os = "linux")]

use std::time::Duration;

use futures::executor::block_on;
use futures::future::try_join_all;
use vespiary_node::{ChainHandle, NodeConfig, NodeError, NodeHandle, TangleConfig};
use vespiary_types::{Anchoring, ChainConfig};

const CHAINS: usize = 300;

/// CPU time this process has used, in user and system mode together.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux says so");
    // The name, in parentheses, may hold spaces; utime and stime are the 14th and 15th field, in ticks of 10 ms.
    let (_, fields) = stat.rsplit_once(')').expect("the name's end");
    let ticks = |place: usize| fields.split_whitespace().nth(place - 3).and_then(|field| field.parse().ok());
    let (user, system): (Option<u64>, Option<u64>) = (ticks(14), ticks(15));
    Duration::from_millis(10 * (user.expect("a number") + system.expect("a number")))
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("Linux says so").count()
}

/// CPU time that this process uses while it waits this long.
fn used_within(time: Duration) -> Duration {
    let before = cpu_time();
    let (sender, done) = std::sync::mpsc::channel::<()>();
    // Nobody sends: the receiver just waits.
    assert!(done.recv_timeout(time).is_err());
    drop(sender);
    cpu_time().saturating_sub(before)
}

#[test]
fn three_hundred_idle_chains_use_no_cpu_and_no_threads() {
    // Aliases are made one a milestone: a fast tangle makes them sooner.
    let tangle_config = TangleConfig {
        milestone_interval: Duration::from_millis(10),
        milestone_delay: Duration::from_millis(1),
        ..TangleConfig::default()
    };
    let config = NodeConfig { tangle_config, ..NodeConfig::default() };
    let node = block_on(NodeHandle::start(config)).expect("a node in memory");
    let create = |number: usize| {
        let anchoring = if number.is_multiple_of(2) { Anchoring::Anchored } else { Anchoring::Dev };
        let config = ChainConfig { anchoring, ..ChainConfig::named(format!("chain-{number}")) };
        let node = node.clone();
        async move { node.create_chain(config).await }
    };
    let mut chains: Vec<ChainHandle> = vec![block_on(create(0)).expect("created")];
    let with_one = threads();
    let created: Result<Vec<ChainHandle>, NodeError> = block_on(try_join_all((1..CHAINS).map(create)));
    chains.extend(created.expect("created"));
    assert_eq!(chains.len(), CHAINS);
    assert_eq!(threads(), with_one, "a chain has no thread of its own");

    // Their first anchors may still be under way: wait until the tangle has no more to do.
    let quiet = (0..100).any(|_| {
        let milestone = node.tangle().latest().index;
        used_within(Duration::from_millis(200));
        node.tangle().latest().index == milestone
    });
    assert!(quiet, "idle chains keep the tangle busy");
    let milestone = node.tangle().latest().index;
    let used = used_within(Duration::from_secs(2));
    assert!(used <= Duration::from_millis(100), "{CHAINS} idle chains used {used:?} of CPU time in 2 s");
    assert_eq!(node.tangle().latest().index, milestone);
    assert_eq!(threads(), with_one);
    block_on(node.close(Duration::from_secs(10))).expect("it closes");
}
