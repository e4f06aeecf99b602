//! Addresses: from any thread, by path, by message type, and in circles.

use vespiary_supervision::{Address, AskError, ChildSpec, Reply, RootHandle, SupervisorSpec, System, Tree, mailbox};

use crate::probe::*;

#[test]
fn handles_go_to_any_thread_though_values_need_not() {
    fn sendable<T: Send + Sync>() {}
    // A probe holds reply handles; a value may as well hold an `Rc`.
    sendable::<Address<Probe>>();
    sendable::<Tree>();
    sendable::<RootHandle>();
    let _ = System::start;
}

#[test]
fn actors_can_know_each_other() {
    virtually(|| async {
        let (right_address, right_mailbox) = mailbox::<Probe>();
        let (left, left_address) = probe("left");
        let to_left = left_address.clone();
        let right = ChildSpec::with_mailbox("right", right_mailbox, || Ok::<_, String>(Probe::default()));
        let root = start(SupervisorSpec::one_for_one().child(left).child(right)).await;
        let relayed = right_address.ask(Do(Box::new(move |_, _| {
            let asked = to_left.ask(add(4));
            Reply::later(async move { asked.await.unwrap_or(0) })
        })));
        assert_eq!(relayed.await, Ok(4));
        end(root).await;
    });
}

#[test]
fn an_actor_is_found_by_path_and_by_type() {
    virtually(|| async {
        let (root, _address) = lone_probe().await;
        let found = root.tree().address::<Probe>("/probe").expect("it is there");
        assert_eq!(found.recipient::<Do>().ask(add(2)).await, Ok(2));
        assert!(root.tree().supervisor("/probe").is_none());
        assert!(root.tree().supervisor("/").is_some());
        end(root).await;
    });
}

#[test]
fn a_reply_can_be_kept_and_given_later_or_let_go() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        let keep = || {
            address.ask(Do(Box::new(|probe, _| {
                let (handle, reply) = Reply::deferred();
                probe.kept.push(handle);
                reply
            })))
        };
        let (first, second) = (keep(), keep());
        address
            .tell(act(|probe, _| {
                drop(probe.kept.pop());
                probe.kept.pop().expect("two were kept").send(11);
            }))
            .expect("there is room");
        assert_eq!((first.await, second.await), (Ok(11), Err(AskError::Unanswered)));
        end(root).await;
    });
}
