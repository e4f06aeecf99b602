//! The loop against the crate's own: random code does the same on both, to the last unit of gas.

use std::sync::Arc;

use ::evm::interpreter::ExitError;
use ::evm::interpreter::etable::Chained;
use ::evm::interpreter::uint::{H160, U256};
use ::evm::standard::{
    EtableResolver, ExecutionEtable, GasometerEtable, Invoker, TransactArgs, TransactArgsCallCreate, TransactGasPrice,
    TransactValueCallCreate,
};
use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, B256, Bytes};
use proptest::prelude::*;
use vespiary_state::{Changes, EmptyState};
use vespiary_types::{AgentId, ChainId, FeePolicy, MilestoneId};

use crate::evm::backend::Backend;
use crate::evm::{Entry, Target, forks, intrinsic, run};
use crate::sandbox::Machines;
use crate::{BaseFee, BlockContext, ChainContext, CodeCache, Environment, Journal, Parameters};

const GAS: u64 = 60_000;
const CALLER: Address = Address::repeat_byte(1);
const CONTRACT: Address = Address::repeat_byte(2);

fn journal(code: &[u8]) -> Journal {
    let chain = ChainContext { chain: ChainId::new([7; 32]), evm_chain_id: 1, fees_destination: BaseFee::Burn };
    let block = BlockContext {
        height: 1,
        parent: B256::ZERO,
        parent_time_ns: 0,
        parent_requests: 0,
        time_ns: 0,
        milestone: MilestoneId::default(),
        entropy: B256::ZERO,
        proposer: AgentId::Nil,
    };
    let environment = Environment::new(chain, block, Parameters { fees: FeePolicy::FREE, ..Parameters::default() });
    let mut journal = Journal::new(Arc::new(EmptyState), environment, CodeCache::default());
    journal.set_code(&CONTRACT, Bytes::copy_from_slice(code));
    journal.set_nonce(&CONTRACT, 1);
    journal
}

/// What a run came to. Gas only of a success: the crate does not tell otherwise, and then all of it or none is gone.
type Ran = (Result<(u64, Vec<u8>), ExitError>, Changes);

fn ours(code: &[u8], input: &[u8]) -> Ran {
    let mut journal = journal(code);
    let fork = journal.environment().fork();
    // What the crate does before a run, and here the executor: the nonce, and EIP-3651's warm beneficiary.
    journal.set_nonce(&CALLER, 1);
    journal.warm(&Address::ZERO);
    let entry = Entry {
        caller: CALLER,
        origin: CALLER,
        target: Target::Call(CONTRACT),
        value: U256::ZERO,
        input: Bytes::copy_from_slice(input),
        gas: GAS,
        intrinsic_gas: intrinsic::gas(fork, false, input, &AccessList::default()),
        gas_price: U256::ZERO,
        access_list: AccessList::default(),
        is_static: false,
    };
    let finished = run(&mut journal, &Machines::default(), entry);
    journal.end_request();
    let result = finished.result.map(|()| (finished.gas_used, finished.output.to_vec()));
    (result, journal.into_changes().expect("in memory"))
}

fn the_crates(code: &[u8], input: &[u8]) -> Ran {
    let mut journal = journal(code);
    let etable = Chained(GasometerEtable::new(), ExecutionEtable::new());
    let resolver = EtableResolver::new(&(), &etable);
    let arguments = TransactArgs {
        call_create: TransactArgsCallCreate::Call { address: H160(CONTRACT.into()), data: input.to_vec() },
        caller: H160(CALLER.into()),
        value: U256::ZERO,
        gas_limit: U256::from(GAS),
        gas_price: TransactGasPrice::Legacy(U256::ZERO),
        access_list: Vec::new(),
        config: forks::config(journal.environment().fork()),
    };
    let result = ::evm::transact(arguments, Some(4), &mut Backend::new(&mut journal), &Invoker::new(&resolver));
    journal.end_request();
    let result = result.map(|value| match value.call_create {
        TransactValueCallCreate::Call { retval, .. } => (value.used_gas.to(), retval),
        TransactValueCallCreate::Create { .. } => unreachable!("it was a call"),
    });
    (result, journal.into_changes().expect("in memory"))
}

/// An opcode with its operands on the stack where it needs small ones, or any byte at all.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let plain: Vec<u8> = [
        0x01..=0x0b,
        0x10..=0x1d,
        0x30..=0x3a,
        0x3d..=0x3d,
        0x41..=0x48,
        0x50..=0x50,
        0x58..=0x5b,
        0x5f..=0x5f,
        0x80..=0x9f,
    ]
    .into_iter()
    .flatten()
    .collect();
    let memory = prop::sample::select(vec![
        0x20_u8, 0x35, 0x37, 0x39, 0x51, 0x52, 0x53, 0x5e, 0x54, 0x55, 0x56, 0x57, 0x5c, 0x5d,
    ]);
    prop_oneof![
        8 => prop::sample::select(plain).prop_map(|opcode| vec![opcode]),
        4 => (memory, any::<[u8; 3]>()).prop_map(|(opcode, [a, b, c])| vec![0x60, a, 0x60, b, 0x60, c % 80, opcode]),
        3 => (1_u8..=32, any::<[u8; 32]>()).prop_map(|(length, bytes)| {
            [&[0x5f + length], bytes.get(..usize::from(length)).unwrap_or_default()].concat()
        }),
        // Calls would find precompiles on our side alone.
        1 => (0_u8..0xf1).prop_map(|byte| vec![byte]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn the_loop_does_what_the_crates_does(
        start in prop::collection::vec(any::<[u8; 32]>(), 0..8),
        pieces in prop::collection::vec(piece(), 0..60),
        input in prop::collection::vec(any::<u8>(), 0..70),
        returns: bool,
    ) {
        let mut code: Vec<u8> = start.iter().flat_map(|word| [&[0x7f], word.as_slice()].concat()).collect();
        code.extend(pieces.concat());
        if returns {
            // MSTORE(0, top), RETURN all of the memory
            code.extend([0x5f, 0x52, 0x59, 0x5f, 0xf3]);
        }
        prop_assert_eq!(ours(&code, &input), the_crates(&code, &input), "code {}", hex::encode(&code));
    }
}
