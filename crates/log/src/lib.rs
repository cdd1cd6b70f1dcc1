//! The event log: the one place where everything that happens is written first.
//!
//! A log has a fixed number of partitions. Each is an append-only sequence of opaque payloads (an
//! event as JSON bytes), numbered densely from 0. [`EventLog::append`] returns only when the records
//! are on stable storage; readers hold their own cursor and call [`EventLog::read`] from it.
//!
//! [`LocalLog`] keeps the log in local files. The [`EventLog`] trait is narrow enough for another
//! implementation (NATS JetStream) to stand behind it.
//!
//! # What is where
//!
//! | file | holds |
//! |---|---|
//! | `format.rs` | the exact bytes on disk |
//! | `storage.rs` | the few file operations used, as a trait, so that tests can make them fail |
//! | `frames.rs` | walking the frames of a segment file, and finding one behind damage |
//! | `directory.rs` | lock, `log.meta`, names and listing of segment files |
//! | `recovery.rs` | what happens on open: verify, cut torn tails, keep what looks acknowledged |
//! | `view.rs` | what is durable and therefore visible: shared by the writer and the readers |
//! | `tail.rs` | the file that one partition is appended to: stage, sync, commit or roll back |
//! | `writer.rs` | the writer thread: group commit |
//! | `reader.rs` | reads, sparse index, bounded cache of open files |
//! | `retention.rs`, `snapshot.rs` | deleting old segments; a copy for backup |
//! | `erase.rs` | taking the bytes of single records out |
//! | `local.rs` | [`LocalLog`], its options and the trait's implementation |
//!
//! # Invariants
//!
//! - A record is visible to readers only after the sync of its file (and, for a new file, of its
//!   directory) succeeded.
//! - A group of appends is begun only when the one before is durable or undone, in the file too.
//! - A new segment file is created only when everything before it in the partition is durable. So only
//!   the last segment of a partition can have a torn tail, and a segment ends where the next begins,
//!   whatever bytes may follow in its file.
//! - A segment file is never changed once another follows it, which is why a snapshot may hard-link it. An erasure
//!   writes another file, which takes its name.
//! - After a failed sync, nothing is appended to that file any more: the next records go to a new file.
//! - The last segment of a partition is never deleted: its name and content carry the next offset.
//! - There is no delivery, no consumer state and no clock in here: cursors belong to the consumers'
//!   database transactions, time is passed in.

mod directory;
mod erase;
mod error;
mod format;
mod frames;
mod local;
mod reader;
mod recovery;
mod retention;
mod snapshot;
pub mod storage;
mod tail;
mod view;
mod writer;

use std::ops::Range;
use std::path::Path;

use bytes::Bytes;
use tokio::sync::watch;

pub use crate::erase::{Erased, IsConcerned};
pub use crate::error::LogError;
pub use crate::local::{LocalLog, LocalLogOptions, NowMs};
pub use crate::recovery::{DamagedHeader, DamagedRecords, OpenReport, TornReason, TornTail};

/// The sequence number of a record within its partition: dense, the first record is 0.
pub type Offset = u64;

/// A record to be appended.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// The partition it goes to, below [`EventLog::partitions`].
    pub partition: u32,
    /// The bytes; the log does not look into them.
    pub payload: Bytes,
}

/// A durable record.
#[derive(Clone, Debug)]
pub struct Record {
    /// The partition it is in.
    pub partition: u32,
    /// Its place in the partition.
    pub offset: Offset,
    /// The bytes, as they were appended and with their checksum verified. Records of one read share
    /// buffers of some 128 KiB, so copy a payload that is kept for long.
    pub payload: Bytes,
}

impl Record {
    /// Whether [`EventLog::erase`] has taken its bytes. Nobody appends a record without any.
    pub fn is_erased(&self) -> bool {
        self.payload.is_empty()
    }
}

/// Where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// The partition.
    pub partition: u32,
    /// The place in the partition.
    pub offset: Offset,
}

/// A partitioned, append-only, durable log.
#[async_trait::async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// The number of partitions, fixed when the log was created.
    fn partitions(&self) -> u32;

    /// Appends records; they are durable when this returns `Ok`.
    ///
    /// The order within one call and one partition is kept. Returns one position per record, in the
    /// order of the input. A failed call leaves no record visible, in no partition. When too much is
    /// waiting to be written, the call waits for room.
    ///
    /// A call whose future is dropped, or that a crash interrupts, may or may not have taken effect, and
    /// after a crash may have done so in some partitions only: the caller never saw `Ok`, appends again,
    /// and consumers drop the duplicate by the event's own id.
    async fn append(&self, records: Vec<NewRecord>) -> Result<Vec<Position>, LogError>;

    /// Records of a partition from `from` on (inclusive), in order: at least one if there is one, up to
    /// about `max_records` and `max_bytes` of payload. Empty when `from` is the end or beyond it. A cursor
    /// beyond the end of [`EventLog::range`] means that the log was replaced by an older copy; the consumer
    /// checks that when it starts, because it would miss records here.
    ///
    /// Fails with [`LogError::Expired`] when `from` lies before the first retained record, and with
    /// [`LogError::Corrupt`] when the record at `from` itself is damaged; records behind a damaged one
    /// can be read from the next offset.
    async fn read(
        &self,
        partition: u32,
        from: Offset,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, LogError>;

    /// The first retained offset and the offset after the last durable record. `0..0` for a partition
    /// that does not exist.
    fn range(&self, partition: u32) -> Range<Offset>;

    /// A receiver of the number of commits, which changes whenever something becomes durable. Mark it
    /// seen, read until nothing comes, then wait for a change: nothing is missed.
    fn subscribe(&self) -> watch::Receiver<u64>;

    /// Deletes whole segments that are past the log's maximal age or total size, oldest first, but never
    /// one that holds a record at or after `floor[partition]`, the lowest cursor of all consumers (a
    /// partition that `floor` does not name keeps everything), and never the last segment of a
    /// partition. `now_ms` is the clock's unix time in milliseconds. Returns the bytes freed.
    async fn retain(&self, floor: &[Offset], now_ms: i64) -> Result<u64, LogError>;

    /// Takes the bytes of records from `from` to before `upto` for which `is_concerned` holds; their places stay, and
    /// they read as records for which [`Record::is_erased`] holds. Does one segment at a time, so that a caller can
    /// note how far it is: go on from [`Erased::next`] until that is `upto`. What is erased is off the disk's files
    /// when this returns, but not out of snapshots that were taken before. Doing it again does no harm; after an error
    /// it must be done again.
    async fn erase(
        &self,
        partition: u32,
        from: Offset,
        upto: Offset,
        is_concerned: IsConcerned,
    ) -> Result<Erased, LogError>;

    /// Writes a consistent point-in-time copy of the durable log into `dir`, while the log is in use.
    /// The copy is durable when this returns and can be opened as a log. `dir` must not hold one yet.
    async fn snapshot(&self, dir: &Path) -> Result<(), LogError>;
}
