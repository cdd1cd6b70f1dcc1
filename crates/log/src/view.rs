//! What is durable, and therefore visible: shared by the writer, the readers and maintenance.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use crate::Offset;
use crate::reader::OpenFiles;
use crate::storage::Storage;

/// A segment file that holds at least one durable record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub first: Offset,
    pub created_ms: i64,
    /// The durable bytes, header included. In a segment of an earlier run that another follows, the
    /// file's length, which may count leftovers.
    pub len: u64,
}

/// The durable part of one partition.
#[derive(Clone, Debug, Default)]
pub(crate) struct PartitionView {
    /// Ascending and without gaps: each ends where the next begins, the last at `end`.
    pub segments: VecDeque<Segment>,
    /// The offset after the last durable record.
    pub end: Offset,
}

impl PartitionView {
    pub fn range(&self) -> Range<Offset> {
        self.segments.front().map_or(self.end, |segment| segment.first)..self.end
    }

    /// The offset after the last record of the segment at `index`.
    pub fn segment_end(&self, index: usize) -> Offset {
        self.segments.get(index + 1).map_or(self.end, |next| next.first)
    }
}

/// Where an offset is to be found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Deleted; the first retained offset.
    Expired(Offset),
    /// Nothing there yet.
    Ahead,
    /// In this segment, which ends before `end`.
    In { segment: Segment, end: Offset },
}

/// What all parts of an open log share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub root: PathBuf,
    pub storage: Arc<dyn Storage>,
    /// One lock over all partitions, so that a commit appears in all of them at once.
    partitions: RwLock<Vec<PartitionView>>,
    /// Counts commits.
    pub commits: watch::Sender<u64>,
    pub files: OpenFiles,
}

impl Shared {
    pub fn new(
        root: PathBuf,
        storage: Arc<dyn Storage>,
        partitions: Vec<PartitionView>,
        max_open_files: usize,
    ) -> Shared {
        Shared {
            root,
            storage,
            partitions: RwLock::new(partitions),
            commits: watch::Sender::new(0),
            files: OpenFiles::new(max_open_files),
        }
    }

    /// The partitions as they are now. Hold it briefly: a commit waits for it.
    pub fn view(&self) -> RwLockReadGuard<'_, Vec<PartitionView>> {
        self.partitions.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn change(&self) -> RwLockWriteGuard<'_, Vec<PartitionView>> {
        self.partitions.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where to read `offset` of a partition that exists.
    pub fn locate(&self, partition: u32, offset: Offset) -> Place {
        let view = self.view();
        let partition = &view[partition as usize];
        let range = partition.range();
        if offset < range.start {
            return Place::Expired(range.start);
        }
        if offset >= range.end {
            return Place::Ahead;
        }
        let index = partition.segments.partition_point(|segment| segment.first <= offset) - 1;
        Place::In { segment: partition.segments[index], end: partition.segment_end(index) }
    }
}

/// Locks a mutex. A panic elsewhere while it was held does not matter to any of our uses, which replace
/// whole values.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
