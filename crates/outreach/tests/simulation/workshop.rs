//! A pipeline with journeys and a runner of simulations.

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use api::{Caller, Role};
use async_trait::async_trait;
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use base::{
    Event, Problem, Time,
    ids::{JourneyId, TemplateId},
};
use channels::{Channel, ChannelKind, Form, Message, Outcome, Pace};
use outreach::{
    Outreach, Settings,
    journeys::{JourneyStage, SimulateJob},
    outbox::Outbox,
};
use people::{
    consent::ConsentStage, groups::GroupStage, identity::IdentifyStage, members::ProfileStage, pipeline::Stage,
    segments::SegmentStage, tags::TagStage,
};
use serde_json::{Value, json};
use store::{Key, Secrets, Sql, jobs::JobRunner};
use testing::{Bench, TestDatabase, WORKSPACE};
use tower::ServiceExt;

pub const TEMPLATE: TemplateId = TemplateId(20);

pub fn stages() -> Vec<Box<dyn Stage>> {
    vec![
        Box::new(IdentifyStage),
        Box::new(ProfileStage),
        Box::new(ConsentStage::default()),
        Box::new(GroupStage::default()),
        Box::new(TagStage),
        Box::new(SegmentStage::default()),
        Box::new(JourneyStage::default()),
    ]
}

pub struct Workshop {
    pub bench: Bench,
    pub router: Router,
    pub jobs: JobRunner,
    /// What members do behind the links of their messages.
    pub pages: Router,
    pub outbox: Arc<Outbox>,
    /// Whether the outbox sends while time passes.
    pub sends: bool,
    /// What it has sent.
    pub sent: Arc<Mutex<Vec<Message>>>,
}

/// A kind of channel, and a channel, that takes everything.
struct Taking(&'static str, Arc<Mutex<Vec<Message>>>);

impl ChannelKind for Taking {
    fn kind(&self) -> &'static str {
        self.0
    }
    fn form(&self) -> Form {
        Form::Letter
    }
    fn needs_address(&self) -> bool {
        true
    }
    fn destination_fields(&self) -> &'static [&'static str] {
        &[]
    }
    fn secret_fields(&self) -> &'static [&'static str] {
        &[]
    }
    fn connect(&self, _config: &Value) -> Result<Arc<dyn Channel>, Problem> {
        Ok(Arc::new(Taking(self.0, self.1.clone())))
    }
}

#[async_trait]
impl Channel for Taking {
    async fn send(&self, message: &Message) -> Outcome {
        self.1.lock().unwrap().push(message.clone());
        Outcome::Accepted { provider_id: None }
    }
    async fn test(&self) -> Result<(), Problem> {
        Ok(())
    }
    fn pace(&self) -> Pace {
        Pace { per_second: 10_000.0, concurrency: 8 }
    }
}

impl Workshop {
    pub async fn on(database: &TestDatabase) -> Workshop {
        let bench = database.bench(stages).await;
        bench
            .run(
                "INSERT INTO channels (id, workspace_id, kind, name, config_json, state, created_at, updated_at)
                 VALUES (10, $1, 'email', 'mail', '{\"requires_consent\": false, \"burst\": 1000}', 'active', 0, 0)",
                vec![WORKSPACE.0.into()],
            )
            .await;
        bench
            .run(
                "INSERT INTO templates (id, workspace_id, name, channel_kind, subject, body_text, body_html, version,
                   created_at, updated_at) VALUES ($1, $2, 'hello', 'email', 'Hello', 'Hello {{ unsubscribe_url }}', '', 1, 0, 0)",
                vec![TEMPLATE.0.into(), WORKSPACE.0.into()],
            )
            .await;
        let secrets = Secrets::new(
            Key::load_or_create(&database.dir().join("secret.key"), &bench.ids).unwrap(),
            bench.ids.clone(),
        );
        let sent: Arc<Mutex<Vec<Message>>> = Arc::default();
        let outreach = Outreach::new(
            bench.db.clone(),
            bench.clock.shared(),
            bench.ids.clone(),
            secrets,
            channels::Registry::new(vec![Arc::new(Taking("email", sent.clone()))]),
            Settings::new("https://hearth.example"),
        );
        let job = SimulateJob::new(outreach.clone(), stages);
        let jobs = JobRunner::new(bench.db.clone(), bench.clock.shared(), bench.ids.clone(), vec![Arc::new(job)]);
        let caller = Caller { workspace: WORKSPACE, actor: "user:test".to_owned(), role: Role::Owner, scopes: None };
        let (pages, _) = outreach::public_routes(outreach.clone()).split_for_parts();
        let routes = outreach::journeys::routes(outreach.clone()).merge(outreach::api_routes(outreach.clone()));
        let (router, _) = routes.split_for_parts();
        let outbox = Outbox::new(outreach);
        Workshop { bench, router: router.layer(Extension(caller)), jobs, pages, outbox, sends: false, sent }
    }

    /// Status and body of a reply. Jobs are run meanwhile.
    pub async fn ask(&self, method: &str, uri: &str, body: Value) -> (StatusCode, Value) {
        let work = async {
            loop {
                self.jobs.run_next().await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            reply = self.ask_only(method, uri, body) => reply,
            () = work => unreachable!("it never ends"),
        }
    }

    pub async fn ask_only(&self, method: &str, uri: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(uri).header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 20_000_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    pub async fn draft(&self, document: Value) -> JourneyId {
        let (status, made) =
            self.ask_only("POST", "/api/v1/journeys", json!({"name": "j", "document": document})).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made["id"].as_str().unwrap().parse().unwrap()
    }

    pub async fn publish(&self, id: JourneyId) {
        let (status, reply) = self.ask_only("POST", &format!("/api/v1/journeys/{id}/publish"), json!({})).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
    }

    /// The result of a simulation that comes to its end.
    pub async fn simulate(&self, id: JourneyId, body: Value) -> Value {
        let (status, reply) = self.ask("POST", &format!("/api/v1/journeys/{id}/simulate"), body).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        assert_eq!(reply["state"], "done", "{reply}");
        reply["result"].clone()
    }

    /// Lets time pass until then, from timer to timer, as it does live.
    pub async fn pass_until(&mut self, moment: Time) {
        loop {
            let mut next = store::timers::next_due(self.bench.db.read()).await.unwrap();
            if self.sends {
                let sql = "SELECT MIN(next_attempt_at) FROM deliveries WHERE state = 'queued'";
                let due: Option<Option<i64>> = self.bench.db.read().scalar(sql, vec![]).await.unwrap();
                let due = due.flatten().map(Time::from_millis);
                next = next.into_iter().chain(due).min();
            }
            match next.filter(|next| *next <= moment) {
                Some(next) => self.bench.clock.set(next),
                None => break,
            }
            self.settle().await;
        }
        self.bench.clock.set(moment);
        self.settle().await;
    }

    /// Lets the pipeline come to rest, and the outbox if it sends.
    pub async fn settle(&mut self) {
        self.bench.settle().await;
        if self.sends {
            self.outbox.run_once().await.unwrap();
            self.bench.settle().await;
        }
    }

    /// Something happens now.
    pub async fn happens(&mut self, events: &[Event]) {
        self.bench.append(events).await;
        self.settle().await;
    }
}

pub async fn on_every_database<F: Future<Output = ()>>(test: impl Fn(Workshop) -> F) {
    testing::on_every_database(async |database| test(Workshop::on(&database).await).await).await;
}

pub fn send(next: Option<&str>) -> Value {
    json!({"type": "send", "channel": "email", "template": TEMPLATE.to_string(), "topic": "news", "next": next})
}

pub fn wait(period: &str, next: &str) -> Value {
    json!({"type": "wait", "for": period, "next": next})
}
