//! What a data directory keeps, and who may open it. On real time, for a disk has no other.

mod ground;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures::executor::block_on;
use ground::{Ground, check_backing, funded, replay, transfer, wallet};
use vespiary_node::{At, ChainHandle, ClockKind, Disk, NodeConfig, NodeError, NodeHandle, Rejection};
use vespiary_state::StoreError;
use vespiary_supervision::State;
use vespiary_types::{AgentId, Anchoring, ChainConfig, Level, RequestId, U256};
use vespiary_vm::EthereumCall;

/// Names the directory of a child process.
const DIRECTORY: &str = "VESPIARY_TEST_DIRECTORY";

fn on(directory: &Path) -> NodeConfig {
    NodeConfig { disk: Disk::Directory(directory.into()), ..NodeConfig::default() }
}

fn start(config: NodeConfig) -> Result<NodeHandle, NodeError> {
    block_on(NodeHandle::start(config))
}

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn chain(ground: &Ground, name: &str) -> ChainHandle {
    block_on(ground.node.chain(name)).expect("the chain is there again")
}

fn balance(chain: &ChainHandle, number: u64) -> U256 {
    let account = chain.state().latest().account(&wallet(number).address()).expect("readable");
    account.map_or(U256::ZERO, |account| account.balance)
}

/// Sends one transfer from wallet 1 to wallet 2.
fn send(ground: &Ground, chain: &ChainHandle, nonce: u64, level: Level) -> vespiary_node::Included {
    let request = ground.verified(chain, transfer(chain, &wallet(1), nonce, wallet(2).address(), 1));
    block_on(chain.submit(request, level)).expect("a good transfer")
}

/// The command that runs one test of this file on a directory, in a process of its own.
fn process(name: &str, directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test's binary"));
    command.args(["--exact", name, "--nocapture", "--ignored", "--test-threads=1"]);
    command.env(DIRECTORY, directory).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn given_directory() -> std::path::PathBuf {
    std::env::var_os(DIRECTORY).expect("the parent names a directory").into()
}

#[test]
fn chains_receipts_and_names_survive_closing_and_anchoring_goes_on() {
    let directory = directory();
    let (first, names, before) = {
        let ground = Ground::new(on(directory.path()));
        let chain = ground.create(funded("shop", &[&wallet(1)]));
        ground.create(ChainConfig { anchoring: Anchoring::Dev, ..funded("lab", &[&wallet(1)]) });
        send(&ground, &chain, 0, Level::Final);
        let first = send(&ground, &chain, 1, Level::Anchored);
        let names: Vec<_> = [&chain, &self::chain(&ground, "lab")]
            .map(|chain| (chain.name().to_owned(), chain.id(), chain.evm_chain_id(), chain.config().clone()))
            .into();
        let blocks: Vec<_> =
            (0..=chain.heads().executed).map(|height| chain.block(height).expect("readable").expect("there")).collect();
        let before =
            (blocks, chain.anchors().expect("readable"), balance(&chain, 1), chain.finality(1).expect("final"));
        (first, names, before)
    };

    let ground = Ground::new(on(directory.path()));
    let chain = chain(&ground, "shop");
    let mut again: Vec<_> = block_on(ground.node.chains())
        .expect("open")
        .iter()
        .map(|chain| (chain.name().to_owned(), chain.id(), chain.evm_chain_id(), chain.config().clone()))
        .collect();
    again.reverse();
    assert_eq!(again, names);
    let (blocks, anchors, balance_before, finality) = before;
    for block in &blocks {
        let read = chain.block(block.height()).expect("readable").expect("there");
        assert_eq!((read.hash, &read.receipts), (block.hash, &block.receipts));
    }
    assert_eq!((balance(&chain, 1), chain.finality(1).expect("final")), (balance_before, finality));
    assert_eq!(chain.anchors().expect("readable")[..anchors.len()], anchors[..]);
    assert_eq!(
        chain.state().locate(&first.request).expect("readable").map(|(height, _)| Some(height)),
        Some(first.height())
    );
    // The same request again is where it was; the next one goes on from there.
    let repeated = send(&ground, &chain, 1, Level::Anchored);
    assert_eq!((repeated.request, repeated.height()), (first.request, first.height()));
    let sender = AgentId::Ethereum { chain: chain.id(), address: wallet(1).address() };
    assert_eq!(block_on(chain.next_nonce(sender)).expect("answered"), 2);
    let next = send(&ground, &chain, 2, Level::Anchored);
    assert!(next.height() > first.height());
    assert!(chain.anchors().expect("readable").len() > anchors.len(), "it was anchored on the same alias");
    assert_eq!(balance(&chain, 2), U256::from(3));
    send(&ground, &self::chain(&ground, "lab"), 0, Level::Final);
    check_backing(&ground, &chain);
    replay(&chain);
}

#[test]
fn pending_requests_survive_closing() {
    let directory = directory();
    let waiting = {
        let ground = Ground::new(on(directory.path()));
        let chain = ground.create(funded("shop", &[&wallet(1)]));
        // Nonces 1 and 2 wait for nonce 0.
        send(&ground, &chain, 2, Level::Pending);
        send(&ground, &chain, 1, Level::Pending).request
    };
    let ground = Ground::new(on(directory.path()));
    let chain = chain(&ground, "shop");
    let pending: Vec<RequestId> =
        block_on(chain.pending()).expect("answered").iter().map(|request| request.id()).collect();
    assert_eq!((pending.len(), pending.first()), (2, Some(&waiting)), "in the order of their nonces");
    send(&ground, &chain, 0, Level::Final);
    block_on(chain.await_level(waiting, Level::Final)).expect("it ran after the one it waited for");
    send(&ground, &chain, 3, Level::Final);
    assert_eq!(balance(&chain, 2), U256::from(4));
    assert_eq!(block_on(chain.pending()).expect("answered").len(), 0);
}

#[test]
#[ignore = "a process of its own, begun by `a_directory_has_one_node_at_a_time`"]
fn is_refused() {
    let Err(error) = start(on(&given_directory())) else { panic!("two processes have one directory") };
    println!("refused: {error}");
}

#[test]
fn a_directory_has_one_node_at_a_time() {
    let directory = directory();
    let ground = Ground::new(on(directory.path()));
    let path = directory.path().display().to_string();
    let Err(error) = start(on(directory.path())) else { panic!("two nodes have one directory") };
    assert!(matches!(&error, NodeError::Store(StoreError::InUse { path: named }) if *named == path), "{error:?}");
    assert!(error.to_string().contains(&path), "{error}");
    let output = process("is_refused", directory.path()).output().expect("ran");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains(&format!("refused: data directory {path} is in use")), "{said}");
    // The one that has it was not disturbed.
    let chain = ground.create(funded("shop", &[&wallet(1)]));
    send(&ground, &chain, 0, Level::Final);
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let directory = directory();
    drop(Ground::new(on(directory.path())));
    let file = directory.path().join("FORMAT");
    let newer = vespiary_store::FORMAT_VERSION + 1;
    std::fs::write(&file, format!("vespiary data {newer}\n")).expect("written");
    let Err(error) = start(on(directory.path())) else { panic!("a format of the future") };
    let path = directory.path().display().to_string();
    assert!(
        matches!(&error, NodeError::Store(StoreError::NewerFormat { path: named, found, .. }) if *named == path && *found == newer),
        "{error:?}"
    );
    assert!(error.to_string().contains("use a newer Vespiary"), "{error}");
}

#[test]
fn a_configuration_that_cannot_be_is_refused_before_anything_is_made() {
    let directory = directory();
    let place = directory.path().join("data");
    let seeded = NodeConfig { seed: Some(7), ..on(&place) };
    let Err(NodeError::Refused(message)) = start(seeded) else { panic!("keys that can be guessed") };
    assert!(message.contains("leave the seed out"), "{message}");
    let paused = NodeConfig { clock: ClockKind::Virtual, ..on(&place) };
    let Err(NodeError::Refused(message)) = start(paused) else { panic!("virtual time on a real disk") };
    assert!(message.contains(&place.display().to_string()), "{message}");
    assert!(!place.exists());
}

#[test]
fn opening_with_another_configuration_says_what_differs() {
    let directory = directory();
    let config = funded("shop", &[&wallet(1)]);
    let get = |ground: &Ground, config: ChainConfig| block_on(ground.node.get_or_create_chain(config));
    {
        let ground = Ground::new(on(directory.path()));
        get(&ground, config.clone()).expect("created");
    }
    let ground = Ground::new(on(directory.path()));
    let chain = get(&ground, config.clone()).expect("the same configuration");
    assert_eq!(chain.name(), "shop");
    let other = ChainConfig { evm_chain_id: Some(99), anchoring: Anchoring::Dev, ..config };
    let Err(NodeError::ConfigDiffers { name, difference }) = get(&ground, other) else { panic!("it differs") };
    assert_eq!(name, "shop");
    for part in ["evm_chain_id is null, asked for 99", "anchoring is \"anchored\", asked for \"dev\""] {
        assert!(difference.contains(part), "{difference}");
    }
    assert!(!difference.contains("funded"), "{difference}");
}

#[test]
#[ignore = "a process of its own, begun and killed by `a_killed_process_leaves_every_final_request`"]
fn sends_until_killed() {
    let ground = Ground::new(on(&given_directory()));
    let chain = block_on(ground.node.get_or_create_chain(funded("shop", &[&wallet(1)]))).expect("there");
    let sender = AgentId::Ethereum { chain: chain.id(), address: wallet(1).address() };
    let mut nonce = block_on(chain.next_nonce(sender)).expect("answered");
    loop {
        // A few at a time, so that a kill falls between a block's requests as well.
        let raw = (nonce..nonce + 3).map(|nonce| transfer(&chain, &wallet(1), nonce, wallet(2).address(), 1)).collect();
        let requests = ground.verified_all(&chain, raw);
        for row in block_on(chain.submit_batch(requests, Level::Final, None)) {
            let height = row.expect("a good transfer").height().expect("final requests are in a block");
            println!("final {nonce} {height} .");
            nonce += 1;
        }
    }
}

/// A request that the sender reported as final: its nonce and height. None if the line is another, or was cut by the kill.
fn reported(line: &str) -> Option<(u64, u64)> {
    let (_, numbers) = line.strip_suffix(" .")?.split_once("final ")?;
    let (nonce, height) = numbers.split_once(' ')?;
    Some((nonce.parse().ok()?, height.parse().ok()?))
}

#[test]
fn a_killed_process_leaves_every_final_request() {
    let directory = directory();
    let mut finals: Vec<(u64, u64)> = Vec::new();
    for round in 0..4_usize {
        let mut child = process("sends_until_killed", directory.path()).spawn().expect("started");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let mut reports = lines.filter_map(|line| reported(&line));
        // A different number each round, and so a different moment.
        finals.extend(reports.by_ref().take(1 + round * 17));
        child.kill().expect("killed");
        child.wait().expect("gone");
        // What it still said before it died counts too.
        finals.extend(reports);
        assert!(finals.len() > round * 17, "round {round}: the sender came to an end by itself");

        let ground = Ground::new(on(directory.path()));
        let chain = chain(&ground, "shop");
        for (nonce, height) in &finals {
            let request = ground.verified(&chain, transfer(&chain, &wallet(1), *nonce, wallet(2).address(), 1));
            let found = chain.state().locate(&request.id()).expect("readable").map(|(height, _)| height);
            assert_eq!(found, Some(*height), "round {round}: nonce {nonce} was final");
        }
        // It goes on, under anchors, with whatever was pending when it died.
        let sender = AgentId::Ethereum { chain: chain.id(), address: wallet(1).address() };
        let nonce = block_on(chain.next_nonce(sender)).expect("answered");
        send(&ground, &chain, nonce, Level::Anchored);
        assert_eq!(balance(&chain, 2), U256::from(nonce + 1), "round {round}: none is lost, none doubled");
        check_backing(&ground, &chain);
        replay(&chain);
    }
}

/// Asks everything of a closed node and its chain that can be asked.
fn everything_says_closed(node: &NodeHandle, chain: &ChainHandle, request: &std::sync::Arc<vespiary_types::Request>) {
    fn closed<T: std::fmt::Debug>(what: &str, answer: Result<T, NodeError>) {
        let error = answer.expect_err(what);
        assert!(matches!(error, NodeError::Closed), "{what}: {error:?}");
    }
    closed("create", block_on(node.create_chain(ChainConfig::named("other"))));
    closed("get or create", block_on(node.get_or_create_chain(chain.config().clone())));
    closed("chain", block_on(node.chain("shop")));
    closed("chains", block_on(node.chains()));
    closed("tangle", block_on(node.tangle().network()));
    closed("faucet", block_on(node.tangle().faucet(chain.alias_address(), 1_000_000)));
    for level in [Level::Pending, Level::Final, Level::Anchored] {
        let answer = block_on(chain.submit(request.clone(), level));
        assert_eq!(answer.expect_err("nobody takes it"), Rejection::from(NodeError::Closed), "{level:?}");
        closed("await", block_on(chain.await_level(request.id(), level)));
    }
    closed("until", block_on(chain.until(Level::Executed, 1_000)));
    closed("nonce", block_on(chain.next_nonce(AgentId::Nil)));
    closed("pending", block_on(chain.pending()));
    closed("call", block_on(chain.call(At::Latest, EthereumCall::default())));
    closed("estimate", block_on(chain.estimate_gas(At::Pending, EthereumCall::default())));
    closed("rewind", block_on(chain.rewind(0)));
    closed("block", chain.block(0));
    closed("finality", chain.finality(0));
    closed("context", chain.block_context(0));
    closed("policies", chain.policies());
    closed("supply", chain.supply(0));
    closed("anchors", chain.anchors());
    assert_eq!(chain.state().header(0).err(), Some(StoreError::Closed));
}

#[test]
fn a_closed_node_says_so_everywhere_and_lets_its_directory_go() {
    let directory = directory();
    let Ok(node) = start(on(directory.path())) else { panic!("an empty directory") };
    let ground = Ground { node: node.clone() };
    let chain = ground.create(funded("shop", &[&wallet(1)]));
    send(&ground, &chain, 0, Level::Final);
    let request = ground.verified(&chain, transfer(&chain, &wallet(1), 1, wallet(2).address(), 1));
    // Somebody is still waiting for what will not come.
    let waiter = std::thread::spawn({
        let chain = chain.clone();
        move || block_on(chain.until(Level::Final, 1_000))
    });
    drop(ground);
    assert!(matches!(waiter.join().expect("no panic"), Err(NodeError::Closed)));
    block_on(node.close(Duration::from_secs(1))).expect("a second close does nothing");
    assert!(node.is_closed());
    // Its directory can be opened again at once, though its handles are still here; they stay closed.
    let again = Ground::new(on(directory.path()));
    everything_says_closed(&node, &chain, &request);
    assert!(node.tree().snapshot().iter().all(|actor| actor.state != State::Up), "its actors are gone");
    send(&again, &self::chain(&again, "shop"), 1, Level::Final);
}

#[test]
fn who_waits_for_a_chain_of_a_node_that_was_dropped_hears_that_it_is_closed() {
    let Ok(node) = start(NodeConfig::default()) else { panic!("a node in memory") };
    let chain = block_on(node.create_chain(funded("shop", &[&wallet(1)]))).expect("created");
    drop(node);
    let waited = block_on(chain.until(Level::Final, 1_000));
    assert!(matches!(waited, Err(NodeError::Closed)), "{waited:?}");
}
