//! Whoever waits for a segment goes on as soon as he is in it, however he came in.

use std::sync::Arc;

use api::{Caller, Role};
use axum::{Extension, body::Body, http::Request};
use base::{Event, ids::SegmentId};
use people::PeopleState;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::support::{Bench, DAY, HOUR, WORKSPACE, journeys::send, on_every_database, user};

/// Waits for the segment; after the timeout, if there is one, it is too late.
fn waiting(segment: SegmentId, timeout: Option<&str>) -> Value {
    let mut until = json!({"type": "wait", "segment": segment, "next": "mail"});
    if let Some(timeout) = timeout {
        until["timeout"] = json!(timeout);
        until["timeout_next"] = json!("late");
    }
    json!({"entry": {"event": "Begun"}, "start": "until", "steps": {"until": until, "mail": send(None), "late": send(None)}})
}

/// These members wait in a journey for a segment in which they are not.
async fn begin(bench: &mut Bench, rule: Value, names: &[&str]) -> SegmentId {
    let segment = bench.segment(1, &rule).await;
    bench.idle().await;
    bench.journey(waiting(segment, None)).await;
    let begun: Vec<Event> = names.iter().map(|name| bench.track(user(name), "Begun", json!({}))).collect();
    bench.take(&begun).await;
    assert_eq!(bench.under_way().await, names.len() as i64);
    segment
}

/// Asks a route of the room of people.
async fn ask(bench: &Bench, method: &str, uri: &str, body: Value) {
    let state = PeopleState {
        db: bench.db.clone(),
        clock: bench.clock.shared(),
        ids: bench.ids.clone(),
        commands: bench.commands(),
        rules_changed: Arc::default(),
        rule_users: Vec::new(),
        columns: bench.columns.clone(),
        timeline: Vec::new(),
    };
    let caller = Caller { workspace: WORKSPACE, actor: "user:test".to_owned(), role: Role::Owner, scopes: None };
    let (router, _) = people::routes(Arc::new(state)).split_for_parts();
    let request = Request::builder().method(method).uri(uri).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    let reply = router.layer(Extension(caller)).oneshot(request).await.unwrap();
    assert!(reply.status().is_success(), "{uri}: {}", reply.status());
}

#[tokio::test]
async fn a_changed_rule_meets_all_whom_it_lets_in() {
    on_every_database(|mut bench| async move {
        // More than one slice of those who wait.
        let names: Vec<String> = (0..4_200).map(|number| format!("m{number}")).collect();
        let tags: Vec<Event> =
            names.iter().step_by(2).map(|name| bench.tag(user(name), "Tag Added", "regular")).collect();
        bench.take(&tags).await;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let segment = begin(&mut bench, json!({"tag": "vip"}), &names).await;
        bench.advance(HOUR);
        ask(&bench, "PATCH", &format!("/api/v1/segments/{segment}"), json!({"rule": {"tag": "regular"}})).await;
        bench.idle().await;
        assert_eq!(bench.size(segment).await, 2_100);
        assert_eq!((bench.under_way().await, bench.sent_steps().await.len()), (2_100, 2_100));
        let at = bench.now().millis();
        assert!(bench.deliveries().await.iter().all(|delivery| delivery.queued_at == at));
        let met = "SELECT COUNT(*) FROM journey_trace WHERE action = 'met'";
        assert_eq!(bench.number(met).await, 2_100);
        // Another change of rules finds nobody any more.
        bench.run("UPDATE workspaces SET rules_version = rules_version + 1", vec![]).await;
        bench.restart().await;
        bench.idle().await;
        assert_eq!((bench.number(met).await, bench.number("SELECT COUNT(*) FROM timers").await), (2_100, 0));
    })
    .await;
}

#[tokio::test]
async fn a_process_that_dies_while_all_who_wait_are_looked_at_forgets_nobody() {
    on_every_database(|mut bench| async move {
        let names: Vec<String> = (0..12).map(|number| format!("m{number}")).collect();
        let tags: Vec<Event> = names.iter().map(|name| bench.tag(user(name), "Tag Added", "regular")).collect();
        bench.take(&tags).await;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let segment = begin(&mut bench, json!({"tag": "vip"}), &names).await;
        ask(&bench, "PATCH", &format!("/api/v1/segments/{segment}"), json!({"rule": {"tag": "regular"}})).await;
        let mut rounds = 0;
        while !bench.step().await {
            bench.restart().await;
            rounds += 1;
            assert!(rounds < 100, "the pipeline finds no rest");
        }
        assert_eq!((bench.under_way().await, bench.sent_steps().await.len()), (0, 12));
    })
    .await;
}

#[tokio::test]
async fn a_segment_that_is_only_being_built_meets_those_whom_it_takes_in() {
    on_every_database(|mut bench| async move {
        let vip = bench.tag(user("a"), "Tag Added", "vip");
        bench.take(&[vip]).await;
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench.journey(waiting(segment, None)).await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take(&[begun]).await;
        assert_eq!((bench.size(segment).await, bench.runs().await), (1, vec!["completed".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn a_row_of_an_import_meets_whom_it_brings_into_the_segment() {
    on_every_database(|mut bench| async move {
        let segment = begin(&mut bench, json!({"trait": "tier", "value": "gold"}), &["a", "b"]).await;
        bench
            .journey(json!({"entry": {"segment": segment}, "start": "welcome", "steps": {"welcome": send(None)}}))
            .await;
        bench.restart().await;
        let mut imported = bench.identify(user("a"), json!({"tier": "gold"}));
        imported.source = "import:job_1".to_owned();
        bench.take(&[imported]).await;
        assert_eq!(bench.size(segment).await, 1);
        assert_eq!(bench.sent_steps().await, ["mail"], "history lets nobody in");
        assert_eq!(bench.runs().await, ["completed", "active"]);
    })
    .await;
}

#[tokio::test]
async fn what_was_restored_while_nobody_looked_is_found_after_a_start() {
    on_every_database(|mut bench| async move {
        let segment = begin(&mut bench, json!({"tag": "vip"}), &["a", "b"]).await;
        let a = bench.owner("a").await;
        let enters = "INSERT INTO segment_members (segment_id, member_id, entered_at) VALUES ($1, $2, 0)";
        bench.run(enters, vec![segment.0.into(), a.0.into()]).await;
        bench.restart().await;
        bench.idle().await;
        assert_eq!(bench.runs().await, ["completed", "active"]);
        assert_eq!(bench.sent_steps().await, ["mail"]);
    })
    .await;
}

#[tokio::test]
async fn who_becomes_one_with_somebody_inside_goes_on() {
    on_every_database(|mut bench| async move {
        let vip = bench.tag(user("inside"), "Tag Added", "vip");
        bench.take(&[vip]).await;
        let segment = begin(&mut bench, json!({"tag": "vip"}), &["a"]).await;
        let (a, inside) = (bench.owner("a").await, bench.owner("inside").await);
        let merge = bench.ids.next(base::ids::MergeId);
        let event = bench.command(inside, people::identity::MEMBERS_MERGED, json!({"with": a, "merge": merge}));
        bench.take(&[event]).await;
        assert_eq!((bench.size(segment).await, bench.runs().await), (1, vec!["completed".to_owned()]));
        assert_eq!(bench.sent_steps().await, ["mail"]);
    })
    .await;
}

#[tokio::test]
async fn a_definition_of_a_trait_and_an_event_that_expires_meet_whom_they_bring_in() {
    on_every_database(|mut bench| async move {
        let said = bench.identify(user("a"), json!({"score": "7"}));
        bench.take(&[said]).await;
        let segment = begin(&mut bench, json!({"trait": "score", "op": "gte", "value": 5}), &["a"]).await;
        ask(&bench, "PUT", "/api/v1/traits/score", json!({"value_type": "number"})).await;
        bench.idle().await;
        assert_eq!((bench.size(segment).await, bench.runs().await), (1, vec!["completed".to_owned()]));
    })
    .await;
    on_every_database(|mut bench| async move {
        let order = bench.track(user("a"), "Order Completed", json!({}));
        bench.take(&[order]).await;
        let segment = begin(&mut bench, json!({"not": {"event": "Order Completed"}}), &["a"]).await;
        bench.advance(DAY);
        let expired = "INSERT INTO expired_events (id, identity_id)
            SELECT id, identity_id FROM events WHERE happened_at < $1";
        bench.run(expired, vec![bench.now().millis().into()]).await;
        bench.idle().await;
        assert_eq!((bench.size(segment).await, bench.runs().await), (1, vec!["completed".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn who_comes_in_when_his_time_is_over_is_too_late() {
    on_every_database(|mut bench| async move {
        let vip = bench.tag(user("a"), "Tag Added", "regular");
        bench.take(&[vip]).await;
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench.idle().await;
        bench.journey(waiting(segment, Some("P1D"))).await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take(&[begun]).await;
        bench.advance(DAY);
        ask(&bench, "PATCH", &format!("/api/v1/segments/{segment}"), json!({"rule": {"tag": "regular"}})).await;
        bench.restart().await;
        bench.idle().await;
        assert_eq!((bench.size(segment).await, bench.sent_steps().await), (1, vec!["late".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn while_a_journey_is_paused_who_comes_in_waits_before_the_next_step() {
    on_every_database(|mut bench| async move {
        let vip = bench.tag(user("a"), "Tag Added", "regular");
        bench.take(&[vip]).await;
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench.idle().await;
        let journey = bench.journey(waiting(segment, None)).await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take(&[begun]).await;
        bench.journey_verb(journey, "pause").await;
        ask(&bench, "PATCH", &format!("/api/v1/segments/{segment}"), json!({"rule": {"tag": "regular"}})).await;
        bench.idle().await;
        assert_eq!((bench.size(segment).await, bench.sent_steps().await.len()), (1, 0));
        bench.journey_verb(journey, "resume").await;
        bench.idle().await;
        assert_eq!(bench.sent_steps().await, ["mail"]);
    })
    .await;
}
