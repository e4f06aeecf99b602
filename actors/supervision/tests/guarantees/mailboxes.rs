//! The queue in front of an actor: bounded, counted, and not lost with an incarnation.

use vespiary_supervision::{AskError, MailboxPolicy, SupervisorSpec, TellError};

use crate::probe::*;

#[test]
fn a_full_mailbox_answers_busy_at_once_whoever_asks() {
    virtually(|| async {
        let (child, address) = probe("child");
        let root = start(SupervisorSpec::one_for_one().child(child.capacity(4))).await;
        let told: Vec<_> = (0..50).map(|_| address.clone().tell(add(1))).collect();
        assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 4);
        assert!(told.iter().skip(4).all(|told| *told == Err(TellError::Busy)));
        assert_eq!(address.ask(add(0)).await, Err(AskError::Busy));
        assert_eq!(address.queued(), 4);
        sleep(0.1).await;
        assert_eq!(sum_of(&address).await, Ok(4));
        let info = root.tree().get("/child").expect("in the tree");
        assert_eq!((info.received, info.handled, info.queued), (5, 5, 0));
        end(root).await;
    });
}

#[test]
fn queued_messages_survive_a_restart_and_the_fatal_one_is_consumed() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        let before = address.ask(add(1));
        let fatal = address.ask(boom());
        let after = address.ask(add(10));
        assert_eq!((before.await, fatal.await, after.await), (Ok(1), Err(AskError::Crashed), Ok(10)));
        assert_eq!(root.tree().get("/probe").expect("in the tree").incarnation, 2);
        end(root).await;
    });
}

#[test]
fn a_drained_mailbox_is_empty_after_a_restart() {
    virtually(|| async {
        let (child, address) = probe("child");
        let root = start(SupervisorSpec::one_for_one().child(child.mailbox(MailboxPolicy::Drain))).await;
        let fatal = address.ask(boom());
        let after = address.ask(add(10));
        assert_eq!((fatal.await, after.await), (Err(AskError::Crashed), Err(AskError::Dropped)));
        assert_eq!(sum_of(&address).await, Ok(0));
        assert_eq!(address.queued(), 0);
        end(root).await;
    });
}

#[test]
fn messages_sent_before_the_start_are_handled_after_it() {
    virtually(|| async {
        let (child, address) = probe("child");
        let early = address.ask(add(3));
        let root = start(SupervisorSpec::one_for_one().child(child)).await;
        assert_eq!(early.await, Ok(3));
        end(root).await;
    });
}

#[test]
fn everyone_who_asked_a_tree_that_is_shut_down_is_answered() {
    virtually(|| async {
        let (root, address) = lone_probe().await;
        let held = address.ask(Do(Box::new(|_, _| vespiary_supervision::Reply::later(std::future::pending()))));
        sleep(0.1).await;
        end(root).await;
        assert_eq!(held.await, Err(AskError::Stopped));
        assert_eq!(address.ask(add(1)).await, Err(AskError::Gone));
    });
}

#[test]
fn an_address_whose_child_was_never_started_does_not_keep_its_askers_waiting() {
    virtually(|| async {
        let (child, address) = probe("child");
        let asked = address.ask(add(1));
        drop(child);
        assert!(asked.await.is_err());
        assert_eq!(address.ask(add(1)).await, Err(AskError::Gone));
    });
}
