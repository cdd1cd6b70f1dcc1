//! Values of an answer as JSON.

use arrow::{
    array::{Array, ArrayRef, AsArray},
    compute::cast,
    datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType},
    util::display::{ArrayFormatter, FormatOptions},
};
use datafusion::common::DataFusionError;
use serde_json::Value;

/// Below it a 64-bit float holds every whole number, as whoever reads JSON mostly has them.
const EXACT: i64 = 9_007_199_254_740_992;

/// What a type is called.
pub(super) fn word(kind: &DataType) -> &'static str {
    match kind {
        DataType::Boolean => "boolean",
        kind if kind.is_integer() => "integer",
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "double",
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            "decimal"
        }
        DataType::Timestamp(..) => "timestamp",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Interval(_) | DataType::Duration(_) => "interval",
        DataType::Dictionary(_, kind) => word(kind),
        DataType::List(_) | DataType::LargeList(_) | DataType::Struct(_) | DataType::Map(..) => "nested",
        DataType::Null => "null",
        _ => "text",
    }
}

/// How many bytes a value takes in an answer, about.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        _ => 8,
    }
}

/// Reads one column.
pub(super) enum Reader {
    Whole(ArrayRef),
    Number(ArrayRef),
    Truth(ArrayRef),
    Text(ArrayRef),
    Moment(ArrayRef),
    Shown(ArrayRef),
}

impl Reader {
    pub(super) fn of(column: &ArrayRef) -> Result<Reader, DataFusionError> {
        let as_kind = |kind: &DataType| cast(column, kind).map_err(DataFusionError::from);
        Ok(match word(column.data_type()) {
            // What does not fit is shown as text.
            "integer" if *column.data_type() != DataType::UInt64 => Reader::Whole(as_kind(&DataType::Int64)?),
            "double" => Reader::Number(as_kind(&DataType::Float64)?),
            "boolean" => Reader::Truth(as_kind(&DataType::Boolean)?),
            "text" if !is_bytes(column.data_type()) => Reader::Text(as_kind(&DataType::Utf8)?),
            "timestamp" => Reader::Moment(as_kind(&DataType::Timestamp(TimeUnit::Microsecond, None))?),
            _ => Reader::Shown(column.clone()),
        })
    }

    pub(super) fn value(&self, place: usize) -> Value {
        let (Reader::Whole(column)
        | Reader::Number(column)
        | Reader::Truth(column)
        | Reader::Text(column)
        | Reader::Moment(column)
        | Reader::Shown(column)) = self;
        if column.is_null(place) || *column.data_type() == DataType::Null {
            return Value::Null;
        }
        match self {
            Reader::Whole(column) => whole(column.as_primitive::<Int64Type>().value(place)),
            // What is no number of JSON is no value.
            Reader::Number(column) => Value::from(column.as_primitive::<Float64Type>().value(place)),
            Reader::Truth(column) => Value::from(column.as_boolean().value(place)),
            Reader::Text(column) => Value::from(column.as_string::<i32>().value(place)),
            Reader::Moment(column) => moment(column.as_primitive::<TimestampMicrosecondType>().value(place)),
            Reader::Shown(column) => shown(column, place),
        }
    }
}

fn is_bytes(kind: &DataType) -> bool {
    matches!(kind, DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_))
}

fn whole(number: i64) -> Value {
    if number.abs() < EXACT { Value::from(number) } else { Value::from(number.to_string()) }
}

fn moment(micros: i64) -> Value {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(moment) => Value::from(format!("{moment:.3}")),
        Err(_) => Value::Null,
    }
}

fn shown(column: &ArrayRef, place: usize) -> Value {
    let options = FormatOptions::default();
    let text = ArrayFormatter::try_new(column, &options).map(|shown| shown.value(place).to_string());
    let Ok(text) = text else { return Value::Null };
    match word(column.data_type()) {
        "integer" => text.parse().map_or_else(|_| Value::from(text), whole),
        "decimal" => text.parse::<f64>().map_or_else(|_| Value::from(text.as_str()), Value::from),
        _ => Value::from(text),
    }
}
