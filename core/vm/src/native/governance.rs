//! `governance`: who administers the chain, and by which policies it runs.
//!
//! Policies hold for whole blocks: what a request changes here shows in the views at once and governs execution from the next block on.
//! Calls by the owner cost nothing, or a chain whose owner has run dry could not be mended.
//!
//! | key after the contract's name | value |
//! |---|---|
//! | `owner`, `delegated`, `payout` | an agent's canonical bytes; without `payout` the owner is paid |
//! | `fees`, `gas`, `mempool`, `rules` | `FeePolicy`, `GasLimits`, `MempoolLimits`, `RulesSchedule` in postcard |

use alloy_json_abi::JsonAbi;
use alloy_primitives::Bytes;
use alloy_sol_types::sol;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vespiary_types::{AgentId, ChainConfig, FeePolicy, Fork, GasLimits, Hname, MempoolLimits, RulesSchedule};

use super::entry_point::{Entry, agent, run};
use super::{Core, state_key};
use crate::sandbox::{Failure, Sandbox, gas};
use crate::{Journal, Parameters};

const OWNER: &[u8] = b"owner";
const DELEGATED: &[u8] = b"delegated";
const PAYOUT: &[u8] = b"payout";
const FEES: &[u8] = b"fees";
const GAS: &[u8] = b"gas";
const MEMPOOL: &[u8] = b"mempool";
const RULES: &[u8] = b"rules";

sol! {
    /// Parameters and results of the core contract `governance`. Agents are their canonical bytes.
    #[sol(abi)]
    interface IGovernance {
        /// Sets the price of gas: `gas` units for `tokens` base tokens of 10^-6 (0:0 is a free chain), and the proposer's percentage.
        function setFeePolicy(uint64 gas_, uint64 tokens, uint8 validatorFeeShare) external;
        /// Sets the limits on gas of a block and a request, and the least that a native request is charged for.
        function setGasLimits(uint64 block_, uint64 request, uint64 minimum) external;
        /// Sets how many requests may be pending in all and of one sender, and a sender's percentage of a full block.
        function setMempoolLimits(uint32 total, uint32 perSender, uint8 senderShare) external;
        /// Offers the chain to another owner, who takes it by `claimChainOwnership`.
        function delegateChainOwnership(bytes agent) external;
        /// Takes the chain that was offered.
        function claimChainOwnership() external;
        /// Sets who gets the owner's share of fees.
        function setPayoutAgentID(bytes agent) external;
        /// What the chain is.
        function getChainInfo() external view returns (bytes32 chainId, uint64 evmChainId, bytes owner, uint64 gas_, uint64 tokens, uint8 validatorFeeShare, uint64 blockGasLimit, uint64 requestGasLimit, uint64 minimumGas);
        /// Who administers the chain.
        function getChainOwner() external view returns (bytes owner);
        /// Whom the chain is offered to; empty if it is not.
        function getDelegatedOwner() external view returns (bytes agent);
        /// Who gets the owner's share of fees.
        function getPayoutAgentID() external view returns (bytes agent);
        /// The fee policy.
        function getFeePolicy() external view returns (uint64 gas_, uint64 tokens, uint8 validatorFeeShare);
        /// The limits on gas.
        function getGasLimits() external view returns (uint64 block_, uint64 request, uint64 minimum);
        /// The limits of the mempool.
        function getMempoolLimits() external view returns (uint32 total, uint32 perSender, uint8 senderShare);
        /// The versions of the protocol and of the EVM at a height.
        function getRules(uint64 height) external view returns (uint32 protocol, string fork);
    }
}

pub(super) fn abi() -> JsonAbi {
    IGovernance::abi::contract()
}

fn key(name: &[u8]) -> Vec<u8> {
    state_key(Core::Governance.hname(), name)
}

fn get<T: DeserializeOwned + Default>(journal: &Journal, name: &[u8], what: &str) -> T {
    let Some(bytes) = journal.native_get(&key(name)) else { return T::default() };
    postcard::from_bytes(&bytes).unwrap_or_else(|error| {
        journal.damaged(what, error);
        T::default()
    })
}

fn set<T: Serialize>(journal: &mut Journal, name: &[u8], value: &T) {
    let bytes = postcard::to_stdvec(value).expect("policies are sized, so postcard can always write them");
    journal.native_set(&key(name), bytes);
}

fn get_agent(journal: &Journal, name: &[u8]) -> Option<AgentId> {
    let bytes = journal.native_get(&key(name))?;
    AgentId::from_bytes(&bytes).map_err(|error| journal.damaged("an agent of the governance contract", error)).ok()
}

/// Who administers the chain.
pub fn owner(journal: &Journal) -> AgentId {
    get_agent(journal, OWNER).unwrap_or_default()
}

/// Who gets the owner's share of fees.
pub fn payout_agent(journal: &Journal) -> AgentId {
    get_agent(journal, PAYOUT).unwrap_or_else(|| owner(journal))
}

/// The limits of the mempool.
pub fn mempool_limits(journal: &Journal) -> MempoolLimits {
    get(journal, MEMPOOL, "the mempool's limits")
}

/// Everything that execution depends on, as it stands now. A block reads it once, before its first request.
pub fn read(journal: &Journal) -> Parameters {
    Parameters {
        owner: owner(journal),
        payout_agent: payout_agent(journal),
        fees: get(journal, FEES, "the fee policy"),
        gas_limits: get(journal, GAS, "the gas limits"),
        rules: get(journal, RULES, "the schedule of rules"),
        maintenance: false,
    }
}

/// Writes what the chain's configuration says.
pub(super) fn genesis(journal: &mut Journal, config: &ChainConfig) {
    journal.native_set(&key(OWNER), config.owner.to_bytes());
    set(journal, FEES, &config.fees);
    set(journal, GAS, &config.gas_limits);
    set(journal, MEMPOOL, &config.mempool);
    set(journal, RULES, &config.rules);
}

/// True if a call by this agent is one of the owner's to this contract, which are free.
pub(super) fn is_free(journal: &Journal, sender: &AgentId, contract: Hname) -> bool {
    contract == Core::Governance.hname() && *sender != AgentId::Nil && *sender == owner(journal)
}

pub(super) fn call(sandbox: &mut Sandbox<'_, '_>, entry_point: Hname, params: &[u8]) -> Result<Bytes, Failure> {
    const ENTRIES: &[Entry] = &[
        Entry::new("setFeePolicy", |sandbox, params| {
            run::<IGovernance::setFeePolicyCall>("setFeePolicy", params, |call| {
                let policy =
                    FeePolicy { gas: call.gas_, tokens: call.tokens, validator_fee_share: call.validatorFeeShare };
                policy.validate().map_err(|error| Failure::Policy(error.to_string()))?;
                owner_sets(sandbox, FEES, &policy).map(Into::into)
            })
        }),
        Entry::new("setGasLimits", |sandbox, params| {
            run::<IGovernance::setGasLimitsCall>("setGasLimits", params, |call| {
                let limits = GasLimits { block: call.block_, request: call.request, minimum: call.minimum };
                check_gas(&limits)?;
                owner_sets(sandbox, GAS, &limits).map(Into::into)
            })
        }),
        Entry::new("setMempoolLimits", |sandbox, params| {
            run::<IGovernance::setMempoolLimitsCall>("setMempoolLimits", params, |call| {
                let limits =
                    MempoolLimits { total: call.total, per_sender: call.perSender, sender_share: call.senderShare };
                check_mempool(&limits)?;
                owner_sets(sandbox, MEMPOOL, &limits).map(Into::into)
            })
        }),
        Entry::new("delegateChainOwnership", |sandbox, params| {
            run::<IGovernance::delegateChainOwnershipCall>("delegateChainOwnership", params, |call| {
                owner_names(sandbox, "delegateChainOwnership", DELEGATED, &call.agent).map(Into::into)
            })
        }),
        Entry::new("claimChainOwnership", |sandbox, params| {
            run::<IGovernance::claimChainOwnershipCall>("claimChainOwnership", params, |_| {
                claim(sandbox).map(Into::into)
            })
        }),
        Entry::new("setPayoutAgentID", |sandbox, params| {
            run::<IGovernance::setPayoutAgentIDCall>("setPayoutAgentID", params, |call| {
                owner_names(sandbox, "setPayoutAgentID", PAYOUT, &call.agent).map(Into::into)
            })
        }),
        Entry::view("getChainInfo", |sandbox, params| {
            run::<IGovernance::getChainInfoCall>("getChainInfo", params, |_| {
                sandbox.charge(3 * gas::READ)?;
                let (chain, evm_chain_id) = (sandbox.chain().0, sandbox.evm_chain_id());
                let Parameters { owner, fees, gas_limits, .. } = read(sandbox.journal());
                Ok(IGovernance::getChainInfoReturn {
                    chainId: chain,
                    evmChainId: evm_chain_id,
                    owner: owner.to_bytes().into(),
                    gas_: fees.gas,
                    tokens: fees.tokens,
                    validatorFeeShare: fees.validator_fee_share,
                    blockGasLimit: gas_limits.block,
                    requestGasLimit: gas_limits.request,
                    minimumGas: gas_limits.minimum,
                })
            })
        }),
        Entry::view("getChainOwner", |sandbox, params| {
            run::<IGovernance::getChainOwnerCall>("getChainOwner", params, |_| Ok(sandbox.owner()?.to_bytes().into()))
        }),
        Entry::view("getDelegatedOwner", |sandbox, params| {
            run::<IGovernance::getDelegatedOwnerCall>("getDelegatedOwner", params, |_| {
                Ok(sandbox.get(DELEGATED)?.unwrap_or_default())
            })
        }),
        Entry::view("getPayoutAgentID", |sandbox, params| {
            run::<IGovernance::getPayoutAgentIDCall>("getPayoutAgentID", params, |_| {
                sandbox.charge(gas::READ)?;
                Ok(payout_agent(sandbox.journal()).to_bytes().into())
            })
        }),
        Entry::view("getFeePolicy", |sandbox, params| {
            run::<IGovernance::getFeePolicyCall>("getFeePolicy", params, |_| {
                sandbox.charge(gas::READ)?;
                let FeePolicy { gas, tokens, validator_fee_share } = read(sandbox.journal()).fees;
                Ok((gas, tokens, validator_fee_share).into())
            })
        }),
        Entry::view("getGasLimits", |sandbox, params| {
            run::<IGovernance::getGasLimitsCall>("getGasLimits", params, |_| {
                sandbox.charge(gas::READ)?;
                let GasLimits { block, request, minimum } = read(sandbox.journal()).gas_limits;
                Ok((block, request, minimum).into())
            })
        }),
        Entry::view("getMempoolLimits", |sandbox, params| {
            run::<IGovernance::getMempoolLimitsCall>("getMempoolLimits", params, |_| {
                sandbox.charge(gas::READ)?;
                let MempoolLimits { total, per_sender, sender_share } = mempool_limits(sandbox.journal());
                Ok((total, per_sender, sender_share).into())
            })
        }),
        Entry::view("getRules", |sandbox, params| {
            run::<IGovernance::getRulesCall>("getRules", params, |call| {
                sandbox.charge(gas::READ)?;
                let rules = get::<RulesSchedule>(sandbox.journal(), RULES, "the schedule of rules").at(call.height);
                Ok((rules.protocol, fork_name(rules.fork)).into())
            })
        }),
    ];
    Entry::dispatch(ENTRIES, sandbox, entry_point, params)
}

fn fork_name(fork: Fork) -> String {
    format!("{fork:?}")
}

fn only_owner(sandbox: &mut Sandbox<'_, '_>) -> Result<(), Failure> {
    let (caller, owner) = (sandbox.caller(), sandbox.owner()?);
    if caller == AgentId::Nil || caller != owner { Err(Failure::NotOwner(caller)) } else { Ok(()) }
}

fn owner_sets<T: Serialize>(sandbox: &mut Sandbox<'_, '_>, name: &[u8], value: &T) -> Result<(), Failure> {
    only_owner(sandbox)?;
    sandbox.charge(gas::WRITE)?;
    set(sandbox.journal(), name, value);
    Ok(())
}

fn owner_names(
    sandbox: &mut Sandbox<'_, '_>,
    entry_point: &'static str,
    name: &[u8],
    bytes: &[u8],
) -> Result<(), Failure> {
    only_owner(sandbox)?;
    let named = agent(entry_point, bytes)?;
    if named == AgentId::Nil {
        return Err(Failure::Target("nobody cannot own a chain or be paid".into()));
    }
    sandbox.put(name, named.to_bytes().into())
}

fn claim(sandbox: &mut Sandbox<'_, '_>) -> Result<(), Failure> {
    let caller = sandbox.caller();
    if caller == AgentId::Nil || sandbox.get(DELEGATED)? != Some(caller.to_bytes().into()) {
        return Err(Failure::NotDelegated(caller));
    }
    sandbox.delete(DELEGATED)?;
    sandbox.put(OWNER, caller.to_bytes().into())
}

fn check_gas(limits: &GasLimits) -> Result<(), Failure> {
    let GasLimits { block, request, minimum } = *limits;
    if minimum > request || request > block || request == 0 {
        return Err(Failure::Policy(format!(
            "gas limits must satisfy minimum {minimum} ≤ request {request} ≤ block {block}, and a request needs some gas"
        )));
    }
    Ok(())
}

fn check_mempool(limits: &MempoolLimits) -> Result<(), Failure> {
    if limits.total == 0 || limits.per_sender == 0 || !(1..=100).contains(&limits.sender_share) {
        return Err(Failure::Policy(
            "a mempool takes at least one request in all and of a sender, and a share is 1 to 100 percent".into(),
        ));
    }
    Ok(())
}
