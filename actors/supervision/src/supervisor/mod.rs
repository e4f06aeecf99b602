//! Supervisors: actors that start, watch, restart and stop other actors.
//!
//! ```text
//! spec.rs      what the supervisor is told: strategy, intensity, backoff, children
//!    ▼
//! mod.rs       the actor: its messages and its own start and stop
//!    ▼
//! shift.rs     one incarnation at work: starts in order, restarts by strategy, halts in reverse
//!    ▼
//! nursery.rs   the children; outlives an incarnation, so that their addresses stay good across a restart of the supervisor
//! ```

mod nursery;
mod shift;
mod spec;

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

pub use spec::{Strategy, SupervisorSpec};

use self::{
    nursery::Nursery,
    shift::{Command, Shift},
};
use crate::{
    actor::{Actor, Handler, Message},
    address::Address,
    context::Context,
    error::StartError,
    exit::ExitReason,
    reply::Reply,
    spec::ChildSpec,
    tree::Path,
};

/// The actor behind a [`SupervisorSpec`].
pub struct Supervisor {
    nursery: Arc<Mutex<Nursery>>,
    commands: Option<mpsc::UnboundedSender<Command>>,
    stop: Option<oneshot::Sender<()>>,
    done: Option<oneshot::Receiver<()>>,
}

impl Supervisor {
    fn new(nursery: Arc<Mutex<Nursery>>) -> Self {
        Self { nursery, commands: None, stop: None, done: None }
    }

    fn command<R: Send + 'static>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<R, StartError>>) -> Command,
    ) -> Reply<Result<R, StartError>> {
        let (sender, outcome) = oneshot::channel();
        if let Some(commands) = &self.commands {
            // A shift that is over drops the command, and with it the sender.
            let _ = commands.send(command(sender));
        }
        Reply::later(
            async move { outcome.await.unwrap_or(Err(StartError::Supervisor(crate::error::AskError::Stopped))) },
        )
    }
}

impl Actor for Supervisor {
    const KIND: &'static str = "supervisor";

    fn started(&mut self, context: &mut Context<Self>) {
        let (commands, inbox) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let (up, is_up) = oneshot::channel();
        let (finished, done) = oneshot::channel();
        self.commands = Some(commands);
        self.stop = Some(stop);
        self.done = Some(done);
        let nursery = self.nursery.clone();
        let (path, tree, environment) = (context.path().clone(), context.tree().clone(), context.environment().clone());
        let work = async move {
            let nursery = nursery.lock_owned().await;
            let shift = Shift::new(nursery, path, tree, environment, stopped, inbox);
            let reason = shift.work(up).await;
            let _ = finished.send(());
            reason
        };
        context.spawn_then(work, |_, reason, context| context.exit(reason));
        context.hold_then(is_up, |_, up, context| {
            if let Ok(Err(reason)) = up {
                context.exit(reason);
            }
        });
    }

    fn stopping(&mut self, _reason: &ExitReason, context: &mut Context<Self>) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(done) = self.done.take() {
            context.hold(async move {
                let _ = done.await;
            });
        }
    }
}

struct StartChild(ChildSpec);

impl Message for StartChild {
    type Result = Result<Path, StartError>;
}

impl Handler<StartChild> for Supervisor {
    fn handle(&mut self, message: StartChild, _: &mut Context<Self>) -> Reply<Result<Path, StartError>> {
        self.command(|reply| Command::Start(Box::new(message.0), reply))
    }
}

struct Terminate(String);

impl Message for Terminate {
    type Result = Result<(), StartError>;
}

impl Handler<Terminate> for Supervisor {
    fn handle(&mut self, message: Terminate, _: &mut Context<Self>) -> Reply<Result<(), StartError>> {
        self.command(|reply| Command::Terminate(message.0, reply))
    }
}

struct Release(String);

impl Message for Release {
    type Result = Result<(), StartError>;
}

impl Handler<Release> for Supervisor {
    fn handle(&mut self, message: Release, _: &mut Context<Self>) -> Reply<Result<(), StartError>> {
        self.command(|reply| Command::Release(message.0, reply))
    }
}

/// A handle on a supervisor, to change its children. Cheap to clone, good from any thread and across its restarts.
#[derive(Clone, Debug)]
pub struct SupervisorHandle(Address<Supervisor>);

impl SupervisorHandle {
    pub(crate) fn new(address: Address<Supervisor>) -> Self {
        Self(address)
    }

    /// Starts a child after those already there, and waits until it is up. It comes back when the supervisor itself is
    /// restarted, unless it is [`Restart::Temporary`](crate::Restart::Temporary); once it has ended for good it leaves the
    /// tree.
    ///
    /// An actor must not *hold* for this on a supervisor above itself: the supervisor may be waiting for the actor.
    pub async fn start_child(&self, child: ChildSpec) -> Result<Path, StartError> {
        self.0.ask(StartChild(child)).await?
    }

    /// Stops a child in order and waits. A child started later leaves the tree; one of the supervisor's spec stays as
    /// stopped until it is released.
    pub async fn terminate_child(&self, id: &str) -> Result<(), StartError> {
        self.0.ask(Terminate(id.to_owned())).await?
    }

    /// Starts a child that is quarantined or stopped, with its failures forgotten, and waits until it is up.
    pub async fn release_child(&self, id: &str) -> Result<(), StartError> {
        self.0.ask(Release(id.to_owned())).await?
    }

    /// The supervisor's path, once it is in a tree.
    pub fn path(&self) -> Option<&Path> {
        self.0.path()
    }
}
