//! Comparisons of traits and properties.

use std::cmp::Ordering;

use serde_json::{Number, Value};

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
    /// The same, with upper and lower case alike; the texts in it are in lower case.
    IgnoringCase(Box<Test>),
}

/// A test on the value at a path in a JSON object.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Name of the trait or property. A name with dots is tried as it stands first, then as a path into nested objects
    /// and lists: `products.sku` is the `sku` of every product, `products.0.sku` that of the first.
    pub name: String,
    /// What is asked of the value.
    pub test: Test,
}

/// The value at a name, or the first at a dotted path.
pub fn lookup<'a>(object: &'a serde_json::Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut found = None;
    each_value(object, name, &mut |value| {
        found.get_or_insert(value);
    });
    found
}

/// Visits every value at a name, or at a dotted path; a path through a list leads to several. `null` is no value.
pub fn each_value<'a>(object: &'a serde_json::Map<String, Value>, name: &str, visit: &mut impl FnMut(&'a Value)) {
    if let Some(value) = object.get(name) {
        if !value.is_null() {
            visit(value);
        }
        return;
    }
    if let Some((head, rest)) = name.split_once('.')
        && let Some(inner) = object.get(head)
    {
        each_value_in(inner, rest, visit);
    }
}

fn each_value_in<'a>(value: &'a Value, path: &str, visit: &mut impl FnMut(&'a Value)) {
    match value {
        Value::Object(object) => each_value(object, path, visit),
        Value::Array(list) => {
            let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
            let place: Option<usize> = head.parse().ok();
            match (place.and_then(|place| list.get(place)), rest) {
                (Some(element), Some(rest)) => each_value_in(element, rest, visit),
                (Some(Value::Null), None) => {}
                (Some(element), None) => visit(element),
                // A number that is no place in the list may still be the name of a field in its objects.
                (None, _) => {
                    list.iter().filter(|element| element.is_object()).for_each(|e| each_value_in(e, path, visit))
                }
            }
        }
        _ => {}
    }
}

impl Comparison {
    /// Whether the value in `object` passes. Where a path leads to several values, one that passes is enough; for `ne`
    /// and `nin` none may be equal.
    pub fn holds(&self, object: &serde_json::Map<String, Value>) -> bool {
        if !self.name.contains('.') {
            return self.test.holds(object.get(&self.name));
        }
        let (mut values, mut passing) = (0, 0);
        each_value(object, &self.name, &mut |value| {
            values += 1;
            passing += usize::from(self.test.holds(Some(value)));
        });
        match values {
            0 => self.test.holds(None),
            _ if self.test.is_negative() => passing == values,
            _ => passing > 0,
        }
    }
}

impl Test {
    /// Whether a value passes. A missing one passes nothing but `exists: false`.
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let value = value.filter(|v| !v.is_null());
        let Some(value) = value else {
            return *self == Test::Exists(false);
        };
        if let Test::IgnoringCase(test) = self {
            return test.holds(Some(&lower_case(value)));
        }
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
            Test::IgnoringCase(_) => false,
        }
    }

    /// Whether it asks that something is not so, and must then be true of every value.
    fn is_negative(&self) -> bool {
        match self {
            Test::Compare(Operator::Ne, _) | Test::NotIn(_) | Test::Exists(false) => true,
            Test::IgnoringCase(test) => test.is_negative(),
            _ => false,
        }
    }
}

/// Texts in lower case, also those in a list; anything else as it is.
pub(super) fn lower_case(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.to_lowercase()),
        Value::Array(list) => Value::Array(list.iter().map(lower_case).collect()),
        other => other.clone(),
    }
}

pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => compare_numbers(a, b).is_eq(),
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
        (Value::Number(a), Value::Number(b)) => operator.holds(compare_numbers(a, b), Ordering::Equal),
        (Value::String(a), Value::String(b)) => operator.holds(a.as_str(), b.as_str()),
        _ => false,
    }
}

/// How one number stands to another, exactly: a float has too few bits for large whole numbers, and where 2⁵³ and 2⁵³ + 1
/// both equalled one float, there would be no order.
pub fn compare_numbers(one: &Number, other: &Number) -> Ordering {
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(whole), None) => compare_with_float(whole, float(other)),
        (None, Some(whole)) => compare_with_float(whole, float(one)).reverse(),
        // JSON has no NaN.
        (None, None) => float(one).partial_cmp(&float(other)).unwrap_or(Ordering::Equal),
    }
}

/// Both parts of a float are exact, and a cast stays within the bounds, beyond which no whole number of JSON lies.
fn compare_with_float(whole: i128, float: f64) -> Ordering {
    let fraction = 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal);
    whole.cmp(&(float.trunc() as i128)).then(fraction)
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(left: &Value, operator: &str, right: &Value) -> bool {
        Test::Compare(Operator::parse(operator).unwrap(), right.clone()).holds(Some(left))
    }

    #[test]
    fn large_whole_numbers_are_compared_to_the_last_digit() {
        let pairs = [
            (json!(1_234_567_890_123_456_788_i64), json!(1_234_567_890_123_456_789_i64)),
            (json!(i64::MIN), json!(i64::MIN + 1)),
            (json!(i64::MAX), json!(i64::MAX as u64 + 1)),
            (json!(u64::MAX - 1), json!(u64::MAX)),
            (json!(-1), json!(u64::MAX)),
        ];
        for (less, more) in &pairs {
            for (operator, holds_upwards, holds_downwards) in [
                ("eq", false, false),
                ("ne", true, true),
                ("lt", true, false),
                ("lte", true, false),
                ("gt", false, true),
                ("gte", false, true),
            ] {
                assert_eq!(holds(less, operator, more), holds_upwards, "{less} {operator} {more}");
                assert_eq!(holds(more, operator, less), holds_downwards, "{more} {operator} {less}");
            }
            assert!(
                !Test::In(vec![less.clone()]).holds(Some(more)) && Test::NotIn(vec![less.clone()]).holds(Some(more))
            );
            assert!(!Test::Contains(less.clone()).holds(Some(&json!([more]))));
        }
    }

    #[test]
    fn numbers_have_one_order_also_where_whole_ones_and_floats_lie_close() {
        let ordered = [
            json!(-1e300),
            json!(i64::MIN),
            json!(i64::MIN + 1),
            json!(-9_007_199_254_740_992.0),
            json!(-0.1),
            json!(0),
            json!(0.1),
            json!(1),
            json!(1.5),
            json!(9_007_199_254_740_992.0),
            json!(9_007_199_254_740_993_i64),
            json!(9_007_199_254_740_994_i64),
            json!(u64::MAX),
            json!(18_446_744_073_709_551_616.0),
            json!(1e300),
        ];
        for (place, one) in ordered.iter().enumerate() {
            for (other_place, other) in ordered.iter().enumerate() {
                let (Value::Number(a), Value::Number(b)) = (one, other) else { unreachable!() };
                assert_eq!(compare_numbers(a, b), place.cmp(&other_place), "{one} {other}");
            }
        }
        assert!(holds(&json!(9_007_199_254_740_992_i64), "eq", &json!(9_007_199_254_740_992.0)));
        assert!(holds(&json!(i64::MIN), "eq", &json!(i64::MIN as f64)));
    }

    #[test]
    fn a_whole_number_equals_the_float_of_its_value() {
        assert!(holds(&json!(1), "eq", &json!(1.0)) && !holds(&json!(1), "ne", &json!(1.0)));
        assert!(holds(&json!(1), "lt", &json!(1.5)) && holds(&json!(1.5), "gte", &json!(1)));
        assert!(holds(&json!(u64::MAX), "gt", &json!(1e3)) && holds(&json!(-0.0), "eq", &json!(0)));
        assert!(!holds(&json!("1"), "eq", &json!(1)) && !holds(&json!("1"), "lt", &json!(2)));
    }
}
