//! Rows of a CSV file, read with bounded memory: a quote that is never closed costs one line,
//! not the rest of the file.

use std::{
    collections::VecDeque,
    io::{self, BufRead, Read},
};

use base::Code;

use super::{Reject, map::Delimiter};

/// How long a row may be, in bytes.
pub const MAX_ROW_BYTES: usize = 64 * 1024;
const MAX_ROW_LINES: usize = 1_000;

/// A row, as it stands in the file and taken apart.
#[derive(Debug)]
pub struct Row {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// As it stands in the file.
    pub text: String,
    /// Its cells.
    pub cells: Vec<String>,
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

/// Reads rows.
pub struct Rows<R> {
    input: R,
    delimiter: Delimiter,
    /// Lines that were read in search of a closing quote.
    waiting: VecDeque<Line>,
    lines_read: u64,
    lines_done: u64,
    bytes_done: u64,
}

impl<R: BufRead> Rows<R> {
    pub fn new(input: R, delimiter: Delimiter) -> Rows<R> {
        Rows { input, delimiter, waiting: VecDeque::new(), lines_read: 0, lines_done: 0, bytes_done: 0 }
    }

    /// Lines of the file that all rows until now took.
    pub fn lines(&self) -> u64 {
        self.lines_done
    }

    /// Bytes of the file that all rows until now took.
    pub fn bytes(&self) -> u64 {
        self.bytes_done
    }

    /// The next row; blank lines are passed over.
    pub fn next_row(&mut self) -> io::Result<Option<RowRead>> {
        loop {
            let Some(first) = self.next_line()? else { return Ok(None) };
            if first.bytes.trim_ascii().is_empty() && !first.is_too_long() {
                self.take(&first);
                continue;
            }
            return self.row_from(first).map(Some);
        }
    }

    fn row_from(&mut self, first: Line) -> io::Result<RowRead> {
        if first.is_too_long() {
            self.take(&first);
            return Ok(bad(&first, Code::EventTooLarge, "the row is longer than 64 KB"));
        }
        let Delimiter::Byte(delimiter) = self.delimiter else {
            self.take(&first);
            return Ok(take_apart(&first, &first.bytes, |text| text.split_whitespace().map(str::to_owned).collect()));
        };
        if !first.bytes.contains(&b'"') {
            self.take(&first);
            let delimiter = char::from(delimiter);
            return Ok(take_apart(&first, &first.bytes, |text| text.split(delimiter).map(str::to_owned).collect()));
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
                true => bad(&first, Code::RaggedRow, "a quote is not closed"),
                false => bad(&first, Code::EventTooLarge, "the row is longer than 64 KB"),
            };
            for line in more.into_iter().rev() {
                self.waiting.push_front(line);
            }
            return Ok(reject);
        }
        let mut bytes = first.bytes.clone();
        for line in &more {
            bytes.extend_from_slice(&line.bytes);
            self.take(line);
        }
        Ok(take_apart(&first, &bytes, |text| quoted_cells(text, delimiter)))
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

fn take_apart(first: &Line, bytes: &[u8], cells: impl FnOnce(&str) -> Vec<String>) -> RowRead {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bad(first, Code::InvalidField, "the row is not UTF-8");
    };
    let text = text.trim_end_matches(['\n', '\r']);
    RowRead::Row(Row { line: first.number, text: text.to_owned(), cells: cells(text) })
}

fn quoted_cells(text: &str, delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(text.len().max(16))
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    // Neither reading from memory nor valid UTF-8 can fail; an empty record would be refused as ragged.
    let _ = reader.read_record(&mut record);
    record.iter().map(str::to_owned).collect()
}

fn bad(line: &Line, code: Code, message: &str) -> RowRead {
    let row = String::from_utf8_lossy(&line.bytes);
    RowRead::Bad(Reject {
        line: line.number,
        code,
        message: message.to_owned(),
        row: row.trim_end_matches(['\n', '\r']).to_owned(),
    })
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
