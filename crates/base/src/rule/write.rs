//! Writing rules in their canonical JSON form.

use serde_json::{Map, Value, json};

use super::{Comparison, EventCondition, EventFilter, Rule, SequenceCondition, Test};

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
            Rule::Sequence(condition) => condition.to_json(),
            Rule::Been(rule, period) => json!({"been": rule.to_json(), "for": period}),
            Rule::Group(id) => json!({"group": id}),
            Rule::Segment(id) => json!({"segment": id}),
        }
    }
}

impl Comparison {
    /// The canonical JSON, with the name under `subject`.
    pub fn to_json(&self, subject: &str) -> Value {
        let (op, value) = self.test.to_json();
        json!({subject: self.name, "op": op, "value": value})
    }
}

impl Test {
    /// Its word and its value.
    fn to_json(&self) -> (String, Value) {
        let (op, value) = match self {
            Test::Compare(operator, value) => (operator.as_str(), value.clone()),
            Test::In(list) => ("in", json!(list)),
            Test::NotIn(list) => ("nin", json!(list)),
            Test::Contains(value) => ("contains", value.clone()),
            Test::Prefix(prefix) => ("prefix", json!(prefix)),
            Test::Exists(wanted) => ("exists", json!(wanted)),
            Test::IgnoringCase(test) => {
                let (op, value) = test.to_json();
                return (format!("i{op}"), value);
            }
        };
        (op.to_owned(), value)
    }
}

impl EventFilter {
    /// The canonical JSON.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        self.write(&mut object);
        Value::Object(object)
    }

    fn write(&self, object: &mut Map<String, Value>) {
        object.insert("event".to_owned(), json!(self.event));
        if !self.filters.is_empty() {
            let filters: Vec<Value> = self.filters.iter().map(|filter| filter.to_json("property")).collect();
            object.insert("where".to_owned(), json!(filters));
        }
    }
}

impl SequenceCondition {
    /// The canonical JSON.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        let steps: Vec<Value> = self.steps.iter().map(EventFilter::to_json).collect();
        object.insert("sequence".to_owned(), json!(steps));
        if let Some(within) = &self.within {
            object.insert("within".to_owned(), json!(within));
        }
        Value::Object(object)
    }
}

impl EventCondition {
    /// The canonical JSON.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        self.filter.write(&mut object);
        let (op, value) = self.test.to_json();
        let measure = match self.measure.property() {
            None => json!({"op": op, "value": value}),
            Some(property) => json!({"property": property, "op": op, "value": value}),
        };
        object.insert(self.measure.word().to_owned(), measure);
        if let Some(within) = &self.within {
            object.insert("within".to_owned(), json!(within));
        }
        Value::Object(object)
    }
}
