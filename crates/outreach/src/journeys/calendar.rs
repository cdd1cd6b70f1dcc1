//! Clocks and calendars of members: when a time of the day comes, what date a trait names, which day a schedule means.
//!
//! A time that the clocks skip is the first moment after the gap; one that they show twice is the first of the two.

use base::{Period, Time};
use jiff::{
    Span, Timestamp, civil,
    tz::{AmbiguousOffset, TimeZone},
};
use serde_json::Value;

use super::document::{DateEntry, Schedule, ScheduleDays};

/// How far ahead the next day of a schedule or of a window is looked for, in days.
const DAYS_AHEAD: usize = 800;

/// A period, ahead or back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// How long.
    pub period: Period,
    /// Whether it leads back.
    pub back: bool,
}

impl Shift {
    /// Reads `P3D` or `-P7D`.
    pub(super) fn parse(text: &str) -> Option<Shift> {
        let (back, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        Some(Shift { period: text.parse().ok()?, back })
    }

    fn apply(&self, moment: civil::DateTime) -> Option<civil::DateTime> {
        let span: Span = self.period.to_string().parse().ok()?;
        if self.back { moment.checked_sub(span).ok() } else { moment.checked_add(span).ok() }
    }
}

/// A time of some days of the week.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The days on which it opens; all when empty.
    pub days: Vec<civil::Weekday>,
    /// When it opens.
    pub from: civil::Time,
    /// When it closes, on the next day when that is not after `from`; midnight is the end of the day.
    pub to: civil::Time,
}

impl Window {
    /// The first moment within the window that is not before `now`.
    pub(super) fn next(&self, now: Time, zone: &TimeZone) -> Option<Time> {
        // Yesterday's window may still be open.
        let mut day = local_date(now, zone).yesterday().ok()?;
        for _ in 0..DAYS_AHEAD {
            if self.days.is_empty() || self.days.contains(&day.weekday()) {
                let last_day = if self.to > self.from { day } else { day.tomorrow().ok()? };
                let (opens, closes) =
                    (moment_of(day.to_datetime(self.from), zone)?, moment_of(last_day.to_datetime(self.to), zone)?);
                if now < closes && opens < closes {
                    return Some(opens.max(now));
                }
            }
            day = day.tomorrow().ok()?;
        }
        None
    }
}

/// The moment at which the clocks of a zone show a time.
pub(super) fn moment_of(shown: civil::DateTime, zone: &TimeZone) -> Option<Time> {
    let at = match zone.to_ambiguous_timestamp(shown).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(shown).ok()?,
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(shown).ok()?,
        AmbiguousOffset::Gap { before, .. } => {
            // A transition at this very moment precedes the next nanosecond.
            let next = before.to_timestamp(shown).ok()?.checked_add(Span::new().nanoseconds(1)).ok()?;
            zone.preceding(next).next()?.timestamp()
        }
    };
    Some(Time::from_millis(at.as_millisecond()))
}

/// What the calendar of a zone shows.
pub(super) fn local_date(moment: Time, zone: &TimeZone) -> civil::Date {
    zone.to_datetime(moment.timestamp()).date()
}

/// A date that somebody gave: a birthday perhaps without its year, a day, or a day with a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Given {
    year: Option<i16>,
    month: i8,
    day: i8,
    clock: Option<civil::Time>,
}

impl Given {
    /// Reads a date as people and shops write it: `1990-02-29`, `02-29`, `--02-29`, `1990/2/29`, `19900229`,
    /// `1990年2月29日`, an RFC 3339 time, seconds or milliseconds since 1970. A moment is a date on the member's calendar.
    pub(super) fn read(value: &Value, zone: &TimeZone) -> Option<Given> {
        match value {
            Value::Number(number) => {
                let number = number.as_f64()?;
                // As milliseconds, this is a day in 1973; as seconds, one in the year 5138.
                let millis = if number.abs() < 1e11 { number * 1_000.0 } else { number };
                Some(Given::of_moment(Time::from_millis(millis as i64), zone))
            }
            Value::String(text) => Given::read_text(text.trim(), zone),
            _ => None,
        }
    }

    fn of_moment(moment: Time, zone: &TimeZone) -> Given {
        let shown = zone.to_datetime(moment.timestamp());
        Given { year: Some(shown.year()), month: shown.month(), day: shown.day(), clock: Some(shown.time()) }
    }

    fn read_text(text: &str, zone: &TimeZone) -> Option<Given> {
        if text.len() > 64 {
            return None;
        }
        let is_long = text.contains([':', 'T']);
        if is_long && let Ok(moment) = text.parse::<Timestamp>() {
            return Some(Given::of_moment(Time::from_millis(moment.as_millisecond()), zone));
        }
        if is_long && let Ok(shown) = text.parse::<civil::DateTime>() {
            return Some(Given {
                year: Some(shown.year()),
                month: shown.month(),
                day: shown.day(),
                clock: Some(shown.time()),
            });
        }
        let plain = text.strip_prefix("--").unwrap_or(text).trim_end_matches('日');
        let parts: Vec<&str> = plain.split(['-', '/', '.', '年', '月']).map(str::trim).collect();
        let (year, month, day) = match parts[..] {
            [all] if all.len() == 8 && all.is_ascii() => (Some(&all[..4]), &all[4..6], &all[6..]),
            [year, month, day] if year.len() == 4 => (Some(year), month, day),
            [month, day] => (None, month, day),
            _ => return None,
        };
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i16>().ok()).flatten();
        let year = match year {
            Some(year) => Some(number(year).filter(|year| *year > 0)?),
            None => None,
        };
        let (month, day) = (i8::try_from(number(month)?).ok()?, i8::try_from(number(day)?).ok()?);
        // A day of a leap year, whatever the year: people know their birthday better than their year of birth.
        civil::Date::new(2000, month, day).ok()?;
        Some(Given { year, month, day, clock: None })
    }

    /// The day in a year; the 29th of February is the 28th in years without one.
    fn in_year(&self, year: i16) -> Option<civil::Date> {
        civil::Date::new(year, self.month, self.day).or_else(|_| civil::Date::new(year, self.month, self.day - 1)).ok()
    }

    /// The moment of the only such day, on the clocks of `zone`. None of a date without a year.
    pub(super) fn moment(&self, offset: Option<&Shift>, at: Option<civil::Time>, zone: &TimeZone) -> Option<Time> {
        let shown = self.in_year(self.year?)?.to_datetime(at.or(self.clock).unwrap_or(civil::Time::midnight()));
        let shifted = offset.map_or(Some(shown), |offset| offset.apply(shown))?;
        moment_of(shifted, zone)
    }
}

/// A moment at which a member is to enter, and what it is called: the same name is the same occasion.
pub(super) type Occasion = (Time, String);

impl DateEntry {
    /// The next occasion of a date, not before `from`, that was not used.
    pub(super) fn next(
        &self,
        value: &Value,
        from: Time,
        zone: &TimeZone,
        is_used: impl Fn(&str) -> bool,
    ) -> Option<Occasion> {
        // Whoever sends a day as a time sends midnight, wherever that is; a birthday is that day everywhere.
        let is_midnight = |text: &&str| text.get(10..).is_some_and(|clock| clock.starts_with("T00:00:00"));
        let written = value.as_str().map(str::trim).filter(|_| self.every_year).filter(is_midnight);
        let given = match written.and_then(|text| Given::read_text(text.get(..10)?, zone)) {
            Some(day) => day,
            None => Given::read(value, zone)?,
        };
        if !self.every_year {
            let day = given.in_year(given.year?)?;
            let moment = given.moment(self.offset.as_ref(), self.at, zone)?;
            // A moment is the same occasion on whatever calendar.
            let text = || value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
            let name = given.clock.map_or_else(|| day.to_string(), |_| text());
            return (moment >= from && !is_used(&name)).then_some((moment, name));
        }
        let this_year = local_date(from, zone).year();
        (this_year - 2..=this_year + 10).find_map(|year| {
            let day = given.in_year(year)?;
            let shown = day.to_datetime(self.at.unwrap_or(civil::Time::midnight()));
            let shifted = self.offset.as_ref().map_or(Some(shown), |offset| offset.apply(shown))?;
            let moment = moment_of(shifted, zone)?;
            let name = day.to_string();
            (moment >= from && !is_used(&name)).then_some((moment, name))
        })
    }
}

impl Schedule {
    /// The next occasion, not before `from` and on a later day than `last` was.
    pub(super) fn next(&self, from: Time, last: Option<&str>, zone: &TimeZone) -> Option<Occasion> {
        let last: Option<civil::Date> = last.and_then(|day| day.parse().ok());
        let mut day = local_date(from, zone).yesterday().ok()?;
        for _ in 0..DAYS_AHEAD {
            if self.days.contain(day) && last.is_none_or(|last| day > last) {
                let moment = moment_of(day.to_datetime(self.at), zone)?;
                if moment >= from {
                    return Some((moment, day.to_string()));
                }
            }
            day = day.tomorrow().ok()?;
        }
        None
    }
}

impl ScheduleDays {
    fn contain(&self, day: civil::Date) -> bool {
        match self {
            ScheduleDays::Daily => true,
            ScheduleDays::Weekly(days) => days.contains(&day.weekday()),
            ScheduleDays::Monthly(days) => {
                let length = day.days_in_month();
                days.iter().any(|on| day.day() == if *on > 0 { (*on).min(length) } else { (length + 1 + *on).max(1) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn clock(text: &str) -> civil::Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_skipped_time_is_the_moment_after_the_gap_and_a_doubled_one_the_first() {
        let shown = |text: &str, name: &str| moment_of(text.parse().unwrap(), &zone(name)).unwrap().to_string();
        assert_eq!(shown("2026-03-29T02:30:00", "Europe/Berlin"), "2026-03-29T01:00:00.000Z");
        assert_eq!(shown("2026-03-29T02:00:00", "Europe/Berlin"), "2026-03-29T01:00:00.000Z");
        assert_eq!(shown("2026-03-29T03:00:00", "Europe/Berlin"), "2026-03-29T01:00:00.000Z");
        assert_eq!(shown("2026-10-25T02:30:00", "Europe/Berlin"), "2026-10-25T00:30:00.000Z");
        assert_eq!(shown("2026-10-25T09:00:00", "Pacific/Kiritimati"), "2026-10-24T19:00:00.000Z");
        assert_eq!(shown("2026-10-25T09:00:00", "Pacific/Honolulu"), "2026-10-25T19:00:00.000Z");
        // Samoa went from the 29th to the 31st of December.
        assert_eq!(shown("2011-12-30T09:00:00", "Pacific/Apia"), "2011-12-30T10:00:00.000Z");
    }

    #[test]
    fn birthdays_are_read_as_people_have_them() {
        let utc = TimeZone::UTC;
        for text in ["1990-02-29", "02-29", "--02-29", "1990/2/29", "2/29", "19900229", "1990年2月29日", " 1990.2.29 "]
        {
            let given = Given::read(&json!(text), &utc).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((given.month, given.day), (2, 29), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "1990-13-01",
            "1990-02-30",
            "90-1-1",
            "1990-02",
            "1990-02-29-01",
            "２/29",
            "12345678901234567890",
        ] {
            assert_eq!(Given::read(&json!(text), &utc), None, "{text}");
        }
        let given = Given::read(&json!("2026-05-01T16:00:00Z"), &zone("Asia/Shanghai")).unwrap();
        assert_eq!((given.month, given.day), (5, 2));
        assert_eq!(Given::read(&json!(1_777_651_200), &utc), Given::read(&json!(1_777_651_200_000i64), &utc));
        assert_eq!(Given::read(&json!(true), &utc), None);
    }

    fn birthday(offset: Option<&str>, at: Option<&str>) -> DateEntry {
        DateEntry {
            name: "birthday".to_owned(),
            every_year: true,
            offset: offset.and_then(Shift::parse),
            at: at.map(clock),
        }
    }

    #[test]
    fn the_29th_of_february_is_the_28th_in_other_years() {
        let berlin = zone("Europe/Berlin");
        let next = |from: &str| {
            birthday(None, Some("09:00")).next(&json!("2000-02-29"), time(from), &berlin, |_| false).unwrap()
        };
        assert_eq!(next("2027-01-01T00:00:00Z"), (time("2027-02-28T08:00:00Z"), "2027-02-28".to_owned()));
        assert_eq!(next("2028-01-01T00:00:00Z"), (time("2028-02-29T08:00:00Z"), "2028-02-29".to_owned()));
        assert_eq!(next("2027-02-28T08:00:00.001Z").1, "2028-02-29");
    }

    #[test]
    fn a_lead_reaches_over_the_new_year_and_a_used_day_is_passed_over() {
        let utc = TimeZone::UTC;
        let next = |from: &str, used: &str| {
            birthday(Some("-P7D"), None).next(&json!("01-03"), time(from), &utc, |name| name == used).unwrap()
        };
        assert_eq!(next("2026-12-01T00:00:00Z", ""), (time("2026-12-27T00:00:00Z"), "2027-01-03".to_owned()));
        assert_eq!(next("2026-12-01T00:00:00Z", "2027-01-03").1, "2028-01-03");
        let midnight = json!("1990-03-01T00:00:00Z");
        let day =
            birthday(None, None).next(&midnight, time("2027-01-01T00:00:00Z"), &zone("Pacific/Honolulu"), |_| false);
        assert_eq!(day.unwrap().1, "2027-03-01", "midnight is how a day is sent");
        // Not everything that a trait may hold has a tenth byte at which a letter begins.
        assert_eq!(birthday(None, None).next(&json!("一月十二日的时候"), Time::EPOCH, &utc, |_| false), None);
    }

    #[test]
    fn a_window_opens_on_its_days_and_may_last_over_midnight() {
        let berlin = zone("Europe/Berlin");
        let office = Window { days: vec![civil::Weekday::Monday], from: clock("09:00"), to: clock("18:00") };
        // 2026-03-30 is a Monday, the day after the clocks went forward.
        assert_eq!(office.next(time("2026-03-27T10:00:00Z"), &berlin), Some(time("2026-03-30T07:00:00Z")));
        assert_eq!(office.next(time("2026-03-30T15:59:59.999Z"), &berlin), Some(time("2026-03-30T15:59:59.999Z")));
        assert_eq!(office.next(time("2026-03-30T16:00:00Z"), &berlin), Some(time("2026-04-06T07:00:00Z")));
        let night = Window { days: vec![], from: clock("22:00"), to: clock("06:00") };
        assert_eq!(night.next(time("2026-03-30T01:00:00Z"), &berlin), Some(time("2026-03-30T01:00:00Z")));
        assert_eq!(night.next(time("2026-03-30T04:00:00Z"), &berlin), Some(time("2026-03-30T20:00:00Z")));
        let day = Window { days: vec![], from: clock("09:00"), to: clock("00:00") };
        assert_eq!(day.next(time("2026-03-30T21:59:00Z"), &berlin), Some(time("2026-03-30T21:59:00Z")));
    }

    #[test]
    fn a_month_has_its_last_day_and_no_day_twice_for_one_who_travels() {
        let schedule = |on: Vec<i8>| Schedule {
            days: ScheduleDays::Monthly(on),
            at: clock("09:00"),
            of_workspace: false,
            segment: None,
        };
        let utc = TimeZone::UTC;
        assert_eq!(schedule(vec![-1]).next(time("2027-02-10T00:00:00Z"), None, &utc).unwrap().1, "2027-02-28");
        assert_eq!(schedule(vec![31]).next(time("2027-04-01T00:00:00Z"), None, &utc).unwrap().1, "2027-04-30");
        assert_eq!(schedule(vec![1, 15]).next(time("2027-04-01T09:00:00Z"), None, &utc).unwrap().1, "2027-04-01");
        assert_eq!(schedule(vec![1, 15]).next(time("2027-04-01T09:00:00.001Z"), None, &utc).unwrap().1, "2027-04-15");
        // Nine o'clock comes again to one who flies from Kiritimati to Honolulu, a day later by the calendar.
        let daily = Schedule { days: ScheduleDays::Daily, ..schedule(vec![]) };
        let after = time("2026-10-24T20:00:00Z");
        let next = daily.next(after, Some("2026-10-25"), &zone("Pacific/Honolulu")).unwrap();
        assert_eq!(next, (time("2026-10-26T19:00:00Z"), "2026-10-26".to_owned()));
    }

    /// Whether a window is open, as one would say who looks at a clock and a calendar.
    fn is_open(window: &Window, moment: Time, zone: &TimeZone) -> bool {
        let shown = zone.to_datetime(moment.timestamp());
        let is_day = |day: civil::Date| window.days.is_empty() || window.days.contains(&day.weekday());
        let (today, yesterday) = (is_day(shown.date()), is_day(shown.date().yesterday().unwrap()));
        let time = shown.time();
        match window.to > window.from {
            true => today && time >= window.from && time < window.to,
            false => (today && time >= window.from) || (yesterday && time < window.to),
        }
    }

    proptest::proptest! {
        #[test]
        fn a_window_opens_at_the_first_minute_at_which_a_look_at_the_clock_says_so(
            start in 0i64..150_000, from in 0i64..1_440, long in 1i64..1_440, days in 0usize..128, place in 0usize..3
        ) {
            use civil::Weekday::*;
            // In summer, when no clocks change there.
            let zone = zone(["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Honolulu"][place]);
            let minute = |n: i64| civil::time((n / 60 % 24) as i8, (n % 60) as i8, 0, 0);
            let week = [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];
            let days = week.into_iter().enumerate().filter(|(n, _)| days & (1 << n) != 0).map(|(_, day)| day).collect();
            let window = Window { days, from: minute(from), to: minute(from + long) };
            let start = Time::from_millis(time("2026-04-10T00:00:00Z").millis() + start * 60_000);
            let later = (0..9 * 1_440).map(|n| Time::from_millis(start.millis() + n * 60_000));
            let expected = later.into_iter().find(|moment| is_open(&window, *moment, &zone));
            proptest::prop_assert_eq!(window.next(start, &zone), expected);
        }
    }
}
