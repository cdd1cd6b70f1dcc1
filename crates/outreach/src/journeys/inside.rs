//! Whoever waits for a segment goes on as soon as he is in it, however he came in.
//!
//! Most enter in a turn of their own, and the stage is told. In a turn in which nobody enters by doing something (a row of
//! an import, a merge, a parting) each of the member's waits is looked at. Where there is no turn (a segment was built, the
//! definition of a trait was changed) those who came in and wait get one: each batch says who came in by it, and when
//! segments that were built take their places, and after a start, all who wait are looked at, in slices between batches.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{
    Time,
    ids::{JourneyId, MemberId, SegmentId, WorkspaceId},
};
use people::{
    members::MemberState,
    pipeline::{Poison, Turn, Work},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::json;
use store::{Sql, Tx};

use super::{
    book::JourneyBook,
    changes::RUNS_AT_ONCE,
    document::Wait,
    ending::{UnderWay, under_way},
    runs::{Pending, Run},
    stage::{TIMER, Walk},
};

impl Walk<'_> {
    /// Moves on the runs that wait for a segment in which the member is.
    pub(super) fn meet_inside(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let (member, now) = (turn.member, turn.now);
        for index in 0..self.runs(member).len() {
            let Some(state) = turn.people.get(member) else { return Ok(()) };
            let Some(segment) = self.waits_inside(&self.runs(member)[index], state, now) else { continue };
            let step = self.runs(member)[index].step.clone().unwrap_or_default();
            self.change(member, index, |run, changed| {
                changed.note(run, now, &step, "met", json!({"segment": segment}));
            });
            self.leave_step(turn, index, &step, None)?;
        }
        Ok(())
    }

    /// Gives a member whom the turn is not about one of his own, when he is where a run of his waits for him to be.
    pub(super) fn ask_if_inside(&mut self, turn: &mut Turn<'_>, member: MemberId) {
        let Some(state) = turn.people.get(member) else { return };
        if !self.runs(member).iter().any(|run| self.waits_inside(run, state, turn.now).is_some()) {
            return;
        }
        let runs = self.members.of(member);
        if runs.timer.is_none_or(|timer| timer > turn.now) {
            runs.timer = Some(turn.now);
            turn.effects.timers.set(TIMER, member.0, turn.book.workspace, Some(turn.now));
        }
    }

    /// The segment for which a run waits although the member is in it.
    fn waits_inside(&self, run: &Run, member: &MemberState, now: Time) -> Option<SegmentId> {
        if !run.waits_for_segment(now) {
            return None;
        }
        match self.wait_of(run)?.wait {
            Wait::Segment(segment) if member.memberships.contains_key(&segment) => Some(segment),
            _ => None,
        }
    }
}

impl Run {
    /// Whether the run waits for a segment, and its time for that is not over.
    pub(super) fn waits_for_segment(&self, now: Time) -> bool {
        self.is_active()
            && !self.arriving
            && matches!(self.wait, Some(Pending::Segment { .. }))
            && self.wake_at.is_none_or(|until| until > now)
    }
}

/// Looks at all who wait for segments, when it is not known who came in.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// By journey, the run up to which it is done.
    waiting: BTreeMap<JourneyId, (WorkspaceId, i64)>,
    /// What counts as done when the batch is committed.
    done: Option<(JourneyId, Option<i64>)>,
    /// Workspaces that have been seen since the start.
    known: HashSet<WorkspaceId>,
}

#[derive(FromQueryResult)]
struct MemberRow {
    member_id: i64,
}

impl Watch {
    /// After a start nobody knows who came in while nobody looked.
    pub(super) fn configure(&mut self, workspace: WorkspaceId, book: &JourneyBook) {
        self.waiting.retain(|journey, (other, _)| *other != workspace || book.awaiting.contains(journey));
        if self.known.insert(workspace) {
            self.begin(workspace, book);
        }
    }

    /// Everybody in this workspace who waits for a segment is to be looked at.
    pub(super) fn begin(&mut self, workspace: WorkspaceId, book: &JourneyBook) {
        self.waiting.extend(book.awaiting.iter().map(|journey| (*journey, (workspace, 0))));
    }

    pub(super) fn has_work(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn committed(&mut self) {
        match self.done.take() {
            Some((journey, Some(after))) => {
                self.waiting.entry(journey).and_modify(|(_, reached)| *reached = after);
            }
            Some((journey, None)) => _ = self.waiting.remove(&journey),
            None => {}
        }
    }

    /// What was done in a batch that failed is done again.
    pub(super) fn forget(&mut self) {
        self.done = None;
    }

    /// Looks at the next runs, journey by journey, until somebody is found or enough are looked at; gives the members who are
    /// where their runs wait for them to be.
    pub(super) async fn next_slice(
        &mut self,
        tx: &Tx,
        books: &HashMap<WorkspaceId, JourneyBook>,
    ) -> Result<Vec<MemberId>, DbErr> {
        let mut looked_at = 0;
        while let Some((journey, (workspace, after))) = self.waiting.first_key_value().map(|(id, place)| (*id, *place))
            && looked_at < RUNS_AT_ONCE
        {
            let runs = under_way(tx, journey, i64::MAX, after).await?;
            looked_at += runs.len() as i64;
            let is_full = runs.len() as i64 == RUNS_AT_ONCE;
            self.done = Some((journey, runs.last().map(|run| run.id).filter(|_| is_full)));
            let awaits = |run: &UnderWay| {
                let segment = books.get(&workspace)?.awaited_at(journey, run.version, &run.step)?;
                Some((segment.0, run.member_id))
            };
            let inside = inside(tx, runs.iter().filter_map(awaits).collect()).await?;
            if !inside.is_empty() {
                return Ok(inside);
            }
            // Nothing of it has to be written before it counts.
            self.committed();
        }
        Ok(Vec::new())
    }
}

/// Which of these members, each beside a segment, are in it.
async fn inside(tx: &Tx, pairs: BTreeSet<(i64, i64)>) -> Result<Vec<MemberId>, DbErr> {
    let pairs: Vec<(i64, i64)> = pairs.into_iter().collect();
    let rows: Vec<MemberRow> = tx
        .all_rows(
            "SELECT s.member_id FROM {rows} JOIN segment_members s
             ON s.segment_id = CAST(r.value->>0 AS BIGINT) AND s.member_id = CAST(r.value->>1 AS BIGINT)",
            &pairs,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().map(|row| MemberId(row.member_id)).collect())
}

/// Members who came into segments that are waited for, by what this batch has done last.
pub(super) fn entered(books: &HashMap<WorkspaceId, JourneyBook>, work: &Work<'_>) -> Vec<MemberId> {
    let awaited: HashSet<SegmentId> = books.values().flat_map(|book| book.awaited.iter().copied()).collect();
    if awaited.is_empty() {
        return Vec::new();
    }
    let changes = work.effects.segment_changes.iter();
    changes.filter(|change| change.entered && awaited.contains(&change.segment)).map(|change| change.member).collect()
}
