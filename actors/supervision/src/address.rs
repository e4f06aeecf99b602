//! Where messages go: a bounded, counted queue in front of an actor that outlives each of its incarnations.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context as PollContext, Poll},
};

use tokio::sync::oneshot;

use crate::{
    actor::{Actor, Handler, Message},
    cell::{Cell, Delivery, Ticket, Vitals},
    error::{AskError, TellError},
    reply::{ReplySender, refusing},
    tree::Path,
};

/// How many messages wait in front of an actor before senders hear `Busy`, unless its spec says otherwise.
pub const DEFAULT_CAPACITY: usize = 1024;

/// The address of an actor. It is cheap to clone, may be used from any thread or runtime, and stays good across restarts.
pub struct Address<A: Actor> {
    queue: actix::Addr<Cell<A>>,
    vitals: Arc<Vitals>,
}

/// The far end of an [`Address`] that no actor stands behind yet. Made first, it lets two actors know each other.
pub struct Mailbox<A: Actor> {
    pub(crate) receiver: actix::dev::channel::AddressReceiver<Cell<A>>,
    pub(crate) address: Address<A>,
}

/// An address and its mailbox, for [`ChildSpec::with_mailbox`](crate::ChildSpec::with_mailbox).
pub fn mailbox<A: Actor>() -> (Address<A>, Mailbox<A>) {
    // actix's own bound is unused: it counts per clone of an address, ours counts what is queued.
    let (sender, receiver) = actix::dev::channel::channel(usize::from(u16::MAX));
    let address = Address { queue: actix::Addr::new(sender), vitals: Arc::new(Vitals::new(A::KIND, DEFAULT_CAPACITY)) };
    (address.clone(), Mailbox { receiver, address })
}

impl<A: Actor> Address<A> {
    /// Queues a message and does not wait. `Busy` at once when the mailbox is full.
    pub fn tell<M: Message>(&self, message: M) -> Result<(), TellError>
    where
        A: Handler<M>,
    {
        let ticket = Ticket::take(&self.vitals)?;
        self.queue.do_send(Delivery { message, reply: None, ticket });
        Ok(())
    }

    /// Queues a question now and returns a future for the answer, which may be awaited on any executor.
    pub fn ask<M: Message>(&self, message: M) -> Asked<M::Result>
    where
        A: Handler<M>,
    {
        match Ticket::take(&self.vitals) {
            Err(error) => Asked(Err(error.into())),
            Ok(ticket) => {
                let (reply, answer) = ReplySender::channel();
                // A mailbox that has closed meanwhile drops the message here and now.
                refusing(AskError::Gone, || self.queue.do_send(Delivery { message, reply: Some(reply), ticket }));
                Asked(Ok(answer))
            }
        }
    }

    /// The address as far as one type of message goes, without the actor's type.
    pub fn recipient<M: Message>(&self) -> Recipient<M>
    where
        A: Handler<M>,
    {
        Recipient(Arc::new(self.clone()))
    }

    /// The path of the actor behind, once it has been placed in a tree.
    pub fn path(&self) -> Option<&Path> {
        self.vitals.path()
    }

    /// How many messages wait.
    pub fn queued(&self) -> usize {
        self.vitals.queued()
    }

    pub(crate) fn vitals(&self) -> &Arc<Vitals> {
        &self.vitals
    }
}

impl<A: Actor> Clone for Address<A> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), vitals: self.vitals.clone() }
    }
}

impl<A: Actor> std::fmt::Debug for Address<A> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Address<{}>({})", A::KIND, self.path().map_or("not placed", Path::as_str))
    }
}

/// The answer to an [`ask`](Address::ask), to come.
#[must_use = "await the answer, or use `tell`"]
pub struct Asked<R>(Result<oneshot::Receiver<Result<R, AskError>>, AskError>);

impl<R> Future for Asked<R> {
    type Output = Result<R, AskError>;

    fn poll(mut self: Pin<&mut Self>, poll: &mut PollContext<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Err(error) => Poll::Ready(Err(*error)),
            // A reply sender always answers, even from its drop; a channel closed in silence lost its thread.
            Ok(answer) => Pin::new(answer).poll(poll).map(|received| received.unwrap_or(Err(AskError::Gone))),
        }
    }
}

trait Receive<M: Message>: Send + Sync {
    fn tell(&self, message: M) -> Result<(), TellError>;
    fn ask(&self, message: M) -> Asked<M::Result>;
    fn path(&self) -> Option<&Path>;
}

impl<A: Handler<M>, M: Message> Receive<M> for Address<A> {
    fn tell(&self, message: M) -> Result<(), TellError> {
        self.tell(message)
    }

    fn ask(&self, message: M) -> Asked<M::Result> {
        self.ask(message)
    }

    fn path(&self) -> Option<&Path> {
        self.path()
    }
}

/// An address that takes one type of message, whoever stands behind it.
pub struct Recipient<M: Message>(Arc<dyn Receive<M>>);

impl<M: Message> Recipient<M> {
    /// As [`Address::tell`].
    pub fn tell(&self, message: M) -> Result<(), TellError> {
        self.0.tell(message)
    }

    /// As [`Address::ask`].
    pub fn ask(&self, message: M) -> Asked<M::Result> {
        self.0.ask(message)
    }

    /// As [`Address::path`].
    pub fn path(&self) -> Option<&Path> {
        self.0.path()
    }
}

impl<M: Message> Clone for Recipient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M: Message> std::fmt::Debug for Recipient<M> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Recipient({})", self.path().map_or("not placed", Path::as_str))
    }
}
