//! The values of one property in memory, one for each row of a chunk.

use std::{borrow::Cow, collections::HashMap};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{DataType, Float64Type, Int32Type},
};
use base::rule::{Comparison, Operator, Test, lookup};
use serde_json::{Map, Value, value::RawValue};

use crate::{
    chunk::Chunk,
    error::Error,
    part::PROPERTY,
    properties::{Scalar, each_property, scalar},
    read::{PartFile, Wanted},
    rows::Dictionary,
};

/// The values of a property by row. What a property is called may be a path into lists and objects, as in rules.
#[derive(Debug, Default)]
pub struct Facet {
    /// Numbers, NaN where there is none; empty when no row has one.
    numbers: Vec<f64>,
    /// Numbers of texts from 1 on, 0 where there is none; empty when no row has one.
    texts: Vec<u32>,
    dictionary: Vec<Box<str>>,
    /// 1 for false, 2 for true, 0 where there is neither; empty when no row has one.
    truths: Vec<u8>,
    /// Rows with something else: the part of the event's properties to which the name leads.
    odd: HashMap<u32, Map<String, Value>>,
}

impl Facet {
    /// Reads it from the files of a chunk, whose rows stand one file behind the other.
    pub(crate) fn read(name: &str, files: &[PartFile]) -> Result<Facet, Error> {
        let mut builder = FacetBuilder::new(name, files.iter().map(|file| file.rows).sum());
        let column = format!("{PROPERTY}{name}");
        let head = head_of(name).to_owned();
        let leads = |other: &str| other == name || other == head;
        for file in files {
            let opened = file.open(Wanted::WithRestFor(&[&column, "rest"], &leads))?;
            let before = builder.rows;
            for batch in opened.reader {
                let batch = batch.map_err(|error| Error::damaged(&file.path, error))?;
                builder.take(&batch, &column).ok_or_else(|| {
                    Error::damaged(&file.path, format!("the column {column} is not as it was written"))
                })?;
            }
            // A file that has neither column has no value.
            builder.rows = before + file.rows;
        }
        Ok(builder.finish())
    }

    /// In the order of the rows of a chunk.
    pub(crate) fn ordered(self, chunk: &Chunk, name: &str) -> Facet {
        let Some(order) = &chunk.order else { return self };
        let mut builder = FacetBuilder::new(name, order.len());
        order.iter().for_each(|place| builder.copy(&self, *place));
        builder.finish()
    }

    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let texts: usize = self.dictionary.iter().map(|text| text.len() + 16).sum();
        // About so much for each field of an object.
        let odd: usize = self.odd.values().map(|object| 200 + object.values().map(value_bytes).sum::<usize>()).sum();
        self.numbers.capacity() * 8 + self.texts.capacity() * 4 + self.truths.capacity() + texts + odd
    }

    /// The numbers by row, NaN where there is none; empty when there is none at all. Numbers within lists and objects are not
    /// among them.
    pub(crate) fn plain_numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// The numbers by row, NaN where there is none, with those within lists and objects, when there are such.
    pub(crate) fn numbers_within(&self, name: &str, rows: usize) -> Option<Vec<f64>> {
        let numbers_at = |object: &Map<String, Value>| lookup(object, name).and_then(Value::as_f64);
        let odd: Vec<(u32, f64)> =
            self.odd.iter().filter_map(|(row, object)| numbers_at(object).map(|number| (*row, number))).collect();
        if odd.is_empty() {
            return None;
        }
        let mut numbers = self.numbers.clone();
        numbers.resize(rows, f64::NAN);
        odd.into_iter().for_each(|(row, number)| numbers[row as usize] = number);
        Some(numbers)
    }

    /// The value of a row.
    pub(crate) fn value(&self, row: usize, name: &str) -> Option<Scalar<'_>> {
        if let Some(number) = self.numbers.get(row).filter(|number| !number.is_nan()) {
            return Some(Scalar::Number(*number));
        }
        if let Some(text) = self.texts.get(row).filter(|text| **text != 0) {
            return Some(Scalar::Text(Cow::Borrowed(&self.dictionary[*text as usize - 1])));
        }
        if let Some(truth) = self.truths.get(row).filter(|truth| **truth != 0) {
            return Some(Scalar::Truth(*truth == 2));
        }
        match lookup(self.odd.get(&(row as u32))?, name)? {
            Value::Bool(truth) => Some(Scalar::Truth(*truth)),
            Value::String(text) => Some(Scalar::Text(Cow::Borrowed(text))),
            Value::Number(number) => Some(Scalar::Text(Cow::Owned(number.to_string()))),
            _ => None,
        }
    }

    /// A number for the value of each row, asked once of each different text.
    pub(crate) fn coded(&self, rows: usize, name: &str, code: &mut dyn FnMut(Option<&Scalar<'_>>) -> u32) -> Vec<u32> {
        let none = code(None);
        let mut codes = vec![none; rows];
        if !self.texts.is_empty() {
            let mut known: Vec<Option<u32>> = vec![None; self.dictionary.len()];
            for (into, text) in codes.iter_mut().zip(&self.texts) {
                if let Some(text) = text.checked_sub(1) {
                    let scalar = || Scalar::Text(Cow::Borrowed(&self.dictionary[text as usize]));
                    *into = *known[text as usize].get_or_insert_with(|| code(Some(&scalar())));
                }
            }
        }
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        for (into, number) in codes.iter_mut().zip(&self.numbers).filter(|(_, number)| !number.is_nan()) {
            *into = *numbers.entry(number.to_bits()).or_insert_with(|| code(Some(&Scalar::Number(*number))));
        }
        for (into, truth) in codes.iter_mut().zip(&self.truths).filter(|(_, truth)| **truth != 0) {
            *into = code(Some(&Scalar::Truth(*truth == 2)));
        }
        for row in self.odd.keys() {
            if let Some(into) = codes.get_mut(*row as usize) {
                *into = code(self.value(*row as usize, name).as_ref());
            }
        }
        codes
    }

    /// Gets ready to ask each row whether its value passes.
    pub(crate) fn passing<'f>(&'f self, comparison: &'f Comparison) -> Passing<'f> {
        let test = &comparison.test;
        let number = match test {
            Test::Compare(operator, Value::Number(wanted)) => exact(wanted).map(|wanted| (*operator, wanted)),
            _ => None,
        };
        let text = |text: &str| test.holds(Some(&Value::from(text)));
        Passing {
            facet: self,
            comparison,
            number,
            texts: self.dictionary.iter().map(|entry| text(entry)).collect(),
            truths: [false, test.holds(Some(&Value::Bool(false))), test.holds(Some(&Value::Bool(true)))],
            none: test.holds(None),
        }
    }
}

/// Asks rows whether their value passes a test.
pub(crate) struct Passing<'f> {
    facet: &'f Facet,
    comparison: &'f Comparison,
    /// The test, when it is one of a number.
    number: Option<(Operator, f64)>,
    /// By text.
    texts: Vec<bool>,
    truths: [bool; 3],
    none: bool,
}

impl Passing<'_> {
    /// Whether the value of a row passes.
    pub(crate) fn is(&self, row: usize) -> bool {
        if let Some(number) = self.facet.numbers.get(row).filter(|number| !number.is_nan()) {
            return match self.number {
                Some((operator, wanted)) => operator.holds(*number, wanted),
                None => self.comparison.test.holds(Some(&value_of(*number))),
            };
        }
        if let Some(text) = self.facet.texts.get(row).filter(|text| **text != 0) {
            return self.texts[*text as usize - 1];
        }
        if let Some(truth) = self.facet.truths.get(row).filter(|truth| **truth != 0) {
            return self.truths[usize::from(*truth)];
        }
        match self.facet.odd.is_empty() {
            true => self.none,
            false => self.facet.odd.get(&(row as u32)).map_or(self.none, |object| self.comparison.holds(object)),
        }
    }
}

/// A number as a float, when one holds it exactly.
fn exact(number: &serde_json::Number) -> Option<f64> {
    let float = number.as_f64()?;
    (number.is_f64() || float.abs() < 9_007_199_254_740_992.0).then_some(float)
}

/// A number as JSON says it.
pub(crate) fn value_of(number: f64) -> Value {
    match number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        true => Value::from(number as i64),
        false => Value::from(number),
    }
}

fn value_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => 32 + text.len(),
        Value::Array(list) => 32 + list.iter().map(value_bytes).sum::<usize>(),
        Value::Object(object) => {
            64 + object.iter().map(|(name, value)| 32 + name.len() + value_bytes(value)).sum::<usize>()
        }
        _ => 32,
    }
}

/// The first part of a path.
fn head_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(head, _)| head)
}

/// Puts the values of a property together, row after row.
pub(crate) struct FacetBuilder<'n> {
    name: &'n str,
    /// The first part of the name, when it has several.
    head: Option<&'n str>,
    /// How many rows there will be.
    most: usize,
    /// How many have been looked at.
    rows: usize,
    facet: Facet,
    dictionary: Dictionary,
}

impl<'n> FacetBuilder<'n> {
    pub(crate) fn new(name: &'n str, most: usize) -> FacetBuilder<'n> {
        let head = name.split_once('.').map(|(head, _)| head);
        FacetBuilder { name, head, most, rows: 0, facet: Facet::default(), dictionary: Dictionary::default() }
    }

    pub(crate) fn finish(mut self) -> Facet {
        self.facet.dictionary = self.dictionary.texts().to_vec();
        self.facet
    }

    /// Takes the next row from what the event says, a JSON object.
    pub(crate) fn push(&mut self, object: &str) {
        self.look_into(object);
        self.rows += 1;
    }

    /// Takes the next row from another facet of the same property.
    pub(crate) fn copy(&mut self, facet: &Facet, row: u32) {
        if let Some(object) = facet.odd.get(&row) {
            self.facet.odd.insert(self.rows as u32, object.clone());
        } else if let Some(scalar) = facet.value(row as usize, self.name) {
            self.set(&scalar);
        }
        self.rows += 1;
    }

    /// Takes the rows of a batch; `None` when a column is not as it was written.
    fn take(&mut self, batch: &RecordBatch, column: &str) -> Option<()> {
        if let Some(column) = batch.column_by_name(column) {
            self.take_column(column.as_ref())?;
        }
        if let Some(rest) = batch.column_by_name("rest") {
            let rest = rest.as_string_opt::<i32>()?;
            let begin = self.rows;
            for (row, object) in rest.iter().enumerate().filter_map(|(row, object)| Some((row, object?))) {
                self.rows = begin + row;
                self.look_into(object);
            }
            self.rows = begin;
        }
        self.rows += batch.num_rows();
        Some(())
    }

    fn take_column(&mut self, column: &dyn Array) -> Option<()> {
        let begin = self.rows;
        match column.data_type() {
            DataType::Float64 => {
                let values = column.as_primitive_opt::<Float64Type>()?;
                if values.null_count() < values.len() {
                    let numbers = filled(&mut self.facet.numbers, self.most, f64::NAN);
                    match values.nulls() {
                        None => numbers[begin..begin + values.len()].copy_from_slice(values.values()),
                        Some(nulls) => {
                            nulls.valid_indices().for_each(|row| numbers[begin + row] = values.value(row));
                        }
                    }
                }
            }
            DataType::Boolean => {
                let values = column.as_boolean_opt()?;
                let truths = filled(&mut self.facet.truths, self.most, 0);
                for (into, value) in truths[begin..].iter_mut().zip(values) {
                    *into = value.map_or(0, |truth| 1 + u8::from(truth));
                }
            }
            _ => {
                let values = column.as_dictionary_opt::<Int32Type>()?;
                let texts = values.values().as_string_opt::<i32>()?;
                let codes: Vec<u32> =
                    texts.iter().map(|text| 1 + self.dictionary.number(text.unwrap_or_default())).collect();
                let into = filled(&mut self.facet.texts, self.most, 0);
                let keys = values.keys();
                match keys.nulls() {
                    None => {
                        for (into, key) in into[begin..].iter_mut().zip(keys.values()) {
                            *into = codes[*key as usize];
                        }
                    }
                    Some(nulls) => {
                        for row in nulls.valid_indices() {
                            into[begin + row] = codes[keys.value(row) as usize];
                        }
                    }
                }
            }
        }
        Some(())
    }

    /// Takes the value of the present row from an object that may have it.
    fn look_into(&mut self, object: &str) {
        let (mut literal, mut head): (Option<&RawValue>, Option<&RawValue>) = (None, None);
        each_property(object, |name, value| {
            if name == self.name {
                literal = Some(value);
            } else if Some(name) == self.head {
                head = Some(value);
            }
        });
        match (literal, self.head.zip(head)) {
            (Some(value), _) => match scalar(value) {
                Some(scalar) => self.set(&scalar),
                None => self.set_odd(self.name, value),
            },
            (None, Some((name, value))) if value.get().starts_with(['{', '[']) => self.set_odd(name, value),
            _ => {}
        }
    }

    fn set_odd(&mut self, name: &str, value: &RawValue) {
        if let Ok(value) = serde_json::from_str::<Value>(value.get())
            && !value.is_null()
        {
            self.facet.odd.insert(self.rows as u32, Map::from_iter([(name.to_owned(), value)]));
        }
    }

    fn set(&mut self, scalar: &Scalar<'_>) {
        match scalar {
            Scalar::Number(number) => filled(&mut self.facet.numbers, self.most, f64::NAN)[self.rows] = *number,
            Scalar::Text(text) => {
                let number = 1 + self.dictionary.number(text);
                filled(&mut self.facet.texts, self.most, 0)[self.rows] = number;
            }
            Scalar::Truth(truth) => filled(&mut self.facet.truths, self.most, 0)[self.rows] = 1 + u8::from(*truth),
        }
    }
}

/// The list, made when it is first needed.
fn filled<T: Clone>(list: &mut Vec<T>, length: usize, empty: T) -> &mut Vec<T> {
    if list.is_empty() {
        *list = vec![empty; length];
    }
    list
}

#[cfg(test)]
mod tests {
    use base::rule::Comparison;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            prop::sample::select(vec![json!(1), json!(1.5), json!(-3), json!(9_007_199_254_740_993_i64)]),
            prop::sample::select(vec![json!("red"), json!("Red wine"), json!(""), json!("1")]),
            prop::sample::select(vec![json!(true), json!(false), json!(null)]),
            prop::sample::select(vec![
                json!(["red", 1]),
                json!({"b": 1, "c": "red"}),
                json!([{"b": 1.5}, {"b": "red"}]),
                json!({"b": null}),
            ]),
        ]
    }

    fn object() -> impl Strategy<Value = Map<String, Value>> {
        let name = prop::sample::select(vec!["a", "b", "a.b", "n"]);
        prop::collection::vec((name, value()), 0..4)
            .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn test() -> impl Strategy<Value = Test> {
        let operator = prop::sample::select(vec!["eq", "ne", "gt", "gte", "lt", "lte"]);
        prop_oneof![
            (operator, value()).prop_map(|(word, value)| Test::Compare(Operator::parse(word).unwrap(), value)),
            prop::collection::vec(value(), 0..3).prop_map(Test::In),
            prop::collection::vec(value(), 0..3).prop_map(Test::NotIn),
            value().prop_map(Test::Contains),
            Just(Test::Prefix("re".to_owned())),
            any::<bool>().prop_map(Test::Exists),
            Just(Test::IgnoringCase(Box::new(Test::Contains(json!("red"))))),
        ]
    }

    proptest! {
        #[test]
        fn a_value_passes_as_it_does_in_a_rule(
            objects in prop::collection::vec(object(), 1..12),
            name in prop::sample::select(vec!["a", "a.b", "n", "a.0.b", "a.c"]),
            test in test(),
        ) {
            let comparison = Comparison { name: name.to_owned(), test };
            let mut builder = FacetBuilder::new(name, objects.len());
            objects.iter().for_each(|object| builder.push(&Value::Object(object.clone()).to_string()));
            let facet = builder.finish();
            let mut turned = FacetBuilder::new(name, objects.len());
            (0..objects.len() as u32).rev().for_each(|row| turned.copy(&facet, row));
            let turned = turned.finish();
            for (row, object) in objects.iter().enumerate() {
                let expected = comparison.holds(object);
                prop_assert_eq!(facet.passing(&comparison).is(row), expected);
                prop_assert_eq!(turned.passing(&comparison).is(objects.len() - 1 - row), expected);
            }
        }
    }
}
