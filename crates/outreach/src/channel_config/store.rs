//! Channels in the database, and their secrets.

use base::{
    Code, Problem, Time,
    ids::{ChannelId, WorkspaceId},
};
use channels::ChannelKind;
use serde_json::{Map, Value as Json};
use store::{DbErr, FromQueryResult, Secrets, Sql, Tx, secrets::SecretError};

use super::{HIDDEN, HOOK_SECRET};

/// A channel as it is kept: without its secrets.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct ChannelRow {
    pub id: i64,
    pub workspace_id: i64,
    pub kind: String,
    pub name: String,
    pub config_json: String,
    pub state: String,
    pub created_at: i64,
    pub updated_at: i64,
}

const COLUMNS: &str = "id, workspace_id, kind, name, config_json, state, created_at, updated_at";

impl ChannelRow {
    pub(crate) fn config(&self) -> Map<String, Json> {
        serde_json::from_str(&self.config_json).unwrap_or_default()
    }
}

/// Which fields of a kind's configuration are secret.
pub(crate) fn secret_fields(kind: &dyn ChannelKind) -> Vec<&'static str> {
    let mut fields = kind.secret_fields().to_vec();
    if !fields.contains(&HOOK_SECRET) {
        fields.push(HOOK_SECRET);
    }
    fields
}

fn secret_name(channel: i64, field: &str) -> String {
    format!("channel/{}/{field}", ChannelId(channel))
}

pub(crate) async fn get(db: &impl Sql, workspace: WorkspaceId, id: ChannelId) -> Result<Option<ChannelRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM channels WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL"),
        vec![workspace.0.into(), id.0.into()],
    )
    .await
}

/// Newest first, those before `before`.
pub(crate) async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    before: i64,
    limit: u64,
) -> Result<Vec<ChannelRow>, DbErr> {
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM channels WHERE workspace_id = $1 AND id < $2 AND deleted_at IS NULL
             ORDER BY id DESC LIMIT $3"
        ),
        vec![workspace.0.into(), before.into(), (limit as i64).into()],
    )
    .await
}

pub(crate) async fn insert(tx: &Tx, row: &ChannelRow) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO channels (id, workspace_id, kind, name, config_json, state, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        vec![
            row.id.into(),
            row.workspace_id.into(),
            row.kind.as_str().into(),
            row.name.as_str().into(),
            row.config_json.as_str().into(),
            row.state.as_str().into(),
            row.created_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Saves name, configuration and state; `updated_at` always grows, since running processes compare
/// it to notice the change.
pub(crate) async fn update(tx: &Tx, row: &ChannelRow, now: Time) -> Result<(), DbErr> {
    tx.run(
        "UPDATE channels SET name = $3, config_json = $4, state = $5,
           updated_at = CASE WHEN updated_at >= $6 THEN updated_at + 1 ELSE $6 END
         WHERE workspace_id = $1 AND id = $2",
        vec![
            row.workspace_id.into(),
            row.id.into(),
            row.name.as_str().into(),
            row.config_json.as_str().into(),
            row.state.as_str().into(),
            now.millis().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Marks a channel as deleted.
pub(crate) async fn delete(tx: &Tx, row: &ChannelRow, now: Time) -> Result<(), DbErr> {
    tx.run(
        "UPDATE channels SET deleted_at = $2, state = 'deleted', updated_at = updated_at + 1 WHERE id = $1",
        vec![row.id.into(), now.millis().into()],
    )
    .await?;
    Ok(())
}

/// Takes the secrets out of `config`, where they become [`HIDDEN`]: those that are new, by
/// field. A field that is [`HIDDEN`] already keeps what is stored.
pub(crate) fn take_secrets(
    kind: &dyn ChannelKind,
    config: &mut Map<String, Json>,
) -> Result<Vec<(String, String)>, Problem> {
    let mut taken = Vec::new();
    for field in secret_fields(kind) {
        match config.get_mut(field) {
            None => {}
            Some(Json::Null) => {
                config.remove(field);
            }
            Some(Json::String(text)) if text == HIDDEN => {}
            Some(Json::String(text)) => taken.push((field.to_owned(), std::mem::replace(text, HIDDEN.to_owned()))),
            Some(_) => return Err(Problem::at(Code::InvalidChannel, format!("config.{field}"), "is not a text")),
        }
    }
    Ok(taken)
}

/// Stores new secrets and forgets those whose field is gone.
pub(crate) async fn put_secrets(
    tx: &Tx,
    secrets: &Secrets,
    kind: &dyn ChannelKind,
    row: &ChannelRow,
    taken: &[(String, String)],
) -> Result<(), SecretError> {
    let config = row.config();
    for field in secret_fields(kind) {
        if let Some((_, secret)) = taken.iter().find(|(name, _)| name == field) {
            secrets.put(tx, &secret_name(row.id, field), secret).await?;
        } else if !config.contains_key(field) {
            secrets.delete(tx, &secret_name(row.id, field)).await?;
        }
    }
    Ok(())
}

/// The configuration with its secrets filled in.
pub(crate) async fn with_secrets(
    db: &impl Sql,
    secrets: &Secrets,
    kind: &dyn ChannelKind,
    row: &ChannelRow,
) -> Result<Map<String, Json>, SecretError> {
    let mut config = row.config();
    for field in secret_fields(kind) {
        if config.get(field).and_then(Json::as_str) != Some(HIDDEN) {
            continue;
        }
        match secrets.get(db, &secret_name(row.id, field)).await? {
            Some(secret) => config.insert(field.to_owned(), secret.into()),
            None => config.remove(field),
        };
    }
    Ok(config)
}

/// The secret with which hooks of this channel are signed.
pub(crate) async fn hook_secret(
    db: &impl Sql,
    secrets: &Secrets,
    channel: ChannelId,
) -> Result<Option<String>, SecretError> {
    secrets.get(db, &secret_name(channel.0, HOOK_SECRET)).await
}
