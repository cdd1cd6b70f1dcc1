//! CSV files into records of the log: the core of `hearth import events|members`.
//!
//! An [`Importer`] reads rows one by one, turns each by an [`ImportMap`] into an event as the tracking API would
//! send it, and passes that through the same normaliser, so the same bounds and codes hold.
//! The caller appends [`ImportBatch::records`] (or does not, in a dry run), writes [`ImportBatch::rejects`] to a
//! file, and saves [`Progress::rows`] to go on from there with [`Importer::skip_rows`].
//!
//! Invariants: memory is bounded whatever the file holds (a row has at most [`MAX_ROW_BYTES`]); every row of the file is
//! either a record or a reject; the same row of the same file under the same map has the same `messageId`, so
//! importing twice counts once.

mod cells;
mod map;
mod rows;
#[cfg(test)]
mod tests;

use std::{
    io::{self, BufRead, Read},
    sync::Arc,
};

use base::{Clock, Code, IdSource, ids::WorkspaceId};
use log::NewRecord;
use xxhash_rust::xxh3::Xxh3;

use super::{
    envelope::Shared,
    moment::Arrival,
    normalise::{CallFrom, MessageId, Origin, Records},
};
use cells::BoundMap;
use rows::{RowRead, Rows};

pub use cells::UnknownColumn;
pub use map::{ImportKind, ImportMap, MapError};
pub use rows::MAX_ROW_BYTES;

/// About how many bytes of records and rejects a batch holds at most; it stops behind the row that reaches it.
pub const MAX_IMPORT_BATCH_BYTES: usize = 8 << 20;

/// Why an import cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The map names a column that the file does not have.
    #[error(transparent)]
    UnknownColumn(#[from] UnknownColumn),
    /// The first line is not a header.
    #[error("the first line cannot be read as a header: {0}")]
    Header(String),
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
    pub message: String,
    /// The row as it stands in the file (of one that is too long, its beginning).
    pub row: String,
}

/// What a number of rows became.
#[derive(Debug, Default)]
pub struct ImportBatch {
    /// To append, in this order.
    pub records: Vec<NewRecord>,
    /// To report.
    pub rejects: Vec<Reject>,
    /// How far the import is when this batch is appended.
    pub progress: Progress,
}

/// What makes a file and the way it is read unmistakable: a hash of its content, the map and the workspace.
/// Reads `input` to its end.
pub fn fingerprint(mut input: impl Read, map: &ImportMap, workspace: WorkspaceId) -> io::Result<String> {
    let mut hash = Xxh3::new();
    hash.update(&workspace.0.to_le_bytes());
    hash.update(map.canonical().as_bytes());
    hash.update(&[0]);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(format!("{:032x}", hash.digest128())),
            Ok(length) => hash.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads a CSV file batch by batch.
pub struct Importer<R> {
    rows: Rows<R>,
    map: BoundMap,
    target: ImportTarget,
    source: String,
    columns: Option<usize>,
    rows_read: u64,
}

impl<R: BufRead> Importer<R> {
    /// Reads the header, if there is one, and finds the columns that the map names.
    pub fn open(input: R, map: ImportMap, target: ImportTarget) -> Result<Importer<R>, ImportError> {
        let mut rows = Rows::new(input, map.delimiter());
        let header = if map.has_headers() { read_header(&mut rows)? } else { None };
        let columns = header.as_ref().map(Vec::len);
        let map = BoundMap::new(map, header.as_deref())?;
        let source = format!("import:{}", target.fingerprint);
        Ok(Importer { rows, map, target, source, columns, rows_read: 0 })
    }

    /// Passes over rows that an earlier run has imported.
    pub fn skip_rows(&mut self, count: u64) -> Result<(), ImportError> {
        while self.rows_read < count {
            let Some(read) = self.rows.next_row()? else { return Ok(()) };
            self.rows_read += 1;
            if let RowRead::Row(row) = read {
                self.columns.get_or_insert(row.cells.len());
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
        let now = self.target.clock.now();
        let origin = Origin {
            workspace: self.target.workspace,
            source: &self.source,
            arrival: Arrival { received_at: now, now },
        };
        let size = (max_rows.min(10_000) * 256, max_rows.min(10_000));
        let mut records = Records::new(origin, Shared::default(), &self.target.ids, self.target.partitions, size);
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
            let columns = *self.columns.get_or_insert(row.cells.len());
            if row.cells.len() != columns {
                let message = format!("the row has {} columns instead of {columns}", row.cells.len());
                reject_bytes += row.text.len();
                rejects.push(Reject { line: row.line, code: Code::RaggedRow, message, row: row.text });
                continue;
            }
            item.clear();
            let message_id = format!("import-{}-{}", self.target.fingerprint, row.line);
            let added = self.map.write_item(&row.cells, &mut item).and_then(|()| {
                // The item was written from valid UTF-8.
                let json = std::str::from_utf8(&item).unwrap_or_default();
                records.add(json, CallFrom::Item, MessageId::OwnOr(&message_id))
            });
            if let Err(refusal) = added {
                let message = refusal.message.into_owned();
                reject_bytes += row.text.len();
                rejects.push(Reject { line: row.line, code: refusal.code, message, row: row.text });
            }
        }
        let records = records.finish();
        self.rows_read += count as u64;
        if count == 0 {
            return Ok(None);
        }
        Ok(Some(ImportBatch { records, rejects, progress: self.progress() }))
    }
}

/// The names of the columns; `None` for an empty file.
fn read_header<R: BufRead>(rows: &mut Rows<R>) -> Result<Option<Vec<String>>, ImportError> {
    match rows.next_row()? {
        None => Ok(Some(Vec::new())),
        Some(RowRead::Bad(reject)) => Err(ImportError::Header(reject.message)),
        Some(RowRead::Row(row)) => Ok(Some(row.cells.iter().map(|name| name.trim().to_owned()).collect())),
    }
}
