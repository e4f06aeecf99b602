//! Tables over the Arrow PyCapsule interface, without copying.

use arrow_array::RecordBatchIterator;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule};
use vespiary_api as api;

use crate::errors::raise;

/// A table.
#[pyclass(frozen, module = "vespiary._native")]
pub(crate) struct Table {
    pub(crate) inner: api::Table,
}

#[pymethods]
impl Table {
    #[getter]
    fn num_rows(&self) -> usize {
        self.inner.num_rows()
    }

    fn __len__(&self) -> usize {
        self.inner.num_rows()
    }

    /// `(name, Arrow type, vespiary.type)` of each column.
    #[getter]
    fn columns(&self) -> Vec<(String, String, Option<String>)> {
        let schema = self.inner.schema();
        let column = |field: &std::sync::Arc<arrow_schema::Field>| {
            (field.name().clone(), field.data_type().to_string(), field.metadata().get("vespiary.type").cloned())
        };
        schema.fields().iter().map(column).collect()
    }

    #[getter]
    fn metadata(&self) -> std::collections::HashMap<String, String> {
        self.inner.schema().metadata().clone().into()
    }

    /// The Arrow PyCapsule protocol; a requested schema is a wish that may be left alone, and is.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches: Vec<_> = self.inner.batches().iter().cloned().map(Ok).collect();
        let reader = RecordBatchIterator::new(batches, self.inner.schema());
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), c"arrow_array_stream")
    }

    /// The table as an Arrow IPC stream.
    fn to_ipc<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.inner.to_ipc().map_err(|error| raise(py, error))?;
        Ok(PyBytes::new(py, &bytes))
    }
}
