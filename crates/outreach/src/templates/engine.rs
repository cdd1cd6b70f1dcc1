//! The template engine as templates of ours may use it: what it can do, and how much of it.

use std::collections::BTreeSet;

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value, escape_formatter, filters, tests,
    value::{Rest, ValueKind, ValueOrKwargs},
};

use super::{
    filters::{OWN_FILTERS, add_filters, is_missing},
    guard::{CHARGE, NOTE, NUMBER},
};

/// Instructions that one rendering may execute.
const FUEL: u64 = 50_000;
/// Weight (see [`weight`]) that one rendering may move around.
const METER: usize = 8_000_000;
/// Bytes that a part of a message may have.
pub(super) const MAX_OUTPUT: usize = 1_000_000;
/// How deep lists and maps may stand in one another. What is deeper would be printed, compared and
/// dropped on a stack that has an end.
const MAX_DEPTH: usize = 40;
/// What every value weighs beside its text.
const WEIGHT: usize = 16;
/// Items of one `range`.
const MAX_RANGE: usize = 10_000;
/// The detail of errors that mean so.
pub(super) const TOO_COSTLY: &str = "it does too much work";
/// Filters that could make too much of little, or say what is inside.
const REMOVED_FILTERS: &[&str] = &["batch", "chain", "indent", "pprint", "slice", "zip"];
/// Functions that could make a value hold itself, copy without limit, or say what is inside.
const REMOVED_GLOBALS: &[&str] = &["debug", "dict", "namespace"];
/// What a rendering has left.
struct Meter(usize);
/// The variables that were missing where they were to be written, the first few.
#[derive(Default)]
pub(super) struct Missing(pub BTreeSet<String>);
/// How many of them are named.
pub(super) const MOST_MISSING: usize = 5;
/// Filters that templates may use.
const FILTERS: &[&str] = &[
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
    "unique",
    "upper",
    "urlencode",
];

/// How deep the engine may go down; each partial in another takes 10.
const MAX_RECURSION: usize = 80;
/// The detail of errors that mean that a variable is missing where none may be.
pub(super) const MISSING: &str = "a variable is missing here, and has no fallback";

/// Whether templates may use a filter of this name.
pub(super) fn has_filter(name: &str) -> bool {
    FILTERS.contains(&name) || OWN_FILTERS.contains(&name)
}

/// An engine that writes nothing that is missing, but fails.
pub(super) fn strict_engine() -> Environment<'static> {
    let mut engine = engine();
    engine.set_formatter(|output, state, value| {
        charge(state, weight(value))?;
        let is_json = matches!(state.auto_escape(), AutoEscape::Json);
        if value.is_undefined() || (!is_json && is_missing(value)) {
            return Err(Error::new(ErrorKind::UndefinedError, MISSING));
        }
        escape_formatter(output, state, value)
    });
    engine
}

/// An engine without templates.
pub(super) fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(MAX_RECURSION);
    engine.set_undefined_behavior(UndefinedBehavior::Chainable);
    engine.set_auto_escape_callback(|name| match name.rsplit('/').next() {
        Some("html") => AutoEscape::Html,
        Some("json") => AutoEscape::Json,
        _ => AutoEscape::None,
    });
    engine.set_formatter(|output, state, value| {
        charge(state, weight(value))?;
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
    for name in REMOVED_GLOBALS {
        engine.remove_global(name);
    }
    engine.add_filter(CHARGE, |state: &mut State, value: Value| -> Result<Value, Error> {
        charge(state, weight(&value))?;
        // What is computed anew at each look is kept as a list, so that it never stands on others of its sort.
        if value.kind() == ValueKind::Iterable {
            return Ok(value.try_iter()?.collect::<Vec<Value>>().into());
        }
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
    engine.add_filter(NOTE, |state: &mut State, value: Value, name: String| -> Result<Value, Error> {
        if is_missing(&value) {
            let missing = state.get_or_insert_extension_with(Missing::default);
            if missing.0.len() < MOST_MISSING {
                missing.0.insert(name);
            }
        }
        Ok(value)
    });
    engine.add_test("in", |state: &mut State, value: Value, container: Value| -> Result<bool, Error> {
        charge(state, weight(&container))?;
        tests::is_in(state, &value, &container)
    });
    engine.add_function("range", range);
    add_filters(&mut engine);
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

/// Takes what a text weighs.
pub(super) fn charge_text(state: &mut State, text: &str) -> Result<(), Error> {
    charge(state, WEIGHT.saturating_add(text.len()))
}

/// What a value and all that it holds would fill when it is written, compared or copied; more than any
/// rendering has when that is too much or too deep.
fn weight(value: &Value) -> usize {
    let mut left = MAX_OUTPUT;
    if weigh(value, MAX_DEPTH, &mut left) { MAX_OUTPUT - left } else { usize::MAX }
}

/// Takes what a value weighs from what is left; false when that is not enough.
fn weigh(value: &Value, depth: usize, left: &mut usize) -> bool {
    let own = WEIGHT + value.as_str().map_or(0, str::len);
    let Some(rest) = left.checked_sub(own) else { return false };
    *left = rest;
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            depth > 0 && value.try_iter().is_ok_and(|mut items| items.all(|item| weigh(&item, depth - 1, left)))
        }
        ValueKind::Map => {
            let pairs = value.as_object().and_then(|object| object.try_iter_pairs());
            let mut fits = |item: &Value| weigh(item, depth - 1, left);
            depth > 0 && pairs.is_none_or(|mut pairs| pairs.all(|(name, item)| fits(&name) && fits(&item)))
        }
        _ => true,
    }
}

/// A filter of the engine that is charged for its result before it is called.
fn metered(
    filter: Value,
    cost: fn(&Value, &[Value]) -> usize,
) -> impl Fn(&mut State, Value, Rest<ValueOrKwargs>) -> Result<Value, Error> + Send + Sync + 'static {
    move |state: &mut State, value: Value, arguments: Rest<ValueOrKwargs>| {
        let arguments = arguments.into_values();
        charge(state, cost(&value, &arguments))?;
        let all: Vec<Value> = std::iter::once(value).chain(arguments).collect();
        filter.call(state, &all)
    }
}

fn join_size(value: &Value, arguments: &[Value]) -> usize {
    let (whole, separator) = (weight(value), arguments.iter().map(weight).max().unwrap_or(0));
    if whole > MAX_OUTPUT {
        return usize::MAX;
    }
    let items = value.try_iter().map_or(0, Iterator::count);
    whole.saturating_add(items.saturating_mul(separator))
}

fn replace_size(value: &Value, arguments: &[Value]) -> usize {
    let from = arguments.first().and_then(Value::as_str).map_or(1, str::len).max(1);
    let places = weight(value) / from + 1;
    weight(value).saturating_add(places.saturating_mul(arguments.get(1).map_or(0, weight)))
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
    let widest = arguments.iter().map(weight).max().unwrap_or(0).saturating_add(1_000);
    pattern.len().saturating_add(placeholders.saturating_mul(widest))
}

/// JSON is written in one line; an indentation could be of any width.
fn json_size(value: &Value, arguments: &[Value]) -> usize {
    if arguments.is_empty() { weight(value) } else { usize::MAX }
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
    charge(state, count as usize * WEIGHT)?;
    Ok((0..count as i64).map(|n| start + n * step).collect())
}
