//! One incarnation of a supervisor at work.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio::{
    sync::{OwnedMutexGuard, mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};

use super::{
    nursery::{Nursery, Status},
    spec::Strategy,
};
use crate::{
    cell::{ChildEvent, Control, News, Site},
    environment::Environment,
    error::StartError,
    exit::ExitReason,
    placement::{Placement, fnv1a},
    spec::{ChildSpec, MailboxPolicy, OnMeltdown, Restart, Shutdown},
    tree::{EventKind, Path, State, Tree},
};

/// How long a killed child may take to report. Only one that blocks its thread takes longer, and nobody can wait for that.
const LAST_REPORT: Duration = Duration::from_secs(1);

pub(super) enum Command {
    Start(Box<ChildSpec>, oneshot::Sender<Result<Path, StartError>>),
    Terminate(String, oneshot::Sender<Result<(), StartError>>),
    Release(String, oneshot::Sender<Result<(), StartError>>),
}

enum NotUp {
    Failed(StartError, ExitReason),
    /// The supervisor was told to stop meanwhile.
    Interrupted,
}

pub(super) struct Shift {
    nursery: OwnedMutexGuard<Nursery>,
    path: Path,
    tree: Tree,
    environment: Arc<Environment>,
    random: ChaCha8Rng,
    stop: oneshot::Receiver<()>,
    stop_seen: bool,
    commands: mpsc::UnboundedReceiver<Command>,
    /// Exits seen while waiting for something else.
    backlog: VecDeque<(u64, ExitReason)>,
    /// Set once every child has been halted in order.
    closed: bool,
}

impl Drop for Shift {
    /// The supervisor crashed or was killed: its children go with it.
    fn drop(&mut self) {
        if !self.closed {
            self.nursery.abandon();
        }
    }
}

impl Shift {
    pub(super) fn new(
        nursery: OwnedMutexGuard<Nursery>,
        path: Path,
        tree: Tree,
        environment: Arc<Environment>,
        stop: oneshot::Receiver<()>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        let random = ChaCha8Rng::seed_from_u64(environment.seed ^ fnv1a(path.as_str()));
        Self {
            nursery,
            path,
            tree,
            environment,
            random,
            stop,
            stop_seen: false,
            commands,
            backlog: VecDeque::new(),
            closed: false,
        }
    }

    /// Starts the children, says so, watches until told to stop or out of patience, and halts the children in reverse.
    pub(super) async fn work(mut self, up: oneshot::Sender<Result<(), ExitReason>>) -> ExitReason {
        let reason = match self.open().await {
            Ok(()) => {
                let _ = up.send(Ok(()));
                self.watch().await
            }
            Err(reason) => {
                self.close().await;
                let _ = up.send(Err(reason.clone()));
                return reason;
            }
        };
        self.close().await;
        reason
    }

    async fn open(&mut self) -> Result<(), ExitReason> {
        if let Some(id) = &self.nursery.taken {
            let message = format!("two children are called {id:?}");
            return Err(ExitReason::StartFailed { message });
        }
        self.nursery.forget_temporary();
        self.nursery.restarts.forget();
        let ordinals: Vec<u64> = self.nursery.children.keys().copied().collect();
        for ordinal in ordinals {
            if let Some(child) = self.nursery.children.get_mut(&ordinal) {
                child.restarts.forget();
            }
            // A quarantine ends with its supervisor's: the restart is a fresh start for all below.
            match self.start(ordinal).await {
                Ok(()) => {}
                Err(NotUp::Interrupted) => return Ok(()),
                Err(NotUp::Failed(error, reason)) => {
                    let child = self.nursery.children.get(&ordinal);
                    if child.is_none_or(|child| child.policy.on_meltdown == OnMeltdown::Escalate) {
                        return Err(ExitReason::StartFailed { message: error.to_string() });
                    }
                    // One that is quarantined when it keeps failing takes nobody down on its first try either.
                    self.backlog.push_back((ordinal, reason));
                    if self.nursery.strategy != Strategy::OneForOne {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "back-off counts on the tokio clock")]
    async fn watch(&mut self) -> ExitReason {
        loop {
            if self.stop_seen {
                return ExitReason::Shutdown;
            }
            if let Some((ordinal, reason)) = self.backlog.pop_front() {
                if let Err(meltdown) = self.exited(ordinal, reason).await {
                    return meltdown;
                }
                continue;
            }
            let now = Instant::now();
            let next_due = self.nursery.next_due();
            if next_due.is_some_and(|due| due <= now) {
                self.start_due(now).await;
                continue;
            }
            tokio::select! {
                biased;
                _ = &mut self.stop => self.stop_seen = true,
                Some(event) = self.nursery.inbox.recv() => self.note(event),
                Some(command) = self.commands.recv() => self.obey(command).await,
                () = sleep_until(next_due.unwrap_or(now)), if next_due.is_some() => {}
            }
        }
    }

    async fn start_due(&mut self, now: Instant) {
        for ordinal in self.nursery.due(now) {
            if !matches!(self.nursery.status(ordinal), Some(Status::Waiting(_))) {
                continue;
            }
            match self.start(ordinal).await {
                Ok(()) => {}
                Err(NotUp::Interrupted) => return,
                Err(NotUp::Failed(_, reason)) => {
                    // Those after it may depend on it: its exit decides about them before they are started.
                    self.backlog.push_back((ordinal, reason));
                    return;
                }
            }
        }
    }

    fn note(&mut self, event: ChildEvent) {
        let ChildEvent { ordinal, incarnation, news } = event;
        let Some(child) = self.nursery.children.get(&ordinal) else { return };
        if child.incarnation != incarnation || child.status != Status::Running {
            return;
        }
        if let News::Exit(reason) = news {
            self.nursery.set_status(ordinal, Status::Down);
            self.backlog.push_back((ordinal, reason));
        }
    }

    /// Decides what follows from an exit. An error is the end of this supervisor.
    #[expect(clippy::disallowed_methods, reason = "intensity counts restarts on the tokio clock")]
    async fn exited(&mut self, ordinal: u64, reason: ExitReason) -> Result<(), ExitReason> {
        let Nursery { intensity, period, backoff, .. } = *self.nursery;
        let Some(child) = self.nursery.children.get_mut(&ordinal) else { return Ok(()) };
        if child.status != Status::Down {
            // It was restarted with a sibling since.
            return Ok(());
        }
        let restart = match child.policy.restart {
            Restart::Permanent => true,
            Restart::Transient => reason.is_abnormal(),
            Restart::Temporary => false,
        };
        if !restart {
            self.nursery.retire(ordinal);
            return Ok(());
        }
        let now = Instant::now();
        let attempt = child.restarts.count(now, period);
        let quarantine = child.policy.on_meltdown == OnMeltdown::Quarantine;
        let child_path = self.path.join(&child.id);
        let out_of_patience = if quarantine {
            reason.is_meltdown() || attempt > intensity
        } else {
            self.nursery.restarts.count(now, period) > intensity
        };
        if out_of_patience && !quarantine {
            self.tree.emit(&self.path, EventKind::Escalated { child: child_path.clone(), intensity });
            return Err(ExitReason::Meltdown { child: child_path.to_string(), intensity, cause: Box::new(reason) });
        }
        let affected = self.nursery.affected(ordinal);
        for other in affected.iter().rev() {
            self.halt(*other).await;
        }
        if out_of_patience {
            self.quarantine(ordinal, &child_path, reason, &affected);
            return Ok(());
        }
        let at = now + backoff.delay(attempt, &mut self.random);
        for other in affected {
            match self.nursery.children.get(&other) {
                Some(child) if child.policy.restart == Restart::Temporary => self.nursery.retire(other),
                Some(child) if child.status == Status::Quarantined => {}
                _ => self.nursery.set_status(other, Status::Waiting(at)),
            }
        }
        Ok(())
    }

    /// The child stays down, and with it those that would have been restarted with it.
    fn quarantine(&mut self, ordinal: u64, path: &Path, reason: ExitReason, affected: &[u64]) {
        for other in affected.iter().rev().filter(|other| **other != ordinal) {
            self.nursery.rest(*other);
        }
        self.nursery.set_status(ordinal, Status::Quarantined);
        if let Some(child) = self.nursery.children.get(&ordinal) {
            child.vitals.order(Control::Rest(State::Quarantined));
        }
        self.tree.emit(path, EventKind::Quarantined { reason });
    }

    /// Orders a child to start and waits until it is up.
    async fn start(&mut self, ordinal: u64) -> Result<(), NotUp> {
        let Some(child) = self.nursery.children.get(&ordinal) else { return Ok(()) };
        if child.status == Status::Running {
            return Ok(());
        }
        let path = self.path.join(&child.id);
        if let Err(error) = self.launch(ordinal) {
            let reason = ExitReason::StartFailed { message: error.to_string() };
            self.nursery.set_status(ordinal, Status::Down);
            return Err(NotUp::Failed(error, reason));
        }
        self.nursery.set_status(ordinal, Status::Running);
        let Some(child) = self.nursery.children.get_mut(&ordinal) else { return Ok(()) };
        child.incarnation += 1;
        let incarnation = child.incarnation;
        let drain = incarnation > 1 && child.policy.mailbox == MailboxPolicy::Drain;
        child.vitals.order(Control::Start { incarnation, drain });
        loop {
            tokio::select! {
                biased;
                _ = &mut self.stop, if !self.stop_seen => {
                    self.stop_seen = true;
                    self.halt(ordinal).await;
                    return Err(NotUp::Interrupted);
                }
                Some(event) = self.nursery.inbox.recv() => {
                    if event.ordinal != ordinal || event.incarnation != incarnation {
                        self.note(event);
                        continue;
                    }
                    match event.news {
                        News::Up => return Ok(()),
                        News::Exit(reason) => {
                            self.nursery.set_status(ordinal, Status::Down);
                            return Err(NotUp::Failed(StartError::Failed { path, reason: reason.clone() }, reason));
                        }
                    }
                }
            }
        }
    }

    /// Makes the child's cell, once.
    fn launch(&mut self, ordinal: u64) -> Result<(), StartError> {
        let reports = self.nursery.reports.clone();
        let Some(child) = self.nursery.children.get_mut(&ordinal) else { return Ok(()) };
        let path = self.path.child(&child.id)?;
        let Some(launch) = child.launch.take() else { return Ok(()) };
        let site = Site {
            path,
            ordinal,
            tree: self.tree.clone(),
            environment: self.environment.clone(),
            reports,
            on_rest: None,
        };
        let job = launch(site);
        match &child.placement {
            // The supervisor's own thread is where this runs.
            Placement::Inherit => job(),
            placement @ Placement::Lane { .. } => {
                if let Err(error) = self.environment.spawner.spawn(placement, job) {
                    self.tree.remove(&self.path.join(&child.id), &child.vitals);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Ends a child by its policy and waits for its report.
    async fn halt(&mut self, ordinal: u64) {
        let Some(child) = self.nursery.children.get(&ordinal) else { return };
        match child.status {
            Status::Running => {}
            Status::Waiting(_) => {
                self.nursery.set_status(ordinal, Status::Down);
                return;
            }
            Status::Resting | Status::Down | Status::Quarantined => return,
        }
        let vitals = child.vitals.clone();
        let incarnation = child.incarnation;
        let ended = match child.policy.shutdown {
            Shutdown::Kill => false,
            Shutdown::Infinity => {
                vitals.order(Control::Stop);
                self.report_of(ordinal, incarnation).await;
                true
            }
            Shutdown::Timeout(limit) => {
                vitals.order(Control::Stop);
                timeout(limit, self.report_of(ordinal, incarnation)).await.is_ok()
            }
        };
        if !ended {
            vitals.order(Control::Kill);
            let _ = timeout(LAST_REPORT, self.report_of(ordinal, incarnation)).await;
        }
        self.nursery.set_status(ordinal, Status::Down);
    }

    async fn report_of(&mut self, ordinal: u64, incarnation: u64) {
        while let Some(event) = self.nursery.inbox.recv().await {
            if event.ordinal != ordinal || event.incarnation != incarnation {
                self.note(event);
            } else if matches!(event.news, News::Exit(_)) {
                return;
            }
        }
    }

    async fn close(&mut self) {
        let ordinals: Vec<u64> = self.nursery.children.keys().rev().copied().collect();
        for ordinal in ordinals {
            self.halt(ordinal).await;
        }
        self.backlog.clear();
        self.closed = true;
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Start(spec, reply) => {
                let outcome = self.start_dynamic(*spec).await;
                let _ = reply.send(outcome);
            }
            Command::Terminate(id, reply) => {
                let outcome = match self.nursery.ordinal(&id) {
                    None => Err(StartError::Unknown(self.path.join(&id))),
                    Some(ordinal) => {
                        self.halt(ordinal).await;
                        self.nursery.retire(ordinal);
                        Ok(())
                    }
                };
                let _ = reply.send(outcome);
            }
            Command::Release(id, reply) => {
                let outcome = match self.nursery.ordinal(&id) {
                    None => Err(StartError::Unknown(self.path.join(&id))),
                    Some(ordinal) => self.release(ordinal).await,
                };
                let _ = reply.send(outcome);
            }
        }
    }

    async fn start_dynamic(&mut self, spec: ChildSpec) -> Result<Path, StartError> {
        let path = self.path.child(&spec.id)?;
        let Some(ordinal) = self.nursery.add(spec, true) else { return Err(StartError::Taken(path)) };
        match self.start(ordinal).await {
            Ok(()) => Ok(path),
            Err(NotUp::Failed(error, _)) => {
                self.nursery.remove(ordinal);
                Err(error)
            }
            Err(NotUp::Interrupted) => {
                self.nursery.remove(ordinal);
                Err(StartError::Supervisor(crate::error::AskError::Stopped))
            }
        }
    }

    async fn release(&mut self, ordinal: u64) -> Result<(), StartError> {
        if let Some(child) = self.nursery.children.get_mut(&ordinal) {
            child.restarts.forget();
        }
        match self.start(ordinal).await {
            Ok(()) => Ok(()),
            Err(NotUp::Interrupted) => Err(StartError::Supervisor(crate::error::AskError::Stopped)),
            Err(NotUp::Failed(error, reason)) => {
                // It was asked for once more and failed once more: it goes back to where it was.
                let path = self.path.join(self.nursery.children.get(&ordinal).map_or("", |child| &child.id));
                self.quarantine(ordinal, &path, reason, &[ordinal]);
                Err(error)
            }
        }
    }
}
