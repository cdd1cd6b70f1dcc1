//! The log's directory: its lock, its `log.meta` and the names of segment files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Offset;
use crate::error::LogError;
use crate::format::VERSION;
use crate::storage::sync_dir;

const META: &str = "log.meta";
const LOCK: &str = "LOCK";
const UNFINISHED: &str = "new";

/// More would not fit the four digits of a partition's directory.
pub(crate) const MAX_PARTITIONS: u32 = 10_000;

/// Holds the directory for this process until dropped.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    pub fn take(root: &Path) -> Result<DirectoryLock, LogError> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(root.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(DirectoryLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LogError::Locked),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

pub(crate) fn partition_dir(root: &Path, partition: u32) -> PathBuf {
    root.join(format!("p{partition:04}"))
}

pub(crate) fn segment_path(root: &Path, partition: u32, first: Offset) -> PathBuf {
    partition_dir(root, partition).join(format!("{first:020}.log"))
}

/// The name of a segment until its first records are durable.
pub(crate) fn unfinished_path(root: &Path, partition: u32, first: Offset) -> PathBuf {
    segment_path(root, partition, first).with_extension(UNFINISHED)
}

/// Creates the directory of a new log, or checks that the one there has this many partitions.
pub(crate) fn prepare(root: &Path, partitions: u32) -> Result<(), LogError> {
    match read_meta(root)? {
        Some(found) if found != partitions => {
            return Err(LogError::PartitionsChanged { found, asked: partitions });
        }
        Some(_) => {
            for partition in 0..partitions {
                if !partition_dir(root, partition).is_dir() {
                    return Err(corrupt_directory(partition, "its directory is missing"));
                }
            }
        }
        None => {
            refuse_records_without_meta(root)?;
            for partition in 0..partitions {
                fs::create_dir_all(partition_dir(root, partition))?;
            }
            write_meta(root, partitions)?;
        }
    }
    sync_dir(root)?;
    sync_parent(root);
    Ok(())
}

/// Makes the entry of a directory that may be new durable. Its parent may be one that we cannot open,
/// which is no reason to refuse: then somebody else made it before.
pub(crate) fn sync_parent(dir: &Path) {
    let Ok(dir) = dir.canonicalize() else { return };
    if let Some(parent) = dir.parent()
        && let Err(error) = sync_dir(parent)
    {
        tracing::debug!(%error, parent = %parent.display(), "could not sync a directory");
    }
}

/// Writes `log.meta`, which makes a directory a log. The partition directories must be there.
pub(crate) fn write_meta(root: &Path, partitions: u32) -> io::Result<()> {
    let unfinished = root.join(META).with_extension(UNFINISHED);
    let mut file = File::create(&unfinished)?;
    file.write_all(format!("hearth-log {VERSION}\npartitions {partitions}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, root.join(META))?;
    sync_dir(root)
}

/// The number of partitions of the log in `root`, if there is one.
pub(crate) fn read_meta(root: &Path) -> Result<Option<u32>, LogError> {
    let text = match fs::read_to_string(root.join(META)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut lines = text.lines();
    let version = lines.next().and_then(|line| line.strip_prefix("hearth-log "));
    let partitions = lines.next().and_then(|line| line.strip_prefix("partitions "));
    if version != Some(VERSION.to_string().as_str()) {
        return Err(corrupt_directory(0, "log.meta is not of a version that this program reads"));
    }
    match partitions.and_then(|number| number.parse().ok()) {
        Some(number) => Ok(Some(number)),
        None => Err(corrupt_directory(0, "log.meta does not name the number of partitions")),
    }
}

/// A crash during creation leaves directories without `log.meta`, but never records.
fn refuse_records_without_meta(root: &Path) -> Result<(), LogError> {
    for partition in 0..MAX_PARTITIONS {
        let dir = partition_dir(root, partition);
        if !dir.is_dir() {
            return Ok(());
        }
        if !segment_offsets(&dir)?.is_empty() {
            return Err(corrupt_directory(partition, "there are segments, but log.meta is missing"));
        }
    }
    Ok(())
}

/// The first offsets of the segments in a partition's directory, ascending.
pub(crate) fn segment_offsets(dir: &Path) -> io::Result<Vec<Offset>> {
    let mut offsets = Vec::new();
    for entry in fs::read_dir(dir)? {
        if let Some(first) = entry?.file_name().to_str().and_then(parse_segment_name) {
            offsets.push(first);
        }
    }
    offsets.sort_unstable();
    Ok(offsets)
}

/// Removes what an interrupted creation of a segment left.
pub(crate) fn remove_unfinished(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == UNFINISHED) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn parse_segment_name(name: &str) -> Option<Offset> {
    let digits = name.strip_suffix(".log")?;
    let is_name = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_name { digits.parse().ok() } else { None }
}

fn corrupt_directory(partition: u32, reason: &str) -> LogError {
    LogError::Corrupt { partition, offset: 0, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segment_names_sort_as_their_offsets_and_read_back() {
        let path = segment_path(Path::new("x"), 12, 345);
        assert_eq!(path, Path::new("x/p0012/00000000000000000345.log"));
        assert_eq!(parse_segment_name("00000000000000000345.log"), Some(345));
        assert_eq!(parse_segment_name(&format!("{:020}.log", u64::MAX)), Some(u64::MAX));
        for other in ["345.log", "00000000000000000345.new", "+0000000000000000345.log", "99999999999999999999.log"] {
            assert_eq!(parse_segment_name(other), None, "{other}");
        }
    }
}
