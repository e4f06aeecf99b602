//! Why an incarnation ended.

use serde::Serialize;

/// Why an incarnation of an actor ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
#[non_exhaustive]
pub enum ExitReason {
    /// It stopped itself, or was stopped by a fault.
    Normal,
    /// Its supervisor asked it to stop.
    Shutdown,
    /// It was ended without being asked: its deadline had passed, its policy is to be killed, or its supervisor crashed.
    Killed,
    /// It panicked.
    Panic {
        /// What the panic said.
        message: String,
        /// `file:line:column` of the panic, where known.
        location: Option<String>,
    },
    /// Its factory, or one of its children, could not start.
    StartFailed {
        /// What the factory said.
        message: String,
    },
    /// It gave up with an error of its own.
    Failed {
        /// What the actor said.
        message: String,
    },
    /// A supervisor whose children kept failing.
    Meltdown {
        /// Path of the child that failed last.
        child: String,
        /// How often a restart is allowed within the period.
        intensity: usize,
        /// What the last failure was.
        cause: Box<ExitReason>,
    },
}

impl ExitReason {
    /// Whether a [`Transient`](crate::Restart::Transient) child is restarted after it.
    pub fn is_abnormal(&self) -> bool {
        !matches!(self, Self::Normal | Self::Shutdown)
    }

    /// Whether it is a supervisor that gave up.
    pub fn is_meltdown(&self) -> bool {
        matches!(self, Self::Meltdown { .. })
    }
}

impl std::fmt::Display for ExitReason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Normal => formatter.write_str("stopped by itself"),
            Self::Shutdown => formatter.write_str("shut down"),
            Self::Killed => formatter.write_str("killed"),
            Self::Panic { message, location: Some(location) } => write!(formatter, "panicked at {location}: {message}"),
            Self::Panic { message, location: None } => write!(formatter, "panicked: {message}"),
            Self::StartFailed { message } => write!(formatter, "could not start: {message}"),
            Self::Failed { message } => write!(formatter, "failed: {message}"),
            Self::Meltdown { child, intensity, cause } => {
                write!(formatter, "gave up after more than {intensity} restarts; {child} {cause}")
            }
        }
    }
}
