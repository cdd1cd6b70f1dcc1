//! What a batch will write, apart from the members themselves.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use crate::identity::{Reached, Suggestion};
use base::{
    Event, Time,
    ids::{GroupId, IdentityId, MemberId, MergeId, SegmentId, WorkspaceId},
};
use store::dead_letters::DeadLetter;

/// A row of the events table.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// The event.
    pub event: Event,
    /// The identity that it belongs to.
    pub identity: IdentityId,
}

/// A row of the merges table.
#[derive(Clone, Debug)]
pub struct MergeRow {
    /// Id of the merge.
    pub id: MergeId,
    /// Whose data this is.
    pub workspace: WorkspaceId,
    /// The member who stays.
    pub kept: MemberId,
    /// The member who is absorbed.
    pub absorbed: MemberId,
    /// The member to whom the identity that stays first belonged.
    pub kept_origin: MemberId,
    /// The member to whom the identity that led to the merge first belonged.
    pub absorbed_origin: MemberId,
    /// When the absorbed member was first seen.
    pub first_seen: Time,
    /// What the two had reached before, first he who stays.
    pub reached: [Reached; 2],
    /// The identities that move.
    pub identities: Vec<IdentityId>,
    /// Why.
    pub reason: &'static str,
    /// Which event led to it.
    pub source: String,
    /// When.
    pub at: Time,
}

/// A row of the history of tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagChange {
    /// The identity that carries the tag, or carried it.
    pub identity: IdentityId,
    /// The tag.
    pub tag: String,
    /// True for adding.
    pub added: bool,
    /// When.
    pub at: Time,
    /// Who did it.
    pub source: String,
}

/// A row of the history of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupChange {
    /// The group.
    pub group: GroupId,
    /// The identity that entered or left.
    pub identity: IdentityId,
    /// True for entering.
    pub joined: bool,
    /// When.
    pub at: Time,
}

/// A row of the segment history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentChange {
    /// The segment.
    pub segment: SegmentId,
    /// Who entered or left.
    pub member: MemberId,
    /// True for entering.
    pub entered: bool,
    /// When.
    pub at: Time,
}

/// Kind, subject, workspace, moment: a row of the timers table.
pub type TimerRow = (String, i64, i64, i64);

/// Timers of the batch: those that were due in the database and those that stages set.
#[derive(Debug, Default)]
pub struct BatchTimers {
    /// Present value of every timer that the batch has to do with; `None` is cleared.
    current: BTreeMap<(String, i64), (WorkspaceId, Option<Time>)>,
    /// Those that differ from the database.
    changed: std::collections::BTreeSet<(String, i64)>,
    due: BinaryHeap<Reverse<(Time, String, i64)>>,
}

impl BatchTimers {
    /// Takes over a timer that stands in the database.
    pub fn load(&mut self, kind: &str, subject: i64, workspace: WorkspaceId, due_at: Time) {
        let key = (kind.to_owned(), subject);
        if self.current.contains_key(&key) {
            return;
        }
        self.due.push(Reverse((due_at, key.0.clone(), subject)));
        self.current.insert(key, (workspace, Some(due_at)));
    }

    /// Sets, moves or (with `None`) clears a timer.
    pub fn set(&mut self, kind: &str, subject: i64, workspace: WorkspaceId, due_at: Option<Time>) {
        let key = (kind.to_owned(), subject);
        if let Some(due_at) = due_at {
            self.due.push(Reverse((due_at, key.0.clone(), subject)));
        }
        self.current.insert(key.clone(), (workspace, due_at));
        self.changed.insert(key);
    }

    /// When the next timer of this batch is due.
    pub fn next_due(&mut self) -> Option<Time> {
        while let Some(Reverse((due_at, kind, subject))) = self.due.peek() {
            let present = self.current.get(&(kind.clone(), *subject)).and_then(|(_, due)| *due);
            if present == Some(*due_at) {
                return Some(*due_at);
            }
            self.due.pop();
        }
        None
    }

    /// Takes the next timer if it is due by `horizon`; it is cleared by that.
    pub fn pop_due(&mut self, horizon: Time) -> Option<(Time, String, i64, WorkspaceId)> {
        let due_at = self.next_due().filter(|due_at| *due_at <= horizon)?;
        let Reverse((_, kind, subject)) = self.due.pop()?;
        let key = (kind, subject);
        let workspace = self.current.get(&key).map(|(workspace, _)| *workspace)?;
        self.current.insert(key.clone(), (workspace, None));
        self.changed.insert(key.clone());
        Some((due_at, key.0, key.1, workspace))
    }

    /// The timers to write and those to delete.
    pub fn to_write(&self) -> (Vec<TimerRow>, Vec<(String, i64)>) {
        let mut set = Vec::new();
        let mut cleared = Vec::new();
        for key in &self.changed {
            match self.current.get(key) {
                Some((workspace, Some(due_at))) => set.push((key.0.clone(), key.1, workspace.0, due_at.millis())),
                _ => cleared.push(key.clone()),
            }
        }
        (set, cleared)
    }
}

/// What a batch will write.
#[derive(Debug, Default)]
pub struct Effects {
    /// Events that were accepted.
    pub events: Vec<EventRow>,
    /// Merges that were made.
    pub merges: Vec<MergeRow>,
    /// Merges that are for an operator to decide.
    pub suggestions: Vec<Suggestion>,
    /// Tags that were put on identities and taken off.
    pub tag_changes: Vec<TagChange>,
    /// Who entered and left which segment.
    pub segment_changes: Vec<SegmentChange>,
    /// Timers.
    pub timers: BatchTimers,
    /// What was not taken in although its event was.
    pub letters: Vec<DeadLetter>,
    /// Who entered and left which group.
    pub group_changes: Vec<GroupChange>,
    /// New facts, to be appended to the log after the commit.
    pub emitted: Vec<Event>,
    /// Whether messages were queued, so that the outbox is to be woken.
    pub queued_messages: bool,
}
