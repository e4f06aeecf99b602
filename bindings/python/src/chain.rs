//! Chains.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use vespiary_api::{self as api, At, CallRequest, Cursor, LogFilter, Selection, SendOptions};

use crate::contract::{Call, Interface};
use crate::convert::{self, from_json, int_to_python, plain_to_python};
use crate::errors::{object, raise};
use crate::provider::Provider;
use crate::receipt::{Receipt, Row};
use crate::streams::{BlockStream, LogStream};
use crate::table::Table;
use crate::wait::settle;
use crate::wallet::Wallet;

/// A chain of a node.
#[pyclass(frozen, module = "vespiary._native")]
pub(crate) struct Chain {
    pub(crate) inner: api::Chain,
    pub(crate) asynchronous: bool,
}

fn place(at: Option<Bound<'_, PyAny>>) -> PyResult<At> {
    at.map_or(Ok(At::default()), |at| convert::at(&at))
}

/// The optional time limit of a call.
pub(crate) fn limit(timeout: Option<Bound<'_, PyAny>>) -> PyResult<Option<std::time::Duration>> {
    timeout.map(|timeout| convert::span(&timeout)).transpose()
}

impl Chain {
    /// Sends one transaction, and gives its receipt, or a row that is pending.
    pub(crate) fn send_one<'py>(
        py: Python<'py>,
        chain: &api::Chain,
        asynchronous: bool,
        call: api::Transaction,
        options: SendOptions,
        interface: Option<api::Interface>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let chain = chain.clone();
        let work = {
            let (chain, interface) = (chain.clone(), interface.clone());
            async move { chain.send_one_with(call, options, interface.as_ref()).await }
        };
        settle(py, asynchronous, work, move |py, sent| Receipt::of_sent(py, &sent, chain, interface, asynchronous))
    }
}

#[pymethods]
impl Chain {
    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    #[getter]
    fn id(&self) -> String {
        self.inner.id().to_string()
    }

    #[getter]
    fn evm_chain_id(&self) -> u64 {
        self.inner.evm_chain_id()
    }

    #[getter]
    fn gas_price(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        int_to_python(py, self.inner.gas_price())
    }

    fn config(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        plain_to_python(py, &self.inner.config())
    }

    /// (executed, final, anchored)
    #[getter]
    fn heads(&self) -> (u64, u64, Option<u64>) {
        let heads = self.inner.heads();
        (heads.executed, heads.final_, heads.anchored)
    }

    #[pyo3(signature = (address, at = None))]
    fn balance<'py>(
        &self,
        py: Python<'py>,
        address: Bound<'py, PyAny>,
        at: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, address, at) = (self.inner.clone(), convert::address(&address)?, place(at)?);
        settle(py, self.asynchronous, async move { chain.balance(address, at).await }, int_to_python)
    }

    #[pyo3(signature = (address, at = None))]
    fn nonce<'py>(
        &self,
        py: Python<'py>,
        address: Bound<'py, PyAny>,
        at: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, address, at) = (self.inner.clone(), convert::address(&address)?, place(at)?);
        settle(py, self.asynchronous, async move { chain.nonce(address, at).await }, |py, nonce| {
            Ok(nonce.into_pyobject(py)?.into_any().unbind())
        })
    }

    #[pyo3(signature = (address, at = None))]
    fn code<'py>(
        &self,
        py: Python<'py>,
        address: Bound<'py, PyAny>,
        at: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, address, at) = (self.inner.clone(), convert::address(&address)?, place(at)?);
        settle(py, self.asynchronous, async move { chain.code(address, at).await }, |py, code| {
            Ok(PyBytes::new(py, &code).into_any().unbind())
        })
    }

    #[pyo3(signature = (address, slot, at = None))]
    fn storage<'py>(
        &self,
        py: Python<'py>,
        address: Bound<'py, PyAny>,
        slot: Bound<'py, PyAny>,
        at: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, address, at) = (self.inner.clone(), convert::address(&address)?, place(at)?);
        let slot = self::slot(&slot)?;
        settle(py, self.asynchronous, async move { chain.storage(address, slot, at).await }, |py, value| {
            Ok(PyBytes::new(py, value.as_slice()).into_any().unbind())
        })
    }

    /// Runs a call without a trace: `eth_call`'s object as JSON in, bytes out.
    #[pyo3(signature = (call, at = None))]
    fn call<'py>(&self, py: Python<'py>, call: &str, at: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let (chain, call, at): (_, CallRequest, _) = (self.inner.clone(), from_json(py, call)?, place(at)?);
        settle(py, self.asynchronous, async move { chain.call(call, at).await }, |py, output| {
            Ok(PyBytes::new(py, &output).into_any().unbind())
        })
    }

    /// A block in `eth_getBlockByNumber`'s shape, whole; none if there is none.
    #[pyo3(signature = (at = None))]
    fn block<'py>(&self, py: Python<'py>, at: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let (chain, at) = (self.inner.clone(), place(at)?);
        settle(py, self.asynchronous, async move { chain.block(at).await }, |py, block| match block {
            Some(block) => plain_to_python(py, &api::block_json(&block)),
            None => Ok(py.None()),
        })
    }

    fn receipt<'py>(&self, py: Python<'py>, hash: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (chain, hash, asynchronous) = (self.inner.clone(), convert::hash(&hash)?, self.asynchronous);
        let handle = chain.clone();
        settle(py, asynchronous, async move { chain.receipt(hash).await }, move |py, receipt| match receipt {
            Some(receipt) => Receipt::object(py, receipt, Some(handle), None, asynchronous),
            None => Ok(py.None()),
        })
    }

    #[pyo3(signature = (hash, level, timeout = None))]
    fn wait_for<'py>(
        &self,
        py: Python<'py>,
        hash: Bound<'py, PyAny>,
        level: &str,
        timeout: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, hash, level, timeout) =
            (self.inner.clone(), convert::hash(&hash)?, convert::level(level)?, limit(timeout)?);
        let (handle, asynchronous) = (chain.clone(), self.asynchronous);
        settle(py, asynchronous, async move { chain.wait_for(hash, level, timeout).await }, move |py, receipt| {
            Receipt::object(py, receipt, Some(handle), None, asynchronous)
        })
    }

    /// Sends a batch of calls: one row each.
    #[pyo3(signature = (calls, wait, timeout = None))]
    fn send<'py>(
        &self,
        py: Python<'py>,
        calls: Vec<PyRef<'py, Call>>,
        wait: &str,
        timeout: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, asynchronous) = (self.inner.clone(), self.asynchronous);
        let options = SendOptions { wait: convert::level(wait)?, timeout: limit(timeout)?, progress: None };
        let interfaces: Vec<Option<api::Interface>> = calls.iter().map(|call| call.interface.clone()).collect();
        let calls: Vec<api::Transaction> = calls.iter().map(|call| call.inner.clone()).collect();
        let handle = chain.clone();
        settle(py, asynchronous, async move { Ok(chain.send(calls, options).await) }, move |py, rows| {
            let rows = rows
                .into_iter()
                .zip(interfaces)
                .map(|(row, interface)| Row::of(py, row, &handle, interface, asynchronous))
                .collect::<PyResult<Vec<_>>>()?;
            Ok(rows.into_pyobject(py)?.into_any().unbind())
        })
    }

    /// Sends one call; `ERR_REVERTED` if it fails on the chain.
    #[pyo3(signature = (call, wait, timeout = None))]
    fn send_call<'py>(
        &self,
        py: Python<'py>,
        call: PyRef<'py, Call>,
        wait: &str,
        timeout: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = SendOptions { wait: convert::level(wait)?, timeout: limit(timeout)?, progress: None };
        Self::send_one(py, &self.inner, self.asynchronous, call.inner.clone(), options, call.interface.clone())
    }

    /// Sends signed transactions: one row each.
    fn send_raw<'py>(&self, py: Python<'py>, raw: Vec<Bound<'py, PyAny>>, wait: &str) -> PyResult<Bound<'py, PyAny>> {
        let (chain, wait, asynchronous) = (self.inner.clone(), convert::level(wait)?, self.asynchronous);
        let raw = raw.iter().map(convert::bytes).collect::<PyResult<Vec<_>>>()?;
        let handle = chain.clone();
        settle(py, asynchronous, async move { Ok(chain.send_raw(raw, wait, None).await) }, move |py, rows| {
            let rows = rows
                .into_iter()
                .map(|row| Row::of(py, row, &handle, None, asynchronous))
                .collect::<PyResult<Vec<_>>>()?;
            Ok(rows.into_pyobject(py)?.into_any().unbind())
        })
    }

    #[pyo3(signature = (kind, start = None, end = None))]
    fn table<'py>(
        &self,
        py: Python<'py>,
        kind: &str,
        start: Option<u64>,
        end: Option<u64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let kind = kind.parse().map_err(|error| raise(py, error))?;
        let chain = self.inner.clone();
        let selection = Selection { from: start, to: end };
        settle(py, self.asynchronous, async move { chain.table(kind, selection).await }, |py, inner| {
            Ok(Py::new(py, Table { inner })?.into_any())
        })
    }

    #[pyo3(signature = (interface, event, address = None, start = None, end = None))]
    fn event_table<'py>(
        &self,
        py: Python<'py>,
        interface: PyRef<'py, Interface>,
        event: String,
        address: Option<Bound<'py, PyAny>>,
        start: Option<u64>,
        end: Option<u64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, interface) = (self.inner.clone(), interface.inner.clone());
        let address = address.map(|address| convert::address(&address)).transpose()?;
        let selection = Selection { from: start, to: end };
        settle(
            py,
            self.asynchronous,
            async move { chain.event_table(interface, event, address, selection).await },
            |py, inner| Ok(Py::new(py, Table { inner })?.into_any()),
        )
    }

    #[pyo3(signature = (address, slots, at = None))]
    fn prove<'py>(
        &self,
        py: Python<'py>,
        address: Bound<'py, PyAny>,
        slots: Vec<Bound<'py, PyAny>>,
        at: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, address, at) = (self.inner.clone(), convert::address(&address)?, place(at)?);
        let slots = slots.iter().map(slot).collect::<PyResult<Vec<_>>>()?;
        settle(py, self.asynchronous, async move { chain.prove(address, slots, at).await }, |py, proof| {
            let plain = serde_json::to_value(&proof).map_err(|error| PyValueError::new_err(error.to_string()))?;
            plain_to_python(py, &plain)
        })
    }

    fn anchors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let chain = self.inner.clone();
        settle(py, self.asynchronous, async move { chain.anchors().await }, |py, anchors| {
            let plain = serde_json::to_value(&anchors).map_err(|error| PyValueError::new_err(error.to_string()))?;
            plain_to_python(py, &plain)
        })
    }

    fn deposit<'py>(
        &self,
        py: Python<'py>,
        wallet: PyRef<'py, Wallet>,
        tokens: u64,
        to: Bound<'py, PyAny>,
        wait: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, wallet, to, wait) =
            (self.inner.clone(), wallet.inner.clone(), convert::address(&to)?, convert::level(wait)?);
        let (handle, asynchronous) = (chain.clone(), self.asynchronous);
        settle(py, asynchronous, async move { chain.deposit(wallet, tokens, to, wait).await }, move |py, receipt| {
            Receipt::object(py, receipt, Some(handle), None, asynchronous)
        })
    }

    fn withdraw<'py>(
        &self,
        py: Python<'py>,
        wallet: PyRef<'py, Wallet>,
        tokens: u64,
        to: Option<String>,
        wait: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (chain, wallet, wait) = (self.inner.clone(), wallet.inner.clone(), convert::level(wait)?);
        let (handle, asynchronous) = (chain.clone(), self.asynchronous);
        settle(py, asynchronous, async move { chain.withdraw(wallet, tokens, to, wait).await }, move |py, receipt| {
            Receipt::object(py, receipt, Some(handle), None, asynchronous)
        })
    }

    fn rewind<'py>(&self, py: Python<'py>, height: u64) -> PyResult<Bound<'py, PyAny>> {
        let chain = self.inner.clone();
        settle(py, self.asynchronous, async move { chain.rewind(height).await }, |py, ()| Ok(py.None()))
    }

    #[pyo3(signature = (start, level))]
    fn blocks(&self, start: Option<u64>, level: &str) -> PyResult<BlockStream> {
        Ok(BlockStream { inner: self.inner.blocks(start, convert::level(level)?) })
    }

    /// A stream of logs; the filter in `eth_getLogs`' form and the cursor as JSON.
    #[pyo3(signature = (filter, cursor, level))]
    fn logs(&self, py: Python<'_>, filter: &str, cursor: Option<&str>, level: &str) -> PyResult<LogStream> {
        let filter: LogFilter = from_json(py, filter)?;
        let cursor: Option<Cursor> = cursor.map(|cursor| from_json(py, cursor)).transpose()?;
        Ok(LogStream { inner: self.inner.logs(filter, cursor, convert::level(level)?) })
    }

    fn provider(&self, accounts: Vec<PyRef<'_, Wallet>>) -> Provider {
        let accounts = accounts.iter().map(|wallet| wallet.inner.clone()).collect();
        Provider { inner: self.inner.provider(accounts), asynchronous: self.asynchronous }
    }

    /// The same chain for the other way of waiting.
    fn with_mode(&self, asynchronous: bool) -> Self {
        Self { inner: self.inner.clone(), asynchronous }
    }

    /// The exception that a failed row would raise; for tests of the border itself.
    #[staticmethod]
    fn error_of(py: Python<'_>, code: &str, message: &str) -> PyResult<Py<PyAny>> {
        let known = api::Code::ALL.iter().find(|known| known.as_str() == code);
        let code = known.ok_or_else(|| PyValueError::new_err(format!("no code {code}")))?;
        Ok(object(py, api::Error::new(*code, message, serde_json::Value::Null)))
    }
}

/// A slot as an integer, 32 bytes, or 0x text.
fn slot(value: &Bound<'_, PyAny>) -> PyResult<api::B256> {
    match convert::int_from_python(value) {
        Ok(number) => Ok(number.into()),
        Err(_) => convert::hash(value),
    }
}
