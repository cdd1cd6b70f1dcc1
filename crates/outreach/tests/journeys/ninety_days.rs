//! Ninety days of a journey with every step, for many members, as the interpreter tells them.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    interpreter::{Happening, Journey, Person, What, World},
    replay::{Mishap, Replay},
    support::{
        Bench, DAY, HOUR, MINUTE, START, TestDatabase,
        journeys::{TEMPLATE, send, wait},
    },
};

const DAYS: i64 = 90;
const ZONES: [&str; 5] =
    ["Europe/Berlin", "Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Honolulu", "America/New_York"];
/// How many members there are on SQLite and on PostgreSQL, unless this variable names another number for both.
const MEMBERS: &str = "HEARTH_TEST_JOURNEY_MEMBERS";

fn segment(number: i64) -> String {
    base::ids::SegmentId(number).to_string()
}

fn world() -> World {
    let [blocked, buyers, guests] = [segment(1), segment(2), segment(3)];
    let journeys = vec![
        every_step(&blocked, &guests),
        json!({"entry": {"date": {"trait": "birthday", "every": "year", "offset": "-P7D", "at": "09:00"}},
            "reentry": {"policy": "always"}, "holdout": 0.25, "start": "card", "steps": {"card": send(None)}}),
        json!({"entry": {"segment": buyers}, "goal": {"segment": guests, "within": "P30D"}, "start": "welcome",
            "steps": {"welcome": send(Some("pause")), "pause": wait("P1D", "again"), "again": send(None)}}),
        json!({"entry": {"segment_left": guests}, "reentry": {"policy": "always", "cooldown": "P3D"}, "start": "sorry",
            "steps": {"sorry": send(None)}}),
    ];
    World {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        segments: [(blocked, "blocked"), (buyers, "buyer"), (guests, "guest")]
            .into_iter()
            .map(|(id, tag)| (id, tag.to_owned()))
            .collect(),
        journeys: journeys.into_iter().map(|document| Journey { document, published: START }).collect(),
        answers: |person| (person.number % 3 == 0).then(|| (2 * HOUR, json!({"score": person.number % 100}))),
        deeds: |person| {
            let outcome = [Some("yes"), Some("no"), None, Some("perhaps")][person.number % 4].map(str::to_owned);
            (person.number % 5 < 2).then_some((DAY, outcome))
        },
    }
}

fn every_step(blocked: &str, guests: &str) -> Value {
    let template = TEMPLATE.to_string();
    json!({"entry": {"event": "Cart Filled", "where": [{"property": "total", "op": "gte", "value": 10}]},
        "key": "properties.cart", "reentry": {"policy": "after_exit", "cooldown": "P2D"},
        "exit": [{"event": "Account Closed"}, {"segment": blocked}],
        "goal": {"event": "Order Completed", "within": "P60D"}, "holdout": 0.1, "start": "pause",
        "steps": {
            "pause": wait("PT6H", "bought"),
            "bought": {"type": "wait", "event": {"event": "Order Completed",
                    "match": [{"property": "cart", "entry": "properties.cart"}]},
                "timeout": "P3D", "next": "thanks", "timeout_next": "hours"},
            "thanks": {"type": "send", "channel": "email", "template": template, "priority": "high", "expires": "P1D",
                "next": "mark"},
            "mark": {"type": "tag", "add": ["buyer"], "remove": ["cart-open"], "next": "later"},
            "later": wait("P1D", "reader"),
            "reader": {"type": "branch", "else": "level", "cases": [
                {"when": {"all": [{"tag": "buyer"}, {"event": "Page Read", "within": "P7D"}]}, "next": "coin"},
                {"when": {"trait": "score", "op": "gte", "value": 90}, "next": "vip"}]},
            "level": {"type": "set", "traits": {"level": "silver"}, "next": "by_level"},
            "by_level": {"type": "branch", "else": null, "cases": [
                {"when": {"trait": "level", "op": "eq", "value": "silver"}, "next": "coin"}]},
            "coin": {"type": "split", "ways": [{"share": 0.3, "next": "arm"}, {"share": 0.7, "next": "call"}]},
            "arm": {"type": "holdout", "share": 0.2, "next": "call", "held": null},
            "call": {"type": "webhook", "channel": "webhook", "body": {"why": "score"}, "traits": {"score": "score"},
                "timeout": "P2D", "next": "scored", "timeout_next": "ask"},
            "scored": wait("P1D", "by_score"),
            "by_score": {"type": "branch", "else": "vip", "cases": [
                {"when": {"trait": "score", "op": "gte", "value": 50}, "next": "ask"}]},
            "ask": {"type": "task", "title": "Call", "due": "P5D", "outcomes": {"yes": "vip", "no": null}, "next": "vip",
                "expired": "hours"},
            "vip": {"type": "wait", "segment": guests, "timeout": "P10D", "next": "good", "timeout_next": "until"},
            "good": send(Some("until")),
            "hours": {"type": "wait", "window": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00",
                "to": "18:00"}, "next": "remind"},
            "remind": send(Some("until")),
            "until": {"type": "wait", "until": {"trait": "renewal", "offset": "-P3D", "at": "09:00"}, "next": "last"},
            "last": send(Some("end")),
            "end": {"type": "exit"}}})
}

/// Members who do what people do, each at minutes of the hour of which no two are alike: what is due by itself is due at
/// the minute of what began it, or at a full hour.
fn people(count: usize) -> Vec<Person> {
    (0..count).map(person).collect()
}

fn person(number: usize) -> Person {
    let mut chance = Dice(number as u64 * 7_919 + 17);
    let zone = ZONES[number % ZONES.len()];
    let name = format!("m{number}");
    let day = |days: usize| format!("2026-{:02}-{:02}", 4 + days / 28, 1 + days % 28);
    let traits = json!({"email": format!("{name}@example.com"), "timezone": zone,
        "birthday": format!("19{:02}-{:02}-{:02}", 60 + chance.below(40), 4 + chance.below(3), 1 + chance.below(28)),
        "renewal": day(chance.below(56))});
    let first = START + MINUTE;
    let mut happenings = vec![Happening { received: first, happened: first, what: What::Traits(traits) }];
    let event = |name: &str, properties: Value| What::Event { name: name.to_owned(), properties };
    let tags = |added: bool, tag: &str| What::Tags { added, tags: vec![tag.to_owned()] };
    let cart = |number: usize| format!("c{number}");
    let start = chance.below(40);
    let mut plan: Vec<(usize, What)> = vec![
        (start, event("Cart Filled", json!({"cart": cart(1), "total": chance.below(100)}))),
        (start + 1 + chance.below(5), event("Order Completed", json!({"cart": cart(1 + chance.below(2)), "total": 7}))),
        (start + chance.below(30), event("Cart Filled", json!({"cart": cart(1 + chance.below(2)), "total": 50}))),
        (chance.below(80), event("Page Read", json!({}))),
        (chance.below(60), tags(true, "guest")),
    ];
    match chance.below(12) {
        0 => plan.push((30 + chance.below(40), event("Account Closed", json!({})))),
        1 => plan.push((30 + chance.below(40), tags(true, "blocked"))),
        2..=5 => plan.push((60 + chance.below(20), tags(false, "guest"))),
        _ => {}
    }
    for (place, (days, what)) in plan.into_iter().enumerate() {
        let hour = [7, 12, 18][chance.below(3)] - 10;
        let received = START + days as i64 * DAY + (24 + hour) * HOUR + (5 + 8 * place as i64) * MINUTE;
        // Some come late.
        let delay = if chance.below(10) == 0 { chance.below(50) as i64 * HOUR } else { 0 };
        let happened = if matches!(what, What::Event { .. }) { received - delay } else { received };
        happenings.push(Happening { received, happened, what });
    }
    happenings.sort_by_key(|happening| happening.received);
    Person { number, name, happenings }
}

/// Numbers that look like chance and are the same every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

async fn ninety_days_are_as_interpreted(database: TestDatabase, usual: usize) {
    let members = std::env::var(MEMBERS).ok().and_then(|number| number.parse().ok()).unwrap_or(usual);
    let (world, people, end) = (world(), people(members), START + DAYS * DAY);
    let mut replay = Replay::begin(Bench::on(&database).await, &world, &people).await;
    replay.until(end, |_| Mishap::None).await;
    let runs = replay.assert_as_interpreted(&people, end).await;
    // Every kind of step, and every end, was come by.
    for action in [
        "held_out",
        "met",
        "timed_out",
        "branched",
        "split",
        "queued",
        "tagged",
        "set",
        "task_opened",
        "task_done",
        "task_expired",
        "answered",
        "goal",
        "exited",
        "completed",
    ] {
        let times = runs.iter().flat_map(|run| &run.lines).filter(|line| line.action == action).count();
        assert!(times > 0, "nobody came by \"{action}\"");
    }
    let entered = |journey: usize| runs.iter().filter(|run| run.journey == journey).count();
    assert!(entered(0) > members && (1..4).all(|journey| entered(journey) > 0));
    drop(replay);
    database.drop_database().await;
}

#[tokio::test]
async fn ninety_days_are_as_interpreted_on_sqlite() {
    ninety_days_are_as_interpreted(TestDatabase::sqlite().await, 10_000).await;
}

#[tokio::test]
async fn ninety_days_are_as_interpreted_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else { return };
    ninety_days_are_as_interpreted(database, 1_000).await;
}
