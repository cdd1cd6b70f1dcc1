//! The three forms in which a mapping is written: JSON, TOML, and a list of `name=column`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::map::MapError;

/// What may hold lists, and lists of objects.
const DEEP: [&str; 2] = ["add_tags", "consents"];

/// The entries of a map in whatever form, with names like `properties.revenue`.
pub fn entries(text: &str) -> Result<BTreeMap<String, String>, MapError> {
    if text.starts_with('{') {
        let value: Value = serde_json::from_str(text).map_err(|error| MapError::Unreadable(error.to_string()))?;
        return flatten(value);
    }
    // In TOML every value that is a name of a column is in quotes; a list of name=column has none.
    if text.contains('\n') || text.contains('"') {
        let value: Value = toml::from_str(text).map_err(|error| MapError::Unreadable(error.message().to_owned()))?;
        return flatten(value);
    }
    let separator = if text.contains(';') { ';' } else { ',' };
    let mut entries = BTreeMap::new();
    for pair in text.split(separator).map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or_else(|| MapError::Unreadable(format!("\"{pair}\" has no =")))?;
        insert(&mut entries, name.trim(), value.trim().to_owned())?;
    }
    Ok(entries)
}

fn flatten(value: Value) -> Result<BTreeMap<String, String>, MapError> {
    let mut entries = BTreeMap::new();
    let Value::Object(top) = value else { return Err(MapError::Unreadable("it is not an object".to_owned())) };
    for (name, value) in top {
        match value {
            value if DEEP.contains(&name.as_str()) => walk(name, value, &mut entries)?,
            Value::Object(inner) => {
                for (key, value) in inner {
                    let name = format!("{name}.{key}");
                    let value = scalar(&name, value)?;
                    insert(&mut entries, &name, value)?;
                }
            }
            value => {
                let value = scalar(&name, value)?;
                insert(&mut entries, &name, value)?;
            }
        }
    }
    Ok(entries)
}

/// Elements of lists are called by their numbers, from 1: `consents.1.channel`, `add_tags.2`.
fn walk(name: String, value: Value, entries: &mut BTreeMap<String, String>) -> Result<(), MapError> {
    match value {
        Value::Object(inner) => {
            inner.into_iter().try_for_each(|(key, value)| walk(format!("{name}.{key}"), value, entries))
        }
        Value::Array(list) => {
            let mut numbered = list.into_iter().zip(1..);
            numbered.try_for_each(|(value, number): (Value, u32)| walk(format!("{name}.{number}"), value, entries))
        }
        value => {
            let value = scalar(&name, value)?;
            insert(entries, &name, value)
        }
    }
}

fn scalar(name: &str, value: Value) -> Result<String, MapError> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        _ => Err(MapError::Invalid { name: name.to_owned(), reason: "is not a text".to_owned() }),
    }
}

fn insert(entries: &mut BTreeMap<String, String>, name: &str, value: String) -> Result<(), MapError> {
    match entries.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(MapError::Invalid { name: name.to_owned(), reason: "stands there twice".to_owned() }),
    }
}
