//! Making a segment.

use base::{
    Time,
    ids::{SegmentId, WorkspaceId},
    rule::Rule,
};
use sea_orm::DbErr;
use store::{Sql, Tx};

/// Keeps a new segment, which is then evaluated over history; `by` says who made it, and when. The rules of the workspace
/// change with it: whoever calls this has begun such a change, and has checked what the rule refers to.
pub async fn insert(
    tx: &Tx,
    (workspace, id): (WorkspaceId, SegmentId),
    name: &str,
    rule: &Rule,
    (actor, now): (&str, Time),
) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO segments (id, workspace_id, name, rule_json, state, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'building', $5, $6, $6)",
        vec![
            id.0.into(),
            workspace.0.into(),
            name.into(),
            rule.to_json().to_string().into(),
            actor.into(),
            now.millis().into(),
        ],
    )
    .await?;
    Ok(())
}
