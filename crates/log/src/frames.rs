//! Walking the frames of a segment file, and finding a good one behind damage.

use std::fmt;
use std::io;
use std::ops::Range;

use bytes::Bytes;

use crate::Offset;
use crate::format::{FRAME_HEADER_LEN, FrameHeader, SEGMENT_HEADER_LEN};
use crate::storage::{SegmentFile, read_up_to};

const SEARCH_WINDOW: usize = 256 * 1024;

/// One frame that was walked over.
pub(crate) struct Frame {
    pub offset: Offset,
    /// All records before this offset were durable when the frame was written.
    pub durable_before: Offset,
    pub payload: Bytes,
}

/// Why the walk cannot go on.
#[derive(Debug)]
pub(crate) enum WalkError {
    Io(io::Error),
    Damage(Damage),
}

/// What is wrong with the bytes where a frame should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// The file, or the part of it that counts, ends within the frame.
    Partial,
    /// The frame claims another offset than its place.
    Sequence,
    /// The checksum does not match.
    Checksum,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Damage::Partial => "the segment ends within the record",
            Damage::Sequence => "there is no record of this offset in its place",
            Damage::Checksum => "the record's checksum does not match",
        })
    }
}

impl From<io::Error> for WalkError {
    fn from(error: io::Error) -> WalkError {
        WalkError::Io(error)
    }
}

/// A walk over the frames of a file, reading it in chunks.
pub(crate) struct Frames<'a> {
    file: &'a dyn SegmentFile,
    /// Bytes from here on do not count.
    limit: u64,
    chunk_len: usize,
    chunk: Bytes,
    chunk_at: u64,
    position: u64,
    expected: Offset,
}

impl<'a> Frames<'a> {
    /// Starts at `position`, where the frame of `expected` begins. `limit` must not be behind the end of
    /// the file by much: it bounds what a damaged length can make the walk allocate.
    pub fn new(file: &'a dyn SegmentFile, position: u64, expected: Offset, limit: u64, chunk_len: usize) -> Frames<'a> {
        debug_assert!(position >= SEGMENT_HEADER_LEN);
        Frames { file, limit, chunk_len, chunk: Bytes::new(), chunk_at: position, position, expected }
    }

    /// Where the next frame begins.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The offset of the next frame.
    pub fn expected(&self) -> Offset {
        self.expected
    }

    /// Continues elsewhere, at a frame that [`find_frame`] found.
    pub fn jump(&mut self, position: u64, expected: Offset) {
        self.position = position;
        self.expected = expected;
    }

    /// The next frame, with its checksum verified; `None` at the limit.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, WalkError> {
        let Some(header) = self.peek_header()? else { return Ok(None) };
        let frame_len = header.frame_len();
        let start = self.load(frame_len)?;
        let frame = self.chunk.slice(start..start + frame_len);
        if !header.verifies(&frame) {
            return Err(WalkError::Damage(Damage::Checksum));
        }
        self.advance(&header);
        let payload = frame.slice(FRAME_HEADER_LEN..);
        Ok(Some(Frame { offset: header.offset, durable_before: header.durable_before(), payload }))
    }

    /// The header of the next frame if it is the expected one; `None` at the limit.
    pub fn peek_header(&mut self) -> Result<Option<FrameHeader>, WalkError> {
        if self.position >= self.limit {
            return Ok(None);
        }
        let start = self.load(FRAME_HEADER_LEN)?;
        let header = FrameHeader::decode(&self.chunk[start..]);
        if header.offset != self.expected {
            return Err(WalkError::Damage(Damage::Sequence));
        }
        if header.frame_len() as u64 > self.limit - self.position {
            return Err(WalkError::Damage(Damage::Partial));
        }
        Ok(Some(header))
    }

    /// Steps over the frame whose header was peeked.
    pub fn advance(&mut self, header: &FrameHeader) {
        self.position += header.frame_len() as u64;
        self.expected += 1;
    }

    /// Makes sure that the chunk holds `need` bytes from the position on; returns where in the chunk.
    fn load(&mut self, need: usize) -> Result<usize, WalkError> {
        let chunk_end = self.chunk_at + self.chunk.len() as u64;
        let loaded = self.position >= self.chunk_at && self.position + need as u64 <= chunk_end;
        if !loaded {
            let available = self.limit - self.position;
            if need as u64 > available {
                return Err(WalkError::Damage(Damage::Partial));
            }
            let want = (need.max(self.chunk_len) as u64).min(available) as usize;
            self.chunk = Bytes::from(read_up_to(self.file, self.position, want)?);
            self.chunk_at = self.position;
            if self.chunk.len() < need {
                return Err(WalkError::Damage(Damage::Partial));
            }
        }
        Ok((self.position - self.chunk_at) as usize)
    }
}

/// Searches, byte by byte, for a good frame with one of the given offsets in `span` of the file.
pub(crate) fn find_frame(
    file: &dyn SegmentFile,
    span: Range<u64>,
    offsets: Range<Offset>,
) -> io::Result<Option<(u64, Offset)>> {
    let mut at = span.start;
    while at + FRAME_HEADER_LEN as u64 <= span.end {
        let want = (SEARCH_WINDOW as u64).min(span.end - at) as usize;
        let window = read_up_to(file, at, want)?;
        if window.len() < FRAME_HEADER_LEN {
            return Ok(None);
        }
        let candidates = window.len() - FRAME_HEADER_LEN + 1;
        for start in 0..candidates {
            let header = FrameHeader::decode(&window[start..]);
            if !offsets.contains(&header.offset) {
                continue;
            }
            let position = at + start as u64;
            if header.frame_len() as u64 > span.end - position {
                continue;
            }
            let frame = read_up_to(file, position, header.frame_len())?;
            if frame.len() == header.frame_len() && header.verifies(&frame) {
                return Ok(Some((position, header.offset)));
            }
        }
        at += candidates as u64;
    }
    Ok(None)
}

/// Whether `span` of the file holds nothing but zeros, as a crash can leave it.
pub(crate) fn only_zeros(file: &dyn SegmentFile, span: Range<u64>) -> io::Result<bool> {
    let mut at = span.start;
    while at < span.end {
        let want = (SEARCH_WINDOW as u64).min(span.end - at) as usize;
        let window = read_up_to(file, at, want)?;
        if window.is_empty() {
            return Ok(true);
        }
        if window.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at += window.len() as u64;
    }
    Ok(true)
}
