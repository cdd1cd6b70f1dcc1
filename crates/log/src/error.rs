//! What can go wrong, as callers need to tell it apart.

use std::io;

use crate::Offset;

/// The error of every operation on the log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The disk or the quota is full. An append took no effect; the log heals by itself when there is
    /// space again.
    #[error("the disk is full; nothing was appended")]
    DiskFull,
    /// More appends are waiting for room than may wait. Try again later.
    #[error("too many appends are waiting")]
    Overloaded,
    /// The asked record was deleted by retention.
    #[error("the record has expired; the first retained one is {first}")]
    Expired {
        /// The first offset that can still be read.
        first: Offset,
    },
    /// A record, or a file, is not what was written.
    #[error("partition {partition} is damaged at offset {offset}: {reason}")]
    Corrupt {
        /// The partition.
        partition: u32,
        /// The record that cannot be read, or the first one of the file.
        offset: Offset,
        /// What is wrong, in words.
        reason: String,
    },
    /// The log was closed, or its writer has ended.
    #[error("the log is closed")]
    Closed,
    /// One call carries more than may be pending at all.
    #[error("an append of {bytes} bytes is larger than the limit of {limit}")]
    TooLarge {
        /// What the call would occupy, framing included.
        bytes: usize,
        /// The bound, `LocalLogOptions::max_pending_bytes`.
        limit: usize,
    },
    /// There is no such partition.
    #[error("there is no partition {partition}; the log has {partitions}")]
    UnknownPartition {
        /// The partition that was asked for.
        partition: u32,
        /// How many there are.
        partitions: u32,
    },
    /// Another process holds the directory.
    #[error("another process has opened this log")]
    Locked,
    /// The log on disk has another number of partitions than was asked for. The number cannot be
    /// changed: it decides which partition a key belongs to.
    #[error("the log has {found} partitions, not {asked}")]
    PartitionsChanged {
        /// The number on disk.
        found: u32,
        /// The number in the options.
        asked: u32,
    },
    /// Any other failure of the file system.
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for LogError {
    fn from(error: io::Error) -> LogError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => LogError::DiskFull,
            _ => LogError::Io(error),
        }
    }
}

/// The same error once more, because a failed group has many waiters and `io::Error` is not `Clone`.
pub(crate) fn duplicate(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
