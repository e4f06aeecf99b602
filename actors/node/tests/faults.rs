//! Actors are crashed under load: no request is lost, none is doubled, and every block gives its own hash again.

mod ground;

use std::time::Duration;

use ground::{Ground, check_backing, funded, replay, transfer, wallet};
use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use vespiary_node::NodeConfig;
use vespiary_supervision::State;
use vespiary_types::{Level, U256};

/// Crashes actors by path at random while transfers run, on one chain of two after the other.
fn storm(seed: u64) {
    let ground = Ground::new(NodeConfig { seed: Some(seed), ..Ground::virtual_node() });
    let senders: Vec<_> = (1..=8).map(wallet).collect();
    let chains: Vec<_> =
        ["one", "two"].iter().map(|name| ground.create(funded(name, &senders.iter().collect::<Vec<_>>()))).collect();
    let receiver = wallet(99).address();
    let per_sender = 40_u64;
    for chain in &chains {
        let raw = (0..per_sender)
            .flat_map(|nonce| senders.iter().map(move |sender| (nonce, sender)))
            .map(|(nonce, sender)| transfer(chain, sender, nonce, receiver, 1))
            .collect();
        let requests = ground.verified_all(chain, raw);
        let (chain, node) = (chain.clone(), ground.node.clone());
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let rows = ground.run(async move {
            let name = chain.name().to_owned();
            let crashing = async {
                let victims = [
                    format!("/chains/{name}/state"),
                    format!("/chains/{name}/mempool"),
                    format!("/chains/{name}/consensus"),
                    format!("/chains/{name}/executor"),
                    format!("/chains/{name}/anchor"),
                    format!("/feeds/{name}"),
                    "/tangle".to_owned(),
                    "/storage/store".to_owned(),
                    "/pools/signatures".to_owned(),
                    "/pools/vm".to_owned(),
                    "/directory".to_owned(),
                ];
                for _ in 0..30 {
                    tokio::time::sleep(Duration::from_millis(rng.random_range(1..60))).await;
                    let Some(victim) = victims.get(rng.random_range(0..victims.len())) else { continue };
                    // One that is just being restarted cannot crash; the next one can.
                    let _ = node.tree().crash(victim).await;
                }
            };
            // A slow trickle of batches, so that crashes fall between and into them.
            let sending = async {
                let mut rows = Vec::new();
                for part in requests.chunks(16) {
                    rows.extend(chain.submit_batch(part.to_vec(), Level::Final, None).await);
                    tokio::time::sleep(Duration::from_millis(30)).await;
                }
                rows
            };
            futures::join!(crashing, sending).1
        });
        for row in &rows {
            row.as_ref().unwrap_or_else(|error| panic!("seed {seed}: a request was lost: {error}"));
        }
    }
    ground.run_for(30);
    for chain in &chains {
        let view = chain.state().latest();
        let received = view.account(&receiver).expect("readable").expect("there").balance;
        assert_eq!(received, U256::from(per_sender * senders.len() as u64), "seed {seed}: lost or doubled");
        for sender in &senders {
            assert_eq!(view.account(&sender.address()).expect("readable").expect("there").nonce, per_sender);
        }
        let heads = chain.heads();
        assert_eq!(Some(heads.executed), heads.anchored, "seed {seed}: the storm is over and all is anchored");
        check_backing(&ground, chain);
        replay(chain);
    }
    let restarted = ground.node.tree().snapshot().into_iter().filter(|actor| actor.restarts > 0).count();
    assert!(restarted > 3, "seed {seed}: the storm reached only {restarted} actors");
}

#[test]
fn no_request_is_lost_or_doubled_when_any_actor_crashes() {
    for seed in 1..=6 {
        storm(seed);
    }
}

#[test]
fn a_pending_request_survives_its_mempools_crash() {
    let ground = Ground::new(Ground::virtual_node());
    let alice = wallet(1);
    let chain = ground.create(funded("shop", &[&alice]));
    // Nonce 1 waits for nonce 0.
    let waiting = ground.verified(&chain, transfer(&chain, &alice, 1, wallet(2).address(), 1));
    let first = ground.verified(&chain, transfer(&chain, &alice, 0, wallet(2).address(), 1));
    let (node, chain_of_call) = (ground.node.clone(), chain.clone());
    ground.run(async move {
        chain_of_call.submit(waiting, Level::Pending).await.expect("accepted");
        node.tree().crash("/chains/shop/mempool").await.expect("it runs");
        chain_of_call.submit(first, Level::Final).await.expect("a good transfer");
    });
    ground.run_for(5);
    assert_eq!(chain.state().latest().account(&alice.address()).expect("readable").expect("there").nonce, 2);
}

#[test]
fn a_chain_that_keeps_crashing_is_quarantined_and_the_node_lives() {
    let ground = Ground::new(Ground::virtual_node());
    let (alice, bob) = (wallet(1), wallet(2));
    let sick = ground.create(funded("sick", &[&alice]));
    let well = ground.create(funded("well", &[&alice]));
    let node = ground.node.clone();
    ground.run(async move {
        for _ in 0..5_000 {
            let _ = node.tree().crash("/chains/sick/executor").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            if node.tree().get("/chains/sick").is_some_and(|chain| chain.state == State::Quarantined) {
                break;
            }
        }
    });
    let state = ground.node.tree().get("/chains/sick").expect("it keeps its path").state;
    assert_eq!(state, State::Quarantined);
    let request = ground.verified(&sick, transfer(&sick, &alice, 0, bob.address(), 1));
    let chain = sick.clone();
    let refused = ground.run(async move { chain.submit(request, Level::Final).await }).expect_err("quarantined");
    assert!(refused.to_string().contains("chain `sick` is quarantined"), "{refused}");
    let request = ground.verified(&well, transfer(&well, &alice, 0, bob.address(), 1));
    let included = ground.run(async move { well.submit(request, Level::Final).await });
    included.expect("the other chain goes on");
    assert_eq!(sick.state().head().map(|head| head.height), Some(sick.heads().executed), "what it had stays readable");
}
