//! The life of a cell: starts, stops, kills, faults, and the future that carries them out.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context as PollContext, Poll},
    time::Duration,
};

use actix::dev::ContextFut;
use futures::StreamExt;
use tokio::sync::mpsc;

use super::{
    body::{Body, Cell, Life},
    control::{ChildEvent, Control, Fired, News},
    panics::supervised,
};
use crate::{
    actor::Actor,
    address::{Address, Mailbox},
    context::Context,
    environment::Environment,
    error::AskError,
    exit::ExitReason,
    reply::refusing,
    tree::{EventKind, Path, State, Tree},
};

/// Messages and finished futures an actor may handle before it lets others on its thread run.
const BUDGET: u32 = 64;

/// A delay that nothing waits out; longer ones would move a virtual clock by decades.
const FOREVER: Duration = Duration::from_hours(365 * 24);

/// Makes the value of each incarnation.
pub(crate) type Factory<A> = Box<dyn FnMut() -> Result<A, String> + Send>;

/// Where in a tree a cell stands.
pub(crate) struct Site {
    pub(crate) path: Path,
    pub(crate) ordinal: u64,
    pub(crate) tree: Tree,
    pub(crate) environment: Arc<Environment>,
    pub(crate) reports: mpsc::UnboundedSender<ChildEvent>,
    /// Passes a rest on to what lies below, which is down already.
    pub(crate) on_rest: Option<Box<dyn Fn() + Send>>,
}

thread_local! {
    /// How often cells of this thread have been polled.
    static LOOKS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// How often [`settle`] looks before it takes a tree for one that never rests.
const RESTLESS: u32 = 100_000;

/// Lets every cell of this thread do what it can do without the clock moving on.
pub(crate) async fn settle() {
    for _ in 0..RESTLESS {
        let before = LOOKS.get();
        // One turn wakes the supervisors of what the other moved.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        if LOOKS.get() == before {
            return;
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Down,
    /// `started` has run; held futures are not done.
    Starting,
    Up,
    /// `stopping` has run; held futures are not done.
    Stopping(ExitReason),
}

/// What to do after a look at everything that could go on.
enum Step {
    /// Nothing until something wakes the cell.
    Idle,
    /// Something changed that may let something else go on.
    Again,
    /// There is more to do, after others on this thread.
    Yield,
    Exit(ExitReason),
}

pub(crate) struct Host<A: Actor> {
    mailbox: Option<ContextFut<Cell<A>, actix::Context<Cell<A>>>>,
    body: Rc<RefCell<Body<A>>>,
    /// Keeps the mailbox connected: without an address actix would end it.
    address: Address<A>,
    factory: Factory<A>,
    site: Site,
    phase: Phase,
    incarnation: u64,
    /// Nobody will start it by itself, so whatever still arrives is refused.
    resting: bool,
}

impl<A: Actor> Host<A> {
    pub(crate) fn new(mailbox: Mailbox<A>, factory: Factory<A>, site: Site) -> Self {
        let Mailbox { receiver, address } = mailbox;
        let body = Rc::new(RefCell::new(Body::new(address.vitals().clone())));
        let mailbox = actix::Context::with_receiver(receiver).into_future(Cell { body: body.clone() });
        Self {
            mailbox: Some(mailbox),
            body,
            address,
            factory,
            site,
            phase: Phase::Down,
            incarnation: 0,
            resting: false,
        }
    }

    fn drive(&mut self, poll: &mut PollContext<'_>) -> Poll<()> {
        self.body.borrow_mut().budget = BUDGET;
        loop {
            while let Poll::Ready(control) = self.address.vitals().orders.poll(poll) {
                if self.obey(control, poll).is_break() {
                    return Poll::Ready(());
                }
            }
            if self.phase == Phase::Down {
                if self.resting {
                    self.empty_mailbox(AskError::Gone, poll);
                }
                return Poll::Pending;
            }
            match supervised(|| self.step(poll)).unwrap_or_else(Step::Exit) {
                Step::Again => {}
                Step::Idle => return Poll::Pending,
                Step::Yield => {
                    poll.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Step::Exit(reason) => self.exit(reason),
            }
        }
    }

    fn step(&mut self, poll: &mut PollContext<'_>) -> Step {
        let shared = self.body.clone();
        {
            let mut body = shared.borrow_mut();
            let Some(life) = body.life.as_mut() else { return Step::Idle };
            life.context.fresh = false;
            if self.phase == Phase::Starting && life.context.exit == Some(ExitReason::Shutdown) {
                // Told to stop before it was up: the start is abandoned, not waited for.
                life.context.holds.clear();
            }
            // 1. Held futures, one after the other; while one is pending nothing else begins.
            while let Some(hold) = life.context.holds.front_mut() {
                let Poll::Ready(then) = hold.as_mut().poll(poll) else { break };
                life.context.holds.pop_front();
                if let Some(then) = then {
                    then(&mut life.actor, &mut life.context);
                }
            }
            // 2. What they kept from happening.
            if life.context.holds.is_empty() {
                match &self.phase {
                    Phase::Stopping(reason) => return Step::Exit(reason.clone()),
                    // Stopped before it was up, it never was.
                    Phase::Starting if life.context.exit == Some(ExitReason::Shutdown) => {}
                    Phase::Starting => {
                        if let Some(reason) = life.context.exit.take_if(|reason| reason.is_abnormal()) {
                            return Step::Exit(reason);
                        }
                        self.phase = Phase::Up;
                        self.announce_up();
                    }
                    Phase::Up | Phase::Down => {}
                }
                if let Some(reason) = life.context.exit.take() {
                    self.phase = Phase::Stopping(reason.clone());
                    self.address.vitals().set_state(State::Stopping);
                    life.actor.stopping(&reason, &mut life.context);
                    return Step::Again;
                }
            }
        }
        // 3. Messages.
        let open =
            self.phase == Phase::Up && shared.borrow().life.as_ref().is_some_and(|life| life.context.holds.is_empty());
        if open {
            self.handle_delayed(poll);
            shared.borrow_mut().gate_open = true;
            if let Some(mailbox) = self.mailbox.as_mut() {
                // Never ready: this host holds an address, and nobody stops the actix context.
                let _ = Pin::new(mailbox).poll(poll);
            }
        }
        // 4. Futures beside the messages.
        let mut body = shared.borrow_mut();
        let orders = self.address.vitals();
        let mut left = BUDGET;
        let Some(life) = body.life.as_mut() else { return Step::Idle };
        while left > 0 && (life.context.exit.is_none() || !life.context.holds.is_empty()) && !orders.orders.waiting() {
            let Poll::Ready(Some(then)) = life.context.tasks.poll_next_unpin(poll) else { break };
            left -= 1;
            if let Some(then) = then {
                then(&mut life.actor, &mut life.context);
            }
        }
        let changed = life.context.fresh
            || orders.orders.waiting()
            || (life.context.exit.is_some() && life.context.holds.is_empty());
        if body.budget == 0 || left == 0 {
            Step::Yield
        } else if changed {
            Step::Again
        } else {
            Step::Idle
        }
    }

    /// Messages that a fault held back, once they are due.
    fn handle_delayed(&mut self, poll: &mut PollContext<'_>) {
        let mut body = self.body.borrow_mut();
        let body = &mut *body;
        while let Some(first) = body.delayed.front() {
            let due = first.due;
            if body.alarm.as_ref().is_none_or(|alarm| alarm.deadline() != due) {
                body.alarm = Some(Box::pin(tokio::time::sleep_until(due)));
            }
            let rung = body.alarm.as_mut().is_none_or(|alarm| alarm.as_mut().poll(poll).is_ready());
            let Some(life) = body.life.as_mut() else { return };
            if !rung || !life.context.holds.is_empty() || life.context.exit.is_some() {
                return;
            }
            body.alarm = None;
            let Some(delayed) = body.delayed.pop_front() else { return };
            drop(delayed.ticket);
            (delayed.handle)(&mut life.actor, &mut life.context);
            self.address.vitals().count_handled();
        }
    }

    fn obey(&mut self, control: Control, poll: &mut PollContext<'_>) -> std::ops::ControlFlow<()> {
        let down = self.phase == Phase::Down;
        let state = self.address.vitals().state();
        match control {
            Control::Start { incarnation, drain } => self.start(incarnation, drain, poll),
            Control::Stop if !down => self.request_exit(ExitReason::Shutdown),
            Control::Kill if !down => self.exit(ExitReason::Killed),
            Control::Stop | Control::Kill => {}
            Control::Rest(state) => {
                self.address.vitals().set_state(state);
                self.address.vitals().set_accepting(false);
                self.resting = true;
                if let Some(on_rest) = &self.site.on_rest {
                    on_rest();
                }
            }
            Control::Dispose => {
                self.end();
                return std::ops::ControlFlow::Break(());
            }
            Control::DropNext(count, fired) => {
                self.body.borrow_mut().drop_next = count;
                answer(fired, Ok(()));
            }
            Control::DelayNext(count, delay, fired) => {
                let mut body = self.body.borrow_mut();
                body.delay_next = count;
                body.delay = delay.min(FOREVER);
                answer(fired, Ok(()));
            }
            Control::Crash(fired) | Control::StopItself(fired) | Control::Hang(_, fired) if down => {
                answer(fired, Err(state));
            }
            Control::Crash(fired) => {
                let path = self.site.path.clone();
                let Err(reason) = supervised(|| panic!("a crash was injected at {path}"));
                self.exit(reason);
                answer(fired, Ok(()));
            }
            Control::StopItself(fired) => {
                answer(fired, Ok(()));
                self.request_exit(ExitReason::Normal);
            }
            Control::Hang(time, fired) => {
                answer(fired, Ok(()));
                if let Some(life) = self.body.borrow_mut().life.as_mut() {
                    life.context.push_hold(Box::pin(async move {
                        if time < FOREVER {
                            tokio::time::sleep(time).await;
                        } else {
                            std::future::pending::<()>().await;
                        }
                        None
                    }));
                }
            }
        }
        std::ops::ControlFlow::Continue(())
    }

    fn request_exit(&mut self, reason: ExitReason) {
        if matches!(self.phase, Phase::Stopping(_)) {
            return;
        }
        self.address.vitals().set_state(State::Stopping);
        if let Some(life) = self.body.borrow_mut().life.as_mut() {
            life.context.exit(reason);
        }
    }

    fn start(&mut self, incarnation: u64, drain: bool, poll: &mut PollContext<'_>) {
        if self.phase != Phase::Down {
            self.exit(ExitReason::Killed);
        }
        if drain {
            self.empty_mailbox(AskError::Dropped, poll);
        }
        self.resting = false;
        self.incarnation = incarnation;
        let vitals = self.address.vitals().clone();
        vitals.set_state(State::Starting);
        vitals.set_accepting(true);
        vitals.born(incarnation, self.site.tree.now());
        let context = Context::new(
            self.address.clone(),
            self.site.path.clone(),
            incarnation,
            self.site.tree.clone(),
            self.site.environment.clone(),
        );
        self.phase = Phase::Starting;
        let body = self.body.clone();
        let born = supervised(|| {
            let actor = (self.factory)().map_err(|message| ExitReason::StartFailed { message })?;
            let mut body = body.borrow_mut();
            let life = body.life.insert(Life { actor, context });
            life.actor.started(&mut life.context);
            Ok(())
        });
        if let Err(reason) = born.and_then(|made| made) {
            self.exit(reason);
        }
    }

    fn announce_up(&self) {
        let vitals = self.address.vitals();
        vitals.set_state(State::Up);
        let incarnation = self.incarnation;
        let event =
            if incarnation > 1 { EventKind::Restarted { incarnation } } else { EventKind::Started { incarnation } };
        self.site.tree.emit(&self.site.path, event);
        self.report(News::Up);
    }

    fn exit(&mut self, mut reason: ExitReason) {
        self.phase = Phase::Down;
        let error = if matches!(reason, ExitReason::Panic { .. }) { AskError::Crashed } else { AskError::Stopped };
        if let Err(panic) = self.drop_life(error) {
            // Only the first failure is the reason; one on the way out of an orderly stop is news.
            if !reason.is_abnormal() {
                reason = panic;
            }
        }
        let vitals = self.address.vitals();
        vitals.set_state(State::Stopped);
        vitals.set_last_exit(reason.clone());
        let incarnation = self.incarnation;
        self.site.tree.emit(&self.site.path, EventKind::Exited { incarnation, reason: reason.clone() });
        self.report(News::Exit(reason));
    }

    fn drop_life(&mut self, error: AskError) -> Result<(), ExitReason> {
        let life = self.body.borrow_mut().life.take();
        let mailbox = self.mailbox.as_mut();
        refusing(error, || {
            // The futures go first: they may hold what the value lends.
            let Some(Life { actor, context }) = life else { return Ok(()) };
            let futures = supervised(|| drop(context));
            let value = supervised(|| drop(actor));
            if let Some(mailbox) = mailbox {
                mailbox.restart();
            }
            futures.and(value)
        })
    }

    fn empty_mailbox(&mut self, error: AskError, poll: &mut PollContext<'_>) {
        let delayed = {
            let mut body = self.body.borrow_mut();
            body.emptying = Some(error);
            body.gate_open = true;
            body.alarm = None;
            std::mem::take(&mut body.delayed)
        };
        // A message is the sender's own value; its drop may panic, and that concerns nobody here.
        let _ = refusing(error, || supervised(|| drop(delayed)));
        if let Some(mailbox) = self.mailbox.as_mut() {
            while supervised(|| Pin::new(&mut *mailbox).poll(poll).is_ready()).is_err() {}
        }
        self.body.borrow_mut().emptying = None;
    }

    fn report(&self, news: News) {
        let event = ChildEvent { ordinal: self.site.ordinal, incarnation: self.incarnation, news };
        // A supervisor that is gone needs no report: it has disposed of this cell.
        let _ = self.site.reports.send(event);
    }

    fn end(&mut self) {
        if self.phase != Phase::Down {
            self.exit(ExitReason::Killed);
        }
        let vitals = self.address.vitals().clone();
        vitals.set_accepting(false);
        vitals.set_state(State::Stopped);
        if let Some(mailbox) = self.mailbox.take() {
            let _ = refusing(AskError::Gone, || supervised(|| drop(mailbox)));
            let delayed = std::mem::take(&mut self.body.borrow_mut().delayed);
            let _ = refusing(AskError::Gone, || supervised(|| drop(delayed)));
            vitals.orders.clear();
            self.site.tree.remove(&self.site.path, &vitals);
        }
    }
}

impl<A: Actor> Future for Host<A> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, poll: &mut PollContext<'_>) -> Poll<()> {
        LOOKS.set(LOOKS.get().wrapping_add(1));
        let began = self.address.vitals().begin_work();
        let outcome = self.drive(poll);
        if self.address.vitals().end_work(began) {
            self.site.tree.emit(&self.site.path, EventKind::Unstuck);
        }
        outcome
    }
}

impl<A: Actor> Drop for Host<A> {
    /// A runtime that is dropped under a living cell ends it here.
    fn drop(&mut self) {
        self.end();
    }
}

fn answer(fired: Fired, outcome: Result<(), State>) {
    // Whoever fired the fault may have stopped waiting for it.
    let _ = fired.send(outcome);
}
