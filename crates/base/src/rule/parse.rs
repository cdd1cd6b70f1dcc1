//! Reading rules from JSON, with the path of whatever is wrong.

use serde_json::{Map, Value};

use super::{
    Comparison, EventCondition, EventFilter, MAX_CONDITIONS, MAX_DEPTH, Measure, Operator, Rule, SequenceCondition,
    Test, compare::lower_case, contradiction::refuse_contradictions,
};
use crate::{Code, Period, PeriodError, Problem};

type Object = Map<String, Value>;

const MAX_NAME: usize = 200;
const MAX_LIST: usize = 10_000;
const MAX_STEPS: usize = 10;

impl Rule {
    /// Reads a rule. Unknown words, wrong types and rules beyond [`MAX_DEPTH`] or
    /// [`MAX_CONDITIONS`] are refused with their path, and so are rules that can hold for nobody.
    pub fn parse(value: &Value) -> Result<Rule, Problem> {
        Rule::parse_at(value, "rule")
    }

    /// As [`Rule::parse`], for a rule that stands at `path` in a larger document.
    pub fn parse_at(value: &Value, path: &str) -> Result<Rule, Problem> {
        let mut parser = Parser { conditions: 0, is_inside_been: false };
        let rule = parser.rule(value, path, 0)?;
        refuse_contradictions(&rule, path)?;
        Ok(rule)
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

const OPERATORS: &str =
    "eq, ne, gt, gte, lt, lte, in, nin, contains, prefix, exists, ieq, ine, iin, inin, icontains, iprefix";

fn parse_test(op: &str, value: Option<&Value>, path: &str) -> Result<Test, Problem> {
    if let "ieq" | "ine" | "iin" | "inin" | "icontains" | "iprefix" = op {
        let value = value.map(lower_case);
        return Ok(Test::IgnoringCase(Box::new(parse_test(&op[1..], value.as_ref(), path)?)));
    }
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
        "contains" => Ok(Test::Contains(scalar(value, value_path)?)),
        _ => {
            let operator = Operator::parse(op)
                .ok_or_else(|| invalid(format!("{path}.op"), format!("is not one of {OPERATORS}")))?;
            Ok(Test::Compare(operator, scalar(value, value_path)?))
        }
    }
}

struct Parser {
    conditions: usize,
    is_inside_been: bool,
}

impl Parser {
    fn rule(&mut self, value: &Value, path: &str, depth: usize) -> Result<Rule, Problem> {
        self.conditions += 1;
        if depth > MAX_DEPTH || self.conditions > MAX_CONDITIONS {
            return Err(Problem::at(Code::RuleTooComplex, path, "is beyond the limits of a rule"));
        }
        let object = value.as_object().ok_or_else(|| invalid(path, "must be an object"))?;
        const KINDS: [&str; 11] =
            ["all", "any", "not", "trait", "tag", "stage", "event", "sequence", "been", "group", "segment"];
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
            "sequence" => Ok(Rule::Sequence(self.sequence(object, path)?)),
            "been" => self.been(object, path, depth),
            "group" => {
                only_fields(object, &[kind], path)?;
                let id = name_field(object, kind, path)?;
                Ok(Rule::Group(id.parse().map_err(|_| invalid(inner_path, "is not the id of a group"))?))
            }
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

    fn sequence(&mut self, object: &Object, path: &str) -> Result<SequenceCondition, Problem> {
        only_fields(object, &["sequence", "within"], path)?;
        let path = format!("{path}.sequence");
        let list = object["sequence"].as_array().ok_or_else(|| invalid(&path, "must be a list of events"))?;
        if !(2..=MAX_STEPS).contains(&list.len()) {
            return Err(invalid(&path, format!("must have 2 to {MAX_STEPS} events")));
        }
        self.conditions += list.len();
        let step = |(index, step): (usize, &Value)| {
            let path = format!("{path}[{index}]");
            match step {
                Value::String(_) => {
                    let named = Object::from_iter([("event".to_owned(), step.clone())]);
                    event_filter(&named, &path)
                }
                Value::Object(object) => {
                    only_fields(object, &["event", "where"], &path)?;
                    event_filter(object, &path)
                }
                _ => Err(invalid(path, "must be the name of an event, or an object with event and where")),
            }
        };
        let steps = list.iter().enumerate().map(step).collect::<Result<_, _>>()?;
        Ok(SequenceCondition { steps, within: period(object, "within", &path)? })
    }

    fn been(&mut self, object: &Object, path: &str, depth: usize) -> Result<Rule, Problem> {
        only_fields(object, &["been", "for"], path)?;
        if self.is_inside_been {
            return Err(invalid(path, "may not stand inside another \"been\""));
        }
        let time = period(object, "for", path)?.ok_or_else(|| invalid(format!("{path}.for"), "is missing"))?;
        self.is_inside_been = true;
        let rule = self.rule(&object["been"], &format!("{path}.been"), depth + 1);
        self.is_inside_been = false;
        Ok(Rule::Been(Box::new(rule?), time))
    }

    fn rules(&mut self, value: &Value, path: &str, depth: usize) -> Result<Vec<Rule>, Problem> {
        let list = value.as_array().ok_or_else(|| invalid(path, "must be a list of rules"))?;
        if list.is_empty() {
            return Err(invalid(path, "is empty; a rule needs at least one condition"));
        }
        list.iter().enumerate().map(|(index, rule)| self.rule(rule, &format!("{path}[{index}]"), depth + 1)).collect()
    }
}

fn event_filter(object: &Object, path: &str) -> Result<EventFilter, Problem> {
    let event = name_field(object, "event", path)?;
    let filters = Comparison::parse_list(object.get("where"), &format!("{path}.where"))?;
    Ok(EventFilter { event, filters })
}

fn period(object: &Object, field: &str, path: &str) -> Result<Option<Period>, Problem> {
    let path = format!("{path}.{field}");
    match object.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => {
            text.parse().map(Some).map_err(|error: PeriodError| invalid(path, error.to_string()))
        }
        Some(_) => Err(invalid(path, "must be an ISO 8601 duration such as P30D")),
    }
}

const MEASURES: [&str; 9] = ["count", "sum", "avg", "min", "max", "distinct", "first", "last", "most_frequent"];

fn event_condition(object: &Object, path: &str) -> Result<EventCondition, Problem> {
    let mut allowed = vec!["event", "where", "within"];
    allowed.extend(MEASURES);
    only_fields(object, &allowed, path)?;
    let filter = event_filter(object, path)?;
    let mut measures = MEASURES.iter().filter(|measure| object.contains_key(**measure));
    let (measure, test) = match (measures.next(), measures.next()) {
        (None, _) => (Measure::Count, Test::Compare(Operator::Gte, 1.into())),
        (Some(measure), None) => parse_measure(measure, &object[*measure], &format!("{path}.{measure}"))?,
        _ => return Err(invalid(path, format!("may have only one of {}", MEASURES.join(", ")))),
    };
    Ok(EventCondition { filter, measure, test, within: period(object, "within", path)? })
}

fn parse_measure(word: &str, value: &Value, path: &str) -> Result<(Measure, Test), Problem> {
    let object = value.as_object().ok_or_else(|| invalid(path, "must be an object with op and value"))?;
    let allowed: &[&str] = if word == "count" { &["op", "value"] } else { &["property", "op", "value"] };
    only_fields(object, allowed, path)?;
    let property = if word == "count" { String::new() } else { name_field(object, "property", path)? };
    let measure = Measure::named(word, property).ok_or_else(|| invalid(path, "is not a measure"))?;
    let op = match object.get("op") {
        None => None,
        Some(Value::String(op)) => Some(op.as_str()),
        Some(_) => return Err(invalid(format!("{path}.op"), "must be a text")),
    };
    if measure.gives_any_value() {
        return Ok((measure, parse_test(op.unwrap_or("eq"), object.get("value"), path)?));
    }
    let operator = Operator::parse(op.unwrap_or("gte"))
        .ok_or_else(|| invalid(format!("{path}.op"), "is not one of eq, ne, gt, gte, lt, lte"))?;
    let number = object.get("value").filter(|value| value.is_number());
    let number = number.ok_or_else(|| invalid(format!("{path}.value"), "must be a number"))?;
    Ok((measure, Test::Compare(operator, number.clone())))
}

fn scalar(value: &Value, path: impl FnOnce() -> String) -> Result<Value, Problem> {
    match is_scalar(value) {
        true => Ok(value.clone()),
        false => Err(invalid(path(), "must be a text, a number or a boolean")),
    }
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
            {"any": [{"event": "Order Completed", "sum": {"property": "revenue", "op": "gt", "value": 500}}]},
            {"event": "Order Completed", "last": {"property": "products.sku", "op": "iprefix", "value": "Wine"}},
            {"event": "Order Completed", "distinct": {"property": "shop", "value": 2}, "within": "P1Y"},
            {"sequence": ["Product Viewed", {"event": "Order Completed", "where": [{"property": "revenue", "op": "gt", "value": 9}]}],
             "within": "P1D"},
            {"been": {"tag": "vip"}, "for": "P3D"}, {"group": "grp_0000000000001"}]});
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
        assert_eq!(path_of(json!({"sequence": ["A"]})), "rule.sequence");
        assert_eq!(path_of(json!({"sequence": ["A", {"event": "B", "whre": []}]})), "rule.sequence[1].whre");
        assert_eq!(path_of(json!({"been": {"tag": "a"}})), "rule.for");
        assert_eq!(path_of(json!({"been": {"tga": "a"}, "for": "P3D"})), "rule.been");
        assert_eq!(
            path_of(json!({"been": {"not": {"been": {"tag": "a"}, "for": "P1D"}}, "for": "P3D"})),
            "rule.been.not"
        );
        assert_eq!(path_of(json!({"group": "seg_1"})), "rule.group");
        assert_eq!(path_of(json!({"trait": "a", "op": "matches", "value": "(a+)+$"})), "rule.op");
        assert_eq!(path_of(json!({"event": "X", "distinct": {"op": "gt", "value": 1}})), "rule.distinct.property");
        for op in ["contains", "icontains", "eq"] {
            assert_eq!(path_of(json!({"trait": "a", "op": op, "value": ["x"]})), "rule.value", "{op}");
        }
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
                    "all|any|not|event|tag|trait|count|within|where|op|value|property|sum|segment|sequence|been|for|first|distinct",
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
