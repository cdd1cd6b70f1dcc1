//! Rules of branches and filters of triggers, the simple ones.

use base::{Period, Time};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::text;

/// What is known of a member at a moment.
pub struct Facts<'a> {
    pub traits: &'a Map<String, Value>,
    pub tags: &'a [String],
    /// Name, when it happened, and properties.
    pub events: &'a [(String, i64, Value)],
    pub now: i64,
    pub zone: &'a TimeZone,
}

/// Whether a rule holds.
pub fn holds(rule: &Value, facts: &Facts<'_>) -> bool {
    let parts = |word: &str| rule.get(word).and_then(Value::as_array);
    if let Some(parts) = parts("all") {
        return parts.iter().all(|part| holds(part, facts));
    }
    if let Some(parts) = parts("any") {
        return parts.iter().any(|part| holds(part, facts));
    }
    if let Some(inner) = rule.get("not") {
        return !holds(inner, facts);
    }
    if let Some(tag) = text(rule, "tag") {
        return facts.tags.iter().any(|had| had == tag);
    }
    if let Some(name) = text(rule, "trait") {
        return compare(facts.traits.get(name).filter(|value| !value.is_null()), rule);
    }
    let event = text(rule, "event").unwrap_or_else(|| panic!("a rule that the interpreter does not know: {rule}"));
    let within: Option<Period> = text(rule, "within").map(|within| within.parse().unwrap());
    let since = within.map(|within| within.before(Time::from_millis(facts.now), facts.zone).millis());
    facts.events.iter().any(|(name, at, properties)| {
        name == event && *at <= facts.now && since.is_none_or(|since| *at > since) && passes(rule, properties)
    })
}

/// Whether properties pass the filters beside an event.
pub fn passes(trigger: &Value, properties: &Value) -> bool {
    let filters = trigger.get("where").and_then(Value::as_array);
    filters.into_iter().flatten().all(|filter| compare(properties.get(text(filter, "property").unwrap()), filter))
}

fn compare(value: Option<&Value>, condition: &Value) -> bool {
    let Some(value) = value else { return false };
    let expected = &condition["value"];
    let numbers = value.as_f64().zip(expected.as_f64());
    match text(condition, "op").unwrap() {
        "exists" => true,
        "eq" => numbers.map_or(value == expected, |(a, b)| a == b),
        "gte" => numbers.is_some_and(|(a, b)| a >= b),
        "lt" => numbers.is_some_and(|(a, b)| a < b),
        other => panic!("an operator that the interpreter does not know: {other}"),
    }
}
