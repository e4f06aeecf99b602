//! Streams: JavaScript pulls, Rust never calls.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{Either, select};
use napi::bindgen_prelude::Result;
use napi_derive::napi;
use parking_lot::Mutex;
use tokio::sync::watch;
use vespiary_api::{BlockStream, LogStream, Result as Outcome, TreeEvents};

use crate::border::outcome;
use crate::elsewhere::Elsewhere;

enum Source {
    Blocks(BlockStream),
    Logs(LogStream),
    Tree(TreeEvents),
}

impl Source {
    /// The next item as JSON; none after the node's end.
    async fn next(&self) -> Outcome<Option<String>> {
        Ok(match self {
            Self::Blocks(blocks) => blocks.next().await?.map(|block| block.to_json().to_string()),
            Self::Logs(logs) => logs.next().await?.map(|log| log.to_json().to_string()),
            Self::Tree(events) => events.next().await?.map(|event| event.to_string()),
        })
    }
}

/// A stream of blocks, logs or tree events.
#[napi]
pub struct NativeStream {
    /// Gone once closed, so that a stream nobody reads does not hold its node.
    source: Mutex<Option<Arc<Elsewhere<Source>>>>,
    closed: watch::Sender<bool>,
}

impl NativeStream {
    pub(crate) fn of_blocks(blocks: BlockStream) -> Self {
        Self::new(Source::Blocks(blocks))
    }

    pub(crate) fn of_logs(logs: LogStream) -> Self {
        Self::new(Source::Logs(logs))
    }

    pub(crate) fn of_tree(events: TreeEvents) -> Self {
        Self::new(Source::Tree(events))
    }

    fn new(source: Source) -> Self {
        Self { source: Mutex::new(Some(Arc::new(Elsewhere::new(source)))), closed: watch::Sender::new(false) }
    }

    fn source(&self) -> Option<Arc<Elsewhere<Source>>> {
        self.source.lock().clone()
    }
}

#[napi]
impl NativeStream {
    /// Waits for an item and takes with it what is there already, at most `most` in all: a JSON array, or null at the end.
    #[napi]
    pub async fn pull(&self, most: u32) -> Result<Option<String>> {
        let Some(source) = self.source() else {
            return Ok(None);
        };
        let mut closed = self.closed.subscribe();
        outcome(async move {
            until(async move { closed.wait_for(|closed| *closed).await.map(drop) }, batch(&source, most)).await
        })
        .await
    }

    /// Ends it, and a pull that waits.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.closed.send_replace(true);
        self.source.lock().take();
    }
}

/// The batch, or nothing once `end` comes first.
async fn until<E>(
    end: impl Future<Output = E>,
    batch: impl Future<Output = Outcome<Option<String>>>,
) -> Outcome<Option<String>> {
    match select(pin!(batch), pin!(end)).await {
        Either::Left((batch, _)) => batch,
        Either::Right(_) => Ok(None),
    }
}

async fn batch(source: &Source, most: u32) -> Outcome<Option<String>> {
    let Some(first) = source.next().await? else {
        return Ok(None);
    };
    let mut items = String::with_capacity(first.len() + 2);
    items.push('[');
    items.push_str(&first);
    for _ in 1..most {
        // A failure shows up again in the next pull.
        let Some(Ok(Some(item))) = source.next().now_or_never() else {
            break;
        };
        items.push(',');
        items.push_str(&item);
    }
    items.push(']');
    Ok(Some(items))
}
