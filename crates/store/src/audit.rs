//! The audit log: one line per change that somebody made, written with the change itself.

use base::{IdSource, Time, ids::AuditId, ids::WorkspaceId};
use sea_orm::DbErr;
use serde_json::Value as Json;

use crate::{Sql, Tx};

/// What the lines of one change about many targets have in common; the words are those of [`record`].
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// Whose data this is.
    pub workspace: WorkspaceId,
    /// When.
    pub at: Time,
    /// Who did it.
    pub actor: &'a str,
    /// What.
    pub action: &'a str,
    /// What is new.
    pub detail: Json,
}

/// Writes one line in the caller's transaction, so that a change and its line stand or fall together.
///
/// `actor` is `user:usr_…`, `key:key_…` or the name of a part of the program; `action` is a word
/// and a verb in the past tense (`key.created`); `target` is the id of what was changed. `detail`
/// says what is new, and never holds secrets or hashes of passwords.
#[expect(clippy::too_many_arguments, reason = "each one is a column")]
pub async fn record(
    tx: &Tx,
    ids: &IdSource,
    now: Time,
    workspace: WorkspaceId,
    actor: &str,
    action: &str,
    target: &str,
    detail: Json,
) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO audit_log (id, workspace_id, at, actor, action, target, detail_json)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            ids.next(AuditId).0.into(),
            workspace.0.into(),
            now.millis().into(),
            actor.into(),
            action.into(),
            target.into(),
            detail.to_string().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes one line for each of many targets, in one statement.
pub async fn record_each(tx: &Tx, ids: &IdSource, line: &Line<'_>, targets: &[String]) -> Result<(), DbErr> {
    let detail = line.detail.to_string();
    let rows: Vec<(i64, i64, i64, &str, &str, &str, &str)> = targets
        .iter()
        .map(|target| {
            let id = ids.next(AuditId).0;
            (id, line.workspace.0, line.at.millis(), line.actor, line.action, target.as_str(), detail.as_str())
        })
        .collect();
    tx.run_rows(
        "INSERT INTO audit_log (id, workspace_id, at, actor, action, target, detail_json)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT), r.value->>3,
                r.value->>4, r.value->>5, r.value->>6
         FROM {rows}",
        &rows,
    )
    .await?;
    Ok(())
}
