//! The state machine.
//!
//! ```text
//!            Work                Collected            Executed                 Committed
//!   idle ───────────▶ collecting ─────────▶ executing ─────────▶ committing ─────────────▶ idle
//!     ▲  Collect           │      Execute       │       Commit                  (Collect at once if work came meanwhile)
//!     └────────────────────┴────────────────────┘
//!          nothing to do          empty: Drop
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::B256;
use vespiary_crypto::{Blake2b, Ed25519KeyPair};
use vespiary_types::{AgentId, ChainId, MilestoneId, RequestRef, blake2b256};

use crate::{AnchorPlan, Certificate, Committee, ConsensusError, FinalizeVote, Proposal, ValidatorIndex};

/// The final block that the next one builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    /// Its height.
    pub height: u64,
    /// The digest of its proposal; zero for genesis.
    pub digest: B256,
    /// Its time in unix nanoseconds.
    pub time_ns: u64,
    /// Requests in it: each took a nanosecond of its own, so the next block's time is not before the last of them.
    pub requests: u32,
    /// Its entropy.
    pub entropy: B256,
    /// The view it was finalized in.
    pub view: u64,
}

/// What the host gathered for a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// Requests in the order of execution, each in hand with its signature checked.
    pub requests: Vec<RequestRef>,
    /// The newest milestone.
    pub milestone: MilestoneId,
    /// An anchor that is due.
    pub anchor_plan: Option<AnchorPlan>,
}

/// What executing a proposal gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution {
    /// A block with this hash.
    Block(B256),
    /// Every request was skipped and no anchor is planned: there is nothing to make a block of.
    Empty,
}

/// What the host tells the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Something waits: a request, or an anchor that is due.
    Work,
    /// The answer to [`Effect::Collect`].
    Collected(Batch),
    /// The answer to [`Effect::Execute`].
    Executed {
        /// The proposal.
        digest: B256,
        /// What it gave.
        execution: Execution,
    },
    /// The answer to [`Effect::Commit`].
    Committed(Parent),
}

/// What the engine asks of its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Gather a batch; answer [`Input::Collected`].
    Collect,
    /// Execute the proposal on its parent's state, in memory; answer [`Input::Executed`].
    Execute(Arc<Proposal>),
    /// The proposal is final: commit its block; answer [`Input::Committed`].
    Commit(Arc<Proposal>, Certificate),
    /// Forget the proposal and its overlay.
    Drop(Arc<Proposal>),
}

#[derive(Debug)]
enum Phase {
    Idle,
    Collecting,
    Executing(Arc<Proposal>),
    Committing(B256),
}

/// One validator's engine for one chain and epoch.
#[derive(Debug)]
pub struct Engine {
    chain: ChainId,
    epoch: u64,
    committee: Committee,
    me: ValidatorIndex,
    key: Ed25519KeyPair,
    /// Made of the key, once: a signature nobody else can make.
    entropy_secret: [u8; 32],
    payout: AgentId,
    parent: Parent,
    view: u64,
    phase: Phase,
    /// Work came while busy.
    more: bool,
}

impl Engine {
    /// An engine that resumes on top of the last final block, at the view after it.
    pub fn new(
        chain: ChainId,
        epoch: u64,
        committee: Committee,
        key: Ed25519KeyPair,
        payout: AgentId,
        parent: Parent,
    ) -> Result<Self, ConsensusError> {
        if committee.size() > 1 {
            return Err(ConsensusError::TooMany(committee.size()));
        }
        let me = committee.index_of(&key.public_key()).ok_or(ConsensusError::NotAMember)?;
        let view = parent.view + 1;
        let entropy_secret = blake2b256(key.sign(b"vespiary/entropy").0);
        Ok(Self {
            chain,
            epoch,
            committee,
            me,
            key,
            entropy_secret,
            payout,
            parent,
            view,
            phase: Phase::Idle,
            more: false,
        })
    }

    /// The view it is in.
    pub fn view(&self) -> u64 {
        self.view
    }

    /// The next transition. `now_ns` is unix time in nanoseconds. An input that answers nothing asked is ignored: it comes from
    /// before a crash.
    pub fn step(&mut self, now_ns: u64, input: Input) -> Vec<Effect> {
        match (input, std::mem::replace(&mut self.phase, Phase::Idle)) {
            (Input::Work, Phase::Idle) => self.collect(),
            (Input::Work, phase) => {
                self.more = true;
                self.phase = phase;
                Vec::new()
            }
            (Input::Collected(batch), Phase::Collecting) => self.propose(now_ns, batch),
            (Input::Executed { digest, execution }, Phase::Executing(proposal)) if proposal.digest() == digest => {
                self.executed(proposal, digest, execution)
            }
            (Input::Committed(parent), Phase::Committing(digest)) if parent.digest == digest => {
                self.parent = parent;
                self.next_view()
            }
            (Input::Collected(_) | Input::Executed { .. } | Input::Committed(_), phase) => {
                self.phase = phase;
                Vec::new()
            }
        }
    }

    fn collect(&mut self) -> Vec<Effect> {
        self.more = false;
        self.phase = Phase::Collecting;
        vec![Effect::Collect]
    }

    fn next_view(&mut self) -> Vec<Effect> {
        self.view += 1;
        if self.more { self.collect() } else { Vec::new() }
    }

    fn propose(&mut self, now_ns: u64, batch: Batch) -> Vec<Effect> {
        if batch.requests.is_empty() && batch.anchor_plan.is_none() {
            return if self.more { self.collect() } else { Vec::new() };
        }
        let proposal = Arc::new(Proposal {
            chain: self.chain,
            epoch: self.epoch,
            view: self.view,
            parent: self.parent.digest,
            height: self.parent.height + 1,
            requests: batch.requests,
            time_ns: now_ns.max(self.parent.time_ns.saturating_add(u64::from(self.parent.requests))),
            milestone: batch.milestone,
            entropy: self.entropy(),
            payout: self.payout,
            anchor_plan: batch.anchor_plan,
        });
        self.phase = Phase::Executing(Arc::clone(&proposal));
        vec![Effect::Execute(proposal)]
    }

    fn executed(&mut self, proposal: Arc<Proposal>, digest: B256, execution: Execution) -> Vec<Effect> {
        let Execution::Block(block) = execution else {
            let mut effects = vec![Effect::Drop(proposal)];
            effects.extend(self.next_view());
            return effects;
        };
        let vote = FinalizeVote { chain: self.chain, epoch: self.epoch, view: self.view, digest, block };
        let signatures = BTreeMap::from([(self.me, vote.sign(&self.key))]);
        // The own vote is a quorum of a committee of one, the only size `new` accepts.
        debug_assert_eq!(self.committee.quorum(), signatures.len());
        self.phase = Phase::Committing(digest);
        vec![Effect::Commit(proposal, Certificate { vote, signatures })]
    }

    /// The block's entropy: a hash over (chain, epoch, view, parent's entropy) under a secret that only the leader has. With
    /// nobody to prove it to, a committee of one needs no verifiable random function; larger committees get one here.
    fn entropy(&self) -> B256 {
        Blake2b::new()
            .chain(&self.entropy_secret)
            .chain(self.chain.as_bytes())
            .chain(&self.epoch.to_le_bytes())
            .chain(&self.view.to_le_bytes())
            .chain(self.parent.entropy.as_slice())
            .finish()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use vespiary_types::RequestId;

    use super::*;

    fn engine() -> Engine {
        let key = Ed25519KeyPair::from_seed(&[7; 32]);
        let committee = Committee::new(vec![key.public_key()]).expect("one validator");
        let parent =
            Parent { height: 0, digest: B256::ZERO, time_ns: 1_000, requests: 0, entropy: B256::ZERO, view: 0 };
        Engine::new(ChainId::new([1; 32]), 0, committee, key, AgentId::Nil, parent).expect("a member")
    }

    fn batch(n: u8) -> Batch {
        let requests = (0..n)
            .map(|i| RequestRef { id: RequestId::Ethereum(B256::repeat_byte(i)), content: B256::repeat_byte(i) })
            .collect();
        Batch { requests, ..Batch::default() }
    }

    fn proposal(effects: &[Effect]) -> Arc<Proposal> {
        match effects {
            [Effect::Execute(proposal)] => Arc::clone(proposal),
            other => panic!("expected a proposal to execute, got {other:?}"),
        }
    }

    #[test]
    fn an_idle_chain_is_silent() {
        let mut engine = engine();
        assert_eq!(engine.step(2_000, Input::Work), vec![Effect::Collect]);
        assert_eq!(engine.step(2_000, Input::Collected(Batch::default())), Vec::new());
        assert_eq!(engine.view(), 1);
    }

    #[test]
    fn nothing_is_committed_before_it_is_executed_and_certified() {
        let mut engine = engine();
        engine.step(2_000, Input::Work);
        let proposal = proposal(&engine.step(2_000, Input::Collected(batch(2))));
        assert_eq!((proposal.height, proposal.view, proposal.time_ns), (1, 1, 2_000));
        let (digest, block) = (proposal.digest(), B256::repeat_byte(9));
        let effects = engine.step(2_000, Input::Executed { digest, execution: Execution::Block(block) });
        let [Effect::Commit(_, certificate)] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!((certificate.vote.digest, certificate.vote.block), (digest, block));
        certificate.verify(&engine.committee).expect("a quorum of one");
    }

    #[test]
    fn a_certificate_with_a_changed_block_does_not_verify() {
        let mut engine = engine();
        engine.step(2_000, Input::Work);
        let digest = proposal(&engine.step(2_000, Input::Collected(batch(1)))).digest();
        let execution = Execution::Block(B256::repeat_byte(9));
        let effects = engine.step(2_000, Input::Executed { digest, execution });
        let [Effect::Commit(_, certificate)] = effects.as_slice() else { panic!("{effects:?}") };
        let mut forged = certificate.clone();
        forged.vote.block = B256::repeat_byte(8);
        assert_eq!(forged.verify(&engine.committee), Err(ConsensusError::BadSignature(ValidatorIndex(0))));
        let mut empty = certificate.clone();
        empty.signatures.clear();
        assert!(matches!(empty.verify(&engine.committee), Err(ConsensusError::NoQuorum { .. })));
    }

    #[test]
    fn work_that_comes_while_a_block_is_made_starts_the_next() {
        let mut engine = engine();
        engine.step(2_000, Input::Work);
        let digest = proposal(&engine.step(2_000, Input::Collected(batch(1)))).digest();
        assert_eq!(engine.step(2_000, Input::Work), Vec::new());
        engine.step(2_000, Input::Executed { digest, execution: Execution::Block(B256::ZERO) });
        let parent = Parent { height: 1, digest, time_ns: 2_000, requests: 1, entropy: B256::ZERO, view: 1 };
        assert_eq!(engine.step(2_000, Input::Committed(parent)), vec![Effect::Collect]);
        assert_eq!(engine.view(), 2);
    }

    #[test]
    fn a_proposal_that_gives_nothing_is_dropped_and_costs_its_view() {
        let mut engine = engine();
        engine.step(2_000, Input::Work);
        let proposal = proposal(&engine.step(2_000, Input::Collected(batch(1))));
        let digest = proposal.digest();
        let effects = engine.step(2_000, Input::Executed { digest, execution: Execution::Empty });
        assert_eq!(effects, vec![Effect::Drop(proposal)]);
        assert_eq!(engine.view(), 2);
    }

    #[test]
    fn time_never_runs_back_and_leaves_each_request_its_nanosecond() {
        let mut engine = engine();
        engine.parent.time_ns = 5_000;
        engine.parent.requests = 3;
        engine.step(2_000, Input::Work);
        let proposal = proposal(&engine.step(2_000, Input::Collected(batch(1))));
        assert_eq!(proposal.time_ns, 5_003);
    }

    #[test]
    fn answers_from_before_a_crash_change_nothing() {
        let mut engine = engine();
        let stale = Input::Executed { digest: B256::repeat_byte(1), execution: Execution::Empty };
        assert_eq!(engine.step(2_000, stale), Vec::new());
        assert_eq!(engine.step(2_000, Input::Collected(batch(1))), Vec::new());
        assert_eq!(engine.step(2_000, Input::Work), vec![Effect::Collect]);
    }

    #[test]
    fn a_key_outside_the_committee_cannot_vote() {
        let (mine, other) = (Ed25519KeyPair::from_seed(&[1; 32]), Ed25519KeyPair::from_seed(&[2; 32]));
        let committee = Committee::new(vec![other.public_key()]).expect("one validator");
        let parent = Parent { height: 0, digest: B256::ZERO, time_ns: 0, requests: 0, entropy: B256::ZERO, view: 0 };
        let error =
            Engine::new(ChainId::default(), 0, committee, mine, AgentId::Nil, parent).expect_err("not a member");
        assert_eq!(error, ConsensusError::NotAMember);
    }
}
