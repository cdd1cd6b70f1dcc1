//! Rows of a CSV file, read with bounded memory: a quote that is never closed costs one line,
//! not the rest of the file.

use std::{
    borrow::Cow,
    collections::VecDeque,
    io::{self, BufRead, Read},
};

use base::Code;

use super::{Reject, RowSource, map::Delimiter, words::Fault};

/// How long a row may be, in bytes.
pub const MAX_ROW_BYTES: usize = 64 * 1024;
const MAX_ROW_LINES: usize = 1_000;

/// A row, as it stands in the file and taken apart.
#[derive(Debug)]
pub struct Row {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// What the cells are parts of.
    buffer: String,
    cells: Vec<(u32, u32)>,
    source: RowText,
}

/// How a row stands in the file.
#[derive(Debug)]
enum RowText {
    /// As the buffer.
    Buffer,
    /// With quotes.
    Quoted(String),
    /// In cells of a sheet.
    Cells,
}

impl Row {
    /// A row of a sheet.
    pub fn of_cells(line: u64, texts: &[String]) -> Row {
        let (buffer, cells) = joined(texts.iter().map(String::as_str));
        Row { line, buffer, cells, source: RowText::Cells }
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// One cell; nothing where there is none.
    pub fn cell(&self, index: usize) -> Option<&str> {
        let (start, end) = *self.cells.get(index)?;
        self.buffer.get(start as usize..end as usize)
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.cell(index).unwrap_or_default())
    }

    /// As it stands in the file; a row of a sheet as CSV.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.source {
            RowText::Buffer => Cow::Borrowed(&self.buffer),
            RowText::Quoted(text) => Cow::Borrowed(text),
            RowText::Cells => {
                let quoted = |cell: &str| match cell.contains([',', '"', '\n', '\r']) {
                    true => format!("\"{}\"", cell.replace('"', "\"\"")),
                    false => cell.to_owned(),
                };
                Cow::Owned(self.cells().map(quoted).collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Cells one behind the other, and where each of them is.
fn joined<'t>(texts: impl Iterator<Item = &'t str>) -> (String, Vec<(u32, u32)>) {
    let (mut buffer, mut cells) = (String::new(), Vec::new());
    for text in texts {
        let start = buffer.len() as u32;
        buffer.push_str(text);
        cells.push((start, buffer.len() as u32));
    }
    (buffer, cells)
}

/// What stands next in a file.
#[derive(Debug)]
pub enum RowRead {
    /// A row.
    Row(Row),
    /// Something that cannot be taken apart.
    Bad(Reject),
}

struct Line {
    number: u64,
    /// With its line end.
    bytes: Vec<u8>,
    /// How many bytes of the file it takes, more than are kept when it is too long.
    length: u64,
}

impl Line {
    fn is_too_long(&self) -> bool {
        self.length > MAX_ROW_BYTES as u64
    }
}

/// Reads the rows of a text file.
pub struct Rows<R> {
    input: R,
    /// Whether the text was converted, and U+FFFD stands for what could not be.
    is_converted: bool,
    delimiter: Delimiter,
    /// Lines that were read in search of a closing quote.
    waiting: VecDeque<Line>,
    lines_read: u64,
    lines_done: u64,
    bytes_done: u64,
}

impl<R: BufRead> RowSource for Rows<R> {
    /// The next row; blank lines are passed over.
    fn next_row(&mut self) -> io::Result<Option<RowRead>> {
        loop {
            let Some(first) = self.next_line()? else { return Ok(None) };
            if first.bytes.trim_ascii().is_empty() && !first.is_too_long() {
                self.take(&first);
                continue;
            }
            return self.row_from(first).map(Some);
        }
    }

    fn lines(&self) -> u64 {
        self.lines_done
    }

    fn bytes(&self) -> u64 {
        self.bytes_done
    }
}

impl<R: BufRead> Rows<R> {
    /// Rows of UTF-8 text.
    pub fn new(input: R, delimiter: Delimiter) -> Rows<R> {
        Rows {
            input,
            is_converted: false,
            delimiter,
            waiting: VecDeque::new(),
            lines_read: 0,
            lines_done: 0,
            bytes_done: 0,
        }
    }

    /// The same, of text that was converted to UTF-8.
    pub fn of_converted(input: R, delimiter: Delimiter) -> Rows<R> {
        Rows { is_converted: true, ..Rows::new(input, delimiter) }
    }

    fn row_from(&mut self, first: Line) -> io::Result<RowRead> {
        if first.is_too_long() {
            self.take(&first);
            return Ok(bad(&first, too_long()));
        }
        if self.is_converted && contains_replacement(&first.bytes) {
            self.take(&first);
            return Ok(bad(&first, unknown_characters()));
        }
        let Delimiter::Byte(delimiter) = self.delimiter else {
            self.take(&first);
            return Ok(take_apart(first, blank_cells));
        };
        if !first.bytes.contains(&b'"') {
            self.take(&first);
            return Ok(take_apart(first, |text| delimited_cells(text, delimiter)));
        }
        self.quoted_row(first, delimiter)
    }

    /// A row with quotes may go on over several lines.
    fn quoted_row(&mut self, first: Line, delimiter: u8) -> io::Result<RowRead> {
        let mut quotes = Quotes::new(delimiter);
        let mut more: Vec<Line> = Vec::new();
        let mut length = first.bytes.len();
        let mut is_open = quotes.is_open_after(&first.bytes);
        while is_open && length <= MAX_ROW_BYTES && more.len() < MAX_ROW_LINES {
            let Some(line) = self.next_line()? else { break };
            length += line.bytes.len();
            is_open = line.is_too_long() || quotes.is_open_after(&line.bytes);
            let is_end = line.is_too_long();
            more.push(line);
            if is_end {
                break;
            }
        }
        self.take(&first);
        if is_open || length > MAX_ROW_BYTES {
            let reject = match is_open {
                true => bad(&first, Fault::new(Code::RaggedRow, "a quote is not closed", "引号没有闭合")),
                false => bad(&first, too_long()),
            };
            for line in more.into_iter().rev() {
                self.waiting.push_front(line);
            }
            return Ok(reject);
        }
        let mut whole = first;
        for line in &more {
            whole.bytes.extend_from_slice(&line.bytes);
            self.take(line);
        }
        if self.is_converted && contains_replacement(&whole.bytes) {
            return Ok(bad(&whole, unknown_characters()));
        }
        Ok(take_quoted_apart(whole, delimiter))
    }

    fn take(&mut self, line: &Line) {
        self.lines_done = line.number;
        self.bytes_done += line.length;
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let mut length = (&mut self.input).take(MAX_ROW_BYTES as u64 + 1).read_until(b'\n', &mut bytes)? as u64;
        if length == 0 {
            return Ok(None);
        }
        if length > MAX_ROW_BYTES as u64 && !bytes.ends_with(b"\n") {
            length += self.input.skip_until(b'\n')? as u64;
        }
        self.lines_read += 1;
        if self.lines_read == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(Some(Line { number: self.lines_read, bytes, length }))
    }
}

fn contains_replacement(bytes: &[u8]) -> bool {
    !bytes.is_ascii() && bytes.windows(3).any(|window| window == "\u{fffd}".as_bytes())
}

fn text_of(line: Line) -> Result<(u64, String), RowRead> {
    let Line { number, bytes, length } = line;
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            text.truncate(text.trim_end_matches(['\n', '\r']).len());
            Ok((number, text))
        }
        Err(error) => {
            let line = Line { number, bytes: error.into_bytes(), length };
            Err(bad(&line, Fault::new(Code::InvalidField, "the row is not UTF-8", "这一行不是 UTF-8 编码")))
        }
    }
}

fn take_apart(line: Line, cells: impl FnOnce(&str) -> Vec<(u32, u32)>) -> RowRead {
    match text_of(line) {
        Ok((line, text)) => RowRead::Row(Row { line, cells: cells(&text), buffer: text, source: RowText::Buffer }),
        Err(bad) => bad,
    }
}

/// Where the cells between these delimiters are.
fn delimited_cells(text: &str, delimiter: u8) -> Vec<(u32, u32)> {
    let mut cells = Vec::with_capacity(16);
    let mut start = 0;
    for (place, byte) in text.bytes().enumerate() {
        if byte == delimiter {
            cells.push((start, place as u32));
            start = place as u32 + 1;
        }
    }
    cells.push((start, text.len() as u32));
    cells
}

/// Where the cells between blanks are.
fn blank_cells(text: &str) -> Vec<(u32, u32)> {
    let place = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    text.split_whitespace().map(|cell| (place(cell) as u32, (place(cell) + cell.len()) as u32)).collect()
}

fn take_quoted_apart(line: Line, delimiter: u8) -> RowRead {
    let (line, text) = match text_of(line) {
        Ok(read) => read,
        Err(bad) => return bad,
    };
    let (buffer, cells) = quoted_cells(&text, delimiter);
    RowRead::Row(Row { line, buffer, cells, source: RowText::Quoted(text) })
}

/// The cells of a row with quotes, without these, and where each of them is.
fn quoted_cells(text: &str, delimiter: u8) -> (String, Vec<(u32, u32)>) {
    let mut buffer = String::with_capacity(text.len());
    let mut cells = Vec::with_capacity(16);
    let mut rest = text;
    loop {
        let start = buffer.len() as u32;
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = take_quoted(quoted, &mut buffer);
        }
        // What stands behind a closing quote belongs to the cell as it is.
        let end = rest.bytes().position(|byte| byte == delimiter);
        buffer.push_str(&rest[..end.unwrap_or(rest.len())]);
        cells.push((start, buffer.len() as u32));
        match end {
            Some(end) => rest = &rest[end + 1..],
            None => return (buffer, cells),
        }
    }
}

/// Adds what stands before the closing quote, in which two quotes are one; returns what follows.
fn take_quoted<'t>(mut text: &'t str, buffer: &mut String) -> &'t str {
    loop {
        let Some(quote) = text.bytes().position(|byte| byte == b'"') else {
            buffer.push_str(text);
            return "";
        };
        buffer.push_str(&text[..quote]);
        text = &text[quote + 1..];
        match text.strip_prefix('"') {
            Some(rest) => {
                buffer.push('"');
                text = rest;
            }
            None => return text,
        }
    }
}

fn bad(line: &Line, fault: Fault) -> RowRead {
    let row = String::from_utf8_lossy(&line.bytes);
    let row = row.trim_end_matches(['\n', '\r']).to_owned();
    RowRead::Bad(Reject { line: line.number, code: fault.code, message: fault.message, row })
}

/// What is wrong with a row that is longer than a row may be.
pub fn too_long() -> Fault {
    Fault::new(Code::EventTooLarge, "the row is longer than 64 KB", "这一行超过 64 KB")
}

fn unknown_characters() -> Fault {
    Fault::new(
        Code::InvalidField,
        "the row has characters that its encoding does not know",
        "这一行有文件编码中不存在的字符",
    )
}

/// Follows quotes through a row (RFC 4180: a quote opens at the start of a cell, and two within a quoted
/// cell are one).
struct Quotes {
    delimiter: u8,
    state: QuoteState,
}

#[derive(Clone, Copy, PartialEq)]
enum QuoteState {
    CellStart,
    Plain,
    Quoted,
    QuoteInQuoted,
}

impl Quotes {
    fn new(delimiter: u8) -> Quotes {
        Quotes { delimiter, state: QuoteState::CellStart }
    }

    /// Whether a quoted cell is open behind these further bytes.
    fn is_open_after(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            self.state = match (self.state, *byte) {
                (QuoteState::Quoted, b'"') => QuoteState::QuoteInQuoted,
                (QuoteState::Quoted, _) => QuoteState::Quoted,
                (QuoteState::QuoteInQuoted, b'"') => QuoteState::Quoted,
                (QuoteState::CellStart, b'"') => QuoteState::Quoted,
                (_, byte) if byte == self.delimiter => QuoteState::CellStart,
                _ => QuoteState::Plain,
            };
        }
        self.state == QuoteState::Quoted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn quoted_rows_are_taken_apart_as_the_csv_crate_does(text in "[a名\", ]{1,14}") {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let mut record = csv::StringRecord::new();
            reader.read_record(&mut record).unwrap();
            let (buffer, cells) = quoted_cells(&text, b',');
            let ours: Vec<&str> = cells.iter().map(|(start, end)| &buffer[*start as usize..*end as usize]).collect();
            prop_assert_eq!(ours, record.iter().collect::<Vec<_>>());
        }
    }
}
