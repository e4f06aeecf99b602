//! A child that keeps failing takes its supervisor down, or is quarantined.

use std::time::Duration;

use vespiary_supervision::{AskError, Backoff, ExitReason, OnMeltdown, Restart, State, SupervisorSpec, TellError};

use crate::probe::*;

fn impatient() -> SupervisorSpec {
    SupervisorSpec::one_for_one().intensity(2, Duration::from_secs(10)).backoff(Backoff::NONE)
}

#[test]
fn a_crash_loop_escalates_after_the_intensity_is_exceeded() {
    virtually(|| async {
        let (child, address) = probe("child");
        let root = start(SupervisorSpec::one_for_one().supervisor("group", impatient().child(child))).await;
        let mut events = root.tree().events(64);
        for _ in 0..3 {
            assert_eq!(address.ask(boom()).await, Err(AskError::Crashed));
        }
        assert_eq!(sum_of(&address).await, Ok(0));
        sleep(0.1).await;
        assert_eq!(
            log(&mut events),
            [
                "/group/child panicked",
                "/group/child up 2",
                "/group/child panicked",
                "/group/child up 3",
                "/group/child panicked",
                "/group escalated /group/child",
                "/group melted down",
                "/group/child up 4",
                "/group up 2",
            ]
        );
        end(root).await;
    });
}

#[test]
fn restarts_that_are_further_apart_than_the_period_never_escalate() {
    virtually(|| async {
        let (child, address) = probe("child");
        let root = start(impatient().child(child)).await;
        for _ in 0..20 {
            assert_eq!(address.ask(boom()).await, Err(AskError::Crashed));
            sleep(6.0).await;
        }
        assert_eq!(root.tree().get("/child").expect("in the tree").restarts, 20);
        end(root).await;
    });
}

#[test]
fn a_root_that_gives_up_ends_the_tree_and_says_why() {
    virtually(|| async {
        let (child, address) = probe("child");
        let root = start(impatient().child(child)).await;
        for _ in 0..3 {
            assert_eq!(address.ask(boom()).await, Err(AskError::Crashed));
        }
        let report = root.finished().await;
        let ExitReason::Meltdown { child, intensity, cause } = report.reason else { panic!("{report:?}") };
        assert_eq!((child.as_str(), intensity), ("/child", 2));
        assert!(matches!(*cause, ExitReason::Panic { .. }));
        assert_eq!(address.tell(add(1)), Err(TellError::Gone));
        assert_eq!(root.tree().snapshot(), []);
    });
}

#[test]
fn a_quarantined_child_stays_down_while_its_siblings_live_and_comes_back_when_released() {
    virtually(|| async {
        let (executor, executor_address) = probe("executor");
        let (shop, _handle) = impatient().child(executor).into_child("shop");
        let (other, other_address) = probe("other");
        let chains = SupervisorSpec::one_for_one().child(shop.on_meltdown(OnMeltdown::Quarantine)).child(other);
        let (chains, handle) = chains.into_child("chains");
        let root = start(SupervisorSpec::one_for_one().child(chains)).await;
        assert_eq!(other_address.ask(add(1)).await, Ok(1));
        let mut events = root.tree().events(64);
        for _ in 0..3 {
            assert_eq!(executor_address.ask(boom()).await, Err(AskError::Crashed));
        }
        sleep(0.1).await;
        assert_eq!(log(&mut events).last().map(String::as_str), Some("/chains/shop quarantined"));
        assert_eq!(root.tree().get("/chains/shop").expect("it stays in the tree").state, State::Quarantined);
        assert_eq!(executor_address.ask(add(1)).await, Err(AskError::Gone));
        assert_eq!(other_address.ask(add(1)).await, Ok(2), "the sibling kept its value");
        handle.release_child("shop").await.expect("it starts");
        assert_eq!(executor_address.ask(add(1)).await, Ok(1));
        assert_eq!(root.tree().get("/chains/shop").expect("in the tree").state, State::Up);
        end(root).await;
    });
}

#[test]
fn questions_queued_at_a_child_that_is_quarantined_are_refused() {
    virtually(|| async {
        let (child, address) = probe("child");
        let root = start(impatient().child(child.on_meltdown(OnMeltdown::Quarantine))).await;
        let questions: Vec<_> = [boom(), boom(), boom(), add(1)].map(|message| address.ask(message)).into();
        let mut answers = Vec::new();
        for question in questions {
            answers.push(question.await);
        }
        assert_eq!(
            answers,
            [Err(AskError::Crashed), Err(AskError::Crashed), Err(AskError::Crashed), Err(AskError::Gone)]
        );
        end(root).await;
    });
}

#[test]
fn transient_children_rest_after_a_normal_end_and_temporary_ones_after_any() {
    virtually(|| async {
        let (transient, transient_address) = probe("transient");
        let (temporary, temporary_address) = probe("temporary");
        let spec = SupervisorSpec::one_for_one()
            .child(transient.restart(Restart::Transient))
            .child(temporary.restart(Restart::Temporary));
        let root = start(spec).await;
        assert_eq!(transient_address.ask(boom()).await, Err(AskError::Crashed));
        assert_eq!(transient_address.ask(act(|_, context| context.stop())).await, Ok(0));
        assert_eq!(temporary_address.ask(boom()).await, Err(AskError::Crashed));
        sleep(1.0).await;
        for (path, life) in [("/transient", 2), ("/temporary", 1)] {
            let info = root.tree().get(path).expect("in the tree");
            assert_eq!((info.state, info.incarnation), (State::Stopped, life), "{path}");
        }
        assert_eq!(transient_address.ask(add(1)).await, Err(AskError::Gone));
        end(root).await;
    });
}
