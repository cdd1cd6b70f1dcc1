//! Snapshots of segments: who was there at one moment, and nothing else.

use base::{EventKind, ids::SegmentId};
use serde_json::{Value, json};

use super::support::{
    Bench, HOUR, on_every_database,
    routes::{ask, ask_still},
    user,
};

/// Asks for a snapshot, which is made when the runner next runs.
async fn ask_for_snapshot(bench: &Bench, of: SegmentId) -> SegmentId {
    let uri = format!("/api/v1/segments/{of}/snapshot");
    let (status, made) = ask_still(bench, "POST", &uri, json!({"name": "then"})).await;
    assert_eq!((status, &made["snapshot_of"]), (201, &json!(of)), "{made}");
    made["id"].as_str().unwrap().parse().unwrap()
}

async fn snapshot(bench: &mut Bench, of: SegmentId) -> SegmentId {
    let id = ask_for_snapshot(bench, of).await;
    bench.idle().await;
    id
}

fn code(answer: (u16, Value)) -> (u16, String) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn there_is_no_snapshot_of_a_segment_while_it_is_built() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        let uri = format!("/api/v1/segments/{segment}");
        let refused = (409, "wrong_state".to_owned());
        let answer = ask_still(&bench, "POST", &format!("{uri}/snapshot"), json!({"name": "early"})).await;
        assert_eq!(code(answer), refused);
        bench.idle().await;
        let (status, _) = ask_still(&bench, "PATCH", &uri, json!({"rule": {"tag": "new"}})).await;
        assert_eq!(status, 200);
        let answer = ask_still(&bench, "POST", &format!("{uri}/snapshot"), json!({"name": "between"})).await;
        assert_eq!(code(answer), refused);
        bench.idle().await;
        let taken = snapshot(&mut bench, segment).await;
        assert_eq!(bench.size(taken).await, 0, "nobody is new");
    })
    .await;
}

#[tokio::test]
async fn a_list_that_is_not_complete_yet_is_neither_exported_nor_tagged() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        let export = format!("/api/v1/segments/{segment}/export?columns=id");
        let change = json!({"add": ["new"], "segment": segment});
        let refused = (409, "wrong_state".to_owned());
        assert_eq!(code(ask_still(&bench, "GET", &export, Value::Null).await), refused);
        assert_eq!(code(ask_still(&bench, "POST", "/api/v1/tags/bulk", change.clone()).await), refused);
        bench.idle().await;
        let rule = json!({"rule": {"tag": "new"}});
        assert_eq!(ask_still(&bench, "PATCH", &format!("/api/v1/segments/{segment}"), rule).await.0, 200);
        // The old rule goes on until the new one is built.
        let (status, file) = ask_still(&bench, "GET", &export, Value::Null).await;
        assert_eq!((status, file.as_str().unwrap().lines().count()), (200, 2), "{file}");
        assert_eq!(ask_still(&bench, "POST", "/api/v1/tags/bulk", change).await.0, 202);
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_is_no_tag_and_takes_the_place_of_none() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "t0"})).await;
        let tags: Vec<String> = (0..499).map(|n| format!("t{n}")).collect();
        bench.take(&[bench.event(EventKind::Command, "Tag Added", user("a"), json!({ "tags": tags }))]).await;
        let taken = snapshot(&mut bench, segment).await;
        assert_eq!(bench.size(taken).await, 1);
        let member = bench.owner("a").await;
        let uri = format!("/api/v1/members/{member}");
        let (status, shown) = ask(&mut bench, "POST", &format!("{uri}/tags"), json!({"add": ["last"]})).await;
        assert_eq!((status, shown["tags"].as_array().unwrap().len()), (200, 500), "{shown}");
        let history = format!("{uri}/tags/history?tag={taken}");
        for uri in [uri.as_str(), "/api/v1/tags", "/api/v1/members/export?columns=id,tags", history.as_str()] {
            let (status, mut answer) = ask_still(&bench, "GET", uri, Value::Null).await;
            assert_eq!(status, 200, "{uri}: {answer}");
            if let Some(member) = answer.as_object_mut() {
                member.remove("segments");
                member.remove("segments_since");
            }
            assert!(!answer.to_string().contains("seg_"), "{uri}: {answer}");
        }
        let (_, shown) = ask_still(&bench, "GET", &uri, Value::Null).await;
        assert_eq!(shown["segments"], json!([segment, taken]));
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_has_no_other_rule_and_leaves_nothing_behind() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        let (one, other) = (snapshot(&mut bench, segment).await, snapshot(&mut bench, segment).await);
        let uri = format!("/api/v1/segments/{one}");
        let answer = ask_still(&bench, "PATCH", &uri, json!({"rule": {"tag": "vip"}})).await;
        assert_eq!(code(answer), (422, "invalid_body".to_owned()));
        let change = json!({"name": "Before the sale", "rule": {"tag": one}});
        let (status, changed) = ask_still(&bench, "PATCH", &uri, change).await;
        assert_eq!((status, &changed["name"], &changed["state"]), (200, &json!("Before the sale"), &json!("live")));
        bench.take(&[bench.tag(user("a"), "Tag Removed", "vip")]).await;
        assert_eq!((bench.size(segment).await, bench.size(one).await), (0, 1));

        let (status, _) = ask_still(&bench, "DELETE", &uri, Value::Null).await;
        assert_eq!(status, 204);
        bench.take(&[bench.tag(user("a"), "Tag Added", "new")]).await;
        let mut left = bench.texts("SELECT tag AS text FROM member_tags").await;
        left.sort();
        assert_eq!(left, ["new".to_owned(), other.to_string()]);
        assert_eq!(bench.size(other).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_segment_stays_until_the_snapshots_of_it_are_made() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        let other = bench.segment(2, &json!({"tag": "new"})).await;
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip"), bench.tag(user("b"), "Tag Added", "vip")]).await;
        let (first, second) = (ask_for_snapshot(&bench, segment).await, ask_for_snapshot(&bench, segment).await);
        let uri = format!("/api/v1/segments/{segment}");
        let (status, problem) = ask_still(&bench, "DELETE", &uri, Value::Null).await;
        assert_eq!((status, &problem["code"]), (409, &json!("in_use")), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(&first.to_string()), "{problem}");
        assert_eq!(bench.size(segment).await, 2, "nothing has been forgotten");

        // Of another segment there is none, and one that nobody wants any more holds nobody up.
        let (status, _) = ask_still(&bench, "DELETE", &format!("/api/v1/segments/{other}"), Value::Null).await;
        assert_eq!(status, 204);
        let (status, _) = ask_still(&bench, "DELETE", &format!("/api/v1/segments/{first}"), Value::Null).await;
        assert_eq!(status, 204);
        let (status, problem) = ask_still(&bench, "DELETE", &uri, Value::Null).await;
        assert!(status == 409 && problem["detail"].as_str().unwrap().contains(&second.to_string()), "{problem}");

        bench.idle().await;
        let (status, _) = ask_still(&bench, "DELETE", &uri, Value::Null).await;
        assert_eq!(status, 204);
        bench.take(&[bench.tag(user("a"), "Tag Removed", "vip")]).await;
        assert_eq!((bench.size(segment).await, bench.size(first).await, bench.size(second).await), (0, 0, 2));
    })
    .await;
}

#[tokio::test]
async fn what_is_done_first_after_a_start_is_done_at_the_moment_to_which_the_pipeline_has_come() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        let dates = async |bench: &Bench, of: SegmentId| {
            let entered = format!("SELECT entered_at FROM segment_members WHERE segment_id = {}", of.0);
            let changed = format!("SELECT changed_at FROM segment_changes WHERE segment_id = {}", of.0);
            let added = format!("SELECT added_at FROM member_tags WHERE tag = '{of}'");
            [bench.number(&entered).await, bench.number(&changed).await, bench.number(&added).await]
        };
        let taken = ask_for_snapshot(&bench, segment).await;
        bench.advance(HOUR);
        bench.append(&[bench.track(user("a"), "Page Read", json!({}))]).await;
        let arrived = bench.now().millis();
        bench.advance(HOUR);
        bench.restart().await;
        bench.idle().await;
        assert_eq!(dates(&bench, taken).await, [arrived; 3], "what lies unread has not happened yet");

        let taken = ask_for_snapshot(&bench, segment).await;
        bench.advance(HOUR);
        bench.restart().await;
        bench.idle().await;
        assert_eq!(dates(&bench, taken).await, [bench.now().millis(); 3]);
    })
    .await;
}
