//! Channels in the database, and their secrets.

use base::{
    Code, Problem, Time,
    ids::{ChannelId, WorkspaceId},
};
use channels::ChannelKind;
use serde_json::{Map, Value as Json};
use store::{DbErr, FromQueryResult, Secrets, Sql, Tx, secrets::SecretError};

use super::{HIDDEN, HOOK_SECRET, secrets as places};

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
/// name. A field that is [`HIDDEN`] already keeps what is stored.
pub(crate) fn take_secrets(
    kind: &dyn ChannelKind,
    config: &mut Map<String, Json>,
) -> Result<Vec<(String, String)>, Problem> {
    let mut whole = Json::Object(std::mem::take(config));
    let mut taken = Vec::new();
    for place in places::places(kind, &whole) {
        match place.value_mut(&mut whole) {
            None => {}
            Some(Json::Null) => place.remove(&mut whole),
            Some(Json::String(text)) if text == HIDDEN => {}
            Some(Json::String(text)) => taken.push((place.name, std::mem::replace(text, HIDDEN.to_owned()))),
            Some(_) => {
                return Err(Problem::at(Code::InvalidChannel, format!("config.{}", place.path), "is not a text"));
            }
        }
    }
    if let Json::Object(whole) = whole {
        *config = whole;
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
    for (name, secret) in taken {
        secrets.put(tx, &secret_name(row.id, name), secret).await?;
    }
    let config = Json::Object(row.config());
    let kept: Vec<String> =
        places::places(kind, &config).into_iter().map(|place| secret_name(row.id, &place.name)).collect();
    for name in stored_names(tx, row.id).await?.into_iter().filter(|name| !kept.contains(name)) {
        secrets.delete(tx, &name).await?;
    }
    Ok(())
}

/// The names of all secrets that a channel has.
async fn stored_names(tx: &Tx, channel: i64) -> Result<Vec<String>, DbErr> {
    let prefix = secret_name(channel, "");
    let names: Vec<NameRow> =
        tx.all("SELECT name FROM secrets WHERE name LIKE $1", vec![format!("{prefix}%").into()]).await?;
    // An underscore of LIKE stands for any character.
    Ok(names.into_iter().map(|row| row.name).filter(|name| name.starts_with(&prefix)).collect())
}

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
}

/// The configuration with its secrets filled in.
pub(crate) async fn with_secrets(
    db: &impl Sql,
    secrets: &Secrets,
    kind: &dyn ChannelKind,
    row: &ChannelRow,
) -> Result<Map<String, Json>, SecretError> {
    fill_secrets(db, secrets, kind, row.id, row.config()).await
}

/// A configuration of a channel with the secrets filled in that stay as they are stored.
pub(crate) async fn fill_secrets(
    db: &impl Sql,
    secrets: &Secrets,
    kind: &dyn ChannelKind,
    channel: i64,
    config: Map<String, Json>,
) -> Result<Map<String, Json>, SecretError> {
    let mut whole = Json::Object(config);
    for place in places::places(kind, &whole).into_iter().filter(|place| place.is_hidden(&whole)).collect::<Vec<_>>() {
        match secrets.get(db, &secret_name(channel, &place.name)).await? {
            Some(secret) => {
                if let Some(value) = place.value_mut(&mut whole) {
                    *value = secret.into();
                }
            }
            None => place.remove(&mut whole),
        }
    }
    match whole {
        Json::Object(whole) => Ok(whole),
        _ => Ok(Map::new()),
    }
}

/// Checks the size of a configuration, and writes it as it is kept.
pub(crate) fn check_size(config: &Map<String, Json>) -> Result<String, Problem> {
    let text = Json::Object(config.clone()).to_string();
    if text.len() > 50_000 || text.contains("\\u0000") {
        return Err(Problem::at(Code::InvalidChannel, "config", "has at most 50,000 bytes and no NUL character"));
    }
    Ok(text)
}

/// The secret with which hooks of this channel are signed.
pub(crate) async fn hook_secret(
    db: &impl Sql,
    secrets: &Secrets,
    channel: ChannelId,
) -> Result<Option<String>, SecretError> {
    secrets.get(db, &secret_name(channel.0, HOOK_SECRET)).await
}
