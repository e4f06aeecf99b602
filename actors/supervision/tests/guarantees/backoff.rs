//! Restarts wait as long as the seed says, to the millisecond of the virtual clock.

use std::time::Duration;

use vespiary_supervision::{Backoff, Environment, EventKind, Observed, SupervisorSpec, System, VirtualHost};

use crate::probe::*;

/// Times at which a child that is crashed as soon as it is up comes back.
fn restart_times(seed: u64, jitter: f64) -> Vec<u128> {
    let host = VirtualHost::start().expect("a thread");
    host.run(move || async move {
        let backoff = Backoff { base: Duration::from_millis(100), max: Duration::from_secs(1), jitter };
        let (child, _address) = probe("child");
        let spec = SupervisorSpec::one_for_one().intensity(10, Duration::from_mins(1)).backoff(backoff).child(child);
        let root = System::start(spec, Environment::same_thread(seed)).await.expect("the tree starts");
        let mut events = root.tree().events(64);
        let mut times = Vec::new();
        while times.len() < 7 {
            root.tree().crash("/child").await.expect("it fires");
            loop {
                let Observed::Event(event) = events.next().await else { panic!("nothing is missed") };
                if let EventKind::Restarted { .. } = event.kind {
                    times.push(event.at.as_millis());
                    break;
                }
            }
        }
        end(root).await;
        times
    })
    .expect("the test passes")
}

#[test]
fn the_first_restart_is_immediate_and_the_waits_double_up_to_the_longest() {
    assert_eq!(restart_times(1, 0.0), [0, 100, 300, 700, 1500, 2500, 3500]);
}

#[test]
fn the_same_seed_waits_the_same_and_another_does_not() {
    let times = restart_times(1, 0.2);
    assert_eq!(times, restart_times(1, 0.2));
    assert_ne!(times, restart_times(2, 0.2));
    for (time, plain) in times.iter().zip([0, 100, 300, 700, 1500, 2500, 3500_u128]) {
        assert!(time.abs_diff(plain) * 5 <= plain + 40, "{time} is within a fifth of {plain}");
    }
}
