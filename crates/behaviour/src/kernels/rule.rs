//! For whom conditions of the rule grammar on events hold: "bought at least twice and for more than 50 in 60 days".
//!
//! What the numbers of columns cannot decide, since a float is not exact there or an event has several, is left open, for somebody
//! who reads the events themselves.

use base::{
    Period, Time,
    rule::{Measure, Test},
};
use jiff::tz::TimeZone;

use crate::{
    facet::value_of,
    history::{History, Hit},
    kernels::trend::Sum,
    scan::Kernel,
    selection::Steps,
};

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holds {
    /// It does not.
    No,
    /// Columns cannot tell.
    Perhaps,
    /// It does.
    Yes,
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Holds {
        if holds { Holds::Yes } else { Holds::No }
    }
}

/// Something that is asked of a member's events.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What is computed of them.
    pub measure: Measure,
    /// What has to hold of it.
    pub test: Test,
    /// Whether it holds for those who have no event.
    pub otherwise: bool,
}

/// By condition, the members for whom the answer is another than for those who have no event.
pub type Exceptions = Vec<Vec<(i64, Holds)>>;

/// Asks conditions on the same events of everybody.
pub struct Holding {
    /// The conditions.
    pub conditions: Vec<Condition>,
}

#[derive(Default)]
struct Totals {
    events: u64,
    numbers: u64,
    sum: Sum,
    least: f64,
    most: f64,
}

impl Kernel for Holding {
    type Partial = Exceptions;

    fn nothing(&self) -> Exceptions {
        vec![Vec::new(); self.conditions.len()]
    }

    fn member(&self, member: i64, history: &History<'_>, found: &mut Exceptions) {
        let mut totals = Totals { least: f64::INFINITY, most: f64::NEG_INFINITY, ..Totals::default() };
        history.each_value(|value| {
            totals.events += 1;
            if !value.is_nan() {
                totals.numbers += 1;
                totals.sum.add(value);
                totals.least = totals.least.min(value);
                totals.most = totals.most.max(value);
            }
        });
        if totals.events == 0 {
            return;
        }
        for (condition, found) in self.conditions.iter().zip(found) {
            let holds = condition.holds(&totals);
            if holds != Holds::from(condition.otherwise) {
                found.push((member, holds));
            }
        }
    }

    fn add(&self, found: &mut Exceptions, other: Exceptions) {
        found.iter_mut().zip(other).for_each(|(found, other)| found.extend(other));
    }
}

/// From here on floats leave out whole numbers.
const EXACT_IN_FLOATS: f64 = 9_007_199_254_740_992.0;
/// Numbers that are so near to one another, in relation to their size, may be equal.
const NEAR: f64 = 1e-9;

impl Condition {
    fn holds(&self, totals: &Totals) -> Holds {
        // A path may lead to several values of one event, of which a history has one.
        if self.measure.property().is_some_and(|property| property.contains('.')) {
            return Holds::Perhaps;
        }
        let any = totals.numbers > 0;
        let value = match self.measure {
            Measure::Count => Some(totals.events as f64),
            Measure::Sum(_) => Some(totals.sum.value()),
            Measure::Avg(_) => any.then(|| totals.sum.value() / totals.numbers as f64),
            Measure::Min(_) => any.then_some(totals.least),
            Measure::Max(_) => any.then_some(totals.most),
            Measure::Distinct(_) | Measure::First(_) | Measure::Last(_) | Measure::MostFrequent(_) => {
                return Holds::Perhaps;
            }
        };
        match value {
            Some(value) if any && self.is_near(value, totals) => Holds::Perhaps,
            value => self.test.holds(value.map(value_of).as_ref()).into(),
        }
    }

    /// Whether a float may be on the wrong side of what it is compared with.
    fn is_near(&self, value: f64, totals: &Totals) -> bool {
        if totals.least.abs().max(totals.most.abs()).max(value.abs()) >= EXACT_IN_FLOATS {
            return true;
        }
        if value.fract() == 0.0 || matches!(self.measure, Measure::Min(_) | Measure::Max(_)) {
            return false;
        }
        match &self.test {
            Test::Compare(_, wanted) => {
                wanted.as_f64().is_none_or(|wanted| (value - wanted).abs() <= NEAR * value.abs().max(1.0))
            }
            Test::Exists(_) => false,
            _ => true,
        }
    }
}

/// Asks of everybody whether events followed one another: each step another event, in the order of time, the last one less than
/// `within` after the first. Step `i` is bit `i`. The answer for those who have no event is no.
pub struct Following {
    /// How many steps there are.
    pub steps: usize,
    /// How long after the first the last may be, by this calendar.
    pub within: Option<(Period, TimeZone)>,
}

/// By step, the latest beginning of events that have done all steps up to it.
struct Begun(Vec<Option<i64>>);

impl Begun {
    /// Takes in an event; whatever it completes is told by its beginning.
    fn take(&mut self, time: i64, steps: Steps) -> Option<i64> {
        let mut completed = None;
        for step in (0..self.0.len()).rev().filter(|step| steps & (1 << step) != 0) {
            let begin = if step == 0 { Some(time) } else { self.0[step - 1] };
            self.0[step] = self.0[step].max(begin);
            if step + 1 == self.0.len() {
                completed = begin;
            }
        }
        completed
    }
}

impl Following {
    fn is_within(&self, begin: i64, end: i64) -> bool {
        let Some((within, zone)) = &self.within else { return true };
        match within.exact() {
            Some(exact) => i128::from(end) - i128::from(begin) < exact.as_millis() as i128,
            None => begin > within.before(Time::from_millis(end), zone).millis(),
        }
    }

    fn holds(&self, hits: &[Hit]) -> Holds {
        let (mut surely, mut perhaps) = (Begun(vec![None; self.steps]), Begun(vec![None; self.steps]));
        let mut holds = Holds::No;
        for at_once in hits.chunk_by(|one, other| one.time == other.time) {
            let completes = |begun: &mut Begun, time: i64, steps: Steps| {
                begun.take(time, steps).is_some_and(|begin| self.is_within(begin, time))
            };
            for hit in at_once {
                if completes(&mut surely, hit.time, hit.steps) {
                    return Holds::Yes;
                }
            }
            // Events of one moment may stand in any order. That each of them does what any of them can is more than they do.
            let steps = at_once.iter().fold(0, |all, hit| all | hit.steps);
            for hit in at_once.iter().take(self.steps) {
                if completes(&mut perhaps, hit.time, steps) {
                    holds = Holds::Perhaps;
                }
            }
        }
        holds
    }
}

impl Kernel for Following {
    type Partial = (Vec<(i64, Holds)>, Vec<Hit>);

    fn nothing(&self) -> Self::Partial {
        Default::default()
    }

    fn member(&self, member: i64, history: &History<'_>, (found, hits): &mut Self::Partial) {
        history.hits(hits);
        let holds = self.holds(hits);
        if holds != Holds::No {
            found.push((member, holds));
        }
    }

    fn add(&self, (found, _): &mut Self::Partial, (other, _): Self::Partial) {
        found.extend(other);
    }
}

#[cfg(test)]
mod tests {
    use base::rule::Operator;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::history::tell;

    #[test]
    fn conditions_on_numbers_hold_as_they_say() {
        let hits: Vec<Hit> = [Some(30.0), None, Some(25.5)]
            .map(|value| Hit { value: value.unwrap_or(f64::NAN), ..Hit::at(1, 1) })
            .to_vec();
        let revenue = || "revenue".to_owned();
        let asked = |measure: Measure, operator: Operator, wanted: f64| {
            let test = Test::Compare(operator, json!(wanted));
            let kernel = Holding { conditions: vec![Condition { measure, test, otherwise: false }] };
            let mut found = kernel.nothing();
            tell(&hits, |history| kernel.member(7, history, &mut found));
            found[0].first().map_or(Holds::No, |(_, holds)| *holds)
        };
        let all = [
            (Measure::Count, Operator::Gte, 3.0, Holds::Yes),
            (Measure::Count, Operator::Gt, 3.0, Holds::No),
            (Measure::Sum(revenue()), Operator::Gt, 55.0, Holds::Yes),
            (Measure::Sum(revenue()), Operator::Gt, 56.0, Holds::No),
            (Measure::Sum(revenue()), Operator::Gt, 55.5, Holds::Perhaps),
            (Measure::Avg(revenue()), Operator::Eq, 27.75, Holds::Perhaps),
            (Measure::Avg(revenue()), Operator::Lt, 27.8, Holds::Yes),
            (Measure::Min(revenue()), Operator::Eq, 25.5, Holds::Yes),
            (Measure::Max(revenue()), Operator::Gte, 30.0, Holds::Yes),
            (Measure::Last(revenue()), Operator::Eq, 25.5, Holds::Perhaps),
            (Measure::Sum("products.price".to_owned()), Operator::Gt, 1.0, Holds::Perhaps),
        ];
        for (measure, operator, wanted, expected) in all {
            assert_eq!(asked(measure.clone(), operator, wanted), expected, "{measure:?} {operator:?} {wanted}");
        }
    }

    #[test]
    fn those_are_told_for_whom_it_is_not_as_for_whoever_has_no_event() {
        let never = Condition { measure: Measure::Count, test: Test::Compare(Operator::Eq, json!(0)), otherwise: true };
        let kernel = Holding { conditions: vec![never] };
        let mut found = kernel.nothing();
        tell(&[Hit::at(1, 1)], |history| kernel.member(7, history, &mut found));
        assert_eq!(found, [[(7, Holds::No)]]);
    }

    /// Tries every choice of events.
    fn naive(hits: &[Hit], done: &mut Vec<usize>, steps: usize, window: Option<i64>) -> bool {
        if done.len() == steps {
            let (first, last) = (hits[done[0]].time, hits[done[steps - 1]].time);
            return window.is_none_or(|window| last - first < window);
        }
        (0..hits.len()).any(|next| {
            let follows = done.last().is_none_or(|last| hits[*last].time <= hits[next].time);
            if done.contains(&next) || !follows || hits[next].steps & (1 << done.len()) == 0 {
                return false;
            }
            done.push(next);
            let found = naive(hits, done, steps, window);
            done.pop();
            found
        })
    }

    proptest! {
        #[test]
        fn events_follow_one_another_as_every_choice_of_them_says(
            events in prop::collection::vec((0_i64..12, 1_u32..8), 0..7),
            steps in 1_usize..=3,
            window in prop::option::of(1_i64..10),
        ) {
            let mut hits: Vec<Hit> = events.iter().map(|(time, steps)| Hit::at(*time * 1_000, *steps)).collect();
            hits.sort_by_key(|hit| hit.time);
            let within = window.map(|window| (format!("PT{window}S").parse().unwrap(), TimeZone::UTC));
            let said = Following { steps, within }.holds(&hits);
            let expected = naive(&hits, &mut Vec::new(), steps, window.map(|window| window * 1_000));
            match said {
                Holds::Perhaps => {
                    let has_ties = hits.windows(2).any(|pair| pair[0].time == pair[1].time);
                    prop_assert!(has_ties, "without ties it is sure");
                }
                sure => prop_assert_eq!(sure == Holds::Yes, expected),
            }
        }
    }
}
