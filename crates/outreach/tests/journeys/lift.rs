//! Who is left out, and what addressing the others brought about.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use base::ids::{JourneyId, MemberId, RunId};
use outreach::statistics::proportions::{Arm, Verdict, compare};
use serde_json::{Value, json};
use store::Sql;

use super::support::{
    Bench, DAY, WORKSPACE,
    journeys::{send, wait},
    on_every_database, user,
};

/// A run: its id, its member, its state, its version, when it reached the goal, the version that it was moved from, the side
/// for which it stands, and the share of the workspace's holdout in millionths.
type Row<'a> = (i64, i64, &'a str, i64, Option<i64>, Option<i64>, i64, i64);

fn with_goal() -> Value {
    json!({"entry": {"event": "Order Completed"}, "reentry": {"policy": "always"}, "holdout": 0.1, "start": "pause",
        "goal": {"event": "Review Written", "within": "P7D"},
        "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}})
}

/// Runs that have ended: whose, in which state, on which version, whether its goal was reached, and what it was moved from.
async fn ended(bench: &Bench, journey: JourneyId, runs: &[Ended<'_>]) {
    ended_at_share(bench, journey, runs, 0).await;
}

type Ended<'a> = (i64, &'a str, i64, bool, Option<i64>);

/// The same of runs that began while the workspace left out this share, in millionths.
async fn ended_at_share(bench: &Bench, journey: JourneyId, runs: &[Ended<'_>], share: i64) {
    let mut known = BTreeSet::new();
    let rows: Vec<Row<'_>> = runs
        .iter()
        .map(|(member, state, version, goal, from)| {
            let side = if known.insert(member) { 1 + i64::from(*state == "held_out") } else { 0 };
            (bench.ids.next(RunId).0, *member, *state, *version, goal.then_some(5), *from, side, share)
        })
        .collect();
    let now = bench.now().millis();
    let tx = bench.db.begin().await.unwrap();
    tx.run_rows(
        &format!(
            "INSERT INTO journey_runs (id, workspace_id, journey_id, version, member_id, origin_member_id, entry_key, state,
               step, entered_at, step_at, ended_at, goal_at, trace_length, entry_json, moved_from, side, drawn_at_share)
             SELECT CAST(r.value->>0 AS BIGINT), {}, {}, CAST(r.value->>3 AS BIGINT), CAST(r.value->>1 AS BIGINT),
               CAST(r.value->>1 AS BIGINT), '', r.value->>2, NULL, {now}, {now}, {now}, CAST(r.value->>4 AS BIGINT), 1,
               '{{}}', CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT), CAST(r.value->>7 AS BIGINT)
             FROM {{rows}}",
            WORKSPACE.0, journey.0
        ),
        &rows,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    bench.count_anew().await;
}

/// So many who were addressed and so many who were left out, of whom one of so many reached the goal.
fn season<'a>(first: i64, version: i64, treated: i64, held_out: i64, one_of: i64) -> Vec<Ended<'a>> {
    let run = |number: i64| {
        let state = if number < treated { "completed" } else { "held_out" };
        let place = if number < treated { number } else { number - treated };
        (first + number, state, version, place % one_of == 0, None)
    };
    (0..treated + held_out).map(run).collect()
}

#[tokio::test]
async fn everybody_counts_once_and_in_the_version_on_which_he_began() {
    on_every_database(|bench| async move {
        let id = bench.journey(with_goal()).await;
        bench.journey_verb(id, "publish").await;
        ended(
            &bench,
            id,
            &[
                (1, "completed", 1, false, None),
                // Coming again and reaching the goal then does not count: the first time is compared with the first time.
                (1, "completed", 1, true, None),
                (2, "completed", 1, true, None),
                (3, "completed", 2, true, Some(1)),
                (4, "held_out", 1, true, None),
                (5, "held_out", 2, false, None),
                (5, "held_out", 2, false, None),
            ],
        )
        .await;
        let report = bench.call("GET", &format!("/api/v1/journeys/{id}/report"), Value::Null).await;
        let sides = |lift: &Value| {
            let side =
                |name: &str| (lift[name]["members"].as_i64().unwrap(), lift[name]["converted"].as_i64().unwrap());
            (side("treated"), side("held_out"))
        };
        assert_eq!(sides(&report["lift"]), ((3, 2), (1, 1)), "on the second version nobody was addressed");
        assert_eq!(report["lift"]["verdict"], "too_early");
        let not_counted =
            json!([{"version": 2, "workspace_holdout": 0.0, "treated": 0, "held_out": 1, "reason": "nobody_addressed"}]);
        assert_eq!(report["lift"]["not_counted"], not_counted);
        assert_eq!(sides(&report["lift_by_version"][0]["lift"]), ((3, 2), (1, 1)));
        assert_eq!(sides(&report["lift_by_version"][1]["lift"]), ((0, 0), (1, 0)));
        let of_one = bench.call("GET", &format!("/api/v1/journeys/{id}/report?version=1"), Value::Null).await;
        assert_eq!(sides(&of_one["lift"]), ((3, 2), (1, 1)));
        assert_eq!(of_one["entered"], 4, "runs that are on it now");
    })
    .await;
}

#[tokio::test]
async fn a_clear_difference_is_told_with_its_interval_and_a_journey_without_goal_says_so() {
    on_every_database(|bench| async move {
        let id = bench.journey(with_goal()).await;
        let runs: Vec<(i64, &str, i64, bool, Option<i64>)> = (0..2_000)
            .map(|n| {
                let (state, reached) = if n < 400 { ("held_out", n % 10 == 0) } else { ("completed", n % 4 == 0) };
                (n + 1, state, 1, reached, None)
            })
            .collect();
        ended(&bench, id, &runs).await;
        let uri = format!("/api/v1/journeys/{id}/report");
        let lift = bench.call("GET", &uri, Value::Null).await["lift"].clone();
        assert_eq!((&lift["verdict"], &lift["enough_data"]), (&json!("raises"), &json!(true)));
        assert!((lift["difference"].as_f64().unwrap() - 0.15).abs() < 1e-9, "{lift}");
        assert!((lift["relative_lift"].as_f64().unwrap() - 1.5).abs() < 1e-9, "{lift}");
        let (low, high) = (lift["interval"]["low"].as_f64().unwrap(), lift["interval"]["high"].as_f64().unwrap());
        assert!(low > 0.0 && low < 0.15 && high > 0.15 && high < 0.3, "{lift}");
        assert!(lift["p_value"].as_f64().unwrap() < 0.05);
        assert!(lift["zh"].as_str().unwrap().contains("10.0%"), "{lift}");
        let document = json!({"entry": {"event": "A"}, "start": "mail", "steps": {"mail": send(None)}});
        let without = bench.journey(document).await;
        let lift = bench.call("GET", &format!("/api/v1/journeys/{without}/report"), Value::Null).await["lift"].clone();
        assert_eq!(lift["verdict"], "no_goal");
    })
    .await;
}

#[tokio::test]
async fn a_season_in_which_fewer_were_left_out_does_not_look_like_an_effect() {
    on_every_database(|bench| async move {
        let id = bench.journey(with_goal()).await;
        for _ in 0..3 {
            bench.journey_verb(id, "publish").await;
        }
        // Before the feast nobody was left out; at the feast few were, and everybody bought; then half were, and few bought.
        let before = season(1, 1, 1_000, 0, 2);
        let feast = season(10_001, 2, 1_900, 100, 2);
        let after = season(20_001, 3, 1_000, 1_000, 20);
        for runs in [&before, &feast, &after] {
            ended(&bench, id, runs).await;
        }
        let report = bench.call("GET", &format!("/api/v1/journeys/{id}/report"), Value::Null).await;
        let lift = &report["lift"];
        let number = |field: &Value| field.as_f64().unwrap();
        let side = |side: &Value| Arm {
            members: side["members"].as_i64().unwrap(),
            converted: side["converted"].as_i64().unwrap(),
        };
        let (treated, held_out) = (side(&lift["treated"]), side(&lift["held_out"]));
        assert_eq!(
            (treated, held_out),
            (Arm { members: 2_900, converted: 1_000 }, Arm { members: 1_100, converted: 100 })
        );
        assert_eq!(compare(treated, held_out).verdict, Verdict::Raises, "the plain sum shows what is not there");
        assert_eq!((&lift["verdict"], number(&lift["difference"])), (&json!("no_difference_shown"), 0.0));
        assert_eq!(number(&lift["treated"]["conversion"]), number(&lift["held_out"]["conversion"]));
        assert!(number(&lift["interval"]["low"]) < 0.0 && number(&lift["interval"]["high"]) > 0.0);
        assert_eq!(lift["not_counted"][0]["version"], 1);
        assert_eq!(lift["not_counted"][0]["reason"], "nobody_left_out");
        assert!(lift["en"].as_str().unwrap().contains("Not counted: version 1 (1000 members"), "{lift}");
        assert!(lift["zh"].as_str().unwrap().contains("未计入：版本 1（1000 位成员"), "{lift}");
        let versions: Vec<&Value> =
            report["lift_by_version"].as_array().unwrap().iter().map(|one| &one["version"]).collect();
        assert_eq!(versions, [1, 2, 3]);
        assert_eq!(report["lift_by_version"][0]["lift"]["verdict"], "no_comparison");
    })
    .await;
}

#[tokio::test]
async fn another_share_of_the_workspace_makes_members_of_one_version_another_group() {
    on_every_database(|mut bench| async move {
        let id = bench.journey(with_goal()).await;
        let share = "SELECT drawn_at_share FROM journey_runs ORDER BY id DESC LIMIT 1";
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        assert_eq!(bench.number(share).await, 0);
        bench.call("PUT", "/api/v1/holdout", json!({"share": 0.07})).await;
        bench.take(&[bench.member("b"), bench.track(user("b"), "Order Completed", json!({}))]).await;
        assert_eq!(bench.number(share).await, 70_000);
        bench.run("DELETE FROM journey_runs", vec![]).await;
        ended_at_share(&bench, id, &season(1, 1, 1_900, 100, 2), 0).await;
        ended_at_share(&bench, id, &season(10_001, 1, 1_000, 1_000, 20), 450_000).await;
        ended_at_share(&bench, id, &season(20_001, 1, 0, 50, 1), 500_000).await;
        let report = bench.call("GET", &format!("/api/v1/journeys/{id}/report"), Value::Null).await;
        for lift in [&report["lift"], &report["lift_by_version"][0]["lift"]] {
            assert_eq!(lift["verdict"], "no_difference_shown", "{lift}");
            assert_eq!((&lift["treated"]["members"], &lift["held_out"]["members"]), (&json!(2_900), &json!(1_100)));
            assert_eq!(lift["not_counted"][0]["workspace_holdout"], 0.5);
        }
        assert_eq!(report["lift_by_version"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_report_tells_how_often_each_way_was_taken() {
    on_every_database(|mut bench| async move {
        let id = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "which", "steps": {
                "which": {"type": "branch", "cases": [{"when": {"tag": "vip"}, "next": "mail"}], "else": "pause"},
                "pause": wait("P1D", "mail"), "mail": send(None)}}))
            .await;
        bench.take(&[bench.member("a"), bench.tag(user("a"), "Tag Added", "vip")]).await;
        for name in ["a", "b", "c"] {
            bench.take(&[bench.member(name), bench.track(user(name), "Order Completed", json!({}))]).await;
        }
        bench.advance(DAY);
        bench.take(&[bench.member("d"), bench.track(user("d"), "Order Completed", json!({}))]).await;
        bench.run("UPDATE deliveries SET state = 'accepted', accepted_at = 5, opened_at = 6", vec![]).await;
        let report = bench.call("GET", &format!("/api/v1/journeys/{id}/report"), Value::Null).await;
        let steps = &report["steps"];
        assert_eq!(steps["which"]["ways"], json!({"case 0": 1, "else": 3}));
        assert_eq!((&steps["which"]["entered"], &steps["pause"]["entered"]), (&json!(4), &json!(3)));
        assert_eq!((&steps["pause"]["waiting"], &steps["pause"]["ways"]), (&json!(1), &json!({"waited": 2})));
        let messages = json!({"queued": 3, "states": {"accepted": 3}, "accepted": 3, "delivered": 0, "opened": 3, "clicked": 0});
        assert_eq!((&steps["mail"]["entered"], &steps["mail"]["messages"]), (&json!(3), &messages));
        assert_eq!(report["messages"], messages);
        let without = bench.call("GET", &format!("/api/v1/journeys/{id}/report?messages=false"), Value::Null).await;
        assert_eq!((&without["messages"], &without["deliveries"]), (&Value::Null, &Value::Null));
        assert_eq!(without["steps"]["mail"]["messages"], Value::Null);
        assert_eq!(without["steps"]["pause"], report["steps"]["pause"]);
        let days = json!([{"day": "2026-03-26", "treated": 3, "held_out": 0}, {"day": "2026-03-27", "treated": 1, "held_out": 0}]);
        assert_eq!(report["entries"], days);
    })
    .await;
}

#[tokio::test]
async fn another_share_keeps_the_salt_and_only_a_reshuffle_draws_anew() {
    on_every_database(|bench| async move {
        let uri = "/api/v1/holdout";
        assert_eq!(bench.call("GET", uri, Value::Null).await["share"], 0.0);
        let salt = "SELECT holdout_salt FROM workspaces";
        assert_eq!(bench.call("PUT", uri, json!({"share": 0.05})).await["share"], 0.05);
        let first = bench.number(salt).await;
        bench.call("PUT", uri, json!({"share": 0.1})).await;
        assert_eq!(bench.number(salt).await, first);
        let rules = bench.number("SELECT rules_version FROM workspaces").await;
        bench.call("PUT", uri, json!({"share": 0.1})).await;
        assert_eq!(bench.number("SELECT rules_version FROM workspaces").await, rules, "nothing was changed");
        bench.call("PUT", uri, json!({"share": 0.1, "reshuffle": true})).await;
        assert_ne!(bench.number(salt).await, first);
        for share in [json!(-0.1), json!(0.6), json!("much")] {
            let (status, _) = bench.ask("PUT", uri, json!({"share": share})).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{share}");
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM audit_log WHERE action = 'holdout.changed'").await, 3);
    })
    .await;
}

#[tokio::test]
async fn the_report_of_the_holdout_counts_as_a_naive_one_does() {
    on_every_database(|mut bench| async move {
        bench.call("PUT", "/api/v1/holdout", json!({"share": 0.4})).await;
        let mut events = Vec::new();
        for n in 0..60 {
            let name = format!("m{n}");
            events.push(bench.member(&name));
            if n % 3 == 0 {
                events.push(bench.track(user(&name), "Order Completed", json!({})));
                events.push(bench.track(user(&name), "Order Completed", json!({})));
            }
        }
        bench.take(&events).await;
        bench.advance(DAY);
        bench.take(&[bench.track(user("m1"), "Order Completed", json!({}))]).await;
        let from = bench.now().minus(std::time::Duration::from_secs(2 * 86_400));
        let to = bench.now().minus(std::time::Duration::from_secs(3_600));
        let uri = format!("/api/v1/holdout/report?goal_event=Order%20Completed&from={from}&to={to}");
        let report = bench.call("GET", &uri, Value::Null).await;
        let salt = bench.number("SELECT holdout_salt FROM workspaces").await;
        let mut naive: BTreeMap<bool, (i64, i64)> = BTreeMap::new();
        for n in 0..60 {
            let MemberId(member) = bench.owner(&format!("m{n}")).await;
            let hash = xxhash_rust::xxh3::xxh3_64_with_seed(&member.to_le_bytes(), salt as u64);
            let side = naive.entry((hash >> 11) as f64 / ((1u64 << 53) as f64) < 0.4).or_default();
            side.0 += 1;
            side.1 += i64::from(n % 3 == 0);
        }
        for (side, name) in [(true, "held_out"), (false, "treated")] {
            let found = &report["lift"][name];
            let found = (found["members"].as_i64().unwrap(), found["converted"].as_i64().unwrap());
            assert_eq!(found, naive[&side], "{name}: {report}");
            assert!(found.0 > 10);
        }
        for wrong in ["", "?goal_event=", "?goal_event=A&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z"] {
            let uri = format!("/api/v1/holdout/report{wrong}");
            assert_eq!(bench.ask("GET", &uri, Value::Null).await.0, StatusCode::BAD_REQUEST, "{wrong}");
        }
    })
    .await;
}
