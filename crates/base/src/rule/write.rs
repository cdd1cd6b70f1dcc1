//! Writing rules in their canonical JSON form.

use serde_json::{Map, Value, json};

use super::{Comparison, EventCondition, Measure, Rule, Test};

impl Rule {
    /// The canonical JSON of this rule; [`Rule::parse`] reads it back to an equal rule.
    pub fn to_json(&self) -> Value {
        match self {
            Rule::All(rules) => json!({"all": rules.iter().map(Rule::to_json).collect::<Vec<_>>()}),
            Rule::Any(rules) => json!({"any": rules.iter().map(Rule::to_json).collect::<Vec<_>>()}),
            Rule::Not(rule) => json!({"not": rule.to_json()}),
            Rule::Trait(comparison) => comparison.to_json("trait"),
            Rule::Tag(tag) => json!({"tag": tag}),
            Rule::Stage(stage) => json!({"stage": stage}),
            Rule::Event(condition) => condition.to_json(),
            Rule::Segment(id) => json!({"segment": id}),
        }
    }
}

impl Comparison {
    /// The canonical JSON, with the name under `subject`.
    pub fn to_json(&self, subject: &str) -> Value {
        let (op, value) = match &self.test {
            Test::Compare(operator, value) => (operator.as_str(), value.clone()),
            Test::In(list) => ("in", json!(list)),
            Test::NotIn(list) => ("nin", json!(list)),
            Test::Contains(value) => ("contains", value.clone()),
            Test::Prefix(prefix) => ("prefix", json!(prefix)),
            Test::Exists(wanted) => ("exists", json!(wanted)),
        };
        json!({subject: self.name, "op": op, "value": value})
    }
}

impl EventCondition {
    /// The canonical JSON.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("event".to_owned(), json!(self.event));
        if !self.filters.is_empty() {
            let filters: Vec<Value> = self.filters.iter().map(|filter| filter.to_json("property")).collect();
            object.insert("where".to_owned(), json!(filters));
        }
        let (op, value) = (self.operator.as_str(), self.value);
        let (word, measure) = match &self.measure {
            Measure::Count => ("count", json!({"op": op, "value": value})),
            Measure::Sum(property) => ("sum", json!({"property": property, "op": op, "value": value})),
            Measure::Avg(property) => ("avg", json!({"property": property, "op": op, "value": value})),
            Measure::Min(property) => ("min", json!({"property": property, "op": op, "value": value})),
            Measure::Max(property) => ("max", json!({"property": property, "op": op, "value": value})),
        };
        object.insert(word.to_owned(), measure);
        if let Some(within) = &self.within {
            object.insert("within".to_owned(), json!(within));
        }
        Value::Object(object)
    }
}
