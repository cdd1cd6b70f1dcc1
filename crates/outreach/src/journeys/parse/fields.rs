//! The fields of a document, one by one.

use base::{Period, Problem, ids::SegmentId};
use jiff::civil;
use serde_json::{Map, Value};

use crate::journeys::{calendar::Shift, document::EventTrigger};

pub(super) type Object = Map<String, Value>;

/// Problems that are noted of one document; nobody mends more at once.
const MOST: usize = 200;

/// What is wrong with a document, in the order in which it is read. Reading goes on after a problem, so that all of them
/// can be shown at once.
#[derive(Debug, Default)]
pub(in crate::journeys) struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Notes a problem.
    pub(in crate::journeys) fn note(&mut self, problem: Problem) {
        if self.found.len() < MOST {
            self.found.push(problem);
        }
    }

    /// What was read, or a note of why it could not be.
    pub(super) fn take<T>(&mut self, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.note(problem)).ok()
    }

    /// Notes every field that has no place in an object.
    pub(super) fn only(&mut self, object: &Object, allowed: &[&str], path: &str) {
        for unknown in object.keys().filter(|key| !allowed.contains(&key.as_str())) {
            let shown: String = unknown.chars().take(64).collect();
            let message = format!("is not known here; expected {}", allowed.join(", "));
            self.note(wrong(format!("{path}.{shown}"), message));
        }
    }

    /// Whether anything is wrong at this path or below it.
    pub(in crate::journeys) fn has_at(&self, path: &str) -> bool {
        let is_there = |found: &str| found.strip_prefix(path).is_some_and(|rest| rest.is_empty() || is_below(rest));
        self.found.iter().flat_map(|problem| &problem.errors).any(|error| is_there(&error.path))
    }

    /// Whether this has been noted.
    pub(in crate::journeys) fn has(&self, problem: &Problem) -> bool {
        self.found.contains(problem)
    }

    /// All of them.
    pub(in crate::journeys) fn into_inner(self) -> Vec<Problem> {
        self.found
    }
}

fn is_below(rest: &str) -> bool {
    rest.starts_with(['.', '['])
}

pub(super) fn as_object<'a>(value: &'a Value, path: &str) -> Result<&'a Object, Problem> {
    value.as_object().ok_or_else(|| wrong(path, "must be an object"))
}

pub(super) fn text(object: &Object, field: &str, path: &str) -> Result<String, Problem> {
    optional_text(object, field, path)?.ok_or_else(|| wrong(format!("{path}.{field}"), "is missing"))
}

pub(super) fn optional_text(object: &Object, field: &str, path: &str) -> Result<Option<String>, Problem> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 200 && !text.contains('\0') => {
            Ok(Some(text.clone()))
        }
        Some(_) => Err(wrong(format!("{path}.{field}"), "must be a text of 1 to 200 bytes")),
    }
}

/// A text that may be left out or empty.
pub(super) fn remark(object: &Object, field: &str, most: usize, path: &str) -> Result<String, Problem> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) if text.len() <= most => Ok(text.clone()),
        Some(_) => Err(wrong(format!("{path}.{field}"), format!("must be a text of at most {most} bytes"))),
    }
}

pub(super) fn period(object: &Object, field: &str, path: &str) -> Result<Period, Problem> {
    optional_period(object, field, path)?.ok_or_else(|| wrong(format!("{path}.{field}"), "is missing"))
}

pub(super) fn optional_period(object: &Object, field: &str, path: &str) -> Result<Option<Period>, Problem> {
    let text = optional_text(object, field, path)?;
    text.map(|text| {
        text.parse().map_err(|e: base::period::PeriodError| wrong(format!("{path}.{field}"), e.to_string()))
    })
    .transpose()
}

/// A part of the document that is wrong.
pub(in crate::journeys) fn wrong(path: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem::at(base::Code::InvalidJourney, path, message)
}

pub(super) fn share(value: Option<&Value>, path: &str) -> Result<f64, Problem> {
    let value = value.ok_or_else(|| wrong(path, "is missing"))?;
    let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| wrong(path, "must be a number from 0 to 1"))
}

pub(super) fn trigger(object: &Object, path: &str, problems: &mut Problems) -> Option<EventTrigger> {
    let filters = base::rule::Comparison::parse_list(object.get("where"), &format!("{path}.where"));
    let (filters, event) = (problems.take(filters), problems.take(text(object, "event", path)));
    Some(EventTrigger { event: event?, filters: filters? })
}

pub(super) fn segment(object: &Object, field: &str, path: &str) -> Result<SegmentId, Problem> {
    let id = text(object, field, path)?;
    id.parse().map_err(|_| wrong(format!("{path}.{field}"), "is not the id of a segment"))
}

pub(super) fn shift(object: &Object, path: &str) -> Result<Option<Shift>, Problem> {
    let Some(text) = optional_text(object, "offset", path)? else { return Ok(None) };
    let shift = Shift::parse(&text);
    shift.map(Some).ok_or_else(|| wrong(format!("{path}.offset"), "is not a duration such as P3D or -P7D"))
}

/// A time of the day, `09:00` or `23:59:30`. `24:00` is midnight.
pub(super) fn clock(object: &Object, field: &str, path: &str) -> Result<Option<civil::Time>, Problem> {
    let Some(text) = optional_text(object, field, path)? else { return Ok(None) };
    let is_plain = matches!(text.len(), 5 | 8) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let time = match text.as_str() {
        "24:00" => Some(civil::Time::midnight()),
        _ if is_plain => text.parse().ok(),
        _ => None,
    };
    time.map(Some).ok_or_else(|| wrong(format!("{path}.{field}"), "is not a time of the day such as 09:00"))
}

/// Days of the week, `mon` to `sun`.
pub(super) fn weekdays(value: &Value, path: &str) -> Result<Vec<civil::Weekday>, Problem> {
    use civil::Weekday::*;
    let list = value.as_array().filter(|list| (1..=7).contains(&list.len()));
    let list = list.ok_or_else(|| wrong(path, "must be a list of 1 to 7 days"))?;
    let day = |(index, value): (usize, &Value)| match value.as_str() {
        Some("mon") => Ok(Monday),
        Some("tue") => Ok(Tuesday),
        Some("wed") => Ok(Wednesday),
        Some("thu") => Ok(Thursday),
        Some("fri") => Ok(Friday),
        Some("sat") => Ok(Saturday),
        Some("sun") => Ok(Sunday),
        _ => Err(wrong(format!("{path}[{index}]"), "is not mon, tue, wed, thu, fri, sat or sun")),
    };
    list.iter().enumerate().map(day).collect()
}
