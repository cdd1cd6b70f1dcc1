//! Reading waits.

use serde_json::Value;

use super::fields::{
    Object, Problems, as_object, clock, optional_period, optional_text, period, segment, shift, text, trigger,
    weekdays, wrong,
};
use crate::journeys::{
    calendar::Window,
    document::{Awaited, Deadline, StepAction, Until, Wait, WaitStep},
};

/// What a wait can wait for; exactly one of them.
const WAITS: [&str; 5] = ["for", "until", "window", "event", "segment"];
/// What every wait may have.
const COMMON: &[&str] = &["type", "title", "comment", "next"];

pub(super) fn wait(object: &Object, path: &str, problems: &mut Problems) -> Option<StepAction> {
    let mut named = WAITS.into_iter().filter(|word| object.contains_key(*word));
    let (Some(kind), None) = (named.next(), named.next()) else {
        problems.note(wrong(path, format!("must have exactly one of {}", WAITS.join(", "))));
        return None;
    };
    let fields: &[&str] = match kind {
        "event" if object["event"].is_object() => &["event", "timeout", "timeout_next"],
        "event" => &["event", "where", "match", "timeout", "timeout_next"],
        "segment" => &["segment", "timeout", "timeout_next"],
        _ => &[kind],
    };
    problems.only(object, &[COMMON, fields].concat(), path);
    let wait = match kind {
        "for" => problems.take(period(object, "for", path)).map(Wait::For),
        "until" => until(&object["until"], &format!("{path}.until"), problems).map(Wait::Until),
        "window" => window(&object["window"], &format!("{path}.window"), problems).map(Wait::Window),
        "event" => match object["event"].as_object() {
            Some(event) => {
                let path = format!("{path}.event");
                problems.only(event, &["event", "where", "match"], &path);
                awaited(event, &path, problems)
            }
            // The short form: the event's name, and what is said of it beside.
            None => awaited(object, path, problems),
        }
        .map(Wait::Event),
        _ => problems.take(segment(object, "segment", path)).map(Wait::Segment),
    };
    let deadline = deadline(object, path, problems);
    Some(StepAction::Wait(WaitStep { wait: wait?, deadline: deadline? }))
}

/// `timeout` and `timeout_next`; `None` when they cannot be read.
pub(super) fn deadline(object: &Object, path: &str, problems: &mut Problems) -> Option<Option<Deadline>> {
    let next = problems.take(optional_text(object, "timeout_next", path));
    let timeout = problems.take(optional_period(object, "timeout", path));
    let (next, timeout) = (next?, timeout?);
    if timeout.is_none() && next.is_some() {
        problems.note(wrong(format!("{path}.timeout"), "is missing"));
        return None;
    }
    Some(timeout.map(|timeout| Deadline { timeout, next }))
}

fn until(value: &Value, path: &str, problems: &mut Problems) -> Option<Until> {
    if let Value::String(text) = value {
        let moment = text.parse().map(Until::Moment);
        return problems
            .take(moment.map_err(|_| wrong(path, "is not a time such as 2026-12-31T18:00:00Z, or a trait")));
    }
    let object = problems.take(as_object(value, path))?;
    problems.only(object, &["trait", "offset", "at"], path);
    let name = problems.take(text(object, "trait", path));
    let offset = problems.take(shift(object, path));
    let at = problems.take(clock(object, "at", path));
    Some(Until::Trait { name: name?, offset: offset?, at: at? })
}

fn window(value: &Value, path: &str, problems: &mut Problems) -> Option<Window> {
    let object = problems.take(as_object(value, path))?;
    problems.only(object, &["days", "from", "to"], path);
    let days = match object.get("days") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(days) => problems.take(weekdays(days, &format!("{path}.days"))),
    };
    let from = problems.take(clock(object, "from", path));
    let to = problems.take(clock(object, "to", path));
    let (days, from, to) = (days?, from?, to?);
    if from.is_none() && to.is_none() && !days.is_empty() {
        let midnight = jiff::civil::Time::midnight();
        return Some(Window { days, from: midnight, to: midnight });
    }
    for (field, time) in [("from", from), ("to", to)] {
        if time.is_none() {
            problems.note(wrong(format!("{path}.{field}"), "is missing"));
        }
    }
    let (from, to) = (from?, to?);
    if from == to && from != jiff::civil::Time::midnight() {
        problems.note(wrong(format!("{path}.to"), "is the same time as from"));
    }
    Some(Window { days, from, to })
}

fn awaited(object: &Object, path: &str, problems: &mut Problems) -> Option<Awaited> {
    let mut same = Vec::new();
    if let Some(value) = object.get("match").filter(|value| !value.is_null()) {
        let path = format!("{path}.match");
        let list = value.as_array().filter(|list| list.len() <= 10);
        let list = problems.take(list.ok_or_else(|| wrong(&path, "must be a list of at most 10")));
        for (index, pair) in list.into_iter().flatten().enumerate() {
            let path = format!("{path}[{index}]");
            let Some(pair) = problems.take(as_object(pair, &path)) else { continue };
            problems.only(pair, &["property", "entry"], &path);
            let property = problems.take(text(pair, "property", &path));
            let entry = problems.take(text(pair, "entry", &path));
            same.extend(property.zip(entry));
        }
    }
    let trigger = trigger(object, path, problems)?;
    Some(Awaited { trigger, same })
}
