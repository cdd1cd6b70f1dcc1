//! What happens on open: the headers are verified and the last segment of each partition is scanned in
//! full, because only that one can be torn (see the invariants of the crate).
//!
//! A crash leaves a tail that was being written and was never acknowledged: part of a frame, zeros, or
//! garbage. It is cut. When good records follow the bad bytes, there are two cases:
//!
//! - A later group proves that the bad bytes were durable records once (see `format.rs`): the medium has
//!   damaged them. Nothing is cut. What is readable stays so, reading the others says that they are
//!   corrupt, no offset is given twice, and the next append begins a new segment.
//! - They belong to the last group. Most likely a crash wrote its pages out of order and it was never
//!   acknowledged; but it may also have been, and then damaged. It is cut, and a copy of everything cut is
//!   kept beside the segment.

use std::fs::{self, OpenOptions};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::Offset;
use crate::directory::{partition_dir, remove_unfinished, segment_offsets, segment_path};
use crate::error::LogError;
use crate::format::{FRAME_HEADER_LEN, HeaderFault, SEGMENT_HEADER_LEN, SegmentHeader};
use crate::frames::{Damage, Frames, WalkError, find_frame, only_zeros};
use crate::storage::{SegmentFile, Storage, copy_bytes, read_up_to};
use crate::tail::Active;
use crate::view::{PartitionView, Segment};

const SCAN_CHUNK: usize = 1024 * 1024;

/// What was found when a log was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// The records that are there.
    pub records: u64,
    /// The bytes of all segment files.
    pub bytes: u64,
    /// Tails that were cut. Usual after a crash; look closely where `records_follow` is set.
    pub torn: Vec<TornTail>,
    /// Durable records at the end of a partition that can no longer be read. Those in earlier segments are
    /// only found when they are read.
    pub damaged: Vec<DamagedRecords>,
    /// Segments whose header is damaged. Their records are read all the same: each proves itself.
    pub damaged_headers: Vec<DamagedHeader>,
}

/// The tail of a segment that was cut on open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The partition.
    pub partition: u32,
    /// The segment file.
    pub segment: PathBuf,
    /// The first offset that is not there any more, where the next append continues.
    pub offset: Offset,
    /// How much was cut.
    pub bytes_cut: u64,
    /// What was wrong with the first bytes that were cut.
    pub reason: TornReason,
    /// Good records of the same group followed the damage: either a crash wrote its pages out of order, or
    /// it was complete, perhaps acknowledged, and the medium has damaged it.
    pub records_follow: bool,
    /// Where a copy of the bytes was kept, which is done when `records_follow`.
    pub kept: Option<PathBuf>,
}

/// Why a tail was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TornReason {
    /// The file ends within a frame.
    Partial,
    /// Nothing but zeros.
    Zeros,
    /// A frame with a wrong checksum.
    Checksum,
    /// Bytes that are not the expected frame.
    Sequence,
}

/// Durable records that can no longer be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedRecords {
    /// The partition.
    pub partition: u32,
    /// The segment file.
    pub segment: PathBuf,
    /// The offsets. Reading one of them fails with [`LogError::Corrupt`].
    pub offsets: Range<Offset>,
}

/// A segment whose header cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedHeader {
    /// The partition.
    pub partition: u32,
    /// The segment file.
    pub segment: PathBuf,
}

/// One partition, ready to be read and appended to.
pub(crate) struct RecoveredPartition {
    pub view: PartitionView,
    pub active: Option<Active>,
}

/// Verifies and repairs a partition.
pub(crate) fn recover_partition(
    root: &Path,
    storage: &dyn Storage,
    partition: u32,
    report: &mut OpenReport,
) -> Result<RecoveredPartition, LogError> {
    let dir = partition_dir(root, partition);
    remove_unfinished(&dir)?;
    let offsets = segment_offsets(&dir)?;
    let mut view = PartitionView::default();
    let mut active = None;
    for (index, first) in offsets.iter().copied().enumerate() {
        let is_last = index + 1 == offsets.len();
        let path = segment_path(root, partition, first);
        let file = if is_last { storage.open_write(&path)? } else { storage.open_read(&path)? };
        let opened = OpenedSegment::verify(file, path, partition, first, report)?;
        if !is_last {
            view.segments.push_back(opened.as_sealed()?);
        } else {
            let last = scan_last(&opened, storage, &dir, report)?;
            view.end = last.end;
            if last.end > first {
                let segment = Segment { first, created_ms: opened.created_ms, len: last.len };
                view.segments.push_back(segment);
                // What a killed process wrote may be in the page cache only.
                opened.file.sync_data()?;
                active = last.trusted.then_some(Active { file: opened.file, segment });
            }
        }
    }
    storage.sync_dir(&dir)?;
    let range = view.range();
    report.records += range.end - range.start;
    report.bytes += view.segments.iter().map(|segment| segment.len).sum::<u64>();
    Ok(RecoveredPartition { view, active })
}

struct OpenedSegment {
    partition: u32,
    first: Offset,
    path: PathBuf,
    file: Arc<dyn SegmentFile>,
    created_ms: i64,
    header_is_good: bool,
    len: u64,
}

impl OpenedSegment {
    fn verify(
        file: Arc<dyn SegmentFile>,
        path: PathBuf,
        partition: u32,
        first: Offset,
        report: &mut OpenReport,
    ) -> Result<OpenedSegment, LogError> {
        let len = file.size()?;
        let refuse = |reason: String| LogError::Corrupt { partition, offset: first, reason };
        let bytes = read_up_to(file.as_ref(), 0, SEGMENT_HEADER_LEN as usize)?;
        let (created_ms, header_is_good) = match SegmentHeader::decode(&bytes) {
            Ok(header) if (header.partition, header.first) == (partition, first) => (header.created_ms, true),
            Ok(header) => {
                let SegmentHeader { partition: other, first, .. } = header;
                return Err(refuse(format!("its file is that of partition {other}, offset {first}")));
            }
            Err(HeaderFault::Version(version)) => {
                return Err(refuse(format!("its file has the unknown version {version}")));
            }
            Err(HeaderFault::Damaged) => {
                tracing::error!(partition, segment = %path.display(), "a segment's header is damaged");
                report.damaged_headers.push(DamagedHeader { partition, segment: path.clone() });
                (modified_ms(&path)?, false)
            }
        };
        Ok(OpenedSegment { partition, first, path, file, created_ms, header_is_good, len })
    }

    /// This segment, if another follows it: then it was durable in full.
    fn as_sealed(&self) -> Result<Segment, LogError> {
        if self.len <= SEGMENT_HEADER_LEN {
            let (partition, offset) = (self.partition, self.first);
            let reason = "its segment is empty, but another follows".to_owned();
            return Err(LogError::Corrupt { partition, offset, reason });
        }
        Ok(Segment { first: self.first, created_ms: self.created_ms, len: self.len })
    }
}

struct LastSegment {
    end: Offset,
    len: u64,
    /// Whether to append to it.
    trusted: bool,
}

/// Scans the last segment, cuts what is torn and reports it.
fn scan_last(
    opened: &OpenedSegment,
    storage: &dyn Storage,
    dir: &Path,
    report: &mut OpenReport,
) -> Result<LastSegment, LogError> {
    let file = opened.file.as_ref();
    let mut frames = Frames::new(file, SEGMENT_HEADER_LEN, opened.first, opened.len, SCAN_CHUNK);
    let damage = loop {
        match frames.next_frame() {
            Ok(Some(_)) => {}
            Ok(None) => break None,
            Err(WalkError::Damage(damage)) => break Some(damage),
            Err(WalkError::Io(error)) => return Err(error.into()),
        }
    };
    let (len, end) = (frames.position(), frames.expected());
    let Some(damage) = damage else {
        return Ok(LastSegment { end, len, trusted: opened.header_is_good });
    };

    let behind = look_behind(file, len + 1..opened.len, end)?;
    if let Some(behind) = &behind
        && behind.durable_before > end
    {
        for offsets in behind.lost.iter().cloned() {
            let (partition, segment) = (opened.partition, opened.path.clone());
            tracing::error!(partition, segment = %segment.display(), ?offsets, "records of the log are damaged");
            report.damaged.push(DamagedRecords { partition, segment, offsets });
        }
        return Ok(LastSegment { end: behind.end, len: opened.len, trusted: false });
    }

    let bytes_cut = opened.len - len;
    let records_follow = behind.is_some();
    let reason = match damage {
        _ if only_zeros(file, len..opened.len)? => TornReason::Zeros,
        Damage::Partial => TornReason::Partial,
        Damage::Checksum => TornReason::Checksum,
        Damage::Sequence => TornReason::Sequence,
    };
    let kept = if records_follow {
        let copy = keep_copy(file, &opened.path, len, opened.len, end)?;
        storage.sync_dir(dir)?;
        Some(copy)
    } else {
        None
    };
    let torn = TornTail {
        partition: opened.partition,
        segment: opened.path.clone(),
        offset: end,
        bytes_cut,
        reason,
        records_follow,
        kept,
    };
    announce(&torn);
    report.torn.push(torn);
    file.set_len(len)?;
    file.sync_data()?;
    Ok(LastSegment { end, len, trusted: opened.header_is_good && !records_follow })
}

/// The good records behind damage.
#[derive(Default)]
struct Behind {
    /// The offset after the last of them.
    end: Offset,
    /// They prove that all before this offset was durable.
    durable_before: Offset,
    /// What is missing before and between them.
    lost: Vec<Range<Offset>>,
}

/// Gathers all good records in `span`, none of which can be before `expected`.
fn look_behind(file: &dyn SegmentFile, span: Range<u64>, expected: Offset) -> io::Result<Option<Behind>> {
    let mut behind = Behind { end: expected, ..Behind::default() };
    let mut from = span.start;
    while from < span.end {
        let possible = behind.end..behind.end + 2 + (span.end - from) / FRAME_HEADER_LEN as u64;
        let Some((position, offset)) = find_frame(file, from..span.end, possible)? else { break };
        if offset > behind.end {
            behind.lost.push(behind.end..offset);
        }
        let mut frames = Frames::new(file, position, offset, span.end, SCAN_CHUNK);
        loop {
            match frames.next_frame() {
                Ok(Some(frame)) => behind.durable_before = behind.durable_before.max(frame.durable_before),
                Ok(None) | Err(WalkError::Damage(_)) => break,
                Err(WalkError::Io(error)) => return Err(error),
            }
        }
        behind.end = frames.expected();
        from = frames.position() + 1;
    }
    Ok((behind.end > expected).then_some(behind))
}

fn announce(torn: &TornTail) {
    let TornTail { partition, segment, offset, bytes_cut, reason, records_follow, kept } = torn;
    let segment = segment.display();
    if *records_follow {
        tracing::error!(
            partition, %segment, offset, bytes_cut, ?reason, ?kept,
            "cut a damaged group off the log although records follow the damage; the bytes were kept"
        );
    } else {
        tracing::warn!(partition, %segment, offset, bytes_cut, ?reason, "cut a torn tail off the log");
    }
}

/// Copies the bytes that are about to be cut into a new file beside the segment.
fn keep_copy(file: &dyn SegmentFile, segment: &Path, from: u64, to: u64, offset: Offset) -> io::Result<PathBuf> {
    let mut number = 0;
    let (path, mut copy) = loop {
        let mut name = segment.as_os_str().to_owned();
        name.push(format!(".torn-{offset}"));
        if number > 0 {
            name.push(format!("-{number}"));
        }
        let path = PathBuf::from(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(copy) => break (path, copy),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    };
    let copied = copy_bytes(file, from..to, &mut copy).and_then(|()| copy.sync_all());
    if let Err(error) = copied {
        // Half a copy is worse than none, and the next attempt makes its own.
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, path = %path.display(), "could not remove half a copy");
        }
        return Err(error);
    }
    Ok(path)
}

/// When the file was last written, for want of a header that says when it was created.
fn modified_ms(path: &Path) -> io::Result<i64> {
    let modified = fs::metadata(path)?.modified()?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
