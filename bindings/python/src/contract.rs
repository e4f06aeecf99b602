//! Contracts: functions that are called, sent, or made into a call for a batch.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use vespiary_api::contract::{DynSolValue, Method};
use vespiary_api::{self as api, Address, At, B256, Bytes, CallRequest, SendOptions, Transaction, U256};

use crate::chain::{Chain, limit};
use crate::convert::{self, value_from_python, value_to_python};
use crate::errors::raise;
use crate::wait::settle;
use crate::wallet::Wallet;

/// An ABI.
#[pyclass(frozen, module = "vespiary._native")]
pub(crate) struct Interface {
    pub(crate) inner: api::Interface,
}

#[pymethods]
impl Interface {
    #[new]
    fn new(py: Python<'_>, json: &str) -> PyResult<Self> {
        api::Interface::parse(json).map(|inner| Self { inner }).map_err(|error| raise(py, error))
    }

    #[getter]
    fn functions(&self) -> Vec<&str> {
        self.inner.functions().collect()
    }

    #[getter]
    fn events(&self) -> Vec<&str> {
        self.inner.events().collect()
    }

    #[getter]
    fn json(&self) -> String {
        self.inner.json().to_string()
    }

    /// The whole signature of an event; an error if there is none.
    fn event(&self, py: Python<'_>, name: &str) -> PyResult<String> {
        self.inner.event(name).map(|event| event.signature.clone()).map_err(|error| raise(py, error))
    }

    /// Init code: the bytecode and the constructor's arguments.
    #[pyo3(signature = (bytecode, arguments))]
    fn encode_creation<'py>(
        &self,
        py: Python<'py>,
        bytecode: Bound<'py, PyAny>,
        arguments: Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let constructor = self.inner.constructor();
        let code = convert::bytes(&bytecode)?;
        let arguments = encode(constructor, &arguments)?;
        Ok(PyBytes::new(py, &constructor.encode_creation(&code, arguments)))
    }

    /// A function at an address of a chain.
    fn function(
        &self,
        py: Python<'_>,
        name: String,
        chain: PyRef<'_, Chain>,
        address: Bound<'_, PyAny>,
    ) -> PyResult<Function> {
        let overloads = self.inner.overloads(&name);
        if overloads.is_empty() {
            self.inner.function(&name, 0).map_err(|error| raise(py, error))?;
        }
        Ok(Function {
            chain: chain.inner.clone(),
            asynchronous: chain.asynchronous,
            interface: self.inner.clone(),
            address: convert::address(&address)?,
            name,
            overloads,
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, (String,)) {
        (py.get_type::<Self>().into_any(), (self.inner.json().to_string(),))
    }
}

fn encode(method: &Method, arguments: &Bound<'_, PyTuple>) -> PyResult<Vec<DynSolValue>> {
    if arguments.len() != method.inputs.len() {
        let kinds: Vec<String> =
            method.inputs.iter().map(|input| format!("{} {}", input.kind.sol_type_name(), input.name)).collect();
        return Err(PyTypeError::new_err(format!(
            "{}({}) takes {} arguments, not {}",
            method.name,
            kinds.join(", "),
            method.inputs.len(),
            arguments.len()
        )));
    }
    method
        .inputs
        .iter()
        .zip(arguments.iter_borrowed())
        .map(|(input, value)| value_from_python(&input.kind, &value))
        .collect()
}

/// A transaction to be signed and sent, as a value.
#[pyclass(frozen, module = "vespiary._native")]
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) inner: Transaction,
    pub(crate) interface: Option<api::Interface>,
}

#[pymethods]
impl Call {
    #[new]
    #[pyo3(signature = (sender, to = None, data = None, value = None, gas = None, nonce = None, max_fee = None, tip = None, interface = None))]
    fn new(
        sender: PyRef<'_, Wallet>,
        to: Option<Bound<'_, PyAny>>,
        data: Option<Bound<'_, PyAny>>,
        value: Option<Bound<'_, PyAny>>,
        gas: Option<u64>,
        nonce: Option<u64>,
        max_fee: Option<Bound<'_, PyAny>>,
        tip: Option<Bound<'_, PyAny>>,
        interface: Option<PyRef<'_, Interface>>,
    ) -> PyResult<Self> {
        let amount = |value: Option<Bound<'_, PyAny>>| value.map(|value| convert::wei(&value)).transpose();
        Ok(Self {
            inner: Transaction {
                sender: sender.inner.clone(),
                to: to.map(|to| convert::address(&to)).transpose()?,
                value: amount(value)?.unwrap_or_default(),
                data: data.map(|data| convert::bytes(&data)).transpose()?.unwrap_or_default(),
                gas,
                nonce,
                max_fee: amount(max_fee)?,
                tip: amount(tip)?,
            },
            interface: interface.map(|interface| interface.inner.clone()),
        })
    }

    #[getter]
    fn sender(&self) -> Wallet {
        Wallet { inner: self.inner.sender.clone() }
    }

    #[getter]
    fn to(&self) -> Option<String> {
        self.inner.to.map(|to| to.to_checksum(None))
    }

    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.data)
    }

    #[getter]
    fn value(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        convert::int_to_python(py, self.inner.value)
    }

    fn __repr__(&self) -> String {
        let to = self.inner.to.map_or_else(|| "a new contract".into(), |to| to.to_checksum(None));
        format!("<Call from {} to {to}, {} bytes>", self.inner.sender.address(), self.inner.data.len())
    }

    #[expect(clippy::type_complexity, reason = "the shape of __reduce__")]
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(
        Bound<'py, PyAny>,
        (
            Wallet,
            Option<String>,
            Bound<'py, PyBytes>,
            Py<PyAny>,
            Option<u64>,
            Option<u64>,
            Option<Py<PyAny>>,
            Option<Py<PyAny>>,
            Option<Interface>,
        ),
    )> {
        let wide = |number: Option<U256>| number.map(|number| convert::int_to_python(py, number)).transpose();
        let call = &self.inner;
        Ok((
            py.get_type::<Self>().into_any(),
            (
                Wallet { inner: call.sender.clone() },
                self.to(),
                self.data(py),
                self.value(py)?,
                call.gas,
                call.nonce,
                wide(call.max_fee)?,
                wide(call.tip)?,
                self.interface.clone().map(|inner| Interface { inner }),
            ),
        ))
    }
}

/// A function of a contract: calling it reads if it is a view, and sends a transaction if it is not.
#[pyclass(frozen, module = "vespiary._native")]
pub(crate) struct Function {
    chain: api::Chain,
    asynchronous: bool,
    interface: api::Interface,
    address: Address,
    name: String,
    overloads: Vec<Arc<Method>>,
}

/// What may be said besides the arguments.
#[derive(Default)]
struct Extras<'py> {
    sender: Option<Bound<'py, PyAny>>,
    value: U256,
    gas: Option<u64>,
    nonce: Option<u64>,
    max_fee: Option<U256>,
    tip: Option<U256>,
    wait: Option<String>,
    timeout: Option<Bound<'py, PyAny>>,
    at: Option<At>,
}

impl<'py> Extras<'py> {
    fn read(given: Option<&Bound<'py, PyDict>>) -> PyResult<Self> {
        let mut extras = Self::default();
        for (name, value) in given.into_iter().flatten() {
            if value.is_none() {
                continue;
            }
            match name.extract::<&str>()? {
                "sender" => extras.sender = Some(value),
                "value" => extras.value = convert::wei(&value)?,
                "gas" => extras.gas = Some(value.extract()?),
                "nonce" => extras.nonce = Some(value.extract()?),
                "max_fee" => extras.max_fee = Some(convert::wei(&value)?),
                "tip" => extras.tip = Some(convert::wei(&value)?),
                "wait" => extras.wait = Some(value.extract()?),
                "timeout" => extras.timeout = Some(value),
                "at" => extras.at = Some(convert::at(&value)?),
                other => {
                    return Err(PyTypeError::new_err(format!(
                        "unexpected keyword argument `{other}`: there are sender, value, gas, nonce, max_fee, tip, wait, timeout and at"
                    )));
                }
            }
        }
        Ok(extras)
    }
}

impl Function {
    fn method(&self, py: Python<'_>, arguments: usize) -> PyResult<Arc<Method>> {
        match self.overloads.as_slice() {
            // With one function of the name, `encode` tells what is wrong with the arguments.
            [only] => Ok(only.clone()),
            _ => self.interface.function(&self.name, arguments).map_err(|error| raise(py, error)),
        }
    }

    fn transaction(
        &self,
        method: &Method,
        arguments: &Bound<'_, PyTuple>,
        extras: &Extras<'_>,
    ) -> PyResult<Transaction> {
        let sender = extras.sender.as_ref().ok_or_else(|| {
            PyTypeError::new_err(format!("`{}` changes the chain: say who signs it with sender=<Wallet>", self.name))
        })?;
        let sender = sender
            .cast::<Wallet>()
            .map_err(|_| PyTypeError::new_err("sender= must be a Wallet, which has the key to sign with"))?;
        Ok(Transaction {
            sender: sender.get().inner.clone(),
            to: Some(self.address),
            value: extras.value,
            data: method.encode(encode(method, arguments)?),
            gas: extras.gas,
            nonce: extras.nonce,
            max_fee: extras.max_fee,
            tip: extras.tip,
        })
    }

    fn read<'py>(
        &self,
        py: Python<'py>,
        method: Arc<Method>,
        arguments: &Bound<'py, PyTuple>,
        extras: &Extras<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let from = extras.sender.as_ref().map(convert::address).transpose()?;
        let call = CallRequest {
            from,
            to: Some(self.address),
            gas: extras.gas,
            value: (!extras.value.is_zero()).then_some(extras.value),
            data: Some(method.encode(encode(&method, arguments)?)),
            ..CallRequest::default()
        };
        let (chain, interface, at) = (self.chain.clone(), self.interface.clone(), extras.at.unwrap_or_default());
        let work = async move {
            let output = chain.call_with(call, at, Some(interface)).await?;
            method.decode(&output)
        };
        settle(py, self.asynchronous, work, |py, values| match values.as_slice() {
            [] => Ok(py.None()),
            [value] => value_to_python(py, value),
            values => {
                let values = values.iter().map(|value| value_to_python(py, value)).collect::<PyResult<Vec<_>>>()?;
                Ok(PyTuple::new(py, values)?.into_any().unbind())
            }
        })
    }
}

#[pymethods]
impl Function {
    #[pyo3(signature = (*arguments, **extras))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        arguments: &Bound<'py, PyTuple>,
        extras: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let method = self.method(py, arguments.len())?;
        let extras = Extras::read(extras)?;
        if method.is_view {
            return self.read(py, method, arguments, &extras);
        }
        let call = self.transaction(&method, arguments, &extras)?;
        let wait = extras.wait.as_deref().map_or(Ok(api::Level::default()), convert::level)?;
        let options = SendOptions { wait, timeout: limit(extras.timeout)?, progress: None };
        Chain::send_one(py, &self.chain, self.asynchronous, call, options, Some(self.interface.clone()))
    }

    /// The call as a value, for a batch.
    #[pyo3(signature = (*arguments, **extras))]
    fn tx<'py>(
        &self,
        py: Python<'py>,
        arguments: &Bound<'py, PyTuple>,
        extras: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Call> {
        let method = self.method(py, arguments.len())?;
        let inner = self.transaction(&method, arguments, &Extras::read(extras)?)?;
        Ok(Call { inner, interface: Some(self.interface.clone()) })
    }

    /// Runs it without a trace, view or not, and gives what it returns.
    #[pyo3(signature = (*arguments, **extras))]
    fn call<'py>(
        &self,
        py: Python<'py>,
        arguments: &Bound<'py, PyTuple>,
        extras: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let method = self.method(py, arguments.len())?;
        self.read(py, method, arguments, &Extras::read(extras)?)
    }

    /// The gas a transaction would take.
    #[pyo3(signature = (*arguments, **extras))]
    fn estimate_gas<'py>(
        &self,
        py: Python<'py>,
        arguments: &Bound<'py, PyTuple>,
        extras: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let method = self.method(py, arguments.len())?;
        let extras = Extras::read(extras)?;
        let call = CallRequest {
            from: extras.sender.as_ref().map(convert::address).transpose()?,
            to: Some(self.address),
            value: Some(extras.value),
            data: Some(method.encode(encode(&method, arguments)?)),
            ..CallRequest::default()
        };
        let (chain, at) = (self.chain.clone(), extras.at.unwrap_or_default());
        settle(py, self.asynchronous, async move { chain.estimate_gas(call, at).await }, |py, gas| {
            Ok(gas.into_pyobject(py)?.into_any().unbind())
        })
    }

    /// The call data.
    #[pyo3(signature = (*arguments))]
    fn encode<'py>(&self, py: Python<'py>, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyBytes>> {
        let method = self.method(py, arguments.len())?;
        Ok(PyBytes::new(py, &method.encode(encode(&method, arguments)?)))
    }

    #[getter]
    fn signatures(&self) -> Vec<&str> {
        self.overloads.iter().map(|method| method.signature.as_str()).collect()
    }

    fn __repr__(&self) -> String {
        let kind = if self.overloads.iter().all(|method| method.is_view) { "view" } else { "function" };
        format!("<{kind} {} at {}>", self.signatures().join(" | "), self.address.to_checksum(None))
    }
}

/// keccak-256, the hash of Ethereum.
#[pyfunction]
pub(crate) fn keccak256<'py>(py: Python<'py>, data: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let data: Bytes = convert::bytes(&data)?;
    let hash: B256 = api::keccak256(&data);
    Ok(PyBytes::new(py, hash.as_slice()))
}
