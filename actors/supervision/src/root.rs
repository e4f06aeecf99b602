//! Whole trees: started from any thread, several side by side, shut down in order.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, timeout},
};

use crate::{
    cell::{Control, News, Site, Vitals},
    environment::Environment,
    error::{AskError, StartError},
    exit::ExitReason,
    spec::ChildSpec,
    supervisor::{SupervisorHandle, SupervisorSpec},
    tree::{Path, Tree},
    watchdog,
};

/// How long a tree whose handle was dropped may take to stop in order.
const DROPPED: Duration = Duration::from_secs(5);

/// How long killed actors may take to go. Only one that blocks its thread takes longer.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// Starts trees.
#[derive(Debug)]
pub struct System;

impl System {
    /// Starts a tree under a root supervisor at `/` and waits until every child is up. The future may be awaited on any
    /// executor; the tree runs where its environment says.
    pub async fn start(root: SupervisorSpec, environment: Environment) -> Result<RootHandle, StartError> {
        let (child, supervisor) = root.into_child("");
        let (stop, stopped) = mpsc::unbounded_channel();
        let (made, tree) = oneshot::channel();
        let (finished, exit) = watch::channel(None);
        let spawner = environment.spawner.clone();
        let placement = environment.placement.clone();
        spawner.spawn(
            &placement,
            Box::new(move || {
                actix_rt::spawn(keep(child, environment, made, stopped, finished));
            }),
        )?;
        let tree = tree.await.map_err(|_| StartError::Supervisor(AskError::Gone))??;
        Ok(RootHandle { tree, supervisor, stop, exit })
    }
}

/// How a tree ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Why the root ended.
    pub reason: ExitReason,
    /// Actors that block their threads and could not be ended. Empty in good health.
    pub left: Vec<Path>,
}

/// The owner of a tree. Dropping it shuts the tree down in the background; `shutdown` waits for it.
#[derive(Debug)]
pub struct RootHandle {
    tree: Tree,
    supervisor: SupervisorHandle,
    stop: mpsc::UnboundedSender<Duration>,
    exit: watch::Receiver<Option<ShutdownReport>>,
}

impl RootHandle {
    /// The tree as data.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The root supervisor, to start and stop children at run time.
    pub fn supervisor(&self) -> &SupervisorHandle {
        &self.supervisor
    }

    /// Stops all actors in the reverse order of their starts, waits, and kills what is left after `deadline` on the tokio
    /// clock of the tree.
    pub async fn shutdown(self, deadline: Duration) -> ShutdownReport {
        // A tree that has ended by itself hears nothing, and its report is there.
        let _ = self.stop.send(deadline);
        self.finished().await
    }

    /// Waits until the tree has ended, by a shutdown or because its root gave up.
    pub async fn finished(&self) -> ShutdownReport {
        let mut exit = self.exit.clone();
        match exit.wait_for(Option::is_some).await.map(|report| report.clone()) {
            Ok(Some(report)) => report,
            // The runtime under the tree is gone, and every actor with it.
            _ => ShutdownReport { reason: ExitReason::Killed, left: Vec::new() },
        }
    }
}

/// Starts the root, waits for its end or for the order to end it, and sees everyone out.
#[expect(clippy::disallowed_methods, reason = "the tree's epoch is on its own tokio clock")]
async fn keep(
    child: ChildSpec,
    environment: Environment,
    made: oneshot::Sender<Result<Tree, StartError>>,
    mut stop: mpsc::UnboundedReceiver<Duration>,
    finished: watch::Sender<Option<ShutdownReport>>,
) {
    let tree = Tree::new(environment.epoch.unwrap_or_else(Instant::now));
    if let Some(limit) = environment.stuck_after {
        watchdog::watch(&tree, limit);
    }
    let (reports, mut inbox) = mpsc::unbounded_channel();
    let ChildSpec { vitals, launch, .. } = child;
    let site = Site {
        path: Path::root(),
        ordinal: 0,
        tree: tree.clone(),
        environment: Arc::new(environment),
        reports,
        on_rest: None,
    };
    launch(site)();
    let _root = Root(vitals.clone());
    vitals.order(Control::Start { incarnation: 1, drain: false });
    let mut made = Some(made);
    let mut reason = None;
    let mut deadline = None;
    while reason.is_none() && deadline.is_none() {
        tokio::select! {
            biased;
            order = stop.recv() => deadline = Some(order.unwrap_or(DROPPED)),
            Some(event) = inbox.recv() => match event.news {
                News::Up => {
                    if let Some(made) = made.take() {
                        let _ = made.send(Ok(tree.clone()));
                    }
                }
                News::Exit(exit) => reason = Some(exit),
            }
        }
    }
    if reason.is_none() {
        vitals.order(Control::Stop);
        let last = async {
            while let Some(event) = inbox.recv().await {
                if let News::Exit(exit) = event.news {
                    return exit;
                }
            }
            ExitReason::Killed
        };
        reason = Some(timeout(deadline.unwrap_or(DROPPED), last).await.unwrap_or(ExitReason::Killed));
    }
    let reason = reason.unwrap_or(ExitReason::Killed);
    vitals.order(Control::Dispose);
    let left = match timeout(LAST_BREATH, tree.emptied()).await {
        Ok(()) => Vec::new(),
        Err(_) => tree.paths(),
    };
    if let Some(made) = made.take() {
        let _ = made.send(Err(StartError::Failed { path: Path::root(), reason: reason.clone() }));
    }
    // Nobody may be waiting any more.
    finished.send_replace(Some(ShutdownReport { reason, left }));
}

/// Ends the root with the future that keeps it.
struct Root(Arc<Vitals>);

impl Drop for Root {
    fn drop(&mut self) {
        self.0.order(Control::Dispose);
    }
}
