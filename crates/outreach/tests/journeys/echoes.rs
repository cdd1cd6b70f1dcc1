//! What a journey sets and tags is known before its next step looks at the member.

use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR, MINUTE, WORKSPACE,
    journeys::{send, wait},
    on_every_database, user,
};

fn set(traits: Value, next: &str) -> Value {
    json!({"type": "set", "traits": traits, "next": next})
}

fn add(tag: &str, next: &str) -> Value {
    json!({"type": "tag", "add": [tag], "next": next})
}

fn remove(tag: &str, next: &str) -> Value {
    json!({"type": "tag", "remove": [tag], "next": next})
}

/// Who is as the rule says gets "new", others get "old".
fn which(rule: Value) -> Value {
    json!({"type": "branch", "cases": [{"when": rule, "next": "new"}], "else": "old"})
}

/// A journey whose steps end at "new" or "old".
fn leading(start: &str, mut steps: Value) -> Value {
    steps["new"] = send(None);
    steps["old"] = send(None);
    json!({"entry": {"event": "Begun"}, "start": start, "steps": steps})
}

/// Tags a member and asks for the tag.
fn tagging() -> Value {
    leading("mark", json!({"mark": add("vip", "which"), "which": which(json!({"tag": "vip"}))}))
}

/// A member begins, and what his journey has told has not come back yet.
async fn begin(bench: &mut Bench) {
    let begun = bench.track(user("a"), "Begun", json!({}));
    bench.take(&[bench.member("a"), begun]).await;
    assert_eq!(bench.number("SELECT COUNT(*) FROM emitted_events").await, 1);
    assert_eq!(bench.number("SELECT arriving FROM journey_runs").await, 1);
    assert_eq!(bench.sent_steps().await, [] as [String; 0]);
}

#[tokio::test]
async fn a_branch_behind_set_goes_by_what_was_set() {
    on_every_database(|mut bench| async move {
        let vip = json!({"trait": "vip", "value": true});
        bench.journey(leading("set", json!({"set": set(json!({"vip": true}), "which"), "which": which(vip)}))).await;
        begin(&mut bench).await;
        bench.settle().await;
        assert_eq!(bench.trace().await, ["entered", "set set", "which branched", "new queued", "completed"]);
        assert_eq!(bench.number("SELECT COUNT(*) FROM timers WHERE kind = 'journey'").await, 0);
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_runs WHERE told IS NOT NULL").await, 0);
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 3, "two of his own and what was set");
    })
    .await;
}

#[tokio::test]
async fn a_branch_behind_tag_goes_by_all_that_was_added_and_removed() {
    on_every_database(|mut bench| async move {
        let both = json!({"type": "tag", "add": ["vip"], "remove": ["guest"], "next": "which"});
        let rule = json!({"all": [{"tag": "vip"}, {"not": {"tag": "guest"}}]});
        bench.journey(leading("mark", json!({"mark": both, "which": which(rule)}))).await;
        let guest = bench.tag(user("a"), "Tag Added", "guest");
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take_all(&[guest, begun]).await;
        assert_eq!(bench.sent_steps().await, ["new"]);
    })
    .await;
}

#[tokio::test]
async fn a_branch_behind_two_changes_knows_both() {
    on_every_database(|mut bench| async move {
        let rule = json!({"all": [{"trait": "vip", "value": true}, {"trait": "level", "value": 2}]});
        bench
            .journey(leading(
                "one",
                json!({"one": set(json!({"vip": true, "level": 1}), "two"), "two": set(json!({"level": 2}), "which"),
                    "which": which(rule)}),
            ))
            .await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take_all(&[bench.member("a"), begun]).await;
        assert_eq!(bench.trace().await[1..4], ["one set", "two set", "which branched"]);
        assert_eq!(bench.sent_steps().await, ["new"]);
    })
    .await;
}

#[tokio::test]
async fn in_a_circle_each_round_knows_what_it_has_changed_itself() {
    on_every_database(|mut bench| async move {
        let on = json!({"tag": "on"});
        let fork = |yes: &str, no: &str| json!({"type": "branch", "cases": [{"when": on, "next": yes}], "else": no});
        bench
            .journey(leading(
                "pause",
                json!({"pause": wait("PT1H", "is"), "is": fork("off", "on"),
                    "on": add("on", "must"), "must": fork("pause", "old"),
                    "off": remove("on", "must not"), "must not": fork("old", "pause")}),
            ))
            .await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take_all(&[bench.member("a"), begun]).await;
        for round in 1..=9 {
            bench.advance(HOUR);
            if round % 4 == 0 {
                bench.restart().await;
            }
            bench.settle().await;
        }
        assert_eq!((bench.runs().await, bench.sent_steps().await.len()), (vec!["active".to_owned()], 0));
        let branched = "SELECT SUM(happened) FROM journey_counts WHERE action = 'branched'";
        assert_eq!(bench.number(&format!("SELECT CAST(({branched}) AS BIGINT)")).await, 18);
    })
    .await;
}

#[tokio::test]
async fn a_process_that_dies_between_the_change_and_the_branch_goes_on_with_the_change() {
    on_every_database(|mut bench| async move {
        bench.journey(tagging()).await;
        begin(&mut bench).await;
        bench.restart().await;
        bench.idle().await;
        assert_eq!(bench.sent_steps().await.len(), 0);
        assert_eq!(bench.emit().await, 1);
        bench.restart().await;
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["new"]);
        bench.advance(2 * DAY);
        bench.restart().await;
        bench.settle().await;
        assert_eq!((bench.sent_steps().await.len(), bench.runs().await), (1, vec!["completed".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn a_pipeline_that_is_behind_lets_nobody_go_on_before_the_change_is_known() {
    on_every_database(|mut bench| async move {
        bench.journey(tagging()).await;
        begin(&mut bench).await;
        for wait in [2 * MINUTE, HOUR] {
            bench.advance(wait);
            bench.idle().await;
            assert_eq!(bench.sent_steps().await.len(), 0);
        }
        // The change, and behind it the question whether it has come.
        assert_eq!(bench.emit().await, 2);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["new"]);
        assert_eq!(bench.trace().await, ["entered", "mark tagged", "which branched", "new queued", "completed"]);
    })
    .await;
}

#[tokio::test]
async fn a_change_that_is_refused_holds_up_its_run_for_a_minute() {
    on_every_database(|mut bench| async move {
        bench
            .run(
                "INSERT INTO tags (workspace_id, name, kind, description, model, created_by, created_at, updated_at)
                 VALUES ($1, 'vip', 'predictive', '', 'm', 'user:test', 0, 0)",
                vec![WORKSPACE.0.into()],
            )
            .await;
        bench.journey(tagging()).await;
        begin(&mut bench).await;
        bench.settle().await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM dead_letters").await, 1);
        assert_eq!(bench.sent_steps().await.len(), 0);
        bench.advance(MINUTE);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["old"]);
        assert_eq!(bench.number("SELECT COUNT(*) FROM timers WHERE kind = 'journey'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_a_change_brings_about_comes_before_the_next_message() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        let mut document = leading("mark", json!({"mark": add("vip", "new")}));
        document["exit"] = json!([{"segment": segment}]);
        document["goal"] = json!({"segment": segment});
        bench.journey(document).await;
        begin(&mut bench).await;
        bench.settle().await;
        assert_eq!(bench.trace().await, ["entered", "mark tagged", "goal", "new exited"]);
        assert_eq!(bench.sent_steps().await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn nobody_who_has_been_taken_out_of_a_segment_is_found_in_it_and_who_is_put_into_it_is() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        let until = json!({"type": "wait", "segment": segment, "next": "new"});
        bench.journey(leading("out", json!({"out": remove("vip", "until"), "until": until}))).await;
        bench.journey(leading("in", json!({"in": add("vip", "until"), "until": until}))).await;
        let vip = bench.tag(user("a"), "Tag Added", "vip");
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take_all(&[vip, begun]).await;
        // The second puts him in again, for both.
        assert_eq!(bench.runs().await, ["completed", "completed"]);
        let met = "SELECT COUNT(*) FROM journey_trace WHERE action = 'met'";
        assert_eq!(bench.number(met).await, 2);
        let waited = "SELECT COUNT(*) FROM journey_trace WHERE action = 'waiting'";
        assert_eq!(bench.number(waited).await, 1, "he was out of it in between");
    })
    .await;
}

#[tokio::test]
async fn an_event_that_comes_while_a_change_is_under_way_is_not_missed() {
    on_every_database(|mut bench| async move {
        let until = json!({"type": "wait", "event": "Order Completed", "next": "which"});
        let steps = json!({"mark": add("vip", "until"), "until": until, "which": which(json!({"tag": "vip"}))});
        bench.journey(leading("mark", steps)).await;
        let events = [bench.track(user("a"), "Begun", json!({})), bench.track(user("a"), "Order Completed", json!({}))];
        bench.take(&events).await;
        assert_eq!(bench.trace().await, ["entered", "mark tagged", "until waiting", "until met"]);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["new"]);
    })
    .await;
}

#[tokio::test]
async fn who_stands_still_is_paused_stopped_and_moved_like_everybody() {
    on_every_database(|mut bench| async move {
        let journey = bench.journey(tagging()).await;
        begin(&mut bench).await;
        bench.journey_verb(journey, "pause").await;
        bench.settle().await;
        bench.advance(2 * DAY);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await.len(), 0);
        bench.journey_verb(journey, "resume").await;
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["new"]);
    })
    .await;
    on_every_database(|mut bench| async move {
        let journey = bench.journey(tagging()).await;
        begin(&mut bench).await;
        bench.journey_verb(journey, "stop").await;
        bench.settle().await;
        assert_eq!((bench.sent_steps().await.len(), bench.runs().await), (0, vec!["exited".to_owned()]));
    })
    .await;
    on_every_database(|mut bench| async move {
        let journey = bench.journey(tagging()).await;
        begin(&mut bench).await;
        bench.change_journey(journey, leading("there", json!({"there": which(json!({"tag": "vip"}))}))).await;
        let uri = format!("/api/v1/journeys/{journey}/publish");
        let body = json!({"running": {"move": {"which": "there"}}});
        let preview = bench.call("POST", &format!("{uri}/preview"), body.clone()).await;
        assert_eq!((&preview["moved"], &preview["unmapped"]), (&json!(1), &json!(0)));
        bench.call("POST", &uri, body).await;
        bench.idle().await;
        assert_eq!(bench.sent_steps().await.len(), 0, "the new step asks for the tag as well");
        bench.settle().await;
        assert_eq!(bench.trace().await[2..4], ["which moved", "there branched"]);
        assert_eq!(bench.sent_steps().await, ["new"]);
    })
    .await;
}

#[tokio::test]
async fn a_preview_names_the_steps_before_which_somebody_may_stand_for_a_moment() {
    on_every_database(|mut bench| async move {
        let mut document = tagging();
        document["start"] = json!("pause");
        document["steps"]["pause"] = wait("P1D", "mark");
        let journey = bench.journey(document).await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take(&[begun]).await;
        let body = json!({"running": {"move": {"pause": "pause"}}});
        let preview = bench.call("POST", &format!("/api/v1/journeys/{journey}/publish/preview"), body).await;
        assert_eq!(preview["may_reach"], json!([{"version": 1, "step": "which"}]));
    })
    .await;
}

#[tokio::test]
async fn who_becomes_one_with_another_hears_of_his_change_there() {
    on_every_database(|mut bench| async move {
        bench.journey(tagging()).await;
        begin(&mut bench).await;
        bench.take(&[bench.member("b")]).await;
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        let merge = bench.ids.next(base::ids::MergeId);
        let event = bench.command(b, people::identity::MEMBERS_MERGED, json!({"with": a, "merge": merge}));
        bench.take(&[event]).await;
        assert_eq!(bench.sent_steps().await.len(), 0);
        bench.restart().await;
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["new"]);
    })
    .await;
}
