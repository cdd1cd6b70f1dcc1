//! Opening a file of columns.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
};
use xxhash_rust::xxh3::xxh3_64;

use crate::{error::Error, manifest::PartEntry, part::of_parquet};

/// Rows that are decoded at a time.
const BATCH: usize = 1 << 16;

/// A file of columns, and what it has to hold.
#[derive(Clone, Debug)]
pub(crate) struct PartFile {
    /// Its number, which no other file ever has.
    pub number: u64,
    /// Where it is.
    pub path: PathBuf,
    checksum: u64,
}

impl PartFile {
    /// The file of a manifest in a directory.
    pub(crate) fn new(part: &PartEntry, directory: &Path) -> PartFile {
        PartFile { number: part.file, path: part.path(directory), checksum: part.checksum }
    }

    /// Its rows, with these columns of them or all, and how many there are. All of the file is read and compared with its
    /// checksum: what a disk has changed is found out, and never counted.
    pub(crate) fn open(&self, columns: Option<&[&str]>) -> Result<(ParquetRecordBatchReader, usize), Error> {
        let content = Bytes::from(fs::read(&self.path).map_err(Error::io(&self.path))?);
        if xxh3_64(&content) != self.checksum {
            return Err(Error::damaged(&self.path, "its checksum does not fit"));
        }
        let failed = |error| of_parquet(&self.path, error);
        let builder = ParquetRecordBatchReaderBuilder::try_new(content).map_err(failed)?;
        let rows = builder.metadata().file_metadata().num_rows() as usize;
        let mask = match columns {
            Some(columns) => ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied()),
            None => ProjectionMask::all(),
        };
        Ok((builder.with_projection(mask).with_batch_size(BATCH).build().map_err(failed)?, rows))
    }
}
