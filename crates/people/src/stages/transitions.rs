//! How members moved between stages.

use base::{Time, ids::WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

/// How many members are in a stage, and for how long.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct StandingRow {
    /// The rung; 0 for strangers.
    pub position: i64,
    pub members: i64,
    /// Mean of the moments at which they reached it, in milliseconds; of strangers, at which they were first seen.
    pub mean_since: f64,
}

/// How many are in each stage.
pub(super) async fn standings(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<StandingRow>, DbErr> {
    db.all(
        "SELECT h.position, COUNT(*) AS members,
                CAST(AVG(CAST(COALESCE(e.entered_at, h.created_at) AS DOUBLE PRECISION)) AS DOUBLE PRECISION) AS mean_since
         FROM (SELECT m.id, m.created_at, COALESCE(MAX(s.position), 0) AS position
               FROM members m
               LEFT JOIN (segment_members x JOIN segments s ON s.id = x.segment_id AND s.kind = 'stage'
                            AND s.position IS NOT NULL AND s.deleted_at IS NULL AND s.workspace_id = $1)
                 ON x.member_id = m.id
               WHERE m.workspace_id = $1 AND m.merged_into IS NULL GROUP BY m.id, m.created_at) AS h
         LEFT JOIN segments t ON t.workspace_id = $1 AND t.kind = 'stage' AND t.deleted_at IS NULL AND t.position = h.position
         LEFT JOIN segment_members e ON e.segment_id = t.id AND e.member_id = h.id
         GROUP BY h.position ORDER BY h.position",
        vec![workspace.0.into()],
    )
    .await
}

/// Members who were in one stage at the first moment and are in another, or the same, at the second.
#[derive(Debug, FromQueryResult)]
pub(super) struct TransitionRow {
    /// The rung at the first moment, 0 for strangers; −1 for who was not there yet.
    pub from_position: i64,
    /// The rung at the second.
    pub to_position: i64,
    pub members: i64,
}

/// How members moved between two moments.
pub(super) async fn transitions(
    db: &impl Sql,
    workspace: WorkspaceId,
    (from, to): (Time, Time),
) -> Result<Vec<TransitionRow>, DbErr> {
    let standing = |name: &str, parameter: &str| {
        format!(
            "{name} AS (SELECT member_id, MAX(position) AS position FROM (
               SELECT c.member_id, s.position, c.entered,
                      ROW_NUMBER() OVER (PARTITION BY c.member_id, c.segment_id ORDER BY c.changed_at DESC, c.id DESC) AS nth
               FROM segments s JOIN segment_changes c ON c.segment_id = s.id
               WHERE s.workspace_id = $1 AND s.kind = 'stage' AND s.position IS NOT NULL AND s.deleted_at IS NULL
                 AND c.changed_at <= {parameter}) AS z
             WHERE nth = 1 AND entered = 1 GROUP BY member_id)"
        )
    };
    db.all(
        &format!(
            "WITH {}, {}
             SELECT CASE WHEN m.created_at > $2 THEN -1 ELSE COALESCE(a.position, 0) END AS from_position,
                    COALESCE(b.position, 0) AS to_position, COUNT(*) AS members
             FROM members m LEFT JOIN before_it a ON a.member_id = m.id LEFT JOIN after_it b ON b.member_id = m.id
             WHERE m.workspace_id = $1 AND m.merged_into IS NULL AND m.created_at <= $3
             GROUP BY 1, 2 ORDER BY 1, 2",
            standing("before_it", "$2"),
            standing("after_it", "$3")
        ),
        vec![workspace.0.into(), from.millis().into(), to.millis().into()],
    )
    .await
}
