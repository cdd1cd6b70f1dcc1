//! Journeys to begin with, as plain data: what they do, what they need, and their letters, in both languages.
//!
//! Documents name what has no id yet as `segment:KEY`, `template:KEY` and `channel:KIND`. Where the languages differ there
//! stands `{"zh": …, "en": …}`, and `zh|en` where it is the name of a field, as with the outcomes of tasks.

mod letter;
mod making;
mod routes;
#[cfg(test)]
mod tests;

use base::Language;
use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) use letter::TO_FILL_IN;
use letter::{Both, Letter};
pub(super) use routes::routes;

/// The starters, in the order in which they are shown.
const STARTERS: [&str; 4] = [
    include_str!("welcome.json"),
    include_str!("win-back.json"),
    include_str!("after-purchase.json"),
    include_str!("birthday.json"),
];

/// A journey to begin with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Starter {
    /// By which programs name it.
    key: String,
    name: Both,
    /// What it does, in a sentence.
    description: Both,
    needs: Needs,
    segments: Vec<StarterSegment>,
    /// Keys of its letters.
    templates: Vec<String>,
    /// The document, with references instead of ids and both languages where they differ.
    document: Value,
}

/// What must come in, or be known of members, for a journey to do anything.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Needs {
    events: Vec<String>,
    traits: Vec<String>,
    topics: Vec<String>,
}

/// A segment that a starter refers to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StarterSegment {
    key: String,
    name: Both,
    rule: Value,
}

fn starters() -> Vec<Starter> {
    STARTERS.iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
}

fn starter(key: &str) -> Option<Starter> {
    starters().into_iter().find(|starter| starter.key == key)
}

impl Starter {
    fn letters(&self) -> Vec<Letter> {
        letter::letters().into_iter().filter(|letter| self.templates.contains(&letter.key)).collect()
    }

    /// The document in one language, with what `id_of` knows in the place of references.
    fn document(&self, language: Language, id_of: &dyn Fn(&str) -> Option<String>) -> Value {
        told(&self.document, language, id_of)
    }
}

fn told(value: &Value, language: Language, id_of: &dyn Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::Object(fields) => match in_language(fields, language) {
            Some(text) => text.into(),
            None => {
                let field = |(name, value): (&String, &Value)| {
                    let name = name.split_once('|').map_or(name.as_str(), |(zh, en)| language.choose(zh, en));
                    (name.to_owned(), told(value, language, id_of))
                };
                Value::Object(fields.iter().map(field).collect())
            }
        },
        Value::Array(items) => items.iter().map(|item| told(item, language, id_of)).collect(),
        Value::String(text) => id_of(text).unwrap_or_else(|| text.clone()).into(),
        _ => value.clone(),
    }
}

/// The text of something that is said in both languages.
fn in_language(fields: &Map<String, Value>, language: Language) -> Option<&str> {
    let (zh, en) = (fields.get("zh")?.as_str()?, fields.get("en")?.as_str()?);
    (fields.len() == 2).then(|| language.choose(zh, en))
}
