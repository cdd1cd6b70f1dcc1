//! For whom a condition of the rule grammar on events holds: "bought at least twice and for more than 50 in 60 days".

use base::rule::{Operator, Test};

use crate::{facet::value_of, history::History, kernels::trend::Sum, scan::Kernel};

/// What is computed of a member's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How many there are.
    Count,
    /// The sum of their numbers; 0 of none.
    Sum,
    /// The average of their numbers; nothing of none.
    Average,
    /// The smallest number; nothing of none.
    Least,
    /// The largest number; nothing of none.
    Most,
}

/// Something that is asked of a member's events.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Of what.
    pub measure: Measure,
    /// What has to hold of it.
    pub test: Test,
}

/// Lists the members for whom all conditions hold.
pub struct Holding {
    /// The conditions. Of those who have no event nobody is asked.
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
    type Partial = Vec<i64>;

    fn nothing(&self) -> Vec<i64> {
        Vec::new()
    }

    fn member(&self, member: i64, history: &History<'_>, found: &mut Vec<i64>) {
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
        if totals.events > 0 && self.conditions.iter().all(|condition| condition.holds(&totals)) {
            found.push(member);
        }
    }

    fn add(&self, found: &mut Vec<i64>, other: Vec<i64>) {
        found.extend(other);
    }
}

impl Condition {
    fn holds(&self, totals: &Totals) -> bool {
        let any = totals.numbers > 0;
        let value = match self.measure {
            Measure::Count => Some(totals.events as f64),
            Measure::Sum => Some(totals.sum.value()),
            Measure::Average => any.then(|| totals.sum.value() / totals.numbers as f64),
            Measure::Least => any.then_some(totals.least),
            Measure::Most => any.then_some(totals.most),
        };
        let Some(value) = value else { return false };
        match &self.test {
            Test::Compare(operator, serde_json::Value::Number(wanted)) => compare(*operator, value, wanted),
            test => test.holds(Some(&value_of(value))),
        }
    }
}

fn compare(operator: Operator, value: f64, wanted: &serde_json::Number) -> bool {
    wanted.as_f64().is_some_and(|wanted| operator.holds(value, wanted))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::{Hit, tell};

    #[test]
    fn all_conditions_have_to_hold() {
        let hits: Vec<Hit> = [Some(30.0), None, Some(25.5)]
            .map(|value| Hit { value: value.unwrap_or(f64::NAN), ..Hit::at(1, 1) })
            .to_vec();
        let holds = |measure: Measure, operator: Operator, wanted: f64| {
            let twice = Condition { measure: Measure::Count, test: Test::Compare(Operator::Gte, json!(2)) };
            let other = Condition { measure, test: Test::Compare(operator, json!(wanted)) };
            let kernel = Holding { conditions: vec![twice, other] };
            let mut found = kernel.nothing();
            tell(&hits, |history| kernel.member(7, history, &mut found));
            found == [7]
        };
        assert!(holds(Measure::Sum, Operator::Gt, 55.0) && !holds(Measure::Sum, Operator::Gt, 55.5));
        assert!(holds(Measure::Average, Operator::Eq, 27.75) && holds(Measure::Least, Operator::Lt, 25.6));
        assert!(holds(Measure::Most, Operator::Eq, 30.0) && !holds(Measure::Count, Operator::Gt, 3.0));
    }
}
