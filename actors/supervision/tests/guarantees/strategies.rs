//! Who is restarted with whom, and in which order.

use vespiary_supervision::{Backoff, Strategy, SupervisorSpec};

use crate::probe::*;

fn restarts_after_a_crash_of_b(strategy: Strategy, expected: &'static [&'static str]) {
    virtually(move || async move {
        let spec = ["a", "b", "c"]
            .into_iter()
            .fold(SupervisorSpec::new(strategy).backoff(Backoff::NONE), |spec, id| spec.child(probe(id).0));
        let root = start(spec).await;
        let mut events = root.tree().events(64);
        root.tree().crash("/b").await.expect("it fires");
        sleep(1.0).await;
        assert_eq!(log(&mut events), expected);
        let stream = root.tree().events(64);
        end(root).await;
        let mut stream = stream;
        assert_eq!(log(&mut stream), ["/c shut down", "/b shut down", "/a shut down", "/ shut down"]);
    });
}

#[test]
fn one_for_one_restarts_the_child_alone() {
    restarts_after_a_crash_of_b(Strategy::OneForOne, &["/b panicked", "/b up 2"]);
}

#[test]
fn rest_for_one_stops_those_after_it_in_reverse_and_starts_them_in_order() {
    restarts_after_a_crash_of_b(Strategy::RestForOne, &["/b panicked", "/c shut down", "/b up 2", "/c up 2"]);
}

#[test]
fn one_for_all_stops_all_in_reverse_and_starts_all_in_order() {
    restarts_after_a_crash_of_b(
        Strategy::OneForAll,
        &["/b panicked", "/c shut down", "/a shut down", "/a up 2", "/b up 2", "/c up 2"],
    );
}

#[test]
fn messages_of_siblings_that_are_restarted_with_a_child_survive_too() {
    virtually(|| async {
        let ((a, _), (b, b_address)) = (probe("a"), probe("b"));
        let inner = SupervisorSpec::one_for_one().child(b);
        let root = start(SupervisorSpec::one_for_all().child(a).supervisor("group", inner)).await;
        let mut events = root.tree().events(64);
        drop(root.tree().hang("/group/b", std::time::Duration::from_secs(1)));
        let asked = b_address.ask(add(1));
        drop(root.tree().crash("/a"));
        assert_eq!(asked.await, Ok(1));
        assert_eq!(
            log(&mut events),
            ["/a panicked", "/group/b shut down", "/group shut down", "/a up 2", "/group/b up 2", "/group up 2"]
        );
        end(root).await;
    });
}
