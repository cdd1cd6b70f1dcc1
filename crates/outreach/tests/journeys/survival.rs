//! Whenever the process dies, the ledger is the same in the end.

use std::collections::BTreeMap;

use base::{Event, Time};
use people::{members::Room, pipeline::RunnerOptions};
use serde_json::json;

use super::support::{
    Bench, HOUR, START, TestDatabase,
    journeys::{send, wait},
    user,
};

async fn journeys(bench: &Bench) {
    let segment = bench.segment(1, &json!({"tag": "buyer"})).await;
    bench
        .journey(json!({"entry": {"event": "Order Completed"}, "reentry": {"policy": "always"},
            "exit": [{"event": "Order Returned"}], "start": "thanks", "steps": {
                "thanks": send(Some("tag")),
                "tag": {"type": "tag", "add": ["buyer"], "next": "pause"},
                "pause": wait("PT3H", "fork"),
                "fork": {"type": "branch", "else": "remind",
                    "cases": [{"when": {"event": "Page Read", "within": "PT6H"}, "next": "more"}]},
                "more": send(None), "remind": send(Some("loop")), "loop": wait("P1D", "last"), "last": send(None)}}))
        .await;
    bench
        .journey(json!({"entry": {"segment": segment.to_string()}, "start": "welcome",
            "steps": {"welcome": send(Some("pause")), "pause": wait("PT30M", "again"), "again": send(None)}}))
        .await;
    bench
        .journey(json!({"entry": {"event": "Page Read"}, "reentry": {"policy": "always"},
            "goal": {"event": "Order Completed", "within": "P1D"}, "start": "await", "steps": {
                "await": {"type": "wait", "event": "Order Completed", "timeout": "PT9H",
                    "where": [{"property": "amount", "op": "gte", "value": -2}], "timeout_next": "set", "next": "split"},
                "split": {"type": "split", "ways": [{"share": 0.5, "next": "window"}, {"share": 0.5, "next": "window"}]},
                "window": {"type": "wait", "window": {"from": "08:00", "to": "10:00"}, "next": "note"},
                "note": send(None),
                "set": {"type": "set", "traits": {"follow_up": "2026-03-27"}}}}))
        .await;
    bench
        .journey(json!({"entry": {"date": {"trait": "follow_up", "at": "12:00"}}, "start": "ask", "steps": {
            "ask": {"type": "task", "title": "Ask", "due": "PT3H", "expired": "follow"}, "follow": send(None)}}))
        .await;
}

fn history(bench: &Bench) -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..5i64 {
        let name = format!("m{n}");
        events.push((0, bench.member(&name)));
        events.push((n, bench.track(user(&name), "Order Completed", json!({"amount": n}))));
        if n % 2 == 0 {
            events.push((n + 1, bench.track(user(&name), "Page Read", json!({}))));
        }
        if n == 3 {
            events.push((n + 2, bench.track(user(&name), "Order Returned", json!({}))));
        }
        events.push((n + 9, bench.track(user(&name), "Order Completed", json!({"amount": -n}))));
    }
    events.sort_by_key(|(hour, _)| *hour);
    let moved = |(hour, mut event): (i64, Event)| {
        event.timestamp = Time::from_millis(START + hour * HOUR);
        event.received_at = event.timestamp;
        event
    };
    events.into_iter().map(moved).collect()
}

/// Everything runs in small batches; after the rounds that `dies` names, the process is another. A round
/// is one step of the pipeline and, when it rests, one run of the emitter.
async fn ledger(database: &TestDatabase, dies: impl Fn(usize) -> bool) -> (BTreeMap<&'static str, Vec<String>>, usize) {
    let mut bench = Bench::on(database).await;
    bench.options =
        RunnerOptions { batch_events: 3, batch_timers: 2, part: 2, room: Room { ready: 2, packed_bytes: 2_000 } };
    bench.restart().await;
    journeys(&bench).await;
    let events = history(&bench);
    let mut rounds = 0;
    // Hour by hour, so that what the journeys emit comes back at its time.
    for hour in 0..60i64 {
        bench.clock.set(Time::from_millis(START + hour * HOUR));
        let arriving: Vec<Event> = events.iter().filter(|event| event.received_at == bench.now()).cloned().collect();
        bench.append(&arriving).await;
        loop {
            let is_idle = bench.step().await;
            if is_idle && bench.emit().await == 0 {
                break;
            }
            if dies(rounds) {
                bench.restart().await;
            }
            rounds += 1;
            assert!(rounds < 2_000, "the pipeline finds no rest");
        }
    }
    let mut found = BTreeMap::new();
    for (name, query) in [
        (
            "ledger",
            "SELECT step || ' ' || address || ' ' || state || ' ' || CAST(queued_at AS TEXT) AS text FROM deliveries",
        ),
        (
            "runs",
            "SELECT state || ' ' || end_reason || ' ' || CAST(entered_at AS TEXT) || ' ' || CAST(ended_at AS TEXT) AS text FROM journey_runs",
        ),
        (
            "trace",
            "SELECT step || ' ' || action || ' ' || CAST(seq AS TEXT) || ' ' || CAST(at AS TEXT) AS text FROM journey_trace",
        ),
        ("counts", "SELECT step || ' ' || action || ' ' || CAST(happened AS TEXT) AS text FROM journey_counts"),
        ("tags", "SELECT i.value || ' ' || t.tag AS text FROM member_tags t JOIN identities i ON i.id = t.identity_id"),
        (
            "tasks",
            "SELECT state || ' ' || CAST(opened_at AS TEXT) || ' ' || CAST(closed_at AS TEXT) AS text FROM journey_tasks",
        ),
        ("plans", "SELECT occasion AS text FROM journey_plans"),
        ("timers", "SELECT kind || ' ' || CAST(due_at AS TEXT) AS text FROM timers"),
        ("dead letters", "SELECT code || ' ' || message AS text FROM dead_letters"),
    ] {
        let mut rows = bench.texts(query).await;
        rows.sort();
        found.insert(name, rows);
    }
    (found, rounds)
}

async fn no_message_is_queued_twice_or_lost_wherever_the_process_dies(database: TestDatabase, every: usize) {
    let (uninterrupted, rounds) = ledger(&database, |_| false).await;
    assert!(rounds > 20, "{rounds}");
    // Ten orders with thanks, five welcomes in two parts, and what the branches add.
    let ledger_of = |word: &str| uninterrupted["ledger"].iter().filter(|row| row.starts_with(word)).count();
    assert_eq!((ledger_of("thanks "), ledger_of("welcome "), ledger_of("again ")), (10, 5, 5));
    assert_eq!(ledger_of("remind "), ledger_of("last "));
    assert!(ledger_of("more ") > 0 && ledger_of("remind ") > 0);
    assert_eq!(ledger_of("note ") + ledger_of("follow "), 3, "of those who have read");
    assert_eq!(ledger_of("follow "), uninterrupted["tasks"].len());
    let left = ["dead letters", "timers", "plans"].map(|name| uninterrupted[name].len());
    assert_eq!(left, [0, 0, 0]);
    for death in (0..rounds).step_by(every) {
        assert_eq!(ledger(&database, |round| round == death).await.0, uninterrupted, "died after round {death}");
    }
    assert_eq!(ledger(&database, |_| true).await.0, uninterrupted, "died after every round");
    database.drop_database().await;
}

#[tokio::test]
async fn no_message_is_queued_twice_or_lost_wherever_the_process_dies_on_sqlite() {
    no_message_is_queued_twice_or_lost_wherever_the_process_dies(TestDatabase::sqlite().await, 1).await;
}

#[tokio::test]
async fn no_message_is_queued_twice_or_lost_wherever_the_process_dies_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else { return };
    no_message_is_queued_twice_or_lost_wherever_the_process_dies(database, 7).await;
}
