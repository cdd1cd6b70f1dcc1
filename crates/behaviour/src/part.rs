//! One file of columns: events of one bucket and month in Parquet, sorted by member, time and id.
//!
//! | column | type | what |
//! |---|---|---|
//! | `member` | INT64 | the member to whom the identity first belonged |
//! | `time` | TIMESTAMP(ms, UTC) | when it happened |
//! | `event` | INT64 | the event's id |
//! | `identity` | INT64 | the identity |
//! | `name` | STRING | what happened |
//! | `properties.<name>` | DOUBLE, STRING or BOOLEAN | a frequent property |
//! | `rest` | STRING | all other properties, a JSON object |
//!
//! The footer holds a checksum of each column of each row group and the names that stand in `rest`; the manifest holds a
//! checksum of the footer. So whatever is read is compared with what was written, and nothing else need be read.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use arrow::{
    array::{
        ArrayRef, BooleanBuilder, DictionaryArray, Float64Builder, Int32Array, Int64Array, RecordBatch, StringArray,
        StringBuilder, StringDictionaryBuilder, TimestampMillisecondArray,
    },
    datatypes::{DataType, Field, Int32Type, Schema, TimeUnit},
};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, Encoding, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::{KeyValue, SortingColumn},
        properties::{EnabledStatistics, WriterProperties, WriterVersion},
    },
    schema::types::ColumnPath,
};
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    compact::taken,
    error::Error,
    properties::{Catalogue, Kind, Scalar, each_property, scalar},
    rows::Rows,
};

/// Rows of one row group, which is what has to be in memory at once.
const ROW_GROUP: usize = 1 << 20;
/// The prefix of columns that hold a property.
pub(crate) const PROPERTY: &str = "properties.";

/// Under this name the footer holds the checksums of columns: XXH3 in hexadecimal, by row group and column.
pub(crate) const CHECKSUMS: &str = "hearth.checksums";
/// Under this name the footer holds the names of the properties in `rest`, a JSON list; it is not there when they are many.
pub(crate) const REST_NAMES: &str = "hearth.rest";
/// Names of properties in `rest` that are written down.
const MOST_NAMES: usize = 1_000;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Length of the file.
    pub bytes: u64,
    /// Length of its footer, with everything that follows the last row group.
    pub footer: u64,
    /// XXH3 of the footer, 64 bits.
    pub checksum: u64,
}

/// The names of properties that stand in `rest`; `None` when they are too many to say.
pub(crate) type RestNames = Option<BTreeSet<String>>;

/// Writes these rows, in this order, to a new file, and waits until the disk has them.
pub(crate) fn write(path: &Path, rows: &Rows, order: &[u32], catalogue: &Catalogue) -> Result<Written, Error> {
    let schema = schema(catalogue);
    let mut names = Some(BTreeSet::new());
    write_groups(path, &schema, order, |places| {
        let batch = batch(&schema, rows, places, catalogue, &mut names)?;
        Ok((batch, names.clone()))
    })
}

/// Writes the rows of a batch, in this order, to a new file, and waits until the disk has them.
pub(crate) fn write_batch(
    path: &Path,
    batch: &RecordBatch,
    order: &[u32],
    names: &RestNames,
) -> Result<Written, Error> {
    write_groups(path, &batch.schema(), order, |places| Ok((taken(batch, places)?, names.clone())))
}

fn write_groups(
    path: &Path,
    schema: &Arc<Schema>,
    order: &[u32],
    mut group: impl FnMut(&[u32]) -> Result<(RecordBatch, RestNames), ParquetError>,
) -> Result<Written, Error> {
    let mut file = File::create_new(path).map_err(Error::io(path))?;
    let written = (|| {
        let mut writer = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(settings()))?;
        let (mut checksums, mut bytes) = (Vec::new(), 0);
        let mut rest = None;
        for places in order.chunks(ROW_GROUP) {
            let (batch, names) = group(places)?;
            rest = names;
            writer.write(&batch)?;
            writer.flush()?;
            writer.sync()?;
            let columns = writer.flushed_row_groups().last().map_or(&[][..], |group| group.columns());
            let ranges: Vec<(u64, u64)> = columns.iter().map(|column| column.byte_range()).collect();
            for (start, length) in ranges {
                let start = (start - bytes) as usize;
                checksums.push(format!("{:016x}", xxh3_64(&writer.inner()[start..start + length as usize])));
            }
            let buffer = writer.inner_mut();
            file.write_all(buffer)?;
            bytes += buffer.len() as u64;
            buffer.clear();
        }
        writer.append_key_value_metadata(KeyValue::new(CHECKSUMS.to_owned(), checksums.join(",")));
        if let Some(names) = rest.filter(|names| names.len() <= MOST_NAMES) {
            let names = serde_json::to_string(&names).map_err(|error| ParquetError::External(error.into()))?;
            writer.append_key_value_metadata(KeyValue::new(REST_NAMES.to_owned(), names));
        }
        writer.finish()?;
        writer.sync()?;
        let footer = writer.inner();
        file.write_all(footer)?;
        let length = footer.len() as u64;
        Ok(Written { bytes: bytes + length, footer: length, checksum: xxh3_64(footer) })
    })();
    let written = written.map_err(|error| of_parquet(path, error))?;
    file.sync_all().map_err(Error::io(path))?;
    Ok(written)
}

/// What a library of files says, as what it means.
pub(crate) fn of_parquet(path: &Path, error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(inner) => Error::io(path)(*inner),
            Err(inner) => Error::damaged(path, inner),
        },
        other => Error::damaged(path, other),
    }
}

/// The columns of a file.
pub(crate) fn schema(catalogue: &Catalogue) -> Arc<Schema> {
    let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields = vec![
        Field::new("member", DataType::Int64, false),
        Field::new("time", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), false),
        Field::new("event", DataType::Int64, false),
        Field::new("identity", DataType::Int64, false),
        Field::new("name", text(), false),
    ];
    fields.extend(catalogue.columns().map(|(name, kind)| {
        let kind = match kind {
            Kind::Number => DataType::Float64,
            Kind::Text => text(),
            Kind::Truth => DataType::Boolean,
        };
        Field::new(format!("{PROPERTY}{name}"), kind, true)
    }));
    fields.push(Field::new("rest", DataType::Utf8, true));
    Arc::new(Schema::new(fields))
}

fn settings() -> WriterProperties {
    let column = |name: &str| ColumnPath::from(vec![name.to_owned()]);
    let sorted_by = |index| SortingColumn { column_idx: index, descending: false, nulls_first: false };
    let mut settings = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_column_statistics_enabled(column("member"), EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_dictionary_page_size_limit(8 << 20)
        .set_sorting_columns(Some([0, 1, 2].map(sorted_by).to_vec()));
    for name in ["time", "event"] {
        settings = settings
            .set_column_dictionary_enabled(column(name), false)
            .set_column_encoding(column(name), Encoding::DELTA_BINARY_PACKED)
            // Packed as they are they hardly get smaller, and would take twice as long to read.
            .set_column_compression(column(name), Compression::UNCOMPRESSED);
    }
    settings.build()
}

fn batch(
    schema: &Arc<Schema>,
    rows: &Rows,
    places: &[u32],
    catalogue: &Catalogue,
    names_in_rest: &mut RestNames,
) -> Result<RecordBatch, ParquetError> {
    let numbers = |values: &[i64]| -> Vec<i64> { places.iter().map(|place| values[*place as usize]).collect() };
    let names = places.iter().map(|place| rows.names[*place as usize] as i32);
    let dictionary = StringArray::from_iter_values(rows.dictionary().texts());
    let name = DictionaryArray::<Int32Type>::try_new(Int32Array::from_iter_values(names), Arc::new(dictionary))?;
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(numbers(&rows.owners))),
        Arc::new(TimestampMillisecondArray::from(numbers(&rows.times)).with_timezone("UTC")),
        Arc::new(Int64Array::from(numbers(&rows.ids))),
        Arc::new(Int64Array::from(numbers(&rows.identities))),
        Arc::new(name),
    ];
    let mut properties = Properties::new(catalogue, places.len(), names_in_rest);
    for place in places {
        properties.take(rows.properties(*place as usize));
    }
    columns.extend(properties.finish());
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

enum Builder {
    Number(Float64Builder),
    Text(StringDictionaryBuilder<Int32Type>),
    Truth(BooleanBuilder),
}

/// Takes the properties of events apart, into columns and the rest.
struct Properties<'c> {
    names: Vec<&'c str>,
    builders: Vec<Builder>,
    rest: StringBuilder,
    names_in_rest: &'c mut RestNames,
}

impl<'c> Properties<'c> {
    fn new(catalogue: &'c Catalogue, rows: usize, names_in_rest: &'c mut RestNames) -> Properties<'c> {
        let (names, builders) = catalogue
            .columns()
            .map(|(name, kind)| {
                let builder = match kind {
                    Kind::Number => Builder::Number(Float64Builder::with_capacity(rows)),
                    Kind::Text => Builder::Text(StringDictionaryBuilder::new()),
                    Kind::Truth => Builder::Truth(BooleanBuilder::with_capacity(rows)),
                };
                (name, builder)
            })
            .unzip();
        Properties { names, builders, rest: StringBuilder::new(), names_in_rest }
    }

    fn take(&mut self, object: &str) {
        let mut values: Vec<Option<Scalar<'_>>> = vec![None; self.builders.len()];
        let mut rest: Vec<(String, &str)> = Vec::new();
        each_property(object, |name, value| {
            // Of a name that is said twice the last counts, as everywhere where JSON is read.
            rest.retain(|(other, _)| other != name);
            let column = self.names.binary_search(&name).ok();
            let fitting = column.and_then(|column| {
                let scalar = scalar(value);
                let fits = matches!(
                    (&self.builders[column], &scalar),
                    (Builder::Number(_), Some(Scalar::Number(_)))
                        | (Builder::Text(_), Some(Scalar::Text(_)))
                        | (Builder::Truth(_), Some(Scalar::Truth(_)))
                );
                values[column] = None;
                fits.then_some((column, scalar))
            });
            match fitting {
                Some((column, scalar)) => values[column] = scalar,
                None => rest.push((name.to_owned(), value.get())),
            }
        });
        for (builder, value) in self.builders.iter_mut().zip(values) {
            match (builder, value) {
                (Builder::Number(builder), Some(Scalar::Number(number))) => builder.append_value(number),
                (Builder::Text(builder), Some(Scalar::Text(text))) => builder.append_value(text),
                (Builder::Truth(builder), Some(Scalar::Truth(truth))) => builder.append_value(truth),
                (Builder::Number(builder), _) => builder.append_null(),
                (Builder::Text(builder), _) => builder.append_null(),
                (Builder::Truth(builder), _) => builder.append_null(),
            }
        }
        match rest.is_empty() {
            true => self.rest.append_null(),
            false => self.rest.append_value(object_of(&rest)),
        }
        if let Some(names) = self.names_in_rest {
            for (name, _) in rest {
                if !names.contains(&name) {
                    names.insert(name);
                }
            }
            if names.len() > MOST_NAMES {
                *self.names_in_rest = None;
            }
        }
    }

    fn finish(self) -> impl Iterator<Item = ArrayRef> {
        let mut rest = self.rest;
        let columns = self.builders.into_iter().map(|builder| -> ArrayRef {
            match builder {
                Builder::Number(mut builder) => Arc::new(builder.finish()),
                Builder::Text(mut builder) => Arc::new(builder.finish()),
                Builder::Truth(mut builder) => Arc::new(builder.finish()),
            }
        });
        columns.chain(std::iter::once_with(move || -> ArrayRef { Arc::new(rest.finish()) }))
    }
}

fn object_of(fields: &[(String, &str)]) -> String {
    let mut object = String::from("{");
    for (place, (name, value)) in fields.iter().enumerate() {
        if place > 0 {
            object.push(',');
        }
        object.push_str(&serde_json::Value::from(name.as_str()).to_string());
        object.push(':');
        object.push_str(value);
    }
    object.push('}');
    object
}
