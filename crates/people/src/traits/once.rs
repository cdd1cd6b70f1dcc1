//! What is said of a trait only for who has none of that name (`$set_once` of other products' SDKs).

use serde_json::{Map, Value};

/// Where the context of an event names such traits.
const TRAITS_ONCE: &str = "traits_once";

/// The traits that an event with this context gives only to who has none.
pub(crate) fn said_once(context: &str) -> Vec<String> {
    if !context.contains(TRAITS_ONCE) {
        return Vec::new();
    }
    let context: Map<String, Value> = serde_json::from_str(context).unwrap_or_default();
    let names = context.get(TRAITS_ONCE).and_then(Value::as_array).cloned().unwrap_or_default();
    names.into_iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
