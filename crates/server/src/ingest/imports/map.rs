//! What the columns of a file mean: the mapping of an import.
//!
//! A mapping is a flat list of `name = value`, written as a JSON or TOML file or as text: `event==Order Completed;
//! user_id=customer_id; timestamp=date; timestamp_format=%Y%m%d; properties.revenue=revenue:number`.
//! `identities.unionid=column` and the like name the member by an account. A value is the name of a column (its number,
//! from 1, where the file has no header) or, after `=`, a constant. Behind the name of a column may stand a type:
//! `:text`, `:number`, `:bool`, `:auto`, `:json`, `:date`, or `:date(d/m/y)` with one of the formats of [`DateFormat`],
//! or `:number(comma)` with one of [`DecimalMark`]. What a mapping does not say of how to read the file (encoding,
//! delimiter, has_headers, sheet) is found in the file.
//!
//! In a column of numbers, truth values or dates, and in those with the times of events and consents, a cell that only
//! says that there is nothing (`-`, `/`, `N/A`, `null`, `无`, `未知` and the like) is an empty one. Whatever else is
//! not of the type rejects its row. As a text, each cell stays as it is.
//!
//! `tags` names the column whose cells hold tags (`tags_separator` says what parts them, if that is not found), and
//! `add_tags` lists tags for every row. `consents` lists what the operator states of columns about consent
//! ([`ConsentMap`]). Lists become entries with numbers, `add_tags.1`, `consents.1.channel`, `consents.1.yes.2`, so a
//! mapping stays one flat list, and mappings from before there were any mean what they meant.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use people::{
    identity::{Kind, MAX_EXTERNAL_IDS, kind_name},
    tags,
};

use super::{
    consents::{ConsentEntries, ConsentMap},
    dates::DateFormat,
    encoding::TextEncoding,
    entries::entries,
    numbers::DecimalMark,
    tags::Parting,
};

/// How the names of columns begin that hold ids of accounts and devices.
const IDENTITIES: &str = "identities.";

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// One event per row.
    Events,
    /// One member per row.
    Members,
}

impl ImportKind {
    /// The word on the wire and in tables.
    pub fn word(self) -> &'static str {
        match self {
            ImportKind::Events => "events",
            ImportKind::Members => "members",
        }
    }

    /// The kind of this word.
    pub fn of_word(word: &str) -> Option<ImportKind> {
        [ImportKind::Events, ImportKind::Members].into_iter().find(|kind| kind.word() == word)
    }
}

/// Why a map cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// It is not text of any of the three forms.
    #[error("the map is neither JSON nor TOML nor a list of name=column: {0}")]
    Unreadable(String),
    /// A name that maps do not know.
    #[error(
        "the map has an unknown name \"{0}\"; known are event, user_id, anonymous_id, timestamp, timestamp_format, \
         time_zone, message_id, email, phone, identities.…, properties.…, traits.…, tags, tags_separator, add_tags, \
         consents.…, encoding, delimiter, has_headers, sheet and strip_apostrophes"
    )]
    UnknownName(String),
    /// A name that this kind of import needs.
    #[error("the map lacks {0}")]
    Missing(&'static str),
    /// A value that makes no sense.
    #[error("{name} in the map: {reason}")]
    Invalid {
        /// Which one.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The same in every row.
    Constant(String),
    /// A column by name or number.
    Column(String),
}

/// How a cell becomes a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellType {
    /// A text, as it stands.
    Text,
    /// A number; with this decimal mark, or as numbers are written in the column.
    Number(Option<DecimalMark>),
    /// True or false.
    Bool,
    /// A number or a truth value where it reads as one, else a text.
    Auto,
    /// A list or an object where it reads as one, else a text.
    Json,
    /// A date as `2006-01-02`, or a moment in UTC; in the format that was found in the column, unless one is named.
    Date(Option<DateFormat>),
}

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// This character; cells may be quoted.
    Byte(u8),
    /// Any number of blanks; no quotes.
    Whitespace,
}

impl Delimiter {
    /// As mappings write it: `,`, `tab`, `whitespace` …
    pub fn word(self) -> String {
        match self {
            Delimiter::Byte(b'\t') => "tab".to_owned(),
            Delimiter::Byte(byte) => char::from(byte).to_string(),
            Delimiter::Whitespace => "whitespace".to_owned(),
        }
    }

    /// The delimiter of this word.
    pub fn of_word(word: &str) -> Option<Delimiter> {
        delimiter(word)
    }
}

/// How a time is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// As one of the formats that have a name.
    Named(DateFormat),
    /// As `strftime` describes it.
    Pattern(String),
}

/// What the columns of a file mean.
#[derive(Clone, Debug)]
pub struct ImportMap {
    pub(super) kind: ImportKind,
    pub(super) event: Option<Source>,
    pub(super) user_id: Option<Source>,
    pub(super) anonymous_id: Option<Source>,
    pub(super) timestamp: Option<Source>,
    pub(super) timestamp_format: Option<TimestampFormat>,
    pub(super) time_zone: TimeZone,
    pub(super) message_id: Option<Source>,
    /// Accounts and devices, by kind.
    pub(super) identities: Vec<(String, Source)>,
    /// Properties of events, traits of members.
    pub(super) values: Vec<(String, Source, CellType)>,
    /// Whether an apostrophe goes that was put before a cell so that no spreadsheet takes it for a formula.
    pub(super) strips_apostrophes: bool,
    /// The column whose cells hold tags.
    pub(super) tags: Option<Source>,
    /// What parts the tags of a cell, if it says so.
    pub(super) tags_parting: Option<Parting>,
    /// Tags for every row.
    pub(super) add_tags: Vec<String>,
    /// What columns say of consents.
    pub(super) consents: Vec<ConsentMap>,
    delimiter: Option<Delimiter>,
    has_headers: Option<bool>,
    encoding: Option<TextEncoding>,
    sheet: Option<String>,
    canonical: String,
    entries: BTreeMap<String, String>,
}

impl ImportMap {
    /// Reads a map. Text that begins with `{` is JSON, text with line breaks or quotes is TOML, and other
    /// text is a list of `name=column`, separated by `;` or, where there is none, by `,`.
    pub fn parse(kind: ImportKind, text: &str) -> Result<ImportMap, MapError> {
        ImportMap::from_entries(kind, entries(text.trim())?)
    }

    /// The entries in a fixed order and form; equal for equal maps however they are written.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// What it says a file holds.
    pub fn kind(&self) -> ImportKind {
        self.kind
    }

    /// The entries, by name.
    pub fn entries(&self) -> &BTreeMap<String, String> {
        &self.entries
    }

    /// What stands between two cells, if it says so.
    pub fn delimiter(&self) -> Option<Delimiter> {
        self.delimiter
    }

    /// Whether the first line names the columns, if it says so.
    pub fn has_headers(&self) -> Option<bool> {
        self.has_headers
    }

    /// In which encoding the file is, if it says so.
    pub fn encoding(&self) -> Option<TextEncoding> {
        self.encoding
    }

    /// Which sheet of a workbook, if it says so.
    pub fn sheet(&self) -> Option<&str> {
        self.sheet.as_deref()
    }

    /// The tags that it puts on whoever a row names.
    pub fn add_tags(&self) -> &[String] {
        &self.add_tags
    }

    /// The columns that it names.
    pub fn columns(&self) -> Vec<&str> {
        let single = [&self.event, &self.user_id, &self.anonymous_id, &self.timestamp, &self.message_id, &self.tags];
        let of_consents = self.consents.iter().flat_map(|consent| {
            let withdrawn_at = consent.withdrawn_at.as_ref().map(|(source, _)| source);
            [Some(&consent.column), Some(&consent.given_at.0), withdrawn_at].into_iter().flatten()
        });
        let identities = self.identities.iter().map(|(_, source)| source);
        let values = self.values.iter().map(|(_, source, _)| source);
        let all = single.into_iter().flatten().chain(identities).chain(values).chain(of_consents);
        all.filter_map(|source| match source {
            Source::Column(name) => Some(name.as_str()),
            Source::Constant(_) => None,
        })
        .collect()
    }

    fn from_entries(kind: ImportKind, entries: BTreeMap<String, String>) -> Result<ImportMap, MapError> {
        let mut map = ImportMap {
            kind,
            event: None,
            user_id: None,
            anonymous_id: None,
            timestamp: None,
            timestamp_format: None,
            time_zone: TimeZone::UTC,
            message_id: None,
            identities: Vec::new(),
            values: Vec::new(),
            strips_apostrophes: false,
            tags: None,
            tags_parting: None,
            add_tags: Vec::new(),
            consents: Vec::new(),
            delimiter: None,
            has_headers: None,
            encoding: None,
            sheet: None,
            canonical: serde_json::json!([kind == ImportKind::Events, entries]).to_string(),
            entries: entries.clone(),
        };
        let mut consents = ConsentEntries::default();
        for (name, value) in entries {
            match name.strip_prefix("consents.") {
                Some(rest) => consents.add(rest, value)?,
                None => map.set(&name, value)?,
            }
        }
        map.consents = consents.finish()?;
        if kind == ImportKind::Events && map.event.is_none() {
            return Err(MapError::Missing("event"));
        }
        if map.user_id.is_none() && map.anonymous_id.is_none() && map.identities.is_empty() {
            return Err(MapError::Missing("user_id"));
        }
        Ok(map)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), MapError> {
        let invalid = |reason: &str| MapError::Invalid { name: name.to_owned(), reason: reason.to_owned() };
        if value.is_empty() {
            return Err(invalid("is empty"));
        }
        let is_event = self.kind == ImportKind::Events;
        match name {
            "event" if is_event => self.event = Some(source(value)),
            "user_id" => self.user_id = Some(source(value)),
            "anonymous_id" => self.anonymous_id = Some(source(value)),
            "timestamp" => self.timestamp = Some(source(value)),
            "timestamp_format" => {
                self.timestamp_format = Some(match value.parse() {
                    Ok(format) => TimestampFormat::Named(format),
                    Err(_) => TimestampFormat::Pattern(value),
                });
            }
            "time_zone" => {
                self.time_zone = TimeZone::get(&value).map_err(|_| invalid("is not the name of a time zone"))?;
            }
            "message_id" => self.message_id = Some(source(value)),
            "email" | "phone" if !is_event => self.values.push((name.to_owned(), source(value), CellType::Text)),
            "tags" => self.tags = Some(source(value)),
            "tags_separator" => {
                let wanted = "is none of \";\", \",\", \"|\", \"、\", semicolon, comma, bar, enumeration, any and none";
                self.tags_parting = Some(Parting::of_word(&value).ok_or_else(|| invalid(wanted))?);
            }
            _ if is_numbered(name, "add_tags") => {
                let tag = value.trim();
                if let Some(fault) = tags::fault_of(tag) {
                    return Err(invalid(fault));
                }
                if self.add_tags.len() == tags::MAX_AT_ONCE {
                    return Err(invalid("is one tag too many; there may be 50"));
                }
                if !self.add_tags.iter().any(|known| known == tag) {
                    self.add_tags.push(tag.to_owned());
                }
            }
            "encoding" => {
                let encoding = TextEncoding::named(&value).ok_or_else(|| invalid("is not the name of an encoding"))?;
                self.encoding = Some(encoding);
            }
            "sheet" => self.sheet = Some(value),
            "strip_apostrophes" => {
                self.strips_apostrophes = value.parse().map_err(|_| invalid("is neither true nor false"))?;
            }
            "delimiter" => {
                let delimiter = delimiter(&value)
                    .ok_or_else(|| invalid("is neither \"whitespace\", \"tab\" nor one ASCII character"))?;
                self.delimiter = Some(delimiter);
            }
            "has_headers" => {
                let has_headers = value.parse().map_err(|_| invalid("is neither true nor false"))?;
                self.has_headers = Some(has_headers);
            }
            _ if name.starts_with(IDENTITIES) => {
                if self.identities.len() == MAX_EXTERNAL_IDS {
                    return Err(invalid("is one kind of identity too many; a row may have 20"));
                }
                // Addresses and the ids of events have names of their own.
                let kind = kind_name(&name[IDENTITIES.len()..]).filter(|kind| Kind::named(kind).is_external());
                let kind = kind.ok_or_else(|| invalid("is not a kind of identity such as unionid or telegram"))?;
                self.identities.push((kind.into_owned(), source(value)));
            }
            _ => {
                let prefix = if is_event { "properties." } else { "traits." };
                let property = name.strip_prefix(prefix).filter(|property| !property.is_empty());
                let property = property.ok_or_else(|| MapError::UnknownName(name.to_owned()))?;
                let (source, cell_type) = typed_source(value);
                self.values.push((property.to_owned(), source, cell_type));
            }
        }
        Ok(())
    }
}

/// Whether this is the name of a list, or the number of an element behind it.
fn is_numbered(name: &str, list: &str) -> bool {
    let Some(rest) = name.strip_prefix(list) else { return false };
    rest.is_empty() || rest.strip_prefix('.').is_some_and(|number| number.parse::<u32>().is_ok())
}

/// A constant behind `=`, or else the name of a column.
pub(super) fn source(value: String) -> Source {
    match value.strip_prefix('=') {
        Some(constant) => Source::Constant(constant.to_owned()),
        None => Source::Column(value),
    }
}

/// A source with the type that stands behind its name.
pub(super) fn typed_source(value: String) -> (Source, CellType) {
    let (rest, cell_type) = match value.rsplit_once(':') {
        Some((rest, "number")) => (rest, CellType::Number(None)),
        Some((rest, "bool")) => (rest, CellType::Bool),
        Some((rest, "text")) => (rest, CellType::Text),
        Some((rest, "auto")) => (rest, CellType::Auto),
        Some((rest, "json")) => (rest, CellType::Json),
        Some((rest, "date")) => (rest, CellType::Date(None)),
        Some((rest, word)) => match typed(word) {
            Some(cell_type) => (rest, cell_type),
            None => (value.as_str(), CellType::Text),
        },
        None => (value.as_str(), CellType::Text),
    };
    (source(rest.to_owned()), cell_type)
}

/// A type with a format: `date(d/m/y)`, `number(comma)`.
fn typed(word: &str) -> Option<CellType> {
    let (name, format) = word.strip_suffix(')')?.split_once('(')?;
    match name {
        "date" => format.parse().ok().map(|format| CellType::Date(Some(format))),
        "number" => format.parse().ok().map(|mark| CellType::Number(Some(mark))),
        _ => None,
    }
}

fn delimiter(value: &str) -> Option<Delimiter> {
    match value {
        "whitespace" => Some(Delimiter::Whitespace),
        "tab" | "\\t" => Some(Delimiter::Byte(b'\t')),
        _ => {
            let [byte] = value.as_bytes() else { return None };
            (byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r')).then_some(Delimiter::Byte(*byte))
        }
    }
}
