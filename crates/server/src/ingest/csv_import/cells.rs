//! From the cells of a row to an event as the tracking API writes it.

use base::{Code, Time};
use jiff::{civil, fmt::strtime, tz::TimeZone};

use super::map::{CellType, ImportKind, ImportMap, Source};
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
    timestamp_format: Option<String>,
    time_zone: TimeZone,
    message_id: Option<Cell>,
    values: Vec<(String, Cell, CellType)>,
}

impl BoundMap {
    /// Finds the columns by the names in `header`, or by their numbers where there is no header.
    pub fn new(map: ImportMap, header: Option<&[String]>) -> Result<BoundMap, UnknownColumn> {
        let bind = |source: Source| bind(source, header);
        let values = map.values.into_iter().map(|(name, source, cell_type)| Ok((name, bind(source)?, cell_type)));
        Ok(BoundMap {
            kind: map.kind,
            event: map.event.map(bind).transpose()?,
            user_id: map.user_id.map(bind).transpose()?,
            anonymous_id: map.anonymous_id.map(bind).transpose()?,
            timestamp: map.timestamp.map(bind).transpose()?,
            timestamp_format: map.timestamp_format,
            time_zone: map.time_zone,
            message_id: map.message_id.map(bind).transpose()?,
            values: values.collect::<Result<_, UnknownColumn>>()?,
        })
    }

    /// Writes the row as an event. Empty cells are left out.
    pub fn write_item(&self, row: &[String], out: &mut Vec<u8>) -> Result<(), Refusal> {
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
            let text = cell.as_ref().map_or("", |cell| cell.text(row)).trim();
            if !text.is_empty() {
                item.text(name, text);
            }
        }
        if let Some(cell) = &self.timestamp {
            item.text("timestamp", &self.timestamp(cell, row)?);
        }
        let mut values = item.object(inner);
        for (name, cell, cell_type) in &self.values {
            let text = cell.text(row);
            if text.trim().is_empty() {
                continue;
            }
            let json = json_of(text, *cell_type).ok_or_else(|| {
                Refusal::new(Code::InvalidField, format!("{} is not a {}", cell.name(), word(*cell_type)))
            })?;
            values.raw(name, &json);
        }
        values.end();
        item.end();
        Ok(())
    }

    /// A row that has a time must say it: the time of the import would be wrong for it.
    fn timestamp(&self, cell: &Cell, row: &[String]) -> Result<String, Refusal> {
        let text = cell.text(row).trim();
        if text.is_empty() {
            return Err(Refusal::new(Code::MissingField, format!("{}, the timestamp, is empty", cell.name())));
        }
        let read = match &self.timestamp_format {
            Some(format) => read_formatted(format, text, &self.time_zone),
            None => read_plain(text, &self.time_zone),
        };
        match read {
            Some(time) => Ok(time.to_string()),
            None if self.timestamp_format.is_some() => Err(Refusal::new(
                Code::InvalidField,
                format!("{} does not have the form of timestamp_format", cell.name()),
            )),
            // The normaliser says what is wrong with it.
            None => Ok(text.to_owned()),
        }
    }
}

impl Cell {
    fn text<'a>(&'a self, row: &'a [String]) -> &'a str {
        match self {
            Cell::Constant(text) => text,
            Cell::Column(index, _) => row.get(*index).map_or("", String::as_str),
        }
    }

    fn name(&self) -> &str {
        match self {
            Cell::Constant(_) => "the constant",
            Cell::Column(_, name) => name,
        }
    }
}

fn bind(source: Source, header: Option<&[String]>) -> Result<Cell, UnknownColumn> {
    let column = match source {
        Source::Constant(text) => return Ok(Cell::Constant(text)),
        Source::Column(column) => column,
    };
    let index = match header {
        Some(names) => names.iter().position(|name| *name == column),
        None => column.parse::<usize>().ok().and_then(|number| number.checked_sub(1)),
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

fn read_formatted(format: &str, text: &str, time_zone: &TimeZone) -> Option<Time> {
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
fn json_of(text: &str, cell_type: CellType) -> Option<String> {
    match cell_type {
        CellType::Text => {
            let mut json = Vec::with_capacity(text.len() + 2);
            write_text(&mut json, text);
            String::from_utf8(json).ok()
        }
        CellType::Number => number(text.trim()),
        CellType::Bool => truth(text.trim()).map(|truth| truth.to_string()),
        CellType::Auto => {
            let trimmed = text.trim();
            match trimmed {
                "true" | "false" => Some(trimmed.to_owned()),
                // Digits with a leading zero or a plus are more likely a code than a number.
                _ if is_json_number(trimmed) => Some(trimmed.to_owned()),
                _ => json_of(text, CellType::Text),
            }
        }
    }
}

fn is_json_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) && serde_json::from_str::<f64>(text).is_ok()
}

/// A number as JSON writes it, digit by digit where it can stay so.
fn number(text: &str) -> Option<String> {
    if is_json_number(text) {
        return Some(text.to_owned());
    }
    let starts_like_a_number =
        text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'));
    let value: f64 = text.parse().ok().filter(|_| starts_like_a_number)?;
    serde_json::Number::from_f64(value).map(|number| number.to_string())
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

fn word(cell_type: CellType) -> &'static str {
    match cell_type {
        CellType::Text | CellType::Auto => "text",
        CellType::Number => "number",
        CellType::Bool => "truth value",
    }
}
