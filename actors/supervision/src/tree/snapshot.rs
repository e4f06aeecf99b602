//! The figures of an actor at one moment.

use std::{sync::Arc, time::Duration};

use serde::Serialize;

use super::path::Path;
use crate::{cell::Vitals, exit::ExitReason};

/// Where an actor is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// Not up yet.
    Starting,
    /// Handling messages.
    Up,
    /// Down, waiting to be restarted.
    Restarting,
    /// On its way out.
    Stopping,
    /// Down.
    Stopped,
    /// It blocks its thread; nothing can end it.
    Stuck,
    /// Failed too often; down until released.
    Quarantined,
}

const STATES: [State; 7] =
    [State::Starting, State::Up, State::Restarting, State::Stopping, State::Stopped, State::Stuck, State::Quarantined];

impl From<State> for u8 {
    fn from(state: State) -> Self {
        STATES.iter().zip(0..).find(|(other, _)| **other == state).map_or(0, |(_, number)| number)
    }
}

impl From<u8> for State {
    fn from(number: u8) -> Self {
        STATES.get(usize::from(number)).copied().unwrap_or(Self::Stopped)
    }
}

impl State {
    /// The name shown on every surface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Restarting => "restarting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Stuck => "stuck",
            Self::Quarantined => "quarantined",
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One actor at one moment. The figures are read one by one while it works on, so they may be a message apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActorInfo {
    /// Its path.
    pub path: Path,
    /// Its kind.
    pub kind: &'static str,
    /// Where it is in its life.
    pub state: State,
    /// 1 for the first life.
    pub incarnation: u64,
    /// How often it was started again.
    pub restarts: u64,
    /// Why the last incarnation ended.
    pub last_exit: Option<ExitReason>,
    /// Messages ever queued.
    pub received: u64,
    /// Messages ever handled.
    pub handled: u64,
    /// Messages waiting.
    pub queued: usize,
    /// Time at work, on the real clock.
    pub busy: Duration,
    /// When this incarnation began, since the tree's epoch on the tokio clock.
    pub started_at: Option<Duration>,
}

impl ActorInfo {
    pub(crate) fn read(path: &Path, vitals: &Arc<Vitals>) -> Self {
        Self {
            path: path.clone(),
            kind: vitals.kind,
            state: vitals.state(),
            incarnation: vitals.incarnation(),
            restarts: vitals.restarts(),
            last_exit: vitals.last_exit(),
            received: vitals.received(),
            handled: vitals.handled(),
            queued: vitals.queued(),
            busy: vitals.busy(),
            started_at: vitals.started_at(),
        }
    }
}

impl std::fmt::Display for ActorInfo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, kind, state, incarnation, handled, queued, .. } = self;
        write!(formatter, "{path} ({kind}) {state}, life {incarnation}, {handled} handled, {queued} queued")
    }
}
