//! Moments and days as people write them.

use base::Language;
use jiff::{
    Timestamp, Zoned,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use minijinja::{Error, Value};

use super::{text_of, wrong};

const WEEKDAYS: [(&str, &str); 7] = [
    ("星期一", "Monday"),
    ("星期二", "Tuesday"),
    ("星期三", "Wednesday"),
    ("星期四", "Thursday"),
    ("星期五", "Friday"),
    ("星期六", "Saturday"),
    ("星期日", "Sunday"),
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// How a moment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Short,
    Long,
    Weekday,
    Relative,
    Time,
    Datetime,
    Iso,
}

impl Form {
    pub(super) fn named(name: &str) -> Result<Form, Error> {
        Ok(match name {
            "short" => Form::Short,
            "long" => Form::Long,
            "weekday" => Form::Weekday,
            "relative" => Form::Relative,
            "time" => Form::Time,
            "datetime" => Form::Datetime,
            "iso" => Form::Iso,
            _ => {
                let message = "the forms of a date are short, long, weekday, relative, time, datetime and iso";
                return Err(wrong(message.to_owned()));
            }
        })
    }
}

/// A moment in a zone, or a day that is the same everywhere.
enum When {
    Moment(Timestamp),
    Local(DateTime),
}

/// The moment of a value, where it is one.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    match read(value)? {
        When::Moment(moment) => Some(moment),
        When::Local(_) => None,
    }
}

/// Reads RFC 3339, a day, a day and a time without a zone, or seconds or milliseconds since 1970.
fn read(value: &Value) -> Option<When> {
    let text = text_of(Some(value));
    if let Ok(number) = text.parse::<f64>() {
        // Seconds would have reached this in the year 5138; milliseconds had in 1973.
        let milliseconds = if number.abs() < 1e11 { number * 1_000.0 } else { number };
        let in_range = milliseconds.abs() < 2.5e14;
        return Timestamp::from_millisecond(in_range.then_some(milliseconds as i64)?).ok().map(When::Moment);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(When::Moment(moment));
    }
    if let Ok(local) = text.parse::<DateTime>() {
        return Some(When::Local(local));
    }
    text.replace('/', "-").parse::<Date>().ok().map(|day| When::Local(day.to_datetime(Default::default())))
}

/// A value as a date; `None` when it is none. `now` is for the relative form.
pub(super) fn date(
    value: &Value,
    form: Form,
    language: Language,
    zone: &str,
    now: Option<Timestamp>,
) -> Option<String> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let at = match read(value)? {
        When::Moment(moment) => moment.to_zoned(zone.clone()).datetime(),
        When::Local(local) => local,
    };
    let day = at.date();
    let is_chinese = language == Language::Zh;
    let month = MONTHS[(day.month() as usize - 1) % 12];
    let clock = format!("{:02}:{:02}", at.hour(), at.minute());
    let long = match is_chinese {
        true => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        false => format!("{} {month} {}", day.day(), day.year()),
    };
    Some(match form {
        Form::Short if is_chinese => format!("{}/{}/{}", day.year(), day.month(), day.day()),
        Form::Short => format!("{} {} {}", day.day(), &month[..3], day.year()),
        Form::Long => long,
        Form::Weekday => {
            let (zh, en) = WEEKDAYS[day.weekday().to_monday_zero_offset() as usize % 7];
            language.choose(zh, en).to_owned()
        }
        Form::Time => clock,
        Form::Datetime if is_chinese => format!("{long} {clock}"),
        Form::Datetime => format!("{long}, {clock}"),
        Form::Iso => day.to_string(),
        Form::Relative => {
            let now: Zoned = now?.to_zoned(zone);
            relative(days_between(now.date(), day)?, is_chinese)
        }
    })
}

fn days_between(from: Date, to: Date) -> Option<i64> {
    from.until(to).ok().map(|span| i64::from(span.get_days()))
}

/// How far a day is from today.
fn relative(days: i64, is_chinese: bool) -> String {
    let named = match (days, is_chinese) {
        (-2, true) => "前天",
        (-1, true) => "昨天",
        (0, true) => "今天",
        (1, true) => "明天",
        (2, true) => "后天",
        (-1, false) => "yesterday",
        (0, false) => "today",
        (1, false) => "tomorrow",
        _ => "",
    };
    if !named.is_empty() {
        return named.to_owned();
    }
    let far = days.abs();
    let (count, zh, one, other) = match far {
        0..=30 => (far, "天", "day", "days"),
        31..=364 => (far / 30, "个月", "month", "months"),
        _ => (far / 365, "年", "year", "years"),
    };
    let unit = if count == 1 { one } else { other };
    match (days < 0, is_chinese) {
        (true, true) => format!("{count}{zh}前"),
        (false, true) => format!("{count}{zh}后"),
        (true, false) => format!("{count} {unit} ago"),
        (false, false) => format!("in {count} {unit}"),
    }
}
