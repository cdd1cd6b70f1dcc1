//! The audit log: one line per change that somebody made, written with the change itself.

use base::{IdSource, Time, ids::AuditId, ids::WorkspaceId};
use sea_orm::DbErr;
use serde_json::Value as Json;

use crate::{Sql, Tx};

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
