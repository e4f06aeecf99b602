//! The one invariant of the ledger: what all accounts hold is what came in, less what went out.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use proptest::prelude::*;
use vespiary_types::{AgentId, Assets, Call, FeePolicy, Hname, L1Address, tokens_to_wei};
use vespiary_vm::native::accounts;
use vespiary_vm::precompile;

use crate::chain::{ALICE, BOB, CHAIN, Chain, OWNER, RICH, TOKEN};
use crate::solidity::{Sum, Target, sendCall};

#[derive(Debug, Clone)]
enum Step {
    Deposit {
        sender: usize,
        tokens: u64,
    },
    DepositTo {
        sender: usize,
        tokens: u64,
        allowed: u64,
    },
    Transfer {
        sender: usize,
        to: usize,
        wei: u64,
    },
    Withdraw {
        sender: usize,
        wei: u64,
    },
    Unknown {
        sender: usize,
    },
    Ethereum {
        to: usize,
        wei: u64,
    },
    Send {
        wei: u64,
    },
    /// A contract that pays all it gets to itself by destroying itself in the transaction that makes it.
    Destroy {
        wei: u64,
    },
}

const L1: [L1Address; 3] = [ALICE, BOB, OWNER];

fn agent(index: usize) -> AgentId {
    match index {
        0..3 => AgentId::L1(L1[index]),
        _ => AgentId::Ethereum { chain: CHAIN, address: Address::repeat_byte(index as u8) },
    }
}

fn step() -> impl Strategy<Value = Step> {
    let (sender, to) = (|| 0..3_usize, || 0..6_usize);
    let tokens = || 0..5 * TOKEN;
    let wei = || 0..5_000_000_000_000_000_000_u64;
    prop_oneof![
        (sender(), tokens()).prop_map(|(sender, tokens)| Step::Deposit { sender, tokens }),
        (sender(), tokens(), tokens()).prop_map(|(sender, tokens, allowed)| Step::DepositTo {
            sender,
            tokens,
            allowed
        }),
        (sender(), to(), wei()).prop_map(|(sender, to, wei)| Step::Transfer { sender, to, wei }),
        (sender(), wei()).prop_map(|(sender, wei)| Step::Withdraw { sender, wei }),
        sender().prop_map(|sender| Step::Unknown { sender }),
        (to(), wei()).prop_map(|(to, wei)| Step::Ethereum { to, wei }),
        wei().prop_map(|wei| Step::Send { wei }),
        wei().prop_map(|wei| Step::Destroy { wei }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn all_accounts_hold_what_came_in_less_what_went_out(
        steps in proptest::collection::vec(step(), 1..40),
        share in 0..=100_u8,
        gas in 50..1_000_u64,
    ) {
        let fees = FeePolicy { gas, tokens: 1, validator_fee_share: share };
        let mut chain = Chain::with(|config| config.fees = fees);
        let mut backing = tokens_to_wei(1_000 * TOKEN);
        for step in steps {
            let request = match step {
                Step::Deposit { sender, tokens } => chain.on_ledger(L1[sender], tokens, None),
                Step::DepositTo { sender, tokens, allowed } => {
                    let call = accounts::transfer_to(&agent(4), Assets::base(tokens_to_wei(allowed)), 100_000);
                    chain.on_ledger(L1[sender], tokens, Some(&call))
                }
                Step::Transfer { sender, to, wei } => {
                    let call = accounts::transfer_to(&agent(to), Assets::base(U256::from(wei)), 100_000);
                    signed(&chain, L1[sender], call)
                }
                Step::Withdraw { sender, wei } => {
                    signed(&chain, L1[sender], accounts::withdraw(None, Assets::base(U256::from(wei)), 100_000))
                }
                Step::Unknown { sender } => {
                    signed(&chain, L1[sender], Call { contract: Hname::of("blob"), ..Call::default() })
                }
                Step::Ethereum { to, wei } => {
                    let to = agent(to).evm_alias(&CHAIN);
                    chain.ethereum(RICH, Some(to), U256::from(wei), Bytes::new())
                }
                Step::Send { wei } => {
                    let assets = Sum { baseTokens: U256::from(wei) };
                    let call = sendCall { target: Target { data: BOB.to_bytes().into() }, assets };
                    chain.ethereum(RICH, Some(precompile::ADDRESS), U256::ZERO, call.abi_encode().into())
                }
                // ADDRESS SELFDESTRUCT
                Step::Destroy { wei } => chain.ethereum(RICH, None, U256::from(wei), Bytes::from_static(&[0x30, 0xff])),
            };
            let tokens = match request.payload() {
                vespiary_types::Payload::OnLedger(on_ledger) => on_ledger.tokens,
                _ => 0,
            };
            let executed = chain.execute(&[request]);
            if executed.skipped.is_empty() {
                backing += tokens_to_wei(tokens);
            } else if let vespiary_types::RequestId::Ethereum(_) = executed.skipped[0].0 {
                prop_assert!(false, "the rich account can pay: {:?}", executed.skipped);
            }
            for payout in &executed.record.payouts {
                backing -= tokens_to_wei(payout.tokens);
            }
            let journal = chain.journal();
            let total = accounts::circulating(&journal);
            prop_assert_eq!(chain.counted(), total, "the running sum is the true one");
            prop_assert_eq!(total + accounts::burned(&journal), backing, "and L1 backs it");
        }
    }
}

fn signed(chain: &Chain, sender: L1Address, call: Call) -> std::sync::Arc<vespiary_types::Request> {
    let nonce = accounts::nonce(&chain.journal(), &CHAIN, &AgentId::L1(sender));
    crate::chain::off_ledger(sender, nonce, call)
}

#[test]
fn what_a_contract_destroys_with_itself_is_burned_and_still_backed() {
    let mut chain = Chain::new();
    let wei = U256::from(12_345);
    let request = chain.ethereum(RICH, None, wei, Bytes::from_static(&[0x30, 0xff]));
    crate::chain::succeeded(&chain.run(request));
    let journal = chain.journal();
    assert_eq!(accounts::burned(&journal), wei);
    assert_eq!(accounts::circulating(&journal), tokens_to_wei(1_000 * TOKEN) - wei);
    assert_eq!(chain.counted(), accounts::circulating(&journal));
}
