//! An actor that does as it is told, and a host to run it on.

use std::time::Duration;

use vespiary_supervision::{
    Actor, Address, AskError, ChildSpec, Context, Environment, EventKind, EventStream, ExitReason, Handler, Message,
    Observed, Reply, ReplyHandle, RootHandle, SupervisorSpec, System, VirtualHost,
};

#[derive(Default)]
pub(crate) struct Probe {
    pub(crate) sum: u64,
    pub(crate) panic_in_stopping: bool,
    pub(crate) kept: Vec<ReplyHandle<u64>>,
}

impl Actor for Probe {
    const KIND: &'static str = "probe";

    fn stopping(&mut self, _: &ExitReason, _: &mut Context<Self>) {
        assert!(!self.panic_in_stopping, "told to panic while stopping");
    }
}

pub(crate) type Act = Box<dyn FnOnce(&mut Probe, &mut Context<Probe>) -> Reply<u64> + Send>;

/// Whatever a test wants done inside the actor.
pub(crate) struct Do(pub(crate) Act);

impl Message for Do {
    type Result = u64;
}

impl Handler<Do> for Probe {
    fn handle(&mut self, message: Do, context: &mut Context<Self>) -> Reply<u64> {
        (message.0)(self, context)
    }
}

pub(crate) fn act(act: impl FnOnce(&mut Probe, &mut Context<Probe>) + Send + 'static) -> Do {
    Do(Box::new(move |probe, context| {
        act(probe, context);
        probe.sum.into()
    }))
}

pub(crate) fn add(amount: u64) -> Do {
    act(move |probe, _| probe.sum += amount)
}

pub(crate) fn boom() -> Do {
    act(|_, _| panic!("boom"))
}

pub(crate) fn probe(id: &str) -> (ChildSpec, Address<Probe>) {
    ChildSpec::new(id, Probe::default)
}

/// Runs a test on virtual time.
pub(crate) fn virtually<F: Future<Output = ()> + 'static>(test: impl FnOnce() -> F + Send + 'static) {
    let host = VirtualHost::start().expect("a thread");
    host.run(test).expect("the test passes");
}

pub(crate) async fn start(spec: SupervisorSpec) -> RootHandle {
    System::start(spec, Environment::same_thread(7)).await.expect("the tree starts")
}

/// One probe under a patient root.
pub(crate) async fn lone_probe() -> (RootHandle, Address<Probe>) {
    let (child, address) = probe("probe");
    (start(SupervisorSpec::one_for_one().child(child)).await, address)
}

pub(crate) async fn end(root: RootHandle) {
    let report = root.shutdown(Duration::from_secs(30)).await;
    assert_eq!(report.left, [""; 0]);
}

pub(crate) async fn sleep(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

/// Asks until the actor is back.
pub(crate) async fn sum_of(address: &Address<Probe>) -> Result<u64, AskError> {
    address.ask(add(0)).await
}

/// What has happened so far, as `path what`.
pub(crate) fn log(events: &mut EventStream) -> Vec<String> {
    let mut log = Vec::new();
    while let Some(observed) = events.try_next() {
        log.push(match observed {
            Observed::Missed(count) => format!("missed {count}"),
            Observed::Event(event) => {
                let what = match event.kind {
                    EventKind::Started { .. } => "up".to_owned(),
                    EventKind::Restarted { incarnation } => format!("up {incarnation}"),
                    EventKind::Exited { reason: ExitReason::Panic { .. }, .. } => "panicked".to_owned(),
                    EventKind::Exited { reason: ExitReason::Meltdown { .. }, .. } => "melted down".to_owned(),
                    EventKind::Exited { reason, .. } => format!("{reason}"),
                    EventKind::Escalated { child, .. } => format!("escalated {child}"),
                    EventKind::Quarantined { .. } => "quarantined".to_owned(),
                    other => format!("{other:?}"),
                };
                format!("{} {what}", event.path)
            }
        });
    }
    log
}
