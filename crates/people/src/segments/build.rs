//! Building a segment: its first evaluation over history, in slices between batches.
//!
//! While it is built, members to whom something happens are evaluated like in any other
//! segment; the builder takes everybody, in the order of their ids. Both ask the same rule of the
//! same facts, so it does not matter who comes first.

use std::{collections::HashMap, sync::Arc};

use base::{
    Time,
    ids::{MemberId, SegmentId, WorkspaceId},
};
use sea_orm::FromQueryResult;
use store::{Sql, Tx};

use super::stage::settle;
use crate::{
    members::{WorkingSet, load_members},
    pipeline::Effects,
    rules::{Answers, RuleBook},
};

const MEMBERS_AT_ONCE: i64 = 1_000;

/// Builds segments that are not live yet.
#[derive(Debug, Default)]
pub struct Builder {
    waiting: Vec<(WorkspaceId, SegmentId)>,
    answers: Answers,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Builder {
    /// Notes which segments of a workspace are to be built.
    pub(crate) async fn rules_changed(&mut self, _tx: &Tx, book: &RuleBook) -> anyhow::Result<()> {
        self.waiting.retain(|(workspace, _)| *workspace != book.workspace);
        let building = book.segments.iter().filter(|segment| !segment.live);
        self.waiting.extend(building.map(|segment| (book.workspace, segment.id)));
        Ok(())
    }

    /// Evaluates the next slice of members for the first segment that waits; returns how many.
    pub(crate) async fn step(
        &mut self,
        tx: &Tx,
        people: &mut WorkingSet,
        books: &HashMap<WorkspaceId, Arc<RuleBook>>,
        effects: &mut Effects,
        now: Time,
    ) -> anyhow::Result<usize> {
        let Some((workspace, segment)) = self.waiting.first().copied() else { return Ok(0) };
        let Some(book) = books.get(&workspace) else { return Ok(0) };
        let Some(index) = book.segments.iter().position(|s| s.id == segment) else {
            self.waiting.remove(0);
            return Ok(0);
        };
        let built_to: i64 =
            tx.scalar("SELECT built_to FROM segments WHERE id = $1", vec![segment.0.into()]).await?.unwrap_or_default();
        let rows: Vec<IdRow> = tx
            .all(
                "SELECT id FROM members WHERE workspace_id = $1 AND id > $2 AND merged_into IS NULL ORDER BY id LIMIT $3",
                vec![workspace.0.into(), built_to.into(), MEMBERS_AT_ONCE.into()],
            )
            .await?;
        let ids: Vec<MemberId> = rows.iter().map(|row| MemberId(row.id)).collect();
        let reached = ids.last().map_or(built_to, |id| id.0);
        let is_done = (ids.len() as i64) < MEMBERS_AT_ONCE;
        // Whom this batch has absorbed still stands in the database; those who absorbed them stand for them.
        let ids: Vec<MemberId> = ids.into_iter().filter(|id| people.current(*id) == *id).collect();
        let missing: Vec<MemberId> = ids.iter().copied().filter(|id| !people.holds(*id)).collect();
        for member in load_members(tx, &missing, books, now).await? {
            people.insert(member);
        }
        for id in &ids {
            let Some(member) = people.get_mut(*id) else { continue };
            let outcome = settle(member, book, [index], now, &mut self.answers);
            outcome.save(people, effects, book, now);
        }
        tx.run("UPDATE segments SET built_to = $2 WHERE id = $1", vec![segment.0.into(), reached.into()]).await?;
        if is_done {
            tx.run("UPDATE segments SET state = 'live' WHERE id = $1", vec![segment.0.into()]).await?;
            tx.run("UPDATE workspaces SET rules_version = rules_version + 1 WHERE id = $1", vec![workspace.0.into()])
                .await?;
            self.waiting.remove(0);
        }
        Ok(ids.len().max(1))
    }
}
