//! What an actor is to its author: a value, the messages it answers, and what it does as it comes and goes.

use crate::{context::Context, exit::ExitReason, reply::Reply};

/// A request to an actor, and the type of its answer.
pub trait Message: Send + 'static {
    /// What the sender of an `ask` gets back; `()` where there is nothing to say.
    type Result: Send + 'static;
}

/// The state of one incarnation.
///
/// The value is made by the factory in its [`ChildSpec`](crate::ChildSpec), lives on one thread, and is dropped when the
/// incarnation ends: nothing of it reaches the next one.
pub trait Actor: Sized + 'static {
    /// The kind shown in the tree, such as `"mempool"`.
    const KIND: &'static str;

    /// Runs before the first message. Futures held here with [`Context::hold`] finish before the actor counts as up;
    /// told to stop before that, it drops them.
    fn started(&mut self, context: &mut Context<Self>) {
        let _ = context;
    }

    /// Runs when the incarnation ends in an orderly way, never after a panic or a kill. Futures held here finish first,
    /// within the deadline of the child's [`Shutdown`](crate::Shutdown).
    fn stopping(&mut self, reason: &ExitReason, context: &mut Context<Self>) {
        let _ = (reason, context);
    }
}

/// The answer of an actor to one type of message.
pub trait Handler<M: Message>: Actor {
    /// Handles one message. Messages are handled one at a time, in the order in which they were queued.
    fn handle(&mut self, message: M, context: &mut Context<Self>) -> Reply<M::Result>;
}
