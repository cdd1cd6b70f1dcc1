//! From the cells of a row to an event as the tracking API writes it.

use std::borrow::Cow;

use base::{Code, Time};
use jiff::{civil, fmt::strtime, tz::TimeZone};
use serde_json::value::RawValue;

use super::{
    additions::BoundAdditions,
    dates::{DateFormat, Moment},
    detect::Detected,
    map::{CellType, ImportKind, ImportMap, Source, TimestampFormat},
    misfit::{AmbiguousDates, AmbiguousNumbers, Misfit, UnknownColumn},
    numbers::{self, NumberFormat, Unreadable, is_json_number},
    odd_cells::says_nothing,
    rows::Row,
    words::Fault,
};
use crate::ingest::object::{ObjectWriter, write_text};

/// Where a value of each row comes from.
#[derive(Clone, Debug)]
pub enum Cell {
    /// The same in every row.
    Constant(String),
    /// The place in the row, from 0, and the column's name.
    Column(usize, String),
}

/// How a cell becomes a JSON value, with what was found in its column.
#[derive(Clone, Debug)]
enum Form {
    /// A number that is written like this; like a program's where nothing was found.
    Number(Option<NumberFormat>),
    /// As the type says.
    Plain(CellType),
}

impl Form {
    /// Whether not every text is a value.
    fn is_typed(&self) -> bool {
        matches!(self, Form::Number(_) | Form::Plain(CellType::Number(_) | CellType::Bool | CellType::Date(_)))
    }
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
    values: Vec<(String, Cell, Form)>,
    strips_apostrophes: bool,
    additions: BoundAdditions,
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
    /// `detected` says what is known of the dates, numbers and separators in the columns.
    pub fn new(map: ImportMap, header: Option<&[String]>, detected: &Detected) -> Result<BoundMap, Misfit> {
        let additions = BoundAdditions::new(&map, header, detected)?;
        let bind = |source: Source| bind(source, header);
        let mut values = Vec::with_capacity(map.values.len());
        for (name, source, cell_type) in map.values {
            let cell = bind(source)?;
            let form = match cell_type {
                CellType::Date(None) => Form::Plain(CellType::Date(date_format_of(&cell, detected)?)),
                CellType::Number(None) => Form::Number(number_format_of(&cell, detected)?),
                CellType::Number(Some(mark)) => {
                    let found = cell.index().and_then(|index| detected.numbers(index)).cloned();
                    Form::Number(Some(found.map_or_else(|| NumberFormat::of(mark), |found| found.with(mark))))
                }
                other => Form::Plain(other),
            };
            values.push((name, cell, form));
        }
        let mut identities = Vec::with_capacity(map.identities.len());
        for (kind, source) in map.identities {
            identities.push((kind, bind(source)?));
        }
        let timestamp = map.timestamp.map(bind).transpose()?;
        let timestamp_format = match (map.timestamp_format, &timestamp) {
            (None, Some(cell)) => date_format_of(cell, detected)?.map(TimestampFormat::Named),
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
            additions,
        })
    }

    /// What rows bring beside their own records.
    pub fn additions(&self) -> &BoundAdditions {
        &self.additions
    }

    /// In which zone dates without one are read.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// The ids by which a row names somebody; each is blank where it names none.
    pub fn ids<'r>(&'r self, row: &'r Row) -> [(&'static str, &'r str); 2] {
        [("userId", self.text(&self.user_id, row)), ("anonymousId", self.text(&self.anonymous_id, row))]
    }

    /// The accounts and devices by which a row names somebody: the kind and the id of each.
    pub fn accounts<'r>(&'r self, row: &'r Row) -> impl Iterator<Item = (&'r str, &'r str)> {
        let all = self.identities.iter();
        let all = all.map(move |(kind, cell)| (kind.as_str(), self.stripped(cell.text(row).trim())));
        all.filter(|(_, id)| !id.is_empty())
    }

    /// A text without blanks around it, and without an apostrophe that is none of its own.
    fn text<'r>(&self, cell: &'r Option<Cell>, row: &'r Row) -> &'r str {
        self.stripped(cell.as_ref().map_or("", |cell| cell.text(row)).trim())
    }

    /// Writes the row as an event. Empty cells are left out, and where a date, a number or a truth value is expected also
    /// those that say that there is nothing: nobody is to be lost for a birthday that nobody knows.
    pub fn write_item(&self, row: &Row, out: &mut Vec<u8>) -> Result<(), Fault> {
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
        let [user_id, anonymous_id] = self.ids(row);
        let texts = [
            ("event", self.text(&self.event, row)),
            user_id,
            anonymous_id,
            ("messageId", self.text(&self.message_id, row)),
        ];
        for (name, text) in texts {
            if !text.is_empty() {
                item.text(name, text);
            }
        }
        if let Some(cell) = &self.timestamp {
            item.text("timestamp", &self.timestamp(cell, row)?);
        }
        let mut values = item.object(inner);
        for (name, cell, form) in &self.values {
            let text = self.stripped(cell.text(row));
            if text.trim().is_empty() || (form.is_typed() && says_nothing(text)) {
                continue;
            }
            let json = match form {
                Form::Plain(CellType::Text) => {
                    values.text(name, text);
                    continue;
                }
                Form::Number(Some(format)) => Cow::Owned(format.read(text).map_err(|why| not_a_number(cell, why))?),
                Form::Number(None) => {
                    numbers::plain(text.trim()).ok_or_else(|| not_a_number(cell, Unreadable::Other))?
                }
                Form::Plain(cell_type) => {
                    json_of(text, *cell_type, &self.time_zone).ok_or_else(|| misfit(cell, *cell_type))?
                }
            };
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
        for (kind, id) in self.accounts(row) {
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
    fn timestamp(&self, cell: &Cell, row: &Row) -> Result<String, Fault> {
        let text = cell.text(row).trim();
        if text.is_empty() || says_nothing(text) {
            return Err(Fault::new(
                Code::MissingField,
                format!("{}, the timestamp, is empty", cell.name()),
                format!("时间列 {} 是空的", cell.chinese_name()),
            ));
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
            (None, Some(TimestampFormat::Pattern(_))) => Err(Fault::new(
                Code::InvalidField,
                format!("{} does not have the form of timestamp_format", cell.name()),
                format!("{} 不符合 timestamp_format 的写法", cell.chinese_name()),
            )),
            // The normaliser says what is wrong with it.
            (None, _) => Ok(text.to_owned()),
        }
    }

    /// The text without the apostrophe that keeps spreadsheets from taking it for a formula.
    pub fn stripped<'t>(&self, text: &'t str) -> &'t str {
        match text.strip_prefix('\'') {
            Some(rest) if self.strips_apostrophes && rest.starts_with(FORMULA_MARKS) => rest,
            _ => text,
        }
    }
}

/// With what a cell begins that spreadsheets take for a formula.
pub const FORMULA_MARKS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

impl Cell {
    /// What stands there in a row.
    pub fn text<'a>(&'a self, row: &'a Row) -> &'a str {
        match self {
            Cell::Constant(text) => text,
            Cell::Column(index, _) => row.cell(*index).unwrap_or_default(),
        }
    }

    /// The name of its column.
    pub fn name(&self) -> &str {
        match self {
            Cell::Constant(_) => "the constant",
            Cell::Column(_, name) => name,
        }
    }

    /// The same in a Chinese sentence.
    pub fn chinese_name(&self) -> &str {
        match self {
            Cell::Constant(_) => "固定值",
            Cell::Column(_, name) => name,
        }
    }

    /// The place of its column, from 0.
    pub fn index(&self) -> Option<usize> {
        match self {
            Cell::Constant(_) => None,
            Cell::Column(index, _) => Some(*index),
        }
    }
}

/// How the numbers of a cell's column are written; nothing where the file does not say.
fn number_format_of(cell: &Cell, detected: &Detected) -> Result<Option<NumberFormat>, AmbiguousNumbers> {
    let found = cell.index().and_then(|index| detected.numbers(index));
    match found {
        Some(format) if format.is_ambiguous => Err(AmbiguousNumbers { column: cell.name().to_owned() }),
        found => Ok(found.cloned()),
    }
}

fn not_a_number(cell: &Cell, why: Unreadable) -> Fault {
    match why {
        Unreadable::Other => misfit(cell, CellType::Number(None)),
        Unreadable::TwoWays => Fault::new(
            Code::InvalidField,
            format!("{} may be two numbers: say number(point) or number(comma) in the mapping", cell.name()),
            format!("{} 可以读成两个不同的数：请在映射中写明 number(point) 或 number(comma)", cell.chinese_name()),
        ),
    }
}

fn misfit(cell: &Cell, cell_type: CellType) -> Fault {
    let (en, zh) = words(cell_type);
    Fault::new(
        Code::InvalidField,
        format!("{} is not a {en}", cell.name()),
        format!("{} 不是{zh}", cell.chinese_name()),
    )
}

/// How the dates of a cell's column are written; nothing where the file does not say.
pub fn date_format_of(cell: &Cell, detected: &Detected) -> Result<Option<DateFormat>, AmbiguousDates> {
    let Cell::Column(index, name) = cell else { return Ok(None) };
    match detected.dates(*index) {
        ColumnDates::Unknown => Ok(None),
        ColumnDates::In(format) => Ok(Some(format)),
        ColumnDates::Ambiguous(one, other) => Err(AmbiguousDates { column: name.clone(), formats: (one, other) }),
    }
}

/// Finds the column of a source.
pub fn bind(source: Source, header: Option<&[String]>) -> Result<Cell, UnknownColumn> {
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
        CellType::Number(_) => numbers::plain(text.trim()),
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

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" | "是" => Some(true),
        "false" | "f" | "no" | "n" | "0" | "否" => Some(false),
        _ => None,
    }
}

/// What a type is called in both languages.
fn words(cell_type: CellType) -> (&'static str, &'static str) {
    match cell_type {
        CellType::Text | CellType::Auto | CellType::Json => ("text", "文字"),
        CellType::Date(_) => ("date of the column's form", "这一列写法的日期"),
        CellType::Number(_) => ("number", "数字"),
        CellType::Bool => ("truth value", "是否值"),
    }
}
