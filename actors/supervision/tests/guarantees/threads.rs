//! Real threads: shared lanes, several trees side by side, and an actor that blocks one.

use std::time::Duration;

use vespiary_supervision::{Environment, EventKind, Observed, Placement, State, SupervisorSpec, System};

use crate::probe::*;

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

#[test]
fn trees_share_the_threads_of_the_process_and_are_reached_from_any() {
    block_on(async {
        let mut roots = Vec::new();
        let mut counted = 0;
        for tree in 0..50 {
            let mut addresses = Vec::new();
            let spec = (0..4).fold(SupervisorSpec::one_for_one(), |spec, number| {
                let (child, address) = probe(&format!("child-{number}"));
                addresses.push(address);
                spec.child(child.placement(Placement::lane("chain", number)))
            });
            let root = System::start(spec, Environment::real_time(tree)).await.expect("the tree starts");
            for address in &addresses {
                assert_eq!(address.ask(add(1)).await, Ok(1));
            }
            if tree == 0 {
                counted = threads();
            }
            roots.push(root);
        }
        // Other tests of this binary start and end threads meanwhile, but not one a tree.
        assert!(threads() < counted + 40, "{counted} threads became {}", threads());
        for root in roots {
            end(root).await;
        }
    });
}

#[test]
fn an_actor_that_blocks_its_thread_is_marked_stuck_and_reported() {
    block_on(async {
        let (child, address) = probe("child");
        let spec = SupervisorSpec::one_for_one().child(child.placement(Placement::lane("blocked", 0)));
        let mut environment = Environment::real_time(1);
        environment.stuck_after = Some(Duration::from_millis(50));
        let root = System::start(spec, environment).await.expect("the tree starts");
        let mut events = root.tree().events(16);
        let (release, held) = std::sync::mpsc::channel::<()>();
        let asked = address.ask(act(move |_, _| {
            let _ = held.recv();
        }));
        let Observed::Event(event) = events.next().await else { panic!("nothing is missed") };
        assert_eq!(event.path, "/child");
        assert!(matches!(event.kind, EventKind::Stuck { silent } if silent >= Duration::from_millis(50)));
        assert_eq!(root.tree().get("/child").expect("in the tree").state, State::Stuck);
        release.send(()).expect("it listens");
        assert_eq!(asked.await, Ok(0));
        let Observed::Event(event) = events.next().await else { panic!("nothing is missed") };
        assert_eq!(event.kind, EventKind::Unstuck);
        assert_eq!(root.tree().get("/child").expect("in the tree").state, State::Up);
        end(root).await;
    });
}

#[test]
fn a_tree_with_a_blocked_actor_still_ends_and_names_it() {
    block_on(async {
        let (child, address) = probe("child");
        let spec = SupervisorSpec::one_for_one().child(
            child.placement(Placement::lane("blocked for good", 0)).shutdown(vespiary_supervision::Shutdown::Kill),
        );
        let root = System::start(spec, Environment::real_time(1)).await.expect("the tree starts");
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (began, begun) = std::sync::mpsc::channel::<()>();
        let asked = address.ask(act(move |_, _| {
            let _ = began.send(());
            let _ = held.recv();
        }));
        begun.recv().expect("it began");
        let report = root.shutdown(Duration::from_millis(100)).await;
        assert_eq!(report.left.iter().map(ToString::to_string).collect::<Vec<_>>(), ["/child"]);
        release.send(()).expect("it listens");
        assert_eq!(asked.await, Ok(0), "what it was doing is done");
    });
}

#[test]
fn every_question_is_answered_in_a_storm_of_crashes_from_other_threads() {
    let (child, address) = probe("child");
    let patient = SupervisorSpec::one_for_one()
        .intensity(usize::MAX, Duration::from_secs(1))
        .backoff(vespiary_supervision::Backoff::NONE)
        .child(child.placement(Placement::lane("storm", 0)));
    let root = block_on(System::start(patient, Environment::real_time(1))).expect("the tree starts");
    let askers: Vec<_> = (0..3)
        .map(|_| {
            let address = address.clone();
            std::thread::spawn(move || {
                block_on(async {
                    let mut answered = 0_u64;
                    for _ in 0..200 {
                        let asked: Vec<_> = (0..20).map(|_| address.ask(add(1))).collect();
                        for question in asked {
                            let answer = tokio::time::timeout(Duration::from_secs(10), question).await;
                            answered += u64::from(answer.expect("an answer, whichever").is_ok());
                        }
                    }
                    answered
                })
            })
        })
        .collect();
    let mut crashes = 0;
    while !askers.iter().all(std::thread::JoinHandle::is_finished) {
        crashes += u64::from(block_on(root.tree().crash("/child")).is_ok());
    }
    let answered: u64 = askers.into_iter().map(|asker| asker.join().expect("no panic")).sum();
    assert_eq!(answered, 12_000, "a crash between messages loses none of them");
    block_on(async {
        assert!(sum_of(&address).await.is_ok());
        let info = root.tree().get("/child").expect("in the tree");
        assert_eq!((info.handled, info.queued), (12_001, 0));
        assert_eq!(info.restarts, crashes);
        end(root).await;
    });
}
