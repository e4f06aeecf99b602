//! The `evm` crate's configuration for each fork.

use ::evm::standard::Config;
use revm_precompile::{PrecompileSpecId, Precompiles};
use vespiary_types::Fork;

static BERLIN: Config = Config::berlin();
static LONDON: Config = Config::london();
static SHANGHAI: Config = Config::shanghai();
static CANCUN: Config = Config::cancun();

/// EIP-3860: bytes of init code.
pub(crate) const MAX_INIT_CODE: usize = 49_152;

/// True if this build runs the fork whole.
pub(crate) fn is_supported(fork: Fork) -> bool {
    fork <= Fork::LATEST
}

/// The rules of a fork. A fork that is not supported is refused before anything runs.
pub(super) fn config(fork: Fork) -> &'static Config {
    match fork {
        Fork::Berlin => &BERLIN,
        // Paris differs from London in what DIFFICULTY returns, and the backend sees to that.
        Fork::London | Fork::Paris => &LONDON,
        Fork::Shanghai => &SHANGHAI,
        _ => &CANCUN,
    }
}

/// The precompiles of a fork.
pub(super) fn precompiles(fork: Fork) -> &'static Precompiles {
    Precompiles::new(if fork >= Fork::Cancun { PrecompileSpecId::CANCUN } else { PrecompileSpecId::BERLIN })
}
