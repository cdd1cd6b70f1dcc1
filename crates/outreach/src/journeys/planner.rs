//! Planning everybody's entry into a journey that begins with dates or a schedule, in slices between batches.
//!
//! Members to whom something happens are planned in their turn; the planner takes everybody, in the order of their ids,
//! when a version is published. Both work out the same, so it does not matter who comes first. Who comes into the
//! segment of a schedule without a turn of his own, because the segment was built, is found when rules change next,
//! which the building of a segment does.

use std::collections::BTreeMap;

use base::ids::{JourneyId, MemberId, SegmentId, WorkspaceId};
use people::{members::load_members, pipeline::Work};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{
    book::JourneyBook,
    document::{Entry, Schedule},
};

const MEMBERS_AT_ONCE: i64 = 2_000;

/// Knows what is to be planned.
#[derive(Debug, Default)]
pub(super) struct Planner {
    waiting: BTreeMap<JourneyId, Waiting>,
}

#[derive(Clone, Debug)]
struct Waiting {
    workspace: WorkspaceId,
    version: i64,
    /// The member up to whom it is done.
    planned_to: i64,
    /// Only those in this segment who have no plan.
    missing_of: Option<SegmentId>,
}

/// Members to be planned together.
pub(super) struct Slice {
    pub(super) workspace: WorkspaceId,
    pub(super) journey: JourneyId,
    pub(super) members: Vec<MemberId>,
}

#[derive(FromQueryResult)]
struct PlanningRow {
    journey_id: i64,
    version: i64,
    planned_to: i64,
    done: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Planner {
    /// Notes what is to be planned in a workspace, by what the database says of it. After a failed transaction all rules
    /// are read anew, so nothing of it is forgotten.
    pub(super) async fn configure(&mut self, tx: &Tx, workspace: WorkspaceId, book: &JourneyBook) -> Result<(), DbErr> {
        self.waiting.retain(|_, waiting| waiting.workspace != workspace);
        let keys: Vec<(i64,)> = book.planned.iter().map(|journey| (journey.0,)).collect();
        let rows: Vec<PlanningRow> = tx
            .all_rows(
                "SELECT p.journey_id, p.version, p.planned_to, p.done
                 FROM {rows} JOIN journey_planning p ON p.journey_id = CAST(r.value->>0 AS BIGINT)",
                &keys,
                Vec::new(),
            )
            .await?;
        let known: BTreeMap<i64, PlanningRow> = rows.into_iter().map(|row| (row.journey_id, row)).collect();
        for journey in &book.planned {
            let Some(version) = book.journeys.get(journey).and_then(|published| published.planned) else { continue };
            let entry = book.planned_document(*journey).map(|document| &document.entry);
            let segment = match entry {
                Some(Entry::Schedule(Schedule { segment, .. })) => *segment,
                _ => None,
            };
            let (planned_to, missing_of) = match known.get(&journey.0).filter(|row| row.version == version) {
                None => (0, None),
                Some(row) if row.done == 0 => (row.planned_to, None),
                Some(_) if segment.is_some() => (0, segment),
                Some(_) => continue,
            };
            self.waiting.insert(*journey, Waiting { workspace, version, planned_to, missing_of });
        }
        Ok(())
    }

    pub(super) fn has_work(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The next members to be planned; they are in memory then.
    pub(super) async fn next_slice(&mut self, tx: &Tx, work: &mut Work<'_>) -> Result<Option<Slice>, DbErr> {
        let Some((journey, waiting)) = self.waiting.first_key_value().map(|(id, waiting)| (*id, waiting.clone()))
        else {
            return Ok(None);
        };
        let Waiting { workspace, version, planned_to, missing_of } = waiting;
        let rows: Vec<IdRow> = match missing_of {
            None => {
                tx.all(
                    "SELECT id FROM members WHERE workspace_id = $1 AND id > $2 AND merged_into IS NULL
                     ORDER BY id LIMIT $3",
                    vec![workspace.0.into(), planned_to.into(), MEMBERS_AT_ONCE.into()],
                )
                .await?
            }
            Some(segment) => {
                tx.all(
                    "SELECT s.member_id AS id FROM segment_members s
                     WHERE s.segment_id = $1 AND s.member_id > $2 AND NOT EXISTS
                       (SELECT 1 FROM journey_plans p WHERE p.member_id = s.member_id AND p.journey_id = $4)
                     ORDER BY s.member_id LIMIT $3",
                    vec![segment.0.into(), planned_to.into(), MEMBERS_AT_ONCE.into(), journey.0.into()],
                )
                .await?
            }
        };
        let is_done = (rows.len() as i64) < MEMBERS_AT_ONCE;
        let reached = rows.last().map_or(planned_to, |row| row.id);
        // Whom this batch has absorbed still stands in the database; those who absorbed them stand for them.
        let members: Vec<MemberId> =
            rows.iter().map(|row| MemberId(row.id)).filter(|id| work.people.current(*id) == *id).collect();
        let missing: Vec<MemberId> = members.iter().copied().filter(|id| !work.people.holds(*id, work.books)).collect();
        for member in load_members(tx, &missing, work.books, work.now).await? {
            work.people.insert(member);
        }
        if missing_of.is_none() {
            tx.run(
                "INSERT INTO journey_planning (journey_id, version, planned_to, done) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (journey_id) DO UPDATE SET version = excluded.version, planned_to = excluded.planned_to,
                   done = excluded.done",
                vec![journey.0.into(), version.into(), reached.into(), i64::from(is_done).into()],
            )
            .await?;
        }
        match self.waiting.get_mut(&journey) {
            Some(waiting) if !is_done => waiting.planned_to = reached,
            _ => _ = self.waiting.remove(&journey),
        }
        Ok(Some(Slice { workspace, journey, members }))
    }
}
