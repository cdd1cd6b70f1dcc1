//! When people come: the rhythm of the day and the week, and the feasts of the year.
//!
//! The shop lives on Shanghai time, which has been UTC+8 without clock changes since 1992.

use jiff::{
    Span,
    civil::{Date, Weekday, date},
};

use crate::dice::Dice;

/// Milliseconds of an hour.
pub(crate) const HOUR: i64 = 3_600_000;
/// Milliseconds of a day of 24 hours.
pub(crate) const DAY: i64 = 24 * HOUR;
const SHANGHAI: i64 = 8 * HOUR;

const WORKDAY: [f64; 24] = [
    1.6, 0.7, 0.4, 0.3, 0.3, 0.6, 1.9, 3.4, 4.1, 3.9, 3.9, 4.5, 6.3, 4.9, 3.5, 3.5, 3.7, 4.4, 6.0, 8.2, 10.9, 11.8,
    7.9, 3.8,
];
const WEEKEND: [f64; 24] = [
    2.4, 1.2, 0.6, 0.3, 0.3, 0.4, 0.9, 1.8, 3.0, 4.2, 4.9, 5.2, 5.5, 5.2, 5.3, 5.6, 5.5, 5.3, 6.0, 8.0, 10.4, 11.0,
    8.0, 4.4,
];

/// 15th day of the eighth lunar month.
const MID_AUTUMN: [Date; 12] = [
    date(2024, 9, 17),
    date(2025, 10, 6),
    date(2026, 9, 25),
    date(2027, 9, 15),
    date(2028, 10, 3),
    date(2029, 9, 22),
    date(2030, 9, 12),
    date(2031, 10, 1),
    date(2032, 9, 19),
    date(2033, 9, 8),
    date(2034, 9, 27),
    date(2035, 9, 16),
];
/// First day of the lunar year.
const SPRING_FESTIVAL: [Date; 12] = [
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
    date(2031, 1, 23),
    date(2032, 2, 11),
    date(2033, 1, 31),
    date(2034, 2, 19),
    date(2035, 2, 8),
];

/// How lively a day is beside a usual one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mood {
    /// Factor on visits.
    pub visits: f64,
    /// Factor on the wish to buy of those who visit.
    pub buying: f64,
}

const USUAL: Mood = Mood { visits: 1.0, buying: 1.0 };

/// The civil day in Shanghai.
pub(crate) fn local_date(millis: i64) -> Date {
    let days = (millis + SHANGHAI).div_euclid(DAY);
    date(1970, 1, 1).checked_add(Span::new().days(days)).unwrap_or(Date::MAX)
}

/// The hour of the day in Shanghai, 0 to 23.
pub(crate) fn local_hour(millis: i64) -> usize {
    ((millis + SHANGHAI).rem_euclid(DAY) / HOUR) as usize
}

/// The number of the day in Shanghai since 1970.
pub(crate) fn local_day_number(millis: i64) -> i64 {
    (millis + SHANGHAI).div_euclid(DAY)
}

/// The moment at which it is `hour` o'clock on the day of `millis` in Shanghai.
pub(crate) fn local_moment(millis: i64, hour: i64) -> i64 {
    local_day_number(millis) * DAY - SHANGHAI + hour * HOUR
}

/// Whether the shop is live on the air: Thursdays and Saturdays from eight to half past nine.
pub(crate) fn on_air(millis: i64) -> bool {
    let evening = (millis + SHANGHAI).rem_euclid(DAY);
    matches!(local_date(millis).weekday(), Weekday::Thursday | Weekday::Saturday)
        && (20 * HOUR..21 * HOUR + HOUR / 2).contains(&evening)
}

/// The beginning of the last live session at or before a moment.
pub(crate) fn last_on_air(millis: i64) -> i64 {
    let mut evening = local_moment(millis, 20);
    for _ in 0..8 {
        if evening <= millis && on_air(evening) {
            return evening;
        }
        evening -= DAY;
    }
    evening
}

/// Feasts and shopping days.
pub(crate) fn mood(day: Date) -> Mood {
    if let Some(mood) = moving_feast(day) {
        return mood;
    }
    let (visits, buying) = match (day.month(), day.day()) {
        (1, 1) => (1.25, 1.1),
        (2, 14) | (5, 20) => (1.4, 1.5),
        (6, 10..=17) => (1.12, 1.2),
        (6, 18) => (2.0, 2.1),
        (10, 1..=7) => (1.3, 1.05),
        (11, 1..=10) => (1.15, 1.25),
        (11, 11) => (2.5, 2.5),
        (11, 12) => (1.1, 0.7),
        (12, 12) => (1.6, 1.6),
        (12, 18..=31) => (1.3, 1.5),
        _ => return USUAL,
    };
    Mood { visits, buying }
}

fn moving_feast(day: Date) -> Option<Mood> {
    let days_to = |feast: Date| (feast - day).get_days();
    for feast in MID_AUTUMN {
        let left = days_to(feast);
        if (1..=14).contains(&left) {
            let nearness = f64::from(15 - left) / 14.0;
            return Some(Mood { visits: 1.1 + 0.45 * nearness, buying: 1.2 + 0.8 * nearness });
        }
        if left == 0 {
            return Some(Mood { visits: 0.85, buying: 0.7 });
        }
    }
    for feast in SPRING_FESTIVAL {
        let left = days_to(feast);
        if (4..=21).contains(&left) {
            return Some(Mood { visits: 1.3, buying: 1.8 });
        }
        if (-5..=3).contains(&left) {
            return Some(Mood { visits: 0.75, buying: 0.5 });
        }
    }
    None
}

fn weekday_factor(weekday: Weekday) -> f64 {
    match weekday {
        Weekday::Monday => 0.78,
        Weekday::Tuesday => 0.86,
        Weekday::Wednesday => 0.86,
        Weekday::Thursday => 0.98,
        Weekday::Friday => 1.16,
        Weekday::Saturday => 1.46,
        Weekday::Sunday => 1.26,
    }
}

/// How many usual days' worth of visits fall into the hour of `millis`.
fn hour_weight(millis: i64) -> f64 {
    let day = local_date(millis);
    let weekday = day.weekday();
    let profile = if matches!(weekday, Weekday::Saturday | Weekday::Sunday) { &WEEKEND } else { &WORKDAY };
    let total: f64 = profile.iter().sum();
    profile[local_hour(millis) % 24] / total * weekday_factor(weekday) * mood(day).visits
}

/// How lively the shop is at a moment, from 0 (deep night) to 1 (the busiest evenings).
pub(crate) fn liveliness(millis: i64) -> f64 {
    let busiest_usual_hour = 0.16;
    (hour_weight(millis) / busiest_usual_hour).min(1.0)
}

/// The sum of visits over time, in usual days, from which moments are drawn.
pub(crate) struct Curve {
    start: i64,
    /// Sum of the weights of all hours before the one with this index.
    before: Vec<f64>,
}

impl Curve {
    /// The curve from `start` to `end`, in milliseconds since 1970.
    pub(crate) fn new(start: i64, end: i64) -> Curve {
        let start = start.div_euclid(HOUR) * HOUR;
        let hours = ((end - start).max(0) / HOUR + 2) as usize;
        let mut before = Vec::with_capacity(hours + 1);
        let mut sum = 0.0;
        for hour in 0..=hours {
            before.push(sum);
            sum += hour_weight(start + hour as i64 * HOUR);
        }
        Curve { start, before }
    }

    fn until(&self, millis: i64) -> f64 {
        let passed = (millis - self.start).max(0);
        let hour = ((passed / HOUR) as usize).min(self.before.len() - 2);
        let part = ((passed - hour as i64 * HOUR) as f64 / HOUR as f64).min(1.0);
        self.before[hour] + part * (self.before[hour + 1] - self.before[hour])
    }

    /// Visits between two moments, in usual days.
    pub(crate) fn amount(&self, from: i64, to: i64) -> f64 {
        (self.until(to) - self.until(from)).max(0.0)
    }

    /// A moment between two others, likelier when the shop is busy.
    pub(crate) fn moment(&self, dice: &mut Dice, from: i64, to: i64) -> i64 {
        let wanted = self.until(from) + dice.unit() * self.amount(from, to);
        let hour = self.before.partition_point(|sum| *sum <= wanted).clamp(1, self.before.len() - 1) - 1;
        let weight = self.before[hour + 1] - self.before[hour];
        let part = if weight > 0.0 { (wanted - self.before[hour]) / weight } else { 0.0 };
        let millis = self.start + hour as i64 * HOUR + (part * HOUR as f64) as i64;
        millis.clamp(from, to.max(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feasts_move_with_the_moon() {
        assert!(mood(date(2026, 9, 24)).buying > 1.9);
        assert_eq!(mood(date(2026, 9, 26)), USUAL);
        assert!(mood(date(2025, 9, 24)).buying < 1.5);
        assert!(mood(date(2026, 11, 11)).visits > 2.0);
    }

    #[test]
    fn local_time_is_eight_hours_ahead() {
        let millis = "2026-11-20T16:30:00Z".parse::<base::Time>().unwrap().millis();
        assert_eq!(local_date(millis), date(2026, 11, 21));
        assert_eq!(local_hour(millis), 0);
        assert_eq!(local_moment(millis, 20), "2026-11-21T12:00:00Z".parse::<base::Time>().unwrap().millis());
    }

    #[test]
    fn moments_fall_between_their_limits_and_in_the_evening() {
        let start = "2026-06-01T00:00:00Z".parse::<base::Time>().unwrap().millis();
        let curve = Curve::new(start, start + 7 * DAY);
        let mut dice = Dice::new(1, 1);
        let mut evening = 0;
        for _ in 0..2_000 {
            let moment = curve.moment(&mut dice, start + 5, start + 6 * DAY);
            assert!((start + 5..=start + 6 * DAY).contains(&moment));
            evening += usize::from((19..23).contains(&local_hour(moment)));
        }
        assert!(evening > 600, "{evening} of 2,000 in four of 24 hours");
    }
}
