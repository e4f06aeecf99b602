//! Wallets: values that pickle.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::convert;
use crate::errors::raise;

/// One person's Ethereum and L1 keys, bound to no node.
#[pyclass(frozen, eq, hash, module = "vespiary._native")]
#[derive(PartialEq)]
pub(crate) struct Wallet {
    pub(crate) inner: vespiary_api::Wallet,
}

impl std::hash::Hash for Wallet {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.inner.address().hash(state);
    }
}

#[pymethods]
impl Wallet {
    /// The wallet of an Ethereum private key of 32 bytes.
    #[staticmethod]
    fn from_secret(py: Python<'_>, secret: Bound<'_, PyAny>) -> PyResult<Self> {
        let secret = convert::hash(&secret)?;
        vespiary_api::Wallet::from_secret(secret.0).map(|inner| Self { inner }).map_err(|error| raise(py, error))
    }

    /// A wallet of 32 random bytes.
    #[staticmethod]
    fn from_entropy(py: Python<'_>, entropy: [u8; 32]) -> PyResult<Self> {
        vespiary_api::Wallet::from_entropy(entropy).map(|inner| Self { inner }).map_err(|error| raise(py, error))
    }

    /// Both secrets, as a pickle keeps them.
    #[staticmethod]
    fn from_secrets(py: Python<'_>, ethereum: [u8; 32], l1_seed: [u8; 32]) -> PyResult<Self> {
        vespiary_api::Wallet::from_secrets(ethereum, l1_seed)
            .map(|inner| Self { inner })
            .map_err(|error| raise(py, error))
    }

    #[getter]
    fn address(&self) -> String {
        self.inner.address().to_checksum(None)
    }

    /// The Ethereum private key.
    #[getter]
    fn key<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.secrets().0)
    }

    /// The address on the tangle as 33 bytes of hex.
    #[getter]
    fn l1_address(&self) -> String {
        self.inner.l1_address().to_string()
    }

    /// The address on the tangle as bech32 text of a network.
    fn bech32(&self, network: &str) -> String {
        self.inner.l1_address().to_bech32(network)
    }

    /// `personal_sign`: 65 bytes.
    fn sign_message<'py>(&self, py: Python<'py>, message: Vec<u8>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.sign_message(&message))
    }

    /// Signs 32 bytes as they are: 65 bytes r, s, v.
    fn sign_hash<'py>(&self, py: Python<'py>, hash: [u8; 32]) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.sign_hash(hash.into()).as_bytes())
    }

    /// EIP-712, from JSON.
    fn sign_typed_data<'py>(&self, py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyBytes>> {
        let data = convert::from_json(py, json)?;
        let signature = self.inner.sign_typed_data(data).map_err(|error| raise(py, error))?;
        Ok(PyBytes::new(py, &signature))
    }

    fn __repr__(&self) -> String {
        format!("Wallet({})", self.address())
    }

    #[expect(clippy::type_complexity, reason = "the shape of __reduce__")]
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>, Bound<'py, PyBytes>))> {
        let (ethereum, l1_seed) = self.inner.secrets();
        let make = py.get_type::<Self>().getattr("from_secrets")?;
        Ok((make, (PyBytes::new(py, &ethereum), PyBytes::new(py, &l1_seed))))
    }
}

/// The wallets `first..first + count` of a seed number.
#[pyfunction]
#[pyo3(signature = (count, seed, first = 0))]
pub(crate) fn wallets(py: Python<'_>, count: u64, seed: u64, first: u64) -> PyResult<Vec<Wallet>> {
    let wallets = vespiary_api::Wallet::many(seed, first, count).map_err(|error| raise(py, error))?;
    Ok(wallets.into_iter().map(|inner| Wallet { inner }).collect())
}
