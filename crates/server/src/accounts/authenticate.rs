//! Finding out who calls: by API key (bearer) or by session cookie.

use std::sync::Arc;

use api::{ApiError, ApiResult, Caller};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base::{Code, Problem};

use super::{Accounts, sessions};

/// Puts a [`Caller`] into each request under `/api/v1` whose credentials are right. Whether one is
/// needed is the business of [`require_caller`] and of the handlers.
pub(crate) async fn authenticate(State(accounts): State<Arc<Accounts>>, mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/v1/") {
        return next.run(request).await;
    }
    match signed_in(&accounts, request.method(), request.headers()).await {
        Ok(Some((caller, session))) => {
            request.extensions_mut().insert(caller);
            if let Some(session) = session {
                request.extensions_mut().insert(session);
            }
        }
        Ok(None) => {}
        Err(error) => return error.into_response(),
    }
    next.run(request).await
}

/// Answers 401 to requests without a caller.
pub(crate) async fn require_caller(request: Request, next: Next) -> Response {
    if request.extensions().get::<Caller>().is_none() {
        return ApiError::from(Code::Unauthenticated).into_response();
    }
    next.run(request).await
}

/// Who sent these headers, and in which session. An `Authorization` header rules out the cookie.
pub(crate) async fn signed_in(
    accounts: &Accounts,
    method: &Method,
    headers: &HeaderMap,
) -> ApiResult<Option<(Caller, Option<sessions::CurrentSession>)>> {
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let Some(secret) = authorization.to_str().ok().and_then(bearer) else { return Ok(None) };
        return Ok(accounts.keys.api_key(secret).await?.map(|caller| (caller, None)));
    }
    let Some(token) = sessions::token_in(headers) else { return Ok(None) };
    let Some((caller, session)) = sessions::find(accounts, token).await? else { return Ok(None) };
    if changes_state(method) && !is_same_origin(accounts, headers).unwrap_or(false) {
        return Err(Code::CrossSite.into());
    }
    Ok(Some((caller, Some(session))))
}

/// Refuses what a browser sent on behalf of another site. For routes that set a cookie and are
/// open to programs, which send neither `Origin` nor `Sec-Fetch-Site`.
pub(crate) fn refuse_other_sites(accounts: &Accounts, headers: &HeaderMap) -> Result<(), Problem> {
    match is_same_origin(accounts, headers) {
        Some(false) => Err(Code::CrossSite.into()),
        Some(true) | None => Ok(()),
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, secret) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

fn changes_state(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether the browser says that one of our own pages sent this; `None` when it says nothing.
/// Fetch Metadata is preferred, since a page cannot influence it.
fn is_same_origin(accounts: &Accounts, headers: &HeaderMap) -> Option<bool> {
    if let Some(site) = headers.get("sec-fetch-site") {
        return Some(matches!(site.as_bytes(), b"same-origin" | b"none"));
    }
    let origin = headers.get(header::ORIGIN)?.to_str().unwrap_or("null");
    if accounts.config.origin().as_deref() == Some(origin) {
        return Some(true);
    }
    // Behind a proxy that keeps the Host header, and without a configured address, that header says
    // who we are; a page of another site cannot change it.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    Some(authority.is_some() && authority == host)
}
