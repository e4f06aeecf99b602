//! Nodes, their trees and tangles. Every method blocks or gives an awaitable, as the handle was opened.

use pyo3::prelude::*;
use vespiary_api::{self as api, ChainOptions, NodeOptions, Selection, TangleOptions};

use crate::chain::Chain;
use crate::convert::{self, from_json, plain_to_python};
use crate::errors::raise;
use crate::streams::TreeEvents;
use crate::table::Table;
use crate::wait::settle;

/// A running node.
#[pyclass(frozen, module = "vespiary._native")]
pub(crate) struct Node {
    inner: api::Node,
    asynchronous: bool,
}

#[pymethods]
impl Node {
    /// Opens a node with options as JSON.
    #[staticmethod]
    #[pyo3(signature = (options, tangle, asynchronous))]
    fn open<'py>(
        py: Python<'py>,
        options: &str,
        tangle: Option<PyRef<'py, Tangle>>,
        asynchronous: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options: NodeOptions = from_json(py, options)?;
        let tangle = tangle.map(|tangle| tangle.inner.clone());
        settle(py, asynchronous, api::Node::open(options, tangle), move |py, inner| {
            Ok(Py::new(py, Self { inner, asynchronous })?.into_any())
        })
    }

    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    #[getter]
    fn closed(&self) -> bool {
        self.inner.is_closed()
    }

    #[getter]
    fn is_virtual(&self) -> bool {
        self.inner.is_virtual()
    }

    /// `ERR_FORKED` in a forked child.
    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        self.inner.check_process().map_err(|error| raise(py, error))
    }

    fn close<'py>(&self, py: Python<'py>, timeout: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (node, timeout) = (self.inner.clone(), convert::span(&timeout)?);
        settle(py, self.asynchronous, async move { node.close(timeout).await }, |py, ()| Ok(py.None()))
    }

    /// Closes without an event loop, for the end of the interpreter.
    fn close_blocking(&self, py: Python<'_>, timeout: f64) -> PyResult<()> {
        let (node, timeout) = (self.inner.clone(), std::time::Duration::from_secs_f64(timeout.clamp(0.0, 3600.0)));
        crate::wait::blocking(py, async move { node.close(timeout).await })
    }

    fn create_chain<'py>(&self, py: Python<'py>, options: &str) -> PyResult<Bound<'py, PyAny>> {
        let (node, options): (_, ChainOptions) = (self.inner.clone(), from_json(py, options)?);
        let asynchronous = self.asynchronous;
        settle(py, asynchronous, async move { node.create_chain(options).await }, move |py, inner| {
            Ok(Py::new(py, Chain { inner, asynchronous })?.into_any())
        })
    }

    fn get_or_create_chain<'py>(&self, py: Python<'py>, options: &str) -> PyResult<Bound<'py, PyAny>> {
        let (node, options): (_, ChainOptions) = (self.inner.clone(), from_json(py, options)?);
        let asynchronous = self.asynchronous;
        settle(py, asynchronous, async move { node.get_or_create_chain(options).await }, move |py, inner| {
            Ok(Py::new(py, Chain { inner, asynchronous })?.into_any())
        })
    }

    fn chain<'py>(&self, py: Python<'py>, name: String) -> PyResult<Bound<'py, PyAny>> {
        let (node, asynchronous) = (self.inner.clone(), self.asynchronous);
        settle(py, asynchronous, async move { node.chain(name).await }, move |py, inner| {
            Ok(Py::new(py, Chain { inner, asynchronous })?.into_any())
        })
    }

    fn chains<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (node, asynchronous) = (self.inner.clone(), self.asynchronous);
        settle(py, asynchronous, async move { node.chains().await }, move |py, chains| {
            let chains: Vec<Chain> = chains.into_iter().map(|inner| Chain { inner, asynchronous }).collect();
            Ok(chains.into_pyobject(py)?.into_any().unbind())
        })
    }

    fn tangle(&self) -> Tangle {
        Tangle { inner: self.inner.tangle(), asynchronous: self.asynchronous }
    }

    fn now_ms<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let node = self.inner.clone();
        settle(py, self.asynchronous, async move { node.now_ms().await }, |py, now| {
            Ok(now.into_pyobject(py)?.into_any().unbind())
        })
    }

    fn run_for<'py>(&self, py: Python<'py>, time: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (node, time) = (self.inner.clone(), convert::span(&time)?);
        settle(py, self.asynchronous, async move { node.run_for(time).await }, |py, ()| Ok(py.None()))
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
        let node = self.inner.clone();
        let selection = Selection { from: start, to: end };
        settle(py, self.asynchronous, async move { node.table(kind, selection).await }, |py, inner| {
            Ok(Py::new(py, Table { inner })?.into_any())
        })
    }

    /// The actors below a glob as plain data.
    #[pyo3(signature = (glob = None))]
    fn tree_snapshot(&self, py: Python<'_>, glob: Option<&str>) -> PyResult<Py<PyAny>> {
        let actors = self.inner.tree().snapshot(glob).map_err(|error| raise(py, error))?;
        plain_to_python(py, &actors.into())
    }

    fn tree_actor(&self, py: Python<'_>, path: &str) -> PyResult<Py<PyAny>> {
        let actor = self.inner.tree().actor(path).map_err(|error| raise(py, error))?;
        plain_to_python(py, &actor)
    }

    #[pyo3(signature = (glob = None))]
    fn tree_text(&self, py: Python<'_>, glob: Option<&str>) -> PyResult<String> {
        self.inner.tree().text(glob).map_err(|error| raise(py, error))
    }

    fn tree_events(&self, py: Python<'_>) -> PyResult<TreeEvents> {
        self.inner.tree().events().map(|inner| TreeEvents { inner }).map_err(|error| raise(py, error))
    }

    fn crash<'py>(&self, py: Python<'py>, path: String) -> PyResult<Bound<'py, PyAny>> {
        let tree = self.inner.tree();
        settle(py, self.asynchronous, async move { tree.crash(path).await }, |py, ()| Ok(py.None()))
    }

    fn stop<'py>(&self, py: Python<'py>, path: String) -> PyResult<Bound<'py, PyAny>> {
        let tree = self.inner.tree();
        settle(py, self.asynchronous, async move { tree.stop(path).await }, |py, ()| Ok(py.None()))
    }

    fn hang<'py>(&self, py: Python<'py>, path: String, time: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (tree, time) = (self.inner.tree(), convert::span(&time)?);
        settle(py, self.asynchronous, async move { tree.hang(path, time).await }, |py, ()| Ok(py.None()))
    }

    fn drop_messages<'py>(&self, py: Python<'py>, path: String, count: u64) -> PyResult<Bound<'py, PyAny>> {
        let tree = self.inner.tree();
        settle(py, self.asynchronous, async move { tree.drop_messages(path, count).await }, |py, ()| Ok(py.None()))
    }

    fn delay_messages<'py>(
        &self,
        py: Python<'py>,
        path: String,
        count: u64,
        time: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (tree, time) = (self.inner.tree(), convert::span(&time)?);
        settle(py, self.asynchronous, async move { tree.delay_messages(path, count, time).await }, |py, ()| {
            Ok(py.None())
        })
    }
}

/// A tangle.
#[pyclass(frozen, module = "vespiary._native")]
pub(crate) struct Tangle {
    inner: api::Tangle,
    asynchronous: bool,
}

#[pymethods]
impl Tangle {
    #[staticmethod]
    fn open<'py>(py: Python<'py>, options: &str, asynchronous: bool) -> PyResult<Bound<'py, PyAny>> {
        let options: TangleOptions = from_json(py, options)?;
        settle(py, asynchronous, api::Tangle::open(options), move |py, inner| {
            Ok(Py::new(py, Self { inner, asynchronous })?.into_any())
        })
    }

    fn network<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let tangle = self.inner.clone();
        settle(py, self.asynchronous, async move { tangle.network().await }, |py, name| {
            Ok(name.into_pyobject(py)?.into_any().unbind())
        })
    }

    fn latest_milestone(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        plain_to_python(py, &self.inner.latest_milestone())
    }

    fn balance<'py>(&self, py: Python<'py>, address: String) -> PyResult<Bound<'py, PyAny>> {
        let tangle = self.inner.clone();
        settle(py, self.asynchronous, async move { tangle.balance(address).await }, |py, tokens| {
            Ok(tokens.into_pyobject(py)?.into_any().unbind())
        })
    }

    fn faucet<'py>(&self, py: Python<'py>, address: String, tokens: u64) -> PyResult<Bound<'py, PyAny>> {
        let tangle = self.inner.clone();
        settle(py, self.asynchronous, async move { tangle.faucet(address, tokens).await }, |py, ()| Ok(py.None()))
    }

    fn pause<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let tangle = self.inner.clone();
        settle(py, self.asynchronous, async move { tangle.pause().await }, |py, ()| Ok(py.None()))
    }

    fn resume<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let tangle = self.inner.clone();
        settle(py, self.asynchronous, async move { tangle.resume().await }, |py, ()| Ok(py.None()))
    }

    fn refuse<'py>(&self, py: Python<'py>, blocks: u32) -> PyResult<Bound<'py, PyAny>> {
        let tangle = self.inner.clone();
        settle(py, self.asynchronous, async move { tangle.refuse(blocks).await }, |py, ()| Ok(py.None()))
    }

    fn set_milestone_interval<'py>(&self, py: Python<'py>, time: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (tangle, time) = (self.inner.clone(), convert::span(&time)?);
        settle(py, self.asynchronous, async move { tangle.set_milestone_interval(time).await }, |py, ()| Ok(py.None()))
    }
}
