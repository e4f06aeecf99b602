//! What holds around execution: the chain, the block, the request.

use alloy_primitives::{Address, B256, U256, keccak256};
use vespiary_types::{AgentId, ChainId, Fork, MilestoneId, Request, RequestId, Rules};

use crate::Parameters;

/// Where the base fee of a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BaseFee {
    /// To nobody, as on Ethereum (EIP-1559).
    Burn,
    /// To the proposer by the fee policy's percentage, the rest to the chain's owner.
    #[default]
    Split,
}

/// What holds for a chain as long as it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainContext {
    /// Its id.
    pub chain: ChainId,
    /// Its EVM chain id.
    pub evm_chain_id: u64,
    /// Where base fees go.
    pub fees_destination: BaseFee,
}

/// What consensus decided about one block, its requests aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockContext {
    /// Its height; genesis is 0.
    pub height: u64,
    /// The hash of the block before it.
    pub parent: B256,
    /// The parent's time, unix nanoseconds.
    pub parent_time_ns: u64,
    /// How many requests the parent has: each of them took one nanosecond.
    pub parent_requests: u32,
    /// Its own time, unix nanoseconds.
    pub time_ns: u64,
    /// The milestone it saw.
    pub milestone: MilestoneId,
    /// Its entropy, which is PREVRANDAO.
    pub entropy: B256,
    /// The proposer's payout agent, who gets tips and a share of base fees.
    pub proposer: AgentId,
}

/// Everything a virtual machine may know about the block it runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The chain.
    pub chain: ChainContext,
    /// The block.
    pub block: BlockContext,
    /// The chain's parameters as they stood when the block began.
    pub parameters: Parameters,
    /// The proposer's EVM alias: COINBASE.
    pub beneficiary: Address,
    /// Wei for a unit of gas: BASEFEE.
    pub base_fee: U256,
}

impl Environment {
    /// The environment of a block that begins with these parameters.
    pub fn new(chain: ChainContext, block: BlockContext, parameters: Parameters) -> Self {
        let beneficiary = match block.proposer {
            AgentId::Nil => Address::ZERO,
            agent => agent.evm_alias(&chain.chain),
        };
        let base_fee = parameters.fees.price_wei();
        Self { chain, block, parameters, beneficiary, base_fee }
    }

    /// Unix seconds, which is all that Ethereum's header and TIMESTAMP have room for.
    pub fn timestamp(&self) -> u64 {
        self.block.time_ns / 1_000_000_000
    }

    /// The rules of this height.
    pub fn rules(&self) -> Rules {
        self.parameters.rules.at(self.block.height)
    }

    /// The EVM's version at this height.
    pub fn fork(&self) -> Fork {
        self.rules().fork
    }
}

/// What a virtual machine may know about the request it runs for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestContext {
    /// The request.
    pub id: RequestId,
    /// Who asks.
    pub sender: AgentId,
    /// Its place in the block.
    pub index: u32,
    /// Block time plus index, nanoseconds since the unix epoch.
    pub timestamp_ns: u64,
    /// keccak-256 of the index (4 bytes, big-endian) and the block's entropy.
    pub entropy: B256,
}

impl RequestContext {
    /// The context of `request` at `index` of `block`.
    pub fn new(request: &Request, index: u32, block: &BlockContext) -> Self {
        Self::of(request.id(), request.sender(), index, block)
    }

    /// The context of a call that is no request: a view, or `eth_call`.
    pub fn of(id: RequestId, sender: AgentId, index: u32, block: &BlockContext) -> Self {
        let mut preimage = [0_u8; 36];
        let (head, tail) = preimage.split_at_mut(4);
        head.copy_from_slice(&index.to_be_bytes());
        tail.copy_from_slice(block.entropy.as_slice());
        let timestamp_ns = block.time_ns.saturating_add(u64::from(index));
        Self { id, sender, index, timestamp_ns, entropy: keccak256(preimage) }
    }
}
