//! The embedded L1.

use std::time::Duration;

use serde_json::{Value, json};
use vespiary_crypto::Ed25519KeyPair;
use vespiary_node::{Host, StandaloneTangle, TangleConfig, TangleHandle};
use vespiary_tangle::{LedgerOutput, Network, UnsignedTransaction};
use vespiary_types::L1Address;

use super::Clock;
use super::errors::node_error;
use crate::{Error, Result, TangleOptions};

#[derive(Clone)]
pub(crate) struct TangleEngine {
    handle: TangleHandle,
    clock: Clock,
    /// Holds a tangle that stands alone for as long as anybody has it.
    _standalone: Option<std::sync::Arc<StandaloneTangle>>,
}

impl TangleEngine {
    pub(crate) async fn start(options: TangleOptions) -> Result<Self> {
        let defaults = TangleConfig::default();
        let config = TangleConfig {
            network: options.network.unwrap_or(defaults.network),
            milestone_interval: options.milestone_interval.map_or(defaults.milestone_interval, |interval| interval.0),
            ..defaults
        };
        let tangle = StandaloneTangle::start(config, Host::real(), None).await.map_err(node_error)?;
        let handle = tangle.handle().clone();
        Ok(Self { _standalone: Some(std::sync::Arc::new(tangle)), ..Self::of(handle) })
    }

    pub(super) fn of(handle: TangleHandle) -> Self {
        let clock = Clock::new(handle.host().clone());
        Self { handle, clock, _standalone: None }
    }

    pub(crate) fn handle(&self) -> &TangleHandle {
        &self.handle
    }

    /// The human-readable part of addresses.
    pub(crate) async fn network(&self) -> Result<String> {
        let handle = self.handle.clone();
        self.clock
            .drive(async move { handle.network().await.map(|network| network.bech32_hrp).map_err(node_error) })
            .await
    }

    pub(crate) fn latest_milestone(&self) -> Value {
        let latest = self.handle.latest();
        json!({ "index": latest.index, "id": latest.id.to_string(), "timeMs": latest.time_ms })
    }

    /// An address as bech32 text of this network, or as 33 bytes of hex.
    pub(crate) async fn address(&self, text: &str) -> Result<L1Address> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        if let Some(address) = hex::decode(digits).ok().and_then(|bytes| L1Address::from_bytes(&bytes).ok()) {
            return Ok(address);
        }
        let network = self.network().await?;
        L1Address::from_bech32(&network, text).map_err(|error| Error::malformed(error.to_string()))
    }

    pub(crate) async fn balance(&self, address: L1Address) -> Result<u64> {
        let handle = self.handle.clone();
        self.clock.drive(async move { handle.balance(address).await.map_err(node_error) }).await
    }

    pub(crate) async fn faucet(&self, to: L1Address, tokens: u64) -> Result<()> {
        let handle = self.handle.clone();
        self.clock.drive(async move { handle.faucet(to, tokens).await.map(|_| ()).map_err(node_error) }).await
    }

    /// Signs a transaction, attaches it and waits for its milestone.
    pub(crate) async fn confirm(
        &self,
        unsigned: UnsignedTransaction,
        key: Ed25519KeyPair,
    ) -> Result<vespiary_types::TransactionId> {
        self.handle.confirm(unsigned, &key).await.map_err(node_error)
    }

    /// The network, and what an address can spend.
    pub(crate) async fn spendable(&self, address: L1Address) -> Result<(Network, Vec<std::sync::Arc<LedgerOutput>>)> {
        let network = self.handle.network().await.map_err(node_error)?;
        Ok((network, self.handle.unspent(address).await.map_err(node_error)?))
    }

    pub(crate) async fn pause(&self) -> Result<()> {
        let handle = self.handle.clone();
        self.clock.drive(async move { handle.pause().await.map_err(node_error) }).await
    }

    pub(crate) async fn resume(&self) -> Result<()> {
        let handle = self.handle.clone();
        self.clock.drive(async move { handle.resume().await.map_err(node_error) }).await
    }

    pub(crate) async fn refuse(&self, blocks: u32) -> Result<()> {
        let handle = self.handle.clone();
        self.clock.drive(async move { handle.refuse(blocks).await.map_err(node_error) }).await
    }

    pub(crate) async fn set_milestone_interval(&self, interval: Duration) -> Result<()> {
        let handle = self.handle.clone();
        self.clock.drive(async move { handle.set_milestone_interval(interval).await.map_err(node_error) }).await
    }
}
