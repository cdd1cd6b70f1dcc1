//! Several files of one bucket and month become one.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, UInt32Array, new_null_array},
    compute::{concat_batches, take},
    datatypes::{Int32Type, Int64Type, Schema, TimestampMillisecondType},
};

use crate::{
    columns::Gone,
    error::Error,
    part::{self, Written},
    properties::Catalogue,
    read::{PartFile, Wanted},
};

/// Writes what these files hold, in order, to a new file.
pub(crate) fn compact(files: &[PartFile], to: &Path, catalogue: &Catalogue) -> Result<Written, Error> {
    let schema = part::schema(catalogue);
    let mut batches = Vec::new();
    let mut names = Some(BTreeSet::new());
    for file in files {
        let opened = file.open(Wanted::All)?;
        names = names.zip(opened.rest_names).map(|(names, more)| &names | &more);
        for batch in opened.reader {
            let batch = batch.map_err(|error| Error::damaged(&file.path, error))?;
            batches.push(widened(&batch, &schema).map_err(|error| Error::damaged(&file.path, error))?);
        }
    }
    let all = concat_batches(&schema, &batches).map_err(|error| Error::damaged(to, error))?;
    drop(batches);
    let order = order(&all).ok_or_else(|| Error::damaged(to, "a column is missing"))?;
    part::write_batch(to, &all, &order, &names)
}

/// The places of the rows of a file that are not to be taken out.
pub(crate) fn places_left(file: &PartFile, gone: &Gone<'_>) -> Result<Vec<u32>, Error> {
    let wrong = || Error::damaged(&file.path, "a column is not as it was written");
    let mut left = Vec::new();
    let mut place = 0;
    for batch in file.open(Wanted::These(&["member", "time", "identity", "name"]))?.reader {
        let batch = batch.map_err(|error| Error::damaged(&file.path, error))?;
        let integers = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
        let times = batch.column_by_name("time").and_then(|times| times.as_primitive_opt::<TimestampMillisecondType>());
        let names = batch.column_by_name("name").and_then(|names| names.as_dictionary_opt::<Int32Type>());
        let texts = names.and_then(|names| names.values().as_string_opt::<i32>()).ok_or_else(wrong)?;
        let (owners, identities) = integers("member").zip(integers("identity")).ok_or_else(wrong)?;
        let (times, names) = times.zip(names).ok_or_else(wrong)?;
        for row in 0..batch.num_rows() {
            let is_his = gone.owners.as_ref().is_none_or(|owners_gone| owners_gone.contains(&owners.value(row)));
            let name = texts.value(names.keys().value(row) as usize);
            if !is_his || !(gone.is)(identities.value(row), times.value(row), name) {
                left.push(place);
            }
            place += 1;
        }
    }
    Ok(left)
}

/// Writes some rows of a file to a new one.
pub(crate) fn rewrite(file: &PartFile, to: &Path, catalogue: &Catalogue, places: &[u32]) -> Result<Written, Error> {
    let schema = part::schema(catalogue);
    let opened = file.open(Wanted::All)?;
    let names = opened.rest_names;
    let mut batches = Vec::new();
    for batch in opened.reader {
        let batch = batch.map_err(|error| Error::damaged(&file.path, error))?;
        batches.push(widened(&batch, &schema).map_err(|error| Error::damaged(&file.path, error))?);
    }
    let all = concat_batches(&schema, &batches).map_err(|error| Error::damaged(to, error))?;
    part::write_batch(to, &all, places, &names)
}

/// The batch with all columns; a property that had none of its own in this file is in its `rest`.
fn widened(batch: &RecordBatch, schema: &Arc<Schema>) -> Result<RecordBatch, arrow::error::ArrowError> {
    let column = |field: &Arc<arrow::datatypes::Field>| -> ArrayRef {
        let known = batch.column_by_name(field.name()).cloned();
        known.unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows()))
    };
    RecordBatch::try_new(schema.clone(), schema.fields().iter().map(column).collect())
}

/// The places of the rows by member, time and id.
fn order(batch: &RecordBatch) -> Option<Vec<u32>> {
    let members = batch.column_by_name("member")?.as_primitive_opt::<Int64Type>()?.values();
    let times = batch.column_by_name("time")?.as_primitive_opt::<TimestampMillisecondType>()?.values();
    let ids = batch.column_by_name("event")?.as_primitive_opt::<Int64Type>()?.values();
    let mut keys: Vec<(i64, i64, i64, u32)> =
        (0..batch.num_rows()).map(|row| (members[row], times[row], ids[row], row as u32)).collect();
    // Each file is a sorted run, of which this sort makes use.
    keys.sort();
    Some(keys.into_iter().map(|(.., row)| row).collect())
}

/// The rows at these places.
pub(crate) fn taken(batch: &RecordBatch, places: &[u32]) -> Result<RecordBatch, arrow::error::ArrowError> {
    let places = UInt32Array::from(places.to_vec());
    let columns: Result<Vec<ArrayRef>, _> = batch.columns().iter().map(|column| take(column, &places, None)).collect();
    RecordBatch::try_new(batch.schema(), columns?)
}
