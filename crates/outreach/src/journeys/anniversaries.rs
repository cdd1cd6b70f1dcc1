//! When the date of a trait comes, for sentences about who has not entered by it.

use base::Time;
use serde_json::Value;

use super::{document::DateEntry, explain_rows::Person};

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

/// When the date of an entry comes next, by the calendar by which entries are planned.
pub(super) fn next(date: &DateEntry, person: &Person, now: Time) -> When {
    let Some(value) = base::rule::lookup(&person.traits, &date.name).filter(|value| !value.is_null()) else {
        return When::Missing;
    };
    let from = |from: Time| date.next(value, from, &person.zone, |_| false).map(|(at, _)| at);
    if let Some(at) = from(now) {
        return When::Comes(at);
    }
    from(Time::from_millis(i64::MIN)).map_or_else(|| When::Unreadable(shown(value)), When::Over)
}

fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::{super::document::Entry, *};
    use crate::journeys::Document;

    #[test]
    fn a_birthday_comes_each_year_and_the_29th_of_february_on_the_28th() {
        let zone = TimeZone::get("Pacific/Honolulu").unwrap();
        let traits = json!({"birthday": "1992-02-29", "text": "soon", "list": [7]}).as_object().cloned().unwrap();
        let person = Person { id: base::ids::MemberId(1), workspace_zone: zone.clone(), zone, traits };
        let now: Time = "2026-03-26T10:00:00Z".parse().unwrap();
        let asked = |date: Value| {
            let document = json!({"entry": {"date": date}, "start": "s", "steps": {"s": {"type": "exit"}}});
            let Entry::Date(date) = Document::parse(&document).unwrap().entry else { panic!("no date") };
            next(&date, &person, now)
        };
        let yearly = json!({"trait": "birthday", "every": "year", "offset": "-P7D", "at": "08:30"});
        assert_eq!(asked(yearly), When::Comes("2027-02-21T18:30:00Z".parse().unwrap()));
        assert!(matches!(asked(json!({"trait": "birthday"})), When::Over(_)));
        assert_eq!(asked(json!({"trait": "text"})), When::Unreadable("soon".to_owned()));
        assert_eq!(asked(json!({"trait": "list"})), When::Unreadable("[7]".to_owned()));
        assert_eq!(asked(json!({"trait": "none"})), When::Missing);
    }
}
