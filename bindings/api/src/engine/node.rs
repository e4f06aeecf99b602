//! A node: its chains, its tree, its end.

use std::time::Duration;

use vespiary_node::{ClockKind, Disk, Durability, NodeConfig, NodeHandle, TangleConfig};
use vespiary_types::ChainConfig;

use super::errors::node_error;
use super::{ChainEngine, Clock, TangleEngine};
use crate::{NodeOptions, Result};

#[derive(Clone)]
pub(crate) struct NodeEngine {
    handle: NodeHandle,
    clock: Clock,
}

impl NodeEngine {
    pub(crate) async fn start(options: NodeOptions, tangle: Option<TangleEngine>) -> Result<Self> {
        let defaults = NodeConfig::default();
        let tangle_defaults = TangleConfig::default();
        let config = NodeConfig {
            name: options.name.unwrap_or(defaults.name),
            durability: match options.durability {
                None => defaults.durability,
                Some(crate::Durability::PowerLoss) => Durability::PowerLoss,
                Some(crate::Durability::Process) => Durability::Process,
            },
            disk: options.data_dir.map_or(Disk::Memory, Disk::Directory),
            seed: options.seed,
            clock: match options.clock {
                crate::ClockKind::Real => ClockKind::Real,
                crate::ClockKind::Virtual => ClockKind::Virtual,
            },
            tangle: tangle.map(|tangle| tangle.handle().clone()),
            tangle_config: TangleConfig {
                network: options.network.unwrap_or(tangle_defaults.network),
                milestone_interval: options
                    .milestone_interval
                    .map_or(tangle_defaults.milestone_interval, |interval| interval.0),
                ..tangle_defaults
            },
        };
        let handle = NodeHandle::start(config).await.map_err(node_error)?;
        let clock = Clock::new(handle.host().clone());
        Ok(Self { handle, clock })
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn tree(&self) -> &vespiary_supervision::Tree {
        self.handle.tree()
    }

    pub(crate) fn tangle(&self) -> TangleEngine {
        TangleEngine::of(self.handle.tangle().clone())
    }

    pub(crate) async fn create_chain(&self, config: ChainConfig) -> Result<ChainEngine> {
        let handle = self.handle.clone();
        self.clock
            .drive(async move { handle.create_chain(config).await.map(ChainEngine::new).map_err(node_error) })
            .await
    }

    pub(crate) async fn get_or_create_chain(&self, config: ChainConfig) -> Result<ChainEngine> {
        let handle = self.handle.clone();
        self.clock
            .drive(async move { handle.get_or_create_chain(config).await.map(ChainEngine::new).map_err(node_error) })
            .await
    }

    pub(crate) async fn chain(&self, name: String) -> Result<ChainEngine> {
        let handle = self.handle.clone();
        self.clock.drive(async move { handle.chain(&name).await.map(ChainEngine::new).map_err(node_error) }).await
    }

    pub(crate) async fn chains(&self) -> Result<Vec<ChainEngine>> {
        let handle = self.handle.clone();
        let chains = self.clock.drive(async move { handle.chains().await.map_err(node_error) }).await?;
        Ok(chains.into_iter().map(ChainEngine::new).collect())
    }

    pub(crate) async fn close(&self, timeout: Duration) -> Result<()> {
        self.handle.close(timeout).await.map_err(node_error)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }
}
