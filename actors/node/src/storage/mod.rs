//! The store as an actor: syncs for everybody at once.
//!
//! Commits are written by whoever owns their data, straight into the store; this actor makes them survive a power cut, one sync
//! for all commits of all chains since the last.

mod door;

use std::sync::Arc;

use vespiary_state::{Store, StoreError};
use vespiary_supervision::{Actor, Context, Handler, Message, Reply, ReplyHandle};

use crate::environment::{Lane, Pool};

pub(crate) use door::Door;

/// Sync every commit made before this message was sent. Answers when it is done.
pub(crate) struct Persist;

impl Message for Persist {
    type Result = Result<(), StoreError>;
}

pub(crate) struct StoreActor {
    store: Arc<dyn Store>,
    pool: Arc<dyn Pool>,
    /// Who waits for the next sync.
    waiting: Vec<ReplyHandle<Result<(), StoreError>>>,
    syncing: bool,
}

impl StoreActor {
    pub(crate) fn new(store: &Arc<dyn Store>, pool: &Arc<dyn Pool>) -> Self {
        Self { store: Arc::clone(store), pool: Arc::clone(pool), waiting: Vec::new(), syncing: false }
    }

    fn sync(&mut self, context: &mut Context<Self>) {
        if self.syncing || self.waiting.is_empty() {
            return;
        }
        self.syncing = true;
        let (store, served) = (Arc::clone(&self.store), std::mem::take(&mut self.waiting));
        let done = self.pool.call(Lane::Sync, move |_| store.persist());
        context.spawn_then(done, move |actor, outcome, context| {
            let outcome =
                outcome.unwrap_or_else(|_| Err(StoreError::Disk("the thread that syncs the disk panicked".into())));
            for handle in served {
                handle.send(outcome.clone());
            }
            actor.syncing = false;
            actor.sync(context);
        });
    }
}

impl Actor for StoreActor {
    const KIND: &'static str = "store";
}

impl Handler<Persist> for StoreActor {
    fn handle(&mut self, _: Persist, context: &mut Context<Self>) -> Reply<Result<(), StoreError>> {
        let (handle, reply) = Reply::deferred();
        self.waiting.push(handle);
        self.sync(context);
        reply
    }
}
