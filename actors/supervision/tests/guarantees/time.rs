//! Timers run on the tokio clock and die with their incarnation; the clock of a virtual host moves only when driven.

use std::time::Duration;

use vespiary_supervision::{AskError, SupervisorSpec, VirtualHost};

use crate::probe::*;

#[test]
fn timers_tick_on_virtual_time_and_can_be_cancelled() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        let armed = act(|_, context| {
            context.every(Duration::from_secs(1), |probe, _| probe.sum += 1);
            context.after(Duration::from_millis(2500), |probe, _| probe.sum += 100);
            let cancelled = context.every(Duration::from_secs(1), |probe, _| probe.sum += 10_000);
            context.after(Duration::from_millis(1500), move |_, _| cancelled.cancel());
        });
        assert_eq!(address.ask(armed).await, Ok(0));
        sleep(5.5).await;
        assert_eq!(sum_of(&address).await, Ok(10_105));
        end(root).await;
    });
}

#[test]
fn timers_and_futures_die_with_their_incarnation() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        let armed = act(|_, context| {
            context.every(Duration::from_secs(1), |probe, _| probe.sum += 1);
        });
        assert_eq!(address.ask(armed).await, Ok(0));
        assert_eq!(address.ask(boom()).await, Err(AskError::Crashed));
        sleep(5.0).await;
        assert_eq!(sum_of(&address).await, Ok(0));
        end(root).await;
    });
}

#[test]
fn the_clock_of_a_virtual_host_moves_only_inside_a_call() {
    let host = VirtualHost::start().expect("a thread");
    let (child, address) = probe("child");
    let root = host.run(|| start(SupervisorSpec::one_for_one().child(child))).expect("it starts");
    let asked = address.ask(act(|_, context| {
        context.every(Duration::from_secs(1), |probe, _| probe.sum += 1);
    }));
    host.run(move || asked).expect("the call returns").expect("an answer");
    let tree = root.tree().clone();
    assert_eq!(host.run(move || async move { tree.now() }), Ok(Duration::ZERO));
    host.run_for(Duration::from_hours(1)).expect("it runs");
    let question = address.clone();
    assert_eq!(host.run(move || async move { sum_of(&question).await }), Ok(Ok(3600)));
    let panicked = host.run(|| async { panic!("in a call") });
    assert!(panicked.is_err());
    host.run(|| end(root)).expect("it ends");
}

#[test]
fn two_runs_of_one_seed_are_the_same_run() {
    fn run() -> Vec<String> {
        let host = VirtualHost::start().expect("a thread");
        host.run(|| async {
            let spec = (0..20)
                .fold(SupervisorSpec::rest_for_one().intensity(1000, Duration::from_secs(1)), |spec, number| {
                    spec.child(probe(&format!("child-{number}")).0)
                });
            let root = start(spec).await;
            let mut events = root.tree().events(10_000);
            for number in [3, 17, 0, 9, 12] {
                drop(root.tree().crash(&format!("/child-{number}")));
                sleep(0.05).await;
            }
            let tree = root.tree().clone();
            end(root).await;
            let times = format!("{:?}", tree.now());
            log(&mut events).into_iter().chain([times]).collect()
        })
        .expect("the run ends")
    }
    let first = run();
    assert!(first.len() > 50);
    assert_eq!(first, run());
}
