//! Faults fire before the next message, and lose none but those they are to lose.

use std::time::Duration;

use vespiary_supervision::{AskError, ChildSpec, ExitReason, FaultError, State, SupervisorSpec};

use crate::probe::*;

#[test]
fn a_crash_fires_before_the_messages_that_wait_and_loses_none() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        assert_eq!(address.ask(add(100)).await, Ok(100));
        let queued: Vec<_> = (0..3).map(|_| address.ask(add(1))).collect();
        root.tree().crash("/probe").await.expect("it fires");
        let mut answers = Vec::new();
        for question in queued {
            answers.push(question.await);
        }
        assert_eq!(answers, [Ok(1), Ok(2), Ok(3)], "the fresh value handled them all");
        end(root).await;
    });
}

#[test]
fn a_crash_fires_at_once_when_nothing_waits() {
    virtually(|| async {
        let (root, _address) = lone_probe().await;
        let before = root.tree().now();
        root.tree().crash("/probe").await.expect("it fires");
        assert_eq!(root.tree().now(), before);
        sleep(0.1).await;
        assert_eq!(root.tree().get("/probe").expect("in the tree").restarts, 1);
        end(root).await;
    });
}

#[test]
fn a_crash_ordered_by_a_handler_of_the_actor_fires_before_its_next_message() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        let first = address.ask(act(|probe, context| {
            probe.sum += 1;
            drop(context.tree().crash("/probe"));
        }));
        let second = address.ask(add(1));
        assert_eq!((first.await, second.await), (Ok(1), Ok(1)));
        end(root).await;
    });
}

#[test]
fn a_stop_is_an_ordinary_end() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        root.tree().stop("/probe").await.expect("it fires");
        assert_eq!(sum_of(&address).await, Ok(0));
        assert_eq!(root.tree().get("/probe").expect("in the tree").last_exit, Some(ExitReason::Normal));
        end(root).await;
    });
}

#[test]
fn a_hanging_actor_handles_nothing_until_its_time_is_over() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        root.tree().hang("/probe", Duration::from_secs(3)).await.expect("it fires");
        assert_eq!(sum_of(&address).await, Ok(0));
        assert_eq!(root.tree().now().as_secs(), 3);
        end(root).await;
    });
}

#[test]
fn the_next_messages_are_dropped_and_the_one_after_is_not() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        root.tree().drop_next("/probe", 2).await.expect("it fires");
        let mut answers = Vec::new();
        for question in [address.ask(add(1)), address.ask(add(1)), address.ask(add(1))] {
            answers.push(question.await);
        }
        assert_eq!(answers, [Err(AskError::Dropped), Err(AskError::Dropped), Ok(1)]);
        end(root).await;
    });
}

#[test]
fn delayed_messages_keep_their_order_and_survive_a_crash() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        root.tree().delay_next("/probe", 2, Duration::from_secs(2)).await.expect("it fires");
        let questions = [address.ask(add(1)), address.ask(add(10)), address.ask(add(100))];
        sleep(1.0).await;
        assert_eq!(address.queued(), 3, "a delayed message still waits");
        root.tree().crash("/probe").await.expect("it fires");
        let mut answers = Vec::new();
        for question in questions {
            answers.push(question.await);
        }
        assert_eq!(answers, [Ok(1), Ok(11), Ok(111)]);
        assert_eq!(root.tree().now().as_secs(), 2);
        end(root).await;
    });
}

#[test]
fn an_unknown_path_is_answered_with_those_that_look_like_it() {
    virtually(|| async {
        let (root, _address) = lone_probe().await;
        let error = root.tree().crash("/prode").await.expect_err("nobody is there");
        let FaultError::UnknownPath { near, .. } = &error else { panic!("{error:?}") };
        assert_eq!(near.first().expect("a suggestion"), &"/probe");
        assert_eq!(error.to_string(), "no actor at /prode; did you mean /probe?");
        end(root).await;
    });
}

#[test]
fn an_actor_that_is_down_cannot_be_crashed() {
    virtually(|| async {
        let (child, address) = ChildSpec::new("child", Probe::default);
        let root =
            start(SupervisorSpec::one_for_one().child(child.restart(vespiary_supervision::Restart::Temporary))).await;
        assert_eq!(address.ask(boom()).await, Err(AskError::Crashed));
        sleep(0.1).await;
        let error = root.tree().crash("/child").await.expect_err("it is down");
        assert!(matches!(error, FaultError::NotRunning { state: State::Stopped, .. }), "{error:?}");
        end(root).await;
    });
}
