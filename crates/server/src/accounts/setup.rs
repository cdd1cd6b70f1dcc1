//! The first start: a link that works once makes the workspace and its owner.

use std::{sync::Arc, time::Duration};

use api::{ApiResult, Json, Query, Role};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use base::{Clock, Code, IdSource, Problem, ids::WorkspaceId};
use serde::Deserialize;
use serde_json::json;
use store::{Db, DbErr, Sql, audit};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    AccountError, Accounts,
    authenticate::refuse_other_sites,
    checked_email, checked_name, hash_of, random_token, sessions, take_turns, users, workspace,
    workspace::{DEFAULT_NAME, DEFAULT_TIME_ZONE, checked_time_zone},
};

const LINK_LIVES: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(check_set_up, set_up)).with_state(accounts)
}

/// Makes a token for the set-up page (`/setup?token=…`) when there is no user yet. It is valid for
/// 24 hours and one use, and replaces every earlier one.
pub async fn ensure_link(db: &Db, clock: &dyn Clock, ids: &IdSource) -> Result<Option<String>, DbErr> {
    let tx = db.begin().await?;
    take_turns(&tx).await?;
    tx.run("DELETE FROM setup_tokens WHERE used_at IS NULL", vec![]).await?;
    let token = match users::exist(&tx).await? {
        true => None,
        false => Some(random_token(ids)),
    };
    if let Some(token) = &token {
        let now = clock.now();
        tx.run(
            "INSERT INTO setup_tokens (token_hash, created_at, expires_at) VALUES ($1, $2, $3)",
            vec![hash_of(token).into(), now.millis().into(), now.plus(LINK_LIVES).millis().into()],
        )
        .await?;
    }
    tx.commit().await?;
    Ok(token)
}

/// The first owner and his workspace.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetupInput {
    /// The token of the set-up link.
    token: String,
    /// The owner's e-mail address.
    email: String,
    /// The owner's name; the part before the @ when left out.
    name: Option<String>,
    /// The owner's password, at least 10 characters.
    #[schema(format = Password)]
    password: String,
    /// The brand; `Hearth` when left out.
    workspace_name: Option<String>,
    /// An IANA time zone; `UTC` when left out.
    #[schema(example = "Asia/Shanghai")]
    time_zone: Option<String>,
}

/// The link by which somebody came.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SetupQuery {
    /// The token of the set-up link.
    #[serde(default)]
    token: String,
}

/// Says whether a set-up link would work now: 204 if so, 404 when it has ended, 409 when Hearth is set up already.
#[utoipa::path(get, path = "/api/v1/setup", tag = "session", params(SetupQuery), security(()),
    responses((status = 204, description = "The link works")))]
async fn check_set_up(State(accounts): State<Arc<Accounts>>, Query(query): Query<SetupQuery>) -> ApiResult<StatusCode> {
    check_link(&accounts, &query.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets Hearth up: makes the workspace and its owner, and signs him in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "session", request_body = SetupInput, security(()),
    responses((status = 200, description = "Set up and signed in", body = sessions::Me)))]
async fn set_up(
    State(accounts): State<Arc<Accounts>>,
    headers: HeaderMap,
    Json(input): Json<SetupInput>,
) -> ApiResult<Response> {
    refuse_other_sites(&accounts, &headers)?;
    let token = make_owner(&accounts, input).await?;
    sessions::signed_in_reply(&accounts, &token).await
}

async fn make_owner(accounts: &Accounts, input: SetupInput) -> Result<String, AccountError> {
    check_link(accounts, &input.token).await?;
    let email = checked_email("email", &input.email)?;
    let name = match input.name.filter(|name| !name.trim().is_empty()) {
        Some(name) => checked_name("name", &name)?,
        None => email.split('@').next().unwrap_or_default().to_owned(),
    };
    let workspace_name = input.workspace_name.filter(|name| !name.trim().is_empty());
    let workspace_name = checked_name("workspace_name", workspace_name.as_deref().unwrap_or(DEFAULT_NAME))?;
    let time_zone = checked_time_zone("time_zone", input.time_zone.as_deref().unwrap_or(DEFAULT_TIME_ZONE))?;
    let password_hash = accounts.passwords.hash(&input.password, &email).await?;

    let now = accounts.clock.now();
    let tx = accounts.db.begin().await?;
    take_turns(&tx).await?;
    if users::exist(&tx).await? {
        return Err(Code::SetupDone.into());
    }
    let used = tx
        .run(
            "UPDATE setup_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
            vec![hash_of(&input.token).into(), now.millis().into()],
        )
        .await?;
    if used == 0 {
        return Err(Code::BadToken.into());
    }
    let workspace: WorkspaceId = workspace::first_or_new(&tx, &accounts.ids, now, &workspace_name, &time_zone).await?;
    let user =
        users::NewUser { workspace, email: &email, name: &name, role: Role::Owner, password_hash: &password_hash };
    let user = users::insert(&tx, &accounts.ids, now, user).await?;
    let actor = format!("user:{user}");
    audit::record(&tx, &accounts.ids, now, workspace, &actor, "setup.done", &workspace.to_string(), json!({})).await?;
    let token = sessions::begin(&tx, accounts, now, user, workspace).await?;
    tx.commit().await?;
    Ok(token)
}

/// Whether the link would work now. Asked before a password is hashed, and for the page.
pub(crate) async fn check_link(accounts: &Accounts, token: &str) -> Result<(), AccountError> {
    if users::exist(accounts.db.read()).await? {
        return Err(Code::SetupDone.into());
    }
    let found: Option<i64> = accounts
        .db
        .read()
        .scalar(
            "SELECT created_at FROM setup_tokens WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
            vec![hash_of(token).into(), accounts.clock.now().millis().into()],
        )
        .await?;
    if found.is_none() {
        return Err(
            Problem::with(Code::BadToken, "the link has ended; a restart of the server prints a new one").into()
        );
    }
    Ok(())
}
