//! A chain.

use futures::future::join_all;
use napi::bindgen_prelude::{Buffer, Either, Result, Uint8Array};
use napi_derive::napi;
use vespiary_api::{Chain, Level, Provider, Result as Outcome};

use crate::border::{outcome, raise, read, span, whole, word};
use crate::cancel::{NativeCancel, token, unless};
use crate::elsewhere::Elsewhere;
use crate::rows;
use crate::stream::NativeStream;

/// A chain of a node.
#[napi]
pub struct NativeChain {
    chain: Elsewhere<Chain>,
    /// JSON-RPC without accounts: JavaScript signs. Filters live in it, so there is one.
    provider: Provider,
}

impl NativeChain {
    pub(crate) fn new(chain: Chain) -> Self {
        let provider = chain.provider(Vec::new());
        Self { chain: Elsewhere::new(chain), provider }
    }
}

#[napi]
impl NativeChain {
    /// Its name.
    #[napi(getter, catch_unwind)]
    pub fn name(&self) -> &str {
        self.chain.name()
    }

    /// Its id on the tangle.
    #[napi(getter, catch_unwind)]
    pub fn id(&self) -> String {
        self.chain.id().to_string()
    }

    /// The id that transactions are signed for.
    #[napi(getter, catch_unwind)]
    pub fn evm_chain_id(&self) -> i64 {
        // MetaMask's limit is far below.
        i64::try_from(self.chain.evm_chain_id()).unwrap_or(i64::MAX)
    }

    /// Its configuration as JSON.
    #[napi(catch_unwind)]
    pub fn config(&self) -> String {
        self.chain.config().to_string()
    }

    /// The newest heights as JSON.
    #[napi(catch_unwind)]
    pub fn heads(&self) -> Result<String> {
        serde_json::to_string(&self.chain.heads()).map_err(|error| raise(error.into()))
    }

    /// JSON-RPC 2.0: text in, text out.
    #[napi]
    pub async fn rpc(&self, request: String, cancel: Option<&NativeCancel>) -> Result<String> {
        let (provider, cancelled) = (self.provider.clone(), token(cancel));
        outcome(Box::pin(unless(cancelled, async move { Ok(provider.answer(request).await) }))).await
    }

    /// Sends signed transactions (hex or bytes) and waits for this level. One row each.
    #[napi]
    pub async fn send_raw(
        &self,
        raw: Vec<Either<String, Uint8Array>>,
        wait: String,
        cancel: Option<&NativeCancel>,
    ) -> Result<String> {
        let (chain, cancelled) = (self.chain.clone(), token(cancel));
        outcome(Box::pin(unless(cancelled, send(chain, raw, wait)))).await
    }

    /// Waits until a transaction has reached a level; its receipt as JSON.
    #[napi]
    pub async fn wait_for(
        &self,
        hash: String,
        level: String,
        milliseconds: Option<f64>,
        cancel: Option<&NativeCancel>,
    ) -> Result<String> {
        let (chain, cancelled) = (self.chain.clone(), token(cancel));
        let wait = async move {
            let patience = milliseconds.map(span).transpose()?;
            let receipt = chain.wait_for(word(&hash)?, word(&level)?, patience).await?;
            Ok(receipt.to_json().to_string())
        };
        outcome(Box::pin(unless(cancelled, wait))).await
    }

    /// Waits for many. One row each.
    #[napi]
    pub async fn wait_for_all(
        &self,
        hashes: Vec<String>,
        level: String,
        cancel: Option<&NativeCancel>,
    ) -> Result<String> {
        let (chain, cancelled) = (self.chain.clone(), token(cancel));
        let wait = async move {
            let level: Level = word(&level)?;
            let waits = hashes.iter().map(|hash| {
                let chain = chain.clone();
                async move { chain.wait_for(word(hash)?, level, None).await }
            });
            Ok(rows::reached(join_all(waits).await))
        };
        outcome(Box::pin(unless(cancelled, wait))).await
    }

    /// Blocks from a height on; from the next one if none is given.
    #[napi(catch_unwind)]
    pub fn blocks(&self, from: Option<i64>, level: String) -> Result<NativeStream> {
        let open = || Ok(self.chain.blocks(from.map(|from| whole(from, "from")).transpose()?, word(&level)?));
        open().map(NativeStream::of_blocks).map_err(raise)
    }

    /// Logs that pass a filter (`eth_getLogs`' own, as JSON) from a cursor (JSON) on.
    #[napi(catch_unwind)]
    pub fn logs(&self, filter: String, cursor: Option<String>, level: String) -> Result<NativeStream> {
        let open = || Ok(self.chain.logs(read(&filter)?, cursor.as_deref().map(read).transpose()?, word(&level)?));
        open().map(NativeStream::of_logs).map_err(raise)
    }

    /// A table as an Arrow IPC stream.
    #[napi]
    pub async fn table(&self, kind: String, selection: String) -> Result<Buffer> {
        let chain = self.chain.clone();
        outcome(async move { chain.table(word(&kind)?, read(&selection)?).await?.to_ipc() }).await.map(Buffer::from)
    }

    /// The table of one event of a contract's interface (its JSON ABI).
    #[napi]
    pub async fn event_table(
        &self,
        interface: String,
        event: String,
        address: Option<String>,
        selection: String,
    ) -> Result<Buffer> {
        let chain = self.chain.clone();
        outcome(async move {
            let interface = vespiary_api::Interface::parse(&interface)?;
            let address = address.as_deref().map(word).transpose()?;
            chain.event_table(interface, event, address, read(&selection)?).await?.to_ipc()
        })
        .await
        .map(Buffer::from)
    }

    /// Its anchors as JSON.
    #[napi]
    pub async fn anchors(&self) -> Result<String> {
        let chain = self.chain.clone();
        outcome(async move { Ok(serde_json::to_string(&chain.anchors().await?)?) }).await
    }

    /// Goes back to a height; `dev` chains only.
    #[napi]
    pub async fn rewind(&self, height: i64) -> Result<()> {
        let chain = self.chain.clone();
        outcome(async move { chain.rewind(whole(height, "height")?).await }).await
    }
}

async fn send(chain: Chain, raw: Vec<Either<String, Uint8Array>>, wait: String) -> Outcome<String> {
    let wait = word(&wait)?;
    // What is not even hex becomes bytes that no transaction starts with: its own row says so, and no other.
    let raw = raw
        .into_iter()
        .map(|item| match item {
            Either::A(text) => text.parse().unwrap_or_else(|_| text.into_bytes().into()),
            Either::B(bytes) => bytes.to_vec().into(),
        })
        .collect();
    Ok(rows::sent(chain.send_raw(raw, wait, None).await))
}
