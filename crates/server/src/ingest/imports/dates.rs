//! Dates as spreadsheets, databases and people write them.

use std::{fmt, str::FromStr};

use base::Time;
use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How a column writes dates. A time of day may follow all but the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateFormat {
    /// `2006-01-02`, also with an offset from UTC.
    Iso,
    /// `2006/1/2`.
    YearSlash,
    /// `2006.1.2`.
    YearDot,
    /// `20060102`.
    Digits,
    /// `2006年1月2日`.
    Chinese,
    /// `2.1.2006`.
    DayDot,
    /// `2/1/2006`, the day first.
    DaySlash,
    /// `1/2/2006`, the month first.
    MonthSlash,
    /// `2-1-2006`, the day first.
    DayDash,
    /// `1-2-2006`, the month first.
    MonthDash,
    /// Days since 1899-12-30, as spreadsheets count.
    Serial,
    /// Seconds since 1970.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMillis,
}

/// A point of the calendar or of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// A day.
    Date(civil::Date),
    /// A day and a time of day, in a zone that is not said.
    Civil(civil::DateTime),
    /// A moment.
    Exact(Time),
}

/// Serial numbers from 1950 to 2100; smaller and larger ones are more likely something else.
const SERIALS: std::ops::Range<f64> = 18_264.0..73_051.0;
/// Seconds from 2001 to 2100.
const SECONDS: std::ops::Range<i64> = 978_307_200..4_102_444_800;

impl DateFormat {
    /// All there are. Of those that read the same texts the first is the likelier one.
    pub const ALL: [DateFormat; 13] = [
        DateFormat::Iso,
        DateFormat::YearSlash,
        DateFormat::YearDot,
        DateFormat::Chinese,
        DateFormat::Digits,
        DateFormat::DayDot,
        DateFormat::DaySlash,
        DateFormat::MonthSlash,
        DateFormat::DayDash,
        DateFormat::MonthDash,
        DateFormat::UnixSeconds,
        DateFormat::UnixMillis,
        DateFormat::Serial,
    ];

    /// The word in mappings.
    pub fn word(self) -> &'static str {
        match self {
            DateFormat::Iso => "y-m-d",
            DateFormat::YearSlash => "y/m/d",
            DateFormat::YearDot => "y.m.d",
            DateFormat::Digits => "yyyymmdd",
            DateFormat::Chinese => "y年m月d日",
            DateFormat::DayDot => "d.m.y",
            DateFormat::DaySlash => "d/m/y",
            DateFormat::MonthSlash => "m/d/y",
            DateFormat::DayDash => "d-m-y",
            DateFormat::MonthDash => "m-d-y",
            DateFormat::Serial => "excel",
            DateFormat::UnixSeconds => "unix",
            DateFormat::UnixMillis => "unix_ms",
        }
    }

    /// Whether it is written as a plain number, so that a column of numbers may be meant, too.
    pub fn is_number(self) -> bool {
        matches!(self, DateFormat::Serial | DateFormat::UnixSeconds | DateFormat::UnixMillis | DateFormat::Digits)
    }

    /// The format that differs only in which of two numbers is the month.
    pub fn twin(self) -> Option<DateFormat> {
        match self {
            DateFormat::DaySlash => Some(DateFormat::MonthSlash),
            DateFormat::MonthSlash => Some(DateFormat::DaySlash),
            DateFormat::DayDash => Some(DateFormat::MonthDash),
            DateFormat::MonthDash => Some(DateFormat::DayDash),
            _ => None,
        }
    }

    /// Reads a text; `None` when it does not have this form, or the calendar has no such day.
    pub fn read(self, text: &str) -> Option<Moment> {
        let text = text.trim();
        match self {
            DateFormat::Serial => read_serial(text),
            DateFormat::UnixSeconds => text.parse().ok().filter(|s| SECONDS.contains(s)).map(|s: i64| exact(s * 1_000)),
            DateFormat::UnixMillis => {
                text.parse().ok().filter(|ms| SECONDS.contains(&(ms / 1_000))).map(|ms: i64| exact(ms))
            }
            DateFormat::Iso => read_iso(text),
            DateFormat::Digits => {
                let is_date = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
                let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
                if !is_date {
                    return None;
                }
                let date = day(part(0..4)?, part(4..6)?, part(6..8)?)?;
                (1900..=2100).contains(&date.year()).then_some(Moment::Date(date))
            }
            DateFormat::Chinese => {
                let (year, rest) = number_before(text, "年")?;
                let (month, rest) = number_before(rest, "月")?;
                let (of_month, rest) = number_before(rest, "日").or_else(|| number_before(rest, "号"))?;
                at_time(day(year, month, of_month)?, rest)
            }
            DateFormat::YearSlash => read_parts(text, '/').and_then(|([y, m, d], rest)| at_time(day(y, m, d)?, rest)),
            DateFormat::YearDot => read_parts(text, '.').and_then(|([y, m, d], rest)| at_time(day(y, m, d)?, rest)),
            DateFormat::DayDot => read_parts(text, '.').and_then(|([d, m, y], rest)| at_time(day(y, m, d)?, rest)),
            DateFormat::DaySlash => read_parts(text, '/').and_then(|([d, m, y], rest)| at_time(day(y, m, d)?, rest)),
            DateFormat::MonthSlash => read_parts(text, '/').and_then(|([m, d, y], rest)| at_time(day(y, m, d)?, rest)),
            DateFormat::DayDash => read_parts(text, '-').and_then(|([d, m, y], rest)| at_time(day(y, m, d)?, rest)),
            DateFormat::MonthDash => read_parts(text, '-').and_then(|([m, d, y], rest)| at_time(day(y, m, d)?, rest)),
        }
    }
}

impl Moment {
    /// The moment, for civil times in this zone.
    pub fn in_zone(self, zone: &TimeZone) -> Option<Time> {
        let civil = match self {
            Moment::Exact(time) => return Some(time),
            Moment::Date(date) => date.at(0, 0, 0, 0),
            Moment::Civil(civil) => civil,
        };
        let zoned = civil.to_zoned(zone.clone()).ok()?;
        Some(Time::from_millis(zoned.timestamp().as_millisecond()))
    }
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Not the word of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is none of y-m-d, y/m/d, y.m.d, yyyymmdd, y年m月d日, d.m.y, d/m/y, m/d/y, d-m-y, m-d-y, excel, unix and unix_ms"
)]
pub struct UnknownDateFormat;

impl FromStr for DateFormat {
    type Err = UnknownDateFormat;
    fn from_str(word: &str) -> Result<Self, UnknownDateFormat> {
        DateFormat::ALL.into_iter().find(|format| format.word() == word).ok_or(UnknownDateFormat)
    }
}

impl Serialize for DateFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for DateFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// What a day with this serial number of a spreadsheet is, and the time of day from its fraction.
pub fn from_serial(serial: f64) -> Option<Moment> {
    let days = serial.floor();
    let millis = ((serial - days) * 86_400_000.0).round() as i64;
    let start = civil::date(1899, 12, 30);
    let date = start.checked_add(jiff::Span::new().try_days(days as i64).ok()?).ok()?;
    if millis == 0 {
        return Some(Moment::Date(date));
    }
    date.at(0, 0, 0, 0).checked_add(jiff::Span::new().milliseconds(millis)).ok().map(Moment::Civil)
}

fn read_serial(text: &str) -> Option<Moment> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let serial: f64 = text.parse().ok().filter(|serial| is_plain && SERIALS.contains(serial))?;
    from_serial(serial)
}

fn exact(millis: i64) -> Moment {
    Moment::Exact(Time::from_millis(millis))
}

fn read_iso(text: &str) -> Option<Moment> {
    // Years of four digits only, so that `1-2-2006` is none.
    if text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(exact(timestamp.as_millisecond()));
    }
    if let Some(([y, m, d], rest)) = read_parts(text, '-') {
        return at_time(day(y, m, d)?, rest);
    }
    None
}

/// Three numbers between separators, and what follows.
fn read_parts(text: &str, separator: char) -> Option<([i16; 3], &str)> {
    let (first, rest) = text.split_once(separator)?;
    let (second, rest) = rest.split_once(separator)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some(([number(first)?, number(second)?, number(&rest[..end])?], &rest[end..]))
}

fn number_before<'t>(text: &'t str, mark: &str) -> Option<(i16, &'t str)> {
    let (digits, rest) = text.split_once(mark)?;
    Some((number(digits.trim())?, rest))
}

fn number(digits: &str) -> Option<i16> {
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// A year has four digits: with two, nobody could tell the century.
fn day(year: i16, month: i16, day: i16) -> Option<civil::Date> {
    if !(1000..=9999).contains(&year) {
        return None;
    }
    civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A day with what stands behind it: nothing, or a time of day.
fn at_time(date: civil::Date, rest: &str) -> Option<Moment> {
    let rest = rest.strip_prefix('T').unwrap_or(rest).trim();
    if rest.is_empty() {
        return Some(Moment::Date(date));
    }
    let upper = rest.to_ascii_uppercase();
    let (clock, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(clock), _) => (clock.trim(), Some(0)),
        (_, Some(clock)) => (clock.trim(), Some(12)),
        _ => (upper.as_str(), None),
    };
    let mut parts = clock.splitn(3, ':');
    let mut hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let seconds = parts.next().unwrap_or("0");
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + half;
    }
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || fraction.len() > 9 {
        return None;
    }
    let nanos: i32 = format!("{fraction:0<9}").parse().ok()?;
    let time = civil::Time::new(hour, minute, second.parse().ok()?, nanos).ok()?;
    Some(Moment::Civil(date.to_datetime(time)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_write_a_day_is_read_as_that_day() {
        let day = Moment::Date(civil::date(2006, 1, 2));
        let written = [
            (DateFormat::Iso, "2006-01-02"),
            (DateFormat::Iso, "2006-1-2"),
            (DateFormat::YearSlash, "2006/1/2"),
            (DateFormat::YearDot, "2006.01.02"),
            (DateFormat::Digits, "20060102"),
            (DateFormat::Chinese, "2006年1月2日"),
            (DateFormat::Chinese, "2006年01月02号"),
            (DateFormat::DayDot, "2.1.2006"),
            (DateFormat::DaySlash, "02/01/2006"),
            (DateFormat::MonthSlash, "1/2/2006"),
            (DateFormat::DayDash, "2-1-2006"),
            (DateFormat::MonthDash, "01-02-2006"),
            (DateFormat::Serial, "38719"),
        ];
        for (format, text) in written {
            assert_eq!(format.read(text), Some(day), "{format} {text}");
            assert_eq!(format.word().parse(), Ok(format));
        }
        assert_eq!(DateFormat::UnixSeconds.read("1136160000"), Some(exact(1_136_160_000_000)));
        assert_eq!(DateFormat::UnixMillis.read("1136160000000"), Some(exact(1_136_160_000_000)));
        assert_eq!(DateFormat::Iso.read("2006-01-02T03:04:05+08:00"), Some(exact(1_136_142_245_000)));
    }

    #[test]
    fn a_time_of_day_may_follow() {
        let expected = Some(Moment::Civil(civil::date(2006, 1, 2).at(15, 4, 5, 0)));
        for (format, text) in [
            (DateFormat::YearSlash, "2006/1/2 15:04:05"),
            (DateFormat::Iso, "2006-01-02T15:04:05"),
            (DateFormat::MonthSlash, "1/2/2006 3:04:05 PM"),
            (DateFormat::Chinese, "2006年1月2日 15:04:05"),
            (DateFormat::Chinese, "2006年1月2日15:04:05.000"),
        ] {
            assert_eq!(format.read(text), expected, "{text}");
        }
        assert_eq!(DateFormat::Serial.read("38719.5"), Some(Moment::Civil(civil::date(2006, 1, 2).at(12, 0, 0, 0))));
    }

    #[test]
    fn what_is_no_date_is_not_made_one() {
        for format in DateFormat::ALL {
            for text in [
                "",
                "x",
                "2006",
                "31/31/2006",
                "2006-02-30",
                "2006/13/1",
                "1/2/06",
                "20061301",
                "年月日",
                "7",
                "-5",
                "1e5",
                "NaN",
            ] {
                assert_eq!(format.read(text), None, "{format} {text}");
            }
        }
        assert_eq!(DateFormat::Iso.read("2006-01-02 25:00"), None);
        assert_eq!(DateFormat::MonthSlash.read("1/2/2006 13:00 PM"), None);
    }
}
