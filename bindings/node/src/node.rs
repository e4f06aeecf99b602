//! A node.

use std::sync::Arc;

use napi::bindgen_prelude::{Buffer, Env, PromiseRaw, Result};
use napi_derive::napi;
use vespiary_api::Node;

use crate::border::{outcome, raise, read, span, word};
use crate::chain::NativeChain;
use crate::elsewhere::Elsewhere;
use crate::ending::{Ending, Owned};
use crate::tangle::NativeTangle;

/// A running node.
#[napi]
pub struct NativeNode(Elsewhere<Arc<Owned>>);

/// Opens a node that ends with this thread. `options`: the facade's `NodeOptions` as JSON.
#[napi(catch_unwind, ts_return_type = "Promise<NativeNode>")]
pub fn open_node<'env>(
    env: &'env Env,
    options: String,
    tangle: Option<&NativeTangle>,
) -> Result<PromiseRaw<'env, NativeNode>> {
    let tangle = tangle.map(|tangle| (*tangle.0).clone());
    let ending = Ending::watch(*env)?;
    env.spawn_future(async move {
        let node = Owned::new(outcome(async move { Node::open(read(&options)?, tangle).await }).await?);
        ending.opened(&node);
        Ok(NativeNode(Elsewhere::new(node)))
    })
}

/// The version of the native node.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    Node::version()
}

#[napi]
impl NativeNode {
    /// Its name.
    #[napi(getter, catch_unwind)]
    pub fn name(&self) -> String {
        self.0.node().name().to_owned()
    }

    /// True once it was closed.
    #[napi(getter, catch_unwind)]
    pub fn closed(&self) -> bool {
        self.0.node().is_closed()
    }

    /// Unix milliseconds on its clock.
    #[napi]
    pub async fn now(&self) -> Result<i64> {
        let node = self.0.node();
        // Unix milliseconds fit for 292 million years.
        outcome(async move { node.now_ms().await }).await.map(|now| i64::try_from(now).unwrap_or(i64::MAX))
    }

    /// The tangle it is on.
    #[napi(catch_unwind)]
    pub fn tangle(&self) -> NativeTangle {
        NativeTangle(Elsewhere::new(self.0.node().tangle()))
    }

    /// Makes a chain, or takes the one of this name if `reuse`. `options`: the facade's `ChainOptions` as JSON.
    #[napi]
    pub async fn create_chain(&self, options: String, reuse: bool) -> Result<NativeChain> {
        let node = self.0.node();
        let chain = outcome(async move {
            let options = read(&options)?;
            if reuse { node.get_or_create_chain(options).await } else { node.create_chain(options).await }
        });
        Ok(NativeChain::new(chain.await?))
    }

    /// The chain of this name.
    #[napi]
    pub async fn chain(&self, name: String) -> Result<NativeChain> {
        let node = self.0.node();
        Ok(NativeChain::new(outcome(async move { node.chain(name).await }).await?))
    }

    /// All chains.
    #[napi]
    pub async fn chains(&self) -> Result<Vec<NativeChain>> {
        let node = self.0.node();
        let chains = outcome(async move { node.chains().await }).await?;
        Ok(chains.into_iter().map(NativeChain::new).collect())
    }

    /// A table over all chains, as an Arrow IPC stream.
    #[napi]
    pub async fn table(&self, kind: String, selection: String) -> Result<Buffer> {
        let node = self.0.node();
        outcome(async move { node.table(word(&kind)?, read(&selection)?).await?.to_ipc() }).await.map(Buffer::from)
    }

    /// Lets virtual time pass.
    #[napi]
    pub async fn run_for(&self, milliseconds: f64) -> Result<()> {
        let node = self.0.node();
        outcome(async move { node.run_for(span(milliseconds)?).await }).await
    }

    /// Shuts the tree down in order, and abandons it after this time.
    #[napi]
    pub async fn close(&self, milliseconds: f64) -> Result<()> {
        let node = self.0.node();
        outcome(async move { node.close(span(milliseconds)?).await }).await
    }

    /// The actors whose path matches, as JSON.
    #[napi(catch_unwind)]
    pub fn tree_snapshot(&self, glob: Option<String>) -> Result<String> {
        crate::tree::snapshot(&self.0.node(), glob.as_deref()).map_err(raise)
    }

    /// The tree as text.
    #[napi(catch_unwind)]
    pub fn tree_text(&self) -> Result<String> {
        self.0.node().tree().text(None).map_err(raise)
    }

    /// What happens in the tree from now on.
    #[napi(catch_unwind)]
    pub fn tree_events(&self) -> Result<crate::stream::NativeStream> {
        crate::tree::events(&self.0.node()).map_err(raise)
    }

    /// A fault at a path: `crash`, `stop`, `hang` (ms), `delay` (messages, ms), `drop` (messages).
    #[napi]
    pub async fn tree_fault(&self, path: String, fault: String, count: u32, milliseconds: f64) -> Result<()> {
        let node = self.0.node();
        outcome(crate::tree::fault(node, path, fault, count, milliseconds)).await
    }
}
