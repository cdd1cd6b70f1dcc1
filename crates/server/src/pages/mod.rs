//! The few pages that the server has of its own: set-up, sign-in, and the home page with live
//! numbers until the admin app takes its place. Strings are in `words.rs`, in Chinese and English.
//!
//! Invariants: nothing about the workspace is shown without a session; scripts and styles come
//! from files of ours, so the content security policy allows nothing inline.

mod words;

use std::sync::Arc;

use api::{ApiError, ApiResult, Caller, Json};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use base::Code;
use serde::Deserialize;

use crate::{
    accounts::{Accounts, setup, signed_in},
    health::Health,
};
use words::Words;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) struct PagesState {
    pub accounts: Arc<Accounts>,
    pub health: Arc<dyn Health>,
}

pub(crate) fn routes(state: Arc<PagesState>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/setup", get(set_up))
        .route("/live", get(live))
        .route("/assets/page.css", get(|| async { asset("text/css; charset=utf-8", STYLE) }))
        .route("/assets/page.js", get(|| async { asset("text/javascript; charset=utf-8", SCRIPT) }))
        .with_state(state)
}

async fn home(State(state): State<Arc<PagesState>>, headers: HeaderMap) -> ApiResult<Response> {
    let words = Words::for_browser(&headers);
    if visitor(&state, &headers).await?.is_none() {
        let body = format!(
            "<h1>{}</h1><p>{}</p><p><a class=\"button\" href=\"/login\">{}</a></p>",
            words.name, words.what_it_is, words.sign_in
        );
        return Ok(page(words, StatusCode::OK, words.name, &body));
    }
    let tiles: String = words
        .tiles
        .iter()
        .map(|(key, label)| format!("<li><strong data-number=\"{key}\">–</strong><span>{label}</span></li>"))
        .collect();
    let body = format!(
        "<h1>{}</h1><ul class=\"tiles\" data-live=\"/live\">{tiles}</ul>\
         <h2>{}</h2><ul class=\"tiles small\" data-states></ul><p role=\"status\" data-trouble></p>\
         <nav><a href=\"/api/docs/\">{}</a> <form method=\"post\" action=\"/api/v1/logout\" data-next=\"/\">\
         <button class=\"quiet\">{}</button></form></nav>",
        words.name, words.deliveries, words.api_browser, words.sign_out
    );
    Ok(page(words, StatusCode::OK, words.name, &body))
}

async fn login(headers: HeaderMap) -> Response {
    let words = Words::for_browser(&headers);
    let body = format!(
        "<h1>{title}</h1><form method=\"post\" action=\"/api/v1/login\" data-next=\"/\">\
         <label>{email}<input name=\"email\" type=\"email\" autocomplete=\"username\" required autofocus></label>\
         <label>{password}<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <p role=\"alert\" data-trouble></p><button>{title}</button></form>",
        title = words.sign_in,
        email = words.email,
        password = words.password,
    );
    page(words, StatusCode::OK, words.sign_in, &body)
}

#[derive(Deserialize)]
struct SetupQuery {
    #[serde(default)]
    token: String,
}

async fn set_up(
    State(state): State<Arc<PagesState>>,
    headers: HeaderMap,
    api::Query(query): api::Query<SetupQuery>,
) -> ApiResult<Response> {
    let words = Words::for_browser(&headers);
    if let Err(error) = setup::check_link(&state.accounts, &query.token).await {
        let ApiError(problem) = error.into();
        return match problem.code {
            Code::SetupDone => Ok(Redirect::to("/login").into_response()),
            Code::BadToken => {
                let body = format!("<h1>{}</h1><p>{}</p>", words.set_up, words.link_ended);
                Ok(page(words, StatusCode::NOT_FOUND, words.set_up, &body))
            }
            _ => Err(problem.into()),
        };
    }
    let body = format!(
        "<h1>{title}</h1><p>{welcome}</p><form method=\"post\" action=\"/api/v1/setup\" data-next=\"/\">\
         <input type=\"hidden\" name=\"token\" value=\"{token}\">\
         <label>{brand}<input name=\"workspace_name\" maxlength=\"200\" required autofocus></label>\
         <label>{zone}<input name=\"time_zone\" value=\"UTC\" data-time-zone required></label>\
         <label>{name}<input name=\"name\" maxlength=\"200\" autocomplete=\"name\" required></label>\
         <label>{email}<input name=\"email\" type=\"email\" autocomplete=\"username\" required></label>\
         <label>{password}<input name=\"password\" type=\"password\" minlength=\"10\" \
         autocomplete=\"new-password\" required><small>{rule}</small></label>\
         <p role=\"alert\" data-trouble></p><button>{begin}</button></form>",
        title = words.set_up,
        welcome = words.welcome,
        token = escaped(&query.token),
        brand = words.brand,
        zone = words.time_zone,
        name = words.your_name,
        email = words.email,
        password = words.password,
        rule = words.password_rule,
        begin = words.begin,
    );
    Ok(page(words, StatusCode::OK, words.set_up, &body))
}

/// The numbers that the home page asks for every two seconds.
async fn live(State(state): State<Arc<PagesState>>, headers: HeaderMap) -> ApiResult<Json<serde_json::Value>> {
    let caller = visitor(&state, &headers).await?.ok_or(ApiError::from(Code::Unauthenticated))?;
    Ok(Json(state.health.numbers(caller.workspace).await))
}

/// The user whose session this is. API keys do not look at pages.
async fn visitor(state: &PagesState, headers: &HeaderMap) -> ApiResult<Option<Caller>> {
    let visitor = signed_in(&state.accounts, &Method::GET, headers).await?;
    Ok(visitor.and_then(|(caller, session)| session.map(|_| caller)))
}

fn page(words: &Words, status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/assets/page.css\">\
         <script src=\"/assets/page.js\" defer></script></head>\
         <body data-words=\"{messages}\"><main>{body}</main></body></html>",
        lang = words.lang,
        messages = escaped(&words.messages()),
    );
    let headers = [(header::CONTENT_SECURITY_POLICY, CSP), (header::VARY, "Accept-Language, Cookie")];
    (status, headers, Html(html)).into_response()
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

/// Text that may stand in HTML and in its attributes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_page_cannot_leave_its_place() {
        assert_eq!(escaped("\"><script>'&"), "&quot;&gt;&lt;script&gt;&#39;&amp;");
    }
}
