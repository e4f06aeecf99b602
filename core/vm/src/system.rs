//! What a block does before its first request.

use alloy_eips::eip2930::AccessList;
use alloy_eips::eip4788::{BEACON_ROOTS_ADDRESS, BEACON_ROOTS_CODE, SYSTEM_ADDRESS};
use alloy_primitives::{Bytes, U256};
use vespiary_types::Fork;

use crate::Journal;
use crate::evm::{self, Entry, Target};
use crate::sandbox::Machines;

/// Gas of a system call; it counts nowhere (EIP-4788).
const SYSTEM_GAS: u64 = 30_000_000;

/// Writes the block's milestone into EIP-4788's ring of 8,191 seconds; of several blocks in one second the last one stays. Nothing
/// happens before Cancun, or where the contract is not deployed.
pub(crate) fn begin_block(journal: &mut Journal, machines: &Machines) {
    let environment = journal.environment().clone();
    if environment.fork() < Fork::Cancun || journal.code(&BEACON_ROOTS_ADDRESS).is_none() {
        return;
    }
    evm::run(
        journal,
        machines,
        Entry {
            caller: SYSTEM_ADDRESS,
            origin: SYSTEM_ADDRESS,
            target: Target::Call(BEACON_ROOTS_ADDRESS),
            value: U256::ZERO,
            input: Bytes::copy_from_slice(environment.block.milestone.as_bytes()),
            gas: SYSTEM_GAS,
            intrinsic_gas: 0,
            gas_price: U256::ZERO,
            access_list: AccessList::default(),
            is_static: false,
        },
    );
    journal.end_request();
}

/// Deploys the system contracts at genesis.
pub(crate) fn deploy(journal: &mut Journal) {
    journal.set_code(&BEACON_ROOTS_ADDRESS, BEACON_ROOTS_CODE.clone());
    journal.set_nonce(&BEACON_ROOTS_ADDRESS, 1);
}
