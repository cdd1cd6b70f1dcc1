//! Moments, to the millisecond.

use std::{fmt, ops::Sub, str::FromStr, time::Duration};

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment in UTC with millisecond precision. On the wire it is RFC 3339 with three
/// fractional digits (`2026-11-21T08:00:00.000Z`); in tables and in the log it is the
/// number of milliseconds since 1970-01-01, as in formats that nobody reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Time = Time(0);
    /// The last moment that a four-digit year can name.
    pub const MAX: Time = Time(253_402_207_200_999);

    /// From milliseconds since 1970-01-01, clamped to the years that RFC 3339 can name.
    pub fn from_millis(millis: i64) -> Time {
        Time(millis.clamp(-62_167_219_200_000, Time::MAX.0))
    }

    /// Milliseconds since 1970-01-01.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// This moment as `jiff` knows it.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::MAX)
    }

    /// The moment `duration` later, saturating at [`Time::MAX`].
    pub fn plus(self, duration: Duration) -> Time {
        Time::from_millis(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The moment `duration` earlier.
    pub fn minus(self, duration: Duration) -> Time {
        Time::from_millis(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// When the day of this moment began in `zone`.
    pub fn start_of_day(self, zone: &TimeZone) -> Time {
        let start = self.timestamp().to_zoned(zone.clone()).start_of_day();
        start.map_or(self, |start| Time::from_millis(start.timestamp().as_millisecond()))
    }

    /// Reads what SDKs send as a time: RFC 3339 in all its variants, a civil date or
    /// date-time (taken as UTC).
    pub fn parse_lenient(text: &str) -> Option<Time> {
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Some(Time(timestamp.as_millisecond()));
        }
        let civil = text.parse::<civil::DateTime>().ok()?;
        let zoned = civil.to_zoned(TimeZone::UTC).ok()?;
        Some(Time(zoned.timestamp().as_millisecond()))
    }
}

impl Sub for Time {
    type Output = i64;
    /// The difference in milliseconds.
    fn sub(self, earlier: Time) -> i64 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl FromStr for Time {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Time(text.parse::<Timestamp>()?.as_millisecond()))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => serializer.serialize_i64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Time);
        }
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Serde form of a [`Time`] as integer milliseconds, for the log.
pub mod as_millis {
    use super::Time;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes milliseconds since 1970-01-01.
    pub fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.millis())
    }

    /// Reads milliseconds since 1970-01-01.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        Ok(Time::from_millis(i64::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_three_fractional_digits_and_reads_them_back() {
        let time = Time::from_millis(1_700_000_000_007);
        assert_eq!(time.to_string(), "2023-11-14T22:13:20.007Z");
        assert_eq!("2023-11-14T22:13:20.007Z".parse::<Time>().unwrap(), time);
    }

    #[test]
    fn reads_what_sdks_send() {
        let expected = Time::from_millis(1_700_000_000_000);
        for text in ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20+00:00", "2023-11-14T22:13:20", "2023-11-14 22:13:20"]
        {
            assert_eq!(Time::parse_lenient(text), Some(expected), "{text}");
        }
        assert!(Time::parse_lenient("1997-01-01").is_some());
        assert_eq!(Time::parse_lenient("yesterday"), None);
        assert!(Time::parse_lenient("0000-01-01T00:00:00Z").is_some());
        assert!(Time::parse_lenient("9999-12-30T00:00:00Z").is_some());
        assert_eq!(Time::parse_lenient("9999-12-31T23:59:59Z"), None, "the calendar ends a day before");
    }

    #[test]
    fn a_day_begins_at_midnight_of_its_zone_or_when_the_clocks_let_it() {
        let start = |text: &str, zone: &str| {
            let time: Time = text.parse().unwrap();
            time.start_of_day(&TimeZone::get(zone).unwrap()).to_string()
        };
        assert_eq!(start("2026-03-01T15:59:59.999Z", "Asia/Shanghai"), "2026-02-28T16:00:00.000Z");
        assert_eq!(start("2026-03-01T16:00:00Z", "Asia/Shanghai"), "2026-03-01T16:00:00.000Z");
        // In Santiago the clocks go from 24:00 to 1:00 on this day.
        assert_eq!(start("2026-09-06T12:00:00Z", "America/Santiago"), "2026-09-06T04:00:00.000Z");
    }
}
