//! Deleting old segments.

use crate::Offset;
use crate::directory::{partition_dir, segment_path};
use crate::error::LogError;
use crate::view::{PartitionView, Segment, Shared};

/// What may be kept at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetentionPolicy {
    pub max_age_ms: Option<i64>,
    pub max_bytes: Option<u64>,
}

struct Victim {
    partition: usize,
    segment: Segment,
    /// When the next segment was created: all records are older than that.
    sealed_ms: i64,
}

/// See [`crate::EventLog::retain`]. The caller makes sure that no snapshot runs.
pub(crate) fn retain(shared: &Shared, policy: RetentionPolicy, floor: &[Offset], now_ms: i64) -> Result<u64, LogError> {
    let mut freed = 0;
    loop {
        let (victim, total) = {
            let view = shared.view();
            (oldest_unneeded(&view, floor), total_bytes(&view))
        };
        let Some(victim) = victim else { return Ok(freed) };
        let age_ms = now_ms.saturating_sub(victim.sealed_ms);
        let too_old = policy.max_age_ms.is_some_and(|limit| age_ms > limit);
        let too_much = policy.max_bytes.is_some_and(|limit| total > limit);
        if !too_old && !too_much {
            return Ok(freed);
        }
        delete(shared, &victim)?;
        freed += victim.segment.len;
    }
}

/// Of the first segments of all partitions, the one that was sealed first among those that no consumer
/// needs and that another segment follows.
fn oldest_unneeded(view: &[PartitionView], floor: &[Offset]) -> Option<Victim> {
    let candidates = view.iter().enumerate().filter_map(|(partition, view)| {
        let next = view.segments.get(1)?;
        let needed_from = floor.get(partition).copied().unwrap_or(0);
        (next.first <= needed_from).then_some(Victim {
            partition,
            segment: view.segments[0],
            sealed_ms: next.created_ms,
        })
    });
    candidates.min_by_key(|victim| victim.sealed_ms)
}

fn total_bytes(view: &[PartitionView]) -> u64 {
    view.iter().flat_map(|partition| &partition.segments).map(|segment| segment.len).sum()
}

/// First nobody finds it any more, then it goes. Each removal is made durable before the next, so that a
/// crash cannot leave a gap between segments.
fn delete(shared: &Shared, victim: &Victim) -> Result<(), LogError> {
    let first = victim.segment.first;
    let partition = victim.partition as u32;
    shared.change()[victim.partition].segments.pop_front();
    if let Err(error) = shared.storage.remove(&segment_path(&shared.root, partition, first)) {
        shared.change()[victim.partition].segments.push_front(victim.segment);
        return Err(error.into());
    }
    shared.files.forget(partition, first);
    shared.storage.sync_dir(&partition_dir(&shared.root, partition))?;
    tracing::debug!(partition, first, bytes = victim.segment.len, "deleted a segment");
    Ok(())
}
