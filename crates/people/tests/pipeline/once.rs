//! Exactly once: repeated records, restarts, a pipeline that was behind, and poison.

use base::{Event, Time};
use log::NewRecord;
use people::{members::Room, pipeline::RunnerOptions};
use serde_json::json;

use super::support::{Bench, DAY, HOUR, Outcome, TestDatabase, both, naive, on_every_database, user, visitor};

/// A little history with everything in it, over a day; the log has it in order of arrival.
fn history(bench: &Bench) -> Vec<Event> {
    let mut events = Vec::new();
    for round in 0..4i64 {
        let later = |mut event: Event, hours: i64| {
            let at = Time::from_millis(bench.now().millis() + (6 * round + hours) * HOUR);
            (event.timestamp, event.received_at) = (at, at);
            event
        };
        let name = format!("u{}", round % 2);
        let device = format!("v{round}");
        events.extend([
            later(bench.track(visitor(&device), "Page Read", json!({"amount": round})), 0),
            later(bench.identify(both(&name, &device), json!({"city": "Bonn", "level": round})), 1),
            later(bench.track(user(&name), "Order Completed", json!({"amount": 10 * round})), 2),
            later(bench.tag(user(&name), "Tag Added", "vip"), 3),
            later(bench.track(visitor("loner"), "Order Completed", json!({"amount": 5})), 4),
            later(bench.tag(user("u0"), "Tag Removed", "vip"), 5),
        ]);
    }
    events
}

async fn segments(bench: &Bench) {
    bench.segment(1, &json!({"event": "Order Completed", "count": {"op": "gte", "value": 2}, "within": "P1D"})).await;
    bench.segment(2, &json!({"all": [{"tag": "vip"}, {"not": {"event": "Page Read", "within": "PT1H"}}]})).await;
    bench
        .segment(3, &json!({"any": [{"segment": base::ids::SegmentId(1).to_string()}, {"trait": "level", "value": 2}]}))
        .await;
}

#[tokio::test]
async fn the_same_records_again_change_nothing() {
    on_every_database(|mut bench| async move {
        segments(&bench).await;
        let events = history(&bench);
        bench.advance(2 * DAY);
        bench.take(&events).await;
        let before = bench.state().await;
        assert_eq!(before["events"].len(), events.len());
        bench.take(&events).await;
        bench.restart().await;
        let doubled: Vec<Event> = events.iter().flat_map(|event| [event.clone(), event.clone()]).collect();
        bench.take(&doubled).await;
        assert_eq!(bench.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn two_equal_message_ids_in_one_batch_count_once_and_another_workspace_is_another_id() {
    on_every_database(|mut bench| async move {
        bench
            .run("INSERT INTO workspaces (id, name, time_zone, created_at) VALUES (2, 'other', 'UTC', 0)", vec![])
            .await;
        let first = Event { message_id: "m".to_owned(), ..bench.track(user("a"), "Page Read", json!({})) };
        let second = Event { message_id: "m".to_owned(), ..bench.track(user("b"), "Page Read", json!({})) };
        let other = Event {
            message_id: "m".to_owned(),
            workspace: base::ids::WorkspaceId(2),
            ..bench.track(user("c"), "Page Read", json!({}))
        };
        bench.take(&[first, second, other]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 2);
        assert_eq!(bench.number("SELECT COUNT(*) FROM members WHERE workspace_id = 2").await, 1);
    })
    .await;
}

/// Runs the history in small batches, with a new runner after the steps that `restarts` names;
/// returns what came of it and how many steps it took.
async fn outcome(
    database: &TestDatabase,
    restarts: impl Fn(usize) -> bool,
) -> (std::collections::BTreeMap<&'static str, Vec<String>>, usize) {
    let mut bench = super::support::bench(database).await;
    bench.options =
        RunnerOptions { batch_events: 3, batch_timers: 2, part: 2, room: Room { ready: 2, packed_bytes: 2_000 } };
    bench.restart().await;
    segments(&bench).await;
    let events = history(&bench);
    bench.append(&events).await;
    bench.advance(5 * DAY);
    let mut steps = 0;
    while !bench.step().await {
        if restarts(steps) {
            bench.restart().await;
        }
        steps += 1;
        assert!(steps < 1_000, "the pipeline finds no rest");
    }
    assert_eq!(naive::actual(&bench.db).await, naive::expected(&bench.db, bench.now()).await);
    (bench.state().await, steps)
}

async fn a_new_runner_after_any_step_ends_where_one_that_never_stopped_does(database: TestDatabase) {
    let (uninterrupted, steps) = outcome(&database, |_| false).await;
    assert!(steps > 8 && !uninterrupted["memberships"].is_empty() && !uninterrupted["merges"].is_empty());
    for stop in 0..steps {
        assert_eq!(outcome(&database, |step| step == stop).await.0, uninterrupted, "stopped after step {stop}");
    }
    assert_eq!(outcome(&database, |_| true).await.0, uninterrupted, "stopped after every step");
    database.drop_database().await;
}

#[tokio::test]
async fn a_new_runner_after_any_step_ends_where_one_that_never_stopped_does_on_sqlite() {
    a_new_runner_after_any_step_ends_where_one_that_never_stopped_does(TestDatabase::sqlite().await).await;
}

#[tokio::test]
async fn a_new_runner_after_any_step_ends_where_one_that_never_stopped_does_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else { return };
    a_new_runner_after_any_step_ends_where_one_that_never_stopped_does(database).await;
}

/// Who entered and left, and when, does not depend on how far behind the pipeline was.
async fn what_was_behind_decides_as_of_then(database: TestDatabase) {
    let rule = json!({"event": "Page Read", "count": {"op": "gte", "value": 2}, "within": "PT2H"});
    let mut changes = Vec::new();
    for is_behind in [false, true] {
        let mut bench = super::support::bench(&database).await;
        let segment = bench.segment(1, &rule).await;
        let start = bench.now();
        bench.take(&[bench.track(user("a"), "Page Read", json!({}))]).await;
        let mut second = bench.track(user("a"), "Page Read", json!({}));
        second.timestamp = Time::from_millis(start.millis() + HOUR);
        second.received_at = second.timestamp;
        if is_behind {
            bench.append(&[second]).await;
            bench.advance(30 * DAY);
            bench.restart().await;
        } else {
            bench.advance(HOUR);
            bench.take(&[second]).await;
            assert_eq!(bench.size(segment).await, 1);
            bench.advance(30 * DAY - HOUR);
        }
        bench.idle().await;
        changes.push(bench.state().await.remove("changes").unwrap());
    }
    assert_eq!(changes[0].len(), 2, "entered and left");
    assert_eq!(changes[1], changes[0], "behind and not behind");
    database.drop_database().await;
}

#[tokio::test]
async fn a_pipeline_that_was_behind_for_a_month_makes_the_same_changes() {
    what_was_behind_decides_as_of_then(TestDatabase::sqlite().await).await;
    if let Some(database) = TestDatabase::postgres().await {
        what_was_behind_decides_as_of_then(database).await;
    }
}

#[tokio::test]
async fn poison_ends_in_the_dead_letters_and_everything_else_goes_on() {
    on_every_database(|mut bench| async move {
        let nobody = bench.track((None, None), "Page Read", json!({}));
        let homeless =
            Event { workspace: base::ids::WorkspaceId(99), ..bench.track(user("x"), "Page Read", json!({})) };
        bench.append(&[bench.track(user("a"), "Page Read", json!({})), nobody.clone(), homeless]).await;
        let garbage =
            |partition: u32, text: &'static str| NewRecord { partition, payload: text.as_bytes().to_vec().into() };
        bench.log.append(vec![garbage(0, "not JSON"), garbage(1, "{\"id\": 5}"), garbage(2, "{")]).await.unwrap();
        bench
            .append(&[bench.track(user("a"), "Page Read", json!({})), bench.track(user("b"), "Page Read", json!({}))])
            .await;
        bench.idle().await;

        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 3);
        let letters = bench.texts("SELECT source || ' ' || code AS text FROM dead_letters ORDER BY id").await;
        let count = |start: &str| letters.iter().filter(|letter| letter.starts_with(start)).count();
        assert_eq!((letters.len(), count("log poison"), count("pipeline missing_identity")), (5, 3, 1), "{letters:?}");
        let payload = bench.texts("SELECT payload AS text FROM dead_letters WHERE code = 'missing_identity'").await;
        assert_eq!(payload, [String::from_utf8(nobody.to_record()).unwrap()], "it can be replayed as it was");

        // None of it comes again.
        bench.restart().await;
        bench.idle().await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM dead_letters").await, 5);
    })
    .await;
}
