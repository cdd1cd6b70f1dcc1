//! Opening a file of columns.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::{Buf, Bytes};
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
        },
    },
    errors::ParquetError,
    file::{
        metadata::{ParquetMetaData, ParquetMetaDataReader},
        reader::{ChunkReader, Length},
    },
};
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    error::Error,
    manifest::PartEntry,
    part::{CHECKSUMS, REST_NAMES, RestNames, of_parquet},
};

/// Rows that are decoded at a time.
const BATCH: usize = 1 << 13;
/// With what a file of Parquet begins.
const MAGIC: &[u8] = b"PAR1";

/// A file of columns, and what it has to hold.
#[derive(Clone, Debug)]
pub(crate) struct PartFile {
    /// Its number, which no other file ever has.
    pub number: u64,
    /// Where it is.
    pub path: PathBuf,
    /// Events in it.
    pub rows: usize,
    bytes: u64,
    footer: u64,
    checksum: u64,
}

/// Which columns to read.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'w> {
    /// All of them.
    All,
    /// Those that the file has of these.
    These(&'w [&'w str]),
    /// Those that the file has of these, and of the last one only when the names of properties in `rest` are too many to
    /// say, or one of them is this.
    WithRestFor(&'w [&'w str], &'w dyn Fn(&str) -> bool),
}

/// A file whose rows can be read.
pub(crate) struct Opened {
    /// The rows, with the columns that were wanted.
    pub reader: ParquetRecordBatchReader,
    /// The names of the properties that stand in `rest`.
    pub rest_names: RestNames,
}

impl PartFile {
    /// The file of a manifest in a directory.
    pub(crate) fn new(part: &PartEntry, directory: &Path) -> PartFile {
        PartFile {
            number: part.file,
            path: part.path(directory),
            rows: part.rows as usize,
            bytes: part.bytes,
            footer: part.footer,
            checksum: part.checksum,
        }
    }

    /// Opens it. All that is read is compared with its checksums: what a disk has changed is found out, and never counted.
    pub(crate) fn open(&self, wanted: Wanted<'_>) -> Result<Opened, Error> {
        let damaged = |reason: &str| Error::damaged(&self.path, reason);
        let failed = |error| of_parquet(&self.path, error);
        let mut file = File::open(&self.path).map_err(Error::io(&self.path))?;
        let length = file.metadata().map_err(Error::io(&self.path))?.len();
        let begin = self.bytes.checked_sub(self.footer).filter(|_| length == self.bytes);
        let begin = begin.ok_or_else(|| damaged("it has another length"))?;
        let mut read = |start: u64, length: u64| -> Result<Bytes, Error> {
            let mut content = Vec::with_capacity(length as usize);
            file.seek(SeekFrom::Start(start)).map_err(Error::io(&self.path))?;
            (&file).take(length).read_to_end(&mut content).map_err(Error::io(&self.path))?;
            Ok(content.into())
        };
        let footer = read(begin, self.footer)?;
        if xxh3_64(&footer) != self.checksum || *read(0, MAGIC.len() as u64)? != *MAGIC {
            return Err(damaged("its checksum does not fit"));
        }
        let mut sparse = Sparse { length, pieces: vec![(begin, footer)] };
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&sparse).map_err(failed)?;
        if metadata.file_metadata().num_rows() as usize != self.rows {
            return Err(damaged("it has another number of rows"));
        }
        let rest_names = said(&metadata, REST_NAMES).and_then(|names| serde_json::from_str(names).ok());
        let names: Vec<&str> = match wanted {
            Wanted::All => Vec::new(),
            Wanted::These(names) => names.to_vec(),
            Wanted::WithRestFor(names, is_wanted) => {
                let names_in_rest: &RestNames = &rest_names;
                let is_needed = names_in_rest.as_ref().is_none_or(|names| names.iter().any(|name| is_wanted(name)));
                names[..names.len() - usize::from(!is_needed)].to_vec()
            }
        };
        let schema = metadata.file_metadata().schema_descr();
        let is_read = |leaf: usize| {
            let path = schema.column(leaf);
            let name = path.path().parts().first().map_or("", String::as_str);
            matches!(wanted, Wanted::All) || names.contains(&name)
        };
        let leaves: Vec<usize> = (0..schema.num_columns()).filter(|leaf| is_read(*leaf)).collect();
        let mask = ProjectionMask::leaves(schema, leaves.iter().copied());
        let checksums: Vec<&str> = said(&metadata, CHECKSUMS).unwrap_or_default().split(',').collect();
        for (group, columns) in metadata.row_groups().iter().enumerate() {
            for leaf in &leaves {
                let (start, length) = columns.column(*leaf).byte_range();
                let content = read(start, length)?;
                let checksum = checksums.get(group * schema.num_columns() + leaf);
                if checksum.and_then(|text| u64::from_str_radix(text, 16).ok()) != Some(xxh3_64(&content)) {
                    return Err(damaged("the checksum of a column does not fit"));
                }
                sparse.pieces.push((start, content));
            }
        }
        sparse.pieces.sort_unstable_by_key(|(start, _)| *start);
        let metadata = ArrowReaderMetadata::try_new(Arc::new(metadata), ArrowReaderOptions::new()).map_err(failed)?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(sparse, metadata);
        let reader = builder.with_projection(mask).with_batch_size(BATCH).build().map_err(failed)?;
        Ok(Opened { reader, rest_names })
    }
}

fn said<'m>(metadata: &'m ParquetMetaData, key: &str) -> Option<&'m str> {
    let pairs = metadata.file_metadata().key_value_metadata()?;
    pairs.iter().find(|pair| pair.key == key)?.value.as_deref()
}

/// The parts of a file that were read.
struct Sparse {
    length: u64,
    /// Where each begins, and what it holds; sorted.
    pieces: Vec<(u64, Bytes)>,
}

impl Length for Sparse {
    fn len(&self) -> u64 {
        self.length
    }
}

impl Sparse {
    /// What was read from a place on.
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let piece = self.pieces.partition_point(|(begin, _)| *begin <= start).checked_sub(1);
        let found = piece.and_then(|piece| {
            let (begin, content) = &self.pieces[piece];
            let skipped = (start - begin) as usize;
            (skipped <= content.len()).then(|| content.slice(skipped..))
        });
        found.ok_or_else(|| ParquetError::External(io::Error::from(io::ErrorKind::UnexpectedEof).into()))
    }
}

impl ChunkReader for Sparse {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let content = self.from(start)?;
        if content.len() < length {
            return Err(ParquetError::EOF("what was asked for was not read".to_owned()));
        }
        Ok(content.slice(..length))
    }
}
