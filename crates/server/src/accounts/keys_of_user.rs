//! What becomes of the keys of a user who is locked out: his API keys are revoked, for they act as he did. His write
//! keys go on working unless it is asked that they do not, since the brand's sites and apps send with them; whoever
//! locks him out is told which those are.

use std::{collections::HashMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Path, Verb};
use axum::extract::State;
use base::{
    Time,
    ids::{KeyId, UserId, WorkspaceId},
};
use serde::Serialize;
use serde_json::json;
use store::{DbErr, FromQueryResult, Sql, Tx, audit};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Accounts, keys::KeyKind, users};

/// Most keys that are named.
const MOST_NAMED: i64 = 100;

/// The keys of a user who is locked out.
#[derive(Serialize, ToSchema)]
pub struct KeysOfUser {
    /// How many this request has revoked.
    revoked: u64,
    /// How many still work, and will until they are revoked.
    working: i64,
    /// Those that still work, newest first; the first 100 of them.
    items: Vec<KeyOfUser>,
}

/// A key of a user who is locked out, which still works.
#[derive(Serialize, ToSchema)]
struct KeyOfUser {
    /// `key_…`
    #[schema(value_type = String)]
    id: KeyId,
    /// What it opens.
    kind: KeyKind,
    /// What it is for, as he called it.
    name: String,
    /// The secret's beginning and its last four characters.
    #[schema(example = "wk_…9f3c")]
    hint: String,
    /// Whether it is believed when it says that an address was verified.
    trusted: bool,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Time>,
}

/// What would go with a user, were he locked out now.
#[derive(Serialize, ToSchema)]
struct KeysBefore {
    /// How many of his API keys work. They are revoked with him.
    api: i64,
    /// How many of his write keys work. They go on working unless it is asked that they do not.
    write: i64,
    /// How many sessions he has. They end.
    sessions: i64,
    /// His keys that work, newest first; the first 100 of them.
    items: Vec<KeyOfUser>,
}

/// What has become of the user to whom a key goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MakerState {
    /// He can sign in.
    Active,
    /// He cannot sign in.
    Disabled,
    /// He is no user of the workspace any more.
    Removed,
}

#[derive(FromQueryResult)]
struct KindCount {
    kind: String,
    number: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: i64,
    kind: String,
    name: String,
    hint: String,
    trusted: i64,
    last_used_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct MakerRow {
    id: i64,
    disabled_at: Option<i64>,
}

pub(crate) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(show_keys_of_user)).with_state(accounts)
}

/// Says in numbers what would go with a user, for whoever is about to disable or remove him.
#[utoipa::path(get, path = "/api/v1/users/{id}/keys", tag = "users",
    params(("id" = String, Path, description = "`usr_…`")),
    responses((status = 200, description = "His keys and sessions", body = KeysBefore)))]
async fn show_keys_of_user(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> ApiResult<Json<KeysBefore>> {
    caller.require(Area::Settings, Verb::Read)?;
    let (db, workspace) = (accounts.db.read(), caller.workspace);
    users::find(db, workspace, id).await?;
    let counts: Vec<KindCount> = db
        .all(
            "SELECT kind, COUNT(*) AS number FROM api_keys
             WHERE workspace_id = $1 AND created_by = $2 AND revoked_at IS NULL GROUP BY kind",
            vec![workspace.0.into(), actor_of(id).into()],
        )
        .await?;
    let sessions: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM sessions WHERE user_id = $1 AND workspace_id = $2 AND expires_at > $3",
            vec![id.0.into(), workspace.0.into(), accounts.clock.now().millis().into()],
        )
        .await?;
    let count =
        |kind: KeyKind| counts.iter().filter(|row| KeyKind::of_word(&row.kind) == kind).map(|row| row.number).sum();
    Ok(Json(KeysBefore {
        api: count(KeyKind::Api),
        write: count(KeyKind::Write),
        sessions: sessions.unwrap_or_default(),
        items: still_working(db, workspace, id, 0).await?.items,
    }))
}

/// Revokes the API keys of a user, and his write keys when it is asked for, with a line in the audit log for each;
/// gives those that still work.
pub(super) async fn lock_out(
    tx: &Tx,
    accounts: &Accounts,
    caller: &Caller,
    user: UserId,
    with_write_keys: bool,
) -> Result<KeysOfUser, DbErr> {
    let now = accounts.clock.now();
    let revoked: Vec<IdRow> = tx
        .all(
            "UPDATE api_keys SET revoked_at = $3
             WHERE workspace_id = $1 AND created_by = $2 AND revoked_at IS NULL
               AND (kind = 'api' OR CAST($4 AS BIGINT) = 1)
             RETURNING id",
            vec![
                caller.workspace.0.into(),
                actor_of(user).into(),
                now.millis().into(),
                i64::from(with_write_keys).into(),
            ],
        )
        .await?;
    let mut targets: Vec<KeyId> = revoked.iter().map(|row| KeyId(row.id)).collect();
    targets.sort_unstable();
    let targets: Vec<String> = targets.iter().map(KeyId::to_string).collect();
    let line = audit::Line {
        workspace: caller.workspace,
        at: now,
        actor: &caller.actor,
        action: "key.revoked",
        detail: json!({ "user": user }),
    };
    audit::record_each(tx, &accounts.ids, &line, &targets).await?;
    still_working(tx, caller.workspace, user, targets.len() as u64).await
}

impl KeysOfUser {
    /// How many there are, for the audit log.
    pub(super) fn summary(&self) -> serde_json::Value {
        json!({ "revoked": self.revoked, "working": self.working })
    }
}

/// What has become of the users to whom keys go back, by the names under which keys keep them. The command line is
/// none.
pub(super) async fn makers(
    db: &impl Sql,
    workspace: WorkspaceId,
    created_by: &[&str],
) -> Result<HashMap<String, MakerState>, DbErr> {
    let users = created_by.iter().filter_map(|actor| actor.strip_prefix("user:")?.parse::<UserId>().ok());
    let mut asked: Vec<(i64, i64)> = users.map(|user| (user.0, workspace.0)).collect();
    asked.sort_unstable();
    asked.dedup();
    let found: Vec<MakerRow> = db
        .all_rows(
            "SELECT u.id, u.disabled_at FROM {rows} JOIN users u ON u.id = CAST(r.value->>0 AS BIGINT)
             JOIN user_roles o ON o.user_id = u.id AND o.workspace_id = CAST(r.value->>1 AS BIGINT)",
            &asked,
            Vec::new(),
        )
        .await?;
    let mut makers: HashMap<String, MakerState> =
        asked.iter().map(|(user, _)| (actor_of(UserId(*user)), MakerState::Removed)).collect();
    for row in found {
        let state = if row.disabled_at.is_some() { MakerState::Disabled } else { MakerState::Active };
        makers.insert(actor_of(UserId(row.id)), state);
    }
    Ok(makers)
}

/// As keys name the user to whom they go back.
fn actor_of(user: UserId) -> String {
    format!("user:{user}")
}

/// The keys of a user that work; `revoked` is how many have just been revoked.
async fn still_working(db: &impl Sql, workspace: WorkspaceId, user: UserId, revoked: u64) -> Result<KeysOfUser, DbErr> {
    let working: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM api_keys WHERE workspace_id = $1 AND created_by = $2 AND revoked_at IS NULL",
            vec![workspace.0.into(), actor_of(user).into()],
        )
        .await?;
    let rows: Vec<KeyRow> = db
        .all(
            "SELECT id, kind, name, hint, trusted, last_used_at FROM api_keys
             WHERE workspace_id = $1 AND created_by = $2 AND revoked_at IS NULL ORDER BY id DESC LIMIT $3",
            vec![workspace.0.into(), actor_of(user).into(), MOST_NAMED.into()],
        )
        .await?;
    let items = rows.into_iter().map(KeyRow::into_body).collect();
    Ok(KeysOfUser { revoked, working: working.unwrap_or_default(), items })
}

impl KeyRow {
    fn into_body(self) -> KeyOfUser {
        let kind = KeyKind::of_word(&self.kind);
        KeyOfUser {
            id: KeyId(self.id),
            kind,
            name: self.name,
            hint: self.hint,
            trusted: kind == KeyKind::Api || self.trusted != 0,
            last_used_at: self.last_used_at.map(Time::from_millis),
        }
    }
}
