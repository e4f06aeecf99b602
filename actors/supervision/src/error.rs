//! What can go wrong for someone outside an actor.

use crate::{
    exit::ExitReason,
    tree::{Path, State},
};

/// Why a message was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TellError {
    /// The mailbox is full. Retry later, or shed the load.
    #[error("the actor's mailbox is full; try again when it has caught up")]
    Busy,
    /// The actor is gone for good, or at rest until someone starts it again.
    #[error("the actor is not running and will not be restarted by itself")]
    Gone,
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The mailbox is full; the question was not queued. Retry later.
    #[error("the actor's mailbox is full; try again when it has caught up")]
    Busy,
    /// The actor is gone for good, or at rest; the question was not handled.
    #[error("the actor is not running and will not be restarted by itself")]
    Gone,
    /// The actor crashed on this question, or before it had answered it. It may have taken effect in part.
    #[error("the actor crashed before it answered; its supervisor restarts it")]
    Crashed,
    /// The actor was stopped, killed or restarted before it had answered.
    #[error("the actor was stopped before it answered")]
    Stopped,
    /// The question was thrown away unhandled: by a fault, or because the mailbox is drained on restart.
    #[error("the message was dropped before the actor saw it")]
    Dropped,
    /// The actor let go of the reply without answering.
    #[error("the actor did not answer")]
    Unanswered,
}

impl AskError {
    /// Whether the same question may be put again as it is: it was not handled, and the actor is expected back.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Busy | Self::Dropped)
    }
}

impl From<TellError> for AskError {
    fn from(error: TellError) -> Self {
        match error {
            TellError::Busy => Self::Busy,
            TellError::Gone => Self::Gone,
        }
    }
}

/// Why a tree or a child of it was not started, stopped or released.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The child ended before it was up.
    #[error("{path} did not start: {reason}")]
    Failed {
        /// Its path.
        path: Path,
        /// Why it ended.
        reason: ExitReason,
    },
    /// The supervisor already has a child of this name.
    #[error("{0} is already in the tree; choose another name or terminate it first")]
    Taken(Path),
    /// A name may not be empty and may not contain `/`, `*` or control characters.
    #[error("{0:?} cannot name a child: a name is not empty and has no '/', '*' or control character")]
    Name(String),
    /// The supervisor has no child of this name.
    #[error("{0} is not in the tree")]
    Unknown(Path),
    /// The supervisor itself did not answer.
    #[error("the supervisor did not answer: {0}")]
    Supervisor(#[from] AskError),
    /// No thread could be had for the actor.
    #[error("no thread for {lane}: {reason}")]
    Thread {
        /// The lane asked for.
        lane: String,
        /// What the system said.
        reason: String,
    },
}

/// Why a fault did not fire.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// Nobody has this path.
    #[error("no actor at {path}{}", did_you_mean(near))]
    UnknownPath {
        /// The path asked for.
        path: String,
        /// Paths that look like it, the nearest first.
        near: Vec<Path>,
    },
    /// The actor is not up, so there is nothing to break.
    #[error("{path} is {state}; a fault needs a running actor")]
    NotRunning {
        /// Its path.
        path: Path,
        /// Its state.
        state: State,
    },
}

fn did_you_mean(near: &[Path]) -> String {
    if near.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = near.iter().map(Path::as_str).collect();
    format!("; did you mean {}?", names.join(" or "))
}
