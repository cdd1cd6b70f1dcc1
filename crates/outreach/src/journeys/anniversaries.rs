//! When the date of a trait comes, for sentences about who has not entered by it.

use base::{Period, Time};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::Value;

use super::explain_rows::Person;

/// The hour of a date for which the document names none.
const USUAL_HOUR: civil::Time = civil::time(9, 0, 0, 0);

/// When a date comes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    /// The member has no such trait.
    Missing,
    /// It holds something else.
    Unreadable(String),
    /// The next time, or the only one.
    Comes(Time),
    /// The only time is over.
    Over(Time),
}

/// When the date of an entry comes next.
pub(super) fn next(date: &Value, person: &Person, now: Time) -> When {
    let text = |field: &str| date.get(field).and_then(Value::as_str);
    let Some(value) = person.traits.get(text("trait").unwrap_or_default()).filter(|value| !value.is_null()) else {
        return When::Missing;
    };
    let Some(day) = value.as_str().and_then(|value| read(value, &person.zone)) else {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return When::Unreadable(shown.chars().take(100).collect());
    };
    let moment = |day: civil::Date| {
        let at = text("at").and_then(|at| at.parse::<civil::Time>().ok()).unwrap_or(USUAL_HOUR);
        let moment = at_hour(day, at, &person.zone)?;
        shifted(moment, text("offset"), &person.zone)
    };
    if text("every") != Some("year") {
        return match moment(day) {
            Some(at) if at > now => When::Comes(at),
            Some(at) => When::Over(at),
            None => When::Unreadable(day.to_string()),
        };
    }
    let this_year = now.timestamp().to_zoned(person.zone.clone()).year();
    let years = this_year.saturating_sub(1)..=this_year.saturating_add(2);
    let coming = years.filter_map(|year| moment(in_year(day, year))).find(|at| *at > now);
    coming.map_or_else(|| When::Unreadable(day.to_string()), When::Comes)
}

/// A date, or the day of a moment in the member's zone.
fn read(text: &str, zone: &TimeZone) -> Option<civil::Date> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.to_zoned(zone.clone()).date());
    }
    text.parse::<civil::Date>().ok()
}

/// The same day in a year; the 29th of February is the 28th in common years.
fn in_year(day: civil::Date, year: i16) -> civil::Date {
    civil::Date::new(year, day.month(), day.day())
        .or_else(|_| civil::Date::new(year, day.month(), day.day() - 1))
        .unwrap_or(day)
}

fn at_hour(day: civil::Date, hour: civil::Time, zone: &TimeZone) -> Option<Time> {
    let moment = day.to_datetime(hour).to_zoned(zone.clone()).ok()?;
    Some(Time::from_millis(moment.timestamp().as_millisecond()))
}

fn shifted(moment: Time, offset: Option<&str>, zone: &TimeZone) -> Option<Time> {
    let Some(offset) = offset else { return Some(moment) };
    match offset.strip_prefix('-') {
        Some(back) => Some(back.parse::<Period>().ok()?.before(moment, zone)),
        None => Some(offset.parse::<Period>().ok()?.after(moment, zone)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_birthday_comes_each_year_and_the_29th_of_february_on_the_28th() {
        let zone = TimeZone::get("Pacific/Honolulu").unwrap();
        let traits = json!({"birthday": "1992-02-29", "text": "soon", "number": 7}).as_object().cloned().unwrap();
        let person = Person { id: base::ids::MemberId(1), zone, traits };
        let now: Time = "2026-03-26T10:00:00Z".parse().unwrap();
        let yearly = json!({"trait": "birthday", "every": "year", "offset": "-P7D", "at": "08:30"});
        let expected: Time = "2027-02-21T18:30:00Z".parse().unwrap();
        assert_eq!(next(&yearly, &person, now), When::Comes(expected));
        let once = json!({"trait": "birthday"});
        assert!(matches!(next(&once, &person, now), When::Over(_)));
        assert_eq!(next(&json!({"trait": "text"}), &person, now), When::Unreadable("soon".to_owned()));
        assert_eq!(next(&json!({"trait": "number"}), &person, now), When::Unreadable("7".to_owned()));
        assert_eq!(next(&json!({"trait": "none"}), &person, now), When::Missing);
    }
}
