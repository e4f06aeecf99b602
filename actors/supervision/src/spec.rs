//! How a child is to be started, restarted and stopped, in OTP's words.

use std::time::Duration;

use crate::{
    actor::Actor,
    address::{Address, Mailbox, mailbox},
    cell::{Host, Site, Vitals},
    placement::Placement,
};

/// Whether a child that ended is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// After a panic, a failure or a kill, but not after it stopped by itself.
    Transient,
    /// Never.
    Temporary,
}

/// How a child is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Asked to stop, and killed if it has not by then.
    Timeout(Duration),
    /// Killed at once.
    Kill,
    /// Asked to stop, for as long as it takes: for supervisors, whose children have deadlines of their own.
    Infinity,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::Timeout(Duration::from_secs(5))
    }
}

/// What happens on a restart to the messages that wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailboxPolicy {
    /// The next incarnation handles them.
    #[default]
    Keep,
    /// They are thrown away; who asks hears [`AskError::Dropped`](crate::AskError::Dropped).
    Drain,
}

/// What happens when a child fails more often than its supervisor's intensity allows, or is a supervisor that gave up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMeltdown {
    /// Its supervisor gives up too.
    #[default]
    Escalate,
    /// The child stays down, with its path and last exit in the tree, until it is released; its supervisor lives. Restarts
    /// of such a child count against itself alone.
    Quarantine,
}

/// How a supervisor treats a child.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) restart: Restart,
    pub(crate) shutdown: Shutdown,
    pub(crate) mailbox: MailboxPolicy,
    pub(crate) on_meltdown: OnMeltdown,
}

/// Puts a cell into a tree and gives back what its thread has to run.
pub(crate) type Launch = Box<dyn FnOnce(Site) -> Box<dyn FnOnce() + Send> + Send>;

/// A child, and how to start, restart and stop it.
pub struct ChildSpec {
    pub(crate) id: String,
    pub(crate) policy: Policy,
    pub(crate) placement: Placement,
    pub(crate) vitals: std::sync::Arc<Vitals>,
    pub(crate) launch: Launch,
}

impl ChildSpec {
    /// A child named `id` whose value `factory` makes for each incarnation, and its address, which is good at once:
    /// messages wait until the child is up.
    pub fn new<A: Actor>(id: impl Into<String>, mut factory: impl FnMut() -> A + Send + 'static) -> (Self, Address<A>) {
        Self::fallible(id, move || Ok::<A, std::convert::Infallible>(factory()))
    }

    /// As [`new`](Self::new), with a factory that can fail. A failed start is
    /// [`ExitReason::StartFailed`](crate::ExitReason::StartFailed).
    pub fn fallible<A: Actor, E: std::fmt::Display>(
        id: impl Into<String>,
        factory: impl FnMut() -> Result<A, E> + Send + 'static,
    ) -> (Self, Address<A>) {
        let (address, mailbox) = mailbox();
        (Self::with_mailbox(id, mailbox, factory), address)
    }

    /// A child behind a mailbox made earlier, so that actors made before it could be given its address.
    pub fn with_mailbox<A: Actor, E: std::fmt::Display>(
        id: impl Into<String>,
        mailbox: Mailbox<A>,
        mut factory: impl FnMut() -> Result<A, E> + Send + 'static,
    ) -> Self {
        let vitals = mailbox.address.vitals().clone();
        let launch = move |site: Site| -> Box<dyn FnOnce() + Send> {
            site.tree.insert(&site.path, &mailbox.address);
            Box::new(move || {
                let factory = Box::new(move || factory().map_err(|error| error.to_string()));
                actix_rt::spawn(Host::new(mailbox, factory, site));
            })
        };
        Self {
            id: id.into(),
            policy: Policy::default(),
            placement: Placement::Inherit,
            vitals,
            launch: Box::new(launch),
        }
    }

    /// Whether it is restarted; [`Restart::Permanent`] if not said.
    #[must_use]
    pub fn restart(mut self, restart: Restart) -> Self {
        self.policy.restart = restart;
        self
    }

    /// How it is stopped; within 5 s if not said, without a limit for supervisors.
    #[must_use]
    pub fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.policy.shutdown = shutdown;
        self
    }

    /// What becomes of queued messages on a restart; kept if not said.
    #[must_use]
    pub fn mailbox(mut self, mailbox: MailboxPolicy) -> Self {
        self.policy.mailbox = mailbox;
        self
    }

    /// What follows when it keeps failing; escalation if not said.
    #[must_use]
    pub fn on_meltdown(mut self, on_meltdown: OnMeltdown) -> Self {
        self.policy.on_meltdown = on_meltdown;
        self
    }

    /// On which thread it runs; its supervisor's if not said.
    #[must_use]
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// How many messages may wait; [`DEFAULT_CAPACITY`](crate::DEFAULT_CAPACITY) if not said.
    #[must_use]
    pub fn capacity(self, messages: usize) -> Self {
        self.vitals.set_capacity(messages);
        self
    }

    /// Its name below its supervisor.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl std::fmt::Debug for ChildSpec {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ChildSpec")
            .field("id", &self.id)
            .field("policy", &self.policy)
            .field("placement", &self.placement)
            .finish_non_exhaustive()
    }
}
