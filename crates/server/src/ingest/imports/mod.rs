//! Imports: files with many events or members into records of the log.
//!
//! `POST /api/v1/imports` takes a file in and says what it is ([`detect`]) and what its columns may mean ([`suggest`]);
//! a *mapping* ([`map`]) says what they do mean; a preview counts what an import would do; the import itself is a job
//! ([`job`]), and so is `hearth import` on the command line.
//!
//! | file | does |
//! |---|---|
//! | `routes.rs`, `schema.rs`, `files.rs`, `mappings.rs` | the addresses, uploaded files, saved mappings |
//! | `detect.rs`, `reading.rs`, `encoding.rs`, `delimiter.rs`, `columns.rs`, `dates.rs`, `numbers.rs`, `odd_cells.rs` | what a file is |
//! | `suggest.rs`, `questions.rs` | what its columns may mean, and what only the operator knows |
//! | `map.rs`, `entries.rs`, `cells.rs`, `misfit.rs` | mappings, and from a row to an event |
//! | `additions.rs`, `tags.rs`, `consents.rs` | what a row brings beside it: tags, and decisions about consent |
//! | `words.rs` | reasons in English and Chinese |
//! | `rows.rs`, `sheet.rs`, `sheet_guard.rs` | rows of text and of workbooks, with bounds |
//! | `job.rs`, `preview.rs`, `rejects.rs`, `fingerprint.rs` | the work |
//!
//! An [`Importer`] reads rows one by one, turns each by a mapping into an event as the tracking API would
//! send it, and passes that through the same normaliser, so the same bounds and codes hold.
//!
//! Invariants: memory is bounded whatever the file holds (a row has at most [`MAX_ROW_BYTES`] and [`MAX_COLUMNS`]; a
//! workbook passes `sheet_guard.rs` first); every row of the file is either a record, with what belongs to it, or a
//! reject; the same row of the same file under the same mapping has the same `messageId`, so importing twice counts once.

mod additions;
mod cells;
mod columns;
mod consents;
mod dates;
mod delimiter;
pub mod detect;
mod encoding;
mod entries;
mod files;
mod fingerprint;
pub mod job;
mod map;
pub mod mappings;
mod misfit;
mod named;
mod numbers;
mod odd_cells;
pub mod preview;
mod questions;
mod reading;
mod rejects;
mod routes;
mod rows;
mod schema;
mod sheet;
mod sheet_guard;
pub mod suggest;
mod tags;
#[cfg(test)]
mod tests;
pub mod words;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base::{Clock, Code, IdSource, Problem, Time, ids::WorkspaceId};
use log::{EventLog, NewRecord};
use people::pipeline::Progress as PipelineProgress;
use store::Db;

use super::{
    envelope::Shared,
    moment::Arrival,
    normalise::{CallFrom, MessageId, Origin, Records},
};
use cells::BoundMap;
use detect::{Detected, Hints};
use fingerprint::{content_hash, hex};
use misfit::Misfit;
use rows::{Row, RowRead};
use words::{Fault, Words};

pub use additions::Provenance;
pub use files::{remove_older, sweep};
pub use fingerprint::{Fingerprints, fingerprints};
pub use map::{ImportKind, ImportMap, MapError};
pub use named::names;
pub use routes::routes;
pub use rows::MAX_ROW_BYTES;

/// How many columns a file may have: as many as an event may have properties.
pub const MAX_COLUMNS: usize = 1_000;

/// About how many bytes of records and rejects a batch holds at most; it stops behind the row that reaches it.
pub const MAX_IMPORT_BATCH_BYTES: usize = 8 << 20;

/// What imports need.
pub struct ImportsState {
    /// For files, mappings and jobs.
    pub db: Db,
    /// Where rows go.
    pub log: Arc<dyn EventLog>,
    /// How far the pipeline is.
    pub progress: PipelineProgress,
    /// The time of arrival.
    pub clock: Arc<dyn Clock>,
    /// Ids of files, jobs and events.
    pub ids: IdSource,
    /// Where uploaded files lie.
    pub dir: PathBuf,
    /// Bounds.
    pub limits: ImportLimits,
}

/// What an operator may set about imports.
#[derive(Clone, Copy, Debug)]
pub struct ImportLimits {
    /// How large an uploaded file may be, in bytes.
    pub file_bytes: u64,
    /// How long an uploaded file is kept: from its end if it was imported, and from its upload if not.
    pub kept: Duration,
    /// How many rows an import may be ahead of the pipeline. What is sent in meanwhile waits behind them.
    pub rows_ahead: u64,
}

impl Default for ImportLimits {
    fn default() -> Self {
        ImportLimits { file_bytes: 2 << 30, kept: Duration::from_secs(7 * 86_400), rows_ahead: 1_000_000 }
    }
}

/// Rows of a file of whatever format.
pub trait RowSource {
    /// The next row that is not blank.
    fn next_row(&mut self) -> io::Result<Option<RowRead>>;
    /// Lines of the file that all rows until now took.
    fn lines(&self) -> u64;
    /// Bytes of text that they took.
    fn bytes(&self) -> u64;
}

impl<S: RowSource + ?Sized> RowSource for Box<S> {
    fn next_row(&mut self) -> io::Result<Option<RowRead>> {
        (**self).next_row()
    }
    fn lines(&self) -> u64 {
        (**self).lines()
    }
    fn bytes(&self) -> u64 {
        (**self).bytes()
    }
}

/// Why an import cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The mapping does not fit the file.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The first line is not a header.
    #[error("the first line cannot be read as a header: {0}")]
    Header(String),
    /// Something with a code.
    #[error(transparent)]
    Problem(#[from] Problem),
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Problem {
        match error {
            ImportError::Io(error) => detect::io_problem(error),
            ImportError::Misfit(misfit) => Problem::with(Code::InvalidMapping, misfit.to_string()),
            ImportError::Header(reason) => {
                Problem::with(Code::UnreadableFile, format!("the first line cannot be read as a header: {reason}"))
            }
            ImportError::Problem(problem) => problem,
        }
    }
}

/// Into what an import writes.
#[derive(Clone, Debug)]
pub struct ImportTarget {
    /// Whose data it is.
    pub workspace: WorkspaceId,
    /// [`log::EventLog::partitions`].
    pub partitions: u32,
    /// Of [`fingerprint`]: part of each message id, and of the events' source.
    pub fingerprint: String,
    /// The time of arrival.
    pub clock: Arc<dyn Clock>,
    /// The ids of events.
    pub ids: IdSource,
    /// Whence the rows come.
    pub whence: Provenance,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows read, without the header; each is a record or a reject.
    pub rows: u64,
    /// Lines of the file read.
    pub lines: u64,
    /// Bytes of the file read.
    pub bytes: u64,
}

/// A row that is not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The line of the file on which the row begins, from 1.
    pub line: u64,
    /// The stable code of the reason.
    pub code: Code,
    /// The reason in one sentence.
    pub message: Words,
    /// The row as it stands in the file (of one that is too long, its beginning).
    pub row: String,
}

/// What a number of rows became.
#[derive(Debug, Default)]
pub struct ImportBatch {
    /// To append, in this order.
    pub records: Vec<NewRecord>,
    /// Of each record whether it belongs to the row of the one before it: tags, and decisions about consent.
    pub are_additions: Vec<bool>,
    /// How many tags were passed over since a rule or a model gives them.
    pub ruled_tags: u64,
    /// To report.
    pub rejects: Vec<Reject>,
    /// How far the import is when this batch is appended.
    pub progress: Progress,
}

impl ImportBatch {
    /// How many rows became records.
    pub fn imported(&self) -> usize {
        self.are_additions.iter().filter(|is_addition| !**is_addition).count()
    }
}

/// Reads a file batch by batch.
pub struct Importer<S> {
    rows: S,
    map: BoundMap,
    target: ImportTarget,
    source: String,
    columns: Option<usize>,
    rows_read: u64,
    last_arrival: Time,
}

/// The reader of a file.
pub type FileImporter = Importer<Box<dyn RowSource + Send>>;

/// Opens a file and finds the columns that the mapping names. What the mapping does not say of how to read it, is found.
pub fn open_file(path: &Path, map: &ImportMap, target: ImportTarget) -> Result<(FileImporter, Detected), ImportError> {
    let detected = detect::detect(path, &Hints::from(map))?;
    let rows = detect::open_rows(path, &detected, map)?;
    let importer = Importer::open(rows, map.clone(), &detected, target)?;
    Ok((importer, detected))
}

/// Fails unless the mapping fits a file that was looked at.
pub fn check_fit(map: &ImportMap, detected: &Detected) -> Result<(), Problem> {
    BoundMap::new(map.clone(), detected.header().as_deref(), detected)
        .map(drop)
        .map_err(|misfit| ImportError::from(misfit).into())
}

impl<S: RowSource> Importer<S> {
    /// Reads the header, if there is one, and finds the columns that the map names.
    pub fn open(
        mut rows: S,
        map: ImportMap,
        detected: &Detected,
        target: ImportTarget,
    ) -> Result<Importer<S>, ImportError> {
        let header = if detected.has_headers { read_header(&mut rows)? } else { None };
        let columns = header.as_ref().map(Vec::len);
        let map = BoundMap::new(map, header.as_deref(), detected)?;
        let source = format!("import:{}", target.fingerprint);
        Ok(Importer { rows, map, target, source, columns, rows_read: 0, last_arrival: Time::EPOCH })
    }

    /// Passes over rows that an earlier run has imported.
    pub fn skip_rows(&mut self, count: u64) -> Result<(), ImportError> {
        while self.rows_read < count {
            let Some(read) = self.rows.next_row()? else { return Ok(()) };
            self.rows_read += 1;
            if let RowRead::Row(row) = read {
                self.columns.get_or_insert(row.len());
            }
        }
        Ok(())
    }

    /// How far the import has come.
    pub fn progress(&self) -> Progress {
        Progress { rows: self.rows_read, lines: self.rows.lines(), bytes: self.rows.bytes() }
    }

    /// The next rows, at most `max_rows` and about [`MAX_IMPORT_BATCH_BYTES`] of records and rejects; `None` at the
    /// end of the file.
    pub fn next_batch(&mut self, max_rows: usize) -> Result<Option<ImportBatch>, ImportError> {
        // The pipeline takes what arrived in one millisecond partition by partition, so batches have one each.
        let now = self.target.clock.now().max(self.last_arrival.plus(Duration::from_millis(1)));
        self.last_arrival = now;
        let origin = Origin {
            workspace: self.target.workspace,
            source: &self.source,
            // Whoever may import vouches for what stands in his file.
            trusted: true,
            arrival: Arrival { received_at: now, now },
        };
        let size = (max_rows.min(10_000) * 256, max_rows.min(10_000));
        let mut records = Records::new(origin, Shared::default(), &self.target.ids, self.target.partitions, size);
        let mut are_additions = Vec::with_capacity(size.1);
        let mut ruled_tags = 0;
        let mut rejects = Vec::new();
        let mut item = Vec::new();
        let mut count = 0;
        let mut reject_bytes = 0;
        while count < max_rows && records.bytes() + reject_bytes < MAX_IMPORT_BATCH_BYTES {
            let Some(read) = self.rows.next_row()? else { break };
            count += 1;
            let row = match read {
                RowRead::Row(row) => row,
                RowRead::Bad(reject) => {
                    reject_bytes += reject.row.len();
                    rejects.push(reject);
                    continue;
                }
            };
            let columns = *self.columns.get_or_insert(row.len());
            if row.len() != columns {
                let length = row.len();
                let fault = Fault::new(
                    Code::RaggedRow,
                    format!("the row has {length} columns instead of {columns}"),
                    format!("这一行有 {length} 列，应为 {columns} 列"),
                );
                rejects.push(reject(&row, fault, &mut reject_bytes));
                continue;
            }
            match self.add_row(&row, &mut item, &mut records) {
                Ok((additions, ruled)) => {
                    are_additions.push(false);
                    are_additions.resize(are_additions.len() + additions, true);
                    ruled_tags += ruled;
                }
                Err(fault) => rejects.push(reject(&row, fault, &mut reject_bytes)),
            }
        }
        let records = records.finish();
        self.rows_read += count as u64;
        if count == 0 {
            return Ok(None);
        }
        Ok(Some(ImportBatch { records, are_additions, ruled_tags, rejects, progress: self.progress() }))
    }

    /// Adds what a row becomes, all of it or nothing; returns how many records that is beside its own, and how many of its
    /// tags were passed over. `item` is room to write.
    fn add_row(&self, row: &Row, item: &mut Vec<u8>, records: &mut Records<'_>) -> Result<(usize, u64), Fault> {
        item.clear();
        self.map.write_item(row, item)?;
        let additions = self.map.additions().of(row, &self.map, &self.target.whence)?;
        // The item was written from valid UTF-8.
        let json = std::str::from_utf8(item).unwrap_or_default();
        let message_id = format!("import-{}-{}", self.target.fingerprint, row.line);
        let ids: Vec<String> =
            additions.records.iter().map(|addition| format!("{message_id}{}", addition.suffix)).collect();
        let own = (json, CallFrom::Item, MessageId::OwnOr(&message_id));
        let more = additions.records.iter().zip(&ids);
        let more = more.map(|(addition, id)| (addition.json.as_str(), addition.call, MessageId::Always(id)));
        records.add_together(std::iter::once(own).chain(more))?;
        Ok((ids.len(), additions.ruled_tags))
    }
}

fn reject(row: &Row, fault: Fault, bytes: &mut usize) -> Reject {
    let text = row.text().into_owned();
    *bytes += text.len();
    Reject { line: row.line, code: fault.code, message: fault.message, row: text }
}

/// The names of the columns.
fn read_header(rows: &mut impl RowSource) -> Result<Option<Vec<String>>, ImportError> {
    match rows.next_row()? {
        None => Ok(Some(Vec::new())),
        Some(RowRead::Bad(reject)) => Err(ImportError::Header(reject.message.en.into_owned())),
        Some(RowRead::Row(row)) if row.len() > MAX_COLUMNS => Err(sheet::too_many_columns().into()),
        Some(RowRead::Row(row)) => Ok(Some(row.cells().map(|name| name.trim().to_owned()).collect())),
    }
}
