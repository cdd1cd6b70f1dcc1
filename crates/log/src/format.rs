//! The bytes on disk, version 1. All numbers are little-endian.
//!
//! # Directory
//!
//! ```text
//! log.meta                        "hearth-log 1\npartitions 4\n"
//! LOCK                            empty; locked by the process that has the log open
//! p0000/                          one directory per partition, four digits
//!   00000000000000000000.log      segments, named by the offset of their first record, 20 digits
//!   00000000000000180021.log
//!   00000000000000360007.new      a segment whose first records are not durable yet; removed on open
//!   00000000000000180021.log.torn-180500      bytes that were cut on open although records follow the
//!                                             damage; the log never reads or deletes them
//! ```
//!
//! # Segment
//!
//! A header of 40 bytes, then frames without gaps. A segment ends at the first offset of the next
//! segment of its partition; bytes behind that are left over from an append that failed and mean nothing.
//!
//! | bytes | header field |
//! |---|---|
//! | 0..8 | magic `hearthlg`; this and the version keep their place in every version |
//! | 8..10 | version, u16, 1 |
//! | 10..12 | zero |
//! | 12..16 | partition, u32 |
//! | 16..24 | first offset, u64, the same as in the file's name |
//! | 24..32 | time of creation, unix milliseconds, i64 |
//! | 32..36 | zero |
//! | 36..40 | CRC-32C of bytes 0..36, u32 |
//!
//! # Frame
//!
//! | bytes | frame field |
//! |---|---|
//! | 0..4 | length of the payload, u32 |
//! | 4..8 | CRC-32C of (offset ‖ index ‖ payload), that is of all bytes from 8 to the frame's end, u32 |
//! | 8..16 | offset, u64: one more than that of the frame before |
//! | 16..20 | index in its group, u32: how many frames of this partition were written with it before it |
//! | 20.. | payload |
//!
//! The offset is written although it could be counted, so that a frame proves its place by itself: behind
//! damage the next good frame can be found, and zeros are never a frame (the CRC-32C of twelve zero bytes
//! is not zero, and any other place wants an offset that is not zero).
//!
//! A group is what was synced together. It is begun only when all before it is durable, so a good frame
//! proves that every record before `offset - index` had become durable. That tells damage done by the
//! medium from the remains of a group that a crash interrupted.

use crate::Offset;

pub(crate) const VERSION: u16 = 1;
pub(crate) const SEGMENT_HEADER_LEN: u64 = 40;
pub(crate) const FRAME_HEADER_LEN: usize = 20;

const MAGIC: [u8; 8] = *b"hearthlg";
const HEADER_BYTES: usize = SEGMENT_HEADER_LEN as usize;

/// The header of a segment file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub partition: u32,
    pub first: Offset,
    pub created_ms: i64,
}

/// Why a header cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    /// Too short, zeros, or a wrong checksum.
    Damaged,
    /// Written by another version of this software.
    Version(u16),
}

impl SegmentHeader {
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..8].copy_from_slice(&MAGIC);
        bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.partition.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.created_ms.to_le_bytes());
        let checksum = crc32c::crc32c(&bytes[..36]);
        bytes[36..40].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Decodes the beginning of a file. The version is judged before the checksum, because a later
    /// version may keep its checksum elsewhere and must never be mistaken for damage.
    pub fn decode(bytes: &[u8]) -> Result<SegmentHeader, HeaderFault> {
        if bytes.len() < HEADER_BYTES || bytes[0..8] != MAGIC {
            return Err(HeaderFault::Damaged);
        }
        let version = u16::from_le_bytes(array(&bytes[8..10]));
        if version != VERSION {
            return Err(HeaderFault::Version(version));
        }
        if u32::from_le_bytes(array(&bytes[36..40])) != crc32c::crc32c(&bytes[..36]) {
            return Err(HeaderFault::Damaged);
        }
        Ok(SegmentHeader {
            partition: u32::from_le_bytes(array(&bytes[12..16])),
            first: u64::from_le_bytes(array(&bytes[16..24])),
            created_ms: i64::from_le_bytes(array(&bytes[24..32])),
        })
    }
}

/// The first 20 bytes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub length: u32,
    pub checksum: u32,
    pub offset: Offset,
    pub index_in_group: u32,
}

impl FrameHeader {
    /// Decodes the first 20 bytes of `bytes`, of which there must be that many.
    pub fn decode(bytes: &[u8]) -> FrameHeader {
        FrameHeader {
            length: u32::from_le_bytes(array(&bytes[0..4])),
            checksum: u32::from_le_bytes(array(&bytes[4..8])),
            offset: u64::from_le_bytes(array(&bytes[8..16])),
            index_in_group: u32::from_le_bytes(array(&bytes[16..20])),
        }
    }

    /// All records before this offset were durable when the frame was written.
    pub fn durable_before(&self) -> Offset {
        self.offset.saturating_sub(self.index_in_group.into())
    }

    /// The length of the whole frame.
    pub fn frame_len(&self) -> usize {
        FRAME_HEADER_LEN + self.length as usize
    }

    /// Whether `frame`, which begins with this header, carries the right checksum.
    pub fn verifies(&self, frame: &[u8]) -> bool {
        crc32c::crc32c(&frame[8..self.frame_len()]) == self.checksum
    }
}

/// Adds a frame to `buffer`. The payload must be shorter than 4 GiB, which the bound on one append
/// guarantees.
pub(crate) fn encode_frame(buffer: &mut Vec<u8>, offset: Offset, index_in_group: u32, payload: &[u8]) {
    let start = buffer.len();
    buffer.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    buffer.extend_from_slice(&[0; 4]);
    buffer.extend_from_slice(&offset.to_le_bytes());
    buffer.extend_from_slice(&index_in_group.to_le_bytes());
    buffer.extend_from_slice(payload);
    let checksum = crc32c::crc32c(&buffer[start + 8..]);
    buffer[start + 4..start + 8].copy_from_slice(&checksum.to_le_bytes());
}

/// A slice of exactly `N` bytes as an array; the callers slice with constants.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_version_1_never_change() {
        let header = SegmentHeader { partition: 3, first: 0x0102, created_ms: 1_700_000_000_000 };
        let bytes = header.encode();
        assert_eq!(&bytes[..12], b"hearthlg\x01\x00\x00\x00");
        assert_eq!(bytes[12..24], [3, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(SegmentHeader::decode(&bytes), Ok(header));

        let mut frame = Vec::new();
        encode_frame(&mut frame, 7, 3, b"{}");
        let mut expected = vec![2, 0, 0, 0];
        expected.extend(crc32c::crc32c(b"\x07\0\0\0\0\0\0\0\x03\0\0\0{}").to_le_bytes());
        expected.extend(b"\x07\0\0\0\0\0\0\0\x03\0\0\0{}");
        assert_eq!(frame, expected);
    }

    #[test]
    fn every_flipped_bit_of_a_header_is_noticed() {
        let bytes = SegmentHeader { partition: 1, first: 9, created_ms: 5 }.encode();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(SegmentHeader::decode(&flipped).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_frame_is_noticed() {
        let mut frame = Vec::new();
        encode_frame(&mut frame, 1, 0, b"payload");
        frame.extend([0; 16]);
        for bit in 0..27 * 8 {
            let mut flipped = frame.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let header = FrameHeader::decode(&flipped);
            let fits = header.frame_len() <= flipped.len();
            assert!(!fits || !header.verifies(&flipped), "bit {bit}");
        }
    }

    #[test]
    fn zeros_are_never_a_frame() {
        let zeros = [0; 64];
        assert!(!FrameHeader::decode(&zeros).verifies(&zeros));
    }
}
