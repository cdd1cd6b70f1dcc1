//! People who log in, and their roles.
//!
//! Invariants: somebody who is not an owner cannot make, change or remove one; the last owner who
//! can sign in stays. API keys never have a higher role than the user who made them, and a key
//! with scopes cannot get around them by way of a user.

use std::sync::Arc;

use api::{ApiError, ApiResult, Area, Caller, Json, Page, PageQuery, Path, Query, Role, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, IdSource, Problem, Time,
    ids::{UserId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{DbErr, FromQueryResult, Sql, Tx, audit, is_unique_violation};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    AccountError, Accounts, checked_email, checked_name,
    keys_of_user::{self, KeysOfUser},
    sessions::set_password,
    take_turns,
};

pub(crate) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_users, create_user))
        .routes(routes!(change_user, remove_user))
        .routes(routes!(reset_password))
        .with_state(accounts)
}

/// A person who logs in.
#[derive(Serialize, ToSchema)]
pub struct UserBody {
    /// `usr_…`
    #[schema(value_type = String)]
    id: UserId,
    /// The e-mail address, by which he signs in.
    email: String,
    /// The name.
    name: String,
    /// What he may do.
    role: Role,
    /// When he was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// Since when he cannot sign in.
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_at: Option<Time>,
}

/// A user who is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserInput {
    /// The e-mail address.
    email: String,
    /// The name, 1 to 200 characters.
    name: String,
    /// What he may do; only an owner can add an owner.
    role: Role,
    /// His first password, at least 10 characters.
    #[schema(format = Password)]
    password: String,
}

/// What to change about a user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserChange {
    /// The name, 1 to 200 characters.
    name: Option<String>,
    /// What he may do. His API keys lose what goes beyond.
    role: Option<Role>,
    /// True: he cannot sign in, his sessions end and his API keys are revoked. False: he can again.
    disabled: Option<bool>,
    /// For a user who is disabled, or is with this: his write keys are revoked, too. They go on working otherwise,
    /// since the sites and apps of the brand send with them; he may know their secrets. Nothing makes a revoked key
    /// work again.
    revoke_keys: Option<bool>,
}

/// A user as he was changed.
#[derive(Serialize, ToSchema)]
struct ChangedUser {
    #[serde(flatten)]
    user: UserBody,
    /// For a user who is disabled: what has become of the keys that go back to him, and which of them still work.
    keys: Option<KeysOfUser>,
}

/// How to remove a user.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Removal {
    /// Whether his write keys are revoked, too (`true` or `false`, which it is when left out). They go on working
    /// otherwise, since the sites and apps of the brand send with them; he may know their secrets.
    revoke_keys: Option<bool>,
}

/// What is left of a user who was removed.
#[derive(Serialize, ToSchema)]
struct RemovedUser {
    /// What has become of the keys that went back to him, and which of them still work.
    keys: KeysOfUser,
}

/// A new password for a user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordInput {
    /// At least 10 characters.
    #[schema(format = Password)]
    password: String,
}

/// A user to be added.
pub(crate) struct NewUser<'a> {
    pub workspace: WorkspaceId,
    pub email: &'a str,
    pub name: &'a str,
    pub role: Role,
    pub password_hash: &'a str,
}

#[derive(FromQueryResult)]
pub(super) struct UserRow {
    id: i64,
    email: String,
    name: String,
    role: String,
    created_at: i64,
    disabled_at: Option<i64>,
}

const USERS: &str = "SELECT users.id, users.email, users.name, user_roles.role, users.created_at, users.disabled_at
                     FROM user_roles JOIN users ON users.id = user_roles.user_id";

/// Lists users, oldest first.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", params(PageQuery),
    responses((status = 200, description = "One page of users", body = Page<UserBody>)))]
async fn list_users(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<UserBody>>> {
    caller.require(Area::Settings, Verb::Read)?;
    let rows: Vec<UserRow> = accounts
        .db
        .read()
        .all(
            &format!("{USERS} WHERE user_roles.workspace_id = $1 AND users.id > $2 ORDER BY users.id LIMIT $3"),
            vec![caller.workspace.0.into(), page.position(-1)?.into(), (page.limit() as i64 + 1).into()],
        )
        .await?;
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.id, UserRow::into_body)))
}

/// Adds a user.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = UserInput,
    responses((status = 201, description = "The user", body = UserBody)))]
async fn create_user(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Json(input): Json<UserInput>,
) -> ApiResult<(StatusCode, Json<UserBody>)> {
    caller.require(Area::Settings, Verb::Write)?;
    caller.require_all_scopes()?;
    check_rank(&caller, input.role)?;
    let email = checked_email("email", &input.email)?;
    let name = checked_name("name", &input.name)?;
    let password_hash = accounts.passwords.hash(&input.password, &email).await?;
    let now = accounts.clock.now();
    let tx = accounts.db.begin().await?;
    let user = NewUser {
        workspace: caller.workspace,
        email: &email,
        name: &name,
        role: input.role,
        password_hash: &password_hash,
    };
    let id = insert(&tx, &accounts.ids, now, user).await?;
    let detail = json!({ "email": email, "role": input.role });
    record(&tx, &accounts, &caller, "user.created", id, detail).await?;
    let user = find(&tx, caller.workspace, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(user.into_body())))
}

/// Changes a user's name or role, or whether he can sign in.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "users", request_body = UserChange,
    params(("id" = String, Path, description = "`usr_…`")),
    responses((status = 200, description = "The user, changed", body = ChangedUser)))]
async fn change_user(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Path(id): Path<UserId>,
    Json(change): Json<UserChange>,
) -> ApiResult<Json<ChangedUser>> {
    caller.require(Area::Settings, Verb::Write)?;
    caller.require_all_scopes()?;
    let (user, keys) = change_as(&accounts, &caller, id, change).await.map_err(ApiError::from)?;
    Ok(Json(ChangedUser { user: user.into_body(), keys }))
}

/// Removes a user from the workspace. His sessions end and his API keys are revoked; the answer names the keys of his
/// that still work.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "users",
    params(("id" = String, Path, description = "`usr_…`"), Removal),
    responses((status = 200, description = "He is no longer a user", body = RemovedUser)))]
async fn remove_user(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Path(id): Path<UserId>,
    Query(removal): Query<Removal>,
) -> ApiResult<Json<RemovedUser>> {
    caller.require(Area::Settings, Verb::Write)?;
    let tx = accounts.db.begin().await?;
    take_turns(&tx).await?;
    let user = find(&tx, caller.workspace, id).await?;
    check_rank(&caller, user.role())?;
    keep_an_owner(&tx, caller.workspace, &user).await?;
    end_sessions(&tx, caller.workspace, id).await?;
    let revoke_keys = removal.revoke_keys.unwrap_or(false);
    let keys = keys_of_user::lock_out(&tx, &accounts, &caller, id, revoke_keys).await?;
    tx.run(
        "DELETE FROM user_roles WHERE workspace_id = $1 AND user_id = $2",
        vec![caller.workspace.0.into(), id.0.into()],
    )
    .await?;
    tx.run(
        "DELETE FROM users WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM user_roles WHERE user_id = $1)",
        vec![id.0.into()],
    )
    .await?;
    let detail = json!({ "email": user.email, "keys": keys.summary() });
    record(&tx, &accounts, &caller, "user.removed", id, detail).await?;
    tx.commit().await?;
    accounts.keys.clear();
    Ok(Json(RemovedUser { keys }))
}

/// Gives a user a new password, and ends his sessions.
#[utoipa::path(post, path = "/api/v1/users/{id}/password", tag = "users", request_body = PasswordInput,
    params(("id" = String, Path, description = "`usr_…`")),
    responses((status = 204, description = "The new password counts")))]
async fn reset_password(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Path(id): Path<UserId>,
    Json(input): Json<PasswordInput>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Settings, Verb::Write)?;
    caller.require_all_scopes()?;
    let user = find(accounts.db.read(), caller.workspace, id).await?;
    let hash = accounts.passwords.hash(&input.password, &user.email).await?;
    let tx = accounts.db.begin().await?;
    take_turns(&tx).await?;
    // His role is read again: he may have become an owner while the hash was computed.
    check_rank(&caller, find(&tx, caller.workspace, id).await?.role())?;
    set_password(&tx, id, &hash, None).await?;
    record(&tx, &accounts, &caller, "user.password_reset", id, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change_as(
    accounts: &Accounts,
    caller: &Caller,
    id: UserId,
    change: UserChange,
) -> Result<(UserRow, Option<KeysOfUser>), AccountError> {
    let name = change.name.as_deref().map(|name| checked_name("name", name)).transpose()?;
    let now = accounts.clock.now();
    let tx = accounts.db.begin().await?;
    take_turns(&tx).await?;
    let user = find(&tx, caller.workspace, id).await?;
    check_rank(caller, user.role())?;
    if let Some(name) = &name {
        tx.run("UPDATE users SET name = $2 WHERE id = $1", vec![id.0.into(), name.as_str().into()]).await?;
    }
    if let Some(role) = change.role.filter(|role| *role != user.role()) {
        check_rank(caller, role)?;
        keep_an_owner(&tx, caller.workspace, &user).await?;
        set_role(&tx, caller.workspace, id, role).await?;
    }
    match change.disabled {
        Some(true) if user.disabled_at.is_none() => {
            keep_an_owner(&tx, caller.workspace, &user).await?;
            end_sessions(&tx, caller.workspace, id).await?;
            tx.run("UPDATE users SET disabled_at = $2 WHERE id = $1", vec![id.0.into(), now.millis().into()]).await?;
        }
        Some(false) => {
            tx.run("UPDATE users SET disabled_at = NULL WHERE id = $1", vec![id.0.into()]).await?;
        }
        _ => {}
    }
    let changed = find(&tx, caller.workspace, id).await?;
    let revoke_keys = change.revoke_keys.unwrap_or(false);
    let keys = match changed.disabled_at {
        Some(_) => Some(keys_of_user::lock_out(&tx, accounts, caller, id, revoke_keys).await?),
        None if revoke_keys => {
            let message = "is for a user who is disabled; send it with \"disabled\": true";
            return Err(Problem::at(Code::InvalidBody, "revoke_keys", message).into());
        }
        None => None,
    };
    let mut detail = json!({ "name": name, "role": change.role, "disabled": change.disabled });
    if let Some(keys) = &keys {
        detail["keys"] = keys.summary();
    }
    record(&tx, accounts, caller, "user.changed", id, detail).await?;
    tx.commit().await?;
    accounts.keys.clear();
    Ok((changed, keys))
}

/// Whether there is any user at all.
pub(crate) async fn exist(db: &impl Sql) -> Result<bool, DbErr> {
    let first: Option<i64> = db.scalar("SELECT id FROM users LIMIT 1", vec![]).await?;
    Ok(first.is_some())
}

/// Adds a user; fails with `already_exists` when the address is taken.
pub(crate) async fn insert(tx: &Tx, ids: &IdSource, now: Time, user: NewUser<'_>) -> Result<UserId, AccountError> {
    let id = ids.next(UserId);
    tx.run(
        "INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        vec![id.0.into(), user.email.into(), user.name.into(), user.password_hash.into(), now.millis().into()],
    )
    .await
    .map_err(|error| match is_unique_violation(&error) {
        true => Problem::at(Code::AlreadyExists, "email", "there is a user with this address").into(),
        false => AccountError::from(error),
    })?;
    tx.run(
        "INSERT INTO user_roles (workspace_id, user_id, role) VALUES ($1, $2, $3)",
        vec![user.workspace.0.into(), id.0.into(), user.role.as_str().into()],
    )
    .await?;
    Ok(id)
}

pub(super) async fn find(db: &impl Sql, workspace: WorkspaceId, id: UserId) -> Result<UserRow, AccountError> {
    let row: Option<UserRow> = db
        .one(
            &format!("{USERS} WHERE user_roles.workspace_id = $1 AND users.id = $2"),
            vec![workspace.0.into(), id.0.into()],
        )
        .await?;
    row.ok_or(Code::NotFound.into())
}

/// Owners are made, changed and removed by owners only.
fn check_rank(caller: &Caller, role: Role) -> Result<(), Problem> {
    if role == Role::Owner && caller.role < Role::Owner {
        return Err(Problem::with(Code::Forbidden, "only an owner may do this to or for an owner"));
    }
    Ok(())
}

/// Fails when `user` is the only owner who can sign in.
async fn keep_an_owner(tx: &Tx, workspace: WorkspaceId, user: &UserRow) -> Result<(), AccountError> {
    if user.role() != Role::Owner || user.disabled_at.is_some() {
        return Ok(());
    }
    let another: Option<i64> = tx
        .scalar(
            "SELECT user_roles.user_id FROM user_roles JOIN users ON users.id = user_roles.user_id
             WHERE user_roles.workspace_id = $1 AND user_roles.user_id <> $2 AND user_roles.role = 'owner'
               AND users.disabled_at IS NULL LIMIT 1",
            vec![workspace.0.into(), user.id.into()],
        )
        .await?;
    if another.is_none() {
        return Err(Problem::with(Code::WrongState, "this is the last owner; make another one first").into());
    }
    Ok(())
}

/// Changes a role, also of the API keys that the user made, where they had more.
async fn set_role(tx: &Tx, workspace: WorkspaceId, id: UserId, role: Role) -> Result<(), DbErr> {
    tx.run(
        "UPDATE user_roles SET role = $3 WHERE workspace_id = $1 AND user_id = $2",
        vec![workspace.0.into(), id.0.into(), role.as_str().into()],
    )
    .await?;
    let roles = [Role::Viewer, Role::Analyst, Role::Operator, Role::Admin, Role::Owner];
    let higher: Vec<String> = roles.into_iter().filter(|other| *other > role).map(|role| format!("'{role}'")).collect();
    if higher.is_empty() {
        return Ok(());
    }
    let lower_them = format!(
        "UPDATE api_keys SET role = $3 WHERE workspace_id = $1 AND created_by = $2 AND kind = 'api' AND role IN ({})",
        higher.join(", ")
    );
    tx.run(&lower_them, vec![workspace.0.into(), format!("user:{id}").into(), role.as_str().into()]).await?;
    Ok(())
}

/// Ends a user's sessions.
async fn end_sessions(tx: &Tx, workspace: WorkspaceId, id: UserId) -> Result<(), DbErr> {
    tx.run("DELETE FROM sessions WHERE user_id = $1 AND workspace_id = $2", vec![id.0.into(), workspace.0.into()])
        .await?;
    Ok(())
}

async fn record(
    tx: &Tx,
    accounts: &Accounts,
    caller: &Caller,
    action: &str,
    user: UserId,
    detail: serde_json::Value,
) -> Result<(), DbErr> {
    let now = accounts.clock.now();
    audit::record(tx, &accounts.ids, now, caller.workspace, &caller.actor, action, &user.to_string(), detail).await
}

impl UserRow {
    fn role(&self) -> Role {
        self.role.parse().unwrap_or(Role::Viewer)
    }

    fn into_body(self) -> UserBody {
        UserBody {
            id: UserId(self.id),
            role: self.role(),
            email: self.email,
            name: self.name,
            created_at: Time::from_millis(self.created_at),
            disabled_at: self.disabled_at.map(Time::from_millis),
        }
    }
}
