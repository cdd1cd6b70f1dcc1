//! Erasing records: their bytes go, their places stay.
//!
//! An erased record is a frame without a payload, so offsets and cursors stay true and the format is the same. The
//! segment is written anew beside the old file, synced, and takes its name; whoever holds the old file open reads on
//! in it. A crash leaves either file whole, and the erasure is simply done again.
//!
//! Nothing is kept of which nobody can say whose it was: records that are damaged become erased records, too, and
//! the bytes that recovery has put aside (`….torn-…`) are removed.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::Offset;
use crate::directory::{partition_dir, segment_path, unfinished_path};
use crate::error::LogError;
use crate::format::{SEGMENT_HEADER_LEN, SegmentHeader, encode_frame};
use crate::frames::{Frame, Frames, WalkError, find_frame};
use crate::storage::{SegmentFile, write_all_at};
use crate::view::{Place, Segment, Shared};

const READ_CHUNK: usize = 1024 * 1024;
const WRITE_CHUNK: usize = 256 * 1024;

/// Says of a record, by offset and payload, whether it is to be erased. It is asked once for each record.
pub type IsConcerned = Arc<dyn Fn(Offset, &[u8]) -> bool + Send + Sync>;

/// What one step of an erasure has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Where to go on; the end of what was asked for when nothing is left to do.
    pub next: Offset,
    /// Records erased.
    pub records: u64,
    /// Records that could not be read, and were erased because nobody can say whose they were.
    pub unreadable: u64,
    /// Copies of cut bytes that were removed.
    pub copies: u64,
}

/// Whether the segment that holds `from` is the last one, which may be appended to.
pub(crate) fn is_in_last_segment(shared: &Shared, partition: u32, from: Offset) -> bool {
    let view = shared.view();
    let last = view[partition as usize].segments.back();
    last.is_some_and(|segment| segment.first <= from)
}

/// Erases in the one segment that holds `from`; see [`crate::EventLog::erase`]. It must not be appended to any more, and
/// the caller makes sure that neither retention nor a snapshot runs.
pub(crate) fn erase(
    shared: &Shared,
    partition: u32,
    from: Offset,
    upto: Offset,
    is_concerned: &IsConcerned,
) -> Result<Erased, LogError> {
    let (segment, end) = match shared.locate(partition, from) {
        Place::In { segment, end } if from < upto => (segment, end),
        Place::Expired(first) => return Ok(Erased { next: first.min(upto), ..Erased::default() }),
        _ => return Ok(Erased { next: upto, ..Erased::default() }),
    };
    let path = segment_path(&shared.root, partition, segment.first);
    let file = shared.storage.open_read(&path)?;
    let span = Span { segment, end, from, upto };
    let found = search(file.as_ref(), span, is_concerned)?;
    let records = found.concerned.len() as u64;
    if records + found.unreadable > 0 {
        let len = replace(shared, partition, file.as_ref(), span, &found.concerned)?;
        // Whoever looks the segment up from now on opens the new file; only then may it be known how long that is.
        shared.files.forget(partition, segment.first);
        let mut view = shared.change();
        if let Some(known) = view[partition as usize].segments.iter_mut().find(|known| known.first == segment.first) {
            known.len = len;
        }
    }
    let dir = partition_dir(&shared.root, partition);
    let copies = remove_copies(&dir, &path)?;
    // Also when nothing was found: an earlier attempt may have come as far as this and failed.
    shared.storage.sync_dir(&dir)?;
    Ok(Erased { next: end.min(upto), records, unreadable: found.unreadable, copies })
}

#[derive(Clone, Copy)]
struct Span {
    segment: Segment,
    /// The offset after the segment's last record.
    end: Offset,
    from: Offset,
    upto: Offset,
}

#[derive(Default)]
struct Found {
    /// Ascending.
    concerned: Vec<Offset>,
    unreadable: u64,
}

/// A record of a segment, or what stands in its place.
enum Item {
    Good(Frame),
    Unreadable(Offset),
}

fn search(file: &dyn SegmentFile, span: Span, is_concerned: &IsConcerned) -> Result<Found, LogError> {
    let mut found = Found::default();
    walk(file, span, |one| {
        match one {
            Item::Good(frame) => {
                let is_asked = (span.from..span.upto).contains(&frame.offset) && !frame.payload.is_empty();
                if is_asked && is_concerned(frame.offset, &frame.payload) {
                    found.concerned.push(frame.offset);
                }
            }
            Item::Unreadable(_) => found.unreadable += 1,
        }
        Ok(())
    })?;
    Ok(found)
}

/// Writes the segment anew and gives it the old one's name; returns its length.
fn replace(
    shared: &Shared,
    partition: u32,
    old: &dyn SegmentFile,
    span: Span,
    concerned: &[Offset],
) -> Result<u64, LogError> {
    let Segment { first, created_ms, .. } = span.segment;
    let unfinished = unfinished_path(&shared.root, partition, first);
    let written = || -> Result<u64, LogError> {
        let file = shared.storage.create(&unfinished)?;
        let mut out = Out { file: file.as_ref(), buffer: Vec::new(), written: 0 };
        out.buffer.extend_from_slice(&SegmentHeader { partition, first, created_ms }.encode());
        let mut concerned = concerned.iter().copied().peekable();
        walk(old, span, |one| match one {
            Item::Good(frame) => {
                let is_concerned = concerned.next_if_eq(&frame.offset).is_some();
                let payload = if is_concerned { &[][..] } else { &frame.payload[..] };
                out.frame(frame.offset, (frame.offset - frame.durable_before) as u32, payload)
            }
            // All before it is durable by now, so it may be the first of its group.
            Item::Unreadable(offset) => out.frame(offset, 0, &[]),
        })?;
        out.flush()?;
        file.sync_data()?;
        shared.storage.rename(&unfinished, &segment_path(&shared.root, partition, first))?;
        Ok(out.written)
    };
    written().inspect_err(|_| {
        // What this cannot remove is removed when the log is next opened.
        let _ = shared.storage.remove(&unfinished);
    })
}

/// Walks over all records of a segment up to its end, the unreadable ones too.
fn walk(
    file: &dyn SegmentFile,
    span: Span,
    mut each: impl FnMut(Item) -> Result<(), LogError>,
) -> Result<(), LogError> {
    let mut frames = Frames::new(file, SEGMENT_HEADER_LEN, span.segment.first, span.segment.len, READ_CHUNK);
    while frames.expected() < span.end {
        let (position, expected) = (frames.position(), frames.expected());
        match frames.next_frame() {
            Ok(Some(frame)) => each(Item::Good(frame))?,
            Err(WalkError::Io(error)) => return Err(error.into()),
            Ok(None) | Err(WalkError::Damage(_)) => {
                let behind = find_frame(file, position + 1..span.segment.len, expected + 1..span.end)?;
                let next = behind.map_or(span.end, |(_, offset)| offset);
                for offset in expected..next {
                    each(Item::Unreadable(offset))?;
                }
                let Some((position, offset)) = behind else { return Ok(()) };
                frames.jump(position, offset);
            }
        }
    }
    Ok(())
}

/// Frames on their way into a new file.
struct Out<'a> {
    file: &'a dyn SegmentFile,
    buffer: Vec<u8>,
    written: u64,
}

impl Out<'_> {
    fn frame(&mut self, offset: Offset, index_in_group: u32, payload: &[u8]) -> Result<(), LogError> {
        encode_frame(&mut self.buffer, offset, index_in_group, payload);
        if self.buffer.len() >= WRITE_CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), LogError> {
        write_all_at(self.file, &self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// Removes what recovery has cut off this segment and kept; returns how many files.
fn remove_copies(dir: &Path, segment: &Path) -> io::Result<u64> {
    let Some(name) = segment.file_name().and_then(|name| name.to_str()) else { return Ok(0) };
    let beginning = format!("{name}.torn-");
    let mut removed = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&beginning)) {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}
