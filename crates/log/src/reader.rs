//! Reading: a bounded cache of open files, a sparse index in memory, and the walk from there.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::directory::segment_path;
use crate::error::LogError;
use crate::format::SEGMENT_HEADER_LEN;
use crate::frames::{Damage, Frame, Frames, WalkError, find_frame};
use crate::storage::SegmentFile;
use crate::view::{Place, Segment, Shared, lock};
use crate::{Offset, Record};

const READ_CHUNK: usize = 128 * 1024;
const INDEX_STEP: u64 = 64 * 1024;

/// Reads records of a partition that exists; see [`crate::EventLog::read`].
pub(crate) fn read(
    shared: &Shared,
    partition: u32,
    from: Offset,
    max_records: usize,
    max_bytes: usize,
) -> Result<Vec<Record>, LogError> {
    let mut batch = Batch { partition, records: Vec::new(), bytes: 0, max_records, max_bytes };
    let mut next = from;
    loop {
        let (segment, end) = match shared.locate(partition, next) {
            Place::In { segment, end } => (segment, end),
            Place::Ahead => return Ok(batch.records),
            Place::Expired(first) if batch.records.is_empty() => {
                return Err(LogError::Expired { first });
            }
            Place::Expired(_) => return Ok(batch.records),
        };
        match read_segment(shared, segment, end, next, &mut batch) {
            Ok(Reached::Limit) => return Ok(batch.records),
            Ok(Reached::End) => next = end,
            // What was good before the damage is delivered; the next read meets the damage first.
            Err(LogError::Corrupt { .. }) if !batch.records.is_empty() => return Ok(batch.records),
            // Retention took the segment between the look-up and the opening of its file.
            Err(LogError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                if !matches!(shared.locate(partition, next), Place::Expired(_)) {
                    return Err(error.into());
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// The records gathered so far.
struct Batch {
    partition: u32,
    records: Vec<Record>,
    bytes: usize,
    max_records: usize,
    max_bytes: usize,
}

enum Reached {
    Limit,
    End,
}

impl Batch {
    /// Takes a record, or refuses it because the batch has enough. The first is always taken.
    fn take(&mut self, frame: Frame) -> bool {
        let bytes = self.bytes + frame.payload.len();
        let enough = self.records.len() >= self.max_records || bytes > self.max_bytes;
        if enough && !self.records.is_empty() {
            return false;
        }
        self.bytes = bytes;
        let Frame { offset, payload, .. } = frame;
        self.records.push(Record { partition: self.partition, offset, payload });
        true
    }

    fn is_full(&self) -> bool {
        self.records.len() >= self.max_records.max(1)
    }
}

/// Reads from `from` to the end of its segment, or until the batch is full.
fn read_segment(
    shared: &Shared,
    segment: Segment,
    end: Offset,
    from: Offset,
    batch: &mut Batch,
) -> Result<Reached, LogError> {
    let partition = batch.partition;
    let open = shared.files.get(shared, partition, segment.first)?;
    let corrupt =
        |offset, damage: &dyn std::fmt::Display| LogError::Corrupt { partition, offset, reason: damage.to_string() };
    let mut frames = match walk_to(&open, segment, from) {
        Ok(frames) => frames,
        Err(WalkError::Io(error)) => return Err(error.into()),
        Err(WalkError::Damage(damage)) => return Err(corrupt(from, &damage)),
    };
    while frames.expected() < end {
        if batch.is_full() {
            return Ok(Reached::Limit);
        }
        let at = (frames.position(), frames.expected());
        match frames.next_frame() {
            Ok(Some(frame)) => {
                if !batch.take(frame) {
                    return Ok(Reached::Limit);
                }
                open.note(at);
            }
            Ok(None) => return Err(corrupt(at.1, &"its segment ends too early")),
            Err(WalkError::Io(error)) => return Err(error.into()),
            Err(WalkError::Damage(damage)) => return Err(corrupt(at.1, &damage)),
        }
    }
    Ok(Reached::End)
}

/// Walks from the nearest known frame to that of `from`, looking at headers only: a damaged record does
/// not hide those behind it, not even when its length is damaged.
fn walk_to(open: &OpenFile, segment: Segment, from: Offset) -> Result<Frames<'_>, WalkError> {
    let file = open.file.as_ref();
    let (position, expected) = lock(&open.index).locate(from);
    let mut frames = Frames::new(file, position, expected, segment.len, READ_CHUNK);
    let mut last_in_place = position;
    let damage = loop {
        match frames.peek_header() {
            Ok(Some(_)) if frames.expected() == from => return Ok(frames),
            Ok(Some(header)) => {
                last_in_place = frames.position();
                open.note((frames.position(), frames.expected()));
                frames.advance(&header);
            }
            Ok(None) => break Damage::Partial,
            Err(WalkError::Damage(damage)) => break damage,
            Err(error) => return Err(error),
        }
    };
    match find_frame(file, last_in_place + 1..segment.len, from..from + 1)? {
        Some((position, offset)) => {
            frames.jump(position, offset);
            Ok(frames)
        }
        None => Err(WalkError::Damage(damage)),
    }
}

/// Where some of a segment's frames are, one in about 64 KiB, as far as it has been walked.
#[derive(Debug)]
struct SparseIndex {
    /// (position, offset), both ascending; the first entry is the segment's first frame.
    entries: Vec<(u64, Offset)>,
}

impl SparseIndex {
    fn new(first: Offset) -> SparseIndex {
        SparseIndex { entries: vec![(SEGMENT_HEADER_LEN, first)] }
    }

    /// The last known frame at or before `offset`.
    fn locate(&self, offset: Offset) -> (u64, Offset) {
        let behind = self.entries.partition_point(|(_, known)| *known <= offset);
        self.entries[behind.saturating_sub(1)]
    }

    /// Notes a frame if it is far enough behind the last noted one; returns where that is then.
    fn note(&mut self, frame: (u64, Offset)) -> u64 {
        let last = self.entries.last().map_or(0, |(position, _)| *position);
        if frame.0 < last + INDEX_STEP {
            return last;
        }
        self.entries.push(frame);
        frame.0
    }
}

/// A segment file that is open for reading, with its index. The index lives as long as the handle, which
/// bounds the memory of both.
pub(crate) struct OpenFile {
    file: Arc<dyn SegmentFile>,
    index: Mutex<SparseIndex>,
    /// The position of the index's last entry, so that most frames need no lock.
    indexed_to: AtomicU64,
}

impl OpenFile {
    /// Notes a frame (position, offset) that was found in its place.
    fn note(&self, frame: (u64, Offset)) {
        if frame.0 >= self.indexed_to.load(Ordering::Relaxed) + INDEX_STEP {
            let last = lock(&self.index).note(frame);
            self.indexed_to.store(last, Ordering::Relaxed);
        }
    }
}

/// The files that were read most recently.
pub(crate) struct OpenFiles {
    capacity: usize,
    inner: Mutex<OpenFilesInner>,
}

#[derive(Default)]
struct OpenFilesInner {
    files: HashMap<(u32, Offset), (u64, Arc<OpenFile>)>,
    uses: u64,
}

impl std::fmt::Debug for OpenFiles {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("OpenFiles").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

impl OpenFiles {
    pub fn new(capacity: usize) -> OpenFiles {
        OpenFiles { capacity: capacity.max(1), inner: Mutex::default() }
    }

    fn get(&self, shared: &Shared, partition: u32, first: Offset) -> io::Result<Arc<OpenFile>> {
        let key = (partition, first);
        let mut inner = lock(&self.inner);
        inner.uses += 1;
        let now = inner.uses;
        if let Some((used, open)) = inner.files.get_mut(&key) {
            *used = now;
            return Ok(Arc::clone(open));
        }
        let file = shared.storage.open_read(&segment_path(&shared.root, partition, first))?;
        let open = Arc::new(OpenFile {
            file,
            index: Mutex::new(SparseIndex::new(first)),
            indexed_to: AtomicU64::new(SEGMENT_HEADER_LEN),
        });
        if inner.files.len() >= self.capacity {
            let oldest = inner.files.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                inner.files.remove(&oldest);
            }
        }
        inner.files.insert(key, (now, Arc::clone(&open)));
        Ok(open)
    }

    /// Closes a file that was deleted.
    pub fn forget(&self, partition: u32, first: Offset) {
        lock(&self.inner).files.remove(&(partition, first));
    }
}
