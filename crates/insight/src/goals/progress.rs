//! How far a goal is, and where it leads.

use base::Time;
use behaviour::{Error, Periods, Unit, kernels::trend::Trend};
use jiff::{ToSpan, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answering::Asking,
    question::{Filter, Looking},
    scope::Scope,
    trend::{MeasureBody, SeriesBody},
};

/// Days from which a forecast is made, and the fewest of them.
const LOOKS_BACK: usize = 28;
const LEAST: usize = 7;
/// The 97.5th percentile of the normal distribution: bounds hold with 95 per cent confidence.
const Z: f64 = 1.959_963_984_540_054;
/// A goal is on track while it will miss or pass the target by less than this part of it.
const NEAR: f64 = 0.05;

/// The days of a goal.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub(super) from: Date,
    /// The last day, which counts as well.
    pub(super) deadline: Date,
    pub(super) today: Date,
    pub(super) target: f64,
}

/// How far a goal is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Progress {
    /// The number so far; `null` when there is none.
    value: Option<f64>,
    /// Its share of the target.
    share: Option<f64>,
    /// The share that there would be by now if every day brought the same; `null` for numbers that do not add up.
    expected_share: Option<f64>,
    /// The number at the deadline, when days go on as the last 28 did, each as others of its weekday; `null` when it is too
    /// early to say.
    forecast: Option<f64>,
    /// It will not be less, with 95 per cent confidence.
    low: Option<f64>,
    /// It will not be more, with 95 per cent confidence.
    high: Option<f64>,
    /// What that means.
    state: GoalState,
    /// Day by day from the first on; what adds up is summed up to the end of each day.
    points: Vec<GoalPoint>,
}

/// Where a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum GoalState {
    /// It will be passed by more than a twentieth.
    Ahead,
    /// It will be reached, or nearly.
    OnTrack,
    /// It will be missed by more than a twentieth.
    Behind,
    /// It is reached.
    Reached,
    /// The deadline is over, and it was not.
    Missed,
    /// Nothing can be said: the segment that it counts is no more.
    Unknown,
}

/// A day of a goal.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
struct GoalPoint {
    /// When the day began.
    #[schema(value_type = String, format = DateTime)]
    t: Time,
    /// The number.
    value: Option<f64>,
}

/// What each day brought.
struct Days {
    /// The first of them.
    first: Date,
    begins: Vec<i64>,
    /// By day; `None` when there is no number.
    values: Vec<Option<f64>>,
}

impl Progress {
    /// Of a goal of which nothing can be said.
    pub(super) fn unknown() -> Progress {
        Progress {
            value: None,
            share: None,
            expected_share: None,
            forecast: None,
            low: None,
            high: None,
            state: GoalState::Unknown,
            points: Vec::new(),
        }
    }
}

impl Course {
    /// The days that are needed to tell: from the first, or as far back as a forecast looks, to the last or today.
    pub(super) fn looks_at(&self) -> (Date, Date) {
        let to = self.deadline.min(self.today).max(self.from);
        let back = self.today.checked_sub((LOOKS_BACK as i64).days()).unwrap_or(self.from);
        (self.from.min(back).min(to), to)
    }

    /// Asks the engine, and tells.
    pub(super) fn progress(
        &self,
        asking: &Asking<'_>,
        scope: &Scope,
        (filter, metric): (&Filter, &SeriesBody),
    ) -> Result<Progress, Error> {
        let looking = Looking::new(scope).with(1, filter);
        let adds_up = metric.measure.adds_up();
        let (first, _) = self.looks_at();
        let periods = |from: i64| Periods::between(from, scope.to.millis(), Unit::Day, &scope.zone, 2_000);
        let ask = |periods: Periods, since: Vec<i64>, from: i64| {
            let kernel = Trend { periods, since, groups: 1, measure: metric.measure.needs() };
            let steps_of = |name: &str| looking.steps_of(name);
            let mut selection = looking.selection(scope, (from, scope.to.millis()), &steps_of, None);
            selection.value = metric.property.as_deref();
            let mut told = asking.engine.ask(&selection, &kernel, asking.given_up)?;
            Ok::<_, Error>((kernel.periods, told.groups.pop().unwrap_or_default()))
        };
        let begin = self.from.to_zoned(scope.zone.clone()).map_or(i64::MIN, |at| at.timestamp().as_millisecond());
        // The days of the goal itself, in which members count once.
        let of_goal = periods(begin);
        let since = match metric.measure {
            MeasureBody::Members => vec![begin; of_goal.len()],
            measure => measure.since(&of_goal, &scope.zone),
        };
        let from = since.first().map_or(begin, |since| begin.min(*since));
        let (of_goal, mut cells) = ask(of_goal, since, from)?;
        let total = cells.pop().and_then(|mut cell| metric.measure.of(&mut cell));
        let mut values: Vec<Option<f64>> = cells.iter_mut().map(|cell| metric.measure.of(cell)).collect();
        // What looks back is as high as it is at last.
        let total = if metric.measure.days().is_some() { values.last().copied().flatten() } else { total };
        if metric.measure == MeasureBody::Members {
            // Of members it is those of each day that had not been there before.
            let whole: Vec<f64> = values.iter().map(|value| value.unwrap_or_default()).collect();
            let before = std::iter::once(&0.0).chain(&whole);
            values = whole.iter().zip(before).map(|(now, before)| Some(now - before)).collect();
        }
        let days = Days { first: self.from, begins: of_goal.begins().to_vec(), values };
        // What adds up by itself is also known from before the goal.
        let earlier = match adds_up && metric.measure != MeasureBody::Members && first < self.from {
            true => {
                let all = periods(scope.from.millis());
                let since = all.begins().to_vec();
                let (all, mut cells) = ask(all, since, scope.from.millis())?;
                cells.pop();
                let values = cells.iter_mut().map(|cell| metric.measure.of(cell)).collect();
                Some(Days { first, begins: all.begins().to_vec(), values })
            }
            false => None,
        };
        Ok(self.tell(&days, earlier.as_ref().unwrap_or(&days), total, adds_up))
    }

    /// `past` is what days brought from which a forecast is made.
    fn tell(&self, days: &Days, past: &Days, total: Option<f64>, adds_up: bool) -> Progress {
        let mut sum = 0.0;
        let point = |(begin, value): (&i64, &Option<f64>)| {
            let value = match adds_up {
                true => {
                    sum += value.unwrap_or_default();
                    Some(sum)
                }
                false => *value,
            };
            GoalPoint { t: Time::from_millis(*begin), value }
        };
        let has_begun = self.from <= self.today;
        let points: Vec<GoalPoint> = match has_begun {
            true => days.begins.iter().zip(&days.values).map(point).collect(),
            false => Vec::new(),
        };
        let value = match (has_begun, adds_up) {
            (false, _) => None,
            (true, true) => points.last().and_then(|point| point.value),
            (true, false) => total,
        };
        let share = value.map(|value| value / self.target);
        let length = days_between(self.from, self.deadline) + 1;
        let gone = (days_between(self.from, self.today) + 1).clamp(0, length);
        let expected_share = adds_up.then(|| gone as f64 / length as f64);
        let is_over = self.today > self.deadline;
        let coming = match is_over {
            true => None,
            false => self.forecast(past, value.unwrap_or_default(), adds_up),
        };
        let is_there = share.is_some_and(|share| share >= 1.0);
        let by = |share: f64| match share {
            share if share >= 1.0 + NEAR => GoalState::Ahead,
            share if share >= 1.0 - NEAR => GoalState::OnTrack,
            _ => GoalState::Behind,
        };
        let state = match (is_there && (adds_up || is_over), is_over, &coming, share.zip(expected_share)) {
            (true, ..) => GoalState::Reached,
            (false, true, ..) => GoalState::Missed,
            (_, _, Some((forecast, ..)), _) => by(forecast / self.target),
            (_, _, None, Some((share, expected))) if expected > 0.0 => by(share / expected),
            (_, _, None, _) if !adds_up => share.map_or(GoalState::OnTrack, by),
            _ => GoalState::OnTrack,
        };
        let (forecast, low, high) = match coming {
            Some((forecast, low, high)) => (Some(forecast), Some(low), Some(high)),
            None => (None, None, None),
        };
        Progress { value, share, expected_share, forecast, low, high, state, points }
    }

    /// The number at the deadline with its bounds: each day that comes is as the whole days of its weekday were among the last
    /// 28, or as all were where there was none of it. The spread is that of days around their weekday's mean; that the means
    /// themselves are only known from so many days adds to it.
    fn forecast(&self, past: &Days, value: f64, adds_up: bool) -> Option<(f64, f64, f64)> {
        let date = |nth: usize| past.first.checked_add((nth as i64).days()).unwrap_or(past.first);
        let whole = past.values.iter().enumerate().filter(|(nth, _)| date(*nth) < self.today);
        let last: Vec<(Date, f64)> = whole
            .rev()
            .take(LOOKS_BACK)
            .filter_map(|(nth, value)| {
                if adds_up { Some((date(nth), value.unwrap_or_default())) } else { Some((date(nth), (*value)?)) }
            })
            .collect();
        if last.len() < LEAST {
            return None;
        }
        let mean = |values: &mut dyn Iterator<Item = f64>| {
            let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
            (count > 0.0).then(|| sum / count)
        };
        let of_all = mean(&mut last.iter().map(|(_, value)| *value))?;
        let of_day = |day: Date| {
            mean(&mut last.iter().filter(|(other, _)| other.weekday() == day.weekday()).map(|(_, value)| *value))
                .unwrap_or(of_all)
        };
        let squares: f64 = last.iter().map(|(day, value)| (value - of_day(*day)).powi(2)).sum();
        // A mean of its own was taken for each weekday.
        let freedom = last.len().saturating_sub(7).max(1) as f64;
        let spread = (squares / freedom).sqrt();
        let known = last.len() as f64;
        if !adds_up {
            let error = Z * spread / known.sqrt();
            return Some((of_all, of_all - error, of_all + error));
        }
        // What is left of today counts as a day that has not begun: what it has brought is in the value, so that the day
        // brings at least that, and at most what it usually does.
        let today =
            past.values.get(days_between(past.first, self.today) as usize).copied().flatten().unwrap_or_default();
        let begins = self.today.max(self.from);
        let coming = days_between(begins, self.deadline);
        let rest_of_today = match self.from <= self.today {
            true => (of_day(self.today) - today).max(0.0),
            false => of_day(begins),
        };
        let more: f64 = (1..=coming).map(|nth| begins.checked_add(nth.days()).map_or(of_all, of_day)).sum();
        let days = coming as f64 + 1.0;
        let error = Z * spread * (days + days * days / known).sqrt();
        let forecast = value + rest_of_today + more;
        Some((forecast, (forecast - error).max(value), forecast + error))
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn course(today: Date) -> Course {
        Course { from: date(2026, 11, 1), deadline: date(2026, 11, 30), today, target: 300.0 }
    }

    fn days(first: Date, values: &[f64]) -> Days {
        let begins = (0..values.len() as i64).map(|nth| nth * 86_400_000).collect();
        Days { first, begins, values: values.iter().map(|value| Some(*value)).collect() }
    }

    #[test]
    fn even_days_lead_straight_to_the_target() {
        // 14 whole days with 10 each, and today with 4 so far.
        let values: Vec<f64> = std::iter::repeat_n(10.0, 14).chain([4.0]).collect();
        let days = days(date(2026, 11, 1), &values);
        let told = course(date(2026, 11, 15)).tell(&days, &days, Some(144.0), true);
        assert_eq!(told.value, Some(144.0));
        assert_eq!(told.expected_share, Some(0.5));
        assert_eq!((told.forecast, told.low, told.high), (Some(300.0), Some(300.0), Some(300.0)));
        assert_eq!(told.state, GoalState::OnTrack);
        assert_eq!(told.points.last().and_then(|point| point.value), Some(144.0));
    }

    #[test]
    fn weekdays_keep_what_they_are() {
        // Saturdays and Sundays bring 30, other days nothing.
        let first = date(2026, 11, 1);
        let value = |nth: i64| {
            let weekday = first.checked_add(nth.days()).unwrap().weekday().to_monday_zero_offset();
            if weekday >= 5 { 30.0 } else { 0.0 }
        };
        let values: Vec<f64> = (0..15).map(value).collect();
        let days = days(first, &values);
        let told = course(date(2026, 11, 15)).tell(&days, &days, None, true);
        // 1, 7, 8, 14 and 15 have been; 21, 22, 28 and 29 come.
        assert_eq!((told.value, told.forecast), (Some(150.0), Some(270.0)));
        assert_eq!(told.state, GoalState::Behind);
    }

    #[test]
    fn bounds_grow_with_how_days_differ_and_never_lie_below_what_is() {
        let wild: Vec<f64> = (0..15).map(|nth| if nth % 2 == 0 { 60.0 } else { 0.0 }).collect();
        let days = days(date(2026, 11, 1), &wild);
        let told = course(date(2026, 11, 15)).tell(&days, &days, None, true);
        let (value, low, high) = (told.value.unwrap(), told.low.unwrap(), told.high.unwrap());
        assert!(value <= low && low < told.forecast.unwrap() && told.forecast.unwrap() < high, "{told:?}");
    }

    #[test]
    fn it_is_too_early_to_say_within_the_first_week() {
        let days = days(date(2026, 11, 1), &[20.0, 20.0, 20.0]);
        let told = course(date(2026, 11, 3)).tell(&days, &days, None, true);
        assert_eq!((told.forecast, told.state), (None, GoalState::Ahead));
        let told = course(date(2026, 10, 20)).tell(&days, &days, None, true);
        assert_eq!((told.value, told.points.len(), told.state), (None, 0, GoalState::OnTrack));
    }

    #[test]
    fn what_is_over_was_reached_or_missed() {
        let days = days(date(2026, 11, 1), &[10.0; 30]);
        let over = course(date(2026, 12, 3));
        assert_eq!(over.tell(&days, &days, None, true).state, GoalState::Reached);
        let missed = Course { target: 301.0, ..over.clone() };
        assert_eq!(missed.tell(&days, &days, None, true).state, GoalState::Missed);
        let average = Course { target: 9.0, ..over };
        assert_eq!(average.tell(&days, &days, Some(10.0), false).state, GoalState::Reached);
    }
}
