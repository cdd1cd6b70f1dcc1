//! A server in a test: the real router on a real database, a clock that the test moves.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use api::{ApiResult, Area, Caller, Json, LiveTopic, Role, Verb};
use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, BodyDataStream, Bytes, to_bytes},
    extract::{ConnectInfo, Path, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use base::{Clock, IdSource, Problem, Time, ids::WorkspaceId};
use futures::StreamExt;
use serde_json::{Value, json};
use store::{Db, Key, Secrets, SimulatedClock, Sql};
use testing::TestDatabase;
use tokio::sync::{Notify, watch};
use tower::ServiceExt;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    Health, KeyCache, RouterParts, ServerConfig,
    accounts::{NewKeyOnCommandLine, cli_create_key, cli_create_user, keys::KeyKind},
    build_router,
};

pub const PASSWORD: &str = "correct horse battery";
const START: i64 = 1_790_000_000_000;

/// An admin app of three files.
const APP: &[web::Asset] = &[
    web::Asset {
        path: "assets/index-1a2b.js",
        etag: "\"0000000000000001\"",
        plain: Some(b"console.log(1)"),
        gzip: None,
        brotli: None,
    },
    web::Asset {
        path: "index.html",
        etag: "\"0000000000000002\"",
        plain: None,
        gzip: Some(include_bytes!("index.html.gz")),
        brotli: Some(b"squeezed"),
    },
    web::Asset {
        path: "mail-frame.html",
        etag: "\"0000000000000003\"",
        plain: Some(b"<!doctype html>"),
        gzip: None,
        brotli: None,
    },
];

/// A running program, without its sockets.
#[derive(Clone)]
pub struct House {
    pub db: Db,
    pub clock: SimulatedClock,
    pub ids: IdSource,
    pub keys: Arc<KeyCache>,
    pub router: Router,
    pub document: OpenApi,
    pub probe: Arc<Probe>,
    pub close: watch::Sender<bool>,
    database: TestDatabase,
}

/// What the routes of the test count and wait for.
#[derive(Default)]
pub struct Probe {
    pub runs: AtomicUsize,
    pub started: Notify,
    pub go_on: Notify,
    pub not_ready: std::sync::Mutex<Option<Problem>>,
    /// What the topic of the test says, and how often it was asked.
    pub state: AtomicUsize,
    pub asked: AtomicUsize,
}

/// A topic that a test sets.
struct ProbeTopic(Arc<Probe>);

#[async_trait]
impl LiveTopic for ProbeTopic {
    fn name(&self) -> &'static str {
        "probe"
    }

    fn area(&self) -> Area {
        Area::Settings
    }

    async fn state(&self, _: WorkspaceId, id: Option<&str>) -> ApiResult<Option<Value>> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        Ok(Some(json!({"id": id, "state": self.0.state.load(Ordering::SeqCst)})))
    }
}

#[async_trait]
impl Health for Probe {
    async fn ready(&self) -> Result<(), Problem> {
        self.not_ready.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    async fn numbers(&self, _: WorkspaceId) -> Value {
        json!({ "members": 5000 })
    }
}

/// Runs the test on SQLite, and on PostgreSQL when `HEARTH_TEST_POSTGRES_URL` is set.
pub async fn on_every_database<F: Future<Output = ()>>(test: impl Fn(House) -> F) {
    with_config(ServerConfig::default(), test).await;
}

/// As [`on_every_database`], with another configuration.
pub async fn with_config<F: Future<Output = ()>>(config: ServerConfig, test: impl Fn(House) -> F) {
    testing::on_every_database(async |database| test(House::open(database, config.clone()).await).await).await;
}

impl House {
    async fn open(database: TestDatabase, config: ServerConfig) -> House {
        House::build(database, SimulatedClock::at(Time::from_millis(START)), config)
    }

    /// This one, built without the admin app.
    pub fn without_app(&self) -> House {
        House::assemble(self.database.clone(), self.clock.clone(), ServerConfig::default(), &[])
    }

    fn build(database: TestDatabase, clock: SimulatedClock, config: ServerConfig) -> House {
        House::assemble(database, clock, config, APP)
    }

    fn assemble(
        database: TestDatabase,
        clock: SimulatedClock,
        config: ServerConfig,
        app: &'static [web::Asset],
    ) -> House {
        let db = database.db.clone();
        static SEED: AtomicU64 = AtomicU64::new(1);
        let ids = IdSource::from_seed(clock.shared(), SEED.fetch_add(1, Ordering::Relaxed));
        let keys = Arc::new(KeyCache::new(db.clone(), clock.shared()));
        let key = Key::load_or_create(&database.dir().join("hearth.key"), &ids).unwrap();
        let probe = Arc::new(Probe::default());
        let close = watch::Sender::new(false);
        let (router, document) = build_router(RouterParts {
            db: db.clone(),
            clock: clock.shared(),
            ids: ids.clone(),
            secrets: Secrets::new(key, ids.clone()),
            config,
            keys: keys.clone(),
            rules_changed: Arc::default(),
            api: vec![probe_routes(probe.clone())],
            public: vec![OpenApiRouter::new().route("/open", get(|| async { "open" }))],
            app,
            health: probe.clone(),
            metrics: Arc::new(|| "hearth_up 1\n".to_owned()),
            topics: vec![Arc::new(ProbeTopic(probe.clone()))],
            closing: close.subscribe(),
        });
        House { db, clock, ids, keys, router, document, probe, close, database }
    }

    /// Another process on the same database, or this one after a restart.
    pub fn beside(&self) -> House {
        House::build(self.database.clone(), self.clock.clone(), ServerConfig::default())
    }

    pub fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// A user with [`PASSWORD`].
    pub async fn user(&self, email: &str, role: Role) -> String {
        let clock: Arc<dyn Clock> = self.clock.shared();
        let id = cli_create_user(&self.db, &clock, &self.ids, email, None, role, PASSWORD).await;
        id.unwrap().to_string()
    }

    /// A user's session, as the value of a cookie header.
    pub async fn signed_in(&self, email: &str, role: Role) -> String {
        self.user(email, role).await;
        self.login(email).await
    }

    pub async fn login(&self, email: &str) -> String {
        let reply =
            call(Method::POST, "/api/v1/login").json(json!({"email": email, "password": PASSWORD})).on(self).await;
        assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.body);
        reply.cookie()
    }

    /// An API key from the command line.
    pub async fn api_key(&self, role: Role, scopes: &[&str]) -> String {
        self.key(KeyKind::Api, role, scopes).await
    }

    pub async fn key(&self, kind: KeyKind, role: Role, scopes: &[&str]) -> String {
        let clock: Arc<dyn Clock> = self.clock.shared();
        let scopes = (!scopes.is_empty()).then(|| scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let key = NewKeyOnCommandLine { kind, name: "test", scopes, role, trusted: false };
        cli_create_key(&self.db, &clock, &self.ids, key).await.unwrap()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.db.read().scalar(sql, vec![]).await.unwrap().unwrap()
    }
}

/// One route for each area and verb, and some that behave badly.
fn probe_routes(probe: Arc<Probe>) -> OpenApiRouter {
    let area = |name: String| Area::ALL.into_iter().find(|area| area.as_str() == name).unwrap();
    let looks = move |caller: Caller, Path(name): Path<String>| async move {
        ApiResult::Ok(Json(json!({"ok": caller.require(area(name), Verb::Read)?})))
    };
    let changes = move |caller: Caller, Path(name): Path<String>| async move {
        ApiResult::Ok(Json(json!({"ok": caller.require(area(name), Verb::Write)?})))
    };
    let (counts, waits, fails) = (probe.clone(), probe.clone(), probe);
    OpenApiRouter::new()
        .route("/api/v1/areas/{area}", get(looks).post(changes))
        .route("/api/v1/echo", post(|Json(body): Json<Value>| async { Json(body) }))
        .route("/api/v1/count", post(move || async move { counts.runs.fetch_add(1, Ordering::Relaxed).to_string() }))
        .route(
            "/api/v1/wait",
            post(move || async move {
                waits.runs.fetch_add(1, Ordering::Relaxed);
                waits.started.notify_one();
                waits.go_on.notified().await;
                Json(json!({"waited": true}))
            }),
        )
        .route(
            "/api/v1/flaky",
            post(move || async move {
                match fails.runs.fetch_add(1, Ordering::Relaxed) {
                    0 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                    1 => panic!("the second run"),
                    _ => Json(json!({"ok": true})).into_response(),
                }
            }),
        )
        .route("/api/v1/panic", get(panics))
}

async fn panics() -> StatusCode {
    panic!("on purpose, with secret@example.com")
}

/// A request that is being put together.
pub struct Call {
    request: Request,
}

pub fn call(method: Method, path: &str) -> Call {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    Call { request }.at_address("192.0.2.1")
}

impl Call {
    pub fn header(mut self, name: &'static str, value: &str) -> Call {
        self.request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub fn bearer(self, secret: &str) -> Call {
        let value = format!("Bearer {secret}");
        self.header("authorization", &value)
    }

    /// With a session, from one of our own pages.
    pub fn session(self, cookie: &str) -> Call {
        self.header("cookie", cookie).header("sec-fetch-site", "same-origin")
    }

    pub fn body(mut self, body: impl Into<Body>) -> Call {
        *self.request.body_mut() = body.into();
        self
    }

    pub fn json(self, body: Value) -> Call {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub fn at_address(mut self, address: &str) -> Call {
        let peer = SocketAddr::new(address.parse().unwrap(), 50_000);
        self.request.extensions_mut().insert(ConnectInfo(peer));
        self
    }

    pub async fn on(self, house: &House) -> Reply {
        let response = house.router.clone().oneshot(self.request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Begins a stream of events.
    pub async fn watch(self, house: &House) -> Events {
        let response = house.router.clone().oneshot(self.request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        Events { stream: response.into_body().into_data_stream(), text: String::new() }
    }
}

/// A stream of server-sent events that is being read.
pub struct Events {
    stream: BodyDataStream,
    text: String,
}

impl Events {
    /// The next event's name and data; nothing when the stream has ended. Comments are passed over.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let told = field("event:").zip(field("data:"));
                let told = told.map(|(name, data)| (name.to_owned(), serde_json::from_str(data).unwrap()));
                self.text = rest.to_owned();
                if told.is_some() {
                    return told;
                }
            }
            let piece = self.stream.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }
}

/// An answer, read to its end.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Name and value of the session's cookie.
    pub fn cookie(&self) -> String {
        let cookie = self.headers.get(header::SET_COOKIE).expect("a cookie").to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Fails unless this is a problem with that status and code.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{:?}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json()["code"], code);
    }

    #[track_caller]
    pub fn is(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{:?}", self.body);
    }
}
