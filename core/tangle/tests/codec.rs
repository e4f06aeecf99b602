//! Layouts: every value reads back as it was written, no other bytes read as it, and garbage never panics.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod network;

use network::key;
use proptest::prelude::*;
use vespiary_crypto::{Ed25519PublicKey, Ed25519Signature};
use vespiary_tangle::{
    AliasOutput, BasicOutput, Block, Expiration, LedgerDiff, MilestoneEssence, Output, Payload, ProtocolVersion,
    Snapshot, StorageDepositReturn, TaggedData, Transaction, TransactionEssence, Unlock,
};
use vespiary_types::{AliasId, BlockId, L1Address, MilestoneId, NftId, OutputId, TransactionId, Wire};

fn address() -> impl Strategy<Value = L1Address> {
    (0u8..3, any::<[u8; 32]>()).prop_map(|(kind, hash)| match kind {
        0 => L1Address::Ed25519(hash),
        1 => L1Address::Alias(AliasId::new(hash)),
        _ => L1Address::Nft(NftId::new(hash)),
    })
}

fn blob(limit: usize) -> impl Strategy<Value = Option<Vec<u8>>> {
    prop::option::of(prop::collection::vec(any::<u8>(), 1..limit))
}

fn basic() -> impl Strategy<Value = Output> {
    let conditions = (
        prop::option::of((address(), 106_500u64..1_000_000)),
        prop::option::of(1u32..),
        prop::option::of((address(), 1u32..)),
    );
    (1_000_000_000u64..1 << 50, address(), conditions, prop::option::of(address()), blob(300), blob(64)).prop_map(
        |(amount, address, (back, timelock, expiration), sender, metadata, tag)| {
            Output::from(BasicOutput {
                amount,
                address,
                storage_deposit_return: back.map(|(address, amount)| StorageDepositReturn { address, amount }),
                timelock,
                expiration: expiration.map(|(return_address, time)| Expiration { return_address, time }),
                sender,
                metadata,
                tag,
            })
        },
    )
}

fn alias() -> impl Strategy<Value = Output> {
    let features = (prop::option::of(address()), blob(100), prop::option::of(address()), blob(100));
    let controllers = (any::<[u8; 32]>(), any::<[u8; 32]>());
    (1_000_000_000u64..1 << 50, any::<[u8; 32]>(), any::<u32>(), blob(300), controllers, features).prop_map(
        |(amount, id, state_index, metadata, (controller, governor), features)| {
            let controller = L1Address::Ed25519(controller);
            let governor = L1Address::Ed25519(governor);
            let mut alias = AliasOutput::create(controller, governor, amount, metadata.unwrap_or_default());
            (alias.alias_id, alias.state_index) = (AliasId::new(id), state_index);
            (alias.sender, alias.metadata, alias.immutable_issuer, alias.immutable_metadata) = features;
            alias.into()
        },
    )
}

fn transaction() -> impl Strategy<Value = Transaction> {
    let inputs = prop::collection::btree_set((any::<[u8; 32]>(), 0u16..128), 1..20);
    let outputs = prop::collection::vec(prop_oneof![3 => basic(), 1 => alias()], 1..12);
    let data =
        prop::option::of((prop::collection::vec(any::<u8>(), 0..64), prop::collection::vec(any::<u8>(), 0..200)));
    (any::<u64>(), inputs, any::<[u8; 32]>(), outputs, data, any::<[u8; 32]>()).prop_map(
        |(network_id, inputs, inputs_commitment, outputs, data, seed)| {
            let inputs: Vec<_> = inputs
                .into_iter()
                .map(|(id, index)| OutputId { transaction_id: TransactionId::new(id), index })
                .collect();
            let first =
                Unlock::Signature { public_key: Ed25519PublicKey(seed), signature: Ed25519Signature([seed[0]; 64]) };
            let rest =
                (1..inputs.len()).map(|place| if place % 3 == 0 { Unlock::Alias(0) } else { Unlock::Reference(0) });
            let unlocks = std::iter::once(first).chain(rest).collect();
            let payload = data.map(|(tag, data)| TaggedData { tag, data });
            let essence = TransactionEssence { network_id, inputs, inputs_commitment, outputs, payload };
            Transaction { essence, unlocks }
        },
    )
}

fn block() -> impl Strategy<Value = Block> {
    let version = prop_oneof![Just(ProtocolVersion::Stardust), Just(ProtocolVersion::Milliseconds)];
    let parents = prop::collection::vec(any::<[u8; 32]>().prop_map(BlockId::new), 1..8);
    let payload = prop_oneof![
        Just(None),
        transaction().prop_map(|transaction| Some(Payload::Transaction(transaction))),
        (any::<[u8; 40]>(), any::<u16>()).prop_map(|(tag, size)| Some(Payload::TaggedData(TaggedData {
            tag: tag.to_vec(),
            data: vec![7; size.into()]
        }))),
    ];
    (version, parents, payload, any::<u64>(), prop::option::of((any::<u32>(), any::<u32>(), any::<[u8; 32]>())))
        .prop_map(|(version, parents, payload, nonce, milestone)| {
            let block = Block::new(version, parents, payload);
            let payload = match milestone {
                Some((index, seconds, hash)) => {
                    let essence = MilestoneEssence {
                        index,
                        time_ms: u64::from(seconds) * 1_000,
                        version,
                        previous: MilestoneId::new(hash),
                        parents: block.parents.clone(),
                        inclusion_root: hash,
                        applied_root: hash,
                        metadata: hash.to_vec(),
                    };
                    Some(Payload::Milestone(essence.sign(&[key(3), key(1), key(2), key(1)])))
                }
                None => block.payload,
            };
            Block { payload, nonce, ..block }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_block_reads_back_as_it_was_written(block in block()) {
        let bytes = block.to_bytes();
        if bytes.len() > 32_768 {
            prop_assert!(Block::from_bytes(&bytes).is_err());
            prop_assert!(block.check().is_err());
        } else {
            prop_assert_eq!(Block::from_bytes(&bytes), Ok(block));
            let longer = [bytes.as_slice(), &[0]].concat();
            prop_assert!(Block::from_bytes(&longer).is_err());
            prop_assert!(Block::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        }
    }

    #[test]
    fn bytes_that_read_as_a_block_are_its_only_bytes(block in block(), place: prop::sample::Index, byte: u8) {
        let mut bytes = block.to_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(read) = Block::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }

    #[test]
    fn an_output_knows_its_size(output in prop_oneof![basic(), alias()]) {
        let bytes = output.to_bytes();
        prop_assert_eq!(bytes.len(), output.packed_bytes());
        prop_assert_eq!(Output::from_bytes(&bytes), Ok(output));
    }

    #[test]
    fn an_essence_knows_its_size(transaction in transaction()) {
        prop_assert_eq!(transaction.essence.to_bytes().len(), transaction.essence.packed_bytes());
    }

    #[test]
    fn garbage_is_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), kind in 0u8..8) {
        let _ = Block::from_bytes(&bytes);
        let _ = Output::from_bytes(&bytes);
        let _ = LedgerDiff::from_wire(&bytes);
        let _ = Snapshot::from_wire(&bytes);
        // Past the header, where most of the reading is.
        let mut block = vec![3, 1];
        block.extend_from_slice(&[9; 32]);
        block.extend_from_slice(&u32::try_from(bytes.len() + 4).unwrap().to_le_bytes());
        block.extend_from_slice(&[kind, 0, 0, 0]);
        block.extend_from_slice(&bytes);
        let _ = Block::from_bytes(&block);
        let output = [&[3 + kind % 2], bytes.as_slice()].concat();
        let _ = Output::from_bytes(&output);
    }
}

#[test]
fn conditions_and_features_stand_once_and_in_order() {
    let mut output = BasicOutput::new(L1Address::Ed25519([1; 32]), 1_000_000);
    output.timelock = Some(5);
    let bytes = Output::from(output).to_bytes();
    // Type, amount and native tokens; then two conditions of 34 and 5 bytes.
    let (head, rest) = bytes.split_at(11);
    let (address, rest) = rest.split_at(34);
    let (timelock, rest) = rest.split_at(5);
    let swapped = [head, timelock, address, rest].concat();
    assert!(Output::from_bytes(&swapped).is_err());
    let mut twice = [head, address, timelock, timelock, rest].concat();
    twice[10] = 3;
    assert!(Output::from_bytes(&twice).is_err());
    assert!(Output::from_bytes(&bytes).is_ok());
}

#[test]
fn foundries_nfts_and_native_tokens_are_refused_by_name() {
    let bytes = Output::from(BasicOutput::new(L1Address::Ed25519([1; 32]), 1_000_000)).to_bytes();
    for (kind, name) in [(5, "foundry"), (6, "NFT")] {
        let mut other = bytes.clone();
        other[0] = kind;
        assert!(Output::from_bytes(&other).unwrap_err().to_string().contains(name));
    }
    let mut tokens = bytes;
    tokens[9] = 1;
    assert!(Output::from_bytes(&tokens).unwrap_err().to_string().contains("native tokens"));
}
