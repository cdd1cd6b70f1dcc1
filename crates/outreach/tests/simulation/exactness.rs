//! A simulation over the past of a journey that was live shows what it did.

use base::{Event, Time, ids::MemberId};
use serde_json::{Value, json};
use store::{FromQueryResult, Sql};
use testing::{DAY, HOUR, MINUTE, user, visitor};

use crate::workshop::{Workshop, on_every_database, send, wait};

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    member_id: i64,
    entered_at: i64,
    state: String,
}

#[derive(FromQueryResult)]
struct LineRow {
    at: i64,
    step: String,
    action: String,
    detail_json: String,
}

/// The first runs of the live journey, as a simulation shows them.
async fn live_runs(workshop: &Workshop) -> Value {
    let db = workshop.bench.db.read();
    let runs: Vec<RunRow> = db
        .all("SELECT id, member_id, entered_at, state FROM journey_runs ORDER BY entered_at, id LIMIT 20", vec![])
        .await
        .unwrap();
    let mut shown = Vec::new();
    for run in runs {
        let lines: Vec<LineRow> = db
            .all(
                "SELECT at, step, action, detail_json FROM journey_trace WHERE run_id = $1 ORDER BY seq",
                vec![run.id.into()],
            )
            .await
            .unwrap();
        let trail: Vec<Value> = lines
            .into_iter()
            .map(|line| {
                let detail: Value = serde_json::from_str(&line.detail_json).unwrap();
                json!({"at": Time::from_millis(line.at), "step": line.step, "action": line.action, "detail": detail})
            })
            .collect();
        shown.push(json!({
            "member": MemberId(run.member_id), "entered_at": Time::from_millis(run.entered_at), "state": run.state,
            "trail": trail,
        }));
    }
    comparable(shown.into())
}

/// Without the words for people, and without the numbers of messages, which are others each time.
fn comparable(mut runs: Value) -> Value {
    for run in runs.as_array_mut().unwrap() {
        run.as_object_mut().unwrap().remove("messages");
        for line in run["trail"].as_array_mut().unwrap() {
            without_words(line);
            if let Some(detail) = line["detail"].as_object_mut() {
                detail.remove("delivery");
            }
        }
    }
    runs
}

/// What is said to programs only. What is said to people is said in both languages.
pub fn without_words(line: &mut Value) {
    let fields = line.as_object_mut().unwrap();
    let words: Vec<Value> = ["en", "zh"].into_iter().filter_map(|language| fields.remove(language)).collect();
    let is_said = |words: &Value| words.as_str().is_some_and(|words| !words.is_empty());
    assert!(words.is_empty() || (words.len() == 2 && words.iter().all(is_said)), "{words:?} of {line}");
}

pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Something that somebody does now.
fn something(workshop: &Workshop, chance: &mut Chance, newest: u64) -> Event {
    let bench = &workshop.bench;
    let number = chance.below(newest);
    // Two who become one stay out of it: in a simulation they are one from the beginning.
    let (name, who) = match chance.below(5) {
        0 => (format!("v{number}"), visitor(&format!("v{number}"))),
        _ => (format!("u{number}"), user(&format!("u{number}"))),
    };
    match chance.below(9) {
        0 => bench.identify(who, json!({"level": chance.below(4), "email": format!("{name}@example.com")})),
        1 => {
            let city = ["上海", "北京"][chance.below(2) as usize];
            bench.identify(who, json!({ "city": city }))
        }
        2 => bench.track(who, "Ordered", json!({"revenue": chance.below(100)})),
        3 => bench.track(who, "Left", json!({})),
        4 => bench.track(who, "Read", json!({})),
        5 => bench.tag(who, "Tag Added", "regular"),
        6 => bench.tag(who, "Tag Removed", "regular"),
        _ => bench.track(who, "Joined", json!({"group": chance.below(3)})),
    }
}

async fn live_for(workshop: &mut Workshop, chance: &mut Chance, events: u64, newest: impl Fn(u64) -> u64) {
    for nth in 0..events {
        let next = workshop.bench.now().millis() + MINUTE + chance.below(5 * HOUR as u64) as i64;
        workshop.pass_until(Time::from_millis(next)).await;
        let event = something(workshop, chance, newest(nth));
        workshop.bench.append(&[event]).await;
        workshop.bench.settle().await;
    }
}

fn document(entry: Value, holdout: f64) -> Value {
    json!({
        "entry": entry, "reentry": {"policy": "after_exit", "cooldown": "P1D"}, "exit": [{"event": "Left"}],
        "goal": {"event": "Ordered", "within": "P3D"}, "holdout": holdout, "start": "hello",
        "steps": {
            "hello": send(Some("pause")), "pause": wait("PT20H", "who"),
            "who": {"type": "branch", "else": "mark", "cases": [
                {"when": {"trait": "level", "op": "gte", "value": 2}, "next": "thanks"},
                {"when": {"all": [{"tag": "regular"}, {"event": "Read", "within": "P2D"}]}, "next": "last"},
            ]},
            "mark": {"type": "tag", "add": ["marked"], "remove": ["regular"], "next": "later"},
            "later": wait("P2D", "marked"),
            "marked": {"type": "branch", "else": null, "cases": [{"when": {"tag": "marked"}, "next": "last"}]},
            "thanks": send(None), "last": send(None),
        }
    })
}

async fn shows_what_a_journey_did(mut workshop: Workshop, entry: Value, holdout: f64, seed: u64) {
    let mut chance = Chance(seed);
    workshop
        .bench
        .segment(70, &json!({"all": [{"trait": "level", "op": "gte", "value": 1}, {"not": {"tag": "marked"}}]}))
        .await;
    workshop.bench.idle().await;
    live_for(&mut workshop, &mut chance, 60, |_| 5).await;
    let id = workshop.draft(document(entry, holdout)).await;
    let from = Time::from_millis(workshop.bench.now().millis() + MINUTE);
    workshop.pass_until(from).await;
    workshop.publish(id).await;
    workshop.bench.settle().await;
    // Some were there before, and more and more come.
    live_for(&mut workshop, &mut chance, 120, |nth| 5 + nth / 12).await;
    let to = Time::from_millis(workshop.bench.now().millis() + MINUTE);
    workshop.pass_until(Time::from_millis(to.millis() + 90 * DAY)).await;
    let result = workshop.simulate(id, json!({"from": from, "to": to})).await;

    let live = live_runs(&workshop).await;
    assert!(live.as_array().unwrap().len() > 5, "the past is too quiet: {live}");
    let simulated = comparable(result["sample_runs"].clone());
    for (one, other) in live.as_array().unwrap().iter().zip(simulated.as_array().unwrap()) {
        assert_eq!(one, other, "{seed}");
    }
    let count = async |sql: &str| workshop.bench.number(sql).await;
    assert_eq!(result["entered"], count("SELECT COUNT(*) FROM journey_runs WHERE state <> 'held_out'").await);
    assert_eq!(result["held_out"], count("SELECT COUNT(*) FROM journey_runs WHERE state = 'held_out'").await);
    let goals = "SELECT COUNT(*) FROM journey_runs WHERE goal_at IS NOT NULL AND state <> 'held_out'";
    assert_eq!(result["goal"]["reached"], count(goals).await);
    for state in ["completed", "exited", "failed", "active"] {
        let live = count(&format!("SELECT COUNT(*) FROM journey_runs WHERE state = '{state}'")).await;
        assert_eq!(result["ended"][state], live, "{state}");
    }
    for step in ["hello", "pause", "who", "mark", "later", "marked", "thanks", "last"] {
        let reached = format!("SELECT COUNT(DISTINCT run_id) FROM journey_trace WHERE step = '{step}'");
        assert_eq!(result["steps"][step]["reached"].as_i64().unwrap_or(0), count(&reached).await, "{step}");
    }
    for step in ["hello", "thanks", "last"] {
        let messages = result["messages"].as_array().unwrap().iter().find(|of| of["step"] == step);
        let live = count(&format!("SELECT COUNT(*) FROM deliveries WHERE step = '{step}'")).await;
        assert_eq!(messages.map_or(0, |of| of["count"].as_i64().unwrap()), live, "{step}");
    }
}

#[tokio::test]
async fn shows_what_a_journey_did_that_began_with_events() {
    on_every_database(|workshop| async move {
        shows_what_a_journey_did(workshop, json!({"event": "Joined"}), 0.0, 5).await;
    })
    .await;
}

#[tokio::test]
async fn holds_out_the_same_members() {
    on_every_database(|workshop| async move {
        shows_what_a_journey_did(workshop, json!({"event": "Joined"}), 0.4, 6).await;
    })
    .await;
}

#[tokio::test]
async fn shows_what_a_journey_did_that_began_with_a_segment() {
    on_every_database(|workshop| async move {
        let segment = base::ids::SegmentId(70);
        shows_what_a_journey_did(workshop, json!({"segment": segment}), 0.0, 7).await;
    })
    .await;
}
