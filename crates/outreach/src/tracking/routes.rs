//! `/t/…`, `/o/…`, `/u/…` and `/hooks/…`: no one signs in for these; tokens and signatures guard them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use api::{ApiResult, Path, ProblemBody};
use axum::{
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State, rejection::BytesRejection},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Code, Language, Problem, ids::ChannelId};
use channels::webhook::{Secret, verify};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    HIDDEN_LINK, LinkBook, Purpose,
    confirm::{self, Confirmed},
    hits::{self, Hit},
    hooks, is_trackable,
    page::{Shown, page},
    preference_page,
    preferences::{self, Choice},
    unsubscribe::{self, Wish},
    visitors::Visit,
};
use crate::{Outreach, channel_config, outbox::facts::Subject, templates::TEST_PAGE};

const MAX_HOOK_BODY: usize = 2 * 1024 * 1024;
/// The most of a form of a page that is read, in bytes.
const MAX_FORM: usize = 64 * 1024;
const HOOK_TOLERANCE: Duration = Duration::from_secs(300);
/// A transparent image of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// The public routes.
pub fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(follow_link))
        .routes(routes!(open_image))
        .routes(routes!(show_preferences, take_preferences))
        .routes(routes!(show_confirmation, take_confirmation))
        .routes(routes!(take_hook))
        .layer(DefaultBodyLimit::max(MAX_HOOK_BODY))
        .with_state(state)
}

/// Follows a tracked link of a message.
#[utoipa::path(get, path = "/t/{token}", tag = "public",
    params(("token" = String, Path, description = "The signed token of the link")),
    responses((status = 302, description = "To the address behind the link"), (status = 404, body = ProblemBody)))]
async fn follow_link(
    State(outreach): State<Arc<Outreach>>,
    Path(token): Path<String>,
    request: Request,
) -> ApiResult<Response> {
    let visitor = Visitor::of(&request);
    let (delivery, link) = outreach.signer.read(Purpose::Link, &token).ok_or(Code::BadToken)?;
    let subject = Subject::load(outreach.db.read(), delivery).await?.ok_or(Code::BadToken)?;
    let url = match link {
        HIDDEN_LINK => None,
        link => LinkBook::url(outreach.db.read(), subject.workspace(), link).await?,
    };
    let target = match &url {
        Some(url) if is_trackable(url) => url.as_str(),
        None if link == HIDDEN_LINK => &outreach.settings.public_url,
        _ => return Err(Code::BadToken.into()),
    };
    let hit = url.as_deref().map_or(Hit::Hidden, Hit::Click);
    record(&outreach, &subject, hit, Some(link), &visitor).await;
    let mut response = StatusCode::FOUND.into_response();
    let location = url::Url::parse(target).map_err(|_| Code::BadToken)?;
    let location = header::HeaderValue::from_str(location.as_str()).map_err(|_| Code::BadToken)?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(unseen(response))
}

/// The image that tells of an opening.
#[utoipa::path(get, path = "/o/{token}", tag = "public",
    params(("token" = String, Path, description = "The signed token, with or without .gif")),
    responses((status = 200, description = "A transparent image", content_type = "image/gif")))]
async fn open_image(
    State(outreach): State<Arc<Outreach>>,
    Path(token): Path<String>,
    request: Request,
) -> ApiResult<Response> {
    let visitor = Visitor::of(&request);
    let token = token.strip_suffix(".gif").unwrap_or(&token);
    if let Some((delivery, _)) = outreach.signer.read(Purpose::Open, token)
        && let Some(subject) = Subject::load(outreach.db.read(), delivery).await?
    {
        record(&outreach, &subject, Hit::Open, None, &visitor).await;
    }
    Ok(unseen(([(header::CONTENT_TYPE, "image/gif")], PIXEL).into_response()))
}

/// Who asks.
struct Visitor {
    is_head: bool,
    user_agent: String,
    address: String,
}

impl Visitor {
    fn of(request: &Request) -> Visitor {
        let text = |name: &str| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            value.chars().take(300).collect::<String>()
        };
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
        Visitor {
            is_head: request.method() == Method::HEAD,
            user_agent: text("user-agent"),
            // The server has put the client's own address here, by the proxies that it trusts.
            address: peer.unwrap_or_default(),
        }
    }
}

/// Records a hit; the visitor is served even if that fails.
async fn record(outreach: &Outreach, subject: &Subject, hit: Hit<'_>, link: Option<i64>, visitor: &Visitor) {
    let visit = Visit {
        delivery: subject.delivery(),
        link,
        is_head: visitor.is_head,
        user_agent: &visitor.user_agent,
        address: &visitor.address,
        at: outreach.clock.now(),
        accepted_at: subject.accepted_at.map(base::Time::from_millis),
    };
    if let Err(error) = hits::record(outreach, subject, hit, &visit).await {
        tracing::error!(delivery = %subject.delivery(), %error, "a hit could not be recorded");
    }
}

/// Nobody keeps this reply, and no search engine lists it.
fn unseen(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", header::HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    response
}

/// The language of a page for somebody whom nobody knows.
fn accepted(headers: &HeaderMap) -> &str {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn html(status: StatusCode, body: String) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    let fields = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, policy)];
    unseen((status, fields, body).into_response())
}

fn short(status: StatusCode, shown: Shown, language: Language) -> Response {
    html(status, page(shown, language))
}

/// The message that a link of this purpose stands in, and the language of the page; or the page that says what is wrong.
async fn subject_of(
    outreach: &Outreach,
    purpose: Purpose,
    token: &str,
    headers: &HeaderMap,
) -> Result<(Subject, Language), Response> {
    let unknown = Language::of_accept_language(accepted(headers)).unwrap_or_default();
    if token == TEST_PAGE {
        return Err(short(StatusCode::OK, Shown::Test, unknown));
    }
    let bad_link = || short(StatusCode::NOT_FOUND, Shown::BadLink, unknown);
    let (delivery, _) = outreach.signer.read(purpose, token).ok_or_else(bad_link)?;
    let subject = Subject::load(outreach.db.read(), delivery).await.map_err(|error| failed(&error, unknown))?;
    let subject = subject.ok_or_else(bad_link)?;
    let language = preferences::language(outreach, &subject, accepted(headers)).await;
    Ok((subject, language.map_err(|error| failed(&error, unknown))?))
}

/// The preference centre of whoever got the message. Looking at it changes nothing.
#[utoipa::path(get, path = "/u/{token}", tag = "public",
    params(("token" = String, Path, description = "The signed token of the message")),
    responses((status = 200, description = "A page with choices", content_type = "text/html"),
        (status = 404, description = "A page that says so", content_type = "text/html")))]
async fn show_preferences(
    State(outreach): State<Arc<Outreach>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (subject, language) = match subject_of(&outreach, Purpose::Unsubscribe, &token, &headers).await {
        Ok(found) => found,
        Err(page) => return page,
    };
    match preferences::load(&outreach, &subject).await {
        Ok(preferences) => html(StatusCode::OK, preference_page::page(&preferences, language, false)),
        Err(error) => failed(&error, language),
    }
}

/// Takes what was chosen on the page: topics, channels, a pause, the language; or withdraws and renews consent by its
/// other buttons, or by one click after RFC 8058. It is in force when the reply is sent.
#[utoipa::path(post, path = "/u/{token}", tag = "public",
    params(("token" = String, Path, description = "The signed token of the message")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
        description = "`List-Unsubscribe=One-Click`, or `action=save`, `leave`, `leave_all`, `return` or `return_all`"),
    responses((status = 200, description = "Done", content_type = "text/html"),
        (status = 400, description = "The form says nothing", content_type = "text/html"),
        (status = 404, description = "The link is not valid", content_type = "text/html")))]
async fn take_preferences(
    State(outreach): State<Arc<Outreach>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (subject, language) = match subject_of(&outreach, Purpose::Unsubscribe, &token, &headers).await {
        Ok(found) => found,
        Err(page) => return page,
    };
    let form = body.unwrap_or_default();
    let form = form.get(..MAX_FORM).unwrap_or(&form);
    let outcome = match (Choice::read(form), Wish::read(form)) {
        (Some(choice), _) => save(&outreach, &subject, &choice, &headers).await,
        (None, Some(wish)) => unsubscribe::carry_out(&outreach, &subject, wish)
            .await
            .map(|()| short(StatusCode::OK, shown_after(wish), language)),
        (None, None) => preferences::load(&outreach, &subject)
            .await
            .map(|preferences| html(StatusCode::BAD_REQUEST, preference_page::page(&preferences, language, false))),
    };
    outcome.unwrap_or_else(|error| failed(&error, language))
}

fn shown_after(wish: Wish) -> Shown {
    match wish {
        Wish::Leave => Shown::Left,
        Wish::LeaveAll => Shown::LeftAll,
        Wish::Return | Wish::ReturnAll => Shown::Returned,
    }
}

/// The page then speaks the language that was chosen, before the log has told the profile of it.
async fn save(
    outreach: &Outreach,
    subject: &Subject,
    choice: &Choice,
    headers: &HeaderMap,
) -> Result<Response, store::DbErr> {
    preferences::save(outreach, subject, choice).await?;
    let language = match choice.language {
        Some(language) => language,
        None => preferences::language(outreach, subject, accepted(headers)).await?,
    };
    let mut preferences = preferences::load(outreach, subject).await?;
    preferences.language = choice.language.or(preferences.language);
    Ok(html(StatusCode::OK, preference_page::page(&preferences, language, true)))
}

/// Asks whether a subscription is confirmed. Looking at it changes nothing.
#[utoipa::path(get, path = "/u/confirm/{token}", tag = "public",
    params(("token" = String, Path, description = "The signed token of the message")),
    responses((status = 200, description = "A page with a button", content_type = "text/html"),
        (status = 404, description = "The link is not valid", content_type = "text/html"),
        (status = 410, description = "The link is too old, or the member has refused since", content_type = "text/html")))]
async fn show_confirmation(
    State(outreach): State<Arc<Outreach>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (subject, language) = match subject_of(&outreach, Purpose::Confirm, &token, &headers).await {
        Ok(found) => found,
        Err(page) => return page,
    };
    match confirm::asked(&outreach, &subject).await {
        Ok(Ok(_)) => short(StatusCode::OK, Shown::Confirm, language),
        Ok(Err(why)) => confirmed_page(why, language),
        Err(error) => failed(&error, language),
    }
}

/// Confirms a subscription (double opt-in). It is in force when the reply is sent.
#[utoipa::path(post, path = "/u/confirm/{token}", tag = "public",
    params(("token" = String, Path, description = "The signed token of the message")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`action=confirm`"),
    responses((status = 200, description = "Confirmed", content_type = "text/html"),
        (status = 404, description = "The link is not valid", content_type = "text/html"),
        (status = 410, description = "The link is too old, or the member has refused since", content_type = "text/html")))]
async fn take_confirmation(
    State(outreach): State<Arc<Outreach>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (subject, language) = match subject_of(&outreach, Purpose::Confirm, &token, &headers).await {
        Ok(found) => found,
        Err(page) => return page,
    };
    if body.unwrap_or_default().as_ref() != b"action=confirm" {
        return short(StatusCode::BAD_REQUEST, Shown::Confirm, language);
    }
    match confirm::confirm(&outreach, &subject).await {
        Ok(outcome) => confirmed_page(outcome, language),
        Err(error) => failed(&error, language),
    }
}

fn confirmed_page(outcome: Confirmed, language: Language) -> Response {
    match outcome {
        Confirmed::Yes => short(StatusCode::OK, Shown::Confirmed, language),
        Confirmed::TooOld => short(StatusCode::GONE, Shown::TooOld, language),
        Confirmed::Refused => short(StatusCode::GONE, Shown::RefusedSince, language),
    }
}

fn failed(error: &store::DbErr, language: Language) -> Response {
    tracing::error!(%error, "a page of a message failed");
    short(StatusCode::SERVICE_UNAVAILABLE, Shown::Failed, language)
}

/// What the hook answers.
#[derive(Debug, Serialize, ToSchema)]
struct Taken {
    /// Whether the report named a message of this channel.
    known: bool,
}

/// Takes a report of a provider or mail server: JSON `{"type": "bounce" | "complaint" | "delivered",
/// "delivery" | "message_id", "permanent", "diagnostic"}`, or the report mail itself as
/// `message/rfc822`. Signed after Standard Webhooks with the channel's `hook_secret`.
#[utoipa::path(post, path = "/hooks/{kind}/{channel}", tag = "public",
    params(("kind" = String, Path, description = "Kind of the channel"),
        ("channel" = String, Path, description = "The channel")),
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = Taken), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn take_hook(
    State(outreach): State<Arc<Outreach>>,
    Path((kind, channel)): Path<(String, ChannelId)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<api::Json<Taken>> {
    let body = body.map_err(api::unread_body)?;
    check_signature(&outreach, &kind, channel, &headers, &body).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let report = match content_type.split(';').next().unwrap_or_default().trim() {
        "message/rfc822" => hooks::read_mail(&outreach.signer, &body),
        "application/json" => Some(hooks::read_json(&body)?),
        _ => return Err(Problem::with(Code::UnsupportedMedia, "send application/json or message/rfc822").into()),
    };
    let known = match &report {
        Some(report) => hooks::take(&outreach, channel, report).await?,
        None => false,
    };
    if !known {
        tracing::info!(%channel, "a report that names no message of the channel");
    }
    Ok(api::Json(Taken { known }))
}

/// Fails alike for a wrong signature, a channel without a secret, and one that does not exist.
async fn check_signature(
    outreach: &Outreach,
    kind: &str,
    channel: ChannelId,
    headers: &HeaderMap,
    body: &[u8],
) -> ApiResult<()> {
    use store::Sql;
    let found: Option<String> = outreach
        .db
        .read()
        .scalar("SELECT kind FROM channels WHERE id = $1 AND deleted_at IS NULL", vec![channel.0.into()])
        .await?;
    let secret = match found.filter(|found| found == kind) {
        Some(_) => {
            channel_config::hook_secret(outreach.db.read(), &outreach.secrets, channel).await.map_err(|error| {
                tracing::error!(%channel, %error, "the hook secret cannot be read");
                Problem::new(Code::Internal)
            })?
        }
        None => None,
    };
    let secret = secret.as_deref().and_then(Secret::parse).ok_or(Code::InvalidSignature)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, timestamp, signature) = (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature"));
    verify(&secret, id, timestamp, signature, body, outreach.clock.now(), HOOK_TOLERANCE)?;
    Ok(())
}
