//! Hours, days, weeks and months one after the other, by a clock somewhere on earth.

use jiff::{Span, Timestamp, ToSpan, Unit as JiffUnit, Zoned, civil::Weekday, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// How long a period is, by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// An hour of the clock.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday (ISO 8601).
    Week,
    /// A calendar month.
    Month,
}

/// Periods without gaps between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Periods {
    /// When each begins, in milliseconds since 1970, and after them when the last one ends.
    bounds: Vec<i64>,
    /// The period of each quarter of an hour from the beginning on; empty where periods begin in between or are too long.
    quarters: Vec<u16>,
}

/// Clocks differ by whole quarters of an hour, so most periods begin with one.
const QUARTER: i64 = 900_000;
/// So many quarters are written down, some three years.
const MOST_QUARTERS: i64 = 100_000;

impl Periods {
    /// The periods that have a moment at or after `from` and before `to`, but no more than `most` of them.
    pub fn between(from: i64, to: i64, unit: Unit, zone: &TimeZone, most: usize) -> Periods {
        let mut bounds = Vec::new();
        let moment = Timestamp::from_millisecond(from).unwrap_or(Timestamp::MIN).to_zoned(zone.clone());
        let mut begin = unit.begin_of(&moment);
        while let Some(zoned) = begin {
            let millis = zoned.timestamp().as_millisecond();
            bounds.push(millis);
            if millis >= to || bounds.len() > most {
                return Periods::of_bounds(bounds);
            }
            // From the civil date, so that a day on which clocks change has its own length.
            let after = |many: i64| {
                let next = zoned.checked_add(unit.span().checked_mul(many).ok()?).ok()?;
                unit.begin_of(&next)
            };
            // Where a clock goes back by half an hour, an hour later is still the same one.
            begin = after(1).filter(|next| *next > zoned).or_else(|| after(2));
        }
        bounds.push(i64::MAX);
        Periods::of_bounds(bounds)
    }

    fn of_bounds(bounds: Vec<i64>) -> Periods {
        let begin = bounds[0];
        let length = bounds[bounds.len() - 1].saturating_sub(begin);
        let is_even = bounds.iter().all(|bound| bound.saturating_sub(begin) % QUARTER == 0);
        let mut quarters = Vec::new();
        if is_even && length / QUARTER <= MOST_QUARTERS {
            for (period, bounds) in (0_u16..).zip(bounds.windows(2)) {
                quarters.resize(((bounds[1] - begin) / QUARTER) as usize, period);
            }
        }
        Periods { bounds, quarters }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When each begins.
    pub fn begins(&self) -> &[i64] {
        &self.bounds[..self.len()]
    }

    /// When each ends.
    pub fn ends(&self) -> &[i64] {
        &self.bounds[1..]
    }

    /// When the last one ends.
    pub fn end(&self) -> i64 {
        self.bounds[self.len()]
    }

    /// The period of a moment; [`Periods::len`] or more when it lies in none.
    #[inline]
    pub(crate) fn place(&self, time: i64) -> usize {
        if !self.quarters.is_empty() {
            // What lies before the beginning becomes very large.
            let quarter = (time - self.bounds[0]) as u64 / QUARTER as u64;
            return self.quarters.get(quarter as usize).map_or(usize::MAX, |period| usize::from(*period));
        }
        self.bounds.partition_point(|bound| *bound <= time).wrapping_sub(1)
    }

    /// The period of a moment.
    pub fn of(&self, time: i64) -> Option<usize> {
        Some(self.place(time)).filter(|place| *place < self.len())
    }
}

impl Unit {
    fn span(self) -> Span {
        match self {
            Unit::Hour => 1.hour(),
            Unit::Day => 1.day(),
            Unit::Week => 1.week(),
            Unit::Month => 1.month(),
        }
    }

    fn begin_of(self, moment: &Zoned) -> Option<Zoned> {
        match self {
            Unit::Hour => {
                moment.round(jiff::ZonedRound::new().smallest(JiffUnit::Hour).mode(jiff::RoundMode::Floor)).ok()
            }
            Unit::Day => moment.start_of_day().ok(),
            Unit::Week => {
                let days = moment.date().weekday().since(Weekday::Monday);
                moment.date().checked_sub(i64::from(days).days()).ok()?.to_zoned(moment.time_zone().clone()).ok()
            }
            Unit::Month => moment.first_of_month().ok()?.start_of_day().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins(from: &str, to: &str, unit: Unit, zone: &str) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let millis = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let periods = Periods::between(millis(from), millis(to), unit, &zone, 1_000);
        let told = |millis: &i64| Timestamp::from_millisecond(*millis).unwrap().to_string();
        periods.begins().iter().map(told).collect()
    }

    #[test]
    fn periods_follow_the_calendar_and_the_clock_of_the_place() {
        // Berlin goes forward on 29 March 2026: that day has 23 hours.
        let days = begins("2026-03-28T12:00:00Z", "2026-03-31T00:00:00Z", Unit::Day, "Europe/Berlin");
        let expected = ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"];
        assert_eq!(days, expected);
        let weeks = begins("2026-03-01T12:00:00Z", "2026-03-10T00:00:00Z", Unit::Week, "Asia/Shanghai");
        assert_eq!(weeks, ["2026-02-22T16:00:00Z", "2026-03-01T16:00:00Z", "2026-03-08T16:00:00Z"]);
        let months = begins("2026-01-31T12:00:00Z", "2026-03-01T00:00:00Z", Unit::Month, "UTC");
        assert_eq!(months, ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]);
        let hours = begins("2026-10-24T23:30:00Z", "2026-10-25T02:00:00Z", Unit::Hour, "Europe/Berlin");
        assert_eq!(hours, ["2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"]);
    }

    #[test]
    fn a_moment_lies_in_one_period() {
        let periods = Periods::between(0, 10 * 86_400_000, Unit::Day, &TimeZone::UTC, 1_000);
        assert_eq!((periods.len(), periods.end()), (10, 10 * 86_400_000));
        assert_eq!(periods.of(86_399_999), Some(0));
        assert_eq!(periods.of(86_400_000), Some(1));
        assert_eq!(periods.of(86_400_000 * 10), None);
        assert_eq!(periods.of(-1), None);
    }

    #[test]
    fn quarters_of_an_hour_say_what_bounds_say() {
        let zones = ["UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York"];
        for (zone, unit) in
            zones.into_iter().flat_map(|zone| [Unit::Hour, Unit::Day, Unit::Week, Unit::Month].map(|unit| (zone, unit)))
        {
            let from = 1_772_000_000_123;
            let periods = Periods::between(from, from + 400 * 86_400_000, unit, &TimeZone::get(zone).unwrap(), 100_000);
            assert!(!periods.quarters.is_empty());
            let plain = Periods { quarters: Vec::new(), ..periods.clone() };
            for step in 0..90_000_i64 {
                let time = periods.bounds[0] - QUARTER + step * 389_999;
                assert_eq!(periods.of(time), plain.of(time), "{time} in {zone}");
            }
        }
        // Shanghai was 8:05:43 ahead before 1901.
        let old = Periods::between(
            -2_300_000_000_000,
            -2_100_000_000_000,
            Unit::Month,
            &TimeZone::get("Asia/Shanghai").unwrap(),
            999,
        );
        assert!(old.quarters.is_empty());
        assert_eq!(old.of(-2_300_000_000_000), Some(0));
    }
}
