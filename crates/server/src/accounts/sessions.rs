//! Signing in and out, and who one is.

use std::{sync::Arc, time::Duration};

use api::{ApiResult, Caller, Json, Role};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use base::{
    Code, IdSource, Problem, Time,
    ids::{UserId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{DbErr, FromQueryResult, Sql, Tx, audit};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    AccountError, Accounts, authenticate::refuse_other_sites, checked_email, hash_of, random_token, throttle,
    throttle::Subjects, users, workspace, workspace::WorkspaceBody,
};
use crate::address::Client;

/// The name of the cookie that holds a session's token.
pub const COOKIE: &str = "hearth_session";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(me)).routes(routes!(change_own_password)).with_state(accounts)
}

pub(crate) fn public_routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(login)).routes(routes!(logout)).routes(routes!(show_state)).with_state(accounts)
}

/// The session by which a request was authenticated.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    pub(crate) user: UserId,
    token_hash: String,
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginInput {
    /// The e-mail address.
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// A new password for oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OwnPasswordInput {
    /// The present password.
    #[schema(format = Password)]
    current: String,
    /// The new one, at least 10 characters.
    #[schema(format = Password)]
    new: String,
}

/// Who one is and what one may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// `user:usr_…` or `key:key_…`, as the audit log writes it.
    actor: String,
    /// The user, when it is one.
    user: Option<MyUser>,
    /// The role in the workspace.
    role: Role,
    /// What a key may do; `null` for a user, who may do all that his role includes.
    scopes: Option<Vec<String>>,
    /// What the caller may do, as scopes are written: `people:read`, `people:write`, `settings:read` …
    #[schema(example = json!(["people:read", "segments:read"]))]
    rights: Vec<String>,
    /// The workspace.
    workspace: WorkspaceBody,
}

/// What there is before anybody has signed in.
#[derive(Serialize, ToSchema)]
struct SessionState {
    /// Whether there is a user; without one the set-up link comes first.
    set_up: bool,
    /// Whether the request came with a session, or a key, that counts.
    signed_in: bool,
    /// The languages in which the app speaks.
    languages: [&'static str; 3],
    /// The version of the program.
    version: &'static str,
}

/// A user, as he sees himself.
#[derive(Serialize, ToSchema, FromQueryResult)]
struct MyUser {
    /// `usr_…`
    #[sea_orm(skip)]
    id: String,
    /// The e-mail address.
    email: String,
    /// The name.
    name: String,
}

#[derive(FromQueryResult)]
struct UserRow {
    id: i64,
    workspace_id: i64,
    password_hash: String,
}

#[derive(FromQueryResult)]
struct SessionRow {
    user_id: i64,
    workspace_id: i64,
    role: String,
    created_at: i64,
    expires_at: i64,
}

/// Signs in with e-mail and password, and sets the session cookie. After several failures there
/// is a pause, which grows.
#[utoipa::path(post, path = "/api/v1/login", tag = "session", request_body = LoginInput, security(()),
    responses((status = 200, description = "Signed in; the cookie `hearth_session` is set", body = Me)))]
async fn login(
    State(accounts): State<Arc<Accounts>>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
    Json(input): Json<LoginInput>,
) -> ApiResult<Response> {
    refuse_other_sites(&accounts, &headers)?;
    let subjects = Subjects::new(&input.email, client.map(|Extension(client)| client.address));
    let (user, workspace) = check_login(&accounts, &subjects, &input).await?;
    let now = accounts.clock.now();
    let tx = accounts.db.begin().await?;
    throttle::forgive(&tx, &subjects).await?;
    let token = begin(&tx, &accounts, now, user, workspace).await?;
    tx.commit().await?;
    signed_in_reply(&accounts, &token).await
}

/// Signs out, and clears the session cookie.
#[utoipa::path(post, path = "/api/v1/logout", tag = "session", security(()),
    responses((status = 204, description = "Signed out, or was not signed in")))]
async fn logout(
    State(accounts): State<Arc<Accounts>>,
    session: Option<Extension<CurrentSession>>,
    caller: Option<Extension<Caller>>,
) -> ApiResult<Response> {
    if let (Some(Extension(session)), Some(Extension(caller))) = (session, caller) {
        let tx = accounts.db.begin().await?;
        tx.run("DELETE FROM sessions WHERE token_hash = $1", vec![session.token_hash.into()]).await?;
        let (now, target) = (accounts.clock.now(), session.user.to_string());
        audit::record(&tx, &accounts.ids, now, caller.workspace, &caller.actor, "session.ended", &target, json!({}))
            .await?;
        tx.commit().await?;
    }
    let cookie = cookie(&accounts, "", Duration::ZERO)?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie)])).into_response())
}

/// Says whether Hearth is set up and whether one is signed in, to anybody.
#[utoipa::path(get, path = "/api/v1/session/state", tag = "session", security(()),
    responses((status = 200, description = "How things stand", body = SessionState)))]
async fn show_state(
    State(accounts): State<Arc<Accounts>>,
    caller: Option<Extension<Caller>>,
) -> ApiResult<Json<SessionState>> {
    Ok(Json(SessionState {
        set_up: users::exist(accounts.db.read()).await?,
        signed_in: caller.is_some(),
        languages: ["zh-CN", "zh-TW", "en"],
        version: env!("CARGO_PKG_VERSION"),
    }))
}

/// Says who one is and what one may do.
#[utoipa::path(get, path = "/api/v1/me", tag = "session",
    responses((status = 200, description = "The caller", body = Me)))]
async fn me(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    session: Option<Extension<CurrentSession>>,
) -> ApiResult<Json<Me>> {
    let user = session.map(|Extension(session)| session.user);
    Ok(Json(describe(&accounts, caller, user).await?))
}

/// Changes one's own password, and ends all other sessions of oneself.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "session", request_body = OwnPasswordInput,
    responses((status = 204, description = "The new password counts")))]
async fn change_own_password(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    session: Option<Extension<CurrentSession>>,
    client: Option<Extension<Client>>,
    Json(input): Json<OwnPasswordInput>,
) -> ApiResult<StatusCode> {
    let Some(Extension(session)) = session else {
        return Err(Problem::with(Code::Forbidden, "an API key has no password").into());
    };
    let email: Option<String> =
        accounts.db.read().scalar("SELECT email FROM users WHERE id = $1", vec![session.user.0.into()]).await?;
    let email = email.ok_or(Problem::new(Code::NotFound))?;
    let subjects = Subjects::new(&email, client.map(|Extension(client)| client.address));
    let login = LoginInput { email: email.clone(), password: input.current };
    check_login(&accounts, &subjects, &login).await?;
    let hash = accounts.passwords.hash(&input.new, &email).await?;
    let tx = accounts.db.begin().await?;
    throttle::forgive(&tx, &subjects).await?;
    set_password(&tx, session.user, &hash, Some(&session.token_hash)).await?;
    let (now, target) = (accounts.clock.now(), session.user.to_string());
    audit::record(
        &tx,
        &accounts.ids,
        now,
        caller.workspace,
        &caller.actor,
        "user.password_changed",
        &target,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose e-mail and password these are. Takes as long when there is no such user.
async fn check_login(
    accounts: &Accounts,
    subjects: &Subjects,
    input: &LoginInput,
) -> Result<(UserId, WorkspaceId), AccountError> {
    // Whoever finds the line full has not guessed wrong.
    let place = accounts.passwords.take_place()?;
    throttle::begin(&accounts.db, subjects, accounts.clock.now()).await?;
    let user: Option<UserRow> = match checked_email("email", &input.email) {
        Ok(email) => {
            accounts
                .db
                .read()
                .one(
                    "SELECT users.id, user_roles.workspace_id, users.password_hash FROM users
                     JOIN user_roles ON user_roles.user_id = users.id
                     WHERE users.email = $1 AND users.disabled_at IS NULL ORDER BY user_roles.workspace_id LIMIT 1",
                    vec![email.into()],
                )
                .await?
        }
        Err(_) => None,
    };
    let hash = user.as_ref().map(|user| user.password_hash.as_str());
    let is_right = accounts.passwords.verify(place, &input.password, hash).await?;
    let Some(user) = user.filter(|_| is_right) else {
        metrics::counter!("hearth_login_failures_total").increment(1);
        return Err(Code::LoginFailed.into());
    };
    Ok((UserId(user.id), WorkspaceId(user.workspace_id)))
}

/// Begins a session and returns its token.
pub(crate) async fn begin(
    tx: &Tx,
    accounts: &Accounts,
    now: Time,
    user: UserId,
    workspace: WorkspaceId,
) -> Result<String, DbErr> {
    let ids: &IdSource = &accounts.ids;
    let token = random_token(ids);
    tx.run(
        "INSERT INTO sessions (token_hash, user_id, workspace_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        vec![
            hash_of(&token).into(),
            user.0.into(),
            workspace.0.into(),
            now.millis().into(),
            now.plus(DAY * days(accounts.config.session_days)).millis().into(),
        ],
    )
    .await?;
    audit::record(tx, ids, now, workspace, &format!("user:{user}"), "session.begun", &user.to_string(), json!({}))
        .await?;
    Ok(token)
}

/// The reply after signing in: who one is, and the cookie.
pub(crate) async fn signed_in_reply(accounts: &Accounts, token: &str) -> ApiResult<Response> {
    let (caller, session) = find(accounts, token).await?.ok_or(Problem::new(Code::Unauthenticated))?;
    let me = describe(accounts, caller, Some(session.user)).await?;
    let cookie = cookie(accounts, token, DAY * days(accounts.config.session_days_at_most))?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(me)).into_response())
}

/// The session with this token, if it has not ended. Each visit makes it last longer.
pub(crate) async fn find(accounts: &Accounts, token: &str) -> Result<Option<(Caller, CurrentSession)>, DbErr> {
    let now = accounts.clock.now();
    let token_hash = hash_of(token);
    let row: Option<SessionRow> = accounts
        .db
        .read()
        .one(
            "SELECT sessions.user_id, sessions.workspace_id, user_roles.role, sessions.created_at, sessions.expires_at
             FROM sessions
             JOIN users ON users.id = sessions.user_id
             JOIN user_roles ON user_roles.user_id = sessions.user_id
               AND user_roles.workspace_id = sessions.workspace_id
             WHERE sessions.token_hash = $1 AND sessions.expires_at > $2 AND users.disabled_at IS NULL",
            vec![token_hash.clone().into(), now.millis().into()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let Ok(role) = row.role.parse() else { return Ok(None) };
    if let Err(error) = prolong(accounts, &row, &token_hash, now).await {
        // The session is good as it is; a full disk must not lock people out.
        tracing::warn!(%error, "a session could not be prolonged");
    }
    let user = UserId(row.user_id);
    let caller = Caller { workspace: WorkspaceId(row.workspace_id), actor: format!("user:{user}"), role, scopes: None };
    Ok(Some((caller, CurrentSession { user, token_hash })))
}

/// Moves the end of a session, at most once a day, and never beyond its longest time.
async fn prolong(accounts: &Accounts, row: &SessionRow, token_hash: &str, now: Time) -> Result<(), DbErr> {
    let config = &accounts.config;
    let last = Time::from_millis(row.created_at).plus(DAY * days(config.session_days_at_most));
    let end = now.plus(DAY * days(config.session_days)).min(last);
    if end - Time::from_millis(row.expires_at) < DAY.as_millis() as i64 {
        return Ok(());
    }
    let tx = accounts.db.begin().await?;
    tx.run("UPDATE sessions SET expires_at = $2 WHERE token_hash = $1", vec![token_hash.into(), end.millis().into()])
        .await?;
    tx.commit().await
}

/// Sets a password, and ends the user's sessions but the one to be kept.
pub(crate) async fn set_password(tx: &Tx, user: UserId, hash: &str, keep: Option<&str>) -> Result<(), DbErr> {
    tx.run("UPDATE users SET password_hash = $2 WHERE id = $1", vec![user.0.into(), hash.into()]).await?;
    tx.run(
        "DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2",
        vec![user.0.into(), keep.unwrap_or_default().into()],
    )
    .await?;
    Ok(())
}

/// The session's token in these headers.
pub(crate) fn token_in(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, token)| token).filter(|token| !token.is_empty())
}

async fn describe(accounts: &Accounts, caller: Caller, user: Option<UserId>) -> Result<Me, AccountError> {
    let user = match user {
        Some(id) => {
            let row: Option<MyUser> =
                accounts.db.read().one("SELECT email, name FROM users WHERE id = $1", vec![id.0.into()]).await?;
            row.map(|row| MyUser { id: id.to_string(), ..row })
        }
        None => None,
    };
    let workspace = workspace::find(accounts, accounts.db.read(), caller.workspace).await?;
    let rights = caller.rights();
    Ok(Me { actor: caller.actor, user, role: caller.role, scopes: caller.scopes, rights, workspace })
}

fn cookie(accounts: &Accounts, token: &str, age: Duration) -> Result<HeaderValue, Problem> {
    let secure = if accounts.config.is_https() { "; Secure" } else { "" };
    let text = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", age.as_secs());
    HeaderValue::from_str(&text).map_err(|_| Problem::new(Code::Internal))
}

fn days(days: u64) -> u32 {
    u32::try_from(days.min(36_500)).unwrap_or(u32::MAX)
}
