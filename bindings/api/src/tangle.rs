//! The tangle a node is on: a noun of its own, shared by nodes that are given it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::TangleEngine;
use crate::{Result, Span, Wallet};

/// How a tangle is opened.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TangleOptions {
    /// The network's name, which is the human-readable part of addresses.
    pub network: Option<String>,
    /// Least time between two milestones.
    pub milestone_interval: Option<Span>,
}

/// A tangle. Cheap to clone.
#[derive(Clone)]
pub struct Tangle(TangleEngine);

impl Tangle {
    pub(crate) fn of(engine: TangleEngine) -> Self {
        Self(engine)
    }

    pub(crate) fn engine(&self) -> &TangleEngine {
        &self.0
    }

    /// Starts a tangle that stands alone.
    pub async fn open(options: TangleOptions) -> Result<Self> {
        crate::node::check_first_process()?;
        TangleEngine::start(options).await.map(Self)
    }

    /// The human-readable part of addresses.
    pub async fn network(&self) -> Result<String> {
        self.0.network().await
    }

    /// `{"index", "id", "timeMs"}` of the newest milestone.
    pub fn latest_milestone(&self) -> Value {
        self.0.latest_milestone()
    }

    /// The text by which people exchange a wallet's address on this network.
    pub async fn address_of(&self, wallet: Wallet) -> Result<String> {
        Ok(wallet.l1_address().to_bech32(&self.0.network().await?))
    }

    /// L1 units that an address (bech32, or 33 bytes of hex) can spend.
    pub async fn balance(&self, address: String) -> Result<u64> {
        let address = self.0.address(&address).await?;
        self.0.balance(address).await
    }

    /// Pays L1 units out of the faucet; done when a milestone has confirmed it.
    pub async fn faucet(&self, address: String, tokens: u64) -> Result<()> {
        let address = self.0.address(&address).await?;
        self.0.faucet(address, tokens).await
    }

    /// Issues no milestones until [`Self::resume`].
    pub async fn pause(&self) -> Result<()> {
        self.0.pause().await
    }

    /// Issues milestones again.
    pub async fn resume(&self) -> Result<()> {
        self.0.resume().await
    }

    /// Refuses the next blocks.
    pub async fn refuse(&self, blocks: u32) -> Result<()> {
        self.0.refuse(blocks).await
    }

    /// Changes the least time between two milestones.
    pub async fn set_milestone_interval(&self, interval: Duration) -> Result<()> {
        self.0.set_milestone_interval(interval).await
    }
}
