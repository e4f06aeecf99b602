//! `tree`: one row an actor, as it is now.

use serde_json::Value;

use super::{Columns, Table};
use crate::{Node, Result};

/// The actors of a node, or those of one chain.
pub(super) fn table(node: &Node, chain: Option<&str>) -> Result<Table> {
    let actors: Vec<Value> =
        node.tree().snapshot(None)?.into_iter().filter(|actor| chain.is_none() || chain_of(actor) == chain).collect();
    let text = |name: &'static str| {
        actors.iter().map(move |actor| actor.get(name).and_then(Value::as_str).unwrap_or_default())
    };
    let number = |name: &'static str| {
        actors.iter().map(move |actor| actor.get(name).and_then(Value::as_u64).unwrap_or_default())
    };
    let mut columns = Columns::new("tree", node.seed());
    columns.text("node", actors.iter().map(|_| node.name()));
    columns.text_or_null("chain", actors.iter().map(|actor| chain_of(actor).map(str::to_owned)));
    columns.text("path", text("path"));
    columns.text("kind", text("kind"));
    columns.text("state", text("state"));
    columns.u64("incarnation", number("incarnation"));
    columns.u64("restarts", number("restarts"));
    columns.text_or_null(
        "last_exit",
        actors.iter().map(|actor| actor.get("lastExit").and_then(Value::as_str).map(str::to_owned)),
    );
    columns.u64("received", number("received"));
    columns.u64("handled", number("handled"));
    columns.u64("queued", number("queued"));
    columns.f64("busy_ms", actors.iter().map(|actor| actor.get("busyMs").and_then(Value::as_f64).unwrap_or_default()));
    columns.finish()
}

/// The name in `/chains/<name>/…`.
fn chain_of(actor: &Value) -> Option<&str> {
    let mut names = actor.get("path")?.as_str()?.split('/').filter(|name| !name.is_empty());
    if names.next()? == "chains" { names.next() } else { None }
}
