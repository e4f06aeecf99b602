//! Errors: the classes live in Python, and are chosen by code.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use vespiary_api::{Error, Revert};

use crate::convert::{plain_to_python, value_to_python};

/// The Python exception of an error.
pub(crate) fn raise(py: Python<'_>, error: Error) -> PyErr {
    make(py, &error).unwrap_or_else(|failed| failed)
}

/// The exception as an object, for rows that carry it.
pub(crate) fn object(py: Python<'_>, error: Error) -> Py<PyAny> {
    raise(py, error).into_value(py).into_any()
}

fn make(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let details = plain_to_python(py, &error.details())?;
    if let (Error::Reverted(revert), Ok(details)) = (error, details.bind(py).cast::<PyDict>()) {
        typed_revert(py, revert, details)?;
    }
    let make = py.import("vespiary.errors")?.getattr("of_code")?;
    Ok(PyErr::from_value(make.call1((error.code().as_str(), error.message(), details))?))
}

/// Replaces the plain arguments of a custom error by Python's own values.
fn typed_revert(py: Python<'_>, revert: &Revert, details: &Bound<'_, PyDict>) -> PyResult<()> {
    if let Some(error) = &revert.error {
        let args = PyDict::new(py);
        for (name, value) in &error.values {
            args.set_item(name, value_to_python(py, value)?)?;
        }
        let told = PyDict::new(py);
        told.set_item("name", &error.name)?;
        told.set_item("args", args)?;
        details.set_item("error", told)?;
    }
    details.set_item("data", revert.data.as_ref())
}
