//! The sandbox itself.

use alloy_primitives::{Address, B256, Bytes, Log, U256};
use vespiary_state::MAX_NATIVE_KEY_BYTES;
use vespiary_tangle::BasicOutput;
use vespiary_types::{
    AgentId, Assets, ChainId, Event, Hname, L1Address, Payout, RequestId, WEI_PER_BASE_TOKEN, tokens_to_wei,
    wei_to_tokens,
};

use super::{Failure, Gas, Invocation, MAX_PAYOUTS, Target, World, gas};
use crate::Journal;
use crate::native::{accounts, governance, state_key};

/// What a native contract sees of the chain, and all that it can do. Each operation burns gas by the table in [`gas`].
///
/// The account acted for is the contract's own, except that [`Self::take_allowed`] and [`Self::transfer_allowed`] take from the caller's
/// what this call's allowance permits; what is taken is used up.
pub struct Sandbox<'w, 'a> {
    world: &'w mut World<'a>,
    gas: &'w mut Gas,
    contract: Hname,
    caller: AgentId,
    allowance: Assets,
    is_static: bool,
    depth: u32,
}

impl<'w, 'a> Sandbox<'w, 'a> {
    /// The sandbox of one call of `contract`. Entering is charged here.
    ///
    /// # Errors
    /// [`Failure::OutOfGas`].
    pub fn enter(
        world: &'w mut World<'a>,
        gas: &'w mut Gas,
        contract: Hname,
        invocation: &Invocation<'_>,
    ) -> Result<Self, Failure> {
        gas.charge_each(gas::CALL, gas::READ_BYTE, invocation.input.len())?;
        Ok(Self {
            world,
            gas,
            contract,
            caller: invocation.caller,
            allowance: if invocation.is_static { Assets::default() } else { invocation.allowance },
            is_static: invocation.is_static,
            depth: invocation.depth,
        })
    }

    /// The chain's id.
    pub fn chain(&self) -> ChainId {
        self.world.chain()
    }

    /// The chain's id in Ethereum's transactions.
    pub fn evm_chain_id(&self) -> u64 {
        self.world.environment().chain.evm_chain_id
    }

    /// This contract.
    pub fn contract(&self) -> Hname {
        self.contract
    }

    /// This contract's account.
    pub fn account(&self) -> AgentId {
        AgentId::Contract { chain: self.chain(), contract: self.contract }
    }

    /// Who called.
    pub fn caller(&self) -> AgentId {
        self.caller
    }

    /// The request that is being executed.
    pub fn request_id(&self) -> RequestId {
        self.world.request().id
    }

    /// Who sent that request.
    pub fn sender(&self) -> AgentId {
        self.world.request().sender
    }

    /// What may still be taken from the caller.
    pub fn allowance(&self) -> Assets {
        self.allowance
    }

    /// True in a view or static call, where nothing may change.
    pub fn is_static(&self) -> bool {
        self.is_static
    }

    /// The request's time, unix nanoseconds: different for every request of the chain.
    pub fn timestamp_ns(&mut self) -> Result<u64, Failure> {
        self.gas.charge(gas::CONTEXT)?;
        Ok(self.world.request().timestamp_ns)
    }

    /// 32 bytes that nobody could foretell when the request was sent.
    pub fn entropy(&mut self) -> Result<B256, Failure> {
        self.gas.charge(gas::CONTEXT)?;
        Ok(self.world.request().entropy)
    }

    /// Who administers the chain.
    pub fn owner(&mut self) -> Result<AgentId, Failure> {
        self.gas.charge(gas::READ)?;
        Ok(governance::owner(self.world.journal))
    }

    /// What somebody owns on the chain.
    pub fn balance(&mut self, agent: &AgentId) -> Result<Assets, Failure> {
        self.gas.charge(gas::READ)?;
        let chain = self.chain();
        Ok(Assets::base(accounts::balance(self.world.journal, &chain, agent)))
    }

    /// Takes assets out of the caller's account into this contract's own.
    pub fn take_allowed(&mut self, assets: Assets) -> Result<(), Failure> {
        let account = self.account();
        self.transfer_allowed(&account, assets)
    }

    /// Moves assets out of the caller's account into `to`'s.
    pub fn transfer_allowed(&mut self, to: &AgentId, assets: Assets) -> Result<(), Failure> {
        self.changes("transferAllowed")?;
        self.gas.charge(gas::TRANSFER)?;
        let (asked, allowed) = (assets.base_tokens, self.allowance.base_tokens);
        let rest = allowed.checked_sub(asked).ok_or(Failure::Allowance { asked, allowed })?;
        let chain = self.chain();
        accounts::transfer(self.world.journal, &chain, &self.caller, to, asked)?;
        self.allowance.base_tokens = rest;
        Ok(())
    }

    /// Moves assets out of this contract's account into `to`'s.
    pub fn transfer(&mut self, to: &AgentId, assets: Assets) -> Result<(), Failure> {
        self.changes("transfer")?;
        self.gas.charge(gas::TRANSFER)?;
        let (chain, account) = (self.chain(), self.account());
        accounts::transfer(self.world.journal, &chain, &account, to, assets.base_tokens)
    }

    /// Calls another contract of any machine, which may take `allowance` from this contract's account. A failure of the callee
    /// undoes what the callee did and nothing else.
    pub fn call(&mut self, target: Target, input: &[u8], allowance: Assets) -> Result<Bytes, Failure> {
        self.nested(target, input, allowance, self.is_static)
    }

    /// Calls another contract in such a way that nothing can change.
    pub fn call_view(&mut self, target: Target, input: &[u8]) -> Result<Bytes, Failure> {
        self.nested(target, input, Assets::default(), true)
    }

    fn nested(&mut self, target: Target, input: &[u8], allowance: Assets, is_static: bool) -> Result<Bytes, Failure> {
        let caller = self.account();
        let invocation = Invocation { caller, target, input, allowance, is_static, depth: self.depth + 1 };
        let result = self.world.call(&invocation, self.gas);
        // A caller that would go on after its callee burned everything could not even return.
        if self.gas.is_exhausted() {
            return Err(Failure::OutOfGas { limit: self.gas.limit() });
        }
        Ok(result?)
    }

    /// An entry of this contract's own state.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<Bytes>, Failure> {
        self.gas.charge(gas::READ)?;
        let value = self.world.journal.native_get(&self.own_key(key)?);
        self.gas.charge_each(0, gas::READ_BYTE, value.as_ref().map_or(0, |value| value.len()))?;
        Ok(value)
    }

    /// Writes an entry of this contract's own state.
    pub fn put(&mut self, key: &[u8], value: Bytes) -> Result<(), Failure> {
        self.changes("put")?;
        let own = self.own_key(key)?;
        self.gas.charge_each(gas::WRITE, gas::WRITE_BYTE, key.len().saturating_add(value.len()))?;
        self.world.journal.native_set(&own, value);
        Ok(())
    }

    /// A key of this contract as the state has it. One that the state would not take is refused here: every block that was executed can
    /// be committed, and no store is asked for what none can hold.
    fn own_key(&self, key: &[u8]) -> Result<Vec<u8>, Failure> {
        let limit = MAX_NATIVE_KEY_BYTES - self.contract.to_bytes().len();
        if key.len() > limit {
            return Err(Failure::Key { length: key.len(), limit });
        }
        Ok(state_key(self.contract, key))
    }

    /// Removes an entry of this contract's own state.
    pub fn delete(&mut self, key: &[u8]) -> Result<(), Failure> {
        self.changes("delete")?;
        self.gas.charge(gas::REMOVE)?;
        let own = self.own_key(key)?;
        self.world.journal.native_remove(&own);
        Ok(())
    }

    /// The entries of this contract's own state whose key starts with `prefix`, in key order.
    pub fn scan(&mut self, prefix: &[u8]) -> Result<Vec<(Bytes, Bytes)>, Failure> {
        self.gas.charge(gas::READ)?;
        let own = self.contract.to_bytes().len();
        let found = self.world.journal.native_prefix(&self.own_key(prefix)?);
        let mut entries = Vec::with_capacity(found.len());
        for (key, value) in found {
            self.gas.charge_each(gas::SCAN_ENTRY, gas::READ_BYTE, key.len() + value.len())?;
            entries.push((key.slice(own..), value));
        }
        Ok(entries)
    }

    /// Writes an event into the request's receipt.
    pub fn event(&mut self, topic: impl Into<String>, payload: Bytes) -> Result<(), Failure> {
        self.changes("event")?;
        let topic = topic.into();
        self.gas.charge_each(gas::LOG + gas::LOG_TOPIC, gas::LOG_BYTE, topic.len().saturating_add(payload.len()))?;
        let timestamp_ns = self.world.request().timestamp_ns;
        self.world.journal.emit_event(Event { contract: self.contract, topic, timestamp_ns, payload });
        Ok(())
    }

    /// Writes an EVM log into the request's receipt, by the address under which the EVM knows this contract. At most four topics.
    pub fn log(&mut self, topics: Vec<B256>, data: Bytes) -> Result<(), Failure> {
        self.changes("log")?;
        self.gas.charge_each(gas::LOG, gas::LOG_TOPIC, topics.len())?;
        self.gas.charge_each(0, gas::LOG_BYTE, data.len())?;
        let address: Address = self.account().evm_alias(&self.chain());
        let log = Log::new(address, topics, data)
            .ok_or(Failure::Parameters { entry_point: "log", reason: "a log has at most four topics".into() })?;
        self.world.journal.emit_log(log);
        Ok(())
    }

    /// Sends assets from this contract's account to L1, and says how many base tokens (of 10⁻⁶) go there. What is less than L1's smallest
    /// amount stays in the account.
    pub fn send(&mut self, to: L1Address, assets: Assets) -> Result<u64, Failure> {
        self.changes("send")?;
        self.gas.charge(gas::SEND)?;
        let account = self.account();
        send(self.world, &account, to, assets)
    }

    /// The state as the core contracts see it: their own bookkeeping is the ledger itself.
    pub(crate) fn journal(&mut self) -> &mut Journal {
        self.world.journal
    }

    /// Burns gas for work that no other operation charges for.
    pub fn charge(&mut self, amount: u64) -> Result<(), Failure> {
        self.gas.charge(amount)
    }

    /// Fails in a view or static call; `what` is what would have changed the state.
    pub fn changes(&self, what: &'static str) -> Result<(), Failure> {
        if self.is_static { Err(Failure::ReadOnly(what)) } else { Ok(()) }
    }
}

/// Takes what L1 can carry of `assets` out of `from`'s account and queues an output for it.
pub(crate) fn send(world: &mut World<'_>, from: &AgentId, to: L1Address, assets: Assets) -> Result<u64, Failure> {
    let chain = world.chain();
    let wei = assets.base_tokens;
    if to == L1Address::Alias(chain) {
        return Err(Failure::Target(format!("{to} is this chain itself")));
    }
    let (tokens, rest) = wei_to_tokens(wei).ok_or(Failure::PayoutTooLarge(wei))?;
    let minimum = BasicOutput::new(to, tokens).minimum_deposit();
    if tokens < minimum {
        return Err(Failure::StorageDeposit { tokens, minimum });
    }
    if world.journal.output().payouts.len() >= MAX_PAYOUTS {
        return Err(Failure::TooManyPayouts(MAX_PAYOUTS));
    }
    // The account must hold all that was named, the part that L1 cannot carry included.
    let balance = accounts::balance(world.journal, &chain, from);
    if balance < wei {
        return Err(Failure::Balance { agent: *from, balance, needed: wei });
    }
    debug_assert!(rest < WEI_PER_BASE_TOKEN, "a remainder is less than the divisor");
    accounts::debit(world.journal, &chain, from, tokens_to_wei(tokens))?;
    accounts::paid_out(world.journal, tokens_to_wei(tokens));
    world.journal.push_payout(Payout { to, tokens });
    Ok(tokens)
}

/// Wei that L1 can carry of `wei`: what is left when it is rounded down to L1's six decimals.
pub(crate) fn whole_tokens(wei: U256) -> U256 {
    wei - wei % WEI_PER_BASE_TOKEN
}
