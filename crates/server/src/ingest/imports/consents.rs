//! Consents in a file: what the operator states of a column that says who agreed to what.
//!
//! Nothing here is guessed. A mapping says in words of the file what "yes" means, where the day of each consent stands and
//! where it was collected; an empty cell decides nothing, and what is neither yes nor no rejects its row.

use std::collections::BTreeMap;

use people::consent::{is_channel_kind, is_topic};

use super::{
    dates::DateFormat,
    map::{CellType, MapError, Source, source, typed_source},
};

/// How many kinds of consent one file may tell of.
const MAX_CONSENTS: usize = 20;
/// How many ways of saying yes, or no.
const MAX_WORDS: usize = 50;
const MAX_WORD_CHARACTERS: usize = 100;
const MAX_PROOF_CHARACTERS: usize = 1_000;
/// What means no where the mapping does not say it.
const USUAL_NO: [&str; 6] = ["no", "n", "false", "f", "0", "否"];

/// What a column says of a consent.
#[derive(Clone, Debug)]
pub struct ConsentMap {
    /// Kind of channel.
    pub channel: String,
    /// About what.
    pub purpose: String,
    /// Where yes or no stands.
    pub column: Source,
    /// What means yes, as [`folded`].
    pub yes: Vec<String>,
    /// What means no, as [`folded`].
    pub no: Vec<String>,
    /// Since when a yes holds.
    pub given_at: (Source, Option<DateFormat>),
    /// Since when a no holds; from the import when it is not said, since a withdrawal is believed.
    pub withdrawn_at: Option<(Source, Option<DateFormat>)>,
    /// Where the consents were collected, in the operator's words.
    pub proof: String,
}

/// What a mapping has said of consents so far, by their numbers.
#[derive(Debug, Default)]
pub struct ConsentEntries(BTreeMap<u32, BTreeMap<String, Vec<String>>>);

impl ConsentEntries {
    /// Takes `NUMBER.FIELD`, or `NUMBER.FIELD.NUMBER` of a list.
    pub fn add(&mut self, name: &str, value: String) -> Result<(), MapError> {
        let unknown = || MapError::UnknownName(format!("consents.{name}"));
        let (number, field) = name.split_once('.').ok_or_else(unknown)?;
        let number: u32 = number.parse().map_err(|_| unknown())?;
        let (field, is_listed) = match field.split_once('.') {
            Some((field, place)) if place.parse::<u32>().is_ok() => (field, true),
            Some(_) => return Err(unknown()),
            None => (field, false),
        };
        let is_list = matches!(field, "yes" | "no");
        let is_single = matches!(field, "channel" | "purpose" | "column" | "given_at" | "withdrawn_at" | "proof");
        if !(is_list || is_single && !is_listed) {
            return Err(unknown());
        }
        self.0.entry(number).or_default().entry(field.to_owned()).or_default().push(value);
        Ok(())
    }

    /// All of them, once everything is said.
    pub fn finish(self) -> Result<Vec<ConsentMap>, MapError> {
        if self.0.len() > MAX_CONSENTS {
            let reason = format!("are more than {MAX_CONSENTS}");
            return Err(MapError::Invalid { name: "consents".to_owned(), reason });
        }
        self.0.into_iter().map(|(number, fields)| consent(number, fields)).collect()
    }
}

/// A text as answers are compared: without blanks around it, in small letters and in the usual width.
pub fn folded(text: &str) -> String {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.trim().chars().map(narrow).flat_map(char::to_lowercase).collect()
}

fn consent(number: u32, mut fields: BTreeMap<String, Vec<String>>) -> Result<ConsentMap, MapError> {
    let invalid = |field: &str, reason: &str| MapError::Invalid {
        name: format!("consents.{number}.{field}"),
        reason: reason.to_owned(),
    };
    let mut single = |field: &str| fields.remove(field).and_then(|mut values| values.pop());
    let channel = single("channel").ok_or_else(|| invalid("channel", "is missing"))?;
    let purpose = single("purpose").ok_or_else(|| invalid("purpose", "is missing"))?;
    let column = single("column").ok_or_else(|| invalid("column", "is missing"))?;
    let missing_day = || invalid("given_at", "is missing: the column with the days of the consents, or = and one day");
    let given_at = single("given_at").ok_or_else(missing_day)?;
    let withdrawn_at = single("withdrawn_at");
    let missing_proof = || invalid("proof", "is missing: say where the consents were collected");
    let proof = single("proof").map(|proof| proof.trim().to_owned()).filter(|proof| !proof.is_empty());
    let proof = proof.ok_or_else(missing_proof)?;
    if !is_channel_kind(&channel) {
        return Err(invalid("channel", "is a kind of channel in small letters, such as email"));
    }
    if !is_topic(&purpose) {
        return Err(invalid("purpose", "has 1 to 100 bytes, none of them a control character"));
    }
    if proof.chars().count() > MAX_PROOF_CHARACTERS {
        return Err(invalid("proof", "has more than 1,000 characters"));
    }
    let words = |field: &str, values: Option<Vec<String>>| -> Result<Option<Vec<String>>, MapError> {
        let Some(values) = values else { return Ok(None) };
        let words: Vec<String> = values.iter().map(|value| folded(value)).collect();
        let is_word = |word: &String| (1..=MAX_WORD_CHARACTERS).contains(&word.chars().count());
        match words.len() <= MAX_WORDS && words.iter().all(is_word) {
            true => Ok(Some(words)),
            false => Err(invalid(field, "has at most 50 texts of 1 to 100 characters")),
        }
    };
    let yes = words("yes", fields.remove("yes"))?;
    let yes = yes.ok_or_else(|| invalid("yes", "is missing: list what means yes in that column"))?;
    let no = match words("no", fields.remove("no"))? {
        Some(no) => no,
        None => USUAL_NO.into_iter().filter(|word| !yes.iter().any(|yes| yes == word)).map(str::to_owned).collect(),
    };
    if no.iter().any(|word| yes.contains(word)) {
        return Err(invalid("no", "has a text that means yes, too"));
    }
    let day = |field: &str, value: String| match typed_source(value) {
        (Source::Constant(day), _) if DateFormat::Iso.read(&day).is_none() => {
            Err(invalid(field, "is not a day like 2006-01-02"))
        }
        (Source::Constant(day), _) => Ok((Source::Constant(day), Some(DateFormat::Iso))),
        (column, CellType::Date(format)) => Ok((column, format)),
        (column, CellType::Text) => Ok((column, None)),
        _ => Err(invalid(field, "is a column of dates")),
    };
    Ok(ConsentMap {
        channel,
        purpose,
        column: source(column),
        yes,
        no,
        given_at: day("given_at", given_at)?,
        withdrawn_at: withdrawn_at.map(|value| day("withdrawn_at", value)).transpose()?,
        proof,
    })
}
