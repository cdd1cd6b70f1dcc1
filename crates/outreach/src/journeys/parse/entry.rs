//! Reading what lets members in.

use base::Problem;
use jiff::civil;
use serde_json::Value;

use super::{
    fields::{Object, as_object, clock, only, optional_text, segment, shift, text, weekdays, wrong},
    happening,
};
use crate::journeys::{
    calendar::Shift,
    document::{DateEntry, Entry, Schedule, ScheduleDays},
};

pub(super) fn entry(value: Option<&Value>) -> Result<Entry, Problem> {
    let path = "document.entry";
    let object = as_object(value.ok_or_else(|| wrong(path, "is missing"))?, path)?;
    let is = |field: &str| object.contains_key(field);
    if is("date") {
        only(object, &["date"], path)?;
        return date(&object["date"]).map(Entry::Date);
    }
    if is("schedule") {
        only(object, &["schedule"], path)?;
        return schedule(&object["schedule"]).map(Entry::Schedule);
    }
    for (word, entry) in [("manual", Entry::Manual), ("import", Entry::Import)] {
        if is(word) {
            only(object, &[word], path)?;
            return match object[word] {
                Value::Bool(true) => Ok(entry),
                _ => Err(wrong(format!("{path}.{word}"), "must be true")),
            };
        }
    }
    happening(object, &[], path).map(Entry::Happening)
}

fn date(value: &Value) -> Result<DateEntry, Problem> {
    let path = "document.entry.date";
    let object = as_object(value, path)?;
    only(object, &["trait", "every", "offset", "at"], path)?;
    let every_year = match optional_text(object, "every", path)?.as_deref() {
        None => false,
        Some("year") => true,
        Some(_) => return Err(wrong(format!("{path}.every"), "is not year")),
    };
    let offset = shift(object, path)?;
    if every_year && offset.as_ref().is_some_and(is_longer_than_a_year) {
        return Err(wrong(format!("{path}.offset"), "is longer than a year, and the date comes each year"));
    }
    Ok(DateEntry { name: text(object, "trait", path)?, every_year, offset, at: clock(object, "at", path)? })
}

fn is_longer_than_a_year(shift: &Shift) -> bool {
    let start = base::Time::EPOCH;
    shift.period.after(start, &jiff::tz::TimeZone::UTC) - start > 366 * 86_400_000
}

fn schedule(value: &Value) -> Result<Schedule, Problem> {
    let path = "document.entry.schedule";
    let object = as_object(value, path)?;
    only(object, &["every", "on", "at", "zone", "segment"], path)?;
    let on = object.get("on").filter(|on| !on.is_null());
    let on_path = format!("{path}.on");
    let days = match (text(object, "every", path)?.as_str(), on) {
        ("day", None) => ScheduleDays::Daily,
        ("day", Some(_)) => return Err(wrong(on_path, "has no place in a schedule for every day")),
        ("week", None) => ScheduleDays::Weekly(vec![civil::Weekday::Monday]),
        ("week", Some(on)) => ScheduleDays::Weekly(weekdays(on, &on_path)?),
        ("month", None) => ScheduleDays::Monthly(vec![1]),
        ("month", Some(on)) => ScheduleDays::Monthly(days_of_month(on, &on_path)?),
        _ => return Err(wrong(format!("{path}.every"), "is not day, week or month")),
    };
    Ok(Schedule {
        days,
        at: clock(object, "at", path)?.unwrap_or(civil::Time::midnight()),
        of_workspace: of_workspace(object, path)?,
        segment: match object.get("segment") {
            None | Some(Value::Null) => None,
            Some(_) => Some(segment(object, "segment", path)?),
        },
    })
}

fn of_workspace(object: &Object, path: &str) -> Result<bool, Problem> {
    match optional_text(object, "zone", path)?.as_deref() {
        None | Some("member") => Ok(false),
        Some("workspace") => Ok(true),
        Some(_) => Err(wrong(format!("{path}.zone"), "is not member or workspace")),
    }
}

fn days_of_month(value: &Value, path: &str) -> Result<Vec<i8>, Problem> {
    let list = value.as_array().filter(|list| (1..=31).contains(&list.len()));
    let list = list.ok_or_else(|| wrong(path, "must be a list of 1 to 31 days"))?;
    let day = |(index, value): (usize, &Value)| {
        let day = value.as_i64().filter(|day| (1..=31).contains(&day.abs()));
        day.map(|day| day as i8).ok_or_else(|| {
            wrong(format!("{path}[{index}]"), "is not a day from 1 to 31, or from -31 to -1 from the end")
        })
    };
    list.iter().enumerate().map(day).collect()
}
