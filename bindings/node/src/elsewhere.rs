//! Dropping a handle may end a node, which takes time: the event loop does not wait for it.

use std::any::Any;
use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// A value that is dropped on a thread of its own.
pub(crate) struct Elsewhere<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Elsewhere<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T: Send + 'static> Deref for Elsewhere<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("only drop takes the value")
    }
}

impl<T: Send + 'static> Drop for Elsewhere<T> {
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            drop_elsewhere(Box::new(value));
        }
    }
}

fn drop_elsewhere(value: Box<dyn Any + Send>) {
    static LANE: OnceLock<Option<Sender<Box<dyn Any + Send>>>> = OnceLock::new();
    let lane = LANE.get_or_init(|| {
        let (sender, receiver) = channel::<Box<dyn Any + Send>>();
        let started = thread::Builder::new().name("vespiary-drop".into()).spawn(move || {
            while let Ok(value) = receiver.recv() {
                // One value's panic must not keep the next ones from being dropped.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(value)));
            }
        });
        started.ok().map(|_| sender)
    });
    if let Some(lane) = lane {
        // Without its thread the value comes back in the error and is dropped here.
        let _ = lane.send(value);
    }
}
