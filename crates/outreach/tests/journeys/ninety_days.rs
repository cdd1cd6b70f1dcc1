//! Ninety days of journeys with every step and every entry, for many members, as the interpreter tells them, while
//! operators pause, resume, stop, change and move them.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    interpreter::{Happening, Journey, Order, Ordered, Person, Running, What, World},
    replay::{Mishap, Replay},
    support::{
        Bench, DAY, HOUR, MINUTE, START, TestDatabase,
        journeys::{TEMPLATE, send, wait},
    },
};

const DAYS: i64 = 90;
const ZONES: [&str; 5] =
    ["Europe/Berlin", "Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Honolulu", "America/New_York"];
/// How many members there are, unless [`USUAL`].
const MEMBERS: &str = "HEARTH_TEST_JOURNEY_MEMBERS";
const USUAL: usize = 10_000;

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
        json!({"entry": {"schedule": {"every": "month", "on": [1, -1], "at": "08:00", "segment": guests}},
            "reentry": {"policy": "always"}, "start": "letter", "steps": {"letter": send(None)}}),
        json!({"entry": {"manual": true}, "key": "properties.why", "reentry": {"policy": "after_exit"}, "start": "pause",
            "steps": {"pause": wait("P9D", "call"), "call": send(None)}}),
        json!({"entry": {"import": true}, "start": "hello", "steps": {"hello": send(None)}}),
    ];
    let orders = orders(&every_step(&blocked, &guests), &journeys[1]);
    World {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        segments: [(blocked, "blocked"), (buyers, "buyer"), (guests, "guest")]
            .into_iter()
            .map(|(id, tag)| (id, tag.to_owned()))
            .collect(),
        orders,
        journeys: journeys.into_iter().map(|document| Journey { document, published: START }).collect(),
        answers: |person| {
            let delay = 2 * HOUR + second(person.number);
            (person.number % 3 == 0).then(|| (delay, json!({"score": person.number % 100})))
        },
        deeds: |person| {
            let outcome = [Some("yes"), Some("no"), None, Some("perhaps")][person.number % 4].map(str::to_owned);
            (person.number % 5 < 2).then_some((DAY + second(person.number), outcome))
        },
    }
}

/// What operators do: with thousands under way.
fn orders(every_step: &Value, birthdays: &Value) -> Vec<Order> {
    let mut changed = every_step.clone();
    changed["steps"]["later"] = wait("P2D", "reader");
    changed["steps"]["care"] = wait("P4D", "hours");
    changed["goal"] = json!({"event": "Order Completed", "within": "P20D"});
    let stays = ["bought", "later", "scored", "ask", "hours", "until"].map(|step| (step, Some(step)));
    let moves = [("pause", Some("care")), ("call", Some("ask")), ("vip", None), ("", None)];
    let mapping = stays.into_iter().chain(moves).map(|(from, to)| (from.to_owned(), to.map(str::to_owned))).collect();
    let mut noon = birthdays.clone();
    noon["entry"]["date"]["at"] = json!("12:00");
    let ordered = [
        (12, Ordered::Publish { journey: 1, document: noon, running: Running::Stay }),
        (20, Ordered::Publish { journey: 0, document: changed, running: Running::Move(mapping) }),
        (24, Ordered::Holdout { share: 0.1, reshuffle: false }),
        (27, Ordered::Pause(0)),
        (29, Ordered::Resume(0)),
        (33, Ordered::Stop { journey: 2, finish: false }),
        (35, Ordered::Holdout { share: 0.2, reshuffle: true }),
        (36, Ordered::Publish { journey: 0, document: every_step.clone(), running: Running::Stay }),
        (65, Ordered::Stop { journey: 3, finish: true }),
    ];
    let order = |(place, (day, what)): (usize, (i64, Ordered))| Order {
        at: START + day * DAY + 2 * HOUR + (50 + place as i64) * MINUTE,
        what,
    };
    ordered.into_iter().enumerate().map(order).collect()
}

/// Of two who may become one each has a second of his own.
fn second(number: usize) -> i64 {
    (number % 2) as i64 * 1_000
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
    let zone = ZONES[number / 2 % ZONES.len()];
    let name = format!("m{number}");
    let day = |days: usize| format!("2026-{:02}-{:02}", 4 + days / 28, 1 + days % 28);
    let traits = json!({"email": format!("{name}@example.com"), "timezone": zone,
        "birthday": format!("19{:02}-{:02}-{:02}", 60 + chance.below(40), 4 + chance.below(3), 1 + chance.below(28)),
        "renewal": day(chance.below(56))});
    let first = START + MINUTE + second(number);
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
    match chance.below(8) {
        0 => plan.push((chance.below(80), What::Imported(json!({"score": chance.below(100)})))),
        1 => {
            let properties = json!({"why": format!("w{}", chance.below(2))});
            plan.push((chance.below(80), What::Asked { journey: 5, key: None, properties }));
        }
        2 => plan.push((chance.below(80), What::ImportedTags(vec!["guest".to_owned()]))),
        _ => {}
    }
    for (place, (days, what)) in plan.into_iter().enumerate() {
        let hour = [7, 12, 18][chance.below(3)] - 10;
        let received =
            START + days as i64 * DAY + (24 + hour) * HOUR + (5 + 6 * place as i64) * MINUTE + second(number);
        // Some come late.
        let delay = if chance.below(10) == 0 { chance.below(50) as i64 * HOUR } else { 0 };
        let happened = if matches!(what, What::Event { .. }) { received - delay } else { received };
        happenings.push(Happening { received, happened, what });
    }
    if number % 30 < 2 && chance.below(2) == 0 {
        let received = START + chance.below(70) as i64 * DAY + 4 * HOUR + 49 * MINUTE + second(number);
        let what = What::Merged { with: format!("m{}", number ^ 1) };
        happenings.push(Happening { received, happened: received, what });
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

async fn ninety_days_are_as_interpreted(database: TestDatabase) {
    let members = std::env::var(MEMBERS).ok().and_then(|number| number.parse().ok()).unwrap_or(USUAL);
    // Nobody becomes one with somebody who is not there.
    let members = members.next_multiple_of(2);
    let (world, people, end) = (world(), people(members), START + DAYS * DAY);
    let mut replay = Replay::begin(Bench::on(&database).await, &world, &people).await;
    replay.until(end, |_| Mishap::None).await;
    let runs = replay.compared(&people, end).await.unwrap_or_else(|difference| panic!("{difference}"));
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
        "moved",
        "exited",
        "completed",
    ] {
        let times = runs.iter().flat_map(|run| &run.lines).filter(|line| line.action == action).count();
        assert!(times > 0, "nobody came by \"{action}\"");
    }
    let entered = |journey: usize| runs.iter().filter(|run| run.journey == journey).count();
    assert!(entered(0) > members && (1..7).all(|journey| entered(journey) > 0));
    let left_out = |why: &str| runs.iter().flat_map(|run| &run.lines).any(|line| line.note == why);
    for why in ["workspace", "journey", "step", "merged", "moved_out", "journey_stopped"] {
        assert!(members < USUAL || left_out(why), "nobody ended with \"{why}\"");
    }
    drop(replay);
    database.drop_database().await;
}

#[tokio::test]
async fn ninety_days_are_as_interpreted_on_sqlite() {
    ninety_days_are_as_interpreted(TestDatabase::sqlite().await).await;
}

#[tokio::test]
async fn ninety_days_are_as_interpreted_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else { return };
    ninety_days_are_as_interpreted(database).await;
}
