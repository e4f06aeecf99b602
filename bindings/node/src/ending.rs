//! A node belongs to the thread that started it, main or worker, and is closed in order when that thread's environment ends.

use std::sync::{Arc, Weak};
use std::time::Duration;

use napi::bindgen_prelude::{Env, Result as JsResult};
use parking_lot::Mutex;
use vespiary_api::{Node, Result, block_on, contained};

/// The end of a thread waits so long for an orderly end of a node.
const PATIENCE: Duration = Duration::from_secs(5);

/// A node that is closed when the last handle of it goes: nobody could close it any more.
pub(crate) struct Owned(Node);

impl Owned {
    pub(crate) fn new(node: Node) -> Arc<Self> {
        Arc::new(Self(node))
    }

    /// The node.
    pub(crate) fn node(&self) -> Node {
        self.0.clone()
    }

    fn end(&self) {
        if !self.0.is_closed() {
            // A node that does not end in time is abandoned; there is nobody left to tell.
            let _ = block_on(contained(close(self.node())), || Ok::<(), ()>(()));
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ties a node to an environment; it may end before the node is up.
pub(crate) struct Ending(Mutex<State>);

enum State {
    Opening,
    /// Weak: a node nobody holds any more may go before its thread does.
    Open(Weak<Owned>),
    Ended,
}

impl Ending {
    /// Asks the environment to tell its end.
    pub(crate) fn watch(env: Env) -> JsResult<Arc<Self>> {
        let ending = Arc::new(Self(Mutex::new(State::Opening)));
        env.add_env_cleanup_hook(Arc::clone(&ending), |ending| ending.end())?;
        Ok(ending)
    }

    /// The node is up. If its thread has ended meanwhile, so does the node.
    pub(crate) fn opened(&self, node: &Arc<Owned>) {
        let mut state = self.0.lock();
        if matches!(*state, State::Opening) {
            *state = State::Open(Arc::downgrade(node));
            return;
        }
        drop(state);
        node.end();
    }

    fn end(&self) {
        let state = std::mem::replace(&mut *self.0.lock(), State::Ended);
        if let State::Open(node) = state
            && let Some(node) = node.upgrade()
        {
            node.end();
        }
    }
}

/// Closes a node by value: the future owns what it waits for.
async fn close(node: Node) -> Result<()> {
    node.close(PATIENCE).await
}
