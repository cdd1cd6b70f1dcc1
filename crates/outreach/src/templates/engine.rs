//! The template engine as templates of ours may use it: what it can do, and how much of it.

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value, escape_formatter, filters,
    value::{Rest, ValueKind},
};

use super::guard::{CHARGE, NUMBER};

/// Instructions that one rendering may execute.
const FUEL: u64 = 50_000;
/// Bytes (and items) that one rendering may move around.
const METER: usize = 8_000_000;
/// Bytes that a part of a message may have.
pub(super) const MAX_OUTPUT: usize = 1_000_000;
/// Items of one `range`.
const MAX_RANGE: usize = 10_000;
/// The detail of errors that mean so.
pub(super) const TOO_COSTLY: &str = "it does too much work";
/// Filters that could make too much of little, or say what is inside.
const REMOVED_FILTERS: &[&str] = &["batch", "chain", "indent", "pprint", "slice", "zip"];
/// What a rendering has left.
struct Meter(usize);
/// Filters that templates may use.
pub(super) const FILTERS: &[&str] = &[
    "abs",
    "attr",
    "bool",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
];

/// An engine without templates.
pub(super) fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(30);
    engine.set_undefined_behavior(UndefinedBehavior::Chainable);
    engine.set_auto_escape_callback(|name| match name {
        "html" => AutoEscape::Html,
        "json" => AutoEscape::Json,
        _ => AutoEscape::None,
    });
    engine.set_formatter(|output, state, value| {
        charge(state, size(value))?;
        match state.auto_escape() {
            AutoEscape::Json if value.is_undefined() => escape_formatter(output, state, &Value::from(())),
            AutoEscape::Json => escape_formatter(output, state, value),
            _ if value.is_none() => Ok(()),
            _ => escape_formatter(output, state, value),
        }
    });
    for name in REMOVED_FILTERS {
        engine.remove_filter(name);
    }
    engine.remove_global("debug");
    engine.add_filter(CHARGE, |state: &mut State, value: Value| -> Result<Value, Error> {
        charge(state, size(&value))?;
        Ok(value)
    });
    engine.add_filter(NUMBER, |value: Value| -> Result<Value, Error> {
        match value.kind() {
            ValueKind::Number | ValueKind::Bool => Ok(value),
            kind => {
                Err(Error::new(ErrorKind::InvalidOperation, format!("only numbers can be multiplied, not a {kind}")))
            }
        }
    });
    engine.add_function("range", range);
    engine.add_filter("truncate", truncate);
    engine.add_filter("join", metered(Value::from_function(filters::join), join_size));
    engine.add_filter("replace", metered(Value::from_function(filters::replace), replace_size));
    engine.add_filter("format", metered(Value::from_function(filters::format), format_size));
    engine.add_filter("tojson", metered(Value::from_function(filters::tojson), json_size));
    engine
}

/// Takes `amount` from what the rendering has left.
fn charge(state: &mut State, amount: usize) -> Result<(), Error> {
    let meter = state.get_or_insert_extension(Meter(METER));
    if amount > MAX_OUTPUT || amount > meter.0 {
        return Err(Error::new(ErrorKind::InvalidOperation, TOO_COSTLY));
    }
    meter.0 -= amount;
    Ok(())
}

/// Bytes of a text, items of a list; one for anything small.
fn size(value: &Value) -> usize {
    match value.as_str() {
        Some(text) => text.len() + 1,
        None => value.len().unwrap_or(0) * 8 + 1,
    }
}

/// A filter of the engine that is charged for its result before it is called.
fn metered(
    filter: Value,
    cost: fn(&Value, &[Value]) -> usize,
) -> impl Fn(&mut State, Value, Rest<Value>) -> Result<Value, Error> + Send + Sync + 'static {
    move |state: &mut State, value: Value, arguments: Rest<Value>| {
        charge(state, cost(&value, &arguments))?;
        let all: Vec<Value> = std::iter::once(value).chain(arguments.iter().cloned()).collect();
        filter.call(state, &all)
    }
}

fn join_size(value: &Value, arguments: &[Value]) -> usize {
    let separator = arguments.iter().map(size).max().unwrap_or(0);
    let Ok(items) = value.try_iter() else { return 0 };
    items.take(MAX_OUTPUT).map(|item| size(&item).saturating_add(separator)).fold(0, usize::saturating_add)
}

fn replace_size(value: &Value, arguments: &[Value]) -> usize {
    let length = |value: Option<&Value>| value.map_or(0, size);
    let from = length(arguments.first()).saturating_sub(1).max(1);
    let places = size(value) / from + 1;
    size(value).saturating_add(places.saturating_mul(length(arguments.get(1))))
}

/// A width or precision of more than three digits, or one that comes as an argument, costs too much.
fn format_size(value: &Value, arguments: &[Value]) -> usize {
    let pattern = value.as_str().unwrap_or_default();
    let mut digits = 0;
    for byte in pattern.bytes() {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        if digits > 3 || byte == b'*' {
            return usize::MAX;
        }
    }
    let placeholders = pattern.bytes().filter(|byte| *byte == b'%').count();
    let widest = arguments.iter().map(size).max().unwrap_or(0).saturating_add(1_000);
    pattern.len().saturating_add(placeholders.saturating_mul(widest))
}

/// JSON is written in one line; an indentation could be of any width.
fn json_size(value: &Value, arguments: &[Value]) -> usize {
    if arguments.is_empty() { size(value) } else { usize::MAX }
}

fn range(state: &mut State, first: i64, end: Option<i64>, step: Option<i64>) -> Result<Vec<i64>, Error> {
    let (start, end) = end.map_or((0, first), |end| (first, end));
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::new(ErrorKind::InvalidOperation, "the step of a range cannot be 0"));
    }
    let distance = if step > 0 { i128::from(end) - i128::from(start) } else { i128::from(start) - i128::from(end) };
    let stride = i128::from(step).abs();
    let count = if distance <= 0 { 0 } else { (distance + stride - 1) / stride };
    if count > MAX_RANGE as i128 {
        return Err(Error::new(ErrorKind::InvalidOperation, TOO_COSTLY));
    }
    charge(state, count as usize * 8)?;
    Ok((0..count as i64).map(|n| start + n * step).collect())
}

/// The first `length` characters, with an ellipsis where something was cut off.
fn truncate(value: &str, length: usize) -> String {
    if value.chars().count() <= length {
        return value.to_owned();
    }
    let mut cut: String = value.chars().take(length).collect();
    cut.push('…');
    cut
}
