//! The admin app: its files, and what stands in its place when it was not built.
//!
//! Invariants: every address below `/app/` that is no file is a page of the app; its scripts come from files of ours and
//! nothing else may be loaded; messages of others are shown in a frame that can reach nothing.

use std::io::Read;

use api::{ApiError, ApiResult};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use base::{Code, Problem};
use web::Asset;

const HOME: &str = "/app/";
const INDEX: &str = "index.html";
/// The page that shows a mail within the app.
const MAIL_FRAME: &str = "mail-frame.html";

/// Ant Design and the editor write their styles at run time.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
                   font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A mail has styles and pictures of its own; it runs nothing, and is of no origin that could have a session.
const CSP_OF_MAIL: &str = "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; \
                           img-src data: https: http:; font-src 'none'; form-action 'none'; base-uri 'none'; \
                           frame-ancestors 'self'";
const CSP_OF_WORD: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Asks each time whether it is still the same.
const ASKED_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

pub(crate) fn routes(assets: &'static [Asset]) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to(HOME) }))
        .route("/login", get(|| async { Redirect::to("/app/login") }))
        .route("/setup", get(set_up))
        .route("/app", get(|| async { Redirect::to(HOME) }))
        .route(HOME, get(home))
        .route("/app/{*path}", get(page))
        .with_state(assets)
}

/// The link that the program prints, with its token.
async fn set_up(uri: Uri) -> Redirect {
    Redirect::to(&format!("/app/setup{}", uri.query().map(|query| format!("?{query}")).unwrap_or_default()))
}

async fn home(State(assets): State<&'static [Asset]>, headers: HeaderMap) -> ApiResult<Response> {
    answer(assets, "", &headers)
}

async fn page(
    State(assets): State<&'static [Asset]>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    answer(assets, &path, &headers)
}

fn answer(assets: &'static [Asset], path: &str, headers: &HeaderMap) -> ApiResult<Response> {
    if assets.is_empty() {
        return Ok(unbuilt());
    }
    if let Some(asset) = web::find(assets, path) {
        return file(asset, headers);
    }
    // A file that is gone, such as one of an older version, is not a page.
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.')) && path.starts_with("assets/");
    match web::find(assets, INDEX) {
        Some(index) if !is_file => file(index, headers),
        _ => Err(ApiError::from(Code::NotFound)),
    }
}

fn file(asset: &'static Asset, headers: &HeaderMap) -> ApiResult<Response> {
    let etag = HeaderValue::from_static(asset.etag);
    let is_known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|known| {
        known.split(',').any(|one| one.trim().trim_start_matches("W/") == asset.etag || one.trim() == "*")
    });
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => whole(asset, headers)?,
    };
    let dress = response.headers_mut();
    dress.insert(header::ETAG, etag);
    dress.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    dress.insert(header::CACHE_CONTROL, if asset.is_immutable() { FOR_EVER } else { ASKED_EACH_TIME });
    let policy = match asset.path {
        MAIL_FRAME => {
            dress.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
            CSP_OF_MAIL
        }
        _ => CSP,
    };
    dress.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok(response)
}

fn whole(asset: &'static Asset, headers: &HeaderMap) -> ApiResult<Response> {
    let (body, encoding) = match (asset.brotli, asset.gzip, asset.plain) {
        (Some(brotli), ..) if accepts(headers, "br") => (brotli.into_response(), Some("br")),
        (_, Some(gzip), _) if accepts(headers, "gzip") => (gzip.into_response(), Some("gzip")),
        (_, _, Some(plain)) => (plain.into_response(), None),
        (_, Some(gzip), None) => (unpacked(gzip)?.into_response(), None),
        (_, None, None) => return Err(Code::NotFound.into()),
    };
    let mut response = body;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type()));
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

/// For the few that take nothing compressed.
fn unpacked(gzip: &[u8]) -> ApiResult<Vec<u8>> {
    let mut bytes = Vec::new();
    match flate2::read::GzDecoder::new(gzip).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(_) => Err(Problem::with(Code::Internal, "a file of the admin app is broken").into()),
    }
}

/// Whether a reply may come in this encoding (RFC 9110, section 12.5.3).
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let listed = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    listed.flat_map(|list| list.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        name.eq_ignore_ascii_case(encoding) && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// What stands in the app's place when the program was built without it.
fn unbuilt() -> Response {
    let body = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
        <title>Hearth 围炉</title><link rel=\"icon\" href=\"data:,\"><style>body{font:16px/1.6 system-ui,sans-serif;\
        max-width:36rem;margin:12vh auto;padding:0 1.5rem}code{font-size:.95em}a{color:inherit}</style></head><body>\
        <h1>Hearth 围炉</h1>\
        <p>This program was built without the admin app. Run <code>make run</code>, which builds both (it needs Node.js 20 \
        with npm). Everything else works: <a href=\"/api/docs/\">the API</a>, events, journeys, messages.</p>\
        <p lang=\"zh-CN\">这个程序在构建时没有带上管理后台。运行 <code>make run</code> 会连同后台一起构建（需要 Node.js 20 和 npm）。\
        其余功能照常：<a href=\"/api/docs/\">API</a>、事件、旅程、消息。</p>\
        <p lang=\"zh-TW\">這個程式在建置時沒有帶上管理後台。執行 <code>make run</code> 會連同後台一起建置（需要 Node.js 20 和 npm）。\
        其餘功能照常：<a href=\"/api/docs/\">API</a>、事件、旅程、訊息。</p></body></html>";
    ([(header::CONTENT_SECURITY_POLICY, CSP_OF_WORD)], Html(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_with_weight_zero_is_not_accepted() {
        let accepts = |list: &str, encoding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(list).unwrap());
            super::accepts(&headers, encoding)
        };
        assert!(accepts("gzip, deflate, br;q=0.9", "br") && accepts("GZIP", "gzip"));
        assert!(!accepts("br;q=0, gzip", "br") && !accepts("deflate", "gzip") && !accepts("br;q=x", "br"));
    }
}
