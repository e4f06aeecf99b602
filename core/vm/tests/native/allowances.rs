//! Allowance and rollback across nested calls, by contracts that misbehave on purpose.

use alloy_primitives::{Address, B256, Bytes, U256};
use vespiary_state::MAX_NATIVE_KEY_BYTES;
use vespiary_types::{AgentId, Assets, ExecutionError, Hname, RequestId};
use vespiary_vm::native::accounts;
use vespiary_vm::sandbox::{Failure, Gas, Invocation, MAX_DEPTH, Machines, Sandbox, Target, Vm, World};
use vespiary_vm::{EthereumMachine, Journal, RequestContext};

use crate::chain::{ALICE, CHAIN, Chain, TOKEN, wei};

const OUTER: &str = "outer";
const INNER: &str = "inner";

/// A machine whose two contracts do what their entry point's name says.
struct Probe;

fn target(contract: &str, entry_point: &str) -> Target {
    Target::Contract { contract: Hname::of(contract), entry_point: Hname::of(entry_point) }
}

fn tokens(count: u64) -> Assets {
    Assets::base(wei(count))
}

fn act(sandbox: &mut Sandbox<'_, '_>, entry_point: Hname, input: &[u8]) -> Result<Bytes, Failure> {
    let is = |name: &str| Hname::of(name) == entry_point;
    if is("take three") {
        sandbox.take_allowed(tokens(3))?;
    } else if is("take three twice") {
        sandbox.take_allowed(tokens(3))?;
        sandbox.take_allowed(tokens(3))?;
    } else if is("take, write, speak and fail") {
        sandbox.take_allowed(tokens(3))?;
        sandbox.put(b"key", Bytes::from_static(b"value"))?;
        sandbox.event("spoken", Bytes::new())?;
        return Err(Failure::Policy("on purpose".into()));
    } else if is("go on after a failing callee") {
        sandbox.take_allowed(tokens(5))?;
        sandbox.put(b"key", Bytes::from_static(b"mine"))?;
        let failed = sandbox.call(target(INNER, "take, write, speak and fail"), &[], tokens(5));
        assert!(matches!(failed, Err(Failure::Callee(_))), "{failed:?}");
        assert_eq!(sandbox.get(b"key")?, Some(Bytes::from_static(b"mine")));
    } else if is("allow the callee two of five") {
        sandbox.take_allowed(tokens(5))?;
        sandbox.call(target(INNER, "take three"), &[], tokens(2))?;
    } else if is("write in a view") {
        sandbox.call_view(target(INNER, "write"), &[])?;
    } else if is("write") {
        sandbox.put(b"key", Bytes::from_static(b"value"))?;
    } else if is("recurse") {
        sandbox.call(target(OUTER, "recurse"), &[], Assets::default())?;
    } else if is("write a key") {
        sandbox.put(input, Bytes::from_static(b"value"))?;
    } else if is("read a key") {
        sandbox.get(input)?;
    } else if is("remove a key") {
        sandbox.delete(input)?;
    } else if is("read all below a key") {
        sandbox.scan(input)?;
    } else if is("pay an EVM account") {
        sandbox.take_allowed(tokens(5))?;
        sandbox.call(Target::Ethereum(Address::from_slice(input)), &[], tokens(4))?;
    } else {
        return Err(Failure::NoEntryPoint { contract: sandbox.contract(), entry_point });
    }
    Ok(Bytes::new())
}

impl Vm for Probe {
    fn runs(&self, _: &World<'_>, target: &Target) -> bool {
        [OUTER, INNER].iter().any(|name| {
            let ours = Hname::of(name);
            matches!(target, Target::Contract { contract, .. } if *contract == ours)
        })
    }

    fn call(&self, world: &mut World<'_>, invocation: &Invocation<'_>, gas: &mut Gas) -> Result<Bytes, ExecutionError> {
        let Target::Contract { contract, entry_point } = invocation.target else { panic!("not ours") };
        let result = Sandbox::enter(world, gas, contract, invocation)
            .and_then(|mut sandbox| act(&mut sandbox, entry_point, invocation.input));
        result.map_err(|failure| failure.of(contract))
    }
}

/// A journal in which ALICE has a token, within a request of hers.
fn journal() -> Journal {
    let mut chain = Chain::new();
    chain.deposit(ALICE, TOKEN);
    let mut journal = chain.journal();
    let block = journal.environment().block;
    journal.begin_request(RequestContext::of(RequestId::OffLedger(B256::ZERO), AgentId::L1(ALICE), 0, &block));
    journal
}

fn run(journal: &mut Journal, entry_point: &str, allowance: u64, input: &[u8]) -> Result<Bytes, ExecutionError> {
    let machines = Machines::default().with(EthereumMachine).with(Probe);
    let mut gas = Gas::new(10_000_000);
    let invocation = Invocation {
        caller: AgentId::L1(ALICE),
        target: target(OUTER, entry_point),
        input,
        allowance: tokens(allowance),
        is_static: false,
        depth: 0,
    };
    World { journal, machines: &machines }.call(&invocation, &mut gas)
}

fn account(name: &str) -> AgentId {
    AgentId::Contract { chain: CHAIN, contract: Hname::of(name) }
}

fn balance(journal: &Journal, agent: AgentId) -> U256 {
    accounts::balance(journal, &CHAIN, &agent)
}

#[test]
fn an_allowance_cannot_be_exceeded_or_reused() {
    let mut journal = journal();
    let before = balance(&journal, AgentId::L1(ALICE));
    assert_eq!(run(&mut journal, "take three", 2, &[]).unwrap_err().code, 5);
    assert_eq!(run(&mut journal, "take three twice", 5, &[]).unwrap_err().code, 5);
    assert_eq!(balance(&journal, AgentId::L1(ALICE)), before);
    run(&mut journal, "take three twice", 6, &[]).unwrap();
    assert_eq!(balance(&journal, account(OUTER)), wei(6));
    assert_eq!(balance(&journal, AgentId::L1(ALICE)), before - wei(6));
}

#[test]
fn each_nested_call_states_its_own_allowance() {
    let mut journal = journal();
    let error = run(&mut journal, "allow the callee two of five", 5, &[]).unwrap_err();
    assert_eq!((error.contract, error.code), (Some(Hname::of(INNER)), 5), "the callee's failure names the callee");
    assert_eq!(balance(&journal, account(OUTER)), U256::ZERO);
}

#[test]
fn a_failed_nested_call_leaves_nothing_and_its_caller_goes_on() {
    let mut journal = journal();
    run(&mut journal, "go on after a failing callee", 5, &[]).unwrap();
    assert_eq!((balance(&journal, account(OUTER)), balance(&journal, account(INNER))), (wei(5), U256::ZERO));
    assert_eq!(journal.output().events, []);
}

#[test]
fn a_view_changes_nothing() {
    let mut journal = journal();
    assert_eq!(run(&mut journal, "write in a view", 0, &[]).unwrap_err().code, 4);
}

#[test]
fn calls_without_end_are_refused() {
    let mut journal = journal();
    let error = run(&mut journal, "recurse", 0, &[]).unwrap_err();
    assert!(error.message.contains(&MAX_DEPTH.to_string()), "{error}");
}

#[test]
fn a_key_that_no_store_takes_is_refused() {
    let mut journal = journal();
    let longest = MAX_NATIVE_KEY_BYTES - Hname::of(OUTER).to_bytes().len();
    for action in ["read a key", "remove a key", "read all below a key", "write a key"] {
        run(&mut journal, action, 0, &vec![7; longest]).unwrap();
        assert_eq!(run(&mut journal, action, 0, &vec![7; longest + 1]).unwrap_err().code, 17, "{action}");
    }
    let changes = journal.into_changes().unwrap();
    assert_eq!(changes.native.keys().map(|key| key.len()).max(), Some(MAX_NATIVE_KEY_BYTES));
}

#[test]
fn a_native_contract_pays_an_evm_account_out_of_its_own() {
    let mut journal = journal();
    let payee = Address::repeat_byte(0x55);
    run(&mut journal, "pay an EVM account", 5, payee.as_slice()).unwrap();
    assert_eq!(journal.balance(&payee), wei(4));
    assert_eq!(balance(&journal, account(OUTER)), wei(1));
    assert_eq!(journal.balance(&account(OUTER).evm_alias(&CHAIN)), U256::ZERO);
}
