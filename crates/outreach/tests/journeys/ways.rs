//! Ways by chance, holdouts, goals and exits.

use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR, START,
    journeys::{send, wait},
    on_every_database, user,
};

async fn begin_many(bench: &mut Bench, number: i64) {
    let begun: Vec<_> = (0..number).map(|n| bench.track(user(&format!("u{n}")), "Begun", json!({}))).collect();
    bench.take(&begun).await;
}

#[tokio::test]
async fn a_split_divides_by_its_shares_and_everybody_goes_his_way_again() {
    on_every_database(|mut bench| async move {
        let ways = json!([{"share": 0.5, "next": "a"}, {"share": 0.3, "next": "b"}, {"share": 0.2}]);
        bench
            .journey(json!({"entry": {"event": "Begun"}, "reentry": {"policy": "always"}, "start": "split",
                "steps": {"split": {"type": "split", "ways": ways}, "a": {"type": "exit"}, "b": {"type": "exit"}}}))
            .await;
        begin_many(&mut bench, 3_000).await;
        bench.restart().await;
        begin_many(&mut bench, 3_000).await;
        let of = |way: i64| {
            format!(
                "SELECT COUNT(DISTINCT r.member_id) FROM journey_trace t JOIN journey_runs r ON r.id = t.run_id
                     WHERE t.action = 'split' AND t.detail_json LIKE '%\"way\":{way}%'"
            )
        };
        let (a, b, c) = (bench.number(&of(0)).await, bench.number(&of(1)).await, bench.number(&of(2)).await);
        assert_eq!(a + b + c, 3_000, "nobody has gone two ways");
        assert!((1_400..=1_600).contains(&a) && (800..=1_000).contains(&b), "{a} {b} {c}");
    })
    .await;
}

fn to_goal(goal: Value, more: Value) -> Value {
    let mut document =
        json!({"entry": {"event": "Begun"}, "goal": goal, "start": "mail", "steps": {"mail": send(None)}});
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

#[tokio::test]
async fn a_goal_counts_after_the_run_has_ended_until_its_time_is_over() {
    for (hours, reached) in [(47, 1), (48, 0)] {
        on_every_database(|mut bench| async move {
            bench.journey(to_goal(json!({"event": "Bought", "within": "P2D"}), json!({}))).await;
            bench.take(&[bench.track(user("a"), "Begun", json!({}))]).await;
            assert_eq!(bench.runs().await, ["completed"]);
            bench.restart().await;
            bench.advance(hours * HOUR);
            bench.take(&[bench.track(user("a"), "Bought", json!({}))]).await;
            let reached_at = "SELECT COUNT(*) FROM journey_runs WHERE goal_at IS NOT NULL";
            assert_eq!(bench.number(reached_at).await, reached);
            bench.advance(DAY);
            bench.take(&[bench.track(user("a"), "Bought", json!({}))]).await;
            assert_eq!(bench.number("SELECT COUNT(*) FROM journey_runs WHERE goal_until IS NOT NULL").await, 0);
            assert_eq!(bench.runs().await, ["completed"]);
        })
        .await;
    }
}

#[tokio::test]
async fn the_goals_of_those_who_are_held_out_are_noted_for_thirty_days() {
    on_every_database(|mut bench| async move {
        bench.journey(to_goal(json!({"event": "Bought"}), json!({"holdout": 1.0}))).await;
        bench.take(&[bench.track(user("a"), "Begun", json!({})), bench.track(user("b"), "Begun", json!({}))]).await;
        assert_eq!(bench.runs().await, ["held_out", "held_out"]);
        bench.restart().await;
        bench.advance(30 * DAY - 1);
        bench.take(&[bench.track(user("a"), "Bought", json!({}))]).await;
        bench.advance(1);
        bench.take(&[bench.track(user("b"), "Bought", json!({}))]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_runs WHERE goal_at IS NOT NULL").await, 1);
        assert_eq!(bench.trace().await, ["entered", "held_out", "goal", "entered", "held_out"]);
        assert_eq!(bench.deliveries().await, []);
    })
    .await;
}

#[tokio::test]
async fn whom_the_workspace_holds_out_no_journey_addresses() {
    on_every_database(|mut bench| async move {
        bench.run("UPDATE workspaces SET holdout_millionths = 200000, holdout_salt = 42", vec![]).await;
        let step = json!({"mail": send(None)});
        for _ in 0..2 {
            bench.journey(json!({"entry": {"event": "Begun"}, "start": "mail", "steps": step})).await;
        }
        begin_many(&mut bench, 2_000).await;
        let held = bench.number("SELECT COUNT(DISTINCT member_id) FROM journey_runs WHERE state = 'held_out'").await;
        assert!((330..=470).contains(&held), "{held}");
        let runs = bench.number("SELECT COUNT(*) FROM journey_runs WHERE state = 'held_out'").await;
        assert_eq!(runs, 2 * held, "both leave out the same ones");
        let by = "SELECT COUNT(*) FROM journey_trace WHERE detail_json LIKE '%\"by\":\"workspace\"%'";
        assert_eq!(bench.number(by).await, runs);
    })
    .await;
}

#[tokio::test]
async fn a_holdout_in_the_middle_leaves_out_its_share() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Begun"}, "goal": {"event": "Bought"}, "start": "hold", "steps": {
                "hold": {"type": "holdout", "share": 0.3, "next": "mail"}, "mail": send(None)}}))
            .await;
        begin_many(&mut bench, 2_000).await;
        let held = bench.number("SELECT COUNT(*) FROM journey_runs WHERE state = 'held_out'").await;
        assert!((520..=680).contains(&held), "{held}");
        assert_eq!(bench.deliveries().await.len() as i64, 2_000 - held);
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_runs WHERE goal_until IS NOT NULL").await, held);
    })
    .await;
}

#[tokio::test]
async fn a_segment_that_is_entered_or_left_ends_a_run_at_once_and_reaches_a_goal() {
    on_every_database(|mut bench| async move {
        let (vip, new) =
            (bench.segment(1, &json!({"tag": "vip"})).await, bench.segment(2, &json!({"tag": "new"})).await);
        bench.take(&[bench.tag(user("a"), "Tag Added", "new"), bench.tag(user("b"), "Tag Added", "new")]).await;
        bench.settle().await;
        let pause = json!({"pause": wait("P1D", "mail"), "mail": send(None)});
        bench
            .journey(json!({"entry": {"event": "Begun"}, "goal": {"segment": vip, "within": "PT1H"},
                "exit": [{"segment": vip}, {"segment_left": new}], "start": "pause", "steps": pause}))
            .await;
        bench.journey(json!({"entry": {"segment_left": new}, "start": "pause", "steps": pause})).await;
        bench.take(&[bench.track(user("a"), "Begun", json!({})), bench.track(user("b"), "Begun", json!({}))]).await;
        bench.advance(HOUR - 1);
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip"), bench.tag(user("b"), "Tag Removed", "new")]).await;
        assert_eq!(bench.runs().await, ["exited", "exited", "active"]);
        assert_eq!(bench.number("SELECT goal_at FROM journey_runs WHERE goal_at IS NOT NULL").await, START + HOUR - 1);
    })
    .await;
}
