//! The ladder from stranger to fan, and who moved on it.

use base::{
    Time,
    ids::{WorkspaceId, first_number_at},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use crate::stages::{self, STRANGERS_NAME};

/// A rung, with who is on it and who moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FunnelStage {
    /// By which rules ask for it.
    #[schema(example = "buyer")]
    pub stage: String,
    /// As people read it.
    pub name: String,
    /// How many members are on it now.
    pub members: i64,
    /// How many are on it now and were not when yesterday began, new ones among them.
    pub entered: i64,
    /// How many were on it when yesterday began and are no longer.
    pub left: i64,
}

#[derive(Debug, FromQueryResult)]
struct MoverRow {
    is_new: i64,
    before_it: i64,
    after_it: i64,
    members: i64,
}

/// All rungs from the lowest, with the movement since a moment; `new_members` came since then.
pub async fn funnel(
    db: &impl Sql,
    workspace: WorkspaceId,
    since: Time,
    new_members: i64,
) -> Result<Vec<FunnelStage>, DbErr> {
    let mut stages = vec![FunnelStage {
        stage: crate::rules::STRANGER.to_owned(),
        name: STRANGERS_NAME.to_owned(),
        members: 0,
        entered: new_members,
        left: 0,
    }];
    let rungs = stages::rung_names(db, workspace).await?;
    stages.extend(rungs.into_iter().map(|(stage, name)| FunnelStage { stage, name, members: 0, entered: 0, left: 0 }));
    for (position, members) in stages::members_on_rungs(db, workspace).await? {
        if let Some(stage) = usize::try_from(position).ok().and_then(|place| stages.get_mut(place)) {
            stage.members = members;
        }
    }
    for row in movers(db, workspace, since).await? {
        let (before, after) = (row.before_it.max(0) as usize, row.after_it.max(0) as usize);
        if before == after {
            continue;
        }
        if let Some(stage) = stages.get_mut(after) {
            stage.entered += row.members;
        }
        // Who is new was on no rung; those who have already gone on are not among the strangers.
        if row.is_new == 1 {
            stages[0].entered -= row.members;
        } else if let Some(stage) = stages.get_mut(before) {
            stage.left += row.members;
        }
    }
    stages[0].entered = stages[0].entered.max(0);
    Ok(stages)
}

/// Where those whose standing has changed since a moment were then, and are now. The plus makes the database look among
/// the changes of the member, which are few, rather than among those of the segment.
async fn movers(db: &impl Sql, workspace: WorkspaceId, since: Time) -> Result<Vec<MoverRow>, DbErr> {
    const RUNGS: &str = "s.workspace_id = $1 AND s.kind = 'stage' AND s.position IS NOT NULL AND s.deleted_at IS NULL";
    db.all(
        &format!(
            "SELECT y.is_new, y.before_it, y.after_it, COUNT(*) AS members FROM (
               SELECT x.member_id, CAST(CASE WHEN m.created_at >= $3 THEN 1 ELSE 0 END AS BIGINT) AS is_new,
                 COALESCE((SELECT MAX(s.position) FROM segments s WHERE {RUNGS} AND 1 = (
                   SELECT c.entered FROM segment_changes c
                   WHERE c.member_id = x.member_id AND +c.segment_id = s.id AND c.id < $2 ORDER BY c.id DESC LIMIT 1)), 0)
                   AS before_it,
                 COALESCE((SELECT MAX(s.position) FROM segments s JOIN segment_members i
                     ON i.segment_id = s.id AND i.member_id = x.member_id WHERE {RUNGS}), 0) AS after_it
               FROM (SELECT DISTINCT c.member_id FROM segments s JOIN segment_changes c ON c.segment_id = s.id
                     WHERE {RUNGS} AND c.id >= $2 AND c.changed_at >= $3) AS x
               JOIN members m ON m.id = x.member_id AND m.merged_into IS NULL) AS y
             GROUP BY y.is_new, y.before_it, y.after_it"
        ),
        vec![workspace.0.into(), first_number_at(since).into(), since.millis().into()],
    )
    .await
}
