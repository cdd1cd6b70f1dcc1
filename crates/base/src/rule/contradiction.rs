//! Rules that can hold for nobody, as far as that can be seen from the rule alone.

use serde_json::Value;

use super::{Comparison, Operator, Rule, Test, compare::equal};
use crate::{Code, Problem};

/// Refuses a rule in which an `all` asks for something and its opposite, for two different values of one trait, or for
/// two stages.
pub(super) fn refuse_contradictions(rule: &Rule, path: &str) -> Result<(), Problem> {
    match rule {
        Rule::All(rules) => {
            for (later, one) in rules.iter().enumerate() {
                if let Some(earlier) = rules[..later].iter().position(|other| exclude_each_other(one, other)) {
                    let message = format!("contradicts {path}.all[{earlier}]: nobody can be both");
                    return Err(Problem::at(Code::ContradictoryRule, format!("{path}.all[{later}]"), message));
                }
                refuse_contradictions(one, &format!("{path}.all[{later}]"))?;
            }
            Ok(())
        }
        Rule::Any(rules) => {
            let mut numbered = rules.iter().enumerate();
            numbered.try_for_each(|(index, rule)| refuse_contradictions(rule, &format!("{path}.any[{index}]")))
        }
        Rule::Been(rule, _) => refuse_contradictions(rule, &format!("{path}.been")),
        // The opposite of what never holds always holds, which is odd, and still an answer.
        _ => Ok(()),
    }
}

fn exclude_each_other(one: &Rule, other: &Rule) -> bool {
    match (one, other) {
        (Rule::Not(denied), asserted) | (asserted, Rule::Not(denied)) => **denied == *asserted,
        (Rule::Stage(one), Rule::Stage(other)) => one != other,
        (Rule::Trait(one), Rule::Trait(other)) => one.name == other.name && no_value_passes(one, other),
        _ => false,
    }
}

fn no_value_passes(one: &Comparison, other: &Comparison) -> bool {
    // A path through a list leads to several values, of which each may pass one of the two.
    if one.name.contains('.') {
        return false;
    }
    if one.test == Test::Exists(false) || other.test == Test::Exists(false) {
        return one.test != other.test;
    }
    match (only_values(&one.test), only_values(&other.test)) {
        (Some(values), _) => !values.iter().any(|value| other.test.holds(Some(value))),
        (_, Some(values)) => !values.iter().any(|value| one.test.holds(Some(value))),
        _ => is_empty_interval(&one.test, &other.test),
    }
}

/// The values that alone pass a test, if there are so few.
fn only_values(test: &Test) -> Option<Vec<Value>> {
    match test {
        Test::Compare(Operator::Eq, value) => Some(vec![value.clone()]),
        Test::In(list) if list.len() <= 100 => Some(list.clone()),
        _ => None,
    }
}

fn is_empty_interval(one: &Test, other: &Test) -> bool {
    let (Test::Compare(lower, low), Test::Compare(upper, high)) = (one, other) else { return false };
    let is_lower = |operator: &Operator| matches!(operator, Operator::Gt | Operator::Gte);
    let is_upper = |operator: &Operator| matches!(operator, Operator::Lt | Operator::Lte);
    let (lower, low, upper, high) = match () {
        () if is_lower(lower) && is_upper(upper) => (lower, low, upper, high),
        () if is_upper(lower) && is_lower(upper) => (upper, high, lower, low),
        () => return false,
    };
    let includes_ends = *lower == Operator::Gte && *upper == Operator::Lte;
    let crosses = Test::Compare(Operator::Gt, high.clone()).holds(Some(low));
    crosses || (equal(low, high) && !includes_ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is_contradiction(rules: Value) -> bool {
        match Rule::parse(&json!({"all": rules})) {
            Ok(_) => false,
            Err(problem) => {
                assert_eq!(problem.code, Code::ContradictoryRule, "{problem:?}");
                true
            }
        }
    }

    #[test]
    fn nobody_is_asked_to_be_two_things_at_once() {
        let age = |op: &str, value: i64| json!({"trait": "age", "op": op, "value": value});
        assert!(is_contradiction(json!([{"tag": "a"}, {"not": {"tag": "a"}}])));
        assert!(is_contradiction(json!([{"stage": "fan"}, {"stage": "buyer"}])));
        assert!(is_contradiction(json!([age("eq", 1), age("eq", 2)])));
        assert!(is_contradiction(json!([age("gt", 5), age("lte", 5)])));
        assert!(is_contradiction(json!([age("lt", 3), {"tag": "b"}, age("gte", 4)])));
        assert!(is_contradiction(json!([age("exists", 0), age("eq", 1)].map(|rule| match rule["op"].as_str() {
            Some("exists") => json!({"trait": "age", "op": "exists", "value": false}),
            _ => rule,
        }))));
    }

    #[test]
    fn what_somebody_can_be_is_let_through() {
        let age = |op: &str, value: i64| json!({"trait": "age", "op": op, "value": value});
        assert!(!is_contradiction(json!([age("gte", 5), age("lte", 5)])));
        assert!(!is_contradiction(json!([age("ne", 5), age("ne", 6)])));
        assert!(!is_contradiction(json!([age("in", 1), age("eq", 1)].map(|rule| match rule["op"].as_str() {
            Some("in") => json!({"trait": "age", "op": "in", "value": [1, 2]}),
            _ => rule,
        }))));
        assert!(!is_contradiction(json!([{"trait": "a.b", "value": 1}, {"trait": "a.b", "value": 2}])));
        assert!(!is_contradiction(json!([{"event": "A"}, {"not": {"event": "A", "within": "P1D"}}])));
    }
}
