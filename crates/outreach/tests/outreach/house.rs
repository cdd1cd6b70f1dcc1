//! An outreach house in a test: the clock stands still until the test moves it, and the other side
//! of every channel says what the test tells it to.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use api::{Caller, Role};
use async_trait::async_trait;
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use base::{
    Clock, Code, IdSource, Problem, Time,
    ids::{ChannelId, DeliveryId, IdentityId, MemberId, TemplateId, WorkspaceId},
};
use channels::{
    Channel, ChannelKind, Form, Mailbox, MailboxPage, MailboxPosition, Message, Outcome, Pace, Registry,
    email::EmailKind, guard::Guard, webhook::WebhookKind,
};
use outreach::{Outreach, Settings, outbox::Outbox, topics::OptInStage};
use people::{consent::ConsentStage, identity::IdentifyStage, members::ProfileStage, pipeline::Stage, privacy::Eraser};
use serde_json::{Value, json};
use store::{Db, FromQueryResult, Key, Secrets, SimulatedClock, Sql};
use testing::{Bench, TestDatabase};
use tokio::sync::Notify;
use tower::ServiceExt;

pub const START: i64 = 1_790_000_000_000;
pub const PUBLIC_URL: &str = "https://hearth.example";
pub const READER: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15";
pub const HOOK_SECRET: &str = "whsec_aGVhcnRoLXdlYmhvb2stc2VjcmV0LTAxMjM0NTY3ODk=";

/// The other side of all channels.
#[derive(Default)]
pub struct OtherSide {
    pub script: Mutex<VecDeque<Outcome>>,
    pub sent: Mutex<Vec<Message>>,
    pub drops_repetitions: AtomicBool,
    pub hangs: AtomicBool,
    /// Lets go what hangs.
    pub goes_on: Notify,
    pub panics: AtomicBool,
    pub got_one: Notify,
    pub configs: Mutex<Vec<Value>>,
    pub arrived: Mutex<Vec<(i64, Option<Vec<u8>>)>>,
    /// Whether it tells of mail that arrived.
    pub tells: AtomicBool,
    /// Whether the connection ends at the next news.
    pub hangs_up: AtomicBool,
    /// Somebody waits for mail.
    pub is_watched: Notify,
    /// For how long he means to wait, each time.
    pub waits: Mutex<Vec<Duration>>,
    /// Something happened for which he waits.
    pub news: Notify,
}

impl OtherSide {
    pub fn answers(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.script.lock().unwrap().extend(outcomes);
    }

    pub fn count(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    pub fn sent(&self) -> Vec<Message> {
        self.sent.lock().unwrap().clone()
    }
}

/// A kind whose other side is scripted; a channel with a `url` or with `from` is a real one, and may lead to this machine.
struct ScriptedKind(&'static str, Arc<OtherSide>, SimulatedClock);
struct ScriptedChannel(Arc<OtherSide>);

impl ChannelKind for ScriptedKind {
    fn kind(&self) -> &'static str {
        self.0
    }
    fn form(&self) -> Form {
        if self.0 == "webhook" { Form::Payload } else { Form::Letter }
    }
    fn needs_address(&self) -> bool {
        self.0 != "webhook"
    }
    fn destination_fields(&self) -> &'static [&'static str] {
        &["host", "accounts[name].host"]
    }
    fn secret_fields(&self) -> &'static [&'static str] {
        &["password", "accounts[name].password", "dkim[domain,selector].private_key"]
    }
    fn connect(&self, config: &Value) -> Result<Arc<dyn Channel>, Problem> {
        if config.get("url").is_some() {
            let guard = Guard::new(&["127.0.0.0/8".to_owned()])?;
            return WebhookKind::new(self.2.shared(), guard)?.connect(config);
        }
        if config.get("from").is_some() {
            let guard = Guard::new(&["127.0.0.0/8".to_owned()])?;
            return EmailKind::new(self.2.shared(), guard).connect(config);
        }
        if config.get("host").and_then(Value::as_str).is_none() {
            return Err(Problem::at(Code::InvalidChannel, "host", "is missing"));
        }
        self.1.configs.lock().unwrap().push(config.clone());
        Ok(Arc::new(ScriptedChannel(self.1.clone())))
    }
}

#[async_trait]
impl Channel for ScriptedChannel {
    async fn send(&self, message: &Message) -> Outcome {
        self.0.sent.lock().unwrap().push(message.clone());
        self.0.got_one.notify_one();
        assert!(!self.0.panics.load(Ordering::SeqCst), "an adapter with a fault");
        if self.0.hangs.load(Ordering::SeqCst) {
            self.0.goes_on.notified().await;
        }
        let answer = self.0.script.lock().unwrap().pop_front();
        answer.unwrap_or(Outcome::Accepted { provider_id: Some(format!("queue-{}", message.delivery)) })
    }
    async fn test(&self) -> Result<(), Problem> {
        Ok(())
    }
    fn idempotent(&self) -> bool {
        self.0.drops_repetitions.load(Ordering::SeqCst)
    }
    fn pace(&self) -> Pace {
        Pace { per_second: 10_000.0, concurrency: 8 }
    }
    fn mailbox(&self) -> Option<Arc<dyn Mailbox>> {
        Some(self.0.clone())
    }
}

/// Mails that arrived for the channels; each page has two of them.
#[async_trait]
impl Mailbox for OtherSide {
    async fn read(&self, after: MailboxPosition) -> Result<MailboxPage, Problem> {
        let arrived = self.arrived.lock().unwrap();
        if arrived.is_empty() {
            return Err(Problem::with(Code::ChannelTestFailed, "login: the server answered NO"));
        }
        let mails = arrived.iter().filter(|(number, _)| *number > after.last || after.numbering != 7);
        Ok(MailboxPage { mails: mails.take(2).cloned().collect(), numbering: 7 })
    }

    async fn watch(&self, most: Duration) -> Result<bool, Problem> {
        if !self.tells.load(Ordering::SeqCst) {
            return Ok(false);
        }
        self.waits.lock().unwrap().push(most);
        self.is_watched.notify_one();
        self.news.notified().await;
        match self.hangs_up.swap(false, Ordering::SeqCst) {
            true => Err(Problem::with(Code::ChannelTestFailed, "the server closed the connection")),
            false => Ok(true),
        }
    }

    fn every(&self) -> Duration {
        Duration::from_secs(60)
    }
}

#[derive(Clone)]
pub struct House {
    pub db: Db,
    pub clock: SimulatedClock,
    pub ids: IdSource,
    pub outreach: Arc<Outreach>,
    pub outbox: Arc<Outbox>,
    pub other_side: Arc<OtherSide>,
    pub router: Router,
    pub workspace: WorkspaceId,
    pub template: TemplateId,
    pub channel: ChannelId,
    database: TestDatabase,
}

/// What a reply was.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

#[derive(Clone, Debug, FromQueryResult)]
pub struct Row {
    pub state: String,
    pub reason: Option<String>,
    pub error: Option<String>,
    pub attempts: i64,
    pub next_attempt_at: i64,
    pub scanner_hits: i64,
    pub opened_at: Option<i64>,
    pub clicked_at: Option<i64>,
    pub provider_id: Option<String>,
}

pub async fn on_every_database<F: Future<Output = ()>>(test: impl Fn(House) -> F) {
    testing::on_every_database(async |database| test(House::open(database).await).await).await;
}

/// The same with a pipeline on the same database and clock, whose erasures know all that this house keeps.
pub async fn with_a_pipeline_on_every_database<F: Future<Output = ()>>(test: impl Fn(House, Bench) -> F) {
    testing::on_every_database(async |database| {
        let mut bench = database.bench(stages).await;
        let house = House::furnished(database, bench.clock.clone()).await;
        let mut sections = people::privacy::sections();
        sections.extend(outreach::privacy::sections());
        bench.eraser = Arc::new(Eraser { sections, marks: house.outreach.marks.clone() });
        bench.restart().await;
        test(house, bench).await;
    })
    .await;
}

fn stages() -> Vec<Box<dyn Stage>> {
    vec![
        Box::new(IdentifyStage),
        Box::new(ProfileStage),
        Box::new(ConsentStage::default()),
        Box::new(OptInStage::default()),
    ]
}

impl House {
    pub async fn open(database: TestDatabase) -> House {
        let tx = database.db.begin().await.unwrap();
        tx.run("INSERT INTO workspaces (id, name, time_zone, created_at) VALUES (1, '酒铺', 'UTC', 0)", vec![])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        House::furnished(database, SimulatedClock::at(Time::from_millis(START))).await
    }

    /// With a channel and a template, in a workspace that is there.
    async fn furnished(database: TestDatabase, clock: SimulatedClock) -> House {
        let db = database.db.clone();
        let other_side = Arc::new(OtherSide::default());
        let mut house = House::on(database, db, clock, other_side, WorkspaceId(1)).await;
        let body = json!({"kind": "email", "name": "mail", "config": {"host": "x", "password": "secret", "hook_secret": HOOK_SECRET}});
        let made = house.post("/api/v1/channels", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        house.channel = made.json()["id"].as_str().unwrap().parse().unwrap();
        house.template = house
            .make_template(json!({
                "name": "hello", "subject": "Hello {{ member.name }}", "text": "See https://shop.example/a and {{ unsubscribe_url }}",
                "html": "<body><p>{{ member.name }}</p><a href=\"https://shop.example/a?x=1&amp;y=2\">go</a> <a href=\"{{ unsubscribe_url }}\">out</a></body>"
            }))
            .await;
        house
    }

    async fn on(
        database: TestDatabase,
        db: Db,
        clock: SimulatedClock,
        other_side: Arc<OtherSide>,
        workspace: WorkspaceId,
    ) -> House {
        static SEED: AtomicU64 = AtomicU64::new(1);
        let ids = IdSource::from_seed(clock.shared(), SEED.fetch_add(1, Ordering::Relaxed));
        let key = Key::load_or_create(&database.dir().join("hearth.key"), &ids).unwrap();
        let registry = Registry::new(vec![
            Arc::new(ScriptedKind("email", other_side.clone(), clock.clone())),
            Arc::new(ScriptedKind("webhook", other_side.clone(), clock.clone())),
        ]);
        let secrets = Secrets::new(key, ids.clone());
        let outreach =
            Outreach::new(db.clone(), clock.shared(), ids.clone(), secrets, registry, Settings::new(PUBLIC_URL));
        let caller = Caller { workspace, actor: "user:test".to_owned(), role: Role::Owner, scopes: None };
        let consent = people::consent::ConsentState { db: db.clone(), clock: clock.shared(), ids: ids.clone() };
        let routes = outreach::api_routes(outreach.clone())
            .merge(outreach::journeys::routes(outreach.clone()))
            .merge(outreach::public_routes(outreach.clone()))
            .merge(people::consent::routes(consent));
        let (router, _) = routes.split_for_parts();
        let outbox = Outbox::new(outreach.clone());
        House {
            db,
            clock,
            ids,
            outreach,
            outbox,
            other_side,
            router: router.layer(Extension(caller)),
            workspace,
            template: TemplateId(0),
            channel: ChannelId(0),
            database,
        }
    }

    /// The next process on the same data: nothing in memory is left.
    pub async fn restarted(&self) -> House {
        let db = self.database.connect_again().await;
        let (clock, other_side) = (self.clock.clone(), self.other_side.clone());
        let next = House::on(self.database.clone(), db, clock, other_side, self.workspace).await;
        House { template: self.template, channel: self.channel, ..next }
    }

    pub async fn request(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 10_000_000).await.unwrap().to_vec();
        Reply { status, headers, body }
    }

    pub async fn send_json(&self, method: &str, uri: &str, body: Value) -> Reply {
        self.request(method, uri, &[("content-type", "application/json")], body.to_string().into_bytes()).await
    }

    pub async fn post(&self, uri: &str, body: Value) -> Reply {
        self.send_json("POST", uri, body).await
    }

    pub async fn get(&self, uri: &str) -> Reply {
        self.request("GET", uri, &[("user-agent", READER)], Vec::new()).await
    }

    pub async fn make_template(&self, body: Value) -> TemplateId {
        let made = self.post("/api/v1/templates", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        made.json()["id"].as_str().unwrap().parse().unwrap()
    }

    /// A member with a name and, unless it is empty, an address.
    pub async fn member(&self, name: &str, address: &str) -> MemberId {
        let member = self.ids.next(MemberId);
        let now = self.clock.now().millis();
        let tx = self.db.begin().await.unwrap();
        tx.run(
            "INSERT INTO members (id, workspace_id, created_at, last_seen_at) VALUES ($1, $2, $3, $3)",
            vec![member.0.into(), self.workspace.0.into(), now.into()],
        )
        .await
        .unwrap();
        let mut identities = vec![("user_id", format!("u-{name}"))];
        if !address.is_empty() {
            identities.push(("email", address.to_owned()));
        }
        for (kind, value) in identities {
            tx.run(
                "INSERT INTO identities (id, workspace_id, kind, value, member_id, origin_member_id, verified, traits_json, created_at)
                 VALUES ($1, $2, $3, $4, $5, $5, 1, $6, $7)",
                vec![
                    self.ids.next(IdentityId).0.into(),
                    self.workspace.0.into(),
                    kind.into(),
                    value.into(),
                    member.0.into(),
                    json!({"name": [name, now, "test"]}).to_string().into(),
                    now.into(),
                ],
            )
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        member
    }

    /// What a journey's send step does.
    pub async fn queue(&self, member: MemberId, address: &str) -> DeliveryId {
        self.queue_as(member, address, "marketing", self.channel, "email", self.template).await
    }

    pub async fn queue_as(
        &self,
        member: MemberId,
        address: &str,
        topic: &str,
        channel: ChannelId,
        kind: &str,
        template: TemplateId,
    ) -> DeliveryId {
        let id = self.ids.next(DeliveryId);
        let tx = self.db.begin().await.unwrap();
        tx.run(
            "INSERT INTO deliveries (id, workspace_id, member_id, channel_id, channel_kind, template_id, journey_id, run_id, step,
               intent_key, topic, address, variables_json, state, queued_at, next_attempt_at)
             VALUES ($1, $2, $3, $4, $5, $6, 7, 8, 's1', $7, $8, $9, $10, 'queued', $11, $11)",
            vec![
                id.0.into(),
                self.workspace.0.into(),
                member.0.into(),
                channel.0.into(),
                kind.into(),
                template.0.into(),
                id.to_string().into(),
                topic.into(),
                address.into(),
                json!({"event": {"total": 12.5}, "journey": {"step": "s1"}}).to_string().into(),
                self.clock.now().millis().into(),
            ],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A webhook to a real server.
    pub async fn webhook(&self, url: &str, more: Value) -> ChannelId {
        let mut config = json!({"url": url, "secret": HOOK_SECRET, "per_second": 10_000, "burst": 1_000});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.post("/api/v1/channels", json!({"kind": "webhook", "name": url, "config": config})).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        made.json()["id"].as_str().unwrap().parse().unwrap()
    }

    /// A message to a webhook, with what the step wants of its answer.
    pub async fn queue_webhook(&self, member: MemberId, channel: ChannelId, options: Value) -> DeliveryId {
        let delivery = self.queue_as(member, "", "marketing", channel, "webhook", TemplateId(0)).await;
        let tx = self.db.begin().await.unwrap();
        let values = vec![delivery.0.into(), options.to_string().into()];
        tx.run("UPDATE deliveries SET options_json = $2 WHERE id = $1", values).await.unwrap();
        tx.commit().await.unwrap();
        delivery
    }

    /// What the last line of a message's history says.
    pub async fn last_words(&self, id: DeliveryId) -> String {
        let trail = outreach::outbox::trail(self.db.read(), self.workspace, &[id]).await.unwrap();
        trail.last().map(|entry| entry.detail.clone()).unwrap_or_default()
    }

    pub async fn row(&self, id: DeliveryId) -> Row {
        self.db
            .read()
            .one(
                "SELECT state, reason, error, attempts, next_attempt_at, scanner_hits, opened_at, clicked_at, provider_id
                 FROM deliveries WHERE id = $1",
                vec![id.0.into()],
            )
            .await
            .unwrap()
            .unwrap()
    }

    /// State and reason, as `state/reason`.
    pub async fn fate(&self, id: DeliveryId) -> String {
        let row = self.row(id).await;
        row.reason.map_or(row.state.clone(), |reason| format!("{}/{reason}", row.state))
    }

    /// States of the history, in order.
    pub async fn history(&self, id: DeliveryId) -> Vec<String> {
        let trail = outreach::outbox::trail(self.db.read(), self.workspace, &[id]).await.unwrap();
        trail.into_iter().map(|entry| entry.state).collect()
    }

    /// Names of the facts that were emitted, in order.
    pub async fn facts(&self) -> Vec<String> {
        let records = store::emitted::take(self.db.read(), 1_000).await.unwrap();
        records.into_iter().map(|(_, record)| base::Event::from_record(record.as_bytes()).unwrap().name).collect()
    }

    /// Sends one message to a new member and returns it as it left.
    pub async fn one_sent(&self, name: &str, address: &str) -> (DeliveryId, Message) {
        let member = self.member(name, address).await;
        let delivery = self.queue(member, address).await;
        self.outbox.run_once().await.unwrap();
        let message = self.other_side.sent().into_iter().find(|message| message.delivery == delivery).unwrap();
        (delivery, message)
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// The path of the first address of ours in a text, such as `/t/…`.
pub fn path_in(text: &str, kind: &str) -> String {
    let start = text.find(&format!("{PUBLIC_URL}/{kind}/")).unwrap_or_else(|| panic!("no /{kind}/ in {text}"));
    let path = &text[start + PUBLIC_URL.len()..];
    let end = path.find(|c: char| c == '"' || c.is_whitespace()).unwrap_or(path.len());
    path[..end].to_owned()
}

/// The parts of an e-mail.
pub fn email(message: &Message) -> (String, String, String, Option<String>) {
    match &message.content {
        channels::Content::Email { subject, text, html, unsubscribe_url } => {
            (subject.clone(), text.clone(), html.clone(), unsubscribe_url.clone())
        }
        channels::Content::Json { .. } => panic!("is not an e-mail"),
    }
}
