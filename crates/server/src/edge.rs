//! What happens to every request, whatever it asks for: an id, a span, numbers, a time limit,
//! headers that keep browsers safe, and a problem instead of a crash.

use std::{any::Any, sync::Arc, time::Duration};

use api::ApiError;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base::{Clock, Code, IdSource, Problem};
use tracing::Instrument;

const REQUEST_ID: &str = "x-request-id";
const REQUEST_ID_LENGTH: usize = 64;

/// For replies that no browser shows as a page.
const CSP_OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'";
/// For pages that bring their own styles and no scripts, such as the one behind an unsubscribe link.
const CSP_OF_PLAIN_PAGES: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                                  form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Clone)]
pub(crate) struct Edge {
    pub clock: Arc<dyn Clock>,
    pub ids: IdSource,
    pub time_limit: Duration,
    pub is_https: bool,
}

/// Gives the request an id and a span, counts it, and dresses the reply.
pub(crate) async fn observe(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let started = edge.clock.monotonic();
    let id = request_id(request.headers(), &edge.ids);
    let method = method_label(request.method());
    // The template, never the address itself, which may name people and hold tokens.
    let route = match request.extensions().get::<MatchedPath>() {
        Some(path) => path.as_str().to_owned(),
        None => "unmatched".to_owned(),
    };
    let may_leave_body_unread = request.version() < Version::HTTP_2 && has_body(request.headers());
    let span = tracing::info_span!("request", request_id = id, method, route);
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }

    let mut response = next.run(request).instrument(span.clone()).await;

    let seconds = edge.clock.monotonic().saturating_sub(started).as_secs_f64();
    let status = response.status();
    span.in_scope(|| match status.is_server_error() {
        true => tracing::warn!(status = status.as_u16(), seconds, "failed"),
        false => tracing::debug!(status = status.as_u16(), seconds, "answered"),
    });
    metrics::counter!("hearth_http_requests_total", "route" => route.clone(), "method" => method,
        "status" => status.as_u16().to_string())
    .increment(1);
    metrics::histogram!("hearth_http_seconds", "route" => route, "method" => method).record(seconds);

    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    // A refusal may come before the body was read. The connection cannot be used on then, and the client
    // is told so instead of finding it closed.
    if may_leave_body_unread && (status.is_client_error() || status.is_server_error()) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    dress(status, headers, edge.is_https);
    response
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).map(HeaderValue::as_bytes);
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != b"0")
}

/// Whether a request moves a whole file, which takes its time: such a handler limits how long it waits for each piece.
pub(crate) fn moves_a_file(request: &Request) -> bool {
    let path = request.uri().path();
    match *request.method() {
        Method::POST => path == "/api/v1/imports",
        Method::GET => path.starts_with("/api/v1/") && path.ends_with("/export"),
        _ => false,
    }
}

/// Answers with a problem when the handler takes too long; its work is then rolled back.
pub(crate) async fn limit_time(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    if moves_a_file(&request) {
        return next.run(request).await;
    }
    tokio::select! {
        response = next.run(request) => response,
        () = edge.clock.sleep(edge.time_limit) => ApiError::from(Code::Timeout).into_response(),
    }
}

/// Names the encodings that bodies may have, before the unpacking layer refuses with an empty reply.
pub(crate) async fn refuse_encodings(request: Request, next: Next) -> Response {
    let encoding = request.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    if !matches!(encoding, None | Some(b"gzip" | b"identity")) {
        return ApiError::from(Code::UnsupportedMedia).into_response();
    }
    next.run(request).await
}

/// The reply to a request whose handler panicked. The panic hook has written the cause; it is not
/// repeated to the client, since it may quote data.
pub(crate) fn answer_panic(_cause: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    ApiError::from(Code::Internal).into_response()
}

/// The reply to an address that is not there.
pub(crate) async fn not_found() -> ApiError {
    Problem::with(Code::NotFound, "no route has this address; /api/openapi.json lists them").into()
}

/// The reply to an address that is there, for other methods.
pub(crate) async fn method_not_allowed() -> ApiError {
    Code::MethodNotAllowed.into()
}

fn request_id(headers: &HeaderMap, ids: &IdSource) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|text| {
        (1..=REQUEST_ID_LENGTH).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    });
    if let Some(given) = given {
        return given.to_owned();
    }
    let mut bytes = [0u8; 8];
    ids.fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// One of a fixed set, since clients may invent methods.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

fn dress(status: StatusCode, headers: &mut HeaderMap, is_https: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("DENY"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let policy = if is_page { CSP_OF_PLAIN_PAGES } else { CSP_OF_DATA };
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.entry(header::WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer realm=\"hearth\""));
    }
}
