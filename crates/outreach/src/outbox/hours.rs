//! The clock on the wall: local days, weeks and months, quiet hours and send windows.
//!
//! Everything here is a function of a moment and a time zone. Whether an hour is quiet is asked of what a clock on the wall
//! shows, so where the clocks go forward the skipped hour is nobody's, and where they go back the repeated one counts both
//! times. The next moment at which the answer can change is found among the moments at which the clock shows a limit, and
//! those at which the clocks are changed.

use base::{Code, Problem, Time};
use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime, Weekday},
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MINUTES_OF_A_DAY: u16 = 24 * 60;
/// How many days ahead an allowed hour is looked for: a window of one weekday comes again after seven.
const DAYS_AHEAD: i64 = 9;

/// A time of day, to the minute, such as `08:30`; `24:00` is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct TimeOfDay(u16);

impl TryFrom<String> for TimeOfDay {
    type Error = String;
    fn try_from(text: String) -> Result<TimeOfDay, String> {
        let wrong = || format!("\"{}\" is not a time of day such as 08:30", text.chars().take(20).collect::<String>());
        let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(hour) || !digits(minute) {
            return Err(wrong());
        }
        let (hour, minute): (u16, u16) = (hour.parse().map_err(|_| wrong())?, minute.parse().map_err(|_| wrong())?);
        let minutes = hour * 60 + minute;
        if minute > 59 || minutes > MINUTES_OF_A_DAY {
            return Err(wrong());
        }
        Ok(TimeOfDay(minutes))
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> String {
        format!("{:02}:{:02}", time.0 / 60, time.0 % 60)
    }
}

/// Whose clock is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Whose {
    /// The member's; the workspace's for members of whom no time zone is known.
    #[default]
    Member,
    /// The workspace's.
    Workspace,
}

/// A weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Day {
    fn weekday(self) -> Weekday {
        match self {
            Day::Mon => Weekday::Monday,
            Day::Tue => Weekday::Tuesday,
            Day::Wed => Weekday::Wednesday,
            Day::Thu => Weekday::Thursday,
            Day::Fri => Weekday::Friday,
            Day::Sat => Weekday::Saturday,
            Day::Sun => Weekday::Sunday,
        }
    }
}

/// Hours of some days of the week. When `to` is not later than `from`, they last over midnight and belong to the day on
/// which they begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hours {
    /// On which days, such as `["mon", "tue"]`; every day when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Vec<Day>>,
    /// From this time of day on, such as `09:00`.
    #[schema(value_type = String)]
    pub from: TimeOfDay,
    /// Until before this time of day.
    #[schema(value_type = String)]
    pub to: TimeOfDay,
}

impl Hours {
    /// Every day, between these times.
    pub(crate) fn daily(from: TimeOfDay, to: TimeOfDay) -> Hours {
        Hours { days: None, from, to }
    }

    /// Whether they are hours at all.
    pub(crate) fn check(&self, path: &str) -> Result<(), Problem> {
        let wrong = |field: &str, text: &str| Err(Problem::at(Code::InvalidBody, format!("{path}.{field}"), text));
        if self.from.0 == MINUTES_OF_A_DAY {
            return wrong("from", "is the end of the day, after which nothing begins");
        }
        if self.from == self.to {
            return wrong("to", "is the same time as \"from\"; for the whole day, say 00:00 to 24:00");
        }
        if self.days.as_ref().is_some_and(Vec::is_empty) {
            return wrong("days", "names no day");
        }
        Ok(())
    }

    fn contain(&self, shown: DateTime) -> bool {
        let minute = shown.hour() as u16 * 60 + shown.minute() as u16;
        let on = |date: Option<Date>| {
            let named =
                |days: &Vec<Day>| date.is_some_and(|date| days.iter().any(|day| day.weekday() == date.weekday()));
            self.days.as_ref().is_none_or(named)
        };
        if self.from < self.to {
            return (self.from.0..self.to.0).contains(&minute) && on(Some(shown.date()));
        }
        (minute >= self.from.0 && on(Some(shown.date()))) || (minute < self.to.0 && on(shown.date().yesterday().ok()))
    }
}

/// The clocks by which one message is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Clocks {
    /// Where the member lives.
    pub member: TimeZone,
    /// Where the workspace is.
    pub workspace: TimeZone,
}

impl Clocks {
    pub(crate) fn of(&self, whose: Whose) -> &TimeZone {
        match whose {
            Whose::Member => &self.member,
            Whose::Workspace => &self.workspace,
        }
    }
}

/// Whether the clock of a zone shows one of these hours.
pub(crate) fn shows(zone: &TimeZone, at: Time, hours: &[Hours]) -> bool {
    let shown = zone.to_datetime(at.timestamp());
    hours.iter().any(|hours| hours.contain(shown))
}

/// The first moment after `now` at which `is_open` says yes, of those at which it can begin to: the clock of one of the
/// zones shows a limit of its hours, or is changed. `None` when there is none within a week and a day.
pub(crate) fn next_open(now: Time, limits: &[(&TimeZone, &[Hours])], is_open: impl Fn(Time) -> bool) -> Option<Time> {
    let mut moments: Vec<Timestamp> = Vec::new();
    for (zone, hours) in limits {
        let today = zone.to_datetime(now.timestamp()).date();
        for ahead in -1..=DAYS_AHEAD {
            let Ok(date) = today.checked_add(Span::new().days(ahead)) else { continue };
            for minutes in hours.iter().flat_map(|hours| [hours.from.0, hours.to.0]) {
                moments.extend(moments_of(zone, date, minutes));
            }
        }
        let end = now.plus(std::time::Duration::from_secs(DAYS_AHEAD as u64 * 86_400)).timestamp();
        moments.extend(zone.following(now.timestamp()).map(|change| change.timestamp()).take_while(|at| *at <= end));
    }
    let mut moments: Vec<Time> = moments.into_iter().map(|at| Time::from_millis(at.as_millisecond())).collect();
    moments.retain(|at| *at > now);
    moments.sort_unstable();
    moments.dedup();
    moments.into_iter().find(|at| is_open(*at))
}

/// When the clock shows this time of this day: once, twice or, where the clocks skip it, never.
fn moments_of(zone: &TimeZone, date: Date, minutes: u16) -> Vec<Timestamp> {
    let (date, minutes) = match minutes {
        MINUTES_OF_A_DAY => match date.tomorrow() {
            Ok(tomorrow) => (tomorrow, 0),
            Err(_) => return Vec::new(),
        },
        minutes => (date, minutes),
    };
    let shown = date.at((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
    let offsets = match zone.to_ambiguous_timestamp(shown).offset() {
        AmbiguousOffset::Unambiguous { offset } => vec![offset],
        AmbiguousOffset::Fold { before, after } => vec![before, after],
        AmbiguousOffset::Gap { .. } => Vec::new(),
    };
    offsets.into_iter().filter_map(|offset| offset.to_timestamp(shown).ok()).collect()
}

/// A unit of the calendar, by the member's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Per {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday, as ISO 8601 has it.
    Week,
    /// From the first to the last.
    Month,
}

/// From `start` until before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalPeriod {
    pub start: Time,
    pub end: Time,
}

/// The day, week or month of this moment in a zone.
pub(crate) fn local_period(per: Per, at: Time, zone: &TimeZone) -> LocalPeriod {
    let date = zone.to_datetime(at.timestamp()).date();
    let bounds = || -> Result<(Date, Date), jiff::Error> {
        let (first, length) = match per {
            Per::Day => (date, Span::new().days(1)),
            Per::Week => {
                let since_monday = date.weekday().to_monday_zero_offset();
                (date.checked_sub(Span::new().days(since_monday))?, Span::new().days(7))
            }
            Per::Month => (date.first_of_month(), Span::new().months(1)),
        };
        Ok((first, first.checked_add(length)?))
    };
    let begins = |date: Date| -> Option<Time> {
        // Where midnight is skipped, the day begins when the clocks have been changed.
        let start = zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().ok()?;
        Some(Time::from_millis(start.as_millisecond()))
    };
    let known = bounds().ok().and_then(|(first, next)| Some((begins(first)?, begins(next)?)));
    // Beyond the calendar's ends there is nothing to be counted.
    let (start, end) = known.unwrap_or((at, Time::MAX));
    LocalPeriod { start, end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn hours(from: &str, to: &str) -> Hours {
        Hours::daily(from.to_owned().try_into().unwrap(), to.to_owned().try_into().unwrap())
    }

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn end_of_quiet(name: &str, now: &str, from: &str, to: &str) -> String {
        let (zone, quiet) = (zone(name), [hours(from, to)]);
        next_open(at(now), &[(&zone, &quiet)], |at| !shows(&zone, at, &quiet)).unwrap().to_string()
    }

    #[test]
    fn quiet_hours_end_by_the_clock_on_the_wall_when_the_clocks_change() {
        let night = |now| end_of_quiet("Europe/Berlin", now, "22:00", "08:00");
        assert_eq!(night("2026-03-28T23:00:00Z"), "2026-03-29T06:00:00.000Z", "in spring the night is an hour shorter");
        assert_eq!(night("2026-10-24T23:00:00Z"), "2026-10-25T07:00:00.000Z", "in autumn it is an hour longer");
        // A limit that the clocks skip is passed when they are changed.
        assert_eq!(end_of_quiet("Europe/Berlin", "2026-03-28T23:00:00Z", "22:00", "02:30"), "2026-03-29T01:00:00.000Z");
        // In the repeated hour a quiet time comes twice.
        let second = end_of_quiet("Europe/Berlin", "2026-10-25T01:10:00Z", "02:00", "02:30");
        assert_eq!(second, "2026-10-25T01:30:00.000Z");
    }

    #[test]
    fn days_of_kiritimati_and_honolulu_are_their_own() {
        let now = at("2026-09-21T10:30:00Z");
        let day = |name: &str| local_period(Per::Day, now, &zone(name));
        assert_eq!(day("Pacific/Kiritimati").start.to_string(), "2026-09-21T10:00:00.000Z");
        assert_eq!(day("Pacific/Kiritimati").end.to_string(), "2026-09-22T10:00:00.000Z");
        assert_eq!(day("Pacific/Honolulu").start.to_string(), "2026-09-21T10:00:00.000Z");
        assert_eq!(zone("Pacific/Kiritimati").to_datetime(now.timestamp()).date().to_string(), "2026-09-22");
        assert_eq!(zone("Pacific/Honolulu").to_datetime(now.timestamp()).date().to_string(), "2026-09-21");
        let month = local_period(Per::Month, at("2026-09-30T10:30:00Z"), &zone("Pacific/Kiritimati"));
        assert_eq!(month.start.to_string(), "2026-09-30T10:00:00.000Z", "there it is October already");
        let week = local_period(Per::Week, at("2026-09-20T10:30:00Z"), &zone("Pacific/Kiritimati"));
        assert_eq!(week.start.to_string(), "2026-09-20T10:00:00.000Z", "there it is Monday already");
    }

    #[test]
    fn a_day_on_which_the_clocks_change_is_shorter_or_longer() {
        let length = |now: &str, name: &str| {
            let day = local_period(Per::Day, at(now), &zone(name));
            (day.end - day.start) / 3_600_000
        };
        assert_eq!(length("2026-03-29T12:00:00Z", "Europe/Berlin"), 23);
        assert_eq!(length("2026-10-25T12:00:00Z", "Europe/Berlin"), 25);
        assert_eq!(length("2026-09-06T12:00:00Z", "America/Santiago"), 23, "midnight itself is skipped there");
    }

    #[test]
    fn a_time_of_day_is_read_strictly() {
        for text in ["8:00", "24:01", "08:60", "0800", "", "ab:cd", "-1:00", "08:00:00"] {
            assert!(TimeOfDay::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert_eq!(String::from(TimeOfDay::try_from("24:00".to_owned()).unwrap()), "24:00");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
        /// Beside it, a watch that is looked at every minute.
        #[test]
        fn the_next_allowed_minute_is_the_one_that_a_watch_shows(
            name in prop::sample::select(vec!["Europe/Berlin", "America/Santiago", "Pacific/Kiritimati", "Australia/Lord_Howe", "Asia/Shanghai"]),
            day in prop::sample::select(vec!["2026-03-28T00:00:00Z", "2026-10-24T00:00:00Z", "2026-09-05T00:00:00Z", "2026-04-04T00:00:00Z"]),
            minute in 0u64..2_880,
            from in 0u16..1_440,
            to in 0u16..=1_440,
            only in prop::option::of(prop::sample::subsequence(vec![Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun], 1..4)),
        ) {
            prop_assume!(from != to);
            let zone = zone(name);
            let hours = [Hours { days: only, from: TimeOfDay(from), to: TimeOfDay(to) }];
            let now = at(day).plus(std::time::Duration::from_secs(minute * 60));
            for wanted in [true, false] {
                let is_open = |at: Time| shows(&zone, at, &hours) == wanted;
                if is_open(now) { continue }
                let watched = (1..9 * 1_440u64)
                    .map(|minutes| now.plus(std::time::Duration::from_secs(minutes * 60)))
                    .find(|at| is_open(*at));
                prop_assert_eq!(next_open(now, &[(&zone, &hours)], is_open), watched);
            }
        }
    }
}
