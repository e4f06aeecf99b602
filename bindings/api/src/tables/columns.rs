//! Columns out of iterators.

use std::collections::HashMap;
use std::sync::Arc;

use alloy_primitives::U256;
use arrow_array::builder::{BinaryBuilder, FixedSizeBinaryBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray, UInt32Array,
    UInt64Array,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use super::{SCHEMA, Table};
use crate::{Node, Result};

/// A table in the making. The first column that fails is told at the end.
pub(super) struct Columns {
    metadata: HashMap<String, String>,
    fields: Vec<Field>,
    arrays: Vec<Result<ArrayRef>>,
}

impl Columns {
    pub(super) fn new(table: &str, seed: Option<u64>) -> Self {
        let mut metadata = HashMap::from([
            ("vespiary.table".to_owned(), table.to_owned()),
            ("vespiary.schema".to_owned(), SCHEMA.to_owned()),
            ("vespiary.version".to_owned(), Node::version().to_owned()),
        ]);
        if let Some(seed) = seed {
            metadata.insert("vespiary.seed".into(), seed.to_string());
        }
        Self { metadata, fields: Vec::new(), arrays: Vec::new() }
    }

    fn push(&mut self, name: &str, kind: DataType, nullable: bool, array: Result<ArrayRef>) {
        self.fields.push(Field::new(name, kind, nullable));
        self.arrays.push(array);
    }

    pub(super) fn text<S: AsRef<str>>(&mut self, name: &str, values: impl Iterator<Item = S>) {
        let array = StringArray::from_iter_values(values);
        self.push(name, DataType::Utf8, false, Ok(Arc::new(array)));
    }

    pub(super) fn text_or_null(&mut self, name: &str, values: impl Iterator<Item = Option<String>>) {
        self.push(name, DataType::Utf8, true, Ok(Arc::new(values.collect::<StringArray>())));
    }

    pub(super) fn flag(&mut self, name: &str, values: impl Iterator<Item = bool>) {
        let values: Vec<bool> = values.collect();
        self.push(name, DataType::Boolean, false, Ok(Arc::new(BooleanArray::from(values))));
    }

    pub(super) fn u64(&mut self, name: &str, values: impl Iterator<Item = u64>) {
        self.push(name, DataType::UInt64, false, Ok(Arc::new(UInt64Array::from_iter_values(values))));
    }

    pub(super) fn u64_or_null(&mut self, name: &str, values: impl Iterator<Item = Option<u64>>) {
        self.push(name, DataType::UInt64, true, Ok(Arc::new(values.collect::<UInt64Array>())));
    }

    pub(super) fn i64(&mut self, name: &str, values: impl Iterator<Item = i64>) {
        self.push(name, DataType::Int64, false, Ok(Arc::new(Int64Array::from_iter_values(values))));
    }

    pub(super) fn u32(&mut self, name: &str, values: impl Iterator<Item = u32>) {
        self.push(name, DataType::UInt32, false, Ok(Arc::new(UInt32Array::from_iter_values(values))));
    }

    pub(super) fn f64(&mut self, name: &str, values: impl Iterator<Item = f64>) {
        self.push(name, DataType::Float64, false, Ok(Arc::new(Float64Array::from_iter_values(values))));
    }

    pub(super) fn bytes<B: AsRef<[u8]>>(&mut self, name: &str, values: impl Iterator<Item = B>) {
        let mut builder = BinaryBuilder::new();
        values.for_each(|value| builder.append_value(value));
        self.push(name, DataType::Binary, false, Ok(Arc::new(builder.finish())));
    }

    /// Rows of exactly so many bytes.
    pub(super) fn fixed<B: AsRef<[u8]>>(&mut self, name: &str, size: i32, values: impl Iterator<Item = B>) {
        let array = fixed(size, values.map(Some));
        self.push(name, DataType::FixedSizeBinary(size), false, array);
    }

    pub(super) fn fixed_or_null<B: AsRef<[u8]>>(
        &mut self,
        name: &str,
        size: i32,
        values: impl Iterator<Item = Option<B>>,
    ) {
        let array = fixed(size, values);
        self.push(name, DataType::FixedSizeBinary(size), true, array);
    }

    /// 32 bytes, big-endian.
    pub(super) fn u256(&mut self, name: &str, values: impl Iterator<Item = U256>) {
        self.number(name, "uint256", values.map(|value| value.to_be_bytes::<32>()));
    }

    /// 32 bytes, big-endian, of the named type.
    pub(super) fn number(&mut self, name: &str, kind: &str, values: impl Iterator<Item = [u8; 32]>) {
        let array = fixed(32, values.map(Some));
        let field = Field::new(name, DataType::FixedSizeBinary(32), false)
            .with_metadata(HashMap::from([("vespiary.type".to_owned(), kind.to_owned())]));
        self.fields.push(field);
        self.arrays.push(array);
    }

    /// Unix nanoseconds.
    pub(super) fn time(&mut self, name: &str, values: impl Iterator<Item = Option<i64>>) {
        let array: TimestampNanosecondArray = values.collect();
        let kind = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
        self.push(name, kind, true, Ok(Arc::new(array.with_timezone("UTC"))));
    }

    pub(super) fn finish(self) -> Result<Table> {
        let schema = Arc::new(Schema::new_with_metadata(self.fields, self.metadata));
        let arrays = self.arrays.into_iter().collect::<Result<Vec<_>>>()?;
        let batch = RecordBatch::try_new(schema.clone(), arrays)?;
        Ok(Table::of(schema, vec![batch]))
    }
}

fn fixed<B: AsRef<[u8]>>(size: i32, values: impl Iterator<Item = Option<B>>) -> Result<ArrayRef> {
    let mut builder = FixedSizeBinaryBuilder::new(size);
    for value in values {
        match value {
            Some(value) => builder.append_value(value.as_ref())?,
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}
