//! What users and keys are called, for everybody who works in the workspace.

use api::{Name, part_pattern};
use base::ids::{KeyId, UserId, WorkspaceId};
use serde::Serialize;
use store::{DbErr, FromQueryResult, Sql};
use utoipa::ToSchema;

/// A user to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserChoice {
    /// `usr_…`
    #[schema(value_type = String)]
    pub id: UserId,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

#[derive(FromQueryResult)]
struct UserRow {
    id: i64,
    name: String,
    email: String,
    is_gone: i64,
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: i64,
    name: String,
    hint: String,
    is_gone: i64,
}

/// The names of users of this workspace.
pub(crate) async fn user_names(
    db: &impl Sql,
    workspace: WorkspaceId,
    ids: &[UserId],
) -> Result<Vec<(String, Name)>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    let rows: Vec<UserRow> = db
        .all_rows(
            "SELECT u.id, u.name, u.email, CAST(CASE WHEN u.disabled_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_gone
             FROM {rows} CROSS JOIN users u CROSS JOIN user_roles o
             WHERE u.id = CAST(r.value->>0 AS BIGINT) AND o.user_id = u.id AND o.workspace_id = $2",
            &keys,
            vec![workspace.0.into()],
        )
        .await?;
    let named = |row: UserRow| {
        let name = if row.name.is_empty() { row.email.clone() } else { row.name };
        let hint = (name != row.email).then_some(row.email);
        (UserId(row.id).to_string(), Name { hint, gone: row.is_gone != 0, ..Name::of("user", name) })
    };
    Ok(rows.into_iter().map(named).collect())
}

/// The names of keys of this workspace.
pub(crate) async fn key_names(
    db: &impl Sql,
    workspace: WorkspaceId,
    ids: &[KeyId],
) -> Result<Vec<(String, Name)>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    let rows: Vec<KeyRow> = db
        .all_rows(
            "SELECT k.id, k.name, k.hint, CAST(CASE WHEN k.revoked_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_gone
             FROM {rows} CROSS JOIN api_keys k
             WHERE k.id = CAST(r.value->>0 AS BIGINT) AND k.workspace_id = $2",
            &keys,
            vec![workspace.0.into()],
        )
        .await?;
    let named = |row: KeyRow| {
        let name = Name { hint: Some(row.hint), gone: row.is_gone != 0, ..Name::of("key", row.name) };
        (KeyId(row.id).to_string(), name)
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Users who can sign in and whose name or address holds this text, by name.
pub(crate) async fn user_choices(
    db: &impl Sql,
    workspace: WorkspaceId,
    search: &str,
    most: u64,
) -> Result<Vec<UserChoice>, DbErr> {
    let rows: Vec<UserRow> = db
        .all(
            "SELECT u.id, u.name, u.email, CAST(0 AS BIGINT) AS is_gone
             FROM user_roles o JOIN users u ON u.id = o.user_id
             WHERE o.workspace_id = $1 AND u.disabled_at IS NULL
               AND (LOWER(u.name) LIKE $2 ESCAPE '!' OR LOWER(u.email) LIKE $2 ESCAPE '!')
             ORDER BY u.name, u.id LIMIT $3",
            vec![workspace.0.into(), part_pattern(search).into(), (most as i64).into()],
        )
        .await?;
    let choice = |row: UserRow| UserChoice { id: UserId(row.id), name: row.name, email: row.email };
    Ok(rows.into_iter().map(choice).collect())
}
