//! Conditions that hold for nobody, whoever the members are: slips of whoever wrote the rule.
//!
//! They are refused when a rule is saved or previewed ([`Rule::parse_new`]). A rule that was saved before is read as it
//! stands, since members are in its segment.

use serde_json::Value;

use super::{Comparison, EventFilter, Measure, Operator, Rule, Test};
use crate::{Code, Problem};

impl Rule {
    /// As [`Rule::parse`], for a rule that somebody has just written.
    pub fn parse_new(value: &Value) -> Result<Rule, Problem> {
        Rule::parse_new_at(value, "rule")
    }

    /// As [`Rule::parse_new`], for a rule that stands at `path` in a larger document.
    pub fn parse_new_at(value: &Value, path: &str) -> Result<Rule, Problem> {
        let rule = Rule::parse_at(value, path)?;
        refuse_constants(&rule, path)?;
        Ok(rule)
    }
}

fn refuse_constants(rule: &Rule, path: &str) -> Result<(), Problem> {
    match rule {
        Rule::All(rules) => refuse_in_list(rules, &format!("{path}.all")),
        Rule::Any(rules) => refuse_in_list(rules, &format!("{path}.any")),
        Rule::Not(rule) => refuse_constants(rule, &format!("{path}.not")),
        Rule::Been(rule, _) => refuse_constants(rule, &format!("{path}.been")),
        Rule::Trait(comparison) => refuse_empty_list(&comparison.test, path),
        Rule::Event(event) => {
            refuse_in_filter(&event.filter, path)?;
            let inner = format!("{path}.{}", event.measure.word());
            match event.measure {
                Measure::Count | Measure::Distinct(_) => refuse_impossible_number(&event.test, &inner),
                _ => refuse_empty_list(&event.test, &inner),
            }
        }
        Rule::Sequence(sequence) => {
            let mut numbered = sequence.steps.iter().enumerate();
            numbered.try_for_each(|(index, step)| refuse_in_filter(step, &format!("{path}.sequence[{index}]")))
        }
        Rule::Tag(_) | Rule::Stage(_) | Rule::Group(_) | Rule::Segment(_) => Ok(()),
    }
}

fn refuse_in_list(rules: &[Rule], path: &str) -> Result<(), Problem> {
    let mut numbered = rules.iter().enumerate();
    numbered.try_for_each(|(index, rule)| refuse_constants(rule, &format!("{path}[{index}]")))
}

fn refuse_in_filter(filter: &EventFilter, path: &str) -> Result<(), Problem> {
    let mut numbered = filter.filters.iter().enumerate();
    numbered.try_for_each(|(index, Comparison { test, .. })| refuse_empty_list(test, &format!("{path}.where[{index}]")))
}

fn refuse_empty_list(test: &Test, path: &str) -> Result<(), Problem> {
    match test {
        Test::In(list) if list.is_empty() => {
            let message = "is empty, so nothing is ever among its values";
            Err(Problem::at(Code::ContradictoryRule, format!("{path}.value"), message))
        }
        Test::IgnoringCase(test) => refuse_empty_list(test, path),
        _ => Ok(()),
    }
}

/// A number of events is a whole number from 0 on.
fn refuse_impossible_number(test: &Test, path: &str) -> Result<(), Problem> {
    let Test::Compare(operator, value) = test else { return Ok(()) };
    let Some(number) = value.as_f64() else { return Ok(()) };
    let never = match operator {
        Operator::Eq => number < 0.0 || number.fract() != 0.0,
        Operator::Lt => number <= 0.0,
        Operator::Lte => number < 0.0,
        // What holds for everybody is no slip that loses anybody.
        Operator::Ne | Operator::Gt | Operator::Gte => false,
    };
    let message = "holds for nobody: a number of events is 0, 1, 2 …";
    let refusal = || Problem::at(Code::ContradictoryRule, format!("{path}.value"), message);
    if never { Err(refusal()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(rule: Value) -> Option<(Code, String)> {
        let problem = Rule::parse_new(&rule).err()?;
        assert!(Rule::parse(&rule).is_ok(), "what is stored is still read: {rule}");
        Some((problem.code, problem.errors[0].path.clone()))
    }

    fn count(op: &str, value: f64) -> Value {
        json!({"event": "Order Completed", "count": {"op": op, "value": value}})
    }

    #[test]
    fn a_number_of_events_that_cannot_be_is_refused() {
        for (op, value) in [("lt", 0.0), ("lte", -1.0), ("eq", -1.0), ("eq", 1.5)] {
            let path = "rule.count.value".to_owned();
            assert_eq!(refusal(count(op, value)), Some((Code::ContradictoryRule, path)), "{op} {value}");
        }
        let possible = [("gte", 1.0), ("gt", 0.0), ("eq", 0.0), ("lte", 0.0), ("lt", 1.0), ("lt", 2.5), ("gte", 0.0)];
        for (op, value) in possible {
            assert_eq!(refusal(count(op, value)), None, "{op} {value}");
        }
        let sum = json!({"event": "Refunded", "sum": {"property": "revenue", "op": "lt", "value": 0}});
        assert_eq!(refusal(sum), None, "a sum may be negative");
        let distinct = json!({"event": "E", "distinct": {"property": "shop", "op": "lt", "value": 0}});
        assert_eq!(refusal(distinct), Some((Code::ContradictoryRule, "rule.distinct.value".to_owned())));
    }

    #[test]
    fn an_empty_list_is_refused_wherever_it_stands() {
        let city = json!({"trait": "city", "op": "in", "value": []});
        let filter = json!([{"property": "city", "op": "iin", "value": []}]);
        for (rule, path) in [
            (city.clone(), "rule.value"),
            (json!({"all": [{"tag": "a"}, {"not": city}]}), "rule.all[1].not.value"),
            (json!({"any": [{"event": "E", "where": filter}]}), "rule.any[0].where[0].value"),
            (json!({"sequence": ["A", {"event": "B", "where": filter}]}), "rule.sequence[1].where[0].value"),
            (json!({"been": {"trait": "x", "op": "in", "value": []}, "for": "P1D"}), "rule.been.value"),
        ] {
            assert_eq!(refusal(rule.clone()), Some((Code::ContradictoryRule, path.to_owned())), "{rule}");
        }
        assert_eq!(refusal(json!({"trait": "city", "op": "nin", "value": []})), None);
    }
}
