//! Ends are in order, and within their deadlines.

use std::time::Duration;

use vespiary_supervision::{Shutdown, SupervisorSpec};

use crate::probe::*;

#[test]
fn a_child_that_hangs_is_killed_at_its_deadline_and_the_others_stop_in_reverse_order() {
    virtually(|| async {
        let spec = ["a", "b", "c"].into_iter().fold(SupervisorSpec::one_for_one(), |spec, id| {
            spec.child(probe(id).0.shutdown(Shutdown::Timeout(Duration::from_secs(2))))
        });
        let root = start(spec).await;
        let tree = root.tree().clone();
        let mut events = tree.events(16);
        tree.hang("/b", Duration::MAX).await.expect("it fires");
        end(root).await;
        assert_eq!(log(&mut events), ["/c shut down", "/b killed", "/a shut down", "/ shut down"]);
        assert_eq!(tree.now().as_secs(), 2);
    });
}

#[test]
fn a_child_may_take_its_time_within_the_deadline() {
    virtually(|| async {
        let (child, address) = probe("child");
        let root = start(SupervisorSpec::one_for_one().child(child)).await;
        let asked = address.ask(Do(Box::new(|_, _| {
            vespiary_supervision::Reply::held(async {
                sleep(4.0).await;
                9
            })
        })));
        sleep(0.5).await;
        let tree = root.tree().clone();
        let mut events = tree.events(16);
        end(root).await;
        assert_eq!(asked.await, Ok(9), "what was begun was finished");
        assert_eq!(log(&mut events), ["/child shut down", "/ shut down"]);
    });
}

#[test]
fn a_tree_that_misses_its_deadline_is_killed() {
    virtually(|| async {
        let (child, _address) = probe("child");
        let root = start(SupervisorSpec::one_for_one().child(child.shutdown(Shutdown::Infinity))).await;
        let tree = root.tree().clone();
        tree.hang("/child", Duration::MAX).await.expect("it fires");
        let report = root.shutdown(Duration::from_secs(3)).await;
        assert_eq!(report.reason, vespiary_supervision::ExitReason::Killed);
        assert_eq!(report.left, [""; 0]);
        assert_eq!(tree.now().as_secs(), 3);
        assert_eq!(tree.snapshot(), []);
    });
}

#[test]
fn a_dropped_handle_shuts_its_tree_down_in_order() {
    virtually(|| async {
        let root = start(SupervisorSpec::one_for_one().child(probe("a").0).child(probe("b").0)).await;
        let tree = root.tree().clone();
        let mut events = tree.events(16);
        drop(root);
        sleep(1.0).await;
        assert_eq!(log(&mut events), ["/b shut down", "/a shut down", "/ shut down"]);
        assert_eq!(tree.snapshot(), []);
    });
}

#[test]
fn a_host_that_is_dropped_under_a_living_tree_ends_it() {
    let host = vespiary_supervision::VirtualHost::start().expect("a thread");
    let (child, address) = probe("child");
    let root = host.run(|| start(SupervisorSpec::one_for_one().child(child))).expect("it starts");
    drop(host);
    assert_eq!(address.tell(add(1)), Err(vespiary_supervision::TellError::Gone));
    assert_eq!(root.tree().snapshot(), []);
}

#[test]
fn a_supervisor_that_is_killed_takes_everything_below_it_along() {
    virtually(|| async {
        let (leaf, address) = probe("leaf");
        let (group, _handle) = SupervisorSpec::one_for_one()
            .supervisor("inner", SupervisorSpec::one_for_one().child(leaf))
            .into_child("group");
        let root = start(SupervisorSpec::one_for_one().child(group.shutdown(Shutdown::Kill))).await;
        let tree = root.tree().clone();
        let mut events = tree.events(16);
        end(root).await;
        let log = log(&mut events);
        for killed in ["/group killed", "/group/inner killed", "/group/inner/leaf killed"] {
            assert!(log.iter().any(|line| line == killed), "{log:?}");
        }
        assert!(address.ask(add(1)).await.is_err());
        assert_eq!(tree.snapshot(), []);
    });
}
