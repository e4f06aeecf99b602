//! Virtual time: the whole tree is a function of its seed.

mod ground;

use futures::StreamExt;
use ground::{Ground, funded, transfer, wallet};
use std::time::Duration;
use vespiary_node::NodeConfig;
use vespiary_types::Level;

/// Block hashes of several chains and the tree's event log, as bytes, after a run with crashes.
fn story(seed: u64) -> Vec<u8> {
    let ground = Ground::new(NodeConfig { seed: Some(seed), ..Ground::virtual_node() });
    let mut events = ground.node.tree().events(100_000);
    let senders: Vec<_> = (1..=4).map(wallet).collect();
    let chains: Vec<_> = ["one", "two", "three"]
        .iter()
        .map(|name| ground.create(funded(name, &senders.iter().collect::<Vec<_>>())))
        .collect();
    for round in 0..5 {
        for chain in &chains {
            let raw = senders
                .iter()
                .map(|sender| transfer(chain, sender, round, wallet(50 + round).address(), round))
                .collect();
            let requests = ground.verified_all(chain, raw);
            let chain = chain.clone();
            let rows = ground.run(async move { chain.submit_batch(requests, Level::Final, None).await });
            assert!(rows.iter().all(Result::is_ok));
        }
        let node = ground.node.clone();
        ground.run(async move { node.tree().crash("/chains/two/executor").await }).expect("it runs");
        futures::executor::block_on(ground.node.host().run_for(Duration::from_millis(333))).expect("virtual time");
    }
    ground.run_for(10);
    let mut story = Vec::new();
    for chain in &chains {
        for height in 0..=chain.heads().executed {
            story.extend(chain.state().hash_at(height).expect("readable").expect("there").0);
        }
    }
    let log = ground.run(async move {
        let mut log = Vec::new();
        while let Some(Some(event)) = futures::future::poll_fn(|context| {
            std::task::Poll::Ready(match events.poll_next_unpin(context) {
                std::task::Poll::Ready(event) => Some(event),
                std::task::Poll::Pending => None,
            })
        })
        .await
        {
            log.extend(format!("{event:?}\n").into_bytes());
        }
        log
    });
    assert!(log.len() > 1_000, "the log has something to compare");
    story.extend(log);
    story
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let first = story(7);
    assert_eq!(String::from_utf8_lossy(&first), String::from_utf8_lossy(&story(7)));
    assert_ne!(first, story(8));
}
