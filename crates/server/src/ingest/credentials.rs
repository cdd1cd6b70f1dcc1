//! Whose key a request of the tracking API carries: in the `Authorization` header (Basic with the key as
//! user name, or Bearer), or as `writeKey` in the body.

use std::collections::HashSet;

use async_trait::async_trait;
use axum::http::{HeaderMap, header};
use base::ids::{KeyId, WorkspaceId};
use base64::{Engine, engine::general_purpose::STANDARD};
use store::DbErr;

/// A write key that is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteKey {
    /// Which one.
    pub id: KeyId,
    /// Whose data it writes to.
    pub workspace: WorkspaceId,
    /// Whether it may vouch for verified addresses, as a server's key may and one in a page may not.
    pub trusted: bool,
}

/// Knows the write keys.
#[async_trait]
pub trait WriteKeys: Send + Sync + 'static {
    /// The key with this secret; `None` when there is no such write key or it was revoked.
    async fn write_key(&self, secret: &str) -> Result<Option<WriteKey>, DbErr>;

    /// Those of these keys that may vouch for verified addresses: API keys, and write keys that are trusted. One that
    /// was revoked may not.
    async fn trusted(&self, keys: &[KeyId]) -> Result<HashSet<KeyId>, DbErr>;
}

/// The secret in the `Authorization` header.
pub fn from_header(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    let credentials = credentials.trim();
    let secret = if scheme.eq_ignore_ascii_case("bearer") {
        credentials.to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
        pair.split_once(':').map_or(pair.as_str(), |(user, _)| user).to_owned()
    } else {
        return None;
    };
    (!secret.is_empty()).then_some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_in_either_scheme_and_nothing_else_is_taken_for_one() {
        let secret = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            from_header(&headers)
        };
        assert_eq!(secret(&format!("Basic {}", STANDARD.encode("wk_1:"))).as_deref(), Some("wk_1"));
        assert_eq!(secret(&format!("basic {}", STANDARD.encode("wk_1"))).as_deref(), Some("wk_1"));
        assert_eq!(secret("Bearer wk_1").as_deref(), Some("wk_1"));
        for nothing in ["", "Bearer", "Bearer ", "Basic !!!", "Basic Og==", "Digest wk_1"] {
            assert_eq!(secret(nothing), None, "{nothing}");
        }
    }
}
