//! Two members who may be one person, for an operator to decide.

use base::{
    IdSource, Time,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::DbErr;
use serde_json::json;
use store::{Sql, Tx};

/// A row of the suggestions table.
#[derive(Clone, Debug)]
pub struct Suggestion {
    pub(crate) workspace: WorkspaceId,
    /// The older of the two.
    pub(crate) one: MemberId,
    pub(crate) other: MemberId,
    pub(crate) reason: &'static str,
    /// The event that says so.
    pub(crate) message_id: String,
    pub(crate) source: String,
    pub(crate) at: Time,
}

/// Writes suggestions; a pair that was suggested before stays as it was decided.
pub(crate) async fn flush_suggestions(tx: &Tx, ids: &IdSource, suggestions: &[Suggestion]) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64, i64, i64, &str, String, i64)> = suggestions
        .iter()
        .map(|s| {
            let evidence = json!({"message_id": s.message_id, "source": s.source}).to_string();
            (ids.next_number(), s.workspace.0, s.one.0, s.other.0, s.reason, evidence, s.at.millis())
        })
        .collect();
    tx.run_rows(
        "INSERT INTO merge_suggestions (id, workspace_id, one_id, other_id, reason, evidence_json, state, suggested_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                CAST(r.value->>3 AS BIGINT), r.value->>4, r.value->>5, 'open', CAST(r.value->>6 AS BIGINT)
         FROM {rows} WHERE true ON CONFLICT (workspace_id, one_id, other_id) DO NOTHING",
        &rows,
    )
    .await?;
    Ok(())
}
