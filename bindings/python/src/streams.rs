//! Streams: iterators and async iterators in one. Each holds its node.

use pyo3::exceptions::{PyStopAsyncIteration, PyStopIteration};
use pyo3::prelude::*;
use vespiary_api as api;

use crate::convert::plain_to_python;
use crate::wait::{blocking, settle};

macro_rules! stream {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $plain:expr) => {
        $(#[$doc])*
        #[pyclass(frozen, module = "vespiary._native")]
        pub(crate) struct $name {
            pub(crate) inner: $inner,
        }

        #[pymethods]
        impl $name {
            fn __iter__(slf: Py<Self>) -> Py<Self> {
                slf
            }

            fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                let stream = self.inner.clone();
                match blocking(py, async move { stream.next().await })? {
                    Some(item) => plain_to_python(py, &($plain)(&item)),
                    None => Err(PyStopIteration::new_err(())),
                }
            }

            fn __aiter__(slf: Py<Self>) -> Py<Self> {
                slf
            }

            fn __anext__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                let stream = self.inner.clone();
                settle(py, true, async move { stream.next().await }, |py, item| match item {
                    Some(item) => plain_to_python(py, &($plain)(&item)),
                    None => Err(PyStopAsyncIteration::new_err(())),
                })
            }
        }
    };
}

stream!(
    /// Blocks in order of height.
    BlockStream,
    api::BlockStream,
    api::BlockItem::to_json
);
stream!(
    /// Logs in order of height and place.
    LogStream,
    api::LogStream,
    api::LogItem::to_json
);
stream!(
    /// What happens in the tree.
    TreeEvents,
    api::TreeEvents,
    serde_json::Value::clone
);
