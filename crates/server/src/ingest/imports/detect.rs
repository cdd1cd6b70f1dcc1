//! What a file is: format, encoding, delimiter, header, and what its columns hold.

use std::{
    cell::Cell,
    collections::HashSet,
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
    rc::Rc,
};

use base::{Code, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    MAX_COLUMNS, RowSource,
    cells::ColumnDates,
    columns::{self, Column},
    delimiter,
    encoding::{self, Decoded, TextEncoding},
    map::{Delimiter, ImportMap},
    numbers::NumberFormat,
    reading::Reading,
    rows::{RowRead, Rows},
    sheet::{SheetRows, too_many_columns},
    tags::Separator,
};

/// How much text is looked at to find out what columns hold.
const SAMPLE_BYTES: u64 = 4 << 20;
/// How many rows.
const SAMPLE_ROWS: usize = 10_000;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// Text with delimiters.
    Csv,
    /// A workbook.
    Xlsx,
}

/// What was found in a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Detected {
    /// `csv` or `xlsx`.
    pub format: FileFormat,
    /// The encoding of a text file: `utf-8`, `gbk`, `big5`, `utf-16le` …
    #[schema(value_type = Option<String>)]
    pub encoding: Option<TextEncoding>,
    /// What stands between the cells of a text file: one character, `tab` or `whitespace`.
    pub delimiter: Option<String>,
    /// The sheets of a workbook.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<String>,
    /// Whether the first row names the columns.
    pub has_headers: bool,
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// About how many rows there are, without the header.
    pub rows_estimated: u64,
    /// Whether cells have an apostrophe before what would be a formula.
    #[serde(default)]
    pub has_apostrophes: bool,
    /// How somebody has said that it is to be read, as far as he has.
    #[serde(default, skip_serializing_if = "Reading::is_empty")]
    pub chosen: Reading,
}

impl Detected {
    /// The names of the columns, if the file says them.
    pub fn header(&self) -> Option<Vec<String>> {
        self.has_headers.then(|| self.columns.iter().map(|column| column.name.clone()).collect())
    }

    /// What is known of the dates in a column.
    pub fn dates(&self, index: usize) -> ColumnDates {
        match self.columns.get(index) {
            Some(Column { date_format: Some(format), .. }) => ColumnDates::In(*format),
            Some(Column { ambiguous_dates: Some((one, other)), .. }) => ColumnDates::Ambiguous(*one, *other),
            _ => ColumnDates::Unknown,
        }
    }

    /// How the numbers in a column are written.
    pub fn numbers(&self, index: usize) -> Option<&NumberFormat> {
        self.columns.get(index)?.number_format.as_ref()
    }

    /// What may part tags in a column.
    pub fn separators(&self, index: usize) -> &[Separator] {
        self.columns.get(index).map_or(&[], |column| &column.separators)
    }

    /// The same without examples, which are personal data.
    pub fn without_examples(mut self) -> Detected {
        self.columns.iter_mut().for_each(|column| column.examples.clear());
        self.without_odd_examples()
    }

    /// The same without the examples of what does not fit: questions tell of them.
    pub fn without_odd_examples(mut self) -> Detected {
        let all = self.columns.iter_mut().filter_map(|column| column.odd_cells.as_mut());
        all.for_each(|odd| odd.example = None);
        self
    }
}

/// What is known beforehand, from a mapping.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    encoding: Option<TextEncoding>,
    delimiter: Option<Delimiter>,
    has_headers: Option<bool>,
    sheet: Option<String>,
    columns: Vec<String>,
}

impl Hints {
    /// What somebody has said of a file.
    pub fn said(
        encoding: Option<TextEncoding>,
        delimiter: Option<Delimiter>,
        has_headers: Option<bool>,
        sheet: Option<String>,
    ) -> Hints {
        Hints { encoding, delimiter, has_headers, sheet, columns: Vec::new() }
    }
}

impl From<&ImportMap> for Hints {
    fn from(map: &ImportMap) -> Hints {
        Hints {
            encoding: map.encoding(),
            delimiter: map.delimiter(),
            has_headers: map.has_headers(),
            sheet: map.sheet().map(str::to_owned),
            columns: map.columns().into_iter().map(str::to_owned).collect(),
        }
    }
}

/// Looks at a file. `hints` win over what is found.
pub fn detect(path: &Path, hints: &Hints) -> Result<Detected, Problem> {
    let file = File::open(path).map_err(io_problem)?;
    match is_zip(&file).map_err(io_problem)? {
        true => detect_sheet(path, hints),
        false => detect_text(path, hints),
    }
}

/// Opens the rows of a file that was looked at.
pub fn open_rows(path: &Path, detected: &Detected, map: &ImportMap) -> Result<Box<dyn RowSource + Send>, Problem> {
    open_as(path, detected, (map.sheet(), map.encoding(), map.delimiter()))
}

/// Opens the rows of a file as it was found to be, without a mapping.
pub fn open_as_found(path: &Path, detected: &Detected) -> Result<Box<dyn RowSource + Send>, Problem> {
    open_as(path, detected, (detected.chosen.sheet.as_deref(), None, None))
}

fn open_as(
    path: &Path,
    detected: &Detected,
    (sheet, encoding, delimiter): (Option<&str>, Option<TextEncoding>, Option<Delimiter>),
) -> Result<Box<dyn RowSource + Send>, Problem> {
    if detected.format == FileFormat::Xlsx {
        return Ok(Box::new(SheetRows::open(path, sheet)?));
    }
    let file = File::open(path).map_err(io_problem)?;
    let encoding = encoding.or(detected.encoding).unwrap_or(TextEncoding::UTF_8);
    let found = || detected.delimiter.as_deref().and_then(Delimiter::of_word);
    let delimiter = delimiter.or_else(found).unwrap_or(Delimiter::Byte(b','));
    Ok(match encoding.is_utf8() {
        true => Box::new(Rows::new(BufReader::with_capacity(256 * 1024, file), delimiter)),
        false => Box::new(Rows::of_converted(Decoded::new(file, encoding), delimiter)),
    })
}

/// The problem of a file that the system cannot read.
pub fn io_problem(error: io::Error) -> Problem {
    match error.downcast::<Problem>() {
        Ok(problem) => problem,
        Err(error) => Problem::with(Code::UnreadableFile, error.to_string()),
    }
}

fn is_zip(mut file: &File) -> io::Result<bool> {
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start)?;
    Ok(start == b"PK\x03\x04" || start == b"PK\x05\x06")
}

fn detect_sheet(path: &Path, hints: &Hints) -> Result<Detected, Problem> {
    let mut rows = SheetRows::open(path, hints.sheet.as_deref())?;
    let sample = Sample::take(&mut rows, SAMPLE_ROWS)?;
    let count = match sample.is_whole {
        true => sample.rows.len() as u64,
        false => rows.declared_rows().max(sample.rows.len() as u64),
    };
    let mut found = sample.describe(hints, FileFormat::Xlsx)?;
    found.sheets = rows.sheets().to_vec();
    found.rows_estimated = count.saturating_sub(u64::from(found.has_headers));
    Ok(found)
}

fn detect_text(path: &Path, hints: &Hints) -> Result<Detected, Problem> {
    let file = File::open(path).map_err(io_problem)?;
    let bytes = file.metadata().map_err(io_problem)?.len();
    let encoding = match hints.encoding {
        Some(encoding) => encoding,
        None => encoding::probe(&file).map_err(io_problem)?,
    };
    let read = Rc::new(Cell::new(0));
    let input = Counted { input: File::open(path).map_err(io_problem)?, read: read.clone() };
    let mut text = Vec::new();
    Decoded::new(input, encoding).take(SAMPLE_BYTES).read_to_end(&mut text).map_err(io_problem)?;
    let is_whole = (text.len() as u64) < SAMPLE_BYTES;
    if text.iter().take(8_192).filter(|byte| **byte == 0).count() > 8 {
        return Err(Problem::with(Code::UnreadableFile, "it is neither text nor a workbook (.xlsx)"));
    }
    if !is_whole {
        // The last line was cut off.
        let end = text.iter().rposition(|byte| *byte == b'\n').map_or(text.len(), |place| place + 1);
        text.truncate(end);
    }
    let delimiter = hints.delimiter.unwrap_or_else(|| delimiter::find(&text));
    let mut rows = Rows::new(text.as_slice(), delimiter);
    let sample = Sample::take(&mut rows, SAMPLE_ROWS)?;
    // Of a workbook another sheet may be meant.
    if sample.rows.is_empty() && sample.bad == 0 {
        return Err(Problem::with(Code::UnreadableFile, "the file is empty"));
    }
    let mut count = (sample.rows.len() + sample.bad) as u64;
    while rows.next_row().map_err(io_problem)?.is_some() {
        count += 1;
    }
    if !is_whole {
        count = (count as f64 * bytes as f64 / (read.get() as f64).max(1.0)) as u64;
    }
    let mut found = sample.describe(hints, FileFormat::Csv)?;
    found.encoding = Some(encoding);
    found.delimiter = Some(delimiter.word());
    found.rows_estimated = count.saturating_sub(u64::from(found.has_headers));
    Ok(found)
}

/// Counts what is read.
struct Counted {
    input: File,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.read.set(self.read.get() + length as u64);
        Ok(length)
    }
}

/// The first rows of a file.
struct Sample {
    rows: Vec<Vec<String>>,
    bad: usize,
    is_whole: bool,
}

impl Sample {
    fn take(source: &mut impl RowSource, most: usize) -> Result<Sample, Problem> {
        let mut sample = Sample { rows: Vec::new(), bad: 0, is_whole: true };
        while let Some(read) = source.next_row().map_err(io_problem)? {
            match read {
                RowRead::Row(row) if row.len() > MAX_COLUMNS => return Err(too_many_columns()),
                RowRead::Row(row) => sample.rows.push(row.cells().map(str::to_owned).collect()),
                // A header that is longer than a row may be has more columns than a file may have.
                RowRead::Bad(reject) if sample.rows.is_empty() && reject.code == Code::EventTooLarge => {
                    return Err(too_many_columns());
                }
                RowRead::Bad(_) => sample.bad += 1,
            }
            if sample.rows.len() + sample.bad >= most {
                sample.is_whole = false;
                break;
            }
        }
        Ok(sample)
    }

    fn describe(mut self, hints: &Hints, format: FileFormat) -> Result<Detected, Problem> {
        if self.rows.is_empty() && self.bad > 0 {
            return Err(Problem::with(Code::UnreadableFile, "none of its first rows can be taken apart"));
        }
        let named = |row: &Vec<String>| hints.columns.iter().any(|column| row.iter().any(|cell| cell.trim() == column));
        let looks = |row: &Vec<String>| named(row) || columns::is_header(row);
        let has_headers = hints.has_headers.unwrap_or_else(|| self.rows.first().is_none_or(looks));
        let header = if has_headers && !self.rows.is_empty() { Some(self.rows.remove(0)) } else { None };
        let width = header.as_ref().or(self.rows.first()).map_or(0, Vec::len);
        // Of columns that have the same name the first is known by it, and the others by their numbers.
        let mut taken: HashSet<String> = HashSet::new();
        let columns: Vec<Column> = (0..width)
            .map(|index| {
                let name = header.as_ref().and_then(|names| names.get(index)).map(|name| name.trim().to_owned());
                let name = name.filter(|name| taken.insert(name.clone()));
                let cells = self.rows.iter().filter(|row| row.len() == width).filter_map(|row| row.get(index));
                columns::describe(name, index, format, cells.map(|cell| cell.trim()))
            })
            .collect();
        let has_apostrophes = columns::have_apostrophes(self.rows.iter().flatten().map(String::as_str));
        Ok(Detected {
            format,
            encoding: None,
            delimiter: None,
            sheets: Vec::new(),
            has_headers,
            columns,
            rows_estimated: 0,
            has_apostrophes,
            chosen: Reading::default(),
        })
    }
}
