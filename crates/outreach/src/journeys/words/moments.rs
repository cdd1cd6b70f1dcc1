//! Times, lengths of time and shares in words.

use base::Time;
use jiff::{Span, Zoned, civil::Weekday, tz::TimeZone};

use super::Words;

const DAYS: [(&str, &str, &str); 7] = [
    ("mon", "Mon", "周一"),
    ("tue", "Tue", "周二"),
    ("wed", "Wed", "周三"),
    ("thu", "Thu", "周四"),
    ("fri", "Fri", "周五"),
    ("sat", "Sat", "周六"),
    ("sun", "Sun", "周日"),
];

/// A moment on the wall clock of a zone, to the minute: `Thu 26 Mar 2026, 11:00`.
pub(in super::super) fn moment(at: Time, zone: &TimeZone) -> Words {
    let local: Zoned = at.timestamp().to_zoned(zone.clone());
    let (_, en, zh) = DAYS[place_of(local.weekday())];
    let clock = local.strftime("%H:%M");
    Words::new(
        format!("{en} {} {}, {clock}", local.day(), local.strftime("%b %Y")),
        format!("{}年{}月{}日（{zh}）{clock}", local.year(), local.month(), local.day()),
    )
}

fn place_of(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or(0) % DAYS.len()
}

/// A text that may be a time: then that moment, else the text itself.
pub(super) fn moment_of(text: &str, zone: &TimeZone) -> Words {
    text.parse::<Time>().map_or_else(|_| Words::same(text), |at| moment(at, zone))
}

/// A day of the week by its three letters.
pub(super) fn weekday(word: &str) -> Words {
    let known = DAYS.iter().find(|(letters, _, _)| *letters == word);
    known.map_or_else(|| Words::same(word), |(_, en, zh)| Words::new(*en, *zh))
}

/// An ISO 8601 length of time: `P3D` as "3 days" and “3 天”. A text that is none is shown as it is.
pub(super) fn period(text: &str) -> Words {
    let Ok(span) = text.trim_start_matches('-').parse::<Span>() else { return Words::same(text) };
    let parts = [
        (i64::from(span.get_years()), "year", "年"),
        (i64::from(span.get_months()), "month", "个月"),
        (i64::from(span.get_weeks()), "week", "周"),
        (i64::from(span.get_days()), "day", "天"),
        (i64::from(span.get_hours()), "hour", "小时"),
        (span.get_minutes(), "minute", "分钟"),
        (span.get_seconds(), "second", "秒"),
    ];
    let spelt: Vec<Words> = parts
        .iter()
        .filter(|(number, _, _)| *number != 0)
        .map(|(number, en, zh)| {
            let plural = if *number == 1 { "" } else { "s" };
            Words::new(format!("{number} {en}{plural}"), format!("{number} {zh}"))
        })
        .collect();
    if spelt.is_empty() { Words::same(text) } else { Words::list(&spelt, " ", " ") }
}

/// How far from a date: `-P7D` as "7 days before".
pub(super) fn offset(text: &str) -> Words {
    let length = period(text);
    match text.starts_with('-') {
        true => Words::new(format!("{} before", length.en), format!("提前 {}", length.zh)),
        false => Words::new(format!("{} after", length.en), format!("推后 {}", length.zh)),
    }
}

/// A share of one in percent, with no more places than it has.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
