//! What the TIPs publish: the layouts and hashes that other implementations agree on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use vespiary_crypto::Ed25519PublicKey;
use vespiary_tangle::{
    AliasOutput, BasicOutput, Block, Payload, ProtocolVersion, audit_path, merkle_root, minimum_anchor_deposit,
    minimum_payout, network_id, root_of_path,
};
use vespiary_types::{BlockId, L1Address, NftId, OutputId};

fn ids(texts: &[&str]) -> Vec<BlockId> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

const TIP4_LEAVES: [&str; 7] = [
    "52fdfc072182654f163f5f0f9a621d729566c74d10037c4d7bbb0407d1e2c649",
    "81855ad8681d0d86d1e91e00167939cb6694d2c422acd208a0072939487f6999",
    "eb9d18a44784045d87f3c67cf22746e995af5a25367951baa2ff6cd471c483f1",
    "5fb90badb37c5821b6d95526a41a9504680b4e7c8b763a1b1d49d4955c848621",
    "6325253fec738dd7a9e28bf921119c160f0702448615bbda08313f6a8eb668d2",
    "0bf5059875921e668a5bdf2c7fc4844592d2572bcd0668d2d6c52f5054e2d083",
    "6bf84c7174cb7476364cc3dbd968b0f7172ed85794bb358b0c3b525da1786f9f",
];

#[test]
fn tip4_the_tree_of_seven_leaves_has_its_published_root() {
    let root = merkle_root(&ids(&TIP4_LEAVES));
    assert_eq!(hex::encode(root), "bf67ce7ba23e8c0951b5abaec4f5524360d2c26d971ff226d3359fa70cdb0beb");
    let left = merkle_root(&ids(&TIP4_LEAVES[..4]));
    assert_eq!(hex::encode(left), "03bcbb3cf4314eab2f5ae68c767ff0a5fec4573c865728231f71d596fd867b56");
}

#[test]
fn tip4_every_audit_path_leads_to_the_root() {
    for length in 1..=TIP4_LEAVES.len() {
        let leaves = ids(&TIP4_LEAVES[..length]);
        for (position, leaf) in leaves.iter().enumerate() {
            let path = audit_path(&leaves, position).unwrap();
            assert_eq!(root_of_path(leaf, &path), merkle_root(&leaves), "leaf {position} of {length}");
        }
        assert_eq!(audit_path(&leaves, length), None);
    }
}

#[test]
fn tip20_network_names_have_their_published_ids() {
    for (name, id) in [
        ("iota-mainnet", 9_374_574_019_616_453_254),
        ("shimmer", 14_364_762_045_254_553_490),
        ("testnet-1", 1_856_588_631_910_923_207),
        ("example-mynetwork", 1_967_754_805_504_104_511),
    ] {
        assert_eq!(network_id(name), id, "{name}");
    }
}

#[test]
fn tip31_addresses_print_as_published() {
    let key = "6f1581709bb7b1ef030d210db18e3b0ba1c776fba65d8cdaad05415142d189f8";
    let key = Ed25519PublicKey(hex::decode(key).unwrap().try_into().unwrap());
    let alias: OutputId = "52fdfc072182654f163f5f0f9a621d729566c74d10037c4d7bbb0407d1e2c6490000".parse().unwrap();
    let nft: OutputId = "97b9d84d33419199483daab1f81ddccdeff478b6ee9040cfe026c517f67757880000".parse().unwrap();
    for (address, iota, shimmer) in [
        (
            key.address(),
            "iota1qrhacyfwlcnzkvzteumekfkrrwks98mpdm37cj4xx3drvmjvnep6xqgyzyx",
            "smr1qrhacyfwlcnzkvzteumekfkrrwks98mpdm37cj4xx3drvmjvnep6xhcazjh",
        ),
        (
            L1Address::Alias(alias.alias_id()),
            "iota1prlgpsht03ekmghhex8v7y67a835uns8dtlxu807hj0v279c74kj76j6rev",
            "smr1prlgpsht03ekmghhex8v7y67a835uns8dtlxu807hj0v279c74kj7dzrr0a",
        ),
        (
            L1Address::Nft(NftId(nft.alias_id().0)),
            "iota1zqc4nvg4ufcj3dkmzmd4uc034fx8pkz2nxl820a28mnsmxkec6ntw0vklm7",
            "smr1zqc4nvg4ufcj3dkmzmd4uc034fx8pkz2nxl820a28mnsmxkec6ntwcu0ld0",
        ),
    ] {
        assert_eq!(address.to_bech32("iota"), iota);
        assert_eq!(address.to_bech32("smr"), shimmer);
        assert_eq!(L1Address::from_bech32("iota", iota), Ok(address));
    }
}

/// TIP-24's example with its first byte, a protocol version that was never used, set to 2.
#[test]
fn tip24_the_example_block_reads_and_writes_as_published() {
    let bytes = hex::decode(concat!(
        "0202",
        "210fc7bb818639ac48a4c6afa2f1581a8b9525e20fda68927f2b2ff836f73578",
        "db0fa54c29f7fd928d92ca43f193dee47f591549f597a811c8fa67ab031ebd9c",
        "18000000",
        "0500000004494f54410b00000068656c6c6f20776f726c64",
        "ce6d000000000000"
    ))
    .unwrap();
    let block = Block::from_bytes(&bytes).unwrap();
    assert_eq!((block.version, block.nonce), (ProtocolVersion::Stardust, 28_110));
    let Some(Payload::TaggedData(data)) = &block.payload else { panic!("tagged data was written") };
    assert_eq!((data.tag.as_slice(), data.data.as_slice()), (b"IOTA".as_slice(), b"hello world".as_slice()));
    assert_eq!(block.to_bytes(), bytes);
}

#[test]
fn tip19_the_smallest_outputs_need_their_published_deposits() {
    let nobody = L1Address::Ed25519([0; 32]);
    assert_eq!(minimum_payout(), 106_500);
    assert_eq!(BasicOutput::new(nobody, 0).minimum_deposit(), 250 * 426);
    assert_eq!(AliasOutput::create(nobody, nobody, 0, Vec::new()).minimum_deposit(), 250 * (380 + 123));
    let with_metadata = AliasOutput::create(nobody, nobody, 0, vec![7; 40]).minimum_deposit();
    assert_eq!(minimum_anchor_deposit(40), with_metadata);
}
