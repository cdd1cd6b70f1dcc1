//! What queries can do beside what SQL has.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, AsArray, StringArray},
    compute::cast,
    datatypes::DataType,
};
use datafusion::{
    common::DataFusionError,
    logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf},
};
use serde_json::Value;

/// `json_value(properties, 'color')`: a field of a JSON object as text; `null` when it has none.
pub(super) fn json_value() -> ScalarUDF {
    let value = |arguments: &[ColumnarValue]| -> Result<ColumnarValue, DataFusionError> {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let texts: Vec<ArrayRef> = arrays
            .iter()
            .map(|array| cast(array, &DataType::Utf8).map_err(DataFusionError::from))
            .collect::<Result<_, _>>()?;
        let [objects, names] = texts.as_slice() else {
            return Err(DataFusionError::Plan("json_value takes an object and a name".to_owned()));
        };
        let found: StringArray = objects
            .as_string::<i32>()
            .iter()
            .zip(names.as_string::<i32>())
            .map(|(object, name)| field(object?, name?))
            .collect();
        Ok(ColumnarValue::Array(Arc::new(found)))
    };
    create_udf(
        "json_value",
        vec![DataType::Utf8, DataType::Utf8],
        DataType::Utf8,
        Volatility::Immutable,
        Arc::new(value),
    )
}

fn field(object: &str, name: &str) -> Option<String> {
    let mut object: Value = serde_json::from_str(object).ok()?;
    match object.get_mut(name)?.take() {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}
