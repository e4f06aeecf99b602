//! Tokens are conserved and nothing panics, whatever is thrown at the ledger.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod network;

use network::{Network, SUPPLY, key};
use proptest::prelude::*;
use vespiary_tangle::{
    AliasOutput, BasicOutput, Block, Expiration, LedgerDiff, LedgerOutput, Output, Payload, StorageDepositReturn,
    Transaction, TransactionEssence, Unlock, inputs_commitment,
};
use vespiary_types::{L1Address, OutputId};

/// One attempt to move tokens, honest or not.
#[derive(Debug, Clone)]
struct Attempt {
    picks: Vec<prop::sample::Index>,
    owner: u64,
    payee: u64,
    split: u64,
    kind: u8,
    defect: u8,
    milestone: bool,
    reach_back: bool,
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let picks = prop::collection::vec(any::<prop::sample::Index>(), 1..4);
    (picks, 0u64..4, 0u64..4, 0u64..2_000_000, 0u8..6, 0u8..12, prop::bool::weighted(0.3), any::<bool>()).prop_map(
        |(picks, owner, payee, split, kind, defect, milestone, reach_back)| Attempt {
            picks,
            owner,
            payee,
            split,
            kind,
            defect,
            milestone,
            reach_back,
        },
    )
}

fn output(attempt: &Attempt, amount: u64, seconds: u32) -> Output {
    let (to, from) = (key(attempt.payee).address(), key(attempt.owner).address());
    let mut basic = BasicOutput::new(to, amount);
    match attempt.kind {
        0 => basic.timelock = Some(seconds + 1),
        1 => basic.expiration = Some(Expiration { return_address: from, time: seconds + 1 }),
        2 => basic.storage_deposit_return = Some(StorageDepositReturn { address: from, amount: amount.min(200_000) }),
        3 => basic.sender = Some(from),
        4 => return AliasOutput::create(to, from, amount, vec![1, 2]).into(),
        _ => {}
    }
    basic.into()
}

/// Which of the four owns an output.
fn signer(output: &Output) -> Option<u64> {
    let owner = match output {
        Output::Basic(basic) => basic.address,
        Output::Alias(alias) => alias.governor,
    };
    (0..4).find(|person| key(*person).address() == owner)
}

/// Writes the transaction by hand, so that every rule can be broken.
fn write(network: &Network, attempt: &Attempt, unspent: &[(OutputId, Output)]) -> Option<Transaction> {
    let mut inputs: Vec<(OutputId, Output)> = Vec::new();
    let first = attempt.picks.first()?.get(unspent);
    // Mostly outputs of one owner, who signs; now and then whatever comes.
    let same = |held: &Output| attempt.defect == 6 || signer(held) == signer(&first.1);
    for pick in &attempt.picks {
        let held = pick.get(unspent);
        if !inputs.contains(held) && same(&held.1) {
            inputs.push(held.clone());
        }
    }
    let total: u64 = inputs.iter().try_fold(0u64, |sum, (_, output)| sum.checked_add(output.amount()))?;
    let split = attempt.split.min(total);
    let mut outputs = vec![output(attempt, split, network.seconds())];
    if total > split {
        outputs.push(BasicOutput::new(key(attempt.owner).address(), total - split).into());
    }
    match attempt.defect {
        0 => outputs.push(BasicOutput::new(key(0).address(), 200_000).into()),
        1 => drop(outputs.pop()),
        2 => outputs.push(outputs.first()?.clone()),
        _ => {}
    }
    let mut commitment = inputs_commitment(inputs.iter().map(|(_, output)| output));
    if attempt.defect == 3 {
        commitment[0] ^= 1;
    }
    let essence = TransactionEssence {
        network_id: network.tangle.network().network_id,
        inputs: inputs.iter().map(|(id, _)| *id).collect(),
        inputs_commitment: commitment,
        outputs,
        payload: None,
    };
    let owner = key(if attempt.defect == 7 { attempt.owner } else { signer(&first.1)? });
    let signature = owner.sign(&if attempt.defect == 4 { [0; 32] } else { essence.signing_digest() });
    let first = Unlock::Signature { public_key: owner.public_key(), signature };
    let rest = (1..inputs.len()).map(|_| if attempt.defect == 5 { Unlock::Alias(0) } else { Unlock::Reference(0) });
    let unlocks = std::iter::once(first).chain(rest).collect();
    let transaction = Transaction { essence, unlocks };
    transaction.check().ok().map(|()| transaction)
}

fn made(diff: &LedgerDiff) -> u128 {
    diff.created.iter().map(|held: &std::sync::Arc<LedgerOutput>| u128::from(held.output.amount())).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_transactions_neither_make_nor_lose_tokens(attempts in prop::collection::vec(attempt(), 1..40)) {
        let mut network = Network::new();
        for person in 0..4 {
            network.fund(key(person).address(), 3_000_000);
        }
        network.milestone();
        let mut known: Vec<(OutputId, Output)> = Vec::new();
        let refresh = |network: &Network, known: &mut Vec<(OutputId, Output)>| {
            known.extend(network.tangle.snapshot().unspent.iter().map(|held| (held.id, held.output.clone())));
        };
        refresh(&network, &mut known);
        for attempt in attempts {
            if let Some(transaction) = write(&network, &attempt, &known) {
                // Outputs of pending transactions are picked too, and so are spent ones.
                known.extend(transaction.outputs().map(|(id, output)| (id, output.clone())));
                let parents = if attempt.reach_back {
                    vec![network.tangle.ledger().latest().block]
                } else {
                    network.tangle.select_tips(attempt.split)
                };
                // Some break rules that a block is refused for; the others become pending.
                let block = Block::new(network.tangle.network().version, parents, Some(Payload::Transaction(transaction)));
                let _ = network.tangle.submit(block, network.now);
            }
            if attempt.milestone {
                network.now += 700;
                let diff = network.milestone().diff;
                prop_assert_eq!(network.total(), u128::from(SUPPLY));
                let consumed: u128 = diff
                    .consumed
                    .iter()
                    .filter_map(|(id, _)| match network.tangle.ledger().output(id) {
                        Some(vespiary_tangle::OutputState::Spent { output, .. }) => Some(u128::from(output.output.amount())),
                        _ => None,
                    })
                    .sum();
                prop_assert_eq!(made(&diff), consumed);
                refresh(&network, &mut known);
            }
        }
        let last = network.milestone().diff;
        let applied: usize = network.diffs.iter().map(|diff| diff.applied.len()).sum();
        prop_assert!(applied >= 4, "the test would be empty: {:?}", last.conflicts);
        prop_assert_eq!(network.total(), u128::from(SUPPLY));
        let balances: u64 = (0..4).map(|person| network.tangle.ledger().balance(&key(person).address())).sum();
        prop_assert!(u128::from(balances) <= u128::from(SUPPLY));
        prop_assert_eq!(network.tangle.ledger().balance(&L1Address::Ed25519([0; 32])), 0);
    }
}
