//! From the cells of a row to an event as the tracking API writes it.

use std::borrow::Cow;

use base::{Code, Time};
use jiff::{civil, fmt::strtime, tz::TimeZone};
use serde_json::value::RawValue;

use super::{
    dates::{DateFormat, Moment},
    map::{CellType, ImportKind, ImportMap, Source, TimestampFormat},
    rows::Row,
};
use crate::ingest::{
    object::{ObjectWriter, write_text},
    refusal::Refusal,
};

/// The map names a column that the file does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file has no column \"{column}\"; {available}")]
pub struct UnknownColumn {
    /// The column.
    pub column: String,
    /// What the file has, in words.
    pub available: String,
}

#[derive(Clone, Debug)]
enum Cell {
    Constant(String),
    /// The place in the row, from 0, and the column's name.
    Column(usize, String),
}

/// A map whose columns have been found in the file.
#[derive(Debug)]
pub struct BoundMap {
    kind: ImportKind,
    event: Option<Cell>,
    user_id: Option<Cell>,
    anonymous_id: Option<Cell>,
    timestamp: Option<Cell>,
    timestamp_format: Option<TimestampFormat>,
    time_zone: TimeZone,
    message_id: Option<Cell>,
    identities: Vec<(String, Cell)>,
    values: Vec<(String, Cell, CellType)>,
    strips_apostrophes: bool,
}

/// A column of dates of which nobody can say which number is the month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the dates in \"{column}\" may be {0} or {1}; say which, as in \"{column}:date({0})\"", .formats.0, .formats.1)]
pub struct AmbiguousDates {
    /// The column.
    pub column: String,
    /// What they may be.
    pub formats: (DateFormat, DateFormat),
}

/// Why a mapping does not fit a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It names a column that the file does not have.
    #[error(transparent)]
    UnknownColumn(#[from] UnknownColumn),
    /// Dates can be read in two ways.
    #[error(transparent)]
    AmbiguousDates(#[from] AmbiguousDates),
}

/// What is known of the dates in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnDates {
    /// None that are always the same.
    Unknown,
    /// They are written like this.
    In(DateFormat),
    /// They may be this or its twin.
    Ambiguous(DateFormat, DateFormat),
}

impl BoundMap {
    /// Finds the columns by the names in `header`, or by their numbers where there is no header or none of that name.
    /// `dates` says what is known of the dates in the column at a place.
    pub fn new(
        map: ImportMap,
        header: Option<&[String]>,
        dates: impl Fn(usize) -> ColumnDates,
    ) -> Result<BoundMap, Misfit> {
        let bind = |source: Source| bind(source, header);
        let mut values = Vec::with_capacity(map.values.len());
        for (name, source, cell_type) in map.values {
            let cell = bind(source)?;
            let cell_type = match cell_type {
                CellType::Date(None) => CellType::Date(format_of(&cell, &dates)?),
                other => other,
            };
            values.push((name, cell, cell_type));
        }
        let mut identities = Vec::with_capacity(map.identities.len());
        for (kind, source) in map.identities {
            identities.push((kind, bind(source)?));
        }
        let timestamp = map.timestamp.map(bind).transpose()?;
        let timestamp_format = match (map.timestamp_format, &timestamp) {
            (None, Some(cell)) => format_of(cell, &dates)?.map(TimestampFormat::Named),
            (said, _) => said,
        };
        Ok(BoundMap {
            kind: map.kind,
            event: map.event.map(bind).transpose()?,
            user_id: map.user_id.map(bind).transpose()?,
            anonymous_id: map.anonymous_id.map(bind).transpose()?,
            timestamp,
            timestamp_format,
            time_zone: map.time_zone,
            message_id: map.message_id.map(bind).transpose()?,
            identities,
            values,
            strips_apostrophes: map.strips_apostrophes,
        })
    }

    /// Writes the row as an event. Empty cells are left out.
    pub fn write_item(&self, row: &Row, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let mut item = ObjectWriter::new(out);
        let inner = match self.kind {
            ImportKind::Events => {
                item.text("type", "track");
                "properties"
            }
            ImportKind::Members => {
                item.text("type", "identify");
                "traits"
            }
        };
        let texts = [
            ("event", &self.event),
            ("userId", &self.user_id),
            ("anonymousId", &self.anonymous_id),
            ("messageId", &self.message_id),
        ];
        for (name, cell) in texts {
            let text = self.stripped(cell.as_ref().map_or("", |cell| cell.text(row)).trim());
            if !text.is_empty() {
                item.text(name, text);
            }
        }
        if let Some(cell) = &self.timestamp {
            item.text("timestamp", &self.timestamp(cell, row)?);
        }
        let mut values = item.object(inner);
        for (name, cell, cell_type) in &self.values {
            let text = self.stripped(cell.text(row));
            if text.trim().is_empty() {
                continue;
            }
            if *cell_type == CellType::Text {
                values.text(name, text);
                continue;
            }
            let json = json_of(text, *cell_type, &self.time_zone).ok_or_else(|| {
                Refusal::new(Code::InvalidField, format!("{} is not a {}", cell.name(), word(*cell_type)))
            })?;
            values.raw(name, &json);
        }
        values.end();
        if let Some(ids) = self.external_ids(row) {
            let mut context = item.object("context");
            context.raw("externalIds", &ids);
            context.end();
        }
        item.end();
        Ok(())
    }

    /// The accounts and devices of a row, as the context of an event has them.
    fn external_ids(&self, row: &Row) -> Option<String> {
        let mut list = Vec::new();
        for (kind, cell) in &self.identities {
            let id = self.stripped(cell.text(row).trim());
            if id.is_empty() {
                continue;
            }
            list.push(if list.is_empty() { b'[' } else { b',' });
            let mut entry = ObjectWriter::new(&mut list);
            entry.text("type", kind);
            entry.text("id", id);
            entry.end();
        }
        if list.is_empty() {
            return None;
        }
        list.push(b']');
        String::from_utf8(list).ok()
    }

    /// A row that has a time must say it: the time of the import would be wrong for it.
    fn timestamp(&self, cell: &Cell, row: &Row) -> Result<String, Refusal> {
        let text = cell.text(row).trim();
        if text.is_empty() {
            return Err(Refusal::new(Code::MissingField, format!("{}, the timestamp, is empty", cell.name())));
        }
        let read = match &self.timestamp_format {
            Some(TimestampFormat::Pattern(pattern)) => read_pattern(pattern, text, &self.time_zone),
            Some(TimestampFormat::Named(format)) => {
                format.read(text).and_then(|moment| moment.in_zone(&self.time_zone))
            }
            None => read_plain(text, &self.time_zone),
        };
        match (read, &self.timestamp_format) {
            (Some(time), _) => Ok(time.to_string()),
            (None, Some(TimestampFormat::Pattern(_))) => Err(Refusal::new(
                Code::InvalidField,
                format!("{} does not have the form of timestamp_format", cell.name()),
            )),
            // The normaliser says what is wrong with it.
            (None, _) => Ok(text.to_owned()),
        }
    }

    /// The text without the apostrophe that keeps spreadsheets from taking it for a formula.
    fn stripped<'t>(&self, text: &'t str) -> &'t str {
        match text.strip_prefix('\'') {
            Some(rest) if self.strips_apostrophes && rest.starts_with(FORMULA_MARKS) => rest,
            _ => text,
        }
    }
}

/// With what a cell begins that spreadsheets take for a formula.
pub const FORMULA_MARKS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

impl Cell {
    fn text<'a>(&'a self, row: &'a Row) -> &'a str {
        match self {
            Cell::Constant(text) => text,
            Cell::Column(index, _) => row.cell(*index).unwrap_or_default(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Cell::Constant(_) => "the constant",
            Cell::Column(_, name) => name,
        }
    }
}

/// How the dates of a cell's column are written; nothing where the file does not say.
fn format_of(cell: &Cell, dates: impl Fn(usize) -> ColumnDates) -> Result<Option<DateFormat>, AmbiguousDates> {
    let Cell::Column(index, name) = cell else { return Ok(None) };
    match dates(*index) {
        ColumnDates::Unknown => Ok(None),
        ColumnDates::In(format) => Ok(Some(format)),
        ColumnDates::Ambiguous(one, other) => Err(AmbiguousDates { column: name.clone(), formats: (one, other) }),
    }
}

fn bind(source: Source, header: Option<&[String]>) -> Result<Cell, UnknownColumn> {
    let column = match source {
        Source::Constant(text) => return Ok(Cell::Constant(text)),
        Source::Column(column) => column,
    };
    let by_number = || column.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let index = match header {
        Some(names) => {
            let named = names.iter().position(|name| *name == column);
            named.or_else(|| by_number().filter(|index| *index < names.len()))
        }
        None => by_number(),
    };
    match (index, header) {
        (Some(index), Some(_)) => Ok(Cell::Column(index, column)),
        (Some(index), None) => Ok(Cell::Column(index, format!("column {column}"))),
        (None, Some(names)) => Err(UnknownColumn { available: format!("it has {}", names.join(", ")), column }),
        (None, None) => {
            let available = "it has no header, so columns are named by their numbers from 1".to_owned();
            Err(UnknownColumn { available, column })
        }
    }
}

fn read_pattern(format: &str, text: &str, time_zone: &TimeZone) -> Option<Time> {
    let parsed = strtime::parse(format, text).ok()?;
    if let Ok(timestamp) = parsed.to_timestamp() {
        return Some(Time::from_millis(timestamp.as_millisecond()));
    }
    let moment = match parsed.to_datetime() {
        Ok(moment) => moment,
        Err(_) => parsed.to_date().ok()?.at(0, 0, 0, 0),
    };
    in_zone(moment, time_zone)
}

fn read_plain(text: &str, time_zone: &TimeZone) -> Option<Time> {
    match text.parse::<civil::DateTime>() {
        Ok(moment) => in_zone(moment, time_zone),
        Err(_) => Time::parse_lenient(text),
    }
}

fn in_zone(moment: civil::DateTime, time_zone: &TimeZone) -> Option<Time> {
    let zoned = moment.to_zoned(time_zone.clone()).ok()?;
    Some(Time::from_millis(zoned.timestamp().as_millisecond()))
}

/// The JSON text of a cell; `None` when it is not of the type.
fn json_of<'t>(text: &'t str, cell_type: CellType, zone: &TimeZone) -> Option<Cow<'t, str>> {
    match cell_type {
        CellType::Text => {
            let mut json = Vec::with_capacity(text.len() + 2);
            write_text(&mut json, text);
            String::from_utf8(json).ok().map(Cow::Owned)
        }
        CellType::Number => number(text.trim()),
        CellType::Bool => truth(text.trim()).map(|truth| Cow::Borrowed(if truth { "true" } else { "false" })),
        CellType::Auto => {
            let trimmed = text.trim();
            match trimmed {
                "true" | "false" => Some(Cow::Borrowed(trimmed)),
                // Digits with a leading zero or a plus are more likely a code than a number.
                _ if is_json_number(trimmed) => Some(Cow::Borrowed(trimmed)),
                _ => json_of(text, CellType::Text, zone),
            }
        }
        CellType::Json => {
            let trimmed = text.trim();
            let is_json = trimmed.starts_with(['{', '[']) && serde_json::from_str::<&RawValue>(trimmed).is_ok();
            if is_json { Some(Cow::Borrowed(trimmed)) } else { json_of(text, CellType::Text, zone) }
        }
        CellType::Date(format) => {
            let read = match format {
                Some(format) => format.read(text),
                None => DateFormat::Iso.read(text),
            };
            match read? {
                Moment::Date(date) => Some(Cow::Owned(format!("\"{date}\""))),
                moment => moment.in_zone(zone).map(|time| Cow::Owned(format!("\"{time}\""))),
            }
        }
    }
}

fn is_json_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) && serde_json::from_str::<f64>(text).is_ok()
}

/// A number as JSON writes it, digit by digit where it can stay so.
fn number(text: &str) -> Option<Cow<'_, str>> {
    if is_json_number(text) {
        return Some(Cow::Borrowed(text));
    }
    let starts_like_a_number =
        text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'));
    let value: f64 = text.parse().ok().filter(|_| starts_like_a_number)?;
    serde_json::Number::from_f64(value).map(|number| Cow::Owned(number.to_string()))
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" | "是" => Some(true),
        "false" | "f" | "no" | "n" | "0" | "否" => Some(false),
        _ => None,
    }
}

fn word(cell_type: CellType) -> &'static str {
    match cell_type {
        CellType::Text | CellType::Auto | CellType::Json => "text",
        CellType::Date(_) => "date of the column's form",
        CellType::Number => "number",
        CellType::Bool => "truth value",
    }
}
