//! Receipts and rows: cheap to make, read when asked.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use vespiary_api as api;

use crate::chain::limit;
use crate::convert::{self, int_to_python, plain_to_python, value_to_python};
use crate::errors::object;
use crate::wait::settle;

/// The receipt of one executed request.
#[pyclass(frozen, module = "vespiary._native")]
pub(crate) struct Receipt {
    inner: api::Receipt,
    chain: Option<api::Chain>,
    interface: Option<api::Interface>,
    asynchronous: bool,
}

impl Receipt {
    pub(crate) fn object(
        py: Python<'_>,
        inner: api::Receipt,
        chain: Option<api::Chain>,
        interface: Option<api::Interface>,
        asynchronous: bool,
    ) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, Self { inner, chain, interface, asynchronous })?.into_any())
    }

    /// The receipt of what was sent, or a row if nobody waited for one.
    pub(crate) fn of_sent(
        py: Python<'_>,
        sent: &api::Sent,
        chain: api::Chain,
        interface: Option<api::Interface>,
        asynchronous: bool,
    ) -> PyResult<Py<PyAny>> {
        match sent.receipt() {
            Some(receipt) => Self::object(py, receipt.clone(), Some(chain), interface, asynchronous),
            None => Ok(Py::new(py, Row::of(py, Ok(sent.clone()), &chain, interface, asynchronous)?)?.into_any()),
        }
    }
}

#[pymethods]
impl Receipt {
    #[getter]
    fn hash(&self) -> String {
        self.inner.hash().to_string()
    }

    #[getter]
    fn block_hash(&self) -> String {
        self.inner.block().hash.to_string()
    }

    #[getter]
    fn height(&self) -> u64 {
        self.inner.height()
    }

    #[getter]
    fn index(&self) -> u32 {
        self.inner.index()
    }

    #[getter]
    fn level(&self) -> String {
        self.inner.level().to_string()
    }

    #[getter]
    fn ok(&self) -> bool {
        self.inner.succeeded()
    }

    #[getter]
    fn gas_used(&self) -> u64 {
        self.inner.gas_used()
    }

    #[getter]
    fn gas_price(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        int_to_python(py, self.inner.inner().gas_price)
    }

    #[getter]
    fn fee(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        int_to_python(py, self.inner.fee())
    }

    #[getter]
    fn sender(&self) -> String {
        self.inner.inner().from.to_checksum(None)
    }

    #[getter]
    fn to(&self) -> Option<String> {
        self.inner.inner().to.map(|to| to.to_checksum(None))
    }

    #[getter]
    fn contract_address(&self) -> Option<String> {
        self.inner.created().map(|created| created.to_checksum(None))
    }

    /// What the contract returned, or its revert data.
    #[getter]
    fn output<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.inner.output())
    }

    /// Unix nanoseconds of the block.
    #[getter]
    fn time_ns(&self) -> u64 {
        self.inner.block().record.time_ns
    }

    /// Why it failed; none if it did not.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let revert = match &self.interface {
            Some(interface) => api::Chain::revert_of(&self.inner, interface),
            None => self.inner.revert(),
        };
        revert.map(|revert| object(py, api::Error::Reverted(Box::new(revert))))
    }

    /// Its logs as plain data: `address`, `topics`, `data`.
    #[getter]
    fn logs(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let logs = PyList::empty(py);
        for log in self.inner.logs() {
            let fields = PyDict::new(py);
            fields.set_item("address", log.address.to_checksum(None))?;
            let topics: Vec<Bound<'_, PyBytes>> =
                log.data.topics().iter().map(|topic| PyBytes::new(py, topic.as_slice())).collect();
            fields.set_item("topics", topics)?;
            fields.set_item("data", PyBytes::new(py, &log.data.data))?;
            logs.append(fields)?;
        }
        Ok(logs.into_any().unbind())
    }

    /// Its logs that the contract's ABI knows: `(name, arguments)`.
    #[getter]
    fn events(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let events = PyList::empty(py);
        for log in self.inner.logs() {
            let Some(event) = self
                .interface
                .as_ref()
                .zip(log.data.topics().first())
                .and_then(|(interface, topic)| interface.event_by_topic(topic))
            else {
                continue;
            };
            let Some(values) = event.decode(&log.data) else { continue };
            let arguments = PyDict::new(py);
            for (number, (input, value)) in event.inputs.iter().zip(&values).enumerate() {
                let name = if input.name.is_empty() { number.to_string() } else { input.name.clone() };
                arguments.set_item(name, value_to_python(py, value)?)?;
            }
            events.append((event.name.as_str(), arguments))?;
        }
        Ok(events.into_any().unbind())
    }

    /// `eth_getTransactionReceipt`'s shape.
    fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        plain_to_python(py, &self.inner.to_json())
    }

    /// The same receipt once it has come to a later level.
    #[pyo3(signature = (level = "anchored", timeout = None))]
    fn wait<'py>(
        &self,
        py: Python<'py>,
        level: &str,
        timeout: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Some(chain) = self.chain.clone() else {
            return Err(PyRuntimeError::new_err(
                "this receipt came out of a pickle and knows no chain: use chain.wait_for(receipt.hash)",
            ));
        };
        let (level, timeout, hash) = (convert::level(level)?, limit(timeout)?, self.inner.hash());
        let (handle, interface, asynchronous) = (chain.clone(), self.interface.clone(), self.asynchronous);
        settle(py, asynchronous, async move { chain.wait_for(hash, level, timeout).await }, move |py, receipt| {
            Self::object(py, receipt, Some(handle), interface, asynchronous)
        })
    }

    fn __repr__(&self) -> String {
        let outcome = if self.inner.succeeded() { "ok" } else { "failed" };
        format!(
            "<Receipt {} {outcome}, {} at height {}, gas {}>",
            self.inner.hash(),
            self.inner.level(),
            self.inner.height(),
            self.inner.gas_used()
        )
    }

    fn _repr_html_(&self) -> String {
        let outcome = if self.inner.succeeded() { "ok" } else { "failed" };
        format!(
            "<table><tr><th>receipt</th><td><code>{}</code></td></tr><tr><th>outcome</th><td>{outcome}, {}</td></tr><tr><th>height</th><td>{}</td></tr><tr><th>gas</th><td>{}</td></tr></table>",
            self.inner.hash(),
            self.inner.level(),
            self.inner.height(),
            self.inner.gas_used()
        )
    }

    /// A receipt is a value: it pickles with its block, and without its chain.
    #[expect(clippy::type_complexity, reason = "the shape of __reduce__")]
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>, u32, String, Option<String>))> {
        let make = py.get_type::<Self>().getattr("_restore")?;
        let block = PyBytes::new(py, &self.inner.block().to_wire());
        let interface = self.interface.as_ref().map(|interface| interface.json().to_string());
        Ok((make, (block, self.inner.index(), self.inner.level().to_string(), interface)))
    }

    #[staticmethod]
    #[pyo3(signature = (block, index, level, interface))]
    fn _restore(py: Python<'_>, block: &[u8], index: u32, level: &str, interface: Option<&str>) -> PyResult<Self> {
        let inner = api::Receipt::from_wire(block, index, convert::level(level)?)
            .map_err(|error| crate::errors::raise(py, error))?;
        let interface =
            interface.map(api::Interface::parse).transpose().map_err(|error| crate::errors::raise(py, error))?;
        Ok(Self { inner, chain: None, interface, asynchronous: false })
    }
}

/// What became of one call of a batch.
#[pyclass(frozen, module = "vespiary._native")]
pub(crate) struct Row {
    #[pyo3(get)]
    hash: Option<String>,
    #[pyo3(get)]
    receipt: Option<Py<PyAny>>,
    #[pyo3(get)]
    error: Option<Py<PyAny>>,
}

impl Row {
    pub(crate) fn of(
        py: Python<'_>,
        row: api::Result<api::Sent>,
        chain: &api::Chain,
        interface: Option<api::Interface>,
        asynchronous: bool,
    ) -> PyResult<Self> {
        match row {
            Err(error) => Ok(Self { hash: None, receipt: None, error: Some(object(py, error)) }),
            Ok(sent) => {
                let failed =
                    sent.receipt().filter(|receipt| !receipt.succeeded()).and_then(|receipt| match &interface {
                        Some(interface) => api::Chain::revert_of(receipt, interface),
                        None => receipt.revert(),
                    });
                let error = failed.map(|revert| object(py, api::Error::Reverted(Box::new(revert))));
                let receipt = sent
                    .receipt()
                    .map(|receipt| Receipt::object(py, receipt.clone(), Some(chain.clone()), interface, asynchronous))
                    .transpose()?;
                Ok(Self { hash: Some(sent.hash().to_string()), receipt, error })
            }
        }
    }
}

#[pymethods]
impl Row {
    /// True if it did not fail: it is pending, or its transaction succeeded.
    #[getter]
    fn ok(&self) -> bool {
        self.error.is_none()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(match (&self.error, &self.receipt) {
            (Some(error), _) => format!("<Row failed: {}>", error.bind(py).str()?),
            (None, Some(receipt)) => format!("<Row {}>", receipt.bind(py).repr()?),
            (None, None) => format!("<Row {} pending>", self.hash.as_deref().unwrap_or_default()),
        })
    }
}
