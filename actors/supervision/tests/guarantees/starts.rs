//! Starts are in order, each child up before the next, and fail with a reason.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use vespiary_supervision::{
    Actor, ChildSpec, Context, Environment, ExitReason, OnMeltdown, Restart, StartError, State, SupervisorSpec, System,
};

use crate::probe::*;

struct Slow(Duration);

impl Actor for Slow {
    const KIND: &'static str = "slow";

    fn started(&mut self, context: &mut Context<Self>) {
        context.hold(tokio::time::sleep(self.0));
    }
}

fn slow(id: &str, seconds: u64) -> ChildSpec {
    ChildSpec::new(id, move || Slow(Duration::from_secs(seconds))).0
}

#[test]
fn a_child_is_up_when_what_it_holds_in_started_is_done_and_only_then_the_next_starts() {
    virtually(|| async {
        let root = start(SupervisorSpec::one_for_one().child(slow("a", 3)).child(slow("b", 1))).await;
        assert_eq!(root.tree().now().as_secs(), 4);
        let started: Vec<_> =
            root.tree().select("/*").iter().map(|info| info.started_at.expect("it started").as_secs()).collect();
        assert_eq!(started, [0, 3]);
        end(root).await;
    });
}

#[test]
fn a_factory_that_fails_is_a_typed_reason_and_those_before_it_are_stopped() {
    virtually(|| async {
        let (broken, _address) = ChildSpec::fallible("broken", || Err::<Probe, _>("the port is taken"));
        let spec = SupervisorSpec::one_for_one().child(probe("first").0).child(broken);
        let error = System::start(spec, Environment::same_thread(7)).await.expect_err("it cannot start");
        let StartError::Failed { path, reason: ExitReason::StartFailed { message } } = error else {
            panic!("{error:?}");
        };
        assert_eq!(path, "/");
        assert_eq!(message, "/broken did not start: could not start: the port is taken");
    });
}

struct Refuses;

impl Actor for Refuses {
    const KIND: &'static str = "refuses";

    fn started(&mut self, context: &mut Context<Self>) {
        context.hold_then(sleep(1.0), |_, (), context| context.fail("no database"));
    }
}

#[test]
fn a_start_can_fail_late() {
    virtually(|| async {
        let (root, _address) = lone_probe().await;
        let (child, _address) = ChildSpec::new("refuses", || Refuses);
        let error = root.supervisor().start_child(child).await.expect_err("it cannot start");
        assert_eq!(error.to_string(), "/refuses did not start: failed: no database");
        assert!(root.tree().get("/refuses").is_none());
        end(root).await;
    });
}

#[test]
fn a_child_in_quarantine_terms_does_not_keep_its_supervisor_from_starting() {
    virtually(|| async {
        let (broken, _address) = ChildSpec::fallible("broken", || Err::<Probe, _>("no disk"));
        let spec =
            SupervisorSpec::one_for_one().child(broken.on_meltdown(OnMeltdown::Quarantine)).child(probe("next").0);
        let root = start(spec).await;
        sleep(60.0).await;
        assert_eq!(root.tree().get("/broken").expect("in the tree").state, State::Quarantined);
        assert_eq!(root.tree().get("/next").expect("in the tree").state, State::Up);
        end(root).await;
    });
}

#[test]
fn dynamic_children_start_last_stop_first_and_leave_the_tree_when_they_end() {
    virtually(|| async {
        let (root, _address) = lone_probe().await;
        let (temporary, address) = probe("round-42");
        let path = root.supervisor().start_child(temporary.restart(Restart::Temporary)).await.expect("it starts");
        assert_eq!(path, "/round-42");
        let taken = root.supervisor().start_child(probe("round-42").0).await;
        assert_eq!(taken, Err(StartError::Taken(path)));
        let unnamed = root.supervisor().start_child(probe("a/b").0).await;
        assert_eq!(unnamed, Err(StartError::Name("a/b".to_owned())));
        assert_eq!(address.ask(act(|_, context| context.stop())).await, Ok(0));
        sleep(0.1).await;
        assert!(root.tree().get("/round-42").is_none());
        root.supervisor().start_child(probe("a").0).await.expect("it starts");
        root.supervisor().start_child(probe("b").0).await.expect("it starts");
        root.supervisor().terminate_child("a").await.expect("it stops");
        assert!(matches!(root.supervisor().terminate_child("a").await, Err(StartError::Unknown(_))));
        let mut events = root.tree().events(16);
        end(root).await;
        assert_eq!(log(&mut events), ["/b shut down", "/probe shut down", "/ shut down"]);
    });
}

#[test]
fn dynamic_children_come_back_with_their_supervisor_unless_they_are_temporary() {
    virtually(|| async {
        let (group, handle) = SupervisorSpec::one_for_one().into_child("group");
        let root = start(SupervisorSpec::one_for_one().child(group)).await;
        handle.start_child(probe("chain").0).await.expect("it starts");
        handle.start_child(probe("round").0.restart(Restart::Temporary)).await.expect("it starts");
        root.tree().crash("/group").await.expect("it fires");
        sleep(1.0).await;
        assert_eq!(root.tree().get("/group/chain").expect("it is back").state, State::Up);
        assert!(root.tree().get("/group/round").is_none());
        end(root).await;
    });
}

#[test]
fn a_tree_that_is_stopped_while_it_starts_stops_what_has_started() {
    virtually(|| async {
        let count = Arc::new(AtomicU64::new(0));
        let counted = count.clone();
        let (last, _address) = ChildSpec::new("last", move || {
            counted.fetch_add(1, SeqCst);
            Probe::default()
        });
        let (group, _handle) = SupervisorSpec::one_for_one()
            .child(probe("first").0)
            .child(slow("slow", 1000))
            .child(last)
            .into_child("group");
        let (outer, handle) = SupervisorSpec::one_for_one().into_child("outer");
        let root = start(SupervisorSpec::one_for_one().child(outer)).await;
        let tree = root.tree().clone();
        let mut events = tree.events(16);
        let starting = actix_rt::spawn(async move { handle.start_child(group).await });
        sleep(1.0).await;
        end(root).await;
        assert!(starting.await.expect("no panic").is_err());
        assert_eq!(count.load(SeqCst), 0);
        assert_eq!(tree.now().as_secs(), 1, "nobody waited for the slow one");
        assert_eq!(
            log(&mut events),
            [
                "/outer/group/first up",
                "/outer/group/slow shut down",
                "/outer/group/first shut down",
                "/outer/group shut down",
                "/outer shut down",
                "/ shut down"
            ]
        );
    });
}
