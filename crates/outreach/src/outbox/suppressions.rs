//! Addresses that get nothing, in the database.

use base::{Time, ids::WorkspaceId};
use people::{
    consent::normal_address,
    privacy::{Marks, withheld},
};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::facts::Subject;

/// An address that gets nothing.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct SuppressionRow {
    pub channel_kind: String,
    pub address: String,
    pub reason: String,
    pub source: String,
    pub created_at: i64,
}

impl SuppressionRow {
    /// Keeps later messages away from the address to which a message went.
    pub(crate) fn of(subject: &Subject, reason: &str, source: String, now: Time) -> SuppressionRow {
        SuppressionRow {
            channel_kind: subject.channel_kind.clone(),
            address: normal_address(&subject.channel_kind, &subject.address),
            reason: reason.to_owned(),
            source,
            created_at: now.millis(),
        }
    }
}

/// By kind and address, those after the given ones.
pub(super) async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    after: (&str, &str),
    limit: u64,
) -> Result<Vec<SuppressionRow>, DbErr> {
    db.all(
        "SELECT channel_kind, address, reason, source, created_at FROM suppressions
         WHERE workspace_id = $1 AND (channel_kind > $2 OR (channel_kind = $2 AND address > $3))
         ORDER BY channel_kind, address LIMIT $4",
        vec![workspace.0.into(), after.0.into(), after.1.into(), (limit as i64).into()],
    )
    .await
}

/// Of these kinds and addresses, those that get nothing.
pub(super) async fn find(
    db: &impl Sql,
    workspace: WorkspaceId,
    asked: &[(&str, String)],
) -> Result<Vec<SuppressionRow>, DbErr> {
    db.all_rows(
        "SELECT s.channel_kind, s.address, s.reason, s.source, s.created_at
         FROM {rows} CROSS JOIN suppressions s
         WHERE s.workspace_id = $2 AND s.channel_kind = r.value->>0 AND s.address = r.value->>1
         ORDER BY s.channel_kind, s.address",
        asked,
        vec![workspace.0.into()],
    )
    .await
}

/// Adds an address; false when it was there.
pub(crate) async fn add(tx: &Tx, workspace: WorkspaceId, row: &SuppressionRow) -> Result<bool, DbErr> {
    // Whoever got the message has been erased since.
    if row.address.is_empty() {
        return Ok(false);
    }
    let added = tx
        .run(
            "INSERT INTO suppressions (workspace_id, channel_kind, address, reason, source, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, channel_kind, address) DO NOTHING",
            vec![
                workspace.0.into(),
                row.channel_kind.as_str().into(),
                row.address.as_str().into(),
                row.reason.as_str().into(),
                row.source.as_str().into(),
                row.created_at.into(),
            ],
        )
        .await?;
    Ok(added > 0)
}

/// Adds many addresses at once.
pub(super) async fn add_all(tx: &Tx, entries: &[(WorkspaceId, SuppressionRow)]) -> Result<(), DbErr> {
    let rows: Vec<(i64, &str, &str, &str, &str, i64)> = entries
        .iter()
        .filter(|(_, row)| !row.address.is_empty())
        .map(|(workspace, row)| {
            (
                workspace.0,
                row.channel_kind.as_str(),
                row.address.as_str(),
                row.reason.as_str(),
                row.source.as_str(),
                row.created_at,
            )
        })
        .collect();
    tx.run_rows(
        "INSERT INTO suppressions (workspace_id, channel_kind, address, reason, source, created_at)
         SELECT CAST(r.value->>0 AS BIGINT), r.value->>1, r.value->>2, r.value->>3, r.value->>4,
                CAST(r.value->>5 AS BIGINT) FROM {rows} WHERE true
         ON CONFLICT (workspace_id, channel_kind, address) DO NOTHING",
        &rows,
    )
    .await?;
    Ok(())
}

/// Removes an address, perhaps only when it is kept for one reason; false when it was not there. That somebody had it
/// who was erased is forgotten, too.
pub(crate) async fn remove(
    tx: &Tx,
    marks: &Marks,
    workspace: WorkspaceId,
    channel_kind: &str,
    address: &str,
    reason: Option<&str>,
) -> Result<bool, DbErr> {
    let removed = tx
        .run(
            "DELETE FROM suppressions
             WHERE workspace_id = $1 AND channel_kind = $2 AND address = $3 AND ($4 = '' OR reason = $4)",
            vec![workspace.0.into(), channel_kind.into(), address.into(), reason.unwrap_or_default().into()],
        )
        .await?;
    let released = withheld::release(tx, marks, workspace, channel_kind, address, reason).await?;
    Ok(removed > 0 || released)
}
