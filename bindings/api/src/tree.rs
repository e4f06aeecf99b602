//! The supervision tree: who lives in it, how they fare, and faults by path.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use vespiary_supervision::{ActorInfo, FaultError};

use crate::stream::TreeEvents;
use crate::{Code, Error, Node, Result};

/// How many events wait for a slow reader.
const EVENTS: usize = 4_096;

/// The tree of a node. Cheap to clone; it holds its node.
#[derive(Clone)]
pub struct Tree(Node);

impl Tree {
    pub(crate) fn new(node: Node) -> Self {
        Self(node)
    }

    /// The node it belongs to.
    pub fn node(&self) -> &Node {
        &self.0
    }

    fn actors(&self, glob: Option<&str>) -> Result<Vec<ActorInfo>> {
        self.0.check_process()?;
        let mut actors = self.0.engine().tree().select(&absolute(glob.unwrap_or("**")));
        actors.sort_by(|left, right| left.path.as_str().split('/').cmp(right.path.as_str().split('/')));
        Ok(actors)
    }

    /// The actors whose paths match a glob, as plain data: `path`, `kind`, `state`, `incarnation`, `restarts`, `lastExit`, `received`,
    /// `handled`, `queued`, `busyMs`, `startedAtMs`.
    pub fn snapshot(&self, glob: Option<&str>) -> Result<Vec<Value>> {
        Ok(self.actors(glob)?.iter().map(plain).collect())
    }

    /// One actor; `ERR_UNKNOWN_ACTOR` names near paths.
    pub fn actor(&self, path: &str) -> Result<Value> {
        self.0.check_process()?;
        let path = absolute(path);
        if let Some(actor) = self.0.engine().tree().get(&path) {
            return Ok(plain(&actor));
        }
        let known: Vec<String> = self.actors(None)?.iter().map(|actor| actor.path.as_str().to_owned()).collect();
        let tail = path.rsplit('/').next().unwrap_or_default();
        let near: Vec<&str> = known
            .iter()
            .map(String::as_str)
            .filter(|known| known.ends_with(tail) || known.starts_with(&path))
            .take(3)
            .collect();
        let hint = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
        Err(Error::new(Code::UnknownActor, format!("no actor at {path}{hint}"), json!({ "path": path, "near": near })))
    }

    /// The tree as text, one actor a line.
    pub fn text(&self, glob: Option<&str>) -> Result<String> {
        let mut text = String::new();
        for actor in self.actors(glob)? {
            let path = actor.path.as_str();
            let depth = path.split('/').filter(|name| !name.is_empty()).count();
            let name = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("/");
            let restarts = match actor.restarts {
                0 => String::new(),
                1 => ", 1 restart".into(),
                many => format!(", {many} restarts"),
            };
            let _ = writeln!(
                text,
                "{}{name}  {} {}{restarts}, {} handled, {} queued",
                "  ".repeat(depth),
                actor.kind,
                actor.state,
                actor.handled,
                actor.queued
            );
        }
        Ok(text)
    }

    /// Makes an actor panic; done when its incarnation has ended.
    pub async fn crash(&self, path: String) -> Result<()> {
        let fault = self.0.engine().tree().crash(&absolute(&path));
        self.fire(fault).await
    }

    /// Makes an actor stop as if by itself.
    pub async fn stop(&self, path: String) -> Result<()> {
        let fault = self.0.engine().tree().stop(&absolute(&path));
        self.fire(fault).await
    }

    /// Keeps an actor from handling anything for a time.
    pub async fn hang(&self, path: String, time: Duration) -> Result<()> {
        let fault = self.0.engine().tree().hang(&absolute(&path), time);
        self.fire(fault).await
    }

    /// Throws an actor's next messages away.
    pub async fn drop_messages(&self, path: String, count: u64) -> Result<()> {
        let fault = self.0.engine().tree().drop_next(&absolute(&path), count);
        self.fire(fault).await
    }

    /// Holds each of an actor's next messages back for a time.
    pub async fn delay_messages(&self, path: String, count: u64, delay: Duration) -> Result<()> {
        let fault = self.0.engine().tree().delay_next(&absolute(&path), count, delay);
        self.fire(fault).await
    }

    async fn fire(
        &self,
        fault: impl Future<Output = std::result::Result<(), FaultError>> + Send + 'static,
    ) -> Result<()> {
        self.0.check()?;
        self.0.engine().clock().drive(async move { fault.await.map_err(told) }).await
    }

    /// What happens from now on.
    pub fn events(&self) -> Result<TreeEvents> {
        self.0.check()?;
        Ok(TreeEvents::new(self.0.clone(), self.0.engine().tree().events(EVENTS)))
    }
}

/// Paths may be written without the slash in front.
fn absolute(path: &str) -> String {
    format!("/{}", path.trim_matches('/'))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn told(error: FaultError) -> Error {
    let message = error.to_string();
    match &error {
        FaultError::UnknownPath { path, near } => {
            let near: Vec<&str> = near.iter().map(vespiary_supervision::Path::as_str).collect();
            Error::new(Code::UnknownActor, message, json!({ "path": path, "near": near }))
        }
        FaultError::NotRunning { path, state } => {
            Error::new(Code::Refused, message, json!({ "path": path.as_str(), "state": state.as_str() }))
        }
        _ => Error::new(Code::Refused, message, Value::Null),
    }
}

fn plain(actor: &ActorInfo) -> Value {
    json!({
        "path": actor.path.as_str(),
        "kind": actor.kind,
        "state": actor.state.as_str(),
        "incarnation": actor.incarnation,
        "restarts": actor.restarts,
        "lastExit": actor.last_exit.as_ref().map(ToString::to_string),
        "received": actor.received,
        "handled": actor.handled,
        "queued": actor.queued,
        "busyMs": actor.busy.as_secs_f64() * 1e3,
        "startedAtMs": actor.started_at.map(|at| at.as_secs_f64() * 1e3),
    })
}
