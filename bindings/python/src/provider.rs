//! JSON-RPC in process, for web3.py.

use pyo3::prelude::*;
use serde_json::Value;
use vespiary_api as api;

use crate::convert::from_json;
use crate::wait::settle;

/// Ethereum's JSON-RPC over one chain: JSON text in, JSON text out.
#[pyclass(frozen, module = "vespiary._native")]
pub(crate) struct Provider {
    pub(crate) inner: api::Provider,
    pub(crate) asynchronous: bool,
}

#[pymethods]
impl Provider {
    /// One call: `{"result": …}` or `{"error": …}`.
    fn request<'py>(&self, py: Python<'py>, method: String, params: &str) -> PyResult<Bound<'py, PyAny>> {
        let (provider, params): (_, Value) = (self.inner.clone(), from_json(py, params)?);
        let work = async move {
            Ok(match provider.request(method, params).await {
                Ok(result) => serde_json::json!({ "result": result }).to_string(),
                Err(error) => serde_json::json!({ "error": error }).to_string(),
            })
        };
        settle(py, self.asynchronous, work, |py, text: String| Ok(text.into_pyobject(py)?.into_any().unbind()))
    }

    /// JSON-RPC 2.0 text: one call or a batch.
    fn answer<'py>(&self, py: Python<'py>, text: String) -> PyResult<Bound<'py, PyAny>> {
        let provider = self.inner.clone();
        settle(py, self.asynchronous, async move { Ok(provider.answer(text).await) }, |py, text: String| {
            Ok(text.into_pyobject(py)?.into_any().unbind())
        })
    }

    #[getter]
    fn closed(&self) -> bool {
        self.inner.chain().node().is_closed()
    }

    #[staticmethod]
    fn methods() -> Vec<&'static str> {
        api::Provider::methods().collect()
    }
}
