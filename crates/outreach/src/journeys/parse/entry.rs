//! Reading what lets members in.

use base::Problem;
use jiff::civil;
use serde_json::Value;

use super::{
    fields::{Object, Problems, as_object, clock, optional_text, segment, shift, text, weekdays, wrong},
    happening,
};
use crate::journeys::{
    calendar::Shift,
    document::{DateEntry, Entry, Schedule, ScheduleDays},
};

pub(super) fn entry(value: Option<&Value>, problems: &mut Problems) -> Option<Entry> {
    let path = "document.entry";
    let object = value.ok_or_else(|| wrong(path, "is missing")).and_then(|value| as_object(value, path));
    let object = problems.take(object)?;
    let is = |field: &str| object.contains_key(field);
    if is("date") {
        problems.only(object, &["date"], path);
        return date(&object["date"], problems).map(Entry::Date);
    }
    if is("schedule") {
        problems.only(object, &["schedule"], path);
        return schedule(&object["schedule"], problems).map(Entry::Schedule);
    }
    for (word, entry) in [("manual", Entry::Manual), ("import", Entry::Import)] {
        if is(word) {
            problems.only(object, &[word], path);
            if object[word] != Value::Bool(true) {
                problems.note(wrong(format!("{path}.{word}"), "must be true"));
            }
            return Some(entry);
        }
    }
    happening(object, &[], path, problems).map(Entry::Happening)
}

fn date(value: &Value, problems: &mut Problems) -> Option<DateEntry> {
    let path = "document.entry.date";
    let object = problems.take(as_object(value, path))?;
    problems.only(object, &["trait", "every", "offset", "at"], path);
    let every_year = problems.take(optional_text(object, "every", path).and_then(|every| match every.as_deref() {
        None => Ok(false),
        Some("year") => Ok(true),
        Some(_) => Err(wrong(format!("{path}.every"), "is not year")),
    }));
    let offset = problems.take(shift(object, path));
    if every_year == Some(true) && offset.iter().flatten().any(is_longer_than_a_year) {
        let message = "is longer than a year, and the date comes each year";
        problems.note(wrong(format!("{path}.offset"), message));
    }
    let (name, at) = (problems.take(text(object, "trait", path)), problems.take(clock(object, "at", path)));
    Some(DateEntry { name: name?, every_year: every_year?, offset: offset?, at: at? })
}

fn is_longer_than_a_year(shift: &Shift) -> bool {
    let start = base::Time::EPOCH;
    shift.period.after(start, &jiff::tz::TimeZone::UTC) - start > 366 * 86_400_000
}

fn schedule(value: &Value, problems: &mut Problems) -> Option<Schedule> {
    let path = "document.entry.schedule";
    let object = problems.take(as_object(value, path))?;
    problems.only(object, &["every", "on", "at", "zone", "segment"], path);
    let days = problems.take(days(object, path));
    let at = problems.take(clock(object, "at", path));
    let of_workspace = problems.take(of_workspace(object, path));
    let segment = match object.get("segment") {
        None | Some(Value::Null) => Some(None),
        Some(_) => problems.take(segment(object, "segment", path)).map(Some),
    };
    Some(Schedule {
        days: days?,
        at: at?.unwrap_or(civil::Time::midnight()),
        of_workspace: of_workspace?,
        segment: segment?,
    })
}

fn days(object: &Object, path: &str) -> Result<ScheduleDays, Problem> {
    let on = object.get("on").filter(|on| !on.is_null());
    let on_path = format!("{path}.on");
    Ok(match (text(object, "every", path)?.as_str(), on) {
        ("day", None) => ScheduleDays::Daily,
        ("day", Some(_)) => return Err(wrong(on_path, "has no place in a schedule for every day")),
        ("week", None) => ScheduleDays::Weekly(vec![civil::Weekday::Monday]),
        ("week", Some(on)) => ScheduleDays::Weekly(weekdays(on, &on_path)?),
        ("month", None) => ScheduleDays::Monthly(vec![1]),
        ("month", Some(on)) => ScheduleDays::Monthly(days_of_month(on, &on_path)?),
        _ => return Err(wrong(format!("{path}.every"), "is not day, week or month")),
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
