//! Opening a file of columns.

use std::{fs::File, path::Path};

use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
};

use crate::{error::Error, part::of_parquet};

/// Rows that are decoded at a time.
const BATCH: usize = 1 << 16;

/// The rows of a file, with these columns of it or all, and how many there are.
pub(crate) fn open(path: &Path, columns: Option<&[&str]>) -> Result<(ParquetRecordBatchReader, usize), Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| of_parquet(path, error))?;
    let rows = builder.metadata().file_metadata().num_rows() as usize;
    let mask = match columns {
        Some(columns) => ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied()),
        None => ProjectionMask::all(),
    };
    let reader = builder.with_projection(mask).with_batch_size(BATCH).build();
    Ok((reader.map_err(|error| of_parquet(path, error))?, rows))
}
