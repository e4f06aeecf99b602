//! The supervision tree: what is in it, and faults by path.

use vespiary_api::{Error, Node, Result};

use crate::border::span;
use crate::stream::NativeStream;

pub(crate) fn snapshot(node: &Node, glob: Option<&str>) -> Result<String> {
    Ok(serde_json::to_string(&node.tree().snapshot(glob)?)?)
}

pub(crate) fn events(node: &Node) -> Result<NativeStream> {
    node.tree().events().map(NativeStream::of_tree)
}

/// A fault as JavaScript names it.
pub(crate) async fn fault(node: Node, path: String, fault: String, count: u32, milliseconds: f64) -> Result<()> {
    let tree = node.tree();
    match fault.as_str() {
        "crash" => tree.crash(path).await,
        "stop" => tree.stop(path).await,
        "hang" => tree.hang(path, span(milliseconds)?).await,
        "delay" => tree.delay_messages(path, count.into(), span(milliseconds)?).await,
        "drop" => tree.drop_messages(path, count.into()).await,
        other => Err(Error::malformed(format!("`{other}` is not a fault: use crash, stop, hang, delay or drop"))),
    }
}
