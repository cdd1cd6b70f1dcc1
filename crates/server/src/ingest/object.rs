//! JSON objects as lists of (name, raw value), for merging two of them without trees.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The entries of a JSON object in the order of the text.
pub type Entries<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// Whether a JSON text is an object.
pub fn is_object(json: &str) -> bool {
    json.starts_with('{')
}

/// Whether an object has no entries.
pub fn is_empty(object: &RawValue) -> bool {
    object.get().trim_start_matches('{').trim_start().starts_with('}')
}

/// Reads the entries of a JSON object.
pub fn entries(object: &str) -> Result<Entries<'_>, serde_json::Error> {
    serde_json::from_str::<EntryList<'_>>(object).map(|list| list.0)
}

/// The value of one entry, the last one if there are several.
pub fn value_of<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let entries = entries(object.get()).ok()?;
    entries.into_iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Writes an object entry by entry.
pub struct ObjectWriter<'o> {
    out: &'o mut Vec<u8>,
    is_first: bool,
}

impl<'o> ObjectWriter<'o> {
    /// Opens an object at the end of `out`.
    pub fn new(out: &'o mut Vec<u8>) -> ObjectWriter<'o> {
        out.push(b'{');
        ObjectWriter { out, is_first: true }
    }

    /// Writes an entry whose value is JSON text already.
    pub fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.out.extend_from_slice(json.as_bytes());
    }

    /// Writes an entry whose value is a text.
    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        write_text(self.out, value);
    }

    /// Opens an object as the value of an entry.
    pub fn object(&mut self, name: &str) -> ObjectWriter<'_> {
        self.name(name);
        ObjectWriter::new(self.out)
    }

    /// Closes the object.
    pub fn end(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &str) {
        if !self.is_first {
            self.out.push(b',');
        }
        self.is_first = false;
        write_text(self.out, name);
        self.out.push(b':');
    }
}

/// Writes the entries of `over`, and those of `under` whose name `over` does not have.
pub fn write_merged(writer: &mut ObjectWriter<'_>, over: &Entries<'_>, under: &Entries<'_>) {
    for (name, value) in over {
        writer.raw(name, value.get());
    }
    for (name, value) in under {
        if !over.iter().any(|(taken, _)| taken == name) {
            writer.raw(name, value.get());
        }
    }
}

/// Writes a text as JSON.
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    // Writing to a vector cannot fail.
    let _ = serde_json::to_writer(out, text);
}

struct EntryList<'a>(Entries<'a>);

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for EntryList<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;
        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = EntryList<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    entries.push((name, value));
                }
                Ok(EntryList(entries))
            }
        }
        deserializer.deserialize_map(EntryVisitor)
    }
}
