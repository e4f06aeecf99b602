//! Ten thousand actors in one tree.
#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::time::{Duration, Instant};

use vespiary_supervision::{Backoff, SupervisorSpec};

use crate::probe::*;

fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4
}

#[test]
fn ten_thousand_actors_start_crash_in_a_storm_and_stop_in_order() {
    virtually(|| async {
        let patient =
            || SupervisorSpec::one_for_one().intensity(usize::MAX, Duration::from_mins(1)).backoff(Backoff::NONE);
        let (memory, began) = (resident_kib(), Instant::now());
        let mut addresses = Vec::new();
        let spec = (0..100).fold(patient(), |spec, group| {
            let group_spec = (0..100).fold(patient(), |spec, number| {
                let (child, address) = probe(&format!("actor-{number:02}"));
                addresses.push(address);
                spec.child(child)
            });
            spec.supervisor(format!("group-{group:02}"), group_spec)
        });
        let root = start(spec).await;
        let started = began.elapsed();
        let grown = resident_kib().saturating_sub(memory);

        let began = Instant::now();
        let tree = root.tree().clone();
        let snapshot = tree.snapshot();
        let snapped = began.elapsed();
        assert_eq!(snapshot.len(), 10_101);

        let began = Instant::now();
        for info in snapshot.iter().filter(|info| info.kind == "probe") {
            drop(tree.crash(info.path.as_str()));
        }
        for address in &addresses {
            assert_eq!(sum_of(address).await, Ok(0));
        }
        let recovered = began.elapsed();
        assert!(tree.select("/*/*").iter().all(|info| info.restarts == 1));

        let mut events = tree.events(20_000);
        let began = Instant::now();
        end(root).await;
        let stopped = began.elapsed();
        let log = log(&mut events);
        assert_eq!(log.len(), 10_101);
        assert_eq!(log[0], "/group-99/actor-99 shut down");
        assert_eq!(log[100], "/group-99 shut down");
        assert_eq!(log[10_098], "/group-00/actor-00 shut down");
        assert_eq!(log[10_100], "/ shut down");
        println!(
            "10,100 actors: start {started:?} (+{grown} KiB), snapshot {snapped:?}, 10,000 crashes and restarts \
             {recovered:?}, ordered stop {stopped:?}"
        );
        assert!(started + recovered + stopped < Duration::from_secs(5));
    });
}
