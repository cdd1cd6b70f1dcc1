//! Building segments: their first evaluation over history, in slices between batches.
//!
//! While a segment is built, members to whom something happens are evaluated like in any other
//! segment; the builder takes everybody, in the order of their ids. Both ask the same rule of the
//! same facts, so it does not matter who comes first. All segments that wait are built in one passage.
//!
//! When a rule is changed, the new one is built as a segment of its own, its *successor*, while the old one goes on. It
//! takes the old one's place in one transaction, before any member is loaded: who enters and leaves by that does so at
//! one moment, and whoever stays has been there since he first came.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use base::{
    IdSource, Time,
    ids::{MemberId, SegmentId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{snapshot::freeze, stage::settle};
use crate::{
    members::{WorkingSet, load_members},
    pipeline::Effects,
    rules::{Answers, RuleBook},
    stages,
};

const MEMBERS_AT_ONCE: i64 = 1_000;
const CHANGES_AT_ONCE: i64 = 10_000;

/// Builds segments that are not live yet.
#[derive(Debug, Default)]
pub struct Builder {
    /// By workspace: segments and the member up to whom each is built.
    waiting: BTreeMap<WorkspaceId, Vec<(SegmentId, i64)>>,
    /// Whether a segment is built and waits to take another's place.
    has_built: bool,
    answers: Answers,
}

#[derive(FromQueryResult)]
struct WaitingRow {
    id: i64,
    state: String,
    built_to: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Builder {
    /// Notes which segments of a workspace are to be built.
    pub(crate) async fn rules_changed(&mut self, tx: &Tx, workspace: WorkspaceId) -> anyhow::Result<()> {
        let rows: Vec<WaitingRow> = tx
            .all(
                "SELECT id, state, built_to FROM segments
                 WHERE workspace_id = $1 AND state IN ('building', 'built', 'freezing') AND deleted_at IS NULL ORDER BY id",
                vec![workspace.0.into()],
            )
            .await?;
        let draft: Option<i64> = tx
            .scalar("SELECT workspace_id FROM stage_drafts WHERE workspace_id = $1", vec![workspace.0.into()])
            .await?;
        self.has_built |= draft.is_some() || rows.iter().any(|row| row.state != "building");
        let building = rows.into_iter().filter(|row| row.state == "building");
        self.waiting.insert(workspace, building.map(|row| (SegmentId(row.id), row.built_to)).collect());
        Ok(())
    }

    /// Evaluates the next slice of members for the segments that wait; returns how many.
    pub(crate) async fn step(
        &mut self,
        tx: &Tx,
        people: &mut WorkingSet,
        books: &HashMap<WorkspaceId, Arc<RuleBook>>,
        effects: &mut Effects,
        now: Time,
    ) -> anyhow::Result<usize> {
        let Some((workspace, waiting)) = self.waiting.iter_mut().find(|(_, waiting)| !waiting.is_empty()) else {
            return Ok(0);
        };
        let Some(book) = books.get(workspace) else { return Ok(0) };
        // Those that are furthest behind go on until they have reached the next.
        let built_to = waiting.iter().map(|(_, built_to)| *built_to).min().unwrap_or_default();
        let next = waiting.iter().map(|(_, reached)| *reached).filter(|reached| *reached > built_to).min();
        let slice: Vec<SegmentId> = waiting.iter().filter(|(_, reached)| *reached == built_to).map(|w| w.0).collect();
        let rows: Vec<IdRow> = tx
            .all(
                "SELECT id FROM members WHERE workspace_id = $1 AND id > $2 AND id <= $3 AND merged_into IS NULL
                 ORDER BY id LIMIT $4",
                vec![workspace.0.into(), built_to.into(), next.unwrap_or(i64::MAX).into(), MEMBERS_AT_ONCE.into()],
            )
            .await?;
        let ids: Vec<MemberId> = rows.iter().map(|row| MemberId(row.id)).collect();
        let is_full = ids.len() as i64 == MEMBERS_AT_ONCE;
        let reached = match (is_full, next) {
            (false, Some(next)) => next,
            _ => ids.last().map_or(built_to, |id| id.0),
        };
        // Whom this batch has absorbed still stands in the database; those who absorbed them stand for them.
        let ids: Vec<MemberId> = ids.into_iter().filter(|id| people.current(*id) == *id).collect();
        let missing: Vec<MemberId> = ids.iter().copied().filter(|id| !people.holds(*id, books)).collect();
        for member in load_members(tx, &missing, books, now).await? {
            people.insert(member);
        }
        let places: Vec<usize> = slice.iter().filter_map(|segment| book.place_of(*segment)).collect();
        for id in &ids {
            let Some(member) = people.get_mut(*id) else { continue };
            let outcome = settle(member, book, places.iter().copied(), (Time::EPOCH, now), &mut self.answers);
            outcome.save(people, effects, book);
        }
        let is_done = !is_full && next.is_none();
        save_progress(tx, &slice, built_to, (reached, ids.len() as i64), is_done).await?;
        if is_done {
            waiting.retain(|(segment, _)| !slice.contains(segment));
            self.has_built = true;
        } else {
            waiting.iter_mut().filter(|(_, at)| *at == built_to).for_each(|(_, at)| *at = reached);
        }
        Ok(ids.len().max(1))
    }

    /// Lets what is built go live, and take the place of what it replaces. `None` when nothing did; else nobody may be
    /// in memory, and it gives the members who got the tag of a snapshot.
    pub(crate) async fn switch(&mut self, tx: &Tx, ids: &IdSource, now: Time) -> anyhow::Result<Option<Vec<MemberId>>> {
        if !std::mem::take(&mut self.has_built) {
            return Ok(None);
        }
        let ready: Vec<IdRow> = tx
            .all(
                "SELECT w.id FROM workspaces w WHERE NOT EXISTS (
                   SELECT 1 FROM segments s WHERE s.workspace_id = w.id AND s.state = 'building' AND s.deleted_at IS NULL)
                 ORDER BY w.id",
                vec![],
            )
            .await?;
        let (snapshots, tagged) = freeze(tx, ids, now).await?;
        let mut switched = snapshots > 0;
        for IdRow { id } in ready {
            switched |= switch_workspace(tx, ids, WorkspaceId(id), now).await?;
        }
        if !switched {
            return Ok(None);
        }
        tx.run("UPDATE workspaces SET rules_version = rules_version + 1", vec![]).await?;
        Ok(Some(tagged))
    }
}

/// Lets all that is built in a workspace go live at one moment; whether anything did.
async fn switch_workspace(tx: &Tx, ids: &IdSource, workspace: WorkspaceId, now: Time) -> Result<bool, DbErr> {
    let has_ladder = stages::switch_draft(tx, ids, workspace, now).await?;
    let successors: Vec<PairRow> = tx
        .all(
            "SELECT id AS successor_id, replaces AS segment_id FROM segments
             WHERE workspace_id = $1 AND state = 'built' AND replaces IS NOT NULL AND deleted_at IS NULL ORDER BY id",
            vec![workspace.0.into()],
        )
        .await?;
    for PairRow { successor_id, segment_id } in &successors {
        succeed(tx, ids, *segment_id, *successor_id, now).await?;
    }
    let others = tx
        .run(
            "UPDATE segments SET state = 'live' WHERE workspace_id = $1 AND state = 'built' AND deleted_at IS NULL",
            vec![workspace.0.into()],
        )
        .await?;
    Ok(has_ladder || !successors.is_empty() || others > 0)
}

async fn save_progress(
    tx: &Tx,
    segments: &[SegmentId],
    built_to: i64,
    (reached, count): (i64, i64),
    is_done: bool,
) -> Result<(), DbErr> {
    if built_to == 0 {
        let rows: Vec<(i64,)> = segments.iter().map(|segment| (segment.0,)).collect();
        tx.run_rows(
            "UPDATE segments SET built = 0, to_build = (SELECT COUNT(*) FROM members m
               WHERE m.workspace_id = segments.workspace_id AND m.merged_into IS NULL)
             WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})",
            &rows,
        )
        .await?;
    }
    let state = if is_done { "built" } else { "building" };
    let rows: Vec<(i64, i64, i64, &str)> = segments.iter().map(|segment| (segment.0, reached, count, state)).collect();
    tx.run_rows(
        "UPDATE segments SET built_to = x.reached, built = built + x.passed, state = x.state
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS reached,
                      CAST(r.value->>2 AS BIGINT) AS passed, CAST(r.value->>3 AS TEXT) AS state FROM {rows}) AS x
         WHERE segments.id = x.id",
        &rows,
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct PairRow {
    successor_id: i64,
    segment_id: i64,
}

#[derive(FromQueryResult)]
struct MemberRow {
    member_id: i64,
    entered_at: i64,
}

/// Puts a successor in the place of its segment.
pub(crate) async fn succeed(tx: &Tx, ids: &IdSource, segment: i64, successor: i64, now: Time) -> Result<(), DbErr> {
    let added = "INSERT INTO segment_members (segment_id, member_id, entered_at)
                 SELECT CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT) FROM {rows}";
    let removed = "DELETE FROM segment_members WHERE (segment_id, member_id) IN
                     (SELECT CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT) FROM {rows})";
    for (there, not_there, change, entered) in [(successor, segment, added, 1), (segment, successor, removed, 0)] {
        let mut after = 0;
        loop {
            let rows: Vec<MemberRow> = tx
                .all(
                    "SELECT a.member_id, a.entered_at FROM segment_members a
                     WHERE a.segment_id = $1 AND a.member_id > $3 AND NOT EXISTS (
                       SELECT 1 FROM segment_members b WHERE b.segment_id = $2 AND b.member_id = a.member_id)
                     ORDER BY a.member_id LIMIT $4",
                    vec![there.into(), not_there.into(), after.into(), CHANGES_AT_ONCE.into()],
                )
                .await?;
            let Some(last) = rows.last() else { break };
            after = last.member_id;
            let changes: Vec<(i64, i64, i64, i64, i64, i64)> = rows
                .iter()
                .map(|row| (ids.next_number(), segment, row.member_id, row.entered_at, entered, now.millis()))
                .collect();
            tx.run_rows(change, &changes).await?;
            tx.run_rows(
                "INSERT INTO segment_changes (id, segment_id, member_id, entered, changed_at)
                 SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                        CAST(r.value->>4 AS BIGINT), CAST(r.value->>5 AS BIGINT) FROM {rows}",
                &changes,
            )
            .await?;
        }
    }
    tx.run("DELETE FROM segment_members WHERE segment_id = $1", vec![successor.into()]).await?;
    tx.run(
        "UPDATE segments SET state = 'live', size = (SELECT COUNT(*) FROM segment_members m WHERE m.segment_id = $1),
           rule_json = (SELECT x.rule_json FROM segments x WHERE x.id = $2),
           keeps = (SELECT x.keeps FROM segments x WHERE x.id = $2)
         WHERE id = $1",
        vec![segment.into(), successor.into()],
    )
    .await?;
    tx.run("DELETE FROM segments WHERE id = $1", vec![successor.into()]).await?;
    Ok(())
}
