//! `vespiary._native`: the facade, seen from Python. No logic lives here.
//!
//! ```text
//! node  chain  contract  receipt  table  streams  provider  wallet    one file a noun
//!    └─────┴───────┴────────┴───────┴────────┴────────┴───── wait     blocking or awaitable, as the handle was opened
//!                                                            convert  values both ways
//!                                                            errors   codes to exception classes
//! ```
//! The classes with documentation and types stand in the package `vespiary` over this.

mod chain;
mod contract;
mod convert;
mod errors;
mod node;
mod provider;
mod receipt;
mod streams;
mod table;
mod wait;
mod wallet;

use pyo3::prelude::*;

/// Native half of the `vespiary` package.
#[pymodule]
mod _native {
    use pyo3::prelude::*;
    use vespiary_api::units;

    #[pymodule_export]
    use crate::chain::Chain;
    #[pymodule_export]
    use crate::contract::{Call, Function, Interface, keccak256};
    #[pymodule_export]
    use crate::node::{Node, Tangle};
    #[pymodule_export]
    use crate::provider::Provider;
    #[pymodule_export]
    use crate::receipt::{Receipt, Row};
    #[pymodule_export]
    use crate::streams::{BlockStream, LogStream, TreeEvents};
    #[pymodule_export]
    use crate::table::Table;
    #[pymodule_export]
    use crate::wallet::{Wallet, wallets};

    use crate::convert::int_to_python;
    use crate::errors::raise;

    /// The version of the native half.
    #[pyfunction]
    fn version() -> &'static str {
        vespiary_api::Node::version()
    }

    /// Wei of an amount in whole base tokens.
    #[pyfunction]
    fn iota(py: Python<'_>, text: &str) -> PyResult<Py<PyAny>> {
        int_to_python(py, units::iota(text).map_err(|error| raise(py, error))?)
    }

    /// Wei of an amount in gwei.
    #[pyfunction]
    fn gwei(py: Python<'_>, text: &str) -> PyResult<Py<PyAny>> {
        int_to_python(py, units::gwei(text).map_err(|error| raise(py, error))?)
    }

    /// L1 units of an amount in whole base tokens.
    #[pyfunction]
    fn tokens(py: Python<'_>, text: &str) -> PyResult<u64> {
        units::tokens(text).map_err(|error| raise(py, error))
    }

    /// Wei of a text with its unit.
    #[pyfunction]
    fn price(py: Python<'_>, text: &str) -> PyResult<Py<PyAny>> {
        int_to_python(py, units::price(text).map_err(|error| raise(py, error))?)
    }

    /// Seconds of a length of time.
    #[pyfunction]
    fn seconds(time: Bound<'_, PyAny>) -> PyResult<f64> {
        Ok(crate::convert::span(&time)?.as_secs_f64())
    }

    /// Every error code.
    #[pyfunction]
    fn codes() -> Vec<&'static str> {
        vespiary_api::Code::ALL.iter().map(|code| code.as_str()).collect()
    }

    /// Last call before the interpreter goes away.
    #[pyfunction]
    fn shut(py: Python<'_>) {
        crate::wait::shut(py);
    }
}
