//! The tangle.

use napi::bindgen_prelude::Result;
use napi_derive::napi;
use vespiary_api::Tangle;

use crate::border::{outcome, read, span, word};
use crate::elsewhere::Elsewhere;

/// A tangle: a node's own, or one that nodes share.
#[napi]
pub struct NativeTangle(pub(crate) Elsewhere<Tangle>);

/// Makes a tangle. `options`: the facade's `TangleOptions` as JSON.
#[napi]
pub async fn open_tangle(options: String) -> Result<NativeTangle> {
    outcome(async move { Tangle::open(read(&options)?).await }).await.map(|tangle| NativeTangle(Elsewhere::new(tangle)))
}

#[napi]
impl NativeTangle {
    /// What its addresses begin with.
    #[napi]
    pub async fn address_prefix(&self) -> Result<String> {
        let tangle = self.0.clone();
        outcome(async move { tangle.network().await }).await
    }

    /// The newest milestone as JSON.
    #[napi(catch_unwind)]
    pub fn latest_milestone(&self) -> String {
        self.0.latest_milestone().to_string()
    }

    /// What an L1 address owns, in the tangle's smallest amount, as decimal text.
    #[napi]
    pub async fn balance(&self, address: String) -> Result<String> {
        let tangle = self.0.clone();
        outcome(async move { Ok(tangle.balance(address).await?.to_string()) }).await
    }

    /// Gives an L1 address tokens: decimal text in the tangle's smallest amount.
    #[napi]
    pub async fn faucet(&self, address: String, tokens: String) -> Result<()> {
        let tangle = self.0.clone();
        outcome(async move { tangle.faucet(address, word(&tokens)?).await }).await
    }

    /// Issues no milestones until `resume`.
    #[napi]
    pub async fn pause(&self) -> Result<()> {
        let tangle = self.0.clone();
        outcome(async move { tangle.pause().await }).await
    }

    /// Issues milestones again.
    #[napi]
    pub async fn resume(&self) -> Result<()> {
        let tangle = self.0.clone();
        outcome(async move { tangle.resume().await }).await
    }

    /// Refuses the next submissions.
    #[napi]
    pub async fn refuse(&self, count: u32) -> Result<()> {
        let tangle = self.0.clone();
        outcome(async move { tangle.refuse(count).await }).await
    }

    /// At most one milestone in this time.
    #[napi]
    pub async fn set_milestone_interval(&self, milliseconds: f64) -> Result<()> {
        let tangle = self.0.clone();
        outcome(async move { tangle.set_milestone_interval(span(milliseconds)?).await }).await
    }
}
