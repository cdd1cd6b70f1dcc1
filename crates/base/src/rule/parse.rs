//! Reading rules from JSON, with the path of whatever is wrong.

use serde_json::{Map, Value};

use super::{Comparison, EventCondition, MAX_CONDITIONS, MAX_DEPTH, Measure, Operator, Rule, Test};
use crate::{Code, Period, Problem};

type Object = Map<String, Value>;

const MAX_NAME: usize = 200;
const MAX_LIST: usize = 10_000;

impl Rule {
    /// Reads a rule. Unknown words, wrong types and rules beyond [`MAX_DEPTH`] or
    /// [`MAX_CONDITIONS`] are refused with their path.
    pub fn parse(value: &Value) -> Result<Rule, Problem> {
        Rule::parse_at(value, "rule")
    }

    /// As [`Rule::parse`], for a rule that stands at `path` in a larger document.
    pub fn parse_at(value: &Value, path: &str) -> Result<Rule, Problem> {
        let mut parser = Parser { conditions: 0 };
        parser.rule(value, path, 0)
    }
}

impl Comparison {
    /// Reads `{"property": …, "op": …, "value": …}`; `subject` is the name of the first field.
    pub fn parse(object: &Object, subject: &str, path: &str) -> Result<Comparison, Problem> {
        only_fields(object, &[subject, "op", "value"], path)?;
        let name = name_field(object, subject, path)?;
        let op = match object.get("op") {
            None => "eq",
            Some(Value::String(op)) => op.as_str(),
            Some(_) => return Err(invalid(format!("{path}.op"), "must be a text")),
        };
        let value = object.get("value");
        let test = parse_test(op, value, path)?;
        Ok(Comparison { name, test })
    }

    /// Reads a list of property filters (`where`).
    pub fn parse_list(value: Option<&Value>, path: &str) -> Result<Vec<Comparison>, Problem> {
        let list = match value {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) if list.len() <= 50 => list,
            Some(Value::Array(_)) => return Err(invalid(path, "has more than 50 filters")),
            Some(_) => return Err(invalid(path, "must be a list of filters")),
        };
        list.iter()
            .enumerate()
            .map(|(index, filter)| {
                let path = format!("{path}[{index}]");
                let object = filter.as_object().ok_or_else(|| invalid(&path, "must be an object"))?;
                Comparison::parse(object, "property", &path)
            })
            .collect()
    }
}

fn parse_test(op: &str, value: Option<&Value>, path: &str) -> Result<Test, Problem> {
    if op == "exists" {
        return match value {
            None => Ok(Test::Exists(true)),
            Some(Value::Bool(wanted)) => Ok(Test::Exists(*wanted)),
            Some(_) => Err(invalid(format!("{path}.value"), "must be true or false for \"exists\"")),
        };
    }
    let value = value.ok_or_else(|| invalid(format!("{path}.value"), "is missing"))?;
    let value_path = || format!("{path}.value");
    match op {
        "in" | "nin" => {
            let list = value.as_array().ok_or_else(|| invalid(value_path(), "must be a list"))?;
            if list.len() > MAX_LIST {
                return Err(invalid(value_path(), "has more than 10,000 values"));
            }
            if !list.iter().all(is_scalar) {
                return Err(invalid(value_path(), "may hold texts, numbers and booleans"));
            }
            Ok(if op == "in" { Test::In(list.clone()) } else { Test::NotIn(list.clone()) })
        }
        "prefix" => {
            let prefix = value.as_str().ok_or_else(|| invalid(value_path(), "must be a text"))?;
            Ok(Test::Prefix(prefix.to_owned()))
        }
        "contains" if is_scalar(value) => Ok(Test::Contains(value.clone())),
        _ => {
            let operator = Operator::parse(op).ok_or_else(|| {
                invalid(
                    format!("{path}.op"),
                    "is not one of eq, ne, gt, gte, lt, lte, in, nin, contains, prefix, exists",
                )
            })?;
            if !is_scalar(value) {
                return Err(invalid(value_path(), "must be a text, a number or a boolean"));
            }
            Ok(Test::Compare(operator, value.clone()))
        }
    }
}

struct Parser {
    conditions: usize,
}

impl Parser {
    fn rule(&mut self, value: &Value, path: &str, depth: usize) -> Result<Rule, Problem> {
        self.conditions += 1;
        if depth > MAX_DEPTH || self.conditions > MAX_CONDITIONS {
            return Err(Problem::at(Code::RuleTooComplex, path, "is beyond the limits of a rule"));
        }
        let object = value.as_object().ok_or_else(|| invalid(path, "must be an object"))?;
        const KINDS: [&str; 8] = ["all", "any", "not", "trait", "tag", "stage", "event", "segment"];
        let mut kinds = KINDS.iter().filter(|kind| object.contains_key(**kind));
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            return Err(invalid(path, format!("must have exactly one of {}", KINDS.join(", "))));
        };
        let inner = &object[*kind];
        let inner_path = format!("{path}.{kind}");
        match *kind {
            "all" | "any" => {
                only_fields(object, &[kind], path)?;
                let rules = self.rules(inner, &inner_path, depth)?;
                Ok(if *kind == "all" { Rule::All(rules) } else { Rule::Any(rules) })
            }
            "not" => {
                only_fields(object, &[kind], path)?;
                Ok(Rule::Not(Box::new(self.rule(inner, &inner_path, depth + 1)?)))
            }
            "trait" => Ok(Rule::Trait(Comparison::parse(object, "trait", path)?)),
            "event" => Ok(Rule::Event(event_condition(object, path)?)),
            "segment" => {
                only_fields(object, &[kind], path)?;
                let id = name_field(object, kind, path)?;
                Ok(Rule::Segment(id.parse().map_err(|_| invalid(inner_path, "is not the id of a segment"))?))
            }
            _ => {
                only_fields(object, &[kind], path)?;
                let name = name_field(object, kind, path)?;
                Ok(if *kind == "tag" { Rule::Tag(name) } else { Rule::Stage(name) })
            }
        }
    }

    fn rules(&mut self, value: &Value, path: &str, depth: usize) -> Result<Vec<Rule>, Problem> {
        let list = value.as_array().ok_or_else(|| invalid(path, "must be a list of rules"))?;
        if list.is_empty() {
            return Err(invalid(path, "is empty; a rule needs at least one condition"));
        }
        list.iter().enumerate().map(|(index, rule)| self.rule(rule, &format!("{path}[{index}]"), depth + 1)).collect()
    }
}

fn event_condition(object: &Object, path: &str) -> Result<EventCondition, Problem> {
    const MEASURES: [&str; 5] = ["count", "sum", "avg", "min", "max"];
    only_fields(object, &["event", "where", "count", "sum", "avg", "min", "max", "within"], path)?;
    let event = name_field(object, "event", path)?;
    let filters = Comparison::parse_list(object.get("where"), &format!("{path}.where"))?;
    let mut measures = MEASURES.iter().filter(|measure| object.contains_key(**measure));
    let (measure, operator, value) = match (measures.next(), measures.next()) {
        (None, _) => (Measure::Count, Operator::Gte, 1.0),
        (Some(measure), None) => parse_measure(measure, &object[*measure], &format!("{path}.{measure}"))?,
        _ => return Err(invalid(path, "may have only one of count, sum, avg, min, max")),
    };
    let within = match object.get("within") {
        None => None,
        Some(Value::String(text)) => {
            Some(text.parse::<Period>().map_err(|error| invalid(format!("{path}.within"), error.to_string()))?)
        }
        Some(_) => return Err(invalid(format!("{path}.within"), "must be an ISO 8601 duration such as P30D")),
    };
    Ok(EventCondition { event, filters, measure, operator, value, within })
}

fn parse_measure(word: &str, value: &Value, path: &str) -> Result<(Measure, Operator, f64), Problem> {
    let object = value.as_object().ok_or_else(|| invalid(path, "must be an object with op and value"))?;
    let operator = match object.get("op") {
        None => Operator::Gte,
        Some(op) => op
            .as_str()
            .and_then(Operator::parse)
            .ok_or_else(|| invalid(format!("{path}.op"), "is not one of eq, ne, gt, gte, lt, lte"))?,
    };
    let number = object
        .get("value")
        .and_then(Value::as_f64)
        .filter(|number| number.is_finite())
        .ok_or_else(|| invalid(format!("{path}.value"), "must be a number"))?;
    if word == "count" {
        only_fields(object, &["op", "value"], path)?;
        return Ok((Measure::Count, operator, number));
    }
    only_fields(object, &["property", "op", "value"], path)?;
    let property = name_field(object, "property", path)?;
    let measure = match word {
        "sum" => Measure::Sum(property),
        "avg" => Measure::Avg(property),
        "min" => Measure::Min(property),
        _ => Measure::Max(property),
    };
    Ok((measure, operator, number))
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

fn name_field(object: &Object, field: &str, path: &str) -> Result<String, Problem> {
    match object.get(field) {
        Some(Value::String(name)) if !name.is_empty() && name.len() <= MAX_NAME && !name.contains('\0') => {
            Ok(name.clone())
        }
        Some(Value::String(_)) => Err(invalid(format!("{path}.{field}"), "must have 1 to 200 bytes and no NUL")),
        Some(_) => Err(invalid(format!("{path}.{field}"), "must be a text")),
        None => Err(invalid(format!("{path}.{field}"), "is missing")),
    }
}

fn only_fields(object: &Object, allowed: &[&str], path: &str) -> Result<(), Problem> {
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(unknown) => Err(invalid(
            format!("{path}.{}", unknown.chars().take(64).collect::<String>()),
            format!("is not known here; expected {}", allowed.join(", ")),
        )),
        None => Ok(()),
    }
}

fn invalid(path: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem::at(Code::InvalidRule, path, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn path_of(rule: Value) -> String {
        Rule::parse(&rule).unwrap_err().errors[0].path.clone()
    }

    #[test]
    fn the_canonical_form_reads_back() {
        let rule = json!({"all": [
            {"trait": "city", "op": "in", "value": ["上海", "杭州"]}, {"tag": "wine-lover"}, {"stage": "repeat"},
            {"event": "Order Completed", "where": [{"property": "revenue", "op": "gte", "value": 100}],
             "count": {"op": "gte", "value": 2}, "within": "P30D"},
            {"not": {"event": "Message Posted", "within": "P7D"}},
            {"any": [{"event": "Order Completed", "sum": {"property": "revenue", "op": "gt", "value": 500}}]}]});
        let parsed = Rule::parse(&rule).unwrap();
        assert_eq!(Rule::parse(&parsed.to_json()).unwrap(), parsed);
        assert_eq!(Rule::parse(&parsed.to_json()).unwrap().to_json(), parsed.to_json());
    }

    #[test]
    fn names_the_path_of_what_is_wrong() {
        assert_eq!(path_of(json!({"all": [{"tag": "a"}, {"tga": "b"}]})), "rule.all[1]");
        assert_eq!(path_of(json!({"tag": "a", "extra": 1})), "rule.extra");
        assert_eq!(path_of(json!({"event": "X", "within": "30 days"})), "rule.within");
        assert_eq!(path_of(json!({"event": "X", "count": {"op": "more", "value": 1}})), "rule.count.op");
        assert_eq!(path_of(json!({"event": "X", "where": [{"property": "p", "op": "gt"}]})), "rule.where[0].value");
        assert_eq!(path_of(json!({"all": []})), "rule.all");
        assert_eq!(path_of(json!("tag")), "rule");
        assert_eq!(path_of(json!({"segment": "mem_1"})), "rule.segment");
    }

    #[test]
    fn refuses_rules_beyond_the_limits() {
        let mut deep = json!({"tag": "a"});
        for _ in 0..200 {
            deep = json!({"not": deep});
        }
        assert_eq!(Rule::parse(&deep).unwrap_err().code, Code::RuleTooComplex);
        let wide = json!({"all": vec![json!({"tag": "a"}); 501]});
        assert_eq!(Rule::parse(&wide).unwrap_err().code, Code::RuleTooComplex);
    }

    #[test]
    fn a_missing_value_passes_nothing_but_exists_false() {
        let empty = Object::new();
        for op in ["eq", "ne", "gt", "gte", "lt", "lte", "contains", "prefix"] {
            let rule = json!({"trait": "x", "op": op, "value": "a"});
            let Rule::Trait(comparison) = Rule::parse(&rule).unwrap() else { panic!() };
            assert!(!comparison.holds(&empty), "{op}");
        }
        let Rule::Trait(nin) = Rule::parse(&json!({"trait": "x", "op": "nin", "value": ["a"]})).unwrap() else {
            panic!()
        };
        assert!(!nin.holds(&empty));
        let Rule::Trait(absent) = Rule::parse(&json!({"trait": "x", "op": "exists", "value": false})).unwrap() else {
            panic!()
        };
        assert!(absent.holds(&empty));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-z]{0,6}|P30D|event|tag".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(
                    "all|any|not|event|tag|trait|count|within|where|op|value|property|sum|segment",
                    inner,
                    0..4
                )
                .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_json_makes_the_parser_panic(value in any_json()) {
            if let Ok(rule) = Rule::parse(&value) {
                prop_assert_eq!(Rule::parse(&rule.to_json()).unwrap(), rule);
            }
        }
    }
}
