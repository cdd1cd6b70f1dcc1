//! Users and keys made on the command line, before the first start or beside a running server.

use std::sync::Arc;

use api::Role;
use base::{
    Clock, IdSource,
    ids::{UserId, WorkspaceId},
};
use store::{Db, Sql, audit};

use super::{
    AccountError, Passwords, checked_email, checked_name,
    keys::{self, KeyKind, checked_trust, granted_scopes},
    take_turns, users, workspace,
    workspace::{DEFAULT_NAME, DEFAULT_TIME_ZONE, checked_time_zone},
};

const ACTOR: &str = "cli";

/// The first workspace; made with this name and time zone (`Hearth` and `UTC` unless given) when
/// there is none.
pub async fn default_workspace(
    db: &Db,
    clock: &Arc<dyn Clock>,
    ids: &IdSource,
    name: Option<&str>,
    time_zone: Option<&str>,
) -> Result<WorkspaceId, AccountError> {
    let name = checked_name("workspace_name", name.unwrap_or(DEFAULT_NAME))?;
    let time_zone = checked_time_zone("time_zone", time_zone.unwrap_or(DEFAULT_TIME_ZONE))?;
    let tx = db.begin().await?;
    take_turns(&tx).await?;
    let workspace = workspace::first_or_new(&tx, ids, clock.now(), &name, &time_zone).await?;
    tx.commit().await?;
    Ok(workspace)
}

/// Makes a user in the first workspace. Fails with `already_exists` when the address is taken, and
/// with `weak_password`.
pub async fn cli_create_user(
    db: &Db,
    clock: &Arc<dyn Clock>,
    ids: &IdSource,
    email: &str,
    name: Option<&str>,
    role: Role,
    password: &str,
) -> Result<UserId, AccountError> {
    let email = checked_email("email", email)?;
    let name = checked_name("name", name.unwrap_or(email.split('@').next().unwrap_or_default()))?;
    let password_hash = Passwords::new(ids.clone()).hash(password, &email).await?;
    let now = clock.now();
    let tx = db.begin().await?;
    take_turns(&tx).await?;
    let workspace = workspace::first_or_new(&tx, ids, now, DEFAULT_NAME, DEFAULT_TIME_ZONE).await?;
    let user = users::NewUser { workspace, email: &email, name: &name, role, password_hash: &password_hash };
    let user = users::insert(&tx, ids, now, user).await?;
    let detail = serde_json::json!({ "email": email, "role": role });
    audit::record(&tx, ids, now, workspace, ACTOR, "user.created", &user.to_string(), detail).await?;
    // An owner who can sign in makes the set-up link pointless.
    if role == Role::Owner {
        tx.run("DELETE FROM setup_tokens", vec![]).await?;
    }
    tx.commit().await?;
    Ok(user)
}

/// A key that is wanted on the command line.
#[derive(Clone, Debug)]
pub struct NewKeyOnCommandLine<'a> {
    /// What it shall open.
    pub kind: KeyKind,
    /// What it is for.
    pub name: &'a str,
    /// What an API key may do; everything when left out.
    pub scopes: Option<Vec<String>>,
    /// The role that an API key acts with; the command line is the owner's.
    pub role: Role,
    /// Whether a write key is believed when it says that an address was verified; no other kind can be given this.
    pub trusted: bool,
}

/// Makes a key in the first workspace and returns its secret, which is nowhere else.
pub async fn cli_create_key(
    db: &Db,
    clock: &Arc<dyn Clock>,
    ids: &IdSource,
    key: NewKeyOnCommandLine<'_>,
) -> Result<String, AccountError> {
    let name = checked_name("name", key.name)?;
    let trusted = checked_trust(key.kind, key.trusted.then_some(true))?;
    let scopes = match key.kind {
        KeyKind::Api => granted_scopes(key.scopes, None)?,
        KeyKind::Write => Vec::new(),
    };
    let now = clock.now();
    let tx = db.begin().await?;
    take_turns(&tx).await?;
    let workspace = workspace::first_or_new(&tx, ids, now, DEFAULT_NAME, DEFAULT_TIME_ZONE).await?;
    let new = keys::NewKey {
        workspace,
        kind: key.kind,
        name: &name,
        scopes,
        role: key.role,
        trusted,
        created_by: ACTOR,
        actor: ACTOR,
    };
    let (_, secret) = keys::create(&tx, ids, now, new).await?;
    tx.commit().await?;
    Ok(secret)
}
