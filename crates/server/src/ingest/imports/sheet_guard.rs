//! Looks through a workbook before anybody unpacks it into memory: a few kilobytes of ZIP may hold terabytes.
//!
//! Everything is unpacked once, in pieces that are thrown away, and counted: what the archive declares is not believed.
//! Behind this guard the reader needs at most the shared texts, one row, and one element of XML at a time.

use std::{
    cell::Cell,
    io::{self, BufReader, Read, Seek, SeekFrom},
    rc::Rc,
};

use base::{Code, Problem};
use zip::ZipArchive;

/// How many files a workbook may hold.
const MAX_ENTRIES: usize = 2_000;
/// How much is read to find out which files there are, whose names are held in memory; a workbook takes a few kilobytes.
const MAX_DIRECTORY_BYTES: u64 = 4 << 20;
/// How much it may unpack to, in bytes; a sheet of a million rows and twelve columns takes half of this.
const MAX_BYTES: u64 = 1 << 30;
/// How many times its size a file of some size may unpack to; sheets reach thirty.
const MAX_RATIO: u64 = 200;
const RATIO_COUNTS_FROM: u64 = 16 << 20;
/// How much the texts that cells share may have: they are kept in memory.
const MAX_SHARED_BYTES: u64 = 64 << 20;
/// How many elements of XML they may have.
const MAX_SHARED_ELEMENTS: u64 = 8_000_000;
/// How large any part but sheets and shared texts may be: some are read whole.
const MAX_PART_BYTES: u64 = 32 << 20;
/// How much of a sheet may lie between the beginnings of two cells.
const MAX_CELL_BYTES: u64 = 1 << 20;

/// Fails unless the workbook can be read with bounded memory.
pub fn check(file: impl Read + Seek) -> Result<(), Problem> {
    let left = Rc::new(Cell::new(MAX_DIRECTORY_BYTES));
    let opened = ZipArchive::new(Metered { inner: BufReader::new(file), left: left.clone() });
    if left.get() == 0 {
        return Err(too_large(format!(
            "its list of files is missing, or has more than {} MB",
            MAX_DIRECTORY_BYTES >> 20
        )));
    }
    left.set(u64::MAX);
    let mut archive = opened.map_err(|error| unreadable(&error.to_string()))?;
    if archive.len() > MAX_ENTRIES {
        return Err(too_large(format!("it holds {} files instead of at most {MAX_ENTRIES}", archive.len())));
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| unreadable(&error.to_string()))?;
        let name = entry.name().map_err(|error| unreadable(&error.to_string()))?.to_ascii_lowercase();
        let packed = entry.compressed_size();
        if total + entry.size() > MAX_BYTES {
            return Err(too_large("it says of itself that it unpacks to more than 1 GB".to_owned()));
        }
        let mut part = Part::new(&name);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = entry.read(&mut buffer).map_err(|error| unreadable(&error.to_string()))?;
            if length == 0 {
                break;
            }
            total += length as u64;
            if total > MAX_BYTES {
                return Err(too_large("it unpacks to more than 1 GB".to_owned()));
            }
            part.take(&buffer[..length])?;
            if part.bytes > RATIO_COUNTS_FROM && part.bytes / packed.max(1) > MAX_RATIO {
                return Err(too_large(format!("a part of it unpacks to more than {MAX_RATIO} times its size")));
            }
        }
    }
    Ok(())
}

/// The problem of a file that is no workbook.
pub fn unreadable(reason: &str) -> Problem {
    Problem::with(Code::UnreadableFile, format!("the workbook cannot be read: {reason}"))
}

/// The problem of a workbook that is too large.
pub fn too_large(reason: String) -> Problem {
    Problem::with(Code::SpreadsheetTooLarge, reason)
}

/// A file of which no more can be read than is left.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(length as u64));
        match self.left.get() {
            0 => Err(io::Error::other("too much is read")),
            _ => Ok(length),
        }
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sheet,
    SharedTexts,
    Xml,
    Other,
}

/// One file of the archive, as far as it has passed by.
struct Part {
    kind: Kind,
    bytes: u64,
    elements: u64,
    /// Where the element begins that holds everything now: a cell, a row, a shared text.
    since: u64,
    /// Whether all that comes now belongs to one cell or one shared text.
    is_inside: bool,
    state: State,
    name: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Text,
    /// Behind `<`, while the name lasts.
    Name,
}

impl Part {
    fn new(name: &str) -> Part {
        let is_xml = name.ends_with(".xml") || name.ends_with(".rels");
        let kind = match () {
            () if name.contains("sharedstrings") => Kind::SharedTexts,
            () if is_xml && name.contains("worksheets/") => Kind::Sheet,
            () if is_xml => Kind::Xml,
            () => Kind::Other,
        };
        Part { kind, bytes: 0, elements: 0, since: 0, is_inside: false, state: State::Text, name: Vec::new() }
    }

    fn take(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        if self.kind != Kind::Other {
            self.scan(chunk)?;
        }
        self.bytes += chunk.len() as u64;
        let limit = match self.kind {
            Kind::SharedTexts => MAX_SHARED_BYTES,
            Kind::Xml => MAX_PART_BYTES,
            Kind::Sheet | Kind::Other => MAX_BYTES,
        };
        if self.bytes > limit {
            let what = if self.kind == Kind::SharedTexts { "the texts of its cells have" } else { "a part of it has" };
            return Err(too_large(format!("{what} more than {} MB", limit >> 20)));
        }
        if self.kind == Kind::SharedTexts && self.elements > MAX_SHARED_ELEMENTS {
            return Err(too_large("its cells have too many different texts".to_owned()));
        }
        Ok(())
    }

    fn scan(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        let mut place = 0;
        while place < chunk.len() {
            if self.state == State::Text {
                let Some(found) = chunk[place..].iter().position(|byte| *byte == b'<') else { break };
                place += found + 1;
                self.elements += 1;
                self.state = State::Name;
                self.name.clear();
                continue;
            }
            let byte = chunk[place];
            place += 1;
            // Comments, CDATA and document types may hide anything, and no program writes them into a workbook.
            if self.name.is_empty() && byte == b'!' {
                return Err(unreadable("its XML has a comment or a document type, which spreadsheets have not"));
            }
            if self.name.is_empty() && byte == b'?' && self.elements > 1 {
                return Err(unreadable("its XML has a processing instruction, which spreadsheets have not"));
            }
            let is_name = byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.' | b'/' | b'?');
            if is_name && self.name.len() < 64 {
                self.name.push(byte);
                continue;
            }
            self.state = State::Text;
            let here = self.bytes + place as u64;
            if self.enters_or_leaves() || !self.is_inside {
                self.since = here;
            }
        }
        if self.bytes + chunk.len() as u64 - self.since > MAX_CELL_BYTES && self.kind != Kind::Xml {
            return Err(too_large("a cell of it has more than 1 MB".to_owned()));
        }
        Ok(())
    }

    /// A reader holds a whole cell in memory, and of everything else one element at a time.
    fn enters_or_leaves(&mut self) -> bool {
        let (is_end, name) = match self.name.strip_prefix(b"/") {
            Some(name) => (true, name),
            None => (false, self.name.as_slice()),
        };
        let local = name.rsplit(|byte| *byte == b':').next().unwrap_or(name);
        match (self.kind, local) {
            (Kind::Sheet, b"c") | (Kind::SharedTexts, b"si") => self.is_inside = !is_end,
            (Kind::Sheet, b"row" | b"sheetData") => self.is_inside = false,
            _ => return false,
        }
        true
    }
}
