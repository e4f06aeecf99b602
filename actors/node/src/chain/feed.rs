//! The feed: announces how far a chain has come. It lives outside the chain, so a subscription outlives the chain's restart.
//!
//! Readers read the store themselves: a slow one loses nothing and holds nobody up.

use std::sync::Arc;

use vespiary_supervision::{Actor, Context, Handler, Reply};

use super::Chain;
use super::messages::Announce;

pub(crate) struct Feed {
    chain: Arc<Chain>,
}

impl Feed {
    pub(crate) fn new(chain: &Arc<Chain>) -> Self {
        Self { chain: Arc::clone(chain) }
    }

    /// Tells every subscriber how far the chain has come by now, if that is news.
    fn announce(&self) {
        let heads = *self.chain.heads.lock();
        if let Some(feed) = self.chain.feed.lock().as_ref() {
            feed.send_if_modified(|last| std::mem::replace(last, heads) != heads);
        }
    }
}

impl Actor for Feed {
    const KIND: &'static str = "feed";

    fn started(&mut self, _: &mut Context<Self>) {
        // An earlier incarnation may have missed something.
        self.announce();
    }
}

impl Handler<Announce> for Feed {
    fn handle(&mut self, _: Announce, _: &mut Context<Self>) -> Reply<()> {
        self.announce();
        Reply::now(())
    }
}
