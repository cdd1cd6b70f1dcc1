//! The table of events: those on disk and those that wait in memory, each with the member to whom it belongs now.

use std::{fmt, path::PathBuf, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanBuilder, Float64Builder, Int64Array, RecordBatch, RecordBatchOptions,
        StringArray, StringBuilder, TimestampMillisecondArray,
    },
    compute::cast,
    datatypes::{DataType, Field, Float64Type, Int64Type, Schema, SchemaRef},
};
use async_trait::async_trait;
use base::ids::{EventId, IdentityId, MemberId};
use datafusion::{
    catalog::Session,
    common::{DataFusionError, ScalarValue},
    datasource::{TableProvider, TableType},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, Operator, TableProviderFilterPushDown},
    physical_plan::{
        ExecutionPlan,
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};
use serde_json::{Map, Value};

use super::pages::ColumnKind;
use crate::{
    columns::BUCKETS,
    engine::{Engine, State},
    error::Error,
    month::Month,
    part::PROPERTY,
    properties::{Kind, Scalar, each_property, scalar},
    read::{PartFile, Wanted},
    rows::Rows,
};

/// The columns that the table always has; behind them stands one for each frequent property, `properties.<name>`.
pub const EVENT_COLUMNS: [(&str, ColumnKind); 6] = [
    ("id", ColumnKind::Text),
    ("member_id", ColumnKind::Text),
    ("identity_id", ColumnKind::Text),
    ("time", ColumnKind::Moment),
    ("event", ColumnKind::Text),
    ("properties", ColumnKind::Text),
];
const TIME: &str = "time";

/// The columns of frequent properties.
pub fn property_columns(engine: &Engine) -> Vec<(String, ColumnKind)> {
    let kind = |kind| match kind {
        Kind::Number => ColumnKind::Number,
        Kind::Text => ColumnKind::Text,
        Kind::Truth => ColumnKind::Truth,
    };
    let state = engine.state();
    state.manifest.catalogue.columns().map(|(name, of)| (format!("{PROPERTY}{name}"), kind(of))).collect()
}

/// The table, as it was when the query came.
pub(super) struct Events {
    state: Arc<State>,
    directory: PathBuf,
    threads: usize,
    schema: SchemaRef,
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

impl Events {
    pub(super) fn of(engine: &Engine) -> Events {
        let fixed = EVENT_COLUMNS.iter().map(|(name, kind)| Field::new(*name, kind.data_type(), true));
        let own = property_columns(engine).into_iter().map(|(name, kind)| Field::new(name, kind.data_type(), true));
        let schema = Schema::new(fixed.chain(own).collect::<Vec<Field>>());
        Events {
            directory: engine.columns().directory().to_owned(),
            threads: engine.columns().threads(),
            schema: Arc::new(schema),
            state: engine.state(),
        }
    }
}

#[async_trait]
impl TableProvider for Events {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Files of months that cannot have what is looked for are not read; the rest of a filter is up to the query.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let columns = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&columns)?);
        let (from, to) = filters.iter().fold((i64::MIN, i64::MAX), narrowed);
        let mut files: Vec<Vec<PartFile>> = vec![Vec::new(); self.threads.max(1)];
        for part in &self.state.manifest.parts {
            let span = Month::from_number(part.month).span();
            if span.from <= to && from < span.to {
                files[(part.bucket % BUCKETS) as usize % self.threads.max(1)]
                    .push(PartFile::new(part, &self.directory));
            }
        }
        let partition = |(place, files): (usize, Vec<PartFile>)| -> Arc<dyn PartitionStream> {
            let rows = if place == 0 { self.state.tail.clone() } else { Vec::new() };
            Arc::new(Reading { schema: schema.clone(), state: self.state.clone(), files, rows })
        };
        let partitions = files.into_iter().enumerate().map(partition).collect();
        Ok(Arc::new(StreamingTableExec::try_new(schema.clone(), partitions, None, [], false, limit)?))
    }
}

/// A range of moments, made narrower by what a filter says of them, in milliseconds since 1970, both included.
fn narrowed((from, to): (i64, i64), filter: &Expr) -> (i64, i64) {
    let Expr::BinaryExpr(binary) = filter else { return (from, to) };
    if binary.op == Operator::And {
        return narrowed(narrowed((from, to), &binary.left), &binary.right);
    }
    let (operator, moment) = match (is_time(&binary.left), is_time(&binary.right)) {
        (true, false) => (Some(binary.op), millis(&binary.right)),
        (false, true) => (binary.op.swap(), millis(&binary.left)),
        _ => return (from, to),
    };
    match (operator, moment) {
        (Some(Operator::Gt | Operator::GtEq), Some(moment)) => (from.max(moment), to),
        // A moment between two milliseconds has been rounded down.
        (Some(Operator::Lt | Operator::LtEq), Some(moment)) => (from, to.min(moment.saturating_add(1))),
        (Some(Operator::Eq), Some(moment)) => (from.max(moment), to.min(moment.saturating_add(1))),
        _ => (from, to),
    }
}

fn is_time(expression: &Expr) -> bool {
    match expression {
        Expr::Column(column) => column.name == TIME,
        // To a finer unit only: a coarser one, such as the day, would be another moment.
        Expr::Cast(cast) => matches!(cast.field.data_type(), DataType::Timestamp(..)) && is_time(&cast.expr),
        _ => false,
    }
}

fn millis(expression: &Expr) -> Option<i64> {
    let Expr::Literal(value, _) = expression else { return None };
    match value {
        ScalarValue::TimestampSecond(Some(value), _) => value.checked_mul(1_000),
        ScalarValue::TimestampMillisecond(Some(value), _) => Some(*value),
        ScalarValue::TimestampMicrosecond(Some(value), _) => Some(value.div_euclid(1_000)),
        ScalarValue::TimestampNanosecond(Some(value), _) => Some(value.div_euclid(1_000_000)),
        _ => None,
    }
}

struct Reading {
    schema: SchemaRef,
    state: Arc<State>,
    files: Vec<PartFile>,
    rows: Vec<Arc<Rows>>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files of events", self.files.len())
    }
}

impl PartitionStream for Reading {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let telling = Arc::new(Telling { schema: self.schema.clone(), state: self.state.clone() });
        let of_rows = telling.clone();
        let waiting = self.rows.clone().into_iter().map(move |rows| of_rows.of_rows(&rows));
        let files = self.files.clone().into_iter();
        let on_disk = files.flat_map(move |file| Opening { telling: telling.clone(), file: Some(file), reader: None });
        let batches = waiting.chain(on_disk).map(|batch| batch.map_err(external));
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), futures::stream::iter(batches)))
    }
}

fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The batches of one file, which is opened when its turn comes.
struct Opening {
    telling: Arc<Telling>,
    file: Option<PartFile>,
    reader: Option<(PartFile, parquet::arrow::arrow_reader::ParquetRecordBatchReader)>,
}

impl Iterator for Opening {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(file) = self.file.take() {
            let wanted = self.telling.wanted();
            let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let is_own = |name: &str| wanted.iter().any(|wanted| wanted.strip_prefix(PROPERTY) == Some(name));
            let wanted = if self.telling.wants_all() { Wanted::All } else { Wanted::WithRestFor(&names, &is_own) };
            match file.open(wanted) {
                Ok(opened) => self.reader = Some((file, opened.reader)),
                Err(error) => return Some(Err(error)),
            }
        }
        let (file, reader) = self.reader.as_mut()?;
        let batch = reader.next()?;
        let batch = batch
            .map_err(|error| Error::damaged(&file.path, error))
            .and_then(|batch| self.telling.of_batch(&batch).map_err(|error| Error::damaged(&file.path, error)));
        Some(batch)
    }
}

/// Tells events as the columns of the table that are wanted.
struct Telling {
    schema: SchemaRef,
    state: Arc<State>,
}

impl Telling {
    /// Whether all properties are wanted.
    fn wants_all(&self) -> bool {
        self.schema.field_with_name("properties").is_ok()
    }

    /// The columns of files that are needed.
    fn wanted(&self) -> Vec<String> {
        let mut wanted = Vec::new();
        for field in self.schema.fields() {
            match field.name().as_str() {
                "id" => wanted.push("event".to_owned()),
                // Whose an event is depends on its identity.
                "member_id" => wanted.extend(["member".to_owned(), "identity".to_owned()]),
                "identity_id" => wanted.push("identity".to_owned()),
                "event" => wanted.push("name".to_owned()),
                own => wanted.push(own.to_owned()),
            }
        }
        // How many rows there are is told by any column.
        wanted.push("time".to_owned());
        // A property stands there where it is of another type than its column, or where its file has no column for it.
        wanted.push("rest".to_owned());
        wanted
    }

    fn of_batch(&self, batch: &RecordBatch) -> Result<RecordBatch, DataFusionError> {
        let rest = batch.column_by_name("rest").map(|column| cast(column, &DataType::Utf8)).transpose()?;
        let integers = |name: &str| -> Result<&Int64Array, DataFusionError> {
            let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
            column.ok_or_else(|| DataFusionError::Execution(format!("there is no column {name}")))
        };
        let column = |field: &Arc<Field>| -> Result<ArrayRef, DataFusionError> {
            Ok(match field.name().as_str() {
                "id" => texts(integers("event")?.values().iter().map(|id| EventId(*id).to_string())),
                "identity_id" => texts(integers("identity")?.values().iter().map(|id| IdentityId(*id).to_string())),
                "member_id" => {
                    let pairs = integers("member")?.values().iter().zip(integers("identity")?.values());
                    texts(pairs.map(|(owner, identity)| self.member(*owner, *identity)))
                }
                "time" => batch.column_by_name("time").cloned().unwrap_or_else(|| nulls(field, batch.num_rows())),
                "event" => {
                    let names = batch.column_by_name("name").cloned();
                    cast(&names.unwrap_or_else(|| nulls(field, batch.num_rows())), &DataType::Utf8)?
                }
                "properties" => objects(batch)?,
                own => {
                    let column = match batch.column_by_name(own) {
                        Some(column) => cast(column, field.data_type())?,
                        None => nulls(field, batch.num_rows()),
                    };
                    let rest = rest.as_ref().map(|rest| rest.as_string::<i32>());
                    let said = |place: usize| rest.filter(|rest| rest.is_valid(place)).map(|rest| rest.value(place));
                    with_said(column, own.strip_prefix(PROPERTY).unwrap_or(own), said)
                }
            })
        };
        let columns: Vec<ArrayRef> = self.schema.fields().iter().map(column).collect::<Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }

    fn of_rows(&self, rows: &Rows) -> Result<RecordBatch, Error> {
        let column = |field: &Arc<Field>| -> ArrayRef {
            match field.name().as_str() {
                "id" => texts(rows.ids.iter().map(|id| EventId(*id).to_string())),
                "identity_id" => texts(rows.identities.iter().map(|id| IdentityId(*id).to_string())),
                "member_id" => {
                    let pairs = rows.owners.iter().zip(&rows.identities);
                    texts(pairs.map(|(owner, identity)| self.member(*owner, *identity)))
                }
                "time" => Arc::new(TimestampMillisecondArray::from(rows.times.clone()).with_timezone("UTC")),
                "event" => texts((0..rows.len()).map(|place| rows.row(place).name.to_owned())),
                "properties" => texts((0..rows.len()).map(|place| rows.properties(place).to_owned())),
                own => {
                    let said = |place: usize| Some(rows.properties(place));
                    with_said(nulls(field, rows.len()), own.strip_prefix(PROPERTY).unwrap_or(own), said)
                }
            }
        };
        let columns: Vec<ArrayRef> = self.schema.fields().iter().map(column).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options);
        batch.map_err(|error| Error::TooMany { what: error.to_string() })
    }

    fn member(&self, owner: i64, identity: i64) -> String {
        MemberId(self.state.standing.member(owner, identity)).to_string()
    }
}

fn texts(values: impl Iterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn nulls(field: &Field, rows: usize) -> ArrayRef {
    arrow::array::new_null_array(field.data_type(), rows)
}

/// A property's column, and where that has no value what `said`, the JSON object of a row, has of its type.
fn with_said<'o>(column: ArrayRef, wanted: &str, said: impl Fn(usize) -> Option<&'o str>) -> ArrayRef {
    let value = |place: usize| {
        let mut found = None;
        each_property(said(place)?, |name, value| {
            if name == wanted {
                found = scalar(value);
            }
        });
        found
    };
    let rows = 0..column.len();
    match column.data_type() {
        DataType::Float64 => {
            let (known, mut values) = (column.as_primitive::<Float64Type>(), Float64Builder::new());
            rows.for_each(|place| match (known.is_valid(place), || value(place)) {
                (true, _) => values.append_value(known.value(place)),
                (false, value) => values.append_option(match value() {
                    Some(Scalar::Number(value)) => Some(value),
                    _ => None,
                }),
            });
            Arc::new(values.finish())
        }
        DataType::Boolean => {
            let (known, mut values) = (column.as_boolean(), BooleanBuilder::new());
            rows.for_each(|place| match (known.is_valid(place), || value(place)) {
                (true, _) => values.append_value(known.value(place)),
                (false, value) => values.append_option(match value() {
                    Some(Scalar::Truth(value)) => Some(value),
                    _ => None,
                }),
            });
            Arc::new(values.finish())
        }
        _ => {
            let (known, mut values) = (column.as_string::<i32>(), StringBuilder::new());
            rows.for_each(|place| match (known.is_valid(place), || value(place)) {
                (true, _) => values.append_value(known.value(place)),
                (false, value) => values.append_option(match value() {
                    Some(Scalar::Text(value)) => Some(value),
                    _ => None,
                }),
            });
            Arc::new(values.finish())
        }
    }
}

/// All properties of events as they were sent, put together from their columns and the rest.
pub(super) fn objects(batch: &RecordBatch) -> Result<ArrayRef, DataFusionError> {
    let rest = batch.column_by_name("rest").map(|column| cast(column, &DataType::Utf8)).transpose()?;
    let mut own: Vec<(&str, ArrayRef)> = Vec::new();
    let schema = batch.schema_ref();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let Some(name) = field.name().strip_prefix(PROPERTY) else { continue };
        let column = match field.data_type() {
            DataType::Dictionary(..) => cast(column, &DataType::Utf8)?,
            _ => column.clone(),
        };
        own.push((name, column));
    }
    let object = |place: usize| {
        let rest = rest.as_ref().map(|rest| rest.as_string::<i32>()).filter(|rest| rest.is_valid(place));
        let mut object: Map<String, Value> =
            rest.and_then(|rest| serde_json::from_str(rest.value(place)).ok()).unwrap_or_default();
        for (name, column) in own.iter().filter(|(_, column)| column.is_valid(place)) {
            let value = match column.data_type() {
                DataType::Float64 => number(column.as_primitive::<Float64Type>().value(place)),
                DataType::Boolean => Value::from(column.as_boolean().value(place)),
                _ => Value::from(column.as_string::<i32>().value(place)),
            };
            object.insert((*name).to_owned(), value);
        }
        Value::Object(object).to_string()
    };
    Ok(texts((0..batch.num_rows()).map(object)))
}

/// A whole number is written as one.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}
