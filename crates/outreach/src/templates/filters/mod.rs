//! The filters of our own: money, numbers, moments, names, words.
//!
//! Their arguments stand in order or by name. A value that is blank or cannot be read counts as missing, and what is made
//! of it is missing too: one bad value of one member does not cost him the message, and `fallback` finds it. An argument
//! that no member can cause, such as the name of a form, is an error.

mod dates;
mod money;
mod names;
mod words;

use base::Language;
use minijinja::{
    Environment, Error, ErrorKind, State, Value,
    value::{Kwargs, Rest, ValueKind, ValueOrKwargs},
};

use super::engine::charge_text;

/// Their names.
pub(super) const OWN_FILTERS: &[&str] = &[
    "date",
    "fallback",
    "given_name",
    "honorific",
    "mask",
    "money",
    "number",
    "percent",
    "plural",
    "surname",
    "truncate",
];

/// Puts the filters into an engine.
pub(super) fn add_filters(engine: &mut Environment<'static>) {
    engine.add_filter("money", |state: &mut State, value: Value, rest: Rest<ValueOrKwargs>| {
        let [currency, language] = arguments("money", ["currency", "language"], rest)?;
        let language = language_of(state, language.as_ref());
        shown(state, money::money(&value, &text_of(currency.as_ref()), language))
    });
    engine.add_filter("number", |state: &mut State, value: Value, rest: Rest<ValueOrKwargs>| {
        let [decimals] = arguments("number", ["decimals"], rest)?;
        shown(state, money::number(&value, places("number", decimals.as_ref())?))
    });
    engine.add_filter("percent", |state: &mut State, value: Value, rest: Rest<ValueOrKwargs>| {
        let [decimals] = arguments("percent", ["decimals"], rest)?;
        shown(state, money::percent(&value, places("percent", decimals.as_ref())?.unwrap_or(0)))
    });
    engine.add_filter("date", |state: &mut State, value: Value, rest: Rest<ValueOrKwargs>| {
        let [form, language, zone] = arguments("date", ["form", "language", "zone"], rest)?;
        let form = form.map_or(Ok(dates::Form::Short), |form| dates::Form::named(&text_of(Some(&form))))?;
        let language = language_of(state, language.as_ref());
        let zone = zone.filter(|zone| !is_missing(zone)).or_else(|| state.lookup("time_zone"));
        let now = state.lookup("now").and_then(|now| dates::moment(&now));
        shown(state, dates::date(&value, form, language, &text_of(zone.as_ref()), now))
    });
    engine
        .add_filter("surname", |state: &mut State, value: Value| shown(state, names::surname(&text_of(Some(&value)))));
    engine.add_filter("given_name", |state: &mut State, value: Value| {
        shown(state, names::given_name(&text_of(Some(&value))))
    });
    engine.add_filter("honorific", |state: &mut State, value: Value, rest: Rest<ValueOrKwargs>| {
        let [gender] = arguments("honorific", ["gender"], rest)?;
        let member_gender = || state.lookup("member").and_then(|member| member.get_attr("gender").ok());
        let gender = gender.or_else(member_gender);
        shown(state, names::honorific(&text_of(Some(&value)), &text_of(gender.as_ref())))
    });
    engine.add_filter("plural", |state: &mut State, value: Value, rest: Rest<ValueOrKwargs>| {
        let [one, other] = arguments("plural", ["one", "other"], rest)?;
        let (one, other) = (text_of(one.as_ref()), text_of(other.as_ref()));
        shown(state, money::plural(&value, &one, &other))
    });
    engine.add_filter("fallback", |value: Value, rest: Rest<ValueOrKwargs>| {
        let [instead] = arguments("fallback", ["value"], rest)?;
        Ok::<Value, Error>(if is_missing(&value) { instead.unwrap_or(Value::UNDEFINED) } else { value })
    });
    engine.add_filter("mask", |state: &mut State, value: Value| shown(state, words::mask(&text_of(Some(&value)))));
    engine.add_filter("truncate", |state: &mut State, value: Value, rest: Rest<ValueOrKwargs>| {
        let [length, end] = arguments("truncate", ["length", "end"], rest)?;
        let length = length.and_then(|length| length.as_usize()).unwrap_or(255);
        let end = end.map_or_else(|| "…".to_owned(), |end| text_of(Some(&end)));
        match is_missing(&value) {
            true => Ok(value),
            false => shown(state, Some(words::truncate(&text_of(Some(&value)), length, &end))),
        }
    });
}

/// What a filter made. It is charged here, since `map` calls a filter many times before anybody else looks.
fn shown(state: &mut State, text: Option<String>) -> Result<Value, Error> {
    let Some(text) = text else { return Ok(Value::UNDEFINED) };
    charge_text(state, &text)?;
    Ok(text.into())
}

/// Whether there is nothing: no value, `null`, or a text of blanks.
pub(super) fn is_missing(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// A text or a number as text; empty for everything else.
fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(value) if matches!(value.kind(), ValueKind::String | ValueKind::Number) => {
            value.to_string().trim().to_owned()
        }
        _ => String::new(),
    }
}

/// The language that an argument names, else the member's.
fn language_of(state: &State, named: Option<&Value>) -> Language {
    let said = Language::of_tag(&text_of(named));
    said.or_else(|| Language::of_tag(&text_of(state.lookup("language").as_ref()))).unwrap_or_default()
}

fn places(filter: &str, decimals: Option<&Value>) -> Result<Option<usize>, Error> {
    match decimals.map(Value::as_usize) {
        None => Ok(None),
        Some(Some(places)) if places <= 20 => Ok(Some(places)),
        Some(_) => Err(wrong(format!("\"{filter}\" takes 0 to 20 decimals"))),
    }
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// The arguments of a filter, by their places and names.
fn arguments<const N: usize>(
    filter: &str,
    names: [&str; N],
    given: Rest<ValueOrKwargs>,
) -> Result<[Option<Value>; N], Error> {
    let mut found: [Option<Value>; N] = std::array::from_fn(|_| None);
    for (place, value) in given.into_values().into_iter().enumerate() {
        if value.is_kwargs() {
            let named = Kwargs::try_from(value)?;
            for (name, slot) in names.iter().zip(&mut found) {
                if named.has(name) {
                    *slot = Some(named.get::<Value>(name)?);
                }
            }
            named.assert_all_used()?;
            continue;
        }
        let Some(slot) = found.get_mut(place) else {
            return Err(wrong(format!("\"{filter}\" takes at most {N} arguments")));
        };
        *slot = Some(value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
