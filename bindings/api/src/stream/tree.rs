//! What happens in the tree.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Mutex;
use vespiary_supervision::{EventStream, Observed};

use crate::{Node, Result};

/// Events of the tree since the subscription. A slow reader loses the oldest and is told how many.
#[derive(Clone)]
pub struct TreeEvents {
    node: Node,
    events: Arc<Mutex<EventStream>>,
}

impl TreeEvents {
    pub(crate) fn new(node: Node, events: EventStream) -> Self {
        Self { node, events: Arc::new(Mutex::new(events)) }
    }

    /// The next event as plain data: `{"atMs", "path", "event", …}`, or `{"event": "missed", "count"}`. It ends with the node.
    pub async fn next(&self) -> Result<Option<Value>> {
        self.node.check_process()?;
        let mut events = self.events.lock().await;
        let observed = match events.try_next() {
            Some(observed) => observed,
            None if self.node.is_closed() => return Ok(None),
            None => events.next().await,
        };
        Ok(Some(match observed {
            Observed::Missed(count) => json!({ "event": "missed", "count": count }),
            Observed::Event(event) => {
                let mut value = serde_json::to_value(&event)?;
                if let Some(fields) = value.as_object_mut() {
                    fields.remove("at");
                    #[expect(clippy::cast_possible_truncation, reason = "584 million years fit")]
                    fields.insert("atMs".into(), json!(event.at.as_millis() as u64));
                }
                value
            }
        }))
    }
}
