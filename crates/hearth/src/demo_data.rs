//! `hearth demo`: a wine shop's community in an empty data directory, then live events.
//!
//! The starter configuration is made through the same REST API that operators use; the history goes
//! through the log and the pipeline like any event, with the time of arrival of each, so that
//! segments and journeys have a past.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use api::Role;
use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use base::{
    Clock, Code, IdSource, Time,
    event::partition_of,
    ids::{EventId, WorkspaceId},
};
use clap::Args;
use demo::{DemoEvent, DemoPlan, Reference, Trickle};
use jiff::{ToSpan, tz::TimeZone};
use log::{EventLog, NewRecord};
use outreach::outbox;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use server::accounts::{self, NewKeyOnCommandLine, keys::KeyKind};
use store::{SimulatedClock, Sql, SystemClock};
use tower::ServiceExt;

use crate::{
    config::Config,
    house::{Foundation, Ground, House},
    import::progress_bar,
    private, serve,
    sink::{self, Sink},
};

const EMAIL: &str = "demo@hearth.example";
const SOURCE: &str = "demo";
const KEY_NAME: &str = "demo";
const MAILBOX: &str = "Demo mailbox";
const TILL: &str = "Demo till";
const TILL_SECRET: &str = "whsec_ZGVtbyBzZWNyZXQgb2YgdGhlIHRpbGwsIDMyIGJ5dGVz";
/// How much of the history is lived through at once: messages go out at its end.
const SLICE: Duration = Duration::from_secs(6 * 3_600);

/// How much of a demo.
#[derive(Args)]
pub struct Options {
    /// How many members.
    #[arg(long, default_value_t = 5_000)]
    members: usize,
    /// How many days of history.
    #[arg(long, default_value_t = 90)]
    days: u32,
    /// Fill the directory and stop.
    #[arg(long)]
    fill_only: bool,
    /// Send no live events.
    #[arg(long)]
    quiet: bool,
}

/// Fills when empty, then serves.
pub async fn run(mut config: Config, options: Options) -> anyhow::Result<()> {
    // The demo's mailbox is on this machine.
    config.outbound.allow.push("127.0.0.1/32".to_owned());
    let url = config.server.base_url();
    let sink = sink::start().await?;
    let mut state = FillState::load(&config.data)?;
    let plan = DemoPlan { members: options.members, days: options.days, ..DemoPlan::new(state.until) };
    if state.done_until < state.until {
        fill(config.clone(), &plan, &mut state, sink).await?;
    }
    if options.fill_only {
        return Ok(());
    }
    let ground = Ground::open(config).await?;
    let (clock, ids, db) = (ground.clock.clone(), ground.ids.clone(), ground.db.clone());
    let workspace = accounts::default_workspace(&db, &clock, &ids, None, None).await?;
    let password = owner_password(&ground).await?;
    let foundation = Foundation::open(ground)?;
    let log = foundation.log.clone();
    let house = House::build(foundation).await?;
    let api = Api::of(&house).await?;
    api.point_channels_at(sink).await?;
    api.close().await?;
    let ready = async {
        crate::say(&format!("\n  {url}\n  sign in as {EMAIL} with password {password}\n\n"))?;
        if !options.quiet {
            tokio::spawn(trickle(log, clock.clone(), ids, workspace, plan));
        }
        Ok(())
    };
    serve::serve(house, ready).await
}

/// Makes the demo's owner unless there is one; gives the password.
async fn owner_password(ground: &Ground) -> anyhow::Result<String> {
    let password_file = ground.config.data.join("demo-password");
    if !password_file.exists() {
        private::write_new(&password_file, make_password(&ground.ids).as_bytes())?;
    }
    let password = std::fs::read_to_string(&password_file)?;
    let Ground { db, clock, ids, .. } = ground;
    match accounts::cli_create_user(db, clock, ids, EMAIL, Some("Demo"), Role::Owner, &password).await {
        Err(accounts::AccountError::Problem(problem)) if problem.code == Code::AlreadyExists => {}
        outcome => {
            outcome?;
        }
    }
    Ok(password)
}

/// How far the filling of a data directory has come; kept beside the data, so that a filling that was
/// cut short goes on with the same events instead of others.
#[derive(Serialize, Deserialize)]
struct FillState {
    /// Where the history ends: when the first attempt to fill began.
    until: Time,
    /// Everything before this moment is in.
    done_until: Time,
}

impl FillState {
    fn load(data: &Path) -> anyhow::Result<FillState> {
        match std::fs::read_to_string(data.join("demo.json")) {
            Ok(text) => Ok(serde_json::from_str(&text)?),
            Err(_) => Ok(FillState { until: SystemClock::start().now(), done_until: Time::EPOCH }),
        }
    }

    fn save(&self, data: &Path) -> anyhow::Result<()> {
        Ok(std::fs::write(data.join("demo.json"), serde_json::to_string(self)?)?)
    }
}

fn make_password(ids: &IdSource) -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 16];
    ids.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

/// The REST API, called in this process.
struct Api {
    router: Router,
    key: String,
}

impl Api {
    /// As the owner.
    async fn of(house: &House) -> anyhow::Result<Api> {
        let Ground { db, clock, ids, .. } = &house.foundation.ground;
        let (kind, role) = (KeyKind::Api, Role::Owner);
        let key = NewKeyOnCommandLine { kind, name: KEY_NAME, scopes: None, role, trusted: false };
        let key = accounts::cli_create_key(db, clock, ids, key).await?;
        Ok(Api { router: house.router.clone(), key })
    }

    /// Revokes the key, and those that processes left which were cut short.
    async fn close(self) -> anyhow::Result<()> {
        let keys = self.call(Method::GET, "/api/v1/keys?limit=500", json!({})).await?;
        let keys = keys["items"].as_array().into_iter().flatten();
        let demo = keys.filter(|key| key["name"] == KEY_NAME && key["revoked_at"].is_null());
        // With its own it revokes the others, so its own comes last. A hint ends with the last letters of the key.
        let is_own = |key: &&Value| {
            let hint = key["hint"].as_str().and_then(|hint| hint.rsplit('…').next());
            hint.is_some_and(|end| self.key.ends_with(end))
        };
        let (own, others): (Vec<&Value>, Vec<&Value>) = demo.partition(is_own);
        for id in others.into_iter().chain(own).filter_map(|key| key["id"].as_str()) {
            self.call(Method::DELETE, &format!("/api/v1/keys/{id}"), json!({})).await?;
        }
        Ok(())
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> anyhow::Result<Value> {
        let request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))?;
        let response = self.router.clone().oneshot(request).await?;
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        anyhow::ensure!(status.is_success(), "{method} {path}: {status} {answer}");
        Ok(answer)
    }

    /// Makes what is described, unless a filling that was cut short has made it; returns its id.
    async fn create(&self, path: &str, body: Value) -> anyhow::Result<String> {
        let existing = self.call(Method::GET, &format!("{path}?limit=500"), json!({})).await?;
        let mut items = existing["items"].as_array().into_iter().flatten();
        if let Some(id) = items.find(|item| item["name"] == body["name"]).and_then(|item| item["id"].as_str()) {
            return Ok(id.to_owned());
        }
        let answer = self.call(Method::POST, path, body).await?;
        Ok(answer["id"].as_str().context("no id in the answer")?.to_owned())
    }

    /// The demo's destinations have other ports at every start.
    async fn point_channels_at(&self, sink: Sink) -> anyhow::Result<()> {
        let channels = self.call(Method::GET, "/api/v1/channels", json!({})).await?;
        for channel in channels["items"].as_array().into_iter().flatten() {
            let mut config = channel["config"].clone();
            let destination = match channel["name"].as_str() {
                Some(MAILBOX) => ("port", json!(sink.mailbox.port())),
                Some(TILL) => {
                    // Who moves a channel has to know its secret.
                    config["secret"] = json!(TILL_SECRET);
                    ("url", json!(format!("http://{}/", sink.till)))
                }
                _ => continue,
            };
            config[destination.0] = destination.1;
            let path = format!("/api/v1/channels/{}", channel["id"].as_str().unwrap_or_default());
            self.call(Method::PATCH, &path, json!({"name": channel["name"], "config": config})).await?;
        }
        Ok(())
    }
}

/// Makes the starter configuration.
async fn configure(api: &Api, starter: &demo::Starter, sink: Sink) -> anyhow::Result<()> {
    api.create(
        "/api/v1/channels",
        json!({"kind": "webhook", "name": TILL, "config": {
            "url": format!("http://{}/", sink.till), "secret": TILL_SECRET}}),
    )
    .await?;
    api.create(
        "/api/v1/channels",
        json!({"kind": "email", "name": MAILBOX, "config": {
            "host": sink.mailbox.ip().to_string(), "port": sink.mailbox.port(), "security": "none", "per_second": 500.0, "concurrency": 8,
            "from": {"name": "醉里挑灯", "email": "hello@lantern.example"}, "physical_address": "上海市徐汇区灯笼弄 7 号"}}),
    )
    .await?;
    for (topic, position) in starter.topics.iter().zip(1..) {
        let body = json!({"name": {"en": topic.name.0, "zh": topic.name.1}, "position": position,
            "description": {"en": topic.description.0, "zh": topic.description.1}});
        api.call(Method::PUT, &format!("/api/v1/topics/{}", topic.key), body).await?;
    }
    let mut segments = std::collections::HashMap::new();
    let mut templates = std::collections::HashMap::new();
    for segment in &starter.segments {
        let body = json!({"name": segment.name, "rule": segment.rule});
        segments.insert(segment.key, api.create("/api/v1/segments", body).await?);
    }
    for template in &starter.templates {
        let body = json!({"name": template.name, "channel_kind": template.channel_kind, "subject": template.subject,
            "text": template.text, "html": template.html});
        templates.insert(template.key, api.create("/api/v1/templates", body).await?);
    }
    for board in &starter.boards {
        let body = json!({"name": board.name, "period": board.period, "cards": board.cards});
        api.create("/api/v1/boards", body).await?;
    }
    for journey in &starter.journeys {
        let document = demo::resolve_references(&journey.document, &|reference| match reference {
            Reference::Segment(key) => segments.get(key).cloned(),
            Reference::Template(key) => templates.get(key).cloned(),
        })?;
        let id = api.create("/api/v1/journeys", json!({"name": journey.name, "document": document})).await?;
        let journey = api.call(Method::GET, &format!("/api/v1/journeys/{id}"), json!({})).await?;
        if journey["state"] == "draft" {
            api.call(Method::POST, &format!("/api/v1/journeys/{id}/publish"), json!({})).await?;
        }
    }
    Ok(())
}

/// Lives through the history: a clock goes from its beginning to its end, events arrive when they happened,
/// and timers, journeys and messages have their time in between.
async fn fill(config: Config, plan: &DemoPlan, state: &mut FillState, sink: Sink) -> anyhow::Result<()> {
    let data = config.data.clone();
    let clock = SimulatedClock::at(plan.start().max(state.done_until));
    let ground = Ground::open_at(config, clock.shared()).await?;
    state.save(&data)?;
    let Ground { db, ids, .. } = &ground;
    let (db, ids) = (db.clone(), ids.clone());
    let starter = demo::starter();
    let (name, zone) = (Some(starter.workspace_name), Some(starter.time_zone));
    let workspace = accounts::default_workspace(&db, &clock.shared(), &ids, name, zone).await?;
    let mut house = House::build(Foundation::open(ground)?).await?;
    let log = house.foundation.log.clone();
    let api = Api::of(&house).await?;
    configure(&api, &starter, sink).await?;
    api.point_channels_at(sink).await?;
    api.close().await?;
    settle(&mut house).await?;

    let mut history = demo::history(plan).peekable();
    let total = history.len() as u64;
    let bar = progress_bar(total, "events");
    while clock.now() < plan.until {
        let until = clock.now().plus(SLICE).min(plan.until);
        let mut records = Vec::new();
        while let Some(event) = history.next_if(|event| event.timestamp <= until) {
            bar.inc(1);
            let arrived = event.timestamp;
            if arrived >= state.done_until {
                records.push(record(event, workspace, &ids, arrived, log.partitions()));
            }
        }
        log.append(records).await?;
        clock.set(until);
        settle(&mut house).await?;
        state.done_until = until;
        state.save(&data)?;
    }
    bar.finish_and_clear();
    let today = plan.until.timestamp().to_zoned(TimeZone::get(starter.time_zone)?).date();
    for goal in &starter.goals {
        let day = |days: i64| today.checked_add(days.days());
        let course = (day(goal.days.0)?, day(goal.days.1)?);
        let body = (goal.name, goal.metric.clone(), goal.target);
        insight::keep_goal((&db, &ids, plan.until), workspace, body, course).await?;
    }
    let members: Option<i64> =
        db.read().scalar("SELECT COUNT(*) FROM members WHERE merged_into IS NULL", Vec::new()).await?;
    crate::say(&format!("{} members and {total} events are in\n", members.unwrap_or(0)))
}

/// Lets everything take effect that there is to do at this moment of the clock.
async fn settle(house: &mut House) -> anyhow::Result<()> {
    loop {
        let step = house.runner.step().await?;
        let emitted = house.emitter.drain().await?;
        if step.is_idle() && emitted == 0 && house.outbox.run_once().await? == outbox::Progress::default() {
            return Ok(());
        }
    }
}

fn record(event: DemoEvent, workspace: WorkspaceId, ids: &IdSource, arrived: Time, partitions: u32) -> NewRecord {
    let event = event.into_event(workspace, ids.next(EventId), arrived, SOURCE);
    let partition = partition_of(workspace, &event.partition_key(), partitions);
    NewRecord { partition, payload: event.to_record().into() }
}

/// Keeps the community talking.
async fn trickle(log: Arc<dyn EventLog>, clock: Arc<dyn Clock>, ids: IdSource, workspace: WorkspaceId, plan: DemoPlan) {
    let mut trickle = Trickle::new(&plan, clock.now());
    loop {
        clock.sleep(Duration::from_millis(500)).await;
        let now = clock.now();
        let records: Vec<NewRecord> =
            trickle.next(now).into_iter().map(|event| record(event, workspace, &ids, now, log.partitions())).collect();
        if !records.is_empty()
            && let Err(error) = log.append(records).await
        {
            tracing::warn!(%error, "demo events cannot be appended");
        }
    }
}
