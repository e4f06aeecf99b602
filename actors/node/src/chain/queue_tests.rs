//! The queue, rule by rule.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Bytes, Signature, TxKind, U256};
use vespiary_types::{
    AgentId, Call, ChainId, EthereumTransaction, L1Address, MempoolLimits, OnLedgerRequest, OutputId, Payload, Request,
    RequestId, TransactionId,
};
use vespiary_vm::Standing;

use super::{FREE_REPLACEMENT_MS, LIFETIME_MS, NONCE_GAP, ON_LEDGER_PER_BLOCK, Queue, Taken};
use crate::Rejection;

const CHAIN: ChainId = ChainId::new([7; 32]);
const PRICE: u64 = 10;
const GAS: u64 = 21_000;

fn agent(sender: u8) -> AgentId {
    AgentId::Ethereum { chain: CHAIN, address: Address::repeat_byte(sender) }
}

/// A transaction whose sender is taken as verified.
fn transaction(sender: u8, nonce: u64, max_fee: u64, tip: u64, gas_limit: u64) -> Arc<Request> {
    let transaction = TxEip1559 {
        chain_id: 1_074,
        nonce,
        gas_limit,
        max_fee_per_gas: max_fee.into(),
        max_priority_fee_per_gas: tip.into(),
        to: TxKind::Call(Address::repeat_byte(sender)),
        value: U256::ZERO,
        access_list: <_>::default(),
        input: Bytes::new(),
    };
    // The signature tells the senders' transactions apart, as a real one would.
    let signature = Signature::new(U256::from(sender), U256::from(1), false);
    let raw = TxEnvelope::from(transaction.into_signed(signature)).encoded_2718().into();
    let decoded = EthereumTransaction::decode(raw).expect("well formed");
    Arc::new(Request::verified(Payload::Ethereum(Box::new(decoded)), agent(sender)))
}

/// One that pays the chain's price and `tip` above it.
fn paying(sender: u8, nonce: u64, tip: u64) -> Arc<Request> {
    transaction(sender, nonce, PRICE + tip, tip, GAS)
}

fn on_ledger(number: u16) -> Arc<Request> {
    let mut id = [0; 32];
    id[..2].copy_from_slice(&number.to_be_bytes());
    let sender = AgentId::L1(L1Address::Ed25519([3; 32]));
    let request = OnLedgerRequest {
        output: OutputId { transaction_id: TransactionId::new(id), index: 0 },
        sender,
        tokens: 1_000_000,
        call: Call::default(),
        timelock: None,
        expiration: None,
        serialized: Bytes::copy_from_slice(&id),
    };
    Arc::new(Request::verified(Payload::OnLedger(Box::new(request)), sender))
}

fn queue() -> Queue {
    with_limits(MempoolLimits::default())
}

fn with_limits(limits: MempoolLimits) -> Queue {
    Queue::new(limits, U256::from(PRICE))
}

fn rich(nonce: u64) -> Standing {
    Standing { nonce, balance: U256::MAX }
}

/// Takes a request of somebody who can pay anything and has sent nothing yet.
fn take_at(queue: &mut Queue, request: &Arc<Request>, now_ms: u64) -> Result<Taken, Rejection> {
    queue.take(Arc::clone(request), || Ok(rich(0)), now_ms)
}

fn take(queue: &mut Queue, request: &Arc<Request>) -> Result<Taken, Rejection> {
    take_at(queue, request, 0)
}

fn put(queue: &mut Queue, requests: impl IntoIterator<Item = Arc<Request>>) {
    for request in requests {
        assert_eq!(take(queue, &request), Ok(Taken::New));
    }
}

fn ids<'a>(requests: impl IntoIterator<Item = &'a Arc<Request>>) -> Vec<RequestId> {
    requests.into_iter().map(|request| request.id()).collect()
}

fn whole_batch(queue: &Queue) -> Vec<RequestId> {
    ids(&queue.batch(10_000, u64::MAX))
}

#[test]
fn one_senders_requests_go_in_the_order_of_their_nonces() {
    let mut queue = queue();
    // The later nonce pays more and came first; it goes second all the same.
    let (second, first, fourth) = (paying(1, 1, 9), paying(1, 0, 1), paying(1, 3, 9));
    put(&mut queue, [second.clone(), first.clone(), fourth.clone()]);
    assert_eq!(whole_batch(&queue), ids([&first, &second]), "nonce 3 waits for nonce 2");
    assert!(queue.is_gapped(&fourth.id()));
    assert!(!queue.is_gapped(&second.id()));
    assert_eq!(queue.next_nonce(&agent(1)), Some(2));
    let third = paying(1, 2, 1);
    put(&mut queue, [third.clone()]);
    assert_eq!(whole_batch(&queue), ids([&first, &second, &third, &fourth]));
    assert_eq!(queue.next_nonce(&agent(1)), Some(4));
    assert_eq!(queue.next_nonce(&agent(2)), None);
}

#[test]
fn a_nonce_that_waits_for_another_is_not_ready() {
    let mut queue = queue();
    put(&mut queue, [paying(1, 1, 9)]);
    assert!(!queue.has_ready());
    assert_eq!(whole_batch(&queue), []);
    put(&mut queue, [paying(1, 0, 9)]);
    assert!(queue.has_ready());
}

#[test]
fn senders_go_by_tip_then_by_arrival() {
    let mut queue = queue();
    let (low, high, early, late) = (paying(1, 0, 1), paying(2, 0, 5), paying(3, 0, 3), paying(4, 0, 3));
    // A sender's second request competes by its own tip, once the first has gone.
    let (high_next, low_next) = (paying(2, 1, 2), paying(1, 1, 100));
    put(&mut queue, [&low, &high, &early, &late, &high_next, &low_next].map(Arc::clone));
    assert_eq!(whole_batch(&queue), ids([&high, &early, &late, &high_next, &low, &low_next]));
}

#[test]
fn a_tip_is_what_is_left_above_the_chains_price() {
    let mut queue = queue();
    // One offers a high tip but has no room for it under its max fee; another has room but offers little.
    let (cramped, modest) = (transaction(1, 0, PRICE + 1, 50, GAS), transaction(2, 0, PRICE + 100, 3, GAS));
    put(&mut queue, [cramped.clone(), modest.clone()]);
    assert_eq!(whole_batch(&queue), ids([&modest, &cramped]));
    // At a lower price the first has room.
    queue.set_price(U256::from(1));
    assert_eq!(whole_batch(&queue), ids([&cramped, &modest]));
}

#[test]
fn only_a_higher_fee_replaces_a_waiting_request() {
    let mut queue = queue();
    let old = paying(1, 0, 5);
    put(&mut queue, [old.clone()]);
    assert_eq!(take(&mut queue, &old), Ok(Taken::Known));
    for (fee, now_ms) in [(PRICE + 4, 0), (PRICE + 5, 0), (PRICE + 5, 10 * FREE_REPLACEMENT_MS)] {
        // Another transaction of the same nonce and fee: its gas limit differs.
        let worse = transaction(1, 0, fee, 5, GAS + 1);
        let refused = take_at(&mut queue, &worse, now_ms);
        let (waiting, offered) = (U256::from(PRICE + 5), U256::from(fee));
        assert_eq!(refused, Err(Rejection::ReplacementUnderpriced { nonce: 0, waiting, offered }));
    }
    assert_eq!(whole_batch(&queue), ids([&old]), "a refused replacement leaves what waits alone");
    let better = paying(1, 0, 6);
    assert_eq!(take(&mut queue, &better), Ok(Taken::Instead(old.id())));
    assert_eq!((queue.len(), whole_batch(&queue)), (1, ids([&better])));
    assert!(!queue.contains(&old.id()));
}

#[test]
fn on_a_free_chain_an_equal_offer_replaces_after_a_minute() {
    let mut queue = Queue::new(MempoolLimits::default(), U256::ZERO);
    let (old, new) = (transaction(1, 0, 0, 0, GAS), transaction(1, 0, 0, 0, GAS + 1));
    assert_eq!(take_at(&mut queue, &old, 1_000), Ok(Taken::New));
    let early = take_at(&mut queue, &new, 1_000 + FREE_REPLACEMENT_MS - 1);
    assert!(matches!(early, Err(Rejection::ReplacementUnderpriced { nonce: 0, .. })), "{early:?}");
    assert_eq!(take_at(&mut queue, &new, 1_000 + FREE_REPLACEMENT_MS), Ok(Taken::Instead(old.id())));
    // The new one's minute begins anew.
    let newest = transaction(1, 0, 0, 0, GAS + 2);
    assert!(take_at(&mut queue, &newest, 1_001 + FREE_REPLACEMENT_MS).is_err());
}

#[test]
fn limits_hold_in_all_and_for_one_sender() {
    let limits = MempoolLimits { total: 4, per_sender: 3, ..MempoolLimits::default() };
    let mut queue = with_limits(limits);
    put(&mut queue, (0..3).map(|nonce| paying(1, nonce, 1)));
    let of_one = take(&mut queue, &paying(1, 3, 1));
    assert_eq!(of_one, Err(Rejection::PoolFull { limit: 3, scope: "of one sender" }));
    put(&mut queue, [paying(2, 0, 1)]);
    assert_eq!(take(&mut queue, &paying(3, 0, 1)), Err(Rejection::PoolFull { limit: 4, scope: "in all" }));
    assert_eq!(queue.next_nonce(&agent(3)), None, "a refused sender leaves nothing");
    // Replacing needs no room, and what the tangle confirmed is always taken.
    assert!(matches!(take(&mut queue, &paying(1, 2, 2)), Ok(Taken::Instead(_))));
    put(&mut queue, [on_ledger(1)]);
    // Chains change their limits while they run.
    queue.set_limits(MempoolLimits { total: 6, ..limits });
    put(&mut queue, [paying(3, 0, 1)]);
}

#[test]
fn a_nonce_too_far_ahead_or_used_is_refused() {
    let mut queue = queue();
    let taken = |queue: &mut Queue, nonce: u64| queue.take(paying(1, nonce, 1), || Ok(rich(5)), 0);
    assert_eq!(taken(&mut queue, 4), Err(Rejection::NonceTooLow { nonce: 4, next: 5 }));
    assert_eq!(
        taken(&mut queue, 5 + NONCE_GAP + 1),
        Err(Rejection::NonceTooHigh { nonce: 5 + NONCE_GAP + 1, next: 5, most: NONCE_GAP })
    );
    assert_eq!(queue.len(), 0);
    assert_eq!(taken(&mut queue, 5 + NONCE_GAP), Ok(Taken::New));
    // What waits without a gap moves the border.
    assert_eq!(taken(&mut queue, 5), Ok(Taken::New));
    assert_eq!(taken(&mut queue, 6 + NONCE_GAP), Ok(Taken::New));
}

#[test]
fn who_cannot_pay_the_most_it_may_cost_is_refused() {
    let mut queue = queue();
    let request = paying(1, 0, 1);
    let need = U256::from(GAS * (PRICE + 1));
    let have = need - U256::from(1);
    let poor = queue.take(Arc::clone(&request), || Ok(Standing { nonce: 0, balance: have }), 0);
    assert_eq!(poor, Err(Rejection::InsufficientFunds { address: Address::repeat_byte(1), have, need }));
    assert_eq!(queue.take(request, || Ok(Standing { nonce: 0, balance: need }), 0), Ok(Taken::New));
}

#[test]
fn one_sender_gets_its_share_of_a_block_while_others_wait() {
    let mut queue = with_limits(MempoolLimits { sender_share: 30, ..MempoolLimits::default() });
    put(&mut queue, (0..20).map(|nonce| paying(1, nonce, 100)));
    assert_eq!(queue.batch(10, u64::MAX).len(), 10, "alone it may fill the block");
    put(&mut queue, (0..20).map(|nonce| paying(2, nonce, 50)));
    put(&mut queue, [paying(3, 0, 1)]);
    let mut places: BTreeMap<AgentId, usize> = BTreeMap::new();
    for request in queue.batch(10, u64::MAX) {
        *places.entry(request.sender()).or_default() += 1;
    }
    assert_eq!(places, [(agent(1), 3), (agent(2), 3), (agent(3), 1)].into());
}

#[test]
fn a_block_holds_no_more_gas_than_it_may() {
    let mut queue = queue();
    let (large, follower) = (transaction(1, 0, PRICE + 9, 9, 100_000), paying(1, 1, 9));
    let (small, next) = (paying(2, 0, 5), paying(2, 1, 5));
    put(&mut queue, [&large, &follower, &small, &next].map(Arc::clone));
    // The large one does not fit: what follows it waits with it, others go.
    assert_eq!(ids(&queue.batch(10, 3 * GAS)), ids([&small, &next]));
    assert_eq!(ids(&queue.batch(10, 100_000 + GAS)), ids([&large, &follower]));
}

#[test]
fn what_the_tangle_confirmed_goes_first_and_in_its_order() {
    let mut queue = queue();
    let nonced = paying(1, 0, 1_000);
    put(&mut queue, [nonced.clone()]);
    let many = u16::try_from(ON_LEDGER_PER_BLOCK).expect("a block's worth") + 20;
    let deposits: Vec<_> = (0..many).map(on_ledger).collect();
    put(&mut queue, deposits.clone());
    let batch = queue.batch(1_000, u64::MAX);
    assert_eq!(ids(&batch[..ON_LEDGER_PER_BLOCK]), ids(&deposits[..ON_LEDGER_PER_BLOCK]));
    assert_eq!(ids(&batch[ON_LEDGER_PER_BLOCK..]), ids([&nonced]), "an anchor's inputs are limited");
    assert_eq!(queue.batch(7, u64::MAX).len(), 7, "the block's own limit holds for them too");
    for request in &batch {
        assert_eq!(queue.executed(request), []);
    }
    assert_eq!(whole_batch(&queue), ids(&deposits[ON_LEDGER_PER_BLOCK..]));
}

#[test]
fn a_batch_takes_nothing_out() {
    let mut queue = queue();
    put(&mut queue, [paying(1, 0, 1), paying(1, 1, 1), on_ledger(1)]);
    assert_eq!(whole_batch(&queue), whole_batch(&queue));
    assert_eq!(queue.len(), 3);
}

#[test]
fn an_executed_request_takes_what_it_outdates_with_it() {
    let mut queue = queue();
    let (outdated, old, left) = (paying(1, 0, 1), paying(1, 1, 1), paying(1, 2, 1));
    put(&mut queue, [&outdated, &old, &left].map(Arc::clone));
    // Another request with nonce 1 was executed: it came by another way.
    let gone = queue.executed(&paying(1, 1, 7));
    assert_eq!(ids(&gone), ids([&outdated, &old]));
    assert_eq!(whole_batch(&queue), ids([&left]));
    assert_eq!(queue.executed(&left), [], "the executed one itself is not outdated");
    assert_eq!((queue.len(), queue.has_ready(), queue.next_expiry_ms()), (0, false, None));
    assert_eq!(queue.next_nonce(&agent(1)), None);
}

#[test]
fn a_removed_request_holds_its_followers_back() {
    let mut queue = queue();
    let (first, second, third) = (paying(1, 0, 1), paying(1, 1, 1), paying(1, 2, 1));
    put(&mut queue, [&first, &second, &third].map(Arc::clone));
    assert_eq!(queue.remove(&second.id()).map(|request| request.id()), Some(second.id()));
    assert_eq!(queue.remove(&second.id()), None);
    assert_eq!(whole_batch(&queue), ids([&first]));
    assert!(queue.is_gapped(&third.id()));
}

#[test]
fn a_request_lives_a_day() {
    let mut queue = queue();
    let (first, second) = (paying(1, 0, 1), paying(2, 0, 1));
    assert_eq!(take_at(&mut queue, &first, 1_000), Ok(Taken::New));
    assert_eq!(take_at(&mut queue, &second, 2_000), Ok(Taken::New));
    put(&mut queue, [on_ledger(1)]);
    assert_eq!(queue.next_expiry_ms(), Some(1_000 + LIFETIME_MS));
    assert_eq!(queue.expire(1_000 + LIFETIME_MS - 1), []);
    assert_eq!(ids(&queue.expire(1_000 + LIFETIME_MS)), ids([&first]));
    assert_eq!(queue.next_expiry_ms(), Some(2_000 + LIFETIME_MS));
    assert_eq!(ids(&queue.expire(10 * LIFETIME_MS)), ids([&second]));
    assert_eq!((queue.len(), queue.next_expiry_ms()), (1, None), "deposits do not expire");
}

#[test]
fn after_a_rewind_used_nonces_are_free_again() {
    let mut queue = queue();
    let (first, waiting) = (paying(1, 0, 1), paying(1, 2, 1));
    put(&mut queue, [&first, &waiting].map(Arc::clone));
    queue.executed(&first);
    assert_eq!(take(&mut queue, &first), Err(Rejection::NonceTooLow { nonce: 0, next: 1 }));
    queue.rewound(|_| Some(0));
    put(&mut queue, [paying(1, 1, 1), first.clone()]);
    assert_eq!(whole_batch(&queue), ids([&first, &paying(1, 1, 1), &waiting]));
}
