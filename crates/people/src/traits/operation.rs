//! Operations on a trait, and what they make of a value.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::ValueType;

/// Most elements of a list to which operations add.
const MAX_ELEMENTS: usize = 1_000;
/// Most bytes of such a list as JSON: as many as one event may bring.
const MAX_BYTES: usize = 32 * 1024;
/// Numbers with more decimal places than this are added as floating-point numbers.
const MAX_PLACES: usize = 15;

/// What is done to the value that a trait has. An operand of lists is the list of the elements concerned; a value that is
/// no list counts as its only element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// Adds a number; nothing counts as 0.
    Add,
    /// Puts elements at the end of a list.
    Append,
    /// Puts elements at the beginning of a list, in their order.
    Prepend,
    /// As `Append`, but for elements that are there already.
    AppendMissing,
    /// As `Prepend`, but for elements that are there already.
    PrependMissing,
    /// Takes all that equal one of the elements out of a list.
    Remove,
}

/// Why something that was said of a trait is not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It does not fit the value that is there, or the type of the trait.
    WrongType,
    /// The list would have more elements or bytes than operations may make.
    TooLong,
}

impl Operation {
    const WORDS: [(&'static str, Operation); 6] = [
        ("add", Operation::Add),
        ("append", Operation::Append),
        ("prepend", Operation::Prepend),
        ("append_missing", Operation::AppendMissing),
        ("prepend_missing", Operation::PrependMissing),
        ("remove", Operation::Remove),
    ];

    /// Reads the word by which an event names the operation.
    pub fn from_word(word: &str) -> Option<Operation> {
        Operation::WORDS.into_iter().find(|(known, _)| *known == word).map(|(_, operation)| operation)
    }

    /// The word by which an event names it.
    pub fn word(self) -> &'static str {
        Operation::WORDS.into_iter().find(|(_, known)| *known == self).map_or("", |(word, _)| word)
    }

    /// Whether this can be its operand.
    pub fn takes(self, operand: &Value) -> bool {
        match self {
            Operation::Add => operand.is_number(),
            _ => operand.is_array(),
        }
    }

    /// Whether a trait of this type can be what it makes.
    pub fn fits(self, value_type: ValueType) -> bool {
        match value_type {
            ValueType::Any => true,
            ValueType::Number => self == Operation::Add,
            ValueType::List => self != Operation::Add,
            ValueType::Text | ValueType::Boolean | ValueType::Date | ValueType::Object => false,
        }
    }

    /// Changes a value, `null` being none. What does not fit leaves it as it is.
    pub fn apply(self, value: &mut Value, operand: &Value) -> Result<(), Misfit> {
        if self == Operation::Add {
            *value = sum(value, operand).ok_or(Misfit::WrongType)?;
            return Ok(());
        }
        let elements = operand.as_array().ok_or(Misfit::WrongType)?;
        if self == Operation::Remove {
            remove(value, elements);
            return Ok(());
        }
        let mut list = match value.take() {
            Value::Null => Vec::new(),
            Value::Array(list) => list,
            only => vec![only],
        };
        let is_missing = matches!(self, Operation::AppendMissing | Operation::PrependMissing);
        let is_first = matches!(self, Operation::Prepend | Operation::PrependMissing);
        let mut added: Vec<Value> = Vec::new();
        for element in elements {
            if !is_missing || !(list.contains(element) || added.contains(element)) {
                added.push(element.clone());
            }
        }
        match is_first {
            true => _ = list.splice(0..0, added),
            false => list.extend(added),
        }
        *value = Value::Array(list);
        Ok(())
    }

    /// Refuses a value that this operation has made too long. What was said plainly may be longer, and become shorter.
    pub fn check_length(self, value: &Value) -> Result<(), Misfit> {
        let Some(list) = value.as_array().filter(|_| self != Operation::Remove) else { return Ok(()) };
        let is_too_long = list.len() > MAX_ELEMENTS || value.to_string().len() > MAX_BYTES;
        if is_too_long { Err(Misfit::TooLong) } else { Ok(()) }
    }
}

fn remove(value: &mut Value, elements: &[Value]) {
    match value {
        Value::Null => {}
        Value::Array(list) => list.retain(|element| !elements.contains(element)),
        _ if elements.contains(value) => *value = Value::Array(Vec::new()),
        _ => {}
    }
}

/// The sum of two numbers, exact for whole numbers and for decimal ones that are written with few places; `None` when
/// either is no number, or the sum cannot be kept.
fn sum(value: &Value, operand: &Value) -> Option<Value> {
    let (one, other) = match (value, operand) {
        (Value::Null, Value::Number(other)) => return Some(other.clone().into()),
        (Value::Number(one), Value::Number(other)) => (one, other),
        _ => return None,
    };
    if let (Some(one), Some(other)) = (whole(one), whole(other)) {
        return whole_value(one + other);
    }
    if let Some(text) = decimal_sum(&one.to_string(), &other.to_string()) {
        return serde_json::from_str::<Number>(&text).ok().map(Value::Number);
    }
    Number::from_f64(one.as_f64()? + other.as_f64()?).map(Value::Number)
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn whole_value(number: i128) -> Option<Value> {
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => Some(number.into()),
        (_, Ok(number)) => Some(number.into()),
        _ => None,
    }
}

/// The sum of two decimal numbers as text; `None` for numbers that are not written so.
fn decimal_sum(one: &str, other: &str) -> Option<String> {
    let ((one, one_places), (other, other_places)) = (decimal(one)?, decimal(other)?);
    let places = one_places.max(other_places);
    let widened = |digits: i128, own: u32| digits.checked_mul(10_i128.checked_pow(places - own)?);
    let total = widened(one, one_places)?.checked_add(widened(other, other_places)?)?;
    let unit = 10_i128.checked_pow(places)?;
    let (sign, total) = if total < 0 { ("-", -total) } else { ("", total) };
    let fraction = format!("{:0width$}", total % unit, width = places as usize);
    let fraction = fraction.trim_end_matches('0');
    match fraction.is_empty() {
        true => Some(format!("{sign}{}", total / unit)),
        false => Some(format!("{sign}{}.{fraction}", total / unit)),
    }
}

/// The digits of a number such as `-12.50`, and how many of them stand behind the point.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (before, behind) = text.split_once('.').unwrap_or((text, ""));
    if behind.len() > MAX_PLACES {
        return None;
    }
    let digits: i128 = format!("{before}{behind}").parse().ok()?;
    Some((digits, u32::try_from(behind.len()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn after(before: Value, operation: Operation, operand: Value) -> Result<Value, Misfit> {
        let mut value = before.clone();
        let outcome = operation.apply(&mut value, &operand);
        if outcome.is_err() {
            assert_eq!(value, before, "what does not fit changes nothing");
        }
        outcome.map(|()| value)
    }

    #[test]
    fn numbers_are_added_exactly_and_nothing_counts_as_none() {
        let add = |before: Value, by: Value| after(before, Operation::Add, by);
        assert_eq!(add(Value::Null, json!(-3)), Ok(json!(-3)));
        assert_eq!(add(json!(9_007_199_254_740_993_i64), json!(2)), Ok(json!(9_007_199_254_740_995_i64)));
        assert_eq!(add(json!(i64::MAX), json!(1)), Ok(json!(9_223_372_036_854_775_808_u64)));
        assert_eq!(add(json!(u64::MAX), json!(1)), Err(Misfit::WrongType), "no number that can be kept exactly");
        assert_eq!(add(json!(i64::MIN), json!(-1)), Err(Misfit::WrongType));
        assert_eq!(add(json!(0.1), json!(0.2)), Ok(json!(0.3)));
        assert_eq!(add(json!(12), json!(-12.5)), Ok(json!(-0.5)));
        assert_eq!(add(json!(2.5), json!(0.5)), Ok(json!(3)));
        assert_eq!(add(json!(1e300), json!(1)), Ok(json!(1e300)));
        for before in [json!("5"), json!(true), json!([1]), json!({"a": 1})] {
            assert_eq!(add(before, json!(1)), Err(Misfit::WrongType));
        }
        assert_eq!(add(json!(1), json!("1")), Err(Misfit::WrongType));
    }

    #[test]
    fn elements_go_where_the_operation_says() {
        let list = || json!(["a", "b"]);
        let cases = [
            (Operation::Append, json!(["b", "c"]), json!(["a", "b", "b", "c"])),
            (Operation::Prepend, json!(["b", "c"]), json!(["b", "c", "a", "b"])),
            (Operation::AppendMissing, json!(["b", "c", "c"]), json!(["a", "b", "c"])),
            (Operation::PrependMissing, json!(["c", "a", "d"]), json!(["c", "d", "a", "b"])),
            (Operation::Remove, json!(["b", "x"]), json!(["a"])),
        ];
        for (operation, operand, expected) in cases {
            assert_eq!(after(list(), operation, operand), Ok(expected), "{operation:?}");
            assert_eq!(Operation::from_word(operation.word()), Some(operation));
        }
        let twice = after(json!(["a", "b", "a"]), Operation::Remove, json!(["a"]));
        assert_eq!(twice, Ok(json!(["b"])), "all that equal it");
    }

    #[test]
    fn nothing_is_an_empty_list_and_what_is_no_list_its_only_element() {
        for operation in [Operation::Append, Operation::Prepend, Operation::AppendMissing, Operation::PrependMissing] {
            assert_eq!(after(Value::Null, operation, json!(["a", "b"])), Ok(json!(["a", "b"])));
        }
        assert_eq!(after(json!("x"), Operation::Append, json!(["a"])), Ok(json!(["x", "a"])));
        assert_eq!(after(json!({"k": 1}), Operation::Prepend, json!([2])), Ok(json!([2, {"k": 1}])));
        assert_eq!(after(json!("x"), Operation::AppendMissing, json!(["x"])), Ok(json!(["x"])));
        assert_eq!(after(json!("x"), Operation::Remove, json!(["x"])), Ok(json!([])));
        assert_eq!(after(json!("x"), Operation::Remove, json!(["y"])), Ok(json!("x")));
        assert_eq!(after(Value::Null, Operation::Remove, json!(["y"])), Ok(Value::Null));
    }

    #[test]
    fn a_list_that_operations_make_has_an_end() {
        let full = json!(vec![1; MAX_ELEMENTS]);
        assert_eq!(Operation::Append.check_length(&full), Ok(()));
        let longer = json!(vec![1; MAX_ELEMENTS + 1]);
        assert_eq!(Operation::AppendMissing.check_length(&longer), Err(Misfit::TooLong));
        assert_eq!(Operation::Remove.check_length(&longer), Ok(()), "it becomes shorter");
        let heavy = json!(["x".repeat(MAX_BYTES)]);
        assert_eq!(Operation::Prepend.check_length(&heavy), Err(Misfit::TooLong));
    }
}
