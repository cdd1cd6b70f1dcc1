//! Reading the members of a foreign record, borrowed from its text.

use std::{borrow::Cow, fmt};

use base::Code;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::ingest::{
    object::{self, Entries},
    refusal::Refusal,
};

/// JSON text of one value.
pub type Json<'a> = Cow<'a, str>;

/// A plain number below this (1973 in milliseconds) is a time in seconds.
const SMALLEST_MILLIS: f64 = 1e11;

/// The members of an object. `null` counts as absent; the last of several with one name counts.
#[derive(Clone, Debug, Default)]
pub struct Fields<'a>(Entries<'a>);

impl<'a> Fields<'a> {
    /// Reads well-formed JSON that should be an object; `what` names it in the refusal.
    pub fn read(what: &str, json: &'a str) -> Result<Fields<'a>, Refusal> {
        if !object::is_object(json) {
            return Err(Refusal::new(Code::InvalidField, format!("{what} is not an object")));
        }
        object::entries(json).map(Fields).map_err(|error| Refusal::new(Code::InvalidField, format!("{what}: {error}")))
    }

    /// The value of a member.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().rev().find(|(key, _)| key == name)?.1;
        (found.get() != "null").then_some(found)
    }

    /// The members of a member that is an object; none when it is absent.
    pub fn object(&self, name: &str) -> Result<Fields<'a>, Refusal> {
        self.get(name).map_or(Ok(Fields::default()), |json| Fields::read(name, json.get()))
    }

    /// An id as it stands; `None` when it is absent or blank. Whether it may be an id at all is for others to say.
    pub fn id(&self, name: &str) -> Option<Json<'a>> {
        let json = self.get(name)?.get();
        let is_blank = serde_json::from_str::<Cow<'_, str>>(json).is_ok_and(|text| text.trim().is_empty());
        (!is_blank).then_some(Cow::Borrowed(json))
    }

    /// A text or a number as text; `None` when it is absent, blank or anything else.
    pub fn text(&self, name: &str) -> Option<String> {
        text_of(self.get(name)?.get())
    }

    /// Whether a member is `true`.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|json| matches!(json.get(), "true" | "\"true\"" | "1"))
    }

    /// Whether a member is `false`.
    pub fn is_false(&self, name: &str) -> bool {
        self.get(name).is_some_and(|json| matches!(json.get(), "false" | "\"false\"" | "0"))
    }

    /// A time in seconds or milliseconds since 1970, as JSON in milliseconds; whatever else it is, as it stands.
    pub fn time(&self, name: &str) -> Option<Json<'a>> {
        let json = self.get(name)?.get();
        let number = text_of(json).and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
        Some(match number {
            Some(seconds) if seconds.abs() < SMALLEST_MILLIS => {
                Cow::Owned(((seconds * 1_000.0).round() as i64).to_string())
            }
            Some(millis) if json.starts_with('"') => Cow::Owned((millis as i64).to_string()),
            _ => Cow::Borrowed(json),
        })
    }

    /// All members, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = (&Cow<'a, str>, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name, *value))
    }

    /// The members but for the ones named.
    pub fn without(&self, unwanted: &[&str]) -> Fields<'a> {
        Fields(self.0.iter().filter(|(name, _)| !unwanted.contains(&name.as_ref())).cloned().collect())
    }
}

/// A text or a number as text; `None` when it is blank or anything else.
pub fn text_of(json: &str) -> Option<String> {
    let text = match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json).ok()?,
        b'-' | b'0'..=b'9' => json.to_owned(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// A text as JSON.
pub fn json_of(text: &str) -> Json<'static> {
    let mut out = Vec::with_capacity(text.len() + 2);
    object::write_text(&mut out, text);
    Cow::Owned(String::from_utf8(out).unwrap_or_default())
}

/// A list of records, of which only the first [`Listed::MOST`] are held: an entry can be much larger in memory than in
/// the text.
#[derive(Debug, Default)]
pub struct Listed<'a>(pub Vec<&'a RawValue>);

impl Listed<'_> {
    /// One more than any dialect takes at once.
    pub const MOST: usize = 10_001;
}

impl<'de: 'a, 'a> Deserialize<'de> for Listed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor;
        impl<'de> Visitor<'de> for ListVisitor {
            type Value = Vec<&'de RawValue>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
                let mut records = Vec::new();
                while records.len() < Listed::MOST {
                    match list.next_element()? {
                        Some(record) => records.push(record),
                        None => return Ok(records),
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(records)
            }
        }
        deserializer.deserialize_seq(ListVisitor).map(Listed)
    }
}
