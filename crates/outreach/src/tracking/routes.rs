//! `/t/…`, `/o/…`, `/u/…` and `/hooks/…`: no one signs in for these; tokens and signatures guard them.

use std::{net::SocketAddr, sync::Arc};

use api::{ApiResult, Path, ProblemBody};
use axum::{
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State, rejection::BytesRejection},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Code, Language};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    HIDDEN_LINK, LinkBook, Purpose,
    about::{About, about, can_be_left},
    confirm::{self, Confirmed},
    hits::{self, Hit},
    hook_routes, is_trackable,
    page::{Shown, page},
    preference_page,
    preferences::{self, Choice},
    unsubscribe::{self, Wish},
    visitors::Visit,
};
use crate::{Outreach, outbox::facts::Subject, templates::TEST_PAGE};

const MAX_HOOK_BODY: usize = 2 * 1024 * 1024;
/// The most of a form of a page that is read, in bytes.
const MAX_FORM: usize = 64 * 1024;
/// A transparent image of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// The public routes.
pub fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(follow_link))
        .routes(routes!(open_image))
        .routes(routes!(show_preferences, take_preferences))
        .routes(routes!(show_confirmation, take_confirmation))
        .routes(routes!(hook_routes::take_hook))
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

/// A page that knows of nobody.
fn short(status: StatusCode, shown: Shown, language: Language) -> Response {
    html(status, page(shown, language, &About::default()))
}

/// A page that says who writes, and about what.
async fn short_about(
    outreach: &Outreach,
    (subject, topic): (&Subject, &str),
    (status, shown): (StatusCode, Shown),
    language: Language,
) -> Response {
    match about(outreach, subject, topic, language).await {
        Ok(about) => html(status, page(shown, language, &about)),
        Err(error) => failed(&error, language),
    }
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
        (None, Some(wish)) => match unsubscribe::carry_out(&outreach, &subject, wish).await {
            Ok(()) => {
                let shown = (StatusCode::OK, shown_after(wish, &subject.topic));
                let topic = if wish == Wish::ReturnAll { "" } else { subject.topic.as_str() };
                Ok(short_about(&outreach, (&subject, topic), shown, language).await)
            }
            Err(error) => Err(error),
        },
        (None, None) => preferences::load(&outreach, &subject)
            .await
            .map(|preferences| html(StatusCode::BAD_REQUEST, preference_page::page(&preferences, language, false))),
    };
    outcome.unwrap_or_else(|error| failed(&error, language))
}

/// What is said of a wish that was carried out. Who leaves a message without a topic of its own leaves all.
fn shown_after(wish: Wish, topic: &str) -> Shown {
    match wish {
        Wish::Leave if can_be_left(topic) => Shown::Left,
        Wish::Leave | Wish::LeaveAll => Shown::LeftAll,
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
        Ok(Ok(confirms)) => {
            let shown = (StatusCode::OK, Shown::Confirm);
            short_about(&outreach, (&subject, confirms.topic()), shown, language).await
        }
        Ok(Err(why)) => confirmed_page(&outreach, (&subject, ""), why, language).await,
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
    let topic = match confirm::asked(&outreach, &subject).await {
        Ok(asked) => asked.map(|confirms| confirms.topic().to_owned()).unwrap_or_default(),
        Err(error) => return failed(&error, language),
    };
    let about = (&subject, topic.as_str());
    if body.unwrap_or_default().as_ref() != b"action=confirm" {
        return short_about(&outreach, about, (StatusCode::BAD_REQUEST, Shown::Confirm), language).await;
    }
    match confirm::confirm(&outreach, &subject).await {
        Ok(outcome) => confirmed_page(&outreach, about, outcome, language).await,
        Err(error) => failed(&error, language),
    }
}

async fn confirmed_page(
    outreach: &Outreach,
    about: (&Subject, &str),
    outcome: Confirmed,
    language: Language,
) -> Response {
    let shown = match outcome {
        Confirmed::Yes => (StatusCode::OK, Shown::Confirmed),
        Confirmed::TooOld => (StatusCode::GONE, Shown::TooOld),
        Confirmed::Refused => (StatusCode::GONE, Shown::RefusedSince),
    };
    short_about(outreach, about, shown, language).await
}

fn failed(error: &store::DbErr, language: Language) -> Response {
    tracing::error!(%error, "a page of a message failed");
    short(StatusCode::SERVICE_UNAVAILABLE, Shown::Failed, language)
}
