//! The ladder from stranger to fan, and who moved on it.

use std::time::Duration;

use base::{
    Time,
    ids::{WorkspaceId, first_number_at},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use super::day::new_members;
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
    /// Who has moved since midnight.
    pub today: Movement,
    /// Who moved from one midnight to the next.
    pub yesterday: Movement,
}

/// Who came and went on a rung between two moments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Movement {
    /// How many were on it in the end and not in the beginning, new ones among them.
    pub entered: i64,
    /// How many were on it in the beginning and not in the end.
    pub left: i64,
}

#[derive(Debug, FromQueryResult)]
struct MoverRow {
    is_new: i64,
    before_it: i64,
    after_it: i64,
    members: i64,
}

/// All rungs from the lowest, with the movement of today, which began at `today`, and of the day before.
pub async fn funnel(
    db: &impl Sql,
    workspace: WorkspaceId,
    yesterday: Time,
    today: Time,
    now: Time,
) -> Result<Vec<FunnelStage>, DbErr> {
    let stage = |stage: String, name: String| FunnelStage {
        stage,
        name,
        members: 0,
        today: Movement::default(),
        yesterday: Movement::default(),
    };
    let mut stages = vec![stage(crate::rules::STRANGER.to_owned(), STRANGERS_NAME.to_owned())];
    let rungs = stages::rung_names(db, workspace).await?;
    stages.extend(rungs.into_iter().map(|(key, name)| stage(key, name)));
    for (position, members) in stages::members_on_rungs(db, workspace).await? {
        if let Some(stage) = usize::try_from(position).ok().and_then(|place| stages.get_mut(place)) {
            stage.members = members;
        }
    }
    // What is happening in this very moment counts.
    let of_today = movement(db, workspace, today, now.plus(Duration::from_secs(1)), stages.len()).await?;
    let of_yesterday = movement(db, workspace, yesterday, today, stages.len()).await?;
    for ((stage, today), yesterday) in stages.iter_mut().zip(of_today).zip(of_yesterday) {
        (stage.today, stage.yesterday) = (today, yesterday);
    }
    Ok(stages)
}

/// Who came and went between two moments, by rung.
async fn movement(
    db: &impl Sql,
    workspace: WorkspaceId,
    since: Time,
    until: Time,
    rungs: usize,
) -> Result<Vec<Movement>, DbErr> {
    let mut moved = vec![Movement::default(); rungs];
    moved[0].entered = new_members(db, workspace, since, until).await?;
    for row in movers(db, workspace, since, until).await? {
        let (before, after) = (row.before_it.max(0) as usize, row.after_it.max(0) as usize);
        if before == after {
            continue;
        }
        if let Some(rung) = moved.get_mut(after) {
            rung.entered += row.members;
        }
        // Who is new was on no rung; those who have already gone on are not among the strangers.
        if row.is_new == 1 {
            moved[0].entered -= row.members;
        } else if let Some(rung) = moved.get_mut(before) {
            rung.left += row.members;
        }
    }
    moved[0].entered = moved[0].entered.max(0);
    Ok(moved)
}

/// Where those whose standing changed between two moments were then, and where they were in the end. The plus makes the
/// database look among the changes of the member, which are few, rather than among those of the segment.
async fn movers(db: &impl Sql, workspace: WorkspaceId, since: Time, until: Time) -> Result<Vec<MoverRow>, DbErr> {
    const RUNGS: &str = "s.workspace_id = $1 AND s.kind = 'stage' AND s.position IS NOT NULL AND s.deleted_at IS NULL";
    let stood = |before: &str| {
        format!(
            "COALESCE((SELECT MAX(s.position) FROM segments s WHERE {RUNGS} AND 1 = (
               SELECT c.entered FROM segment_changes c
               WHERE c.member_id = x.member_id AND +c.segment_id = s.id AND c.id < {before} ORDER BY c.id DESC LIMIT 1)), 0)"
        )
    };
    db.all(
        &format!(
            "SELECT y.is_new, y.before_it, y.after_it, COUNT(*) AS members FROM (
               SELECT x.member_id, CAST(CASE WHEN m.created_at >= $4 THEN 1 ELSE 0 END AS BIGINT) AS is_new,
                 {} AS before_it, {} AS after_it
               FROM (SELECT DISTINCT c.member_id FROM segments s JOIN segment_changes c ON c.segment_id = s.id
                     WHERE {RUNGS} AND c.id >= $2 AND c.id < $3 AND c.changed_at >= $4) AS x
               JOIN members m ON m.id = x.member_id AND m.merged_into IS NULL) AS y
             GROUP BY y.is_new, y.before_it, y.after_it",
            stood("$2"),
            stood("$3")
        ),
        vec![workspace.0.into(), first_number_at(since).into(), first_number_at(until).into(), since.millis().into()],
    )
    .await
}
