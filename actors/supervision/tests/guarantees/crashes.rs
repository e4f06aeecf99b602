//! A panic ends one incarnation and nothing else.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
};

use vespiary_supervision::{Actor, AskError, ChildSpec, Context, ExitReason, Reply, SupervisorSpec};

use crate::probe::*;

fn panic_of(root: &vespiary_supervision::RootHandle, path: &str) -> (String, String) {
    match root.tree().get(path).expect("it is in the tree").last_exit {
        Some(ExitReason::Panic { message, location }) => (message, location.expect("a place")),
        other => panic!("expected a panic, found {other:?}"),
    }
}

#[test]
fn a_panic_in_a_handler_restarts_the_actor_with_a_fresh_value_and_tells_the_sender() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        assert_eq!(address.ask(add(2)).await, Ok(2));
        assert_eq!(address.ask(boom()).await, Err(AskError::Crashed));
        assert_eq!(address.ask(add(1)).await, Ok(1), "the value is fresh");
        let (message, location) = panic_of(&root, "/probe");
        assert_eq!(message, "boom");
        assert!(location.contains("probe.rs:"), "{location}");
        let info = root.tree().get("/probe").expect("in the tree");
        assert_eq!((info.incarnation, info.restarts), (2, 1));
        end(root).await;
    });
}

#[test]
fn a_panic_in_a_spawned_future_restarts_the_actor() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        let spawned = act(|_, context| {
            context.spawn(async {
                sleep(1.0).await;
                panic!("in a future");
            });
        });
        assert_eq!(address.ask(spawned).await, Ok(0));
        sleep(2.0).await;
        assert_eq!(panic_of(&root, "/probe").0, "in a future");
        assert_eq!(sum_of(&address).await, Ok(0));
        end(root).await;
    });
}

#[test]
fn a_panic_in_an_answering_future_tells_every_sender_that_still_waits() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        let waits = address.ask(Do(Box::new(|_, _| Reply::later(std::future::pending()))));
        let kept = address.ask(Do(Box::new(|probe, _| {
            let (handle, reply) = Reply::deferred();
            probe.kept.push(handle);
            reply
        })));
        let panics = address.ask(Do(Box::new(|_, _| {
            Reply::later(async {
                sleep(1.0).await;
                panic!("in an answer")
            })
        })));
        assert_eq!(panics.await, Err(AskError::Crashed));
        assert_eq!(waits.await, Err(AskError::Crashed));
        assert_eq!(kept.await, Err(AskError::Crashed));
        end(root).await;
    });
}

struct Fragile(Arc<AtomicU64>);

impl Actor for Fragile {
    const KIND: &'static str = "fragile";

    fn started(&mut self, _: &mut Context<Self>) {
        assert_ne!(self.0.fetch_add(1, SeqCst), 1, "the second start fails");
    }
}

#[test]
fn a_panic_in_started_is_a_failed_restart_that_is_tried_again() {
    virtually(|| async {
        let starts = Arc::new(AtomicU64::new(0));
        let count = starts.clone();
        let (child, _address) = ChildSpec::new("fragile", move || Fragile(count.clone()));
        let root = start(SupervisorSpec::one_for_one().child(child)).await;
        let mut events = root.tree().events(16);
        root.tree().crash("/fragile").await.expect("it fires");
        sleep(1.0).await;
        assert_eq!(log(&mut events), ["/fragile panicked", "/fragile panicked", "/fragile up 3"]);
        assert_eq!(starts.load(SeqCst), 3);
        end(root).await;
    });
}

#[test]
fn a_panic_in_stopping_is_a_reason_and_not_an_abort() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        let doomed = act(|probe, context| {
            probe.panic_in_stopping = true;
            context.stop();
        });
        assert_eq!(address.ask(doomed).await, Ok(0));
        assert_eq!(sum_of(&address).await, Ok(0));
        assert!(panic_of(&root, "/probe").0.contains("while stopping"));
        // A crash on the way to a panic in `stopping`: the poisoned value is not asked to stop.
        let crash = act(|probe, _| {
            probe.panic_in_stopping = true;
            panic!("first");
        });
        assert_eq!(address.ask(crash).await, Err(AskError::Crashed));
        assert_eq!(panic_of(&root, "/probe").0, "first");
        end(root).await;
    });
}

struct Thorn(Arc<AtomicBool>);

impl Actor for Thorn {
    const KIND: &'static str = "thorn";
}

impl Drop for Thorn {
    fn drop(&mut self) {
        assert!(!self.0.load(SeqCst), "told to panic in drop");
    }
}

#[test]
fn a_panic_in_drop_after_a_panic_does_not_abort() {
    virtually(|| async {
        let sharp = Arc::new(AtomicBool::new(true));
        let thorn = sharp.clone();
        let (child, _address) = ChildSpec::new("thorn", move || Thorn(thorn.clone()));
        let root = start(SupervisorSpec::one_for_one().child(child)).await;
        root.tree().crash("/thorn").await.expect("it fires");
        sleep(1.0).await;
        assert!(panic_of(&root, "/thorn").0.contains("injected"), "the first panic is the reason");
        sharp.store(false, SeqCst);
        assert_eq!(root.tree().get("/thorn").expect("in the tree").incarnation, 2);
        end(root).await;
    });
}

#[test]
fn a_crash_of_a_supervisor_takes_its_children_with_it_and_brings_them_back() {
    virtually(|| async {
        let (child, address) = probe("child");
        let root =
            start(SupervisorSpec::one_for_one().supervisor("group", SupervisorSpec::one_for_one().child(child))).await;
        assert_eq!(address.ask(add(5)).await, Ok(5));
        let mut events = root.tree().events(16);
        root.tree().crash("/group").await.expect("it fires");
        assert_eq!(sum_of(&address).await, Ok(0), "the address is good across the supervisor's restart");
        sleep(0.1).await;
        assert_eq!(log(&mut events), ["/group panicked", "/group/child killed", "/group/child up 2", "/group up 2"]);
        end(root).await;
    });
}
