//! The messages of a simulation meet the fate that the real outbox gave them.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base::{
    Event, Time,
    ids::{JourneyId, MemberId},
};
use channels::Content;
use serde_json::{Value, json};
use store::{FromQueryResult, Sql};
use testing::{DAY, HOUR, MINUTE, user};
use tower::ServiceExt;

use crate::{
    exactness::{Chance, without_words},
    workshop::{TEMPLATE, Workshop, on_every_database, wait},
};

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    member_id: i64,
}

#[derive(FromQueryResult)]
struct LedgerRow {
    id: i64,
    run_id: i64,
    step: String,
    state: String,
    reason: Option<String>,
    queued_at: i64,
    claimed_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct WaitRow {
    delivery_id: i64,
    detail: String,
}

/// The ledger of a journey.
struct Ledger {
    rows: Vec<LedgerRow>,
    /// What each had to wait for, in order.
    waits: BTreeMap<i64, Vec<String>>,
}

impl Ledger {
    async fn of(workshop: &Workshop, journey: JourneyId) -> Ledger {
        let db = workshop.bench.db.read();
        let rows: Vec<LedgerRow> = db
            .all(
                "SELECT id, run_id, step, state, reason, queued_at, claimed_at FROM deliveries
                 WHERE journey_id = $1 ORDER BY queued_at, id",
                vec![journey.0.into()],
            )
            .await
            .unwrap();
        let lines: Vec<WaitRow> = db
            .all("SELECT delivery_id, detail FROM delivery_history WHERE state = 'deferred' ORDER BY id", vec![])
            .await
            .unwrap();
        let mut waits: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for line in lines {
            waits.entry(line.delivery_id).or_default().push(line.detail.split(';').next().unwrap().to_owned());
        }
        Ledger { rows, waits }
    }

    /// What became of the messages of a run, as a simulation shows it.
    fn of_run(&self, run: i64) -> Vec<Value> {
        self.rows.iter().filter(|row| row.run_id == run).map(|row| self.shown(row)).collect()
    }

    fn shown(&self, row: &LedgerRow) -> Value {
        let is_sent = row.state == "accepted";
        json!({
            "step": row.step, "queued_at": Time::from_millis(row.queued_at),
            "sent_at": row.claimed_at.filter(|_| is_sent).map(Time::from_millis),
            "put_off": self.waits.get(&row.id).and_then(|waits| waits.last()),
            "refused": row.reason.as_deref().filter(|_| !is_sent),
        })
    }

    /// What a simulation is to say of a step.
    fn figures(&self, step: &str) -> Value {
        let rows: Vec<&LedgerRow> = self.rows.iter().filter(|row| row.step == step).collect();
        let (mut refused, mut put_off) = (BTreeMap::<&str, i64>::new(), BTreeMap::<&str, i64>::new());
        for row in rows.iter().filter(|row| row.state != "accepted") {
            *refused.entry(row.reason.as_deref().unwrap()).or_default() += 1;
        }
        for row in &rows {
            let mut waits: Vec<&str> = self.waits.get(&row.id).into_iter().flatten().map(String::as_str).collect();
            waits.sort_unstable();
            waits.dedup();
            waits.into_iter().for_each(|why| *put_off.entry(why).or_default() += 1);
        }
        let sent = rows.iter().filter(|row| row.state == "accepted").count();
        json!({"count": rows.len(), "sent": sent, "would_be_refused": refused, "put_off": put_off, "waiting_at_end": 0})
    }
}

fn send(priority: &str, topic: &str, next: Option<&str>) -> Value {
    json!({
        "type": "send", "channel": "email", "template": TEMPLATE.to_string(), "topic": topic, "priority": priority,
        "next": next,
    })
}

/// Somebody with an address, who lives in one of three places or says nothing of it.
fn introduced(workshop: &Workshop, number: u64) -> Event {
    let mut traits = json!({"email": format!("u{number}@example.com")});
    if let Some(zone) = ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"].get(number as usize % 4) {
        traits["timezone"] = json!(zone);
    }
    workshop.bench.identify(user(&format!("u{number}")), traits)
}

impl Workshop {
    /// Somebody says behind the link of the last message that he got what he wants from now on.
    async fn chooses(&self, number: u64, form: &str) {
        let address = format!("u{number}@example.com");
        let message = self.sent.lock().unwrap().iter().rev().find(|message| message.address == address).cloned();
        let Some(Content::Email { text, .. }) = message.map(|message| message.content) else { return };
        let path = &text[text.find("/u/").unwrap()..];
        let path = path.split_whitespace().next().unwrap();
        let request = Request::builder().method("POST").uri(path);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let reply = self.pages.clone().oneshot(request.body(Body::from(form.to_owned())).unwrap()).await.unwrap();
        assert_eq!(reply.status(), StatusCode::OK, "{path} {form}");
    }

    async fn decide(&self, policy: Value) {
        let body = json!({"revision": 0, "policy": policy});
        let (status, reply) = self.ask_only("PUT", "/api/v1/outbox/policy", body).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
    }
}

/// One of the things that somebody may do.
async fn something(workshop: &mut Workshop, chance: &mut Chance, people: u64) {
    let number = chance.below(people);
    let who = || user(&format!("u{number}"));
    let about = |topic: &str| json!({"channel": "email", "purpose": topic});
    let bench = &workshop.bench;
    let event = match chance.below(14) {
        0 => bench.track(who(), "Consent Withdrawn", about("news")),
        1 => bench.track(who(), "Consent Given", about("news")),
        2 => {
            workshop.chooses(number, "action=save&pause=begin").await;
            return workshop.settle().await;
        }
        3 => {
            workshop.chooses(number, "action=save&pause=end").await;
            return workshop.settle().await;
        }
        4 if number == 3 => {
            let body = json!({"channel_kind": "email", "address": "u3@example.com"});
            workshop.ask_only("POST", "/api/v1/suppressions", body).await;
            return;
        }
        5..=7 => bench.track(who(), "Read", json!({})),
        _ => bench.track(who(), "Joined", json!({})),
    };
    workshop.happens(&[event]).await;
}

/// A journey with sends of several priorities beside another one, both live, under a policy. Then the first is simulated.
async fn meets_the_same_fate(mut workshop: Workshop, policy: Value, seed: u64) {
    let mut chance = Chance(seed);
    workshop.sends = true;
    let has_caps = policy["caps"].is_array();
    workshop.decide(policy).await;
    for number in 0..8 {
        let event = introduced(&workshop, number);
        workshop.bench.advance(MINUTE);
        workshop.happens(&[event]).await;
    }
    let others = workshop
        .draft(json!({
            "entry": {"event": "Read"}, "reentry": {"policy": "always"}, "start": "o",
            "steps": {"o": send("high", "news", Some("p")), "p": send("low", "offers", None)},
        }))
        .await;
    workshop.publish(others).await;
    let document = json!({
        "entry": {"event": "Joined"}, "reentry": {"policy": "always"}, "start": "first",
        "steps": {
            "first": send("normal", "news", Some("second")), "second": send("low", "offers", Some("pause")),
            "pause": wait("PT7H", "third"), "third": send("high", "news", Some("night")),
            "night": wait("PT30H", "fourth"),
            "fourth": {"type": "send", "channel": "email", "template": TEMPLATE.to_string(), "topic": "news",
                       "priority": "normal", "expires": "PT5H", "next": "receipt"},
            "receipt": send("low", "transactional", Some("alarm")), "alarm": send("critical", "news", None),
        },
    });
    let id = workshop.draft(document).await;
    live_for(&mut workshop, &mut chance, 40).await;
    let from = Time::from_millis(workshop.bench.now().millis() + MINUTE);
    workshop.pass_until(from).await;
    workshop.publish(id).await;
    workshop.settle().await;
    live_for(&mut workshop, &mut chance, 120).await;
    let to = Time::from_millis(workshop.bench.now().millis() + MINUTE);
    workshop.pass_until(Time::from_millis(to.millis() + 60 * DAY)).await;
    workshop.sends = false;

    let result = workshop.simulate(id, json!({"from": from, "to": to})).await;
    let ledger = Ledger::of(&workshop, id).await;
    let runs: Vec<RunRow> = workshop
        .bench
        .db
        .read()
        .all(
            "SELECT id, member_id FROM journey_runs WHERE journey_id = $1 ORDER BY entered_at, id LIMIT 20",
            vec![id.0.into()],
        )
        .await
        .unwrap();
    assert_eq!(runs.len(), 20, "the past is too quiet: {result}");
    // Where nothing is counted, nobody asks what others sent.
    assert_eq!(result["messages_of_others"].as_i64().unwrap() > 20, has_caps, "{result}");
    for (run, shown) in runs.iter().zip(result["sample_runs"].as_array().unwrap()) {
        assert_eq!(shown["member"], json!(MemberId(run.member_id)));
        let mut messages = shown["messages"].clone();
        messages.as_array_mut().unwrap().iter_mut().for_each(without_words);
        assert_eq!(messages, json!(ledger.of_run(run.id)), "{seed}: {}", shown["member"]);
    }
    for step in ["first", "second", "third", "fourth", "receipt", "alarm"] {
        let shown = result["messages"].as_array().unwrap().iter().find(|of| of["step"] == step).unwrap();
        let shown = json!({
            "count": shown["count"], "sent": shown["sent"], "would_be_refused": shown["would_be_refused"],
            "put_off": shown["put_off"], "waiting_at_end": shown["waiting_at_end"],
        });
        assert_eq!(shown, ledger.figures(step), "{seed}: {step}");
    }
    let all = result["messages"].to_string();
    for word in ["consent_withdrawn", "paused_by_member"] {
        assert!(all.contains(word), "the past is too quiet for {word}: {all}");
    }
}

async fn live_for(workshop: &mut Workshop, chance: &mut Chance, events: u64) {
    for _ in 0..events {
        let next = workshop.bench.now().millis() + MINUTE + chance.below(3 * HOUR as u64) as i64;
        workshop.pass_until(Time::from_millis(next)).await;
        something(workshop, chance, 8).await;
    }
}

#[tokio::test]
async fn caps_and_quiet_hours_put_off_what_they_put_off() {
    on_every_database(|workshop| async move {
        let policy = json!({
            "caps": [{"most": 2, "per": "day"}, {"topic": "offers", "most": 2, "per": "week"}],
            "quiet_hours": {"from": "22:00", "to": "08:00"},
        });
        meets_the_same_fate(workshop, policy, 11).await;
    })
    .await;
}

#[tokio::test]
async fn caps_and_windows_drop_what_they_dropped() {
    on_every_database(|workshop| async move {
        let policy = json!({
            "caps": [{"channel_kind": "email", "most": 3, "per": "day", "then": "drop"},
                     {"topic": "offers", "most": 4, "per": "month", "then": "drop"}],
            "windows": {"email": {"open": [{"from": "09:00", "to": "20:00"}], "zone": "workspace", "then": "drop"}},
            "expire_after": "P1D", "critical_passes": false,
        });
        meets_the_same_fate(workshop, policy, 12).await;
    })
    .await;
}

#[tokio::test]
async fn without_a_policy_only_members_and_addresses_refuse() {
    on_every_database(|workshop| async move {
        meets_the_same_fate(workshop, json!({}), 13).await;
    })
    .await;
}

#[tokio::test]
async fn versions_are_compared_by_what_would_leave() {
    on_every_database(|mut workshop| async move {
        workshop.decide(json!({"caps": [{"most": 1, "per": "day", "then": "drop"}]})).await;
        let from = workshop.bench.now();
        for number in 0..3 {
            workshop.bench.advance(MINUTE);
            // Of the same moment, in the order of their ids.
            let introduced = introduced(&workshop, number);
            let came = workshop.bench.track(user(&format!("u{number}")), "Joined", json!({}));
            workshop.happens(&[introduced, came]).await;
        }
        workshop.bench.advance(MINUTE);
        let to = workshop.bench.now();
        let steps = |first: Value| json!({"a": first, "b": send("normal", "offers", None)});
        let document = |first| json!({"entry": {"event": "Joined"}, "start": "a", "steps": steps(first)});
        let id = workshop.draft(document(send("normal", "news", Some("b")))).await;
        let other = document(send("normal", "transactional", Some("b")));
        let body = json!({"from": from, "to": to, "compare_with": other});
        let result = workshop.simulate(id, body).await;
        assert_eq!(
            result["compared"]["differences"]["steps"],
            json!({"b": {"reached": 0, "waiting_at_end": 0, "messages": 0, "sent": -3, "put_off": {},
                         "would_be_refused": {"frequency_cap": 3}}}),
            "{result}"
        );
        let messages = &result["sample_runs"][0]["messages"];
        assert_eq!(messages[0]["en"], "It would leave at once.", "{messages}");
        assert!(messages[1]["zh"].as_str().unwrap().contains("频次上限"), "{messages}");
        assert_eq!(result["messages"][0]["template_name"], "hello");
        let words: Vec<&Value> = result["not_known"].as_array().unwrap().iter().collect();
        assert!(words.len() > 5 && words.iter().all(|word| word["zh"].is_string() && word["en"].is_string()));
    })
    .await;
}
