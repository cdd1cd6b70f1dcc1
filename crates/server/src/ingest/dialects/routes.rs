//! The addresses of the dialects.

use std::sync::Arc;

use api::ProblemBody;
use axum::{
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
    routing::{options, post},
};
use base::{Code, Problem};
use tokio::sync::Semaphore;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Dialect, Foreign, Letterhead, amplitude, mixpanel, posthog,
    schema::{
        AmplitudeAccepted, AmplitudeRefused, AmplitudeUpload, MixpanelEvent, MixpanelForm, MixpanelImported,
        MixpanelStatus, NoFlags, PostHogAccepted, PostHogBatch, PostHogEvent, PostHogResults, SensorsAccepted,
        SensorsForm,
    },
    sensors,
    sent::Sent,
};
use crate::ingest::{
    IngestState,
    accept::{Delivery, Form, Manner, Outcome, Sender},
    body::{self, Bound},
    envelope::Shared,
    routes::{authenticate, keep_whole, unknown_key},
};

/// What the addresses of the dialects share.
struct Door {
    ingest: Arc<IngestState>,
    /// The room of bodies that are larger than those of the Segment API may be.
    room: Semaphore,
}

/// Other names of the addresses, as older and newer SDKs have them.
const ALIASES: [(&str, &str); 14] = [
    ("/batch", "/batch/"),
    ("/i/v0/e/", "/i/v0/e"),
    ("/i/v0/e/", "/capture/"),
    ("/i/v0/e/", "/capture"),
    ("/i/v0/e/", "/e/"),
    ("/i/v0/e/", "/e"),
    ("/flags/", "/flags"),
    ("/flags/", "/decide/"),
    ("/flags/", "/decide"),
    ("/track", "/track/"),
    ("/engage", "/engage/"),
    ("/groups", "/groups/"),
    ("/import", "/import/"),
    ("/sa", "/sa.gif"),
];
/// The addresses that OpenAPI describes.
const ADDRESSES: [&str; 11] = [
    "/batch",
    "/i/v0/e/",
    "/i/v1/analytics/events",
    "/flags/",
    "/track",
    "/engage",
    "/groups",
    "/import",
    "/2/httpapi",
    "/sa",
    "/debug",
];

/// The addresses of all dialects.
pub fn routes(ingest: Arc<IngestState>) -> OpenApiRouter {
    let mut router = OpenApiRouter::new()
        .routes(routes!(batch))
        .routes(routes!(posthog_event))
        .routes(routes!(posthog_events))
        .routes(routes!(posthog_flags))
        .routes(routes!(mixpanel_track))
        .routes(routes!(mixpanel_engage))
        .routes(routes!(mixpanel_groups))
        .routes(routes!(mixpanel_import))
        .routes(routes!(amplitude_httpapi))
        .routes(routes!(sensors_sa))
        .routes(routes!(sensors_debug));
    for (address, alias) in ALIASES {
        router = match address {
            "/batch" => router.route(alias, post(batch)),
            "/i/v0/e/" => router.route(alias, post(posthog_event)),
            "/flags/" => router.route(alias, post(posthog_flags)),
            "/track" => router.route(alias, post(mixpanel_track)),
            "/engage" => router.route(alias, post(mixpanel_engage)),
            "/groups" => router.route(alias, post(mixpanel_groups)),
            "/import" => router.route(alias, post(mixpanel_import)),
            _ => router.route(alias, post(sensors_sa)),
        };
    }
    // Preflights are answered by the layer that allows any page; without a route of their own they would be 405.
    for address in ADDRESSES.into_iter().chain(ALIASES.map(|(_, alias)| alias)) {
        router = router.route(address, options(async || StatusCode::NO_CONTENT));
    }
    router.with_state(Arc::new(Door { ingest, room: body::room() }))
}

/// Takes many events from the SDKs of PostHog (`batch`) or of Amplitude (`events`), which use the same address.
#[utoipa::path(
    post, path = "/batch", tag = "tracking", request_body = PostHogBatch,
    responses(
        (status = 200, description = "Every event is durable, or listed as refused; Amplitude's in Amplitude's form", content((PostHogAccepted = "application/json"))),
        (status = 400, description = "No event is accepted; the refused ones are kept as dead letters", content((ProblemBody = "application/problem+json"), (AmplitudeRefused = "application/json"))),
        (status = 401, description = "The write key is missing or not valid", content((ProblemBody = "application/problem+json"), (AmplitudeRefused = "application/json"))),
        (status = 413, description = "More than 8 MB, 10,000 events of PostHog or 2,000 of Amplitude", content((ProblemBody = "application/problem+json"), (AmplitudeRefused = "application/json"))),
        (status = 429, description = "The key sends too much", content((ProblemBody = "application/problem+json"), (AmplitudeRefused = "application/json"))),
        (status = 503, description = "The disk is full or the pipeline too far behind", content((ProblemBody = "application/problem+json"), (AmplitudeRefused = "application/json"))),
    ),
    security(()),
)]
async fn batch(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (mut sent, body) = begin(request);
    let mut bound = Bound::large(posthog::MAX_BYTES.max(amplitude::MAX_BATCH_BYTES), &door.room);
    let received = sent.receive(body, &mut bound).await;
    if received.is_ok() && amplitude::is_meant(&sent) {
        return amplitude_events(&door, &sent, Ok(())).await;
    }
    posthog::reply(door.take(&sent, received, posthog::read(&sent), Manner::Each).await, door.ingest.clock.now())
}

/// Takes one event, or a list of them, from the SDKs of PostHog. `/capture/` and `/e/` are the same.
#[utoipa::path(
    post, path = "/i/v0/e/", tag = "tracking", request_body = PostHogEvent,
    responses(
        (status = 200, description = "Every event is durable, or listed as refused", body = PostHogAccepted),
        (status = 400, description = "The event is refused; it is kept as a dead letter", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The write key is missing or not valid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "More than 8 MB or 10,000 events", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "The key sends too much", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The disk is full or the pipeline too far behind", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(()),
)]
async fn posthog_event(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (mut sent, body) = begin(request);
    let mut bound = Bound::large(posthog::MAX_BYTES, &door.room);
    let received = sent.receive(body, &mut bound).await;
    posthog::reply(door.take(&sent, received, posthog::read(&sent), Manner::Each).await, door.ingest.clock.now())
}

/// Takes many events from the SDKs of PostHog in their newer form, and says by `uuid` which were refused.
#[utoipa::path(
    post, path = "/i/v1/analytics/events", tag = "tracking", request_body = PostHogBatch,
    responses(
        (status = 200, description = "Every event is durable, or listed as refused and kept as a dead letter", body = PostHogResults),
        (status = 400, description = "The body cannot be read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The write key is missing or not valid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "More than 8 MB or 10,000 events", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "The key sends too much", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The disk is full or the pipeline too far behind", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("write_key" = [])),
)]
async fn posthog_events(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (mut sent, body) = begin(request);
    let mut bound = Bound::large(posthog::MAX_BYTES, &door.room);
    let received = sent.receive(body, &mut bound).await;
    let result = door.take(&sent, received, posthog::read(&sent), Manner::Each).await;
    posthog::reply_by_uuid(result, door.ingest.clock.now())
}

/// Tells the SDKs of PostHog that there are no feature flags. `/decide/` is the same.
#[utoipa::path(
    post, path = "/flags/", tag = "tracking",
    responses((status = 200, description = "There are none", body = NoFlags)), security(()),
)]
async fn posthog_flags(request: Request) -> Response {
    body::ignore(request.into_body()).await;
    posthog::no_flags()
}

macro_rules! mixpanel_addresses {
    ($($(#[$doc:meta])* $name:ident = $path:literal, $dialect:ident;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(
            post, path = $path, tag = "tracking",
            request_body(content = MixpanelForm, content_type = "application/x-www-form-urlencoded"),
            responses(
                (status = 200, description = "Every record is durable, or listed as refused", content((MixpanelStatus = "application/json"), (String = "text/plain"))),
                (status = 400, description = "No record is accepted; the refused ones are kept as dead letters", content((MixpanelStatus = "application/json"), (String = "text/plain"))),
                (status = 401, description = "The write key is missing or not valid", content((MixpanelStatus = "application/json"), (String = "text/plain"))),
                (status = 413, description = "More than 4 MB or 2,000 records", content((MixpanelStatus = "application/json"), (String = "text/plain"))),
                (status = 415, description = "An unknown encoding", content((MixpanelStatus = "application/json"), (String = "text/plain"))),
                (status = 429, description = "The key sends too much", content((MixpanelStatus = "application/json"), (String = "text/plain"))),
                (status = 503, description = "The disk is full or the pipeline too far behind", content((MixpanelStatus = "application/json"), (String = "text/plain"))),
            ),
            security((), ("write_key" = [])),
        )]
        async fn $name(State(door): State<Arc<Door>>, request: Request) -> Response {
            let (mut sent, body) = begin(request);
            let mut bound = Bound::large(mixpanel::MAX_BYTES, &door.room);
            let received = sent.receive(body, &mut bound).await;
            let letterhead = mixpanel::read(Dialect::$dialect, &sent);
            let result = door.take(&sent, received, letterhead, Manner::Each).await;
            mixpanel::reply(&sent, result, door.ingest.clock.now())
        }
    )*};
}

mixpanel_addresses! {
    /// Takes events from the SDKs of Mixpanel.
    mixpanel_track = "/track", MixpanelEvent;
    /// Takes changes of users' profiles from the SDKs of Mixpanel: `$set`, `$set_once`, `$unset`, `$add`, `$append`,
    /// `$union`, `$remove` and `$delete`.
    mixpanel_engage = "/engage", MixpanelProfile;
    /// Refuses changes of groups' profiles, which Hearth does not have, and keeps them as dead letters.
    mixpanel_groups = "/groups", MixpanelGroup;
}

/// Takes events of the past as Mixpanel's import does: a list, or one event a line. A form, as its SDKs send it, gets
/// the reply of `/track`.
#[utoipa::path(
    post, path = "/import", tag = "tracking", request_body = Vec<MixpanelEvent>,
    params(("strict" = Option<u8>, Query, description = "0 for 200 although some records are refused")),
    responses(
        (status = 200, description = "Every event is durable, or listed as refused", body = MixpanelImported),
        (status = 400, description = "Some events are refused and kept as dead letters; the others are durable", body = MixpanelImported),
        (status = 401, description = "The write key is missing or not valid", body = MixpanelImported),
        (status = 413, description = "More than 8 MB or 2,000 events", body = MixpanelImported),
        (status = 415, description = "An unknown encoding", body = MixpanelImported),
        (status = 429, description = "The key sends too much", body = MixpanelImported),
        (status = 503, description = "The disk is full or the pipeline too far behind", body = MixpanelImported),
    ),
    security((), ("write_key" = [])),
)]
async fn mixpanel_import(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (mut sent, body) = begin(request);
    let mut bound = Bound::large(mixpanel::MAX_IMPORT_BYTES, &door.room);
    let received = sent.receive(body, &mut bound).await;
    let letterhead = mixpanel::read(Dialect::MixpanelEvent, &sent);
    let result = door.take(&sent, received, letterhead, Manner::Each).await;
    mixpanel::import_reply(&sent, result, door.ingest.clock.now())
}

/// Takes events from the SDKs of Amplitude.
#[utoipa::path(
    post, path = "/2/httpapi", tag = "tracking", request_body = AmplitudeUpload,
    responses(
        (status = 200, description = "Every event is durable", body = AmplitudeAccepted),
        (status = 400, description = "None is accepted; the refused ones are named and kept as dead letters", body = AmplitudeRefused),
        (status = 401, description = "The write key is missing or not valid", body = AmplitudeRefused),
        (status = 413, description = "More than 1 MB or 2,000 events", body = AmplitudeRefused),
        (status = 415, description = "An unknown encoding", body = AmplitudeRefused),
        (status = 429, description = "The key sends too much", body = AmplitudeRefused),
        (status = 503, description = "The disk is full or the pipeline too far behind", body = AmplitudeRefused),
    ),
    security(()),
)]
async fn amplitude_httpapi(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (mut sent, body) = begin(request);
    let mut bound = Bound::large(amplitude::MAX_BYTES, &door.room);
    let received = sent.receive(body, &mut bound).await;
    amplitude_events(&door, &sent, received).await
}

async fn amplitude_events(door: &Door, sent: &Sent, received: Result<(), Problem>) -> Response {
    let letterhead = amplitude::read(sent);
    let events = letterhead.as_ref().map_or(0, |letterhead| letterhead.records.len());
    let result = door.take(sent, received, letterhead, Manner::AllOrNone).await;
    amplitude::reply(sent, events, result, door.ingest.clock.now())
}

macro_rules! sensors_addresses {
    ($($(#[$doc:meta])* $name:ident = $path:literal, $reply:path;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(
            post, path = $path, tag = "tracking",
            params(("token" = Option<String>, Query, description = "The write key")),
            request_body(content = SensorsForm, content_type = "application/x-www-form-urlencoded"),
            responses(
                (status = 200, description = "Every record is durable, or listed as refused and kept as a dead letter", body = SensorsAccepted),
                (status = 400, description = "The body cannot be read", content((ProblemBody = "application/problem+json"), (SensorsAccepted = "application/json"))),
                (status = 401, description = "The write key is missing or not valid", body = ProblemBody, content_type = "application/problem+json"),
                (status = 413, description = "More than 4 MB or 10,000 records", body = ProblemBody, content_type = "application/problem+json"),
                (status = 415, description = "An unknown encoding", body = ProblemBody, content_type = "application/problem+json"),
                (status = 429, description = "The key sends too much", body = ProblemBody, content_type = "application/problem+json"),
                (status = 503, description = "The disk is full or the pipeline too far behind", body = ProblemBody, content_type = "application/problem+json"),
            ),
            security((), ("write_key" = [])),
        )]
        async fn $name(State(door): State<Arc<Door>>, request: Request) -> Response {
            let (mut sent, body) = begin(request);
            let mut bound = Bound::large(sensors::MAX_BYTES, &door.room);
            let received = sent.receive(body, &mut bound).await;
            let result = door.take(&sent, received, sensors::read(&sent), sensors::manner(&sent)).await;
            $reply(result, door.ingest.clock.now())
        }
    )*};
}

sensors_addresses! {
    /// Takes records from the SDKs of Sensors Analytics 神策.
    sensors_sa = "/sa", sensors::reply;
    /// The same for the SDKs' debug mode: 400 when a record is refused; with `Dry-Run: true` nothing is taken or kept.
    sensors_debug = "/debug", sensors::debug_reply;
}

impl Door {
    /// Takes in what a request brings, once the key is known. A body that cannot be read is kept whole if the key
    /// stands beside it.
    async fn take(
        &self,
        sent: &Sent,
        received: Result<(), Problem>,
        letterhead: Result<Letterhead<'_>, Problem>,
        manner: Manner,
    ) -> Result<Outcome, Problem> {
        let state = &self.ingest;
        let letterhead = match received.and(letterhead) {
            Ok(letterhead) => letterhead,
            Err(problem) => {
                let Ok((sender, secret)) = self.find_sender(sent, None).await else { return Err(problem) };
                return Err(keep_whole(state, &sender, sent.body(), &secret, problem).await);
            }
        };
        let (sender, secret, is_from_record) = match self.find_sender(sent, letterhead.token.as_deref()).await {
            Ok((sender, secret)) => (sender, secret, false),
            Err(problem) => {
                let token = letterhead.first_token().ok_or(problem)?;
                (authenticate(state, &token).await?, token, true)
            }
        };
        let delivery = Delivery {
            records: &letterhead.records,
            form: Form::Foreign(Foreign { dialect: letterhead.dialect, secret: &secret, is_from_record }),
            shared: Shared { sent_at: letterhead.sent_at, ..Shared::default() },
            manner,
        };
        state.accept(&sender, delivery).await.map_err(too_large)
    }

    /// The key in the header, in the address or in the body: the first that is valid.
    async fn find_sender(&self, sent: &Sent, in_body: Option<&str>) -> Result<(Sender, String), Problem> {
        let mut secrets = sent.secrets();
        let beside = ["token", "api_key"].into_iter().filter_map(|name| sent.parameter(name));
        secrets.extend(beside.chain(in_body).map(str::to_owned));
        let mut refusal = unknown_key();
        for secret in secrets {
            match authenticate(&self.ingest, &secret).await {
                Ok(sender) => return Ok((sender, secret)),
                Err(problem) => refusal = problem,
            }
        }
        Err(refusal)
    }
}

fn begin(request: Request) -> (Sent, Body) {
    let (head, body) = request.into_parts();
    (Sent::new(head), body)
}

/// The SDKs divide a request that is too large when the status is 413, and only then.
fn too_large(problem: Problem) -> Problem {
    match problem.code {
        Code::BatchTooLarge => Problem { code: Code::BodyTooLarge, ..problem },
        _ => problem,
    }
}
