//! How long one request takes from its raw bytes to final, on real time in memory, and how many go through in bulk.
//!
//! `cargo run --release -p vespiary-node --example one_at_a_time`

use std::time::{Duration, Instant};

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Bytes, TxKind, U256};
use futures::executor::block_on;
use vespiary_crypto::{EthereumSecret, Seed};
use vespiary_node::{ChainHandle, NodeConfig, NodeHandle};
use vespiary_types::{ChainConfig, FeePolicy, Level};

fn sign(chain: &ChainHandle, from: &EthereumSecret, nonce: u64, to: Address) -> Bytes {
    let transaction = TxEip1559 {
        chain_id: chain.evm_chain_id(),
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 0,
        max_priority_fee_per_gas: 0,
        to: TxKind::Call(to),
        value: U256::from(1),
        access_list: <_>::default(),
        input: Bytes::new(),
    };
    let signature = from.sign_prehash(&transaction.signature_hash());
    TxEnvelope::from(transaction.into_signed(signature)).encoded_2718().into()
}

#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "it measures and says so")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let node = block_on(NodeHandle::start(NodeConfig::default()))?;
    let senders: Vec<_> = (0..200)
        .map(|number| Seed::from_number(number).child(0).map(|keys| keys.ethereum))
        .collect::<Result<_, _>>()?;
    let funded = senders.iter().map(|sender| (sender.address(), U256::from(10).pow(U256::from(18)))).collect();
    let config = ChainConfig { funded, fees: FeePolicy::FREE, ..ChainConfig::named("bench") };
    let chain = block_on(node.create_chain(config))?;
    let (alone, each) = (5_000_u32, 100_u64);
    let first = senders.first().ok_or("there are senders")?;
    let raw: Vec<Bytes> =
        (0..u64::from(alone)).map(|nonce| sign(&chain, first, nonce, Address::repeat_byte(9))).collect();
    let start = Instant::now();
    for raw in raw {
        let request = block_on(chain.verify(vec![raw])).pop().ok_or("one row")??;
        block_on(chain.submit(request, Level::Final))?;
    }
    let time = start.elapsed();
    println!(
        "one at a time: {:.1} µs each, {:.0}/s",
        time.as_secs_f64() * 1e6 / f64::from(alone),
        f64::from(alone) / time.as_secs_f64()
    );
    let raw: Vec<Bytes> = (0..each)
        .flat_map(|nonce| senders.iter().skip(1).map(move |sender| (nonce, sender)))
        .map(|(nonce, sender)| sign(&chain, sender, nonce, Address::repeat_byte(9)))
        .collect();
    let many = u32::try_from(raw.len())?;
    let start = Instant::now();
    let requests = block_on(chain.verify(raw)).into_iter().collect::<Result<Vec<_>, _>>()?;
    let verified = start.elapsed();
    let rows = block_on(chain.submit_batch(requests, Level::Final, None));
    let time = start.elapsed();
    assert!(rows.iter().all(Result::is_ok), "every transfer is good");
    println!(
        "bulk: {many} in {time:.2?} ({:.0}/s), of it signatures {verified:.2?}",
        f64::from(many) / time.as_secs_f64()
    );
    println!("blocks: {}", chain.heads().executed);
    block_on(node.close(Duration::from_secs(5)))?;
    Ok(())
}
