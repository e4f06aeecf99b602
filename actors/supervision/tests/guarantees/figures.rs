//! What a question costs. Printed, not judged: the machine is shared.
#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::time::Instant;

use vespiary_supervision::{
    Actor, Address, ChildSpec, Context, Environment, Handler, Message, Placement, Reply, SupervisorSpec, System,
};

struct Echo;
struct Ping(u64);

impl Message for Ping {
    type Result = u64;
}

impl Actor for Echo {
    const KIND: &'static str = "echo";
}

impl Handler<Ping> for Echo {
    fn handle(&mut self, Ping(number): Ping, _: &mut Context<Self>) -> Reply<u64> {
        number.into()
    }
}

/// Asks another actor over and over from its own thread.
struct Asker(Address<Echo>);
struct Measure(u32);

impl Message for Measure {
    type Result = f64;
}

impl Actor for Asker {
    const KIND: &'static str = "asker";
}

impl Handler<Measure> for Asker {
    fn handle(&mut self, Measure(rounds): Measure, _: &mut Context<Self>) -> Reply<f64> {
        let echo = self.0.clone();
        Reply::later(async move {
            let began = Instant::now();
            for number in 0..rounds {
                let number = u64::from(number);
                assert_eq!(echo.ask(Ping(number)).await, Ok(number));
            }
            began.elapsed().as_secs_f64() * 1e6 / f64::from(rounds)
        })
    }
}

#[test]
fn a_question_to_a_neighbour_takes_microseconds() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let on = |lane: &'static str| Placement::lane(lane, 0);
        let (echo, echo_address) = ChildSpec::new("echo", || Echo);
        let (near, far) = (echo_address.clone(), echo_address.clone());
        let (near, near_address) = ChildSpec::new("near", move || Asker(near.clone()));
        let (far, far_address) = ChildSpec::new("far", move || Asker(far.clone()));
        let spec = SupervisorSpec::one_for_one()
            .child(echo.placement(on("figures here")))
            .child(near.placement(on("figures here")))
            .child(far.placement(on("figures there")));
        let root = System::start(spec, Environment::real_time(1)).await.expect("the tree starts");
        let near = near_address.ask(Measure(200_000)).await.expect("a figure");
        let far = far_address.ask(Measure(20_000)).await.expect("a figure");
        let began = Instant::now();
        let burst: Vec<_> = (0..1000).map(|number| echo_address.ask(Ping(number))).collect();
        for asked in burst {
            asked.await.expect("an answer");
        }
        let burst = began.elapsed().as_secs_f64() * 1e6 / 1000.0;
        println!("ask: same thread {near:.2} µs, across threads {far:.2} µs, in a burst across threads {burst:.2} µs");
        crate::probe::end(root).await;
    });
}
