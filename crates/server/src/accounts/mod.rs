//! Who may come in: users with roles, sessions, API keys and write keys, the one-time set-up,
//! the pauses after failed logins, and the audit log.
//!
//! Invariants: passwords are kept as argon2id, every other secret as its SHA-256; a secret is shown
//! once. There is always an owner who can sign in. Each change and its audit line are one transaction.

pub mod audit;
mod authenticate;
mod cli;
mod key_cache;
pub mod keys;
pub mod keys_of_user;
pub(crate) mod named;
mod passwords;
pub mod sessions;
pub mod setup;
mod throttle;
pub mod users;
pub mod workspace;

use std::sync::Arc;

use api::ApiError;
use base::{Clock, Code, IdSource, Problem};
use sha2::{Digest, Sha256};
use store::{Db, DbErr, Sql, Tx};
use tokio::sync::Notify;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use authenticate::{authenticate, require_caller, signed_in};
pub use cli::{NewKeyOnCommandLine, cli_create_key, cli_create_user, default_workspace};
pub use key_cache::KeyCache;
pub use passwords::Passwords;
pub(crate) use throttle::MEMORY as FAILURES_REMEMBERED;

use crate::config::ServerConfig;

/// What the services of this folder work with.
pub struct Accounts {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: IdSource,
    pub(crate) keys: Arc<KeyCache>,
    pub(crate) passwords: Passwords,
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) rules_changed: Arc<Notify>,
}

/// Why an operation on accounts did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// What was asked for is not possible.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<Code> for AccountError {
    fn from(code: Code) -> Self {
        AccountError::Problem(code.into())
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Problem(problem) => problem.into(),
            AccountError::Database(error) => error.into(),
        }
    }
}

/// Routes that need a caller.
pub(crate) fn routes(accounts: &Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(sessions::routes(accounts.clone()))
        .merge(users::routes(accounts.clone()))
        .merge(keys::routes(accounts.clone()))
        .merge(keys_of_user::routes(accounts.clone()))
        .merge(workspace::routes(accounts.clone()))
        .merge(audit::routes(accounts.clone()))
}

/// Routes by which somebody becomes a caller.
pub(crate) fn public_routes(accounts: &Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().merge(sessions::public_routes(accounts.clone())).merge(setup::routes(accounts.clone()))
}

/// What is stored in place of a token or a key. They have 256 random bits, so a plain hash cannot
/// be turned back, and looking it up gives away nothing by its timing.
pub(crate) fn hash_of(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// 256 random bits as text.
pub(crate) fn random_token(ids: &IdSource) -> String {
    let mut bytes = [0u8; 32];
    ids.fill(&mut bytes);
    hex(&bytes)
}

/// A name as people write it: trimmed, 1 to 200 characters, none of them invisible.
pub(crate) fn checked_name(path: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
        return Err(Problem::at(Code::InvalidBody, path, "must have 1 to 200 characters and no control characters"));
    }
    Ok(text.to_owned())
}

/// An e-mail address in the form by which users are found: trimmed and in lower case.
pub(crate) fn checked_email(path: &str, text: &str) -> Result<String, Problem> {
    let email = text.trim().to_lowercase();
    let is_plausible = email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    if !is_plausible {
        return Err(Problem::at(Code::InvalidBody, path, "is not an e-mail address"));
    }
    Ok(email)
}

/// Makes changes of users and workspaces take turns, on either back end, until the transaction
/// ends: PostgreSQL would otherwise let two owners demote each other at the same moment.
pub(crate) async fn take_turns(tx: &Tx) -> Result<(), DbErr> {
    tx.run("UPDATE schema_steps SET step = step WHERE step = 1", vec![]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_without_case_and_spaces() {
        assert_eq!(checked_email("email", " Lin@Example.COM ").unwrap(), "lin@example.com");
        for wrong in ["", "lin", "@example.com", "lin@", "a@b@c", "a b@c", "a\u{0}@c"] {
            assert!(checked_email("email", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn names_have_something_to_show() {
        assert_eq!(checked_name("name", " 林 ").unwrap(), "林");
        for wrong in ["", "  ", "a\u{0}b", "a\nb"] {
            assert!(checked_name("name", wrong).is_err(), "{wrong:?}");
        }
    }
}
