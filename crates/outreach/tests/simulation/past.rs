//! Members are what they were then, and nothing of a simulation remains but its result.

use base::Time;
use serde_json::json;
use testing::{DAY, HOUR, MINUTE, user};

use crate::workshop::{Workshop, on_every_database, send, wait};

fn later(workshop: &Workshop, millis: i64) -> Time {
    Time::from_millis(workshop.bench.now().millis() + millis)
}

#[tokio::test]
async fn members_are_what_they_were_then() {
    on_every_database(|mut workshop| async move {
        let bench = &mut workshop.bench;
        let email = json!({"email": "a@example.com", "level": 1, "visits": 3});
        bench.take(&[bench.identify(user("a"), email), bench.tag(user("a"), "Tag Added", "vip")]).await;
        bench.advance(HOUR);
        let given = json!({"channel": "email", "purpose": "news"});
        bench.take(&[bench.track(user("a"), "Consent Withdrawn", given.clone())]).await;
        bench.advance(HOUR);
        let from = bench.now();
        bench.advance(HOUR);
        bench.take(&[bench.track(user("a"), "Came", json!({}))]).await;
        bench.advance(HOUR);
        let to = bench.now();
        // All of it is otherwise now.
        bench.advance(HOUR);
        bench
            .take(&[
                bench.identify(user("a"), json!({"level": 9, "visits": null})),
                bench.tag(user("a"), "Tag Removed", "vip"),
                bench.track(user("a"), "Consent Given", given),
            ])
            .await;
        let id = workshop
            .draft(json!({"entry": {"event": "Came"}, "start": "b", "steps": {
                "b": {"type": "branch", "else": null, "cases": [
                    {"when": {"all": [{"trait": "level", "value": 1}, {"trait": "visits", "value": 3}, {"tag": "vip"}]},
                     "next": "s"}]},
                "s": send(None)}}))
            .await;
        let result = workshop.simulate(id, json!({"from": from, "to": to})).await;
        assert_eq!(result["steps"]["b"]["ways"], json!({"case 0": 1}), "{result}");
        assert_eq!(result["messages"][0]["count"], 1);
        assert_eq!(result["messages"][0]["would_be_refused"], json!({"consent_withdrawn": 1}));
        assert_eq!(result["members"], json!({"sampled": 1, "of": 1, "fewer_than_asked": false}));
    })
    .await;
}

#[tokio::test]
async fn nothing_remains_of_it_but_the_result() {
    on_every_database(|mut workshop| async move {
        let bench = &mut workshop.bench;
        let from = bench.now();
        bench.take(&[bench.identify(user("a"), json!({"email": "a@example.com"}))]).await;
        bench.advance(HOUR);
        bench.take(&[bench.track(user("a"), "Came", json!({}))]).await;
        bench.advance(MINUTE);
        let to = bench.now();
        let steps = json!({"t": {"type": "tag", "add": ["seen"], "next": "w"}, "w": wait("P1D", "s"), "s": send(None)});
        let id = workshop.draft(json!({"entry": {"event": "Came"}, "start": "t", "steps": steps})).await;
        let counts = async |workshop: &Workshop| {
            let mut counts = Vec::new();
            for table in [
                "members",
                "identities",
                "events",
                "member_tags",
                "tag_changes",
                "journey_runs",
                "journey_trace",
                "journey_versions",
                "journey_counts",
                "deliveries",
                "emitted_events",
                "timers",
                "message_ids",
            ] {
                counts.push(workshop.bench.number(&format!("SELECT COUNT(*) FROM {table}")).await);
            }
            counts
        };
        let before = counts(&workshop).await;
        let result = workshop.simulate(id, json!({"from": from, "to": to})).await;
        assert_eq!(result["ended"]["completed"], 1, "{result}");
        assert_eq!(result["after_to"]["messages"], 1, "the wait goes on after the last event: {result}");
        assert_eq!(counts(&workshop).await, before);
        assert_eq!(workshop.bench.texts("SELECT state AS text FROM journeys").await, ["draft"]);
    })
    .await;
}

#[tokio::test]
async fn messages_stand_under_the_days_of_the_workspace() {
    on_every_database(|mut workshop| async move {
        // 2026-03-26T10:00Z, eleven o'clock in Berlin.
        let from = workshop.bench.now();
        for hours in [0, 12, 1] {
            workshop.bench.advance(hours * HOUR);
            let event = workshop.bench.track(user(&format!("u{hours}")), "Came", json!({}));
            workshop.bench.take(&[event]).await;
        }
        workshop.bench.advance(DAY);
        let to = later(&workshop, 0);
        let id = workshop.draft(json!({"entry": {"event": "Came"}, "start": "s", "steps": {"s": send(None)}})).await;
        let result = workshop.simulate(id, json!({"from": from, "to": to})).await;
        let days = json!([
            {"day": "2026-03-26", "count": 2, "sent": 0}, {"day": "2026-03-27", "count": 1, "sent": 0},
        ]);
        assert_eq!(result["messages"][0]["by_day"], days);
        assert_eq!(result["messages"][0]["would_be_refused"], json!({"no_address": 3}));
    })
    .await;
}
