//! A busy actor leaves its thread to others, and its own futures run beside its messages.

use std::time::Duration;

use vespiary_supervision::{Actor, ChildSpec, Context, Environment, Handler, Message, Reply, SupervisorSpec, System};

use crate::probe::*;

/// Sends itself a message for every message.
struct Restless(bool);

struct Again;

impl Message for Again {
    type Result = ();
}

impl Actor for Restless {
    const KIND: &'static str = "restless";

    fn started(&mut self, context: &mut Context<Self>) {
        context.address().tell(Again).expect("there is room");
        context.after(Duration::from_millis(20), |restless, _| restless.0 = true);
    }
}

impl Handler<Again> for Restless {
    fn handle(&mut self, _: Again, context: &mut Context<Self>) -> Reply<()> {
        if self.0 {
            context.stop();
        }
        context.address().tell(Again).expect("there is room");
        ().into()
    }
}

#[test]
fn an_actor_that_sends_to_itself_starves_neither_the_timers_of_its_thread_nor_its_own() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let (restless, _address) = ChildSpec::new("restless", || Restless(false));
        let (other, other_address) = probe("other");
        let spec = SupervisorSpec::one_for_one()
            .child(restless.restart(vespiary_supervision::Restart::Transient))
            .child(other);
        let root = System::start(spec, Environment::real_time(1)).await.expect("the tree starts");
        let timer = act(|_, context| {
            context.after(Duration::from_millis(10), |probe, _| probe.sum += 1);
        });
        assert_eq!(other_address.ask(timer).await, Ok(0));
        let mut events = root.tree().events(16);
        // Its own timer ends it, which it could not if its messages kept it from running.
        events.next().await;
        assert_eq!(log(&mut events), [""; 0]);
        assert_eq!(sum_of(&other_address).await, Ok(1));
        let info = root.tree().get("/restless").expect("in the tree");
        assert!(info.handled > 64, "{info}");
        end(root).await;
    });
}
