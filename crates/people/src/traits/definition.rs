//! Types of traits, and which of several values a profile shows.

use std::cmp::Ordering;

use base::rule::compare_numbers;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// How what is said of a trait is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraitRule {
    /// What its values are.
    pub value_type: ValueType,
    /// Which of several values the profile shows.
    pub conflict: Conflict,
}

/// What the values of a trait are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Anything.
    #[default]
    Any,
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A date or a moment, as RFC 3339 writes it.
    Date,
    /// A list.
    List,
    /// An object.
    Object,
}

/// Which value the profile shows when several were said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// What was said last.
    #[default]
    Latest,
    /// What was said first.
    First,
    /// The largest; numbers before texts.
    Largest,
    /// The smallest; numbers before texts.
    Smallest,
}

impl ValueType {
    /// The value as one of this type. A text that is unmistakably a number, a truth value or a date becomes one, and a
    /// number or a truth value becomes a text; `None` where the value cannot be one. `null`, which removes a trait, is of
    /// every type.
    pub fn read(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (ValueType::Any, _) | (_, Value::Null) => Some(value.clone()),
            (ValueType::Text, Value::String(_))
            | (ValueType::Number, Value::Number(_))
            | (ValueType::Boolean, Value::Bool(_))
            | (ValueType::List, Value::Array(_))
            | (ValueType::Object, Value::Object(_)) => Some(value.clone()),
            (ValueType::Text, Value::Number(_) | Value::Bool(_)) => Some(value.to_string().into()),
            (ValueType::Number, Value::String(text)) => {
                let number: serde_json::Number = serde_json::from_str(text.trim()).ok()?;
                Some(number.into())
            }
            (ValueType::Boolean, Value::String(text)) => match text.trim() {
                "true" => Some(true.into()),
                "false" => Some(false.into()),
                _ => None,
            },
            (ValueType::Date, Value::String(text)) => {
                let text = text.trim();
                let is_date = text.parse::<jiff::civil::Date>().is_ok() && text.len() == "2026-01-31".len();
                (is_date || text.parse::<jiff::Timestamp>().is_ok()).then(|| text.into())
            }
            _ => None,
        }
    }
}

impl Conflict {
    /// Whether the profile shows `one` rather than `other`; each comes with a key by which the later one is the greater.
    pub fn prefers<K: Ord>(self, one: (&Value, &K), other: (&Value, &K)) -> bool {
        let is_later = one.1 > other.1;
        match self {
            Conflict::Latest => is_later,
            Conflict::First => !is_later,
            // Nothing is neither large nor small.
            Conflict::Largest | Conflict::Smallest if one.0.is_null() || other.0.is_null() => !one.0.is_null(),
            Conflict::Largest => match order(one.0, other.0) {
                Ordering::Equal => is_later,
                order => order.is_gt(),
            },
            Conflict::Smallest => match order(one.0, other.0) {
                Ordering::Equal => is_later,
                order => order.is_lt(),
            },
        }
    }

    /// As [`Conflict::prefers`], where either may have been said only for who has none (`true`): that stands behind
    /// whatever was said plainly, and the first of it counts.
    pub fn prefers_said<K: Ord>(self, one: (&Value, &K, bool), other: (&Value, &K, bool)) -> bool {
        let (said, other_said) = ((one.0, one.1), (other.0, other.1));
        match (one.2, other.2) {
            (false, false) => self.prefers(said, other_said),
            (true, true) => Conflict::First.prefers(said, other_said),
            (is_once, _) => !is_once,
        }
    }
}

fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compare_numbers(one, other),
        (Value::Number(_), _) => Ordering::Less,
        (_, Value::Number(_)) => Ordering::Greater,
        (Value::String(one), Value::String(other)) => one.cmp(other),
        _ => one.to_string().cmp(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_read_only_as_what_it_unmistakably_is() {
        let read = |value_type: ValueType, value: Value| value_type.read(&value);
        assert_eq!(read(ValueType::Number, json!("42")), Some(json!(42)));
        assert_eq!(read(ValueType::Number, json!("4 2")), None);
        assert_eq!(read(ValueType::Number, json!(true)), None);
        assert_eq!(read(ValueType::Text, json!(7)), Some(json!("7")));
        assert_eq!(read(ValueType::Text, json!(["a"])), None);
        assert_eq!(read(ValueType::Boolean, json!("true")), Some(json!(true)));
        assert_eq!(read(ValueType::Boolean, json!("yes")), None);
        assert_eq!(read(ValueType::Date, json!("2026-02-28")), Some(json!("2026-02-28")));
        assert_eq!(read(ValueType::Date, json!("2026-02-30")), None);
        assert_eq!(read(ValueType::Date, json!("2026-02-28T10:00:00Z")), Some(json!("2026-02-28T10:00:00Z")));
        assert_eq!(read(ValueType::List, json!("a")), None);
        assert_eq!(read(ValueType::Number, Value::Null), Some(Value::Null));
    }

    #[test]
    fn each_rule_prefers_what_its_name_says() {
        let prefers = |conflict: Conflict, one: (Value, i64), other: (Value, i64)| {
            conflict.prefers((&one.0, &one.1), (&other.0, &other.1))
        };
        assert!(prefers(Conflict::Latest, (json!(1), 2), (json!(9), 1)));
        assert!(prefers(Conflict::First, (json!(1), 1), (json!(9), 2)));
        assert!(!prefers(Conflict::Largest, (json!(9), 1), (json!(10.5), 2)));
        assert!(prefers(Conflict::Largest, (json!("b"), 1), (json!("a"), 2)));
        assert!(prefers(Conflict::Smallest, (json!(9), 1), (json!(10), 2)));
        assert!(prefers(Conflict::Smallest, (json!(9), 1), (Value::Null, 2)));
    }

    #[test]
    fn the_largest_and_the_smallest_are_found_to_the_last_digit_whoever_came_first() {
        let ordered = [
            (json!(0.1), json!(0.2)),
            (json!(i64::MIN), json!(i64::MIN + 1)),
            (json!(9_007_199_254_740_992_i64), json!(9_007_199_254_740_993_i64)),
            (json!(9_007_199_254_740_992.0), json!(9_007_199_254_740_993_i64)),
            (json!(1_234_567_890_123_456_788_i64), json!(1_234_567_890_123_456_789_i64)),
            (json!(u64::MAX - 1), json!(u64::MAX)),
        ];
        for (small, large) in &ordered {
            for (of_small, of_large) in [(1, 2), (2, 1)] {
                let (small, large) = ((small, &of_small), (large, &of_large));
                assert!(Conflict::Largest.prefers(large, small) && !Conflict::Largest.prefers(small, large));
                assert!(Conflict::Smallest.prefers(small, large) && !Conflict::Smallest.prefers(large, small));
            }
        }
        let (whole, float) = ((json!(1), 1), (json!(1.0), 2));
        assert!(Conflict::Largest.prefers((&float.0, &float.1), (&whole.0, &whole.1)), "of equal ones the later");
    }

    #[test]
    fn what_is_said_for_who_has_none_stands_behind_what_is_said_plainly() {
        let prefers = |one: (Value, i64, bool), other: (Value, i64, bool)| {
            Conflict::Latest.prefers_said((&one.0, &one.1, one.2), (&other.0, &other.1, other.2))
        };
        let (early, late) = ((json!("a"), 1, true), (json!("b"), 9, true));
        let plain = (json!("c"), 5, false);
        assert!(prefers(plain.clone(), early.clone()) && !prefers(early.clone(), plain.clone()));
        assert!(prefers(plain.clone(), late.clone()) && !prefers(late.clone(), plain));
        assert!(prefers(early.clone(), late.clone()) && !prefers(late, early));
    }
}
