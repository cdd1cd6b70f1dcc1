//! Comparisons of traits and properties.

use serde_json::Value;

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
}

impl Operator {
    /// Reads `eq`, `gte` ….
    pub fn parse(text: &str) -> Option<Operator> {
        Some(match text {
            "eq" => Operator::Eq,
            "ne" => Operator::Ne,
            "gt" => Operator::Gt,
            "gte" => Operator::Gte,
            "lt" => Operator::Lt,
            "lte" => Operator::Lte,
            _ => return None,
        })
    }

    /// The text that [`Operator::parse`] reads.
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::Eq => "eq",
            Operator::Ne => "ne",
            Operator::Gt => "gt",
            Operator::Gte => "gte",
            Operator::Lt => "lt",
            Operator::Lte => "lte",
        }
    }

    /// Whether `left OP right` holds; false when they cannot be compared (NaN).
    pub fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Operator::Eq => left == right,
            Operator::Ne => left != right,
            Operator::Gt => left > right,
            Operator::Gte => left >= right,
            Operator::Lt => left < right,
            Operator::Lte => left <= right,
        }
    }
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Compare with a scalar. Numbers with numbers, texts with texts (exactly, by code
    /// point), booleans with booleans; different types are unequal and have no order.
    Compare(Operator, Value),
    /// Equal to one of these.
    In(Vec<Value>),
    /// Equal to none of these.
    NotIn(Vec<Value>),
    /// A text that contains this one, or a list that has an element equal to it.
    Contains(Value),
    /// A text that starts with this one.
    Prefix(String),
    /// There is a value (or there is none). JSON `null` is none.
    Exists(bool),
}

/// A test on the value at a path in a JSON object.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Name of the trait or property. A name with dots is tried as it stands first, then as
    /// a path into nested objects.
    pub name: String,
    /// What is asked of the value.
    pub test: Test,
}

/// The value at a name, or at a dotted path.
pub fn lookup<'a>(object: &'a serde_json::Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = object.get(name) {
        return Some(value).filter(|v| !v.is_null());
    }
    let (head, rest) = name.split_once('.')?;
    lookup(object.get(head)?.as_object()?, rest)
}

impl Comparison {
    /// Whether the value in `object` passes.
    pub fn holds(&self, object: &serde_json::Map<String, Value>) -> bool {
        self.test.holds(lookup(object, &self.name))
    }
}

impl Test {
    /// Whether a value passes. A missing one passes nothing but `exists: false`.
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let value = value.filter(|v| !v.is_null());
        let Some(value) = value else {
            return *self == Test::Exists(false);
        };
        match self {
            Test::Exists(wanted) => *wanted,
            Test::Compare(operator, wanted) => compare(*operator, value, wanted),
            Test::In(list) => list.iter().any(|wanted| equal(value, wanted)),
            Test::NotIn(list) => !list.iter().any(|wanted| equal(value, wanted)),
            Test::Prefix(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix.as_str())),
            Test::Contains(wanted) => match (value, wanted) {
                (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
                (Value::Array(list), wanted) => list.iter().any(|element| equal(element, wanted)),
                _ => false,
            },
        }
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => left == right,
    }
}

fn compare(operator: Operator, left: &Value, right: &Value) -> bool {
    match operator {
        Operator::Eq => return equal(left, right),
        Operator::Ne => return !equal(left, right),
        _ => {}
    }
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => operator.holds(a, b),
            _ => operator.holds(a.as_f64(), b.as_f64()),
        },
        (Value::String(a), Value::String(b)) => operator.holds(a.as_str(), b.as_str()),
        _ => false,
    }
}
