//! Which files make up the columns, and how far in the log they reach: one small file that is replaced as a whole.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::{error::Error, month::Month, properties::Catalogue};

/// The form of the files that this program writes and reads.
const FORMAT: u32 = 1;
const NAME: &str = "manifest.json";

/// What the columns are, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the files.
    format: u32,
    /// How far in the log they reach; the next record to be read of each partition.
    pub cursors: Vec<u64>,
    /// The properties that have a column.
    pub catalogue: Catalogue,
    /// The number of the next file.
    pub next_file: u64,
    /// The files.
    pub parts: Vec<PartEntry>,
}

/// A file of the columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartEntry {
    /// Its number, which no other file ever has.
    pub file: u64,
    /// The bucket of members.
    pub bucket: u32,
    /// The month, as [`Month::number`] counts.
    pub month: i32,
    /// Events in it.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// Length of its footer.
    pub footer: u64,
    /// XXH3 of its footer, which holds the checksums of everything else.
    pub checksum: u64,
}

impl PartEntry {
    /// Where it is, below the directory of the columns.
    pub fn path(&self, directory: &Path) -> PathBuf {
        let bucket = format!("bucket={:02}", self.bucket);
        let month = format!("month={}", Month::from_number(self.month));
        directory.join(bucket).join(month).join(format!("{:08}.parquet", self.file))
    }
}

impl Default for Manifest {
    fn default() -> Manifest {
        Manifest {
            format: FORMAT,
            cursors: Vec::new(),
            catalogue: Catalogue::default(),
            next_file: 1,
            parts: Vec::new(),
        }
    }
}

impl Manifest {
    /// Reads the manifest of a directory; one of nothing where there is none.
    pub fn load(directory: &Path) -> Result<Manifest, Error> {
        let path = directory.join(NAME);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Manifest::default()),
            other => other.map_err(Error::io(&path))?,
        };
        // The first line is the checksum of what follows.
        let (checksum, body) = text.split_at(text.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        if checksum != first_line(body).as_bytes() {
            return Err(Error::damaged(path, "its checksum does not fit"));
        }
        let manifest: Manifest = serde_json::from_slice(body).map_err(|error| Error::damaged(&path, error))?;
        if manifest.format != FORMAT {
            return Err(Error::damaged(
                path,
                format!("it has the form {}, this program reads {FORMAT}", manifest.format),
            ));
        }
        Ok(manifest)
    }

    /// Puts this manifest in the place of the one that is there. When it returns the disk has it; when the machine fails
    /// before, the old one holds.
    pub fn commit(&self, directory: &Path) -> Result<(), Error> {
        let new = directory.join("manifest.json.new");
        let body = serde_json::to_vec(self).map_err(|error| Error::damaged(&new, error))?;
        let mut file = File::create(&new).map_err(Error::io(&new))?;
        file.write_all(first_line(&body).as_bytes()).map_err(Error::io(&new))?;
        file.write_all(&body).map_err(Error::io(&new))?;
        file.sync_all().map_err(Error::io(&new))?;
        drop(file);
        let path = directory.join(NAME);
        fs::rename(&new, &path).map_err(Error::io(&path))?;
        sync_directory(directory)
    }
}

/// Waits until the disk has the names in a directory.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), Error> {
    let opened = File::open(directory).map_err(Error::io(directory))?;
    opened.sync_all().map_err(Error::io(directory))
}

fn first_line(body: &[u8]) -> String {
    format!("{:016x}\n", xxh3_64(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_written_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::load(directory.path()).unwrap(), Manifest::default());
        let part =
            PartEntry { file: 7, bucket: 3, month: 2026 * 12 + 10, rows: 5, bytes: 9, footer: 4, checksum: u64::MAX };
        assert!(part.path(Path::new("/")).ends_with("bucket=03/month=2026-11/00000007.parquet"));
        let manifest = Manifest { cursors: vec![4, 0], next_file: 8, parts: vec![part], ..Manifest::default() };
        manifest.commit(directory.path()).unwrap();
        assert_eq!(Manifest::load(directory.path()).unwrap(), manifest);
        // A half-written one beside it changes nothing; one that was cut short is refused, wherever it was cut.
        fs::write(directory.path().join("manifest.json.new"), "0").unwrap();
        assert_eq!(Manifest::load(directory.path()).unwrap(), manifest);
        let whole = fs::read(directory.path().join(NAME)).unwrap();
        for length in 0..whole.len() {
            fs::write(directory.path().join(NAME), &whole[..length]).unwrap();
            assert!(matches!(Manifest::load(directory.path()), Err(Error::Damaged { .. })), "cut to {length}");
        }
    }
}
