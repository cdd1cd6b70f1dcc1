//! The addresses of the tracking API and of `/api/v1/events`.

use std::sync::Arc;

use api::{Area, Caller, ProblemBody, Verb};
use axum::{
    extract::{Request, State},
    http::{HeaderName, Method, StatusCode, header},
    response::Response,
    routing::options,
};
use base::{
    Code, EventKind, Problem,
    ids::{KeyId, UserId},
};
use bytes::Bytes;
use serde_json::value::RawValue;
use store::dead_letters::DeadLetter;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    IngestState,
    accept::{Delivery, Form, Manner, Outcome, Sender},
    body, credentials, dead_letters, dialects,
    envelope::{self, Envelope, Item, Shared},
    letter,
    normalise::CallFrom,
    reply,
    schema::{EventBatch, EventItem, EventList, EventsAccepted},
};

/// The Segment HTTP API and the dialects beside it. They authenticate by write key themselves and may be called from any web page.
pub fn public_routes(state: Arc<IngestState>) -> OpenApiRouter {
    // Preflights are answered by the layer; without a route of their own they would be 405.
    let mut router = OpenApiRouter::new();
    for call in ["identify", "track", "page", "screen", "group", "alias", "batch"] {
        router = router.route(&format!("/v1/{call}"), options(async || StatusCode::NO_CONTENT));
    }
    router
        .routes(routes!(identify))
        .routes(routes!(track))
        .routes(routes!(page))
        .routes(routes!(screen))
        .routes(routes!(group))
        .routes(routes!(alias))
        .routes(routes!(batch))
        .with_state(state.clone())
        .merge(dialects::routes(state))
        .layer(any_page())
}

/// What lets any web page send.
fn any_page() -> CorsLayer {
    // Libraries send headers of their own beside the usual ones, such as RudderStack's AnonymousId.
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::POST, Method::OPTIONS])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-ratelimit-reset")])
        .max_age(std::time::Duration::from_secs(86_400))
}

/// `/api/v1/events` and the dead letters, for callers whom the server has authenticated.
pub fn api_routes(state: Arc<IngestState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(events)).merge(dead_letters::routes()).with_state(state)
}

macro_rules! single_calls {
    ($($(#[$doc:meta])* $name:ident = $path:literal, $kind:ident;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(
            post, path = $path, tag = "tracking", request_body = EventItem,
            responses(
                (status = 200, description = "The event is durable", body = EventsAccepted),
                (status = 400, description = "The event is refused; it is kept as a dead letter", body = ProblemBody, content_type = "application/problem+json"),
                (status = 401, description = "The write key is missing or not valid", body = ProblemBody, content_type = "application/problem+json"),
                (status = 415, description = "Neither JSON nor plain text, or an unknown encoding", body = ProblemBody, content_type = "application/problem+json"),
                (status = 429, description = "The key sends too much", body = ProblemBody, content_type = "application/problem+json"),
                (status = 503, description = "The disk is full or the pipeline too far behind", body = ProblemBody, content_type = "application/problem+json"),
            ),
            security(("write_key" = [])),
        )]
        async fn $name(State(state): State<Arc<IngestState>>, request: Request) -> Response {
            let result = receive(&state, request, CallFrom::Address(EventKind::$kind)).await;
            respond(&state, result)
        }
    )*};
}

single_calls! {
    /// Says who somebody is, and what is known about him. `email_verified` and `phone_verified` are believed of trusted
    /// keys only; see `traits`.
    identify = "/v1/identify", Identify;
    /// Says what somebody did.
    track = "/v1/track", Track;
    /// Says which page somebody viewed.
    page = "/v1/page", Page;
    /// Says which screen of an app somebody viewed.
    screen = "/v1/screen", Screen;
    /// Says to which organisation or account somebody belongs.
    group = "/v1/group", Group;
    /// Says that two ids belong to one person.
    alias = "/v1/alias", Alias;
}

/// Takes many events at once. Those that are refused are listed in the reply and kept as dead
/// letters; the others are accepted.
#[utoipa::path(
    post, path = "/v1/batch", tag = "tracking", request_body = EventBatch,
    responses(
        (status = 200, description = "Every event is durable, or listed as refused", body = EventsAccepted),
        (status = 400, description = "No event is accepted", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The write key is missing or not valid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor plain text, or an unknown encoding", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "The key sends too much", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The disk is full or the pipeline too far behind", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("write_key" = [])),
)]
async fn batch(State(state): State<Arc<IngestState>>, request: Request) -> Response {
    let result = receive(&state, request, CallFrom::Item).await;
    respond(&state, result)
}

/// Takes events from an API key or an operator: `{"events":[…]}`, or one event. A `type` that is
/// absent means `track`. Both are trusted: they are believed when they say that an address was verified. Those that are refused are listed in the reply and kept as dead letters.
#[utoipa::path(
    post, path = "/api/v1/events", tag = "ingest", request_body = EventList,
    responses(
        (status = 200, description = "Every event is durable, or listed as refused", body = EventsAccepted),
        (status = 400, description = "No event is accepted", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not authenticated", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Needs ingest:write", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor plain text, or an unknown encoding", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "The key sends too much", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The disk is full or the pipeline too far behind", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn events(State(state): State<Arc<IngestState>>, caller: Caller, request: Request) -> Response {
    let result = receive_from_caller(&state, &caller, request).await;
    respond(&state, result)
}

fn respond(state: &IngestState, result: Result<Outcome, Problem>) -> Response {
    match result {
        Ok(outcome) => reply::of_outcome(&outcome),
        Err(problem) => reply::of_problem(problem, state.clock.now()),
    }
}

/// One request of the tracking API.
async fn receive(state: &IngestState, request: Request, call: CallFrom) -> Result<Outcome, Problem> {
    let (head, content) = request.into_parts();
    let body = body::read(&head.headers, content).await?;
    let secret = credentials::from_header(&head.headers);
    let from_header = match &secret {
        Some(secret) => Some(authenticate(state, secret).await?),
        None => None,
    };
    let parsed = parse(&body, call);
    let (sender, body_form) = match (from_header, parsed) {
        (Some(sender), Ok(body_form)) => (sender, body_form),
        (Some(sender), Err(problem)) => {
            let secret = secret.unwrap_or_default();
            return Err(keep_whole(state, &sender, &body, &secret, problem).await);
        }
        (None, Ok(body_form)) => {
            let secret = envelope::write_key(body_form.write_key).ok_or_else(unknown_key)?;
            (authenticate(state, &secret).await?, body_form)
        }
        (None, Err(problem)) => return Err(problem),
    };
    state.accept(&sender, body_form.delivery(call)).await
}

/// One request of `/api/v1/events`.
async fn receive_from_caller(state: &IngestState, caller: &Caller, request: Request) -> Result<Outcome, Problem> {
    caller.require(Area::Ingest, Verb::Write)?;
    let sender = sender_of(caller)?;
    let (head, content) = request.into_parts();
    let body = body::read(&head.headers, content).await?;
    let call = CallFrom::ItemOrTrack;
    let body_form = match parse(&body, call) {
        Ok(body_form) => body_form,
        Err(problem) => return Err(keep_whole(state, &sender, &body, "", problem).await),
    };
    state.accept(&sender, body_form.delivery(call)).await
}

struct BodyForm<'a> {
    records: Vec<&'a str>,
    shared: Shared<'a>,
    write_key: Option<&'a RawValue>,
}

impl BodyForm<'_> {
    fn delivery(&self, call: CallFrom) -> Delivery<'_> {
        Delivery { records: &self.records, form: Form::Own(call), shared: self.shared, manner: Manner::Each }
    }
}

fn parse(body: &Bytes, call: CallFrom) -> Result<BodyForm<'_>, Problem> {
    let text = envelope::object_text(body)?;
    if let CallFrom::Address(_) = call {
        // Read once for the key and once more as a record, so that a wrong field is that record's fault.
        let whole: &RawValue = envelope::read(text)?;
        let write_key = Item::read(whole.get()).ok().and_then(|item| item.write_key);
        return Ok(BodyForm { records: vec![text], shared: Shared::default(), write_key });
    }
    let envelope: Envelope<'_> = envelope::read(text)?;
    let shared = envelope.shared();
    let listed = if call == CallFrom::Item { envelope.batch } else { envelope.events };
    match listed {
        Some(listed) => {
            let records = listed.into_iter().map(RawValue::get).collect();
            Ok(BodyForm { records, shared, write_key: envelope.write_key })
        }
        None if call == CallFrom::ItemOrTrack => {
            Ok(BodyForm { records: vec![text], shared: Shared::default(), write_key: None })
        }
        None => Err(Problem::with(Code::MissingField, "batch, the list of events, is missing")),
    }
}

pub(super) async fn authenticate(state: &IngestState, secret: &str) -> Result<Sender, Problem> {
    let found = state.write_keys.write_key(secret).await.map_err(|error| api::ApiError::from(error).0)?;
    let key = found.ok_or_else(unknown_key)?;
    Ok(Sender { workspace: key.workspace, source: key.id.to_string(), number: key.id.0, trusted: key.trusted })
}

pub(super) fn unknown_key() -> Problem {
    Problem::with(Code::Unauthenticated, "the write key is missing or not valid")
}

fn sender_of(caller: &Caller) -> Result<Sender, Problem> {
    let named = caller.actor.split_once(':');
    let (source, number) = match named {
        Some(("key", id)) => (id.to_owned(), id.parse::<KeyId>().ok().map(|key| key.0)),
        Some(("user", id)) => (format!("operator:{id}"), id.parse::<UserId>().ok().map(|user| user.0)),
        _ => (caller.actor.clone(), None),
    };
    let number = number.ok_or_else(|| Problem::with(Code::Forbidden, "only users and API keys send events"))?;
    // Whoever may use the REST API vouches for what he says: he could change members themselves.
    Ok(Sender { workspace: caller.workspace, source, number, trusted: true })
}

/// Keeps a body that cannot be taken apart as one dead letter; returns the problem to reply with.
pub(super) async fn keep_whole(
    state: &IngestState,
    sender: &Sender,
    body: &[u8],
    secret: &str,
    problem: Problem,
) -> Problem {
    if !letter::is_kept_whole(problem.code) {
        return problem;
    }
    if let Err(refusal) = state.admit(sender, 1) {
        return refusal;
    }
    let kept = DeadLetter {
        workspace: sender.workspace,
        source: sender.source.clone(),
        code: problem.code,
        message: problem.detail.clone().unwrap_or_else(|| problem.code.title().to_owned()),
        payload: letter::malformed_body(body, secret),
    };
    match state.bury(sender, vec![kept]).await {
        Ok(()) => problem,
        Err(failure) => failure,
    }
}
