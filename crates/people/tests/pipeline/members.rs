//! What the routes of members show, and what they refuse.

use base::{
    Event,
    ids::{MemberId, WorkspaceId},
};
use serde_json::{Value, json};

use super::support::{
    Bench, HOUR, WORKSPACE, on_every_database,
    routes::{ask, ask_still},
    user,
};

async fn decide(bench: &Bench, member: MemberId, topic: &str, granted: bool) {
    let uri = format!("/api/v1/members/{member}/consent");
    let decision = json!({"channel_kind": "email", "topic": topic, "granted": granted});
    let (status, answer) = ask_still(bench, "PUT", &uri, decision).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_preview_of_a_merge_shows_the_decisions_that_count_after_it() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({})), bench.identify(user("b"), json!({}))]).await;
        let (kept, absorbed) = (bench.owner("a").await, bench.owner("b").await);
        decide(&bench, kept, "news", true).await;
        decide(&bench, absorbed, "offers", false).await;
        // Of two at one moment the withdrawal counts.
        decide(&bench, kept, "events", false).await;
        decide(&bench, absorbed, "events", true).await;
        bench.advance(HOUR);
        decide(&bench, absorbed, "news", false).await;
        decide(&bench, kept, "offers", true).await;

        let uri = format!("/api/v1/members/{kept}/merge");
        let body = json!({ "with": absorbed });
        let (status, preview) = ask_still(&bench, "POST", &format!("{uri}/preview"), body.clone()).await;
        assert_eq!(status, 200, "{preview}");
        let expected = json!({"email": {"news": false, "offers": true, "events": false}});
        assert_eq!(preview["member"]["consent"], expected);
        let (status, answer) = ask(&mut bench, "POST", &uri, body).await;
        assert_eq!(status, 200, "{answer}");
        let (_, merged) = ask_still(&bench, "GET", &format!("/api/v1/members/{kept}"), Value::Null).await;
        assert_eq!(merged["consent"], expected);
    })
    .await;
}

#[tokio::test]
async fn every_decision_is_in_the_timeline_page_by_page_also_those_of_one_moment() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({}))]).await;
        let member = bench.owner("a").await;
        decide(&bench, member, "news", true).await;
        decide(&bench, member, "news", false).await;
        decide(&bench, member, "offers", true).await;
        bench.advance(HOUR);
        decide(&bench, member, "news", true).await;
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let uri = format!("/api/v1/members/{member}/timeline?kind=consent&limit=1{cursor}");
            let (status, page) = ask_still(&bench, "GET", &uri, Value::Null).await;
            assert_eq!(status, 200, "{page}");
            let entry = &page["items"][0];
            found.push(format!(
                "{} {}",
                entry["name"].as_str().unwrap(),
                entry["properties"]["topic"].as_str().unwrap()
            ));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let expected = ["Consent Given news", "Consent Given offers", "Consent Withdrawn news", "Consent Given news"];
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn an_operator_is_told_which_trait_cannot_have_that_value() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({"level": 1}))]).await;
        let computed = json!({"computed": {"event": "Order Completed", "measure": "count"}});
        for (name, definition) in [("level", json!({"value_type": "number"})), ("orders", computed)] {
            let (status, answer) = ask_still(&bench, "PUT", &format!("/api/v1/traits/{name}"), definition).await;
            assert_eq!(status, 204, "{answer}");
        }
        let member = bench.owner("a").await;
        let uri = format!("/api/v1/members/{member}");
        for (traits, path) in
            [(json!({"city": "Bonn", "level": "high"}), "traits.level"), (json!({"orders": 3}), "traits.orders")]
        {
            let (status, answer) = ask(&mut bench, "PATCH", &uri, json!({ "traits": traits })).await;
            assert_eq!((status, &answer["code"]), (422, &json!("wrong_trait_type")));
            assert_eq!(answer["errors"][0]["path"], path);
        }
        bench.idle().await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM dead_letters").await, 0);
        bench.advance(HOUR);
        let traits = json!({"city": "Bonn", "level": "7"});
        let (status, shown) = ask(&mut bench, "PATCH", &uri, json!({ "traits": traits })).await;
        assert_eq!((status, &shown["traits"]), (200, &json!({"city": "Bonn", "level": 7, "orders": 0})));
        bench.advance(HOUR);
        let (status, shown) = ask(&mut bench, "PATCH", &uri, json!({"traits": {"level": null}})).await;
        assert_eq!((status, &shown["traits"]), (200, &json!({"city": "Bonn", "orders": 0})));
    })
    .await;
}

#[tokio::test]
async fn nobody_changes_the_members_of_another_workspace() {
    on_every_database(|mut bench| async move {
        bench
            .run("INSERT INTO workspaces (id, name, time_zone, created_at) VALUES (2, 'other', 'UTC', 0)", vec![])
            .await;
        let theirs = Event { workspace: WorkspaceId(2), ..bench.identify(user("theirs"), json!({})) };
        bench.take(&[bench.identify(user("ours"), json!({})), theirs]).await;
        let (ours, theirs) = (bench.owner("ours").await, bench.owner("theirs").await);
        let unknown = MemberId(7);
        for (named, path) in [(json!([ours, theirs]), "members[1]"), (json!([unknown]), "members[0]")] {
            let (status, answer) =
                ask_still(&bench, "POST", "/api/v1/tags/bulk", json!({"add": ["vip"], "members": named})).await;
            assert_eq!((status, &answer["code"]), (422, &json!("unknown_reference")));
            assert_eq!(answer["errors"][0]["path"], path);
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM jobs").await, 0);
        let (status, begun) =
            ask_still(&bench, "POST", "/api/v1/tags/bulk", json!({"add": ["vip"], "members": [ours]})).await;
        assert_eq!((status, &begun["members"]), (202, &json!(1)));

        // Nor does a command that got past the routes.
        let command = bench.command(theirs, "Tag Added", json!({"tags": ["vip"]}));
        assert_eq!(command.workspace, WORKSPACE);
        bench.take(&[command]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM member_tags").await, 0);
        assert_eq!(bench.texts("SELECT code AS text FROM dead_letters").await, ["missing_identity"]);
    })
    .await;
}

#[tokio::test]
async fn a_profile_says_since_when_the_member_is_in_his_stage() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({}))]).await;
        let first_seen = bench.now();
        let uri = format!("/api/v1/members/{}", bench.owner("a").await);
        let (_, member) = ask_still(&bench, "GET", &uri, Value::Null).await;
        assert_eq!((&member["stage"], &member["stage_since"]), (&json!("stranger"), &json!(first_seen)));
        bench.advance(HOUR);
        let ordered = bench.now();
        bench.take(&[bench.track(user("a"), "Order Completed", json!({}))]).await;
        bench.advance(HOUR);
        let (_, member) = ask_still(&bench, "GET", &uri, Value::Null).await;
        assert_eq!((&member["stage"], &member["stage_since"]), (&json!("buyer"), &json!(ordered)));
    })
    .await;
}
