//! Which properties have a column of their own, and what of an event's properties goes where.
//!
//! A property that is frequent gets a column with the type of its values. Values of another type, and properties without a
//! column, stay together as a JSON object in the column `rest`, so nothing that was sent is ever lost or changed.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Serialize,
    de::{DeserializeSeed, Deserializer, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::rows::Rows;

/// The most properties that have a column.
pub const MOST: usize = 64;
/// A property gets a column when at least one in so many events has it.
const ONE_IN: usize = 100;
/// So many events are looked at for it.
const LOOKED_AT: usize = 20_000;
/// Below it a 64-bit float holds every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The type of a property's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers.
    Number,
    /// Texts.
    Text,
    /// True or false.
    Truth,
}

/// The properties that have a column, by name. Once a property has one it keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Catalogue(BTreeMap<String, Kind>);

/// A value that can stand in a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// A number that a float holds exactly.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// True or false.
    Truth(bool),
}

impl Scalar<'_> {
    fn kind(&self) -> Kind {
        match self {
            Scalar::Number(_) => Kind::Number,
            Scalar::Text(_) => Kind::Text,
            Scalar::Truth(_) => Kind::Truth,
        }
    }
}

impl Catalogue {
    /// The columns by name.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.0.iter().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// The type of a property's column, if it has one.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.0.get(name).copied()
    }

    /// Gives columns to what is frequent among these events; whether there are new ones.
    pub fn learn(&mut self, rows: &Rows) -> bool {
        if self.0.len() >= MOST || rows.is_empty() {
            return false;
        }
        let step = rows.len().div_ceil(LOOKED_AT).max(1);
        let (mut looked_at, mut met) = (0, BTreeMap::<String, [usize; 3]>::new());
        for place in (0..rows.len()).step_by(step) {
            looked_at += 1;
            each_property(rows.properties(place), |name, value| {
                if let Some(scalar) = scalar(value)
                    && !self.0.contains_key(name)
                {
                    let counts = match met.get_mut(name) {
                        Some(counts) => counts,
                        None => met.entry(name.to_owned()).or_default(),
                    };
                    counts[scalar.kind() as usize] += 1;
                }
            });
        }
        let mut frequent: Vec<(usize, String, Kind)> = met
            .into_iter()
            .map(|(name, counts)| {
                let kinds = [Kind::Number, Kind::Text, Kind::Truth];
                let (most, kind) =
                    counts.into_iter().zip(kinds).max_by_key(|(count, _)| *count).unwrap_or((0, Kind::Text));
                (most, name, kind)
            })
            .filter(|(count, ..)| count * ONE_IN >= looked_at)
            .collect();
        frequent.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        let before = self.0.len();
        self.0.extend(frequent.into_iter().take(MOST - before).map(|(_, name, kind)| (name, kind)));
        self.0.len() > before
    }
}

/// Calls `take` for each property of a JSON object with its name and value; a name that stands there twice counts with its
/// last value for whoever overwrites. Text that is no object has none.
pub fn each_property<'a>(object: &'a str, take: impl FnMut(&str, &'a RawValue)) {
    // What is no object cannot come in; a row of it simply has no properties.
    let _ = Each { take }.deserialize(&mut serde_json::Deserializer::from_str(object));
}

/// The value as a column can hold it; `None` for null, lists, objects, and numbers that a float does not hold exactly.
pub fn scalar(value: &RawValue) -> Option<Scalar<'_>> {
    let text = value.get();
    match text.as_bytes().first()? {
        b'"' => {
            let inner = text.get(1..text.len().checked_sub(1)?)?;
            if inner.contains('\\') {
                return serde_json::from_str(text).ok().map(|text| Scalar::Text(Cow::Owned(text)));
            }
            Some(Scalar::Text(Cow::Borrowed(inner)))
        }
        b't' => Some(Scalar::Truth(true)),
        b'f' => Some(Scalar::Truth(false)),
        b'-' | b'0'..=b'9' => {
            let number: f64 = text.parse().ok()?;
            let is_whole = !text.contains(['.', 'e', 'E']);
            (number.is_finite() && !(is_whole && number.abs() >= EXACT)).then_some(Scalar::Number(number))
        }
        _ => None,
    }
}

struct Each<F> {
    take: F,
}

impl<'de, F: FnMut(&str, &'de RawValue)> DeserializeSeed<'de> for Each<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            (self.take)(&name, value);
        }
        Ok(())
    }
}

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Row;

    fn rows(texts: &[&str]) -> Rows {
        let mut rows = Rows::default();
        for (place, properties) in texts.iter().enumerate() {
            let id = place as i64;
            rows.push(Row { owner: 1, time: id, id, identity: 1, name: "Viewed", properties });
        }
        rows
    }

    #[test]
    fn a_frequent_property_gets_a_column_of_the_type_that_it_mostly_has() {
        let mut texts = vec![r#"{"price": 1.5, "sku": "a\"b", "gift": true, "tags": ["x"]}"#; 150];
        texts.push(r#"{"price": "free", "rare": 1}"#);
        let mut catalogue = Catalogue::default();
        assert!(catalogue.learn(&rows(&texts)));
        let columns: Vec<(&str, Kind)> = catalogue.columns().collect();
        assert_eq!(columns, [("gift", Kind::Truth), ("price", Kind::Number), ("sku", Kind::Text)]);
        assert!(!catalogue.learn(&rows(&texts)), "nothing is new the second time");
    }

    #[test]
    fn what_a_column_cannot_hold_exactly_is_no_scalar() {
        let scalar_of = |text: &str| {
            let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
            scalar(&raw).map(|scalar| format!("{scalar:?}"))
        };
        assert_eq!(scalar_of(r#""a\nb""#).unwrap(), r#"Text("a\nb")"#);
        assert_eq!(scalar_of("9007199254740991").unwrap(), "Number(9007199254740991.0)");
        assert_eq!(scalar_of("-12.50").unwrap(), "Number(-12.5)");
        for text in ["9007199254740993", "1e999", "null", "[1]", "{}"] {
            assert_eq!(scalar_of(text), None, "{text}");
        }
    }
}
