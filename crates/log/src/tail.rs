//! The file that one partition is being appended to.
//!
//! A group of appends is staged (`begin`, `push`, `flush`), made durable (`sync`), and then either
//! committed or rolled back. Until it is committed nobody can see it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::Offset;
use crate::directory::{partition_dir, segment_path, unfinished_path};
use crate::format::{FRAME_HEADER_LEN, SEGMENT_HEADER_LEN, SegmentHeader, encode_frame};
use crate::storage::{SegmentFile, Storage, write_all_at};
use crate::view::{PartitionView, Segment};

const WRITE_CHUNK: usize = 256 * 1024;

/// The segment that is appended to. Its `segment.len` is the durable length.
pub(crate) struct Active {
    pub file: Arc<dyn SegmentFile>,
    pub segment: Segment,
}

/// When to begin a new segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RollPolicy {
    pub segment_bytes: u64,
    /// So that records expire about when they should also where little is written.
    pub segment_age_ms: Option<i64>,
}

/// What is written but not committed.
struct Stage {
    /// The active file was created for this stage.
    fresh: bool,
    /// The fresh file has its final name.
    named: bool,
    /// Bytes in the file so far, the buffer not counted.
    written: u64,
    /// The offset of the next record.
    next: Offset,
    /// The page cache of the file can no longer be trusted.
    sync_failed: bool,
}

/// The writing end of one partition.
pub(crate) struct Tail {
    partition: u32,
    root: PathBuf,
    storage: Arc<dyn Storage>,
    policy: RollPolicy,
    /// The offset after the last durable record.
    end: Offset,
    active: Option<Active>,
    stage: Option<Stage>,
    buffer: Vec<u8>,
}

impl Tail {
    pub fn new(
        partition: u32,
        root: PathBuf,
        storage: Arc<dyn Storage>,
        policy: RollPolicy,
        end: Offset,
        active: Option<Active>,
    ) -> Tail {
        Tail { partition, root, storage, policy, end, active, stage: None, buffer: Vec::new() }
    }

    /// The bytes that a payload takes in the file.
    pub fn frame_len(payload_len: usize) -> u64 {
        (FRAME_HEADER_LEN + payload_len) as u64
    }

    pub fn is_staged(&self) -> bool {
        self.stage.is_some()
    }

    /// Begins a stage for `bytes` of frames, in a new file if they do not belong in the active one.
    pub fn begin(&mut self, bytes: u64, now_ms: i64) -> io::Result<()> {
        if let Some(active) = &self.active {
            let segment = &active.segment;
            let full = segment.len + bytes > self.policy.segment_bytes;
            let age = now_ms.saturating_sub(segment.created_ms);
            let old = self.policy.segment_age_ms.is_some_and(|limit| age >= limit);
            if full || old {
                self.active = None;
            }
        }
        let fresh = self.active.is_none();
        let active = match self.active.take() {
            Some(active) => active,
            None => self.create(now_ms)?,
        };
        let written = if fresh { 0 } else { active.segment.len };
        self.active = Some(active);
        self.stage = Some(Stage { fresh, named: false, written, next: self.end, sync_failed: false });
        Ok(())
    }

    /// Appends no more to the active file: the next stage begins a new one. Not while something is staged.
    pub fn seal(&mut self) {
        debug_assert!(self.stage.is_none());
        self.active = None;
    }

    fn create(&mut self, now_ms: i64) -> io::Result<Active> {
        let path = unfinished_path(&self.root, self.partition, self.end);
        let file = self.storage.create(&path)?;
        let header = SegmentHeader { partition: self.partition, first: self.end, created_ms: now_ms };
        self.buffer.extend_from_slice(&header.encode());
        Ok(Active { file, segment: Segment { first: self.end, created_ms: now_ms, len: 0 } })
    }

    /// Adds a record to the stage; returns its offset.
    pub fn push(&mut self, payload: &[u8]) -> io::Result<Offset> {
        let Some(stage) = &mut self.stage else { return Err(not_staged()) };
        let offset = stage.next;
        stage.next += 1;
        // Never more than fit, because the bound on pending bytes counts some for every record.
        let index_in_group = (offset - self.end) as u32;
        encode_frame(&mut self.buffer, offset, index_in_group, payload);
        if self.buffer.len() >= WRITE_CHUNK {
            self.flush()?;
        }
        Ok(offset)
    }

    /// Writes what is buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        let (Some(stage), Some(active)) = (&mut self.stage, &self.active) else {
            return Err(not_staged());
        };
        write_all_at(active.file.as_ref(), &self.buffer, stage.written)?;
        stage.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Makes the stage durable.
    pub fn sync(&mut self) -> io::Result<()> {
        let (Some(stage), Some(active)) = (&mut self.stage, &self.active) else {
            return Err(not_staged());
        };
        stage.sync_failed = true;
        active.file.sync_data()?;
        stage.sync_failed = false;
        if stage.fresh {
            let path = segment_path(&self.root, self.partition, self.end);
            self.storage.rename(&unfinished_path(&self.root, self.partition, self.end), &path)?;
            stage.named = true;
            self.storage.sync_dir(&partition_dir(&self.root, self.partition))?;
        }
        Ok(())
    }

    /// Makes the stage visible in `view`. Call it only when all partitions of the group are synced.
    pub fn commit(&mut self, view: &mut PartitionView) {
        let (Some(stage), Some(active)) = (self.stage.take(), &mut self.active) else { return };
        self.end = stage.next;
        active.segment.len = stage.written;
        if !stage.fresh {
            view.segments.pop_back();
        }
        view.segments.push_back(active.segment);
        view.end = self.end;
        self.buffer.shrink_to(WRITE_CHUNK);
    }

    /// Undoes the stage in the file, as far as the disk lets us.
    pub fn roll_back(&mut self) {
        self.buffer.clear();
        self.buffer.shrink_to(WRITE_CHUNK);
        let Some(stage) = self.stage.take() else { return };
        let Some(active) = self.active.take() else { return };
        if stage.fresh {
            self.undo_fresh(&active, stage.named);
            return;
        }
        // The cut must be durable too: the sync of this partition may have succeeded before that of
        // another one failed.
        let cut = active.file.set_len(active.segment.len).and_then(|()| active.file.sync_data());
        if let Err(error) = &cut {
            tracing::error!(partition = self.partition, %error, "could not cut a failed append off its file");
        }
        // Otherwise the next append begins a new segment, which also ends this one where it is durable,
        // whatever the file still holds behind.
        if cut.is_ok() && !stage.sync_failed {
            self.active = Some(active);
        }
    }

    /// A fresh file with its final name is emptied and not removed: it may have replaced an empty one
    /// that alone carried the next offset in its name. The next segment replaces it.
    fn undo_fresh(&self, active: &Active, named: bool) {
        let undone = if named {
            active.file.set_len(SEGMENT_HEADER_LEN).and_then(|()| active.file.sync_data())
        } else {
            self.storage.remove(&unfinished_path(&self.root, self.partition, self.end))
        };
        if let Err(error) = undone {
            tracing::error!(partition = self.partition, %error, "could not undo a new segment");
        }
    }
}

fn not_staged() -> io::Error {
    io::Error::other("a partition was written to without a stage")
}
