//! Blocks to commit: real headers over real roots, with requests and receipts that need no machine to make.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use vespiary_types::{
    AgentId, Block, BlockRecord, Call, ChainId, Header, L1Address, OffLedgerEssence, OffLedgerRequest, Outcome,
    Payload, Receipt, Request,
};

use crate::{ChainState, Changes, Commitment, Committed, Extra, Head, StoreError, sequential};

/// A chain of tests.
pub const CHAIN: ChainId = ChainId::new([7; 32]);

fn request(height: u64, index: u64) -> Arc<Request> {
    let essence =
        OffLedgerEssence { chain: CHAIN, nonce: height * 1_000 + index, call: Call::default(), public_key: [3; 32] };
    let request = OffLedgerRequest { essence, signature: Bytes::from_static(&[5; 64]) };
    Arc::new(Request::verified(Payload::OffLedger(Box::new(request)), AgentId::L1(L1Address::Ed25519([1; 32]))))
}

fn receipt(request: &Request, height: u64, index: u32) -> Receipt {
    Receipt {
        request: request.id(),
        transaction_hash: keccak256(request.id().to_bytes()),
        transaction_type: 0,
        height,
        index,
        from: Address::repeat_byte(1),
        to: None,
        created: None,
        outcome: Outcome::Success(Bytes::new()),
        gas_budget: 50_000,
        gas_used: 21_000,
        cumulative_gas_used: 21_000 * (u64::from(index) + 1),
        gas_price: U256::from(7),
        fee: U256::from(147_000),
        storage_deposit: U256::ZERO,
        events: Vec::new(),
        logs: Vec::new(),
        payouts: Vec::new(),
    }
}

/// The block after a head (or genesis) with this many requests, over the state of `commitment`. `salt` tells blocks of one height apart.
pub fn block(head: Option<Head>, requests: u32, commitment: &Commitment, salt: u64) -> Block {
    let height = head.map_or(0, |head| head.height + 1);
    let roots = commitment.roots();
    let requests: Vec<_> = (0..requests).map(|index| request(height + salt * 1_000_000, index.into())).collect();
    let receipts = requests.iter().zip(0..).map(|(request, index)| receipt(request, height, index)).collect();
    let header = Header {
        parent_hash: head.map_or(B256::ZERO, |head| head.hash),
        number: height,
        state_root: roots.state,
        extra_data: Bytes::copy_from_slice(roots.native.as_slice()),
        timestamp: 1_767_225_600 + height,
        gas_limit: 30_000_000,
        mix_hash: B256::with_last_byte(u8::try_from(salt % 256).unwrap()),
        ..Header::default()
    };
    let record = BlockRecord { height, ..BlockRecord::default() };
    Block { hash: header.hash_slow(), header, record, requests, receipts }
}

/// Makes and commits the next block of a chain.
pub fn extend(
    chain: &ChainState,
    changes: &Changes,
    requests: u32,
    salt: u64,
    extra: Extra,
) -> Result<Block, StoreError> {
    let commitment = chain.commitment().apply(changes, &sequential);
    let block = block(chain.head(), requests, &commitment, salt);
    assert_eq!(chain.commit(&block, changes, commitment, extra)?, Committed::New);
    Ok(block)
}

/// Changes that set one native entry.
pub fn native(key: &[u8], value: &[u8]) -> Changes {
    let mut changes = Changes::default();
    changes.native.insert(Bytes::copy_from_slice(key), Some(Bytes::copy_from_slice(value)));
    changes
}
