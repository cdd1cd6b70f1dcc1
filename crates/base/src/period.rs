//! ISO 8601 durations, calendar-aware in a time zone.

use std::{fmt, str::FromStr, time::Duration};

use jiff::{
    Span, civil,
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Time;

/// A positive ISO 8601 duration such as `P30D` or `PT1H30M`.
///
/// Days, weeks, months and years are calendar units: they keep the wall-clock time of the
/// given zone, so `P1D` is 23 or 25 hours long when the clocks change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    text: String,
    years: i16,
    months: i32,
    weeks: i32,
    days: i32,
    millis: i64,
}

/// Text that is not a positive ISO 8601 duration of at most a hundred years.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a positive ISO 8601 duration such as P30D or PT1H")]
pub struct PeriodError(pub String);

const LONGEST_YEARS: i64 = 100;

impl Period {
    /// The exact length when no calendar unit is used.
    pub fn exact(&self) -> Option<Duration> {
        let calendar = self.years != 0 || self.months != 0 || self.weeks != 0 || self.days != 0;
        (!calendar).then(|| Duration::from_millis(self.millis as u64))
    }

    fn span(&self) -> Span {
        Span::new().years(self.years).months(self.months).weeks(self.weeks).days(self.days).milliseconds(self.millis)
    }

    /// `moment` + this period, on the wall clock of `zone`.
    pub fn after(&self, moment: Time, zone: &TimeZone) -> Time {
        if let Some(exact) = self.exact() {
            return moment.plus(exact);
        }
        let zoned = moment.timestamp().to_zoned(zone.clone());
        zoned.checked_add(self.span()).map_or(Time::MAX, |z| Time::from_millis(z.timestamp().as_millisecond()))
    }

    /// `moment` − this period, on the wall clock of `zone`: where a window that looks back from `moment` begins.
    ///
    /// It never decreases as time goes on, so what has left a window does not come back. Where the wall clock would lead
    /// back, it stands still: on the last days of March, a month before is the end of February; in an hour that the
    /// clocks repeat, it is the end of that hour; a time that they skipped is the moment at which they did.
    pub fn before(&self, moment: Time, zone: &TimeZone) -> Time {
        if let Some(exact) = self.exact() {
            return moment.minus(exact);
        }
        self.calendar_before(moment, zone).unwrap_or(Time::from_millis(i64::MIN))
    }

    fn calendar_before(&self, moment: Time, zone: &TimeZone) -> Option<Time> {
        let now = wall_clock(moment, zone)?;
        let mut then = now;
        let months = i64::from(self.years) * 12 + i64::from(self.months);
        if months > 0 {
            let date = now.date().checked_sub(Span::new().try_months(months).ok()?).ok()?;
            let is_shortened = date.day() != now.day();
            then = date.to_datetime(if is_shortened { LAST_MOMENT } else { now.time() });
        }
        let days = i64::from(self.weeks) * 7 + i64::from(self.days);
        then = then.checked_sub(Span::new().try_days(days).ok()?).ok()?;
        let at = match zone.to_ambiguous_timestamp(then).offset() {
            AmbiguousOffset::Gap { before, .. } => {
                // A transition at this very moment precedes the next nanosecond.
                let next = before.to_timestamp(then).ok()?.checked_add(Span::new().nanoseconds(1)).ok()?;
                zone.preceding(next).next()?.timestamp()
            }
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(then).ok()?,
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(then).ok()?,
        };
        Some(Time::from_millis(at.as_millisecond().saturating_sub(self.millis)))
    }

    /// The first moment at which something that happened at `moment` is no longer within
    /// this period, looking back: the smallest `t` with `before(t) >= moment`.
    ///
    /// [`Period::before`] never decreases, so the answer is found by bisection around `after(moment)`, which nearly
    /// always is right.
    pub fn leaves_window(&self, moment: Time, zone: &TimeZone) -> Time {
        let guess = self.after(moment, zone);
        if self.exact().is_some() || guess == Time::MAX {
            return guess;
        }
        let outside = |t: i64| self.before(Time::from_millis(t), zone) >= moment;
        if outside(guess.millis()) && !outside(guess.millis() - 1) {
            return guess;
        }
        const FOUR_DAYS: i64 = 4 * 86_400_000;
        let (mut inside, mut out) = (guess.millis() - FOUR_DAYS, guess.millis() + FOUR_DAYS);
        while out - inside > 1 {
            let middle = inside + (out - inside) / 2;
            if outside(middle) { out = middle } else { inside = middle }
        }
        Time::from_millis(out)
    }
}

const LAST_MOMENT: civil::Time = civil::time(23, 59, 59, 999_000_000);

/// The wall clock of a zone; in the second of two hours that the clocks repeat, the end of the first.
fn wall_clock(moment: Time, zone: &TimeZone) -> Option<civil::DateTime> {
    let timestamp = moment.timestamp();
    let shown = zone.to_datetime(timestamp);
    match zone.to_ambiguous_timestamp(shown).offset() {
        AmbiguousOffset::Fold { before, after } if zone.to_offset(timestamp) == after => {
            let turned_back = zone.preceding(timestamp.checked_add(Span::new().nanoseconds(1)).ok()?).next()?;
            let end = before.to_datetime(turned_back.timestamp());
            end.checked_sub(Span::new().milliseconds(1)).ok()
        }
        _ => Some(shown),
    }
}

impl FromStr for Period {
    type Err = PeriodError;
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let refuse = || PeriodError(text.chars().take(64).collect());
        if text.len() > 64 || !text.starts_with('P') {
            return Err(refuse());
        }
        let span: Span = text.parse().map_err(|_| refuse())?;
        let years = i64::from(span.get_years()) + i64::from(span.get_months()) / 12;
        let days = i64::from(span.get_days()) + 7 * i64::from(span.get_weeks());
        let millis = i64::from(span.get_hours())
            .checked_mul(3_600_000)
            .and_then(|ms| ms.checked_add(span.get_minutes().checked_mul(60_000)?))
            .and_then(|ms| ms.checked_add(span.get_seconds().checked_mul(1_000)?))
            .and_then(|ms| ms.checked_add(span.get_milliseconds()))
            .ok_or_else(refuse)?;
        if span.signum() <= 0
            || years > LONGEST_YEARS
            || days > LONGEST_YEARS * 366
            || millis > LONGEST_YEARS * 366 * 86_400_000
            || span.get_microseconds() != 0
            || span.get_nanoseconds() != 0
        {
            return Err(refuse());
        }
        Ok(Period {
            text: text.to_owned(),
            years: span.get_years(),
            months: span.get_months(),
            weeks: span.get_weeks(),
            days: span.get_days(),
            millis,
        })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn a_day_keeps_the_wall_clock_across_daylight_saving() {
        let day: Period = "P1D".parse().unwrap();
        let noon_before: Time = "2026-03-28T11:00:00Z".parse().unwrap();
        assert_eq!(day.after(noon_before, &berlin()).to_string(), "2026-03-29T10:00:00.000Z");
    }

    #[test]
    fn refuses_what_is_not_a_positive_duration() {
        for text in ["", "P", "P0D", "-P1D", "PT-1H", "30 days", "P1000Y", "P1DT", "PT0.0001S", "p1d"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    fn before(period: &str, moment: &str) -> String {
        period.parse::<Period>().unwrap().before(moment.parse().unwrap(), &berlin()).to_string()
    }

    #[test]
    fn a_window_begins_no_earlier_as_time_goes_on() {
        // The last days of March look back to the end of February.
        assert_eq!(before("P1M", "2026-03-28T11:00:00Z"), "2026-02-28T11:00:00.000Z");
        assert_eq!(before("P1M", "2026-03-29T00:30:00Z"), "2026-02-28T22:59:59.999Z");
        assert_eq!(before("P1M", "2026-03-31T11:00:00Z"), "2026-02-28T22:59:59.999Z");
        assert_eq!(before("P1M", "2026-04-01T11:00:00Z"), "2026-03-01T12:00:00.000Z");
        // The clocks skip 02:00 to 03:00 on the 29th of March …
        assert_eq!(before("P1D", "2026-03-30T00:30:00Z"), "2026-03-29T01:00:00.000Z");
        assert_eq!(before("P1D", "2026-03-30T01:00:00Z"), "2026-03-29T01:00:00.000Z");
        // … and show 02:00 to 03:00 twice on the 25th of October.
        assert_eq!(before("P1D", "2026-10-25T00:30:00Z"), "2026-10-24T00:30:00.000Z");
        assert_eq!(before("P1D", "2026-10-25T01:30:00Z"), "2026-10-24T00:59:59.999Z");
        assert_eq!(before("P1D", "2026-10-25T02:00:00Z"), "2026-10-24T01:00:00.000Z");
    }

    /// Moments near to which the clocks of Berlin change, or a month ends.
    fn critical() -> impl Strategy<Value = i64> {
        let days = [
            "2026-02-28T12:00:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-31T12:00:00Z",
            "2026-10-25T01:00:00Z",
            "2028-02-29T12:00:00Z",
        ];
        let days = days.map(|day| day.parse::<Time>().unwrap().millis());
        (prop::sample::select(days.to_vec()), -4 * 86_400_000i64..4 * 86_400_000).prop_map(|(day, shift)| day + shift)
    }

    fn periods() -> impl Strategy<Value = Period> {
        let texts = ["P1D", "P30D", "P1M", "P1W", "PT90M", "P1DT2H", "P1Y", "P1M3D"];
        prop::sample::select(texts.map(|text| text.parse::<Period>().unwrap()).to_vec())
    }

    proptest! {
        #[test]
        fn what_has_left_does_not_come_back(at in critical(), step in 1i64..4 * 86_400_000, period in periods()) {
            let (zone, later) = (berlin(), Time::from_millis(at + step));
            let at = Time::from_millis(at);
            prop_assert!(period.before(at, &zone) <= period.before(later, &zone));
            let leaves = period.leaves_window(at, &zone);
            prop_assert!(period.before(leaves, &zone) >= at);
            prop_assert!(period.before(Time::from_millis(leaves.millis() - 1), &zone) < at);
        }

        /// The moment of leaving is the exact edge, also where the clocks change.
        #[test]
        fn leaving_is_the_edge(at in 1_700_000_000_000i64..1_800_000_000_000, index in 0usize..6) {
            let period: Period = ["P1D", "P30D", "P1M", "P1W", "PT90M", "P1DT2H"][index].parse().unwrap();
            let moment = Time::from_millis(at);
            let leaves = period.leaves_window(moment, &berlin());
            prop_assert!(period.before(leaves, &berlin()) >= moment);
            let just_before = Time::from_millis(leaves.millis() - 1);
            prop_assert!(period.before(just_before, &berlin()) < moment);
        }
    }
}
