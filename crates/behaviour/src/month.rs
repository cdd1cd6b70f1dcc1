//! Months in UTC, by which the columns are cut.

use std::fmt;

use jiff::{Timestamp, civil, tz::TimeZone};

/// A calendar month in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// A month and its moments, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct MonthSpan {
    /// Which month.
    pub month: Month,
    /// Its first moment.
    pub from: i64,
    /// The first moment of the next.
    pub to: i64,
}

impl Month {
    /// The month of a moment, in milliseconds since 1970.
    pub fn of(millis: i64) -> Month {
        let moment = Timestamp::from_millisecond(millis);
        let latest = if millis < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let date = moment.unwrap_or(latest).to_zoned(TimeZone::UTC).date();
        Month(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// Its moments.
    pub fn span(self) -> MonthSpan {
        MonthSpan { month: self, from: first_moment(self.0), to: first_moment(self.0 + 1) }
    }

    /// From its number, as [`Month::number`] gave it.
    pub fn from_number(number: i32) -> Month {
        Month(number)
    }

    /// Months since January of the year 0.
    pub fn number(self) -> i32 {
        self.0
    }
}

impl MonthSpan {
    /// Whether a moment lies in it.
    pub fn contains(&self, millis: i64) -> bool {
        (self.from..self.to).contains(&millis)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

fn first_moment(number: i32) -> i64 {
    let year = i16::try_from(number.div_euclid(12)).unwrap_or(i16::MAX);
    let month = i8::try_from(number.rem_euclid(12) + 1).unwrap_or(1);
    let day = civil::Date::new(year, month, 1).and_then(|day| day.to_zoned(TimeZone::UTC));
    day.map_or(Timestamp::MAX.as_millisecond(), |day| day.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_holds_its_moments_and_no_others() {
        // 2024-02-29T23:59:59.999Z and the moment after it.
        let (last, next) = (1_709_251_199_999, 1_709_251_200_000);
        assert_eq!(Month::of(last).to_string(), "2024-02");
        assert_eq!(Month::of(next).to_string(), "2024-03");
        assert!(Month::of(last).span().contains(last) && !Month::of(last).span().contains(next));
        assert_eq!(Month::of(-1).to_string(), "1969-12");
        assert_eq!(Month::of(-1).span().to, 0);
    }
}
