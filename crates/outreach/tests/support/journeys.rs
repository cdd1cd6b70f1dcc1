//! Journeys by their routes, and what they leave in the tables.

use std::{cell::Cell, path::Path, sync::Arc};

use api::{Caller, Role};
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use base::{
    Event, IdSource, Time,
    ids::{JourneyId, MemberId, TemplateId},
};
use outreach::{Outreach, Settings};
use people::commands::Commands;
use serde_json::{Value, json};
use store::{Db, FromQueryResult, Key, Secrets, SimulatedClock, Sql};
use tower::ServiceExt;

use super::{Bench, WORKSPACE, user};

pub const TEMPLATE: TemplateId = TemplateId(20);

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
pub struct Delivery {
    pub step: String,
    pub state: String,
    pub address: String,
    pub topic: String,
    pub queued_at: i64,
}

pub async fn channel_and_template(bench: &testing::Bench) {
    bench
        .run(
            "INSERT INTO channels (id, workspace_id, kind, name, config_json, state, created_at, updated_at)
             VALUES (10, $1, 'email', 'mail', '{}', 'live', 0, 0)",
            vec![WORKSPACE.0.into()],
        )
        .await;
    bench
        .run(
            "INSERT INTO templates (id, workspace_id, name, channel_kind, subject, body_text, body_html, version,
               created_at, updated_at) VALUES ($1, $2, 'hello', 'email', 'Hello', 'Hello', '', 1, 0, 0)",
            vec![TEMPLATE.0.into(), WORKSPACE.0.into()],
        )
        .await;
}

pub fn router(db: &Db, clock: &SimulatedClock, ids: &IdSource, dir: &Path) -> Router {
    let (router, _) = outreach::journeys::routes(outreach(db, clock, ids, dir)).split_for_parts();
    router.layer(Extension(owner()))
}

fn owner() -> Caller {
    Caller { workspace: WORKSPACE, actor: "user:test".to_owned(), role: Role::Owner, scopes: None }
}

fn outreach(db: &Db, clock: &SimulatedClock, ids: &IdSource, dir: &Path) -> Arc<Outreach> {
    let secrets = Secrets::new(Key::load_or_create(&dir.join("secret.key"), ids).unwrap(), ids.clone());
    Outreach::new(
        db.clone(),
        clock.shared(),
        ids.clone(),
        secrets,
        channels::Registry::new(Vec::new()),
        Settings::new("https://hearth.example"),
    )
}

/// A send step of the one template.
pub fn send(next: Option<&str>) -> Value {
    json!({"type": "send", "channel": "email", "template": TEMPLATE.to_string(), "next": next})
}

pub fn wait(period: &str, next: &str) -> Value {
    json!({"type": "wait", "for": period, "next": next})
}

async fn reply(router: Router, method: &str, uri: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(uri).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

impl Bench {
    pub async fn call(&self, method: &str, uri: &str, body: Value) -> Value {
        let (status, body) = self.ask(method, uri, body).await;
        assert!(status == StatusCode::OK || status == StatusCode::CREATED, "{uri}: {body}");
        body
    }

    /// Status and body of a reply, whatever it is.
    pub async fn ask(&self, method: &str, uri: &str, body: Value) -> (StatusCode, Value) {
        reply(self.router.clone(), method, uri, body).await
    }

    /// The same of a route that acts through the pipeline, which runs meanwhile.
    pub async fn ask_pipeline(&mut self, method: &str, uri: &str, body: Value) -> (StatusCode, Value) {
        let is_answered = Cell::new(false);
        let router = self.command_router();
        let asking = async {
            let reply = reply(router, method, uri, body).await;
            is_answered.set(true);
            reply
        };
        let running = async {
            while !is_answered.get() {
                self.step().await;
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(asking, running).0
    }

    /// What acts through the pipeline as it is now; after a restart it is another one.
    pub fn commands(&self) -> Commands {
        Commands::new(self.log.clone(), self.clock.shared(), self.ids.clone(), self.progress())
    }

    fn command_router(&self) -> Router {
        let outreach = outreach(&self.db, &self.clock, &self.ids, &self.dir);
        let (router, _) = outreach::journeys::command_routes(outreach, self.commands()).split_for_parts();
        router.layer(Extension(owner()))
    }

    /// Appends these events and runs until nothing is left to do, with all facts that were made on the way.
    pub async fn take_all(&mut self, events: &[Event]) {
        self.append(events).await;
        self.settle().await;
    }

    /// Moves the clock to this moment and runs until nothing is left to do.
    pub async fn run_to(&mut self, moment: &str) {
        self.clock.set(moment.parse().unwrap());
        self.settle().await;
    }

    /// Steps of the messages and when they were queued, in the order of time.
    pub async fn sent_at(&self) -> Vec<String> {
        let sent = self.deliveries().await.into_iter();
        sent.map(|delivery| format!("{} {}", delivery.step, Time::from_millis(delivery.queued_at))).collect()
    }

    /// Steps and actions of all traces, in their order.
    pub async fn trace(&self) -> Vec<String> {
        let sql = "SELECT step || ' ' || action AS text FROM journey_trace ORDER BY run_id, seq";
        self.texts(sql).await.into_iter().map(|line| line.trim().to_owned()).collect()
    }

    /// The value of a trait in the profile of a user.
    pub async fn profile(&self, name: &str) -> Value {
        let id = self.owner(name).await;
        let books = std::collections::HashMap::from([(WORKSPACE, self.book())]);
        let state = people::members::load_members(self.db.read(), &[id], &books, self.now()).await.unwrap();
        Value::Object(state[0].traits().clone())
    }

    fn book(&self) -> Arc<people::rules::RuleBook> {
        let zone = jiff::tz::TimeZone::UTC;
        Arc::new(people::rules::RuleBook::compile(WORKSPACE, zone, 0, &Default::default()))
    }

    /// A published journey.
    pub async fn journey(&self, document: Value) -> JourneyId {
        let made = self.call("POST", "/api/v1/journeys", json!({"name": "journey", "document": document})).await;
        let id: JourneyId = made["id"].as_str().unwrap().parse().unwrap();
        self.journey_verb(id, "publish").await;
        id
    }

    /// `publish`, `pause`, `resume` or `stop`.
    pub async fn journey_verb(&self, id: JourneyId, verb: &str) {
        self.call("POST", &format!("/api/v1/journeys/{id}/{verb}"), json!({})).await;
    }

    pub async fn change_journey(&self, id: JourneyId, document: Value) {
        self.call("PATCH", &format!("/api/v1/journeys/{id}"), json!({"document": document})).await;
    }

    /// A member with an address who has done nothing else yet.
    pub fn member(&self, name: &str) -> Event {
        self.identify(user(name), json!({"email": format!("{name}@example.com")}))
    }

    pub async fn deliveries(&self) -> Vec<Delivery> {
        self.db
            .read()
            .all(
                "SELECT step, state, address, topic, queued_at FROM deliveries ORDER BY queued_at, step, address",
                vec![],
            )
            .await
            .unwrap()
    }

    /// Steps of the messages in the ledger, in their order.
    pub async fn sent_steps(&self) -> Vec<String> {
        self.deliveries().await.into_iter().map(|delivery| delivery.step).collect()
    }

    /// What `explain` says of the only member, as `what` or, for an absence, its reason.
    pub async fn explained(&self, journey: JourneyId) -> Vec<String> {
        let member = self.number("SELECT id FROM members WHERE merged_into IS NULL").await;
        let uri = format!("/api/v1/explain?member={}&journey={journey}", MemberId(member));
        let trail = self.call("GET", &uri, Value::Null).await["trail"].clone();
        let word = |line: &Value| {
            assert!(!line["en"].as_str().unwrap().is_empty() && !line["zh"].as_str().unwrap().is_empty());
            line["detail"]["reason"].as_str().unwrap_or(line["what"].as_str().unwrap()).to_owned()
        };
        trail.as_array().unwrap().iter().map(word).collect()
    }

    /// State and key of every run, in the order of entry.
    pub async fn runs(&self) -> Vec<String> {
        self.texts("SELECT state || ' ' || entry_key AS text FROM journey_runs ORDER BY id")
            .await
            .into_iter()
            .map(|run| run.trim().to_owned())
            .collect()
    }
}
