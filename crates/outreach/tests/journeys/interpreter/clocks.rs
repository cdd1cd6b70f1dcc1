//! When waits are over and dates come, on the clock of the member.

use base::{Period, Time};
use jiff::{Span, Zoned, civil, tz::TimeZone};
use serde_json::Value;

use super::text;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ZONE_TRAIT: &str = "timezone";

/// The member's own zone, else the workspace's.
pub fn zone_of(traits: &serde_json::Map<String, Value>, workspace: &TimeZone) -> TimeZone {
    let own = traits.get(ZONE_TRAIT).and_then(Value::as_str).and_then(|name| TimeZone::get(name).ok());
    own.unwrap_or_else(|| workspace.clone())
}

pub fn after(moment: i64, period: &str, zone: &TimeZone) -> i64 {
    period.parse::<Period>().unwrap().after(Time::from_millis(moment), zone).millis()
}

/// The first moment from `now` on that lies in the window, minute by minute.
pub fn in_window(window: &Value, now: i64, zone: &TimeZone) -> i64 {
    let (from, to) = (clock(window, "from").unwrap(), clock(window, "to").unwrap());
    let days: Option<Vec<&str>> =
        window.get("days").and_then(Value::as_array).map(|days| days.iter().filter_map(Value::as_str).collect());
    let is_inside = |moment: i64| {
        let shown = local(moment, zone);
        let day = DAYS[shown.weekday().to_monday_zero_offset() as usize];
        days.as_ref().is_none_or(|days| days.contains(&day)) && shown.time() >= from && shown.time() < to
    };
    if is_inside(now) {
        return now;
    }
    let mut minute = now - now.rem_euclid(60_000) + 60_000;
    while !is_inside(minute) {
        minute += 60_000;
    }
    minute
}

/// The moment that `until` names; `None` when the trait does not.
pub fn until(until: &Value, traits: &serde_json::Map<String, Value>, zone: &TimeZone) -> Option<i64> {
    if let Some(moment) = until.as_str() {
        return Some(moment.parse::<Time>().unwrap().millis());
    }
    let day: civil::Date = traits.get(text(until, "trait").unwrap())?.as_str()?.parse().ok()?;
    Some(on_day(day, until, zone))
}

/// The moments of a date, once or in each of some years, with the day that each is about.
pub fn dates(date: &Value, traits: &serde_json::Map<String, Value>, zone: &TimeZone) -> Vec<(i64, String)> {
    let Some(day) = traits.get(text(date, "trait").unwrap()).and_then(Value::as_str) else { return Vec::new() };
    let Ok(day) = day.parse::<civil::Date>() else { return Vec::new() };
    let in_year = |year: i16| {
        let is_leap_day = day.month() == 2 && day.day() == 29 && !civil::date(year, 1, 1).in_leap_year();
        civil::date(year, day.month(), if is_leap_day { 28 } else { day.day() })
    };
    let days: Vec<civil::Date> = match date.get("every") {
        Some(_) => (2025..=2028).map(in_year).collect(),
        None => vec![day],
    };
    days.into_iter().map(|day| (on_day(day, date, zone), day.to_string())).collect()
}

/// The moments of a schedule from the day before a moment on, with their days.
pub fn scheduled(schedule: &Value, from: i64, zone: &TimeZone) -> impl Iterator<Item = (i64, String)> {
    let (schedule, zone) = (schedule.clone(), zone.clone());
    let mut day = local(from, &zone).date().yesterday().unwrap();
    let days = (0..70).map(move |_| {
        let this = day;
        day = day.tomorrow().unwrap();
        this
    });
    let on = schedule.get("on").and_then(Value::as_array).cloned();
    let every = text(&schedule, "every").unwrap().to_owned();
    let is_on = move |day: &civil::Date| match (every.as_str(), &on) {
        ("day", _) => true,
        ("week", Some(on)) => on.contains(&Value::from(DAYS[day.weekday().to_monday_zero_offset() as usize])),
        ("month", Some(on)) => on.iter().any(|on| {
            let (on, length) = (on.as_i64().unwrap(), i64::from(day.days_in_month()));
            i64::from(day.day()) == if on > 0 { on.min(length) } else { (length + 1 + on).max(1) }
        }),
        other => panic!("a schedule that the interpreter does not know: {other:?}"),
    };
    days.filter(is_on).map(move |day| (on_day(day, &schedule, &zone), day.to_string()))
}

fn on_day(day: civil::Date, wish: &Value, zone: &TimeZone) -> i64 {
    let mut shown = day.to_datetime(clock(wish, "at").unwrap_or_else(civil::Time::midnight));
    if let Some(offset) = text(wish, "offset") {
        let span: Span = offset.trim_start_matches('-').parse().unwrap();
        shown = if offset.starts_with('-') { shown - span } else { shown + span };
    }
    first_shown(shown, zone)
}

/// The first moment at which the clocks show a time, or a later one if they skip it.
fn first_shown(shown: civil::DateTime, zone: &TimeZone) -> i64 {
    let mut moment = shown.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
    while local(moment, zone).datetime() > shown {
        moment -= 60_000;
        if local(moment, zone).datetime() < shown {
            return moment + 60_000;
        }
    }
    moment
}

fn clock(value: &Value, field: &str) -> Option<civil::Time> {
    text(value, field).map(|time| time.parse().unwrap())
}

fn local(moment: i64, zone: &TimeZone) -> Zoned {
    Time::from_millis(moment).timestamp().to_zoned(zone.clone())
}
