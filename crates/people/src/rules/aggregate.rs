//! Numbers of events, added up and compared.

use std::cmp::Ordering;

use base::rule::compare_numbers;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::Datum;

/// A number of an event. Whole ones that are too large for the bits of a float are kept to the last digit, and each
/// number has only one form.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Amount {
    /// A float, or a whole number that is one exactly.
    Float(f64),
    /// A whole number beyond ±2⁵³.
    Whole(i64),
    /// A whole number beyond that of 64 bits with a sign.
    Large(u64),
}

impl Amount {
    /// The number that a value is; `None` when it is none.
    pub fn read(value: &Value) -> Option<Amount> {
        let whole = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
        let float = value.as_f64();
        // A cast stays within the bounds, beyond which there is no whole number of JSON.
        let whole = whole.or_else(|| float.filter(|number| number.fract() == 0.0).map(|number| number as i128));
        whole.and_then(Amount::of_whole).or(float.map(Amount::Float))
    }

    fn of_whole(whole: i128) -> Option<Amount> {
        const EXACT_IN_FLOATS: u128 = 1 << 53;
        if whole.unsigned_abs() <= EXACT_IN_FLOATS {
            return Some(Amount::Float(whole as f64));
        }
        let with_sign = i64::try_from(whole).ok().map(Amount::Whole);
        with_sign.or_else(|| u64::try_from(whole).ok().map(Amount::Large))
    }

    /// As JSON.
    pub fn value(self) -> Value {
        self.number().map_or(Value::Null, Value::Number)
    }

    fn number(self) -> Option<Number> {
        match self {
            Amount::Float(number) => Number::from_f64(number),
            Amount::Whole(number) => Some(number.into()),
            Amount::Large(number) => Some(number.into()),
        }
    }

    fn billionths(self) -> i128 {
        match self {
            // A cast saturates, so that one absurd number does not turn a sum round.
            Amount::Float(number) if number.fract() != 0.0 => (number * BILLION as f64).round() as i128,
            Amount::Float(number) => (number as i128).saturating_mul(BILLION),
            Amount::Whole(number) => i128::from(number) * BILLION,
            Amount::Large(number) => i128::from(number) * BILLION,
        }
    }

    fn compare(self, other: Amount) -> Ordering {
        match (self.number(), other.number()) {
            (Some(one), Some(other)) => compare_numbers(&one, &other),
            // JSON has no NaN.
            _ => Ordering::Equal,
        }
    }
}

/// Count, sum, smallest and largest of some numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    /// How many data.
    pub count: u64,
    /// How many of them were numbers.
    pub numbers: u64,
    /// Sum of the numbers, in billionths: money and whole numbers add up exactly, in any order.
    billionths: i128,
    /// Smallest number.
    pub min: Option<Amount>,
    /// Largest number.
    pub max: Option<Amount>,
}

const BILLION: i128 = 1_000_000_000;

impl Aggregate {
    /// Takes in one datum.
    pub fn add(&mut self, datum: &Datum) {
        self.count += 1;
        let Datum::Number(number) = datum else { return };
        self.numbers += 1;
        self.billionths = self.billionths.saturating_add(number.billionths());
        self.min = further(self.min, Some(*number), Ordering::Less);
        self.max = further(self.max, Some(*number), Ordering::Greater);
    }

    /// Takes over what another one has counted.
    pub(super) fn absorb(&mut self, other: &Aggregate) {
        self.count += other.count;
        self.numbers += other.numbers;
        self.billionths = self.billionths.saturating_add(other.billionths);
        self.min = further(self.min, other.min, Ordering::Less);
        self.max = further(self.max, other.max, Ordering::Greater);
    }

    /// Sum of the numbers; a whole one is exact.
    pub fn sum(&self) -> Value {
        whole_value(self.billionths).unwrap_or_else(|| float_of(self.billionths).into())
    }

    /// Average of the numbers; a whole one is exact. `None` over none.
    pub fn average(&self) -> Option<Value> {
        let numbers = i128::from(self.numbers);
        let rest = self.billionths.checked_rem(numbers)?;
        let exact = if rest == 0 { whole_value(self.billionths / numbers) } else { None };
        Some(exact.unwrap_or_else(|| (float_of(self.billionths) / self.numbers as f64).into()))
    }
}

/// Of two numbers the one that is less, or greater, than the other.
fn further(one: Option<Amount>, other: Option<Amount>, wanted: Ordering) -> Option<Amount> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.compare(one) == wanted { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// So many billionths, when they make a whole number that JSON can say.
fn whole_value(billionths: i128) -> Option<Value> {
    if billionths % BILLION != 0 {
        return None;
    }
    Amount::of_whole(billionths / BILLION).map(Amount::value)
}

fn float_of(billionths: i128) -> f64 {
    billionths as f64 / BILLION as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn aggregate(values: &[Value]) -> Aggregate {
        let mut aggregate = Aggregate::default();
        values.iter().filter_map(Amount::read).for_each(|amount| aggregate.add(&Datum::Number(amount)));
        aggregate
    }

    #[test]
    fn large_whole_numbers_are_added_and_compared_to_the_last_digit() {
        const LARGE: i64 = 9_007_199_254_740_993;
        let odd = aggregate(&[json!(LARGE), json!(LARGE + 2), json!(LARGE + 1)]);
        assert_eq!((odd.sum(), odd.average()), (json!(3 * LARGE + 3), Some(json!(LARGE + 1))));
        assert_eq!((odd.min.unwrap().value(), odd.max.unwrap().value()), (json!(LARGE), json!(LARGE + 2)));
        let beyond = aggregate(&[json!(u64::MAX), json!(i64::MIN), json!(u64::MAX - 1)]);
        assert_eq!((beyond.min.unwrap().value(), beyond.max.unwrap().value()), (json!(i64::MIN), json!(u64::MAX)));
        assert_eq!(aggregate(&[json!(u64::MAX), json!(-1)]).sum(), json!(u64::MAX - 1));
        assert_eq!(aggregate(&[json!(i64::MAX), json!(0.5), json!(0.5)]).sum(), json!(i64::MAX as u64 + 1));
    }

    #[test]
    fn sums_do_not_depend_on_the_order_and_absurd_numbers_do_not_turn_them_round() {
        let tenths = aggregate(&[json!(0.1), json!(0.2), json!(0.3)]);
        assert_eq!(tenths.sum(), json!(0.6));
        assert_eq!(aggregate(&[json!(30), json!(12.5)]).sum(), json!(42.5));
        assert_eq!(aggregate(&[json!(1e300), json!(1e300)]).sum().as_f64().map(f64::is_sign_positive), Some(true));
        assert_eq!(aggregate(&[json!(1), json!(2)]).average(), Some(json!(1.5)));
        assert_eq!((aggregate(&[]).average(), aggregate(&[json!("5")]).numbers), (None, 0));
        // Equal numbers have one form, whichever came first.
        let forms = [json!(1e18), json!(1_000_000_000_000_000_000_i64)];
        assert_eq!(Amount::read(&forms[0]), Amount::read(&forms[1]));
    }
}
