//! A point-in-time copy of the durable log, for a backup while it is in use.
//!
//! Segments that another follows never change, so they are linked where the file system can. The last one
//! of each partition is copied up to its durable end, because bytes of an append that failed may follow.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::directory::{partition_dir, read_meta, segment_path, sync_parent, write_meta};
use crate::error::LogError;
use crate::format::SegmentHeader;
use crate::storage::{copy_bytes, sync_dir};
use crate::view::{PartitionView, Segment, Shared};

/// See [`crate::EventLog::snapshot`]. The caller makes sure that retention does not run meanwhile.
pub(crate) fn snapshot(shared: &Shared, target: &Path, now_ms: i64) -> Result<(), LogError> {
    fs::create_dir_all(target)?;
    if read_meta(target)?.is_some() {
        let message = "the snapshot's directory already holds a log";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message).into());
    }
    let view = shared.view().clone();
    for (partition, view) in view.iter().enumerate() {
        copy_partition(shared, target, partition as u32, view, now_ms)?;
    }
    sync_dir(target)?;
    // Last, because this is what makes the directory a log.
    write_meta(target, view.len() as u32)?;
    sync_parent(target);
    Ok(())
}

fn copy_partition(
    shared: &Shared,
    target: &Path,
    partition: u32,
    view: &PartitionView,
    now_ms: i64,
) -> Result<(), LogError> {
    let dir = partition_dir(target, partition);
    fs::create_dir(&dir)?;
    for (index, segment) in view.segments.iter().enumerate() {
        let from = segment_path(&shared.root, partition, segment.first);
        let to = segment_path(target, partition, segment.first);
        let another_follows = index + 1 < view.segments.len();
        let linked = another_follows && fs::hard_link(&from, &to).is_ok();
        if !linked {
            copy_segment(shared, &from, &to, segment)?;
        }
    }
    if view.segments.is_empty() {
        // Its name keeps the next offset.
        let header = SegmentHeader { partition, first: view.end, created_ms: now_ms };
        let mut file = File::create_new(segment_path(target, partition, view.end))?;
        file.write_all(&header.encode())?;
        file.sync_all()?;
    }
    sync_dir(&dir)?;
    Ok(())
}

fn copy_segment(shared: &Shared, from: &Path, to: &Path, segment: &Segment) -> io::Result<()> {
    let source = shared.storage.open_read(from)?;
    let mut copy = File::create_new(to)?;
    copy_bytes(source.as_ref(), 0..segment.len, &mut copy)?;
    copy.sync_all()
}
