//! Reading waits.

use base::Problem;
use serde_json::Value;

use super::fields::{
    Object, as_object, clock, only, optional_period, optional_text, period, segment, shift, text, trigger, weekdays,
    wrong,
};
use crate::journeys::{
    calendar::Window,
    document::{Awaited, Deadline, StepAction, Until, Wait, WaitStep},
};

/// What a wait can wait for; exactly one of them.
const WAITS: [&str; 5] = ["for", "until", "window", "event", "segment"];

pub(super) fn wait(object: &Object, path: &str) -> Result<StepAction, Problem> {
    let mut named = WAITS.into_iter().filter(|word| object.contains_key(*word));
    let (Some(kind), None) = (named.next(), named.next()) else {
        return Err(wrong(path, format!("must have exactly one of {}", WAITS.join(", "))));
    };
    let fields: &[&str] = match kind {
        "event" if object["event"].is_object() => &["type", "event", "timeout", "timeout_next", "next"],
        "event" => &["type", "event", "where", "match", "timeout", "timeout_next", "next"],
        "segment" => &["type", "segment", "timeout", "timeout_next", "next"],
        _ => &["type", kind, "next"],
    };
    only(object, fields, path)?;
    let wait = match kind {
        "for" => Wait::For(period(object, "for", path)?),
        "until" => Wait::Until(until(&object["until"], &format!("{path}.until"))?),
        "window" => Wait::Window(window(&object["window"], &format!("{path}.window"))?),
        "event" => Wait::Event(match object["event"].as_object() {
            Some(event) => {
                let path = format!("{path}.event");
                only(event, &["event", "where", "match"], &path)?;
                awaited(event, &path)?
            }
            // The short form: the event's name, and what is said of it beside.
            None => awaited(object, path)?,
        }),
        _ => Wait::Segment(segment(object, "segment", path)?),
    };
    Ok(StepAction::Wait(WaitStep { wait, deadline: deadline(object, path)? }))
}

/// `timeout` and `timeout_next`.
pub(super) fn deadline(object: &Object, path: &str) -> Result<Option<Deadline>, Problem> {
    let next = optional_text(object, "timeout_next", path)?;
    let timeout = optional_period(object, "timeout", path)?;
    if timeout.is_none() && next.is_some() {
        return Err(wrong(format!("{path}.timeout"), "is missing"));
    }
    Ok(timeout.map(|timeout| Deadline { timeout, next }))
}

fn until(value: &Value, path: &str) -> Result<Until, Problem> {
    if let Value::String(text) = value {
        return text
            .parse()
            .map(Until::Moment)
            .map_err(|_| wrong(path, "is not a time such as 2026-12-31T18:00:00Z, or a trait"));
    }
    let object = as_object(value, path)?;
    only(object, &["trait", "offset", "at"], path)?;
    Ok(Until::Trait {
        name: text(object, "trait", path)?,
        offset: shift(object, path)?,
        at: clock(object, "at", path)?,
    })
}

fn window(value: &Value, path: &str) -> Result<Window, Problem> {
    let object = as_object(value, path)?;
    only(object, &["days", "from", "to"], path)?;
    let days = match object.get("days") {
        None | Some(Value::Null) => Vec::new(),
        Some(days) => weekdays(days, &format!("{path}.days"))?,
    };
    let time = |field: &str| clock(object, field, path);
    let missing = |field: &str| wrong(format!("{path}.{field}"), "is missing");
    let (from, to) = match (time("from")?, time("to")?) {
        (None, None) if !days.is_empty() => Default::default(),
        (from, to) => (from.ok_or_else(|| missing("from"))?, to.ok_or_else(|| missing("to"))?),
    };
    if from == to && from != jiff::civil::Time::midnight() {
        return Err(wrong(format!("{path}.to"), "is the same time as from"));
    }
    Ok(Window { days, from, to })
}

fn awaited(object: &Object, path: &str) -> Result<Awaited, Problem> {
    let mut same = Vec::new();
    if let Some(value) = object.get("match").filter(|value| !value.is_null()) {
        let path = format!("{path}.match");
        let list = value.as_array().filter(|list| list.len() <= 10);
        for (index, pair) in list.ok_or_else(|| wrong(&path, "must be a list of at most 10"))?.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let pair = as_object(pair, &path)?;
            only(pair, &["property", "entry"], &path)?;
            same.push((text(pair, "property", &path)?, text(pair, "entry", &path)?));
        }
    }
    Ok(Awaited { trigger: trigger(object, path)?, same })
}
