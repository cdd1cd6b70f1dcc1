//! API keys (`hk_…`) for programs that use the REST API, and write keys (`wk_…`) for SDKs that send
//! events. The secret is shown once, when the key is made.

use std::sync::Arc;

use api::{ApiError, ApiResult, Area, Caller, Json, Page, PageQuery, Path, Query, Role, Verb, is_scope};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, IdSource, Problem, Time,
    ids::{KeyId, UserId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{DbErr, FromQueryResult, Sql, Tx, audit};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    AccountError, Accounts, checked_name, hash_of,
    keys_of_user::{MakerState, makers},
    random_token, take_turns,
};

pub(crate) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_keys, create_key)).routes(routes!(revoke_key)).with_state(accounts)
}

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Sends events in, nothing else; may stand in web pages and apps, unless it is trusted.
    Write,
    /// Uses the REST API, as far as its scopes and its creator's role go.
    Api,
}

impl KeyKind {
    /// The word in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyKind::Write => "write",
            KeyKind::Api => "api",
        }
    }

    /// The kind with this word in the database.
    pub(super) fn of_word(word: &str) -> KeyKind {
        if word == KeyKind::Write.as_str() { KeyKind::Write } else { KeyKind::Api }
    }

    fn prefix(self) -> &'static str {
        match self {
            KeyKind::Write => "wk_",
            KeyKind::Api => "hk_",
        }
    }
}

/// A key to be made.
pub(crate) struct NewKey<'a> {
    pub workspace: WorkspaceId,
    pub kind: KeyKind,
    pub name: &'a str,
    pub scopes: Vec<String>,
    pub role: Role,
    /// For a write key: whether it may vouch for verified addresses.
    pub trusted: bool,
    /// The user (or `cli`) that it goes back to, who takes it with him when he goes.
    pub created_by: &'a str,
    /// Who makes it, for the audit log; may itself be a key.
    pub actor: &'a str,
}

/// Adds a key and returns its id and its secret, which is nowhere else.
pub(crate) async fn create(tx: &Tx, ids: &IdSource, now: Time, key: NewKey<'_>) -> Result<(KeyId, String), DbErr> {
    let id = ids.next(KeyId);
    let secret = format!("{}{}", key.kind.prefix(), random_token(ids));
    let scopes = serde_json::to_string(&key.scopes).map_err(|error| DbErr::Custom(error.to_string()))?;
    tx.run(
        "INSERT INTO api_keys (id, workspace_id, kind, name, secret_hash, hint, scopes_json, role, created_by, created_at,
                               trusted)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        vec![
            id.0.into(),
            key.workspace.0.into(),
            key.kind.as_str().into(),
            key.name.into(),
            hash_of(&secret).into(),
            hint_of(&secret).into(),
            scopes.into(),
            key.role.as_str().into(),
            key.created_by.into(),
            now.millis().into(),
            i64::from(key.trusted).into(),
        ],
    )
    .await?;
    let mut detail = json!({ "kind": key.kind, "name": key.name, "scopes": key.scopes, "role": key.role });
    if key.kind == KeyKind::Write {
        detail["trusted"] = json!(key.trusted);
    }
    audit::record(tx, ids, now, key.workspace, key.actor, "key.created", &id.to_string(), detail).await?;
    Ok((id, secret))
}

/// Enough to recognise a key by, too little to guess it.
fn hint_of(secret: &str) -> String {
    let (prefix, rest) = secret.split_at(3);
    format!("{prefix}…{}", &rest[rest.len().saturating_sub(4)..])
}

/// Whether a new key is trusted, which only a write key can be or not be.
pub(crate) fn checked_trust(kind: KeyKind, trusted: Option<bool>) -> Result<bool, Problem> {
    match (kind, trusted) {
        (KeyKind::Api, Some(_)) => Err(Problem::at(
            Code::InvalidBody,
            "trusted",
            "is for write keys; an API key is always believed and must never stand in a page or an app",
        )),
        (_, trusted) => Ok(trusted.unwrap_or(false)),
    }
}

/// The scopes that a new API key gets, which never go beyond those of its creator.
pub(crate) fn granted_scopes(asked: Option<Vec<String>>, creator: Option<&[String]>) -> Result<Vec<String>, Problem> {
    let Some(asked) = asked else {
        return Ok(creator.map_or_else(|| vec!["*".to_owned()], <[String]>::to_vec));
    };
    if asked.is_empty() {
        return Err(Problem::at(Code::InvalidBody, "scopes", "is empty; leave it out for all scopes that you have"));
    }
    for (place, scope) in asked.iter().enumerate() {
        let path = format!("scopes[{place}]");
        if !is_scope(scope) {
            return Err(Problem::at(Code::InvalidBody, path, "is not *, or an area and read or write, as people:read"));
        }
        if creator.is_some_and(|creator| !covers(creator, scope)) {
            return Err(Problem::at(Code::Forbidden, path, format!("your own key lacks {scope}")));
        }
    }
    Ok(asked)
}

fn covers(scopes: &[String], wanted: &str) -> bool {
    let write = wanted.strip_suffix(":read").map(|area| format!("{area}:write"));
    scopes.iter().any(|scope| scope == "*" || scope == wanted || Some(scope) == write.as_ref())
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub struct KeyBody {
    /// `key_…`
    #[schema(value_type = String)]
    id: KeyId,
    /// What it opens.
    kind: KeyKind,
    /// What it is for, as its creator called it.
    name: String,
    /// The secret's beginning and its last four characters.
    #[schema(example = "hk_…9f3c")]
    hint: String,
    /// What an API key may do: `*`, or areas with `read` or `write`.
    scopes: Vec<String>,
    /// The role that an API key acts with.
    role: Role,
    /// Whether it is believed when it says that an address was verified (`email_verified`, `phone_verified`) or that
    /// two known members are one (`alias`), which makes members one. An API key always is, a write key when it was made
    /// so. A trusted key belongs on a server: whoever finds it in a page or an app can make himself one with another
    /// member.
    trusted: bool,
    /// The user it goes back to; `cli` for the command line.
    created_by: String,
    /// What has become of that user: `active`, `disabled` or `removed`; `null` for the command line. A write key goes
    /// on working after its maker is gone.
    created_by_state: Option<MakerState>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Time>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Time>,
}

/// A key that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyInput {
    /// What it shall open.
    kind: KeyKind,
    /// What it is for, 1 to 200 characters.
    name: String,
    /// What an API key may do; all that you may do when left out.
    #[schema(example = json!(["people:read", "outreach:write"]))]
    scopes: Option<Vec<String>>,
    /// For a write key: whether it is believed when it says that an address was verified (`email_verified`,
    /// `phone_verified`) or that two known members are one (`alias`), which makes members one. Only for keys that stay
    /// on a server; false when left out.
    trusted: Option<bool>,
}

/// A new key, with its secret, which is not shown again.
#[derive(Serialize, ToSchema)]
struct KeyCreated {
    /// `key_…`
    #[schema(value_type = String)]
    id: KeyId,
    /// What it opens.
    kind: KeyKind,
    /// What it is for.
    name: String,
    /// What an API key may do.
    scopes: Vec<String>,
    /// Whether it is believed when it says that an address was verified.
    trusted: bool,
    /// The secret: keep it safe, it is not shown again.
    secret: String,
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: i64,
    kind: String,
    name: String,
    hint: String,
    scopes_json: String,
    role: String,
    trusted: i64,
    created_by: String,
    created_at: i64,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

/// Lists keys, newest first, the revoked ones too.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", params(PageQuery),
    responses((status = 200, description = "One page of keys", body = Page<KeyBody>)))]
async fn list_keys(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<KeyBody>>> {
    caller.require(Area::Settings, Verb::Read)?;
    let rows: Vec<KeyRow> = accounts
        .db
        .read()
        .all(
            "SELECT id, kind, name, hint, scopes_json, role, trusted, created_by, created_at, last_used_at, revoked_at
             FROM api_keys WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (page.limit() as i64 + 1).into()],
        )
        .await?;
    let created_by: Vec<&str> = rows.iter().map(|row| row.created_by.as_str()).collect();
    let makers = makers(accounts.db.read(), caller.workspace, &created_by).await?;
    let body = |row: KeyRow| {
        let maker = makers.get(&row.created_by).copied();
        row.into_body(maker)
    };
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.id, body)))
}

/// Makes a key. An API key has the role of its creator. Whether a write key is trusted stays as it was made.
#[utoipa::path(post, path = "/api/v1/keys", tag = "keys", request_body = KeyInput,
    responses((status = 201, description = "The key with its secret, which is not shown again", body = KeyCreated)))]
async fn create_key(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Json(input): Json<KeyInput>,
) -> ApiResult<(StatusCode, Json<KeyCreated>)> {
    caller.require(Area::Settings, Verb::Write)?;
    let name = checked_name("name", &input.name)?;
    let trusted = checked_trust(input.kind, input.trusted)?;
    let scopes = match input.kind {
        KeyKind::Api => granted_scopes(input.scopes, caller.scopes.as_deref())?,
        KeyKind::Write if input.scopes.is_some_and(|scopes| !scopes.is_empty()) => {
            return Err(Problem::at(Code::InvalidBody, "scopes", "a write key has none").into());
        }
        // Whoever may send events with his own key is believed by it, so this covers trusted ones, too.
        KeyKind::Write => {
            caller.require(Area::Ingest, Verb::Write)?;
            Vec::new()
        }
    };
    let tx = accounts.db.begin().await?;
    take_turns(&tx).await?;
    let creator = creator_of(&tx, &caller).await?;
    Caller { role: creator.role, ..caller.clone() }.require(Area::Settings, Verb::Write)?;
    let key = NewKey {
        workspace: caller.workspace,
        kind: input.kind,
        name: &name,
        scopes: scopes.clone(),
        role: creator.role,
        trusted,
        created_by: &creator.actor,
        actor: &caller.actor,
    };
    let (id, secret) = create(&tx, &accounts.ids, accounts.clock.now(), key).await?;
    tx.commit().await?;
    let trusted = trusted || input.kind == KeyKind::Api;
    Ok((StatusCode::CREATED, Json(KeyCreated { id, kind: input.kind, name, scopes, trusted, secret })))
}

/// Revokes a key. Other nodes notice within five seconds.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "keys", params(("id" = String, Path, description = "`key_…`")),
    responses((status = 204, description = "The key no longer opens anything")))]
async fn revoke_key(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Path(id): Path<KeyId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Settings, Verb::Write)?;
    revoke(&accounts, &caller, id).await.map_err(ApiError::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// To whom a new key goes back, and what he may do now.
struct Creator {
    actor: String,
    role: Role,
}

#[derive(FromQueryResult)]
struct MakerRow {
    created_by: String,
    role: String,
}

/// Who makes a key, as the database knows him at this moment: he may have been disabled or have lost rights since the
/// request was let in. A key that was made with a key goes back to whoever that one goes back to.
async fn creator_of(tx: &Tx, caller: &Caller) -> Result<Creator, AccountError> {
    let mut creator = Creator { actor: caller.actor.clone(), role: caller.role };
    if let Some(key) = caller.actor.strip_prefix("key:").and_then(|id| id.parse::<KeyId>().ok()) {
        let maker: Option<MakerRow> = tx
            .one("SELECT created_by, role FROM api_keys WHERE id = $1 AND revoked_at IS NULL", vec![key.0.into()])
            .await?;
        let maker = maker.ok_or(Code::Unauthenticated)?;
        creator = Creator { actor: maker.created_by, role: creator.role.min(maker.role.parse()?) };
    }
    if let Some(user) = creator.actor.strip_prefix("user:").and_then(|id| id.parse::<UserId>().ok()) {
        let role: Option<String> = tx
            .scalar(
                "SELECT user_roles.role FROM user_roles JOIN users ON users.id = user_roles.user_id
                 WHERE user_roles.workspace_id = $1 AND users.id = $2 AND users.disabled_at IS NULL",
                vec![caller.workspace.0.into(), user.0.into()],
            )
            .await?;
        let role: Role = role.ok_or(Code::Unauthenticated)?.parse()?;
        creator.role = creator.role.min(role);
    }
    Ok(creator)
}

async fn revoke(accounts: &Accounts, caller: &Caller, id: KeyId) -> Result<(), AccountError> {
    let now = accounts.clock.now();
    let tx = accounts.db.begin().await?;
    let role: Option<String> = tx
        .scalar(
            "SELECT role FROM api_keys WHERE workspace_id = $1 AND id = $2",
            vec![caller.workspace.0.into(), id.0.into()],
        )
        .await?;
    let role = role.ok_or(Code::NotFound)?;
    if role == Role::Owner.as_str() && caller.role < Role::Owner {
        return Err(Problem::with(Code::Forbidden, "only an owner may revoke the key of an owner").into());
    }
    let revoked = tx
        .run(
            "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            vec![id.0.into(), now.millis().into()],
        )
        .await?;
    if revoked > 0 {
        let target = id.to_string();
        audit::record(&tx, &accounts.ids, now, caller.workspace, &caller.actor, "key.revoked", &target, json!({}))
            .await?;
    }
    tx.commit().await?;
    accounts.keys.clear();
    Ok(())
}

impl KeyRow {
    fn into_body(self, created_by_state: Option<MakerState>) -> KeyBody {
        let kind = KeyKind::of_word(&self.kind);
        KeyBody {
            id: KeyId(self.id),
            kind,
            name: self.name,
            hint: self.hint,
            scopes: serde_json::from_str(&self.scopes_json).unwrap_or_default(),
            role: self.role.parse().unwrap_or(Role::Viewer),
            trusted: kind == KeyKind::Api || self.trusted != 0,
            created_by: self.created_by,
            created_by_state,
            created_at: Time::from_millis(self.created_at),
            last_used_at: self.last_used_at.map(Time::from_millis),
            revoked_at: self.revoked_at.map(Time::from_millis),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_key_cannot_make_a_stronger_key() {
        let own = scopes(&["people:write", "settings:write"]);
        assert_eq!(granted_scopes(None, Some(&own)).unwrap(), own);
        assert!(granted_scopes(Some(scopes(&["people:read"])), Some(&own)).is_ok());
        for beyond in ["*", "outreach:read"] {
            let problem = granted_scopes(Some(scopes(&[beyond])), Some(&own)).unwrap_err();
            assert_eq!(problem.code, Code::Forbidden, "{beyond}");
        }
    }

    #[test]
    fn scopes_are_those_that_exist() {
        assert_eq!(granted_scopes(None, None).unwrap(), scopes(&["*"]));
        for wrong in [scopes(&["people"]), scopes(&["*:read"]), scopes(&[])] {
            assert_eq!(granted_scopes(Some(wrong), None).unwrap_err().code, Code::InvalidBody);
        }
    }
}
