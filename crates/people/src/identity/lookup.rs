//! Looking identities up, many at a time.

use std::borrow::Cow;

use base::ids::{MemberId, WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

#[derive(FromQueryResult)]
struct OwnerRow {
    workspace_id: i64,
    kind: String,
    value: String,
    member_id: i64,
}

/// Whose these identities (workspace, kind, normalised value) are; unknown ones are left out.
pub(crate) async fn find_owners(
    db: &impl Sql,
    keys: &[(i64, Cow<'static, str>, String)],
) -> Result<Vec<((WorkspaceId, String, String), MemberId)>, DbErr> {
    let rows: Vec<OwnerRow> = db
        .all_rows(
            "SELECT i.workspace_id, i.kind, i.value, i.member_id
             FROM {rows} JOIN identities i ON i.workspace_id = CAST(r.value->>0 AS BIGINT)
               AND i.kind = r.value->>1 AND i.value = r.value->>2",
            keys,
            Vec::new(),
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| ((WorkspaceId(row.workspace_id), row.kind, row.value), MemberId(row.member_id)))
        .collect())
}
