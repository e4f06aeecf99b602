//! Faults by path, for tests and experiments alike. A fault fires before the next message is handled, and at once if none
//! waits; no message is lost to it unless that is the fault.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::sync::oneshot;

use super::{State, Tree, path::Path};
use crate::{cell::Control, error::FaultError};

/// How many look-alikes an unknown path is answered with.
const NEAR: usize = 3;

impl Tree {
    /// Makes the actor panic, for real. Done when the incarnation has ended.
    pub fn crash(&self, path: &str) -> Fault {
        self.fire(path, Control::Crash)
    }

    /// Makes the actor stop as if by itself.
    pub fn stop(&self, path: &str) -> Fault {
        self.fire(path, Control::StopItself)
    }

    /// Keeps the actor from handling anything for a time, a stop included: past its deadline it is killed.
    pub fn hang(&self, path: &str, time: Duration) -> Fault {
        self.fire(path, |fired| Control::Hang(time, fired))
    }

    /// Throws the next messages away; who asks hears [`AskError::Dropped`](crate::AskError::Dropped).
    pub fn drop_next(&self, path: &str, count: u64) -> Fault {
        self.fire(path, |fired| Control::DropNext(count, fired))
    }

    /// Holds each of the next messages back for a time. Those behind them keep their place in the queue.
    pub fn delay_next(&self, path: &str, count: u64, delay: Duration) -> Fault {
        self.fire(path, |fired| Control::DelayNext(count, delay, fired))
    }

    fn fire(&self, path: &str, fault: impl FnOnce(oneshot::Sender<Result<(), State>>) -> Control) -> Fault {
        let Some((path, vitals)) = self.vitals(path) else {
            return Fault(Err(FaultError::UnknownPath { path: path.to_owned(), near: near(path, self.paths()) }));
        };
        let (fired, outcome) = oneshot::channel();
        vitals.order(fault(fired));
        Fault(Ok((path, outcome)))
    }
}

/// A fault on its way. It fires whether or not it is awaited, which may be done on any executor.
#[derive(Debug)]
pub struct Fault(Result<(Path, oneshot::Receiver<Result<(), State>>), FaultError>);

impl Future for Fault {
    type Output = Result<(), FaultError>;

    fn poll(mut self: Pin<&mut Self>, poll: &mut Context<'_>) -> Poll<Self::Output> {
        let (path, outcome) = match &mut self.0 {
            Err(error) => return Poll::Ready(Err(error.clone())),
            Ok(fired) => fired,
        };
        Pin::new(outcome).poll(poll).map(|outcome| {
            // A cell that is gone drops the order unanswered.
            let outcome = outcome.unwrap_or(Err(State::Stopped));
            outcome.map_err(|state| FaultError::NotRunning { path: path.clone(), state })
        })
    }
}

/// The paths that differ least, within a third of their length.
fn near(path: &str, paths: Vec<Path>) -> Vec<Path> {
    let limit = (path.chars().count() / 3).max(2);
    let mut near: Vec<(usize, Path)> = paths
        .into_iter()
        .map(|other| (distance(path, other.as_str()), other))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    near.sort();
    near.into_iter().take(NEAR).map(|(_, path)| path).collect()
}

/// Levenshtein's distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, character) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        let mut next = vec![before];
        for (other, above) in right.iter().zip(row.iter().skip(1)) {
            let cost = (diagonal + usize::from(*other != character)).min(above + 1).min(before + 1);
            diagonal = *above;
            before = cost;
            next.push(cost);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
