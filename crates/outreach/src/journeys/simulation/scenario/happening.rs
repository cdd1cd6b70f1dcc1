//! What a scenario tells, as events.

use base::{
    Event, EventKind,
    event::empty_object,
    ids::{DeliveryId, EventId, MemberId, RunId},
};
use people::{
    consent::{CONSENT_GIVEN, CONSENT_WITHDRAWN, pauses},
    replay::Replay,
    tags::{TAG_ADDED, TAG_REMOVED},
};
use serde_json::{Value, json, value::to_raw_value};
use store::{FromQueryResult, Sql};

use super::{
    Happening, Scenario,
    play::{JOURNEY, WORKSPACE},
};

/// By which the one member is known.
const WHO: &str = "member";
/// Who brings what was before: like an import it lets nobody in.
const BEFORE: &str = "import:scenario";
const SCENARIO: &str = "scenario";
/// The commands by which somebody lets a member in, does a task, and tells what a webhook answered.
const ENTRY_ASKED: &str = "Journey Entry Asked";
const TASK_COMPLETED: &str = "Task Completed";
const WEBHOOK_ANSWERED: &str = "Webhook Answered";

#[derive(FromQueryResult)]
struct OpenRow {
    id: i64,
    run_id: i64,
    member_id: i64,
}

/// As the program itself tells of a member whom it knows.
fn of(open: &OpenRow, event: Event) -> Event {
    Event { user_id: None, member: Some(MemberId(open.member_id)), ..event }
}

fn event(replay: &Replay, kind: EventKind, name: &str, source: &str, properties: &Value) -> anyhow::Result<Event> {
    let id = replay.ids().next(EventId);
    let now = replay.now();
    Ok(Event {
        id,
        workspace: WORKSPACE,
        kind,
        name: name.to_owned(),
        user_id: Some(WHO.to_owned()),
        anonymous_id: None,
        previous_id: None,
        member: None,
        timestamp: now,
        received_at: now,
        message_id: id.to_string(),
        source: source.to_owned(),
        trusted: true,
        properties: to_raw_value(properties)?,
        context: empty_object(),
    })
}

/// What makes the member what he was.
pub(super) fn before(replay: &Replay, scenario: &Scenario) -> anyhow::Result<Vec<Event>> {
    let member = &scenario.member;
    let told = |kind: EventKind, name: &str, properties: Value| event(replay, kind, name, BEFORE, &properties);
    let identified = EventKind::Identify.default_name();
    let mut events = vec![told(EventKind::Identify, identified, Value::Object(member.traits.clone()))?];
    if !member.tags.is_empty() {
        events.push(told(EventKind::Command, TAG_ADDED, json!({"tags": member.tags}))?);
    }
    for (channel, topics) in &member.consent {
        for (topic, granted) in topics {
            let name = if *granted { CONSENT_GIVEN } else { CONSENT_WITHDRAWN };
            events.push(told(EventKind::Track, name, json!({"channel": channel, "purpose": topic}))?);
        }
    }
    Ok(events)
}

/// What is told when something happens.
pub(super) async fn events(replay: &Replay, happening: &Happening) -> anyhow::Result<Vec<Event>> {
    let told = |kind: EventKind, name: &str, properties: Value| event(replay, kind, name, SCENARIO, &properties);
    let command = |name: &str, properties: Value| told(EventKind::Command, name, properties);
    let mut events = Vec::new();
    if let Some(traits) = &happening.traits {
        events.push(told(EventKind::Identify, EventKind::Identify.default_name(), traits.clone().into())?);
    }
    for (name, tags) in [(TAG_REMOVED, &happening.remove_tags), (TAG_ADDED, &happening.add_tags)] {
        if !tags.is_empty() {
            events.push(command(name, json!({"tags": tags}))?);
        }
    }
    if let Some(name) = &happening.event {
        events.push(told(EventKind::Track, name, happening.properties.clone().into())?);
    }
    if let Some(properties) = &happening.enter {
        events.push(command(ENTRY_ASKED, json!({"journey": JOURNEY, "properties": properties}))?);
    }
    if let Some(task) = &happening.task {
        let sql = "SELECT id, run_id, member_id FROM journey_tasks WHERE step = $1 AND state = 'open' ORDER BY id DESC LIMIT 1";
        if let Some(open) = replay.db().read().one::<OpenRow>(sql, vec![task.step.as_str().into()]).await? {
            let id = format!("tsk_{}", digits(open.id));
            events.push(of(&open, command(TASK_COMPLETED, json!({"task": id, "outcome": task.outcome}))?));
        }
    }
    if let Some(answer) = &happening.answer {
        let sql = "SELECT id, run_id, member_id FROM deliveries WHERE step = $1 ORDER BY id DESC LIMIT 1";
        if let Some(open) = replay.db().read().one::<OpenRow>(sql, vec![answer.step.as_str().into()]).await? {
            let told = json!({
                "delivery": DeliveryId(open.id), "journey": JOURNEY, "run": RunId(open.run_id), "step": answer.step,
                "status": answer.status, "ok": (200..300).contains(&answer.status), "traits": answer.traits,
            });
            events.push(of(&open, command(WEBHOOK_ANSWERED, told)?));
        }
    }
    if let Some(begins) = happening.pause {
        let name = if begins { pauses::MESSAGES_PAUSED } else { pauses::MESSAGES_RESUMED };
        let sql = "SELECT id FROM members WHERE merged_into IS NULL LIMIT 1";
        if let Some(member) = replay.db().read().scalar::<i64>(sql, vec![]).await? {
            let event = told(EventKind::Delivery, name, json!({}))?;
            events.push(Event { user_id: None, member: Some(MemberId(member)), ..event });
        }
    }
    Ok(events)
}

/// The digits of an id of any kind.
fn digits(number: i64) -> String {
    RunId(number).to_string().trim_start_matches("run_").to_owned()
}
