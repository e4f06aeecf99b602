//! The actix actor: one message on the living value, and the gate that keeps the next one in the mailbox.

use std::{
    cell::RefCell,
    collections::VecDeque,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context as PollContext, Poll},
    time::Duration,
};

use actix::AsyncContext as _;
use tokio::time::{Instant, Sleep};

use super::vitals::{Ticket, Vitals};
use crate::{
    actor::{Actor, Handler, Message},
    context::{Callback, Context},
    error::AskError,
    reply::{Answer, Reply, ReplySender, connect, refusing},
};

/// A message on its way, with its place in the queue and the one who waits for the answer.
pub(crate) struct Delivery<M: Message> {
    pub(crate) message: M,
    pub(crate) reply: Option<ReplySender<M::Result>>,
    pub(crate) ticket: Ticket,
}

impl<M: Message> actix::Message for Delivery<M> {
    type Result = ();
}

/// A living value and its context.
pub(crate) struct Life<A: Actor> {
    pub(crate) actor: A,
    pub(crate) context: Context<A>,
}

/// What the host and the actix actor share.
pub(crate) struct Body<A: Actor> {
    pub(crate) life: Option<Life<A>>,
    /// Messages left before the actor yields its thread.
    pub(crate) budget: u32,
    /// While closed, actix leaves the rest of the mailbox alone.
    pub(crate) gate_open: bool,
    /// While set, every message is refused with it: the mailbox is being emptied.
    pub(crate) emptying: Option<AskError>,
    pub(crate) drop_next: u64,
    pub(crate) delay_next: u64,
    pub(crate) delay: Duration,
    pub(crate) delayed: VecDeque<Delayed<A>>,
    pub(crate) alarm: Option<Pin<Box<Sleep>>>,
    vitals: Arc<Vitals>,
}

/// A message held back by a fault.
pub(crate) struct Delayed<A: Actor> {
    pub(crate) due: Instant,
    pub(crate) handle: Callback<A>,
    pub(crate) ticket: Ticket,
}

impl<A: Actor> Body<A> {
    pub(crate) fn new(vitals: Arc<Vitals>) -> Self {
        Self {
            life: None,
            budget: 0,
            gate_open: true,
            emptying: None,
            drop_next: 0,
            delay_next: 0,
            delay: Duration::ZERO,
            delayed: VecDeque::new(),
            alarm: None,
            vitals,
        }
    }

    /// Whether the next message must wait for the host to look around first.
    fn must_pause(&self) -> bool {
        self.budget == 0
            || self.vitals.orders.waiting()
            || self.life.as_ref().is_none_or(|life| !life.context.holds.is_empty() || life.context.exit.is_some())
    }

    #[expect(clippy::disallowed_methods, reason = "a delayed message waits on the tokio clock it was sent on")]
    fn receive<M: Message>(&mut self, delivery: Delivery<M>)
    where
        A: Handler<M>,
    {
        let Delivery { message, reply, ticket } = delivery;
        if let Some(error) = self.emptying {
            refusing(error, || drop((message, reply, ticket)));
            return;
        }
        self.budget = self.budget.saturating_sub(1);
        if self.drop_next > 0 {
            self.drop_next -= 1;
            refusing(AskError::Dropped, || drop((message, reply, ticket)));
            return;
        }
        if self.delay_next > 0 || !self.delayed.is_empty() {
            let earliest = self.delayed.back().map(|last| last.due);
            let own = Instant::now() + if self.delay_next > 0 { self.delay } else { Duration::ZERO };
            self.delay_next = self.delay_next.saturating_sub(1);
            let handle: Callback<A> = Box::new(move |actor, context| handle(actor, message, reply, context));
            self.delayed.push_back(Delayed { due: earliest.map_or(own, |last| own.max(last)), handle, ticket });
            return;
        }
        drop(ticket);
        if let Some(life) = self.life.as_mut() {
            handle(&mut life.actor, message, reply, &mut life.context);
            self.vitals.count_handled();
        }
    }
}

fn handle<A: Handler<M>, M: Message>(
    actor: &mut A,
    message: M,
    reply: Option<ReplySender<M::Result>>,
    context: &mut Context<A>,
) {
    // `reply` is a local of this frame: a panic in the handler drops it, and the sender hears `Crashed`.
    let answer = |value, reply: Option<ReplySender<M::Result>>| {
        if let Some(reply) = reply {
            reply.send(value);
        }
    };
    match actor.handle(message, context) {
        Reply(Answer::Now(value)) => answer(value, reply),
        Reply(Answer::Later(future)) => context.push_task(Box::pin(async move {
            answer(future.await, reply);
            None
        })),
        Reply(Answer::Held(future)) => context.push_hold(Box::pin(async move {
            answer(future.await, reply);
            None
        })),
        Reply(Answer::Deferred(slot)) => connect(&slot, reply),
    }
}

/// The actix actor that stands behind an address for as long as it has a place in the tree.
pub(crate) struct Cell<A: Actor> {
    pub(crate) body: Rc<RefCell<Body<A>>>,
}

impl<A: Actor> actix::Actor for Cell<A> {
    type Context = actix::Context<Self>;
}

impl<A: Actor> actix::Supervised for Cell<A> {}

impl<A: Handler<M>, M: Message> actix::Handler<Delivery<M>> for Cell<A> {
    type Result = ();

    fn handle(&mut self, delivery: Delivery<M>, mailbox: &mut Self::Context) {
        let mut body = self.body.borrow_mut();
        body.receive(delivery);
        if body.emptying.is_none() && body.must_pause() {
            body.gate_open = false;
            drop(body);
            mailbox.wait(Gate);
        }
    }
}

/// Pending until the host opens it. The host polls the mailbox whenever it opens the gate, so no waker is kept.
struct Gate;

impl<A: Actor> actix::fut::ActorFuture<Cell<A>> for Gate {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        cell: &mut Cell<A>,
        _mailbox: &mut actix::Context<Cell<A>>,
        _poll: &mut PollContext<'_>,
    ) -> Poll<()> {
        if cell.body.borrow().gate_open { Poll::Ready(()) } else { Poll::Pending }
    }
}
