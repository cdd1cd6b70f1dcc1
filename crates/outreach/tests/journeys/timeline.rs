//! What the timeline of a member tells of journeys.

use std::sync::Arc;

use api::{Caller, Role};
use axum::{
    Extension,
    body::{Body, to_bytes},
    http::Request,
};
use base::ids::{EventId, MemberId};
use people::{PeopleState, commands::Commands};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::support::{
    Bench, DAY, HOUR, WORKSPACE,
    journeys::{send, wait},
    on_every_database, user,
};

/// Name and journey of every entry of the kind, page by page of one.
async fn entries(bench: &Bench, member: MemberId) -> Vec<String> {
    let clock = bench.clock.shared();
    let state = PeopleState {
        db: bench.db.clone(),
        clock: clock.clone(),
        ids: bench.ids.clone(),
        commands: Commands::new(bench.log.clone(), clock, bench.ids.clone(), bench.progress()),
        rules_changed: Arc::default(),
        rule_users: Vec::new(),
        columns: bench.columns.clone(),
        timeline: vec![outreach::journeys::TIMELINE],
    };
    let caller = Caller { workspace: WORKSPACE, actor: "user:test".to_owned(), role: Role::Owner, scopes: None };
    let (router, _) = people::routes(Arc::new(state)).split_for_parts();
    let router = router.layer(Extension(caller));
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let uri = format!("/api/v1/members/{member}/timeline?kind=journey&limit=1{cursor}");
        let request = Request::builder().uri(uri).body(Body::empty()).unwrap();
        let body = router.clone().oneshot(request).await.unwrap().into_body();
        let page: Value = serde_json::from_slice(&to_bytes(body, 1_000_000).await.unwrap()).unwrap();
        for entry in page["items"].as_array().unwrap() {
            assert_eq!(entry["properties"]["name"], "journey", "{entry}");
            assert!(entry["id"].as_str().unwrap().parse::<EventId>().is_ok(), "{entry}");
            found.push(entry["name"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn the_timeline_tells_when_a_member_entered_a_journey_and_when_he_left_it() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "pause",
                "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}}))
            .await;
        bench.journey(json!({"entry": {"event": "Page Read"}, "start": "mail", "steps": {"mail": send(None)}})).await;
        let event = bench.member("a");
        bench.take(&[event]).await;
        let member = bench.owner("a").await;
        let event = bench.track(user("a"), "Order Completed", json!({}));
        bench.take(&[event]).await;
        assert_eq!(entries(&bench, member).await, ["Journey Entered"]);
        bench.advance(HOUR);
        // This one ends at the moment at which it begins.
        let event = bench.track(user("a"), "Page Read", json!({}));
        bench.take(&[event]).await;
        assert_eq!(entries(&bench, member).await, ["Journey Completed", "Journey Entered", "Journey Entered"]);
        bench.advance(2 * DAY);
        bench.settle().await;
        let all = ["Journey Completed", "Journey Completed", "Journey Entered", "Journey Entered"];
        assert_eq!(entries(&bench, member).await, all);
    })
    .await;
}
