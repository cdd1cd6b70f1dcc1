//! What a report tells without counting is what counting would find, whatever has happened; and what is told of each run.

use std::sync::Arc;

use axum::http::StatusCode;
use base::ids::{ErasureId, JourneyId, MergeId, RunId};
use people::{
    identity::{MEMBERS_MERGED, MERGE_UNDONE},
    privacy::{Eraser, MEMBER_ERASED},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR,
    journeys::{send, wait},
    on_every_database,
    tallies::Bookkeeper,
    user,
};

const PEOPLE: usize = 14;

/// A journey with everything that changes how a run is counted: both holdouts, a goal, steps to stand at, ends.
fn document(pause: &str) -> Value {
    json!({"entry": {"event": "Order Completed"}, "reentry": {"policy": "always"}, "holdout": 0.2, "start": "pause",
        "goal": {"event": "Review Written", "within": "P7D"}, "exit": [{"event": "Order Cancelled"}],
        "steps": {"pause": wait(pause, "some"), "some": {"type": "holdout", "share": 0.2, "next": "mail"},
            "mail": send(Some("rest")), "rest": wait("P3D", "last"), "last": send(None)}})
}

/// Something that happens to somebody or to the journey.
async fn live(
    bench: &mut Bench,
    id: JourneyId,
    random: &mut StdRng,
    names: &mut Vec<String>,
    merges: &mut Vec<MergeId>,
) {
    let uri = format!("/api/v1/journeys/{id}");
    let one = random.random_range(0..names.len());
    let name = names[one].clone();
    match random.random_range(0..24) {
        0..10 => {
            let event = bench.track(user(&name), "Order Completed", json!({}));
            bench.append(&[event]).await;
        }
        10 | 11 => bench.append(&[bench.track(user(&name), "Review Written", json!({}))]).await,
        12 => bench.append(&[bench.track(user(&name), "Order Cancelled", json!({}))]).await,
        13..17 => bench.advance(random.random_range(1..40) * HOUR),
        17 => {
            let other = names[random.random_range(0..names.len())].clone();
            let (kept, absorbed) = (bench.owner(&name).await, bench.owner(&other).await);
            if kept != absorbed {
                let merge = bench.ids.next(MergeId);
                let event = bench.command(kept, MEMBERS_MERGED, json!({"with": absorbed, "merge": merge}));
                bench.append(&[event]).await;
                merges.push(merge);
            }
        }
        18 => {
            if let Some(merge) = merges.pop() {
                let about = bench.owner(&name).await;
                bench.append(&[bench.command(about, MERGE_UNDONE, json!({ "merge": merge }))]).await;
            }
        }
        19 => {
            let about = bench.owner(&name).await;
            let erasure = bench.ids.next(ErasureId);
            let command = bench.command(about, MEMBER_ERASED, json!({"erasure": erasure, "reason": "he asked"}));
            bench.append(&[base::Event { source: "user:test".to_owned(), ..command }]).await;
            bench.idle().await;
            // Whoever was one with him is gone as well.
            let mut left = Vec::new();
            for name in names.drain(..) {
                let known = format!("SELECT COUNT(*) FROM identities WHERE value = '{name}'");
                if bench.number(&known).await == 1 {
                    left.push(name);
                }
            }
            *names = left;
            while names.len() < PEOPLE {
                let name = format!("n{}", bench.ids.next(RunId).0);
                bench.append(&[bench.member(&name)]).await;
                names.push(name);
            }
        }
        20 => {
            let pause = ["P1D", "P2D", "PT6H"][random.random_range(0..3)];
            bench.change_journey(id, document(pause)).await;
            let to = [json!("pause"), json!("rest"), Value::Null][random.random_range(0..3)].clone();
            let body = json!({"running": {"move": {"pause": to, "rest": "rest"}}});
            let (status, problem) = bench.ask("POST", &format!("{uri}/publish"), body).await;
            // A journey that was stopped may have no version under way that has such steps.
            assert!(status == StatusCode::OK || problem["code"] == "invalid_body", "{problem}");
        }
        21 => {
            if bench.ask("POST", &format!("{uri}/stop"), json!({})).await.0 == StatusCode::OK {
                bench.idle().await;
            }
            bench.change_journey(id, document("P1D")).await;
            bench.journey_verb(id, "publish").await;
        }
        22 => {
            let share = [0.0, 0.1, 0.3][random.random_range(0..3)];
            bench.call("PUT", "/api/v1/holdout", json!({ "share": share })).await;
        }
        _ => bench.restart().await,
    }
    bench.idle().await;
}

#[tokio::test]
async fn whatever_happens_the_tallies_are_what_counting_finds() {
    on_every_database(|mut bench| async move {
        let sections = people::privacy::sections().into_iter().chain(outreach::privacy::sections()).collect();
        bench.eraser = Arc::new(Eraser { sections, marks: bench.eraser.marks.clone() });
        bench.restart().await;
        let id = bench.journey(document("P1D")).await;
        let mut names: Vec<String> = (0..PEOPLE).map(|number| format!("m{number}")).collect();
        let members: Vec<_> = names.iter().map(|name| bench.member(name)).collect();
        bench.take(&members).await;
        let mut random = StdRng::seed_from_u64(20_260_326);
        let (mut merges, mut bookkeeper) = (Vec::new(), Bookkeeper::default());
        for _ in 0..250 {
            live(&mut bench, id, &mut random, &mut names, &mut merges).await;
            bookkeeper.agrees(&bench).await;
        }
        let states = bench.texts("SELECT DISTINCT state AS text FROM journey_runs ORDER BY 1").await;
        assert_eq!(states, ["active", "completed", "exited", "held_out"], "the life was too tame");
        let report = bench.call("GET", &format!("/api/v1/journeys/{id}/report"), Value::Null).await;
        assert_eq!(report["entered"], bench.number("SELECT COUNT(*) FROM journey_runs").await);
        assert_eq!(report["goals"], bench.number("SELECT COUNT(goal_at) FROM journey_runs").await);
        let active = "SELECT COUNT(*) FROM journey_runs WHERE state = 'active'";
        let waiting = report["steps"].as_object().unwrap().values().map(|step| step["waiting"].as_i64().unwrap());
        assert_eq!(waiting.sum::<i64>(), bench.number(active).await);
    })
    .await;
}

#[tokio::test]
async fn those_whom_a_job_moves_or_ends_are_counted_where_they_are() {
    on_every_database(|mut bench| async move {
        let id = bench.journey(document("P1D")).await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.crowd(id, &[(1, "pause", 2_500), (1, "rest", 1_600)]).await;
        bench.change_journey(id, document("P2D")).await;
        let body = json!({"running": {"move": {"pause": "rest", "rest": null}}});
        bench.call("POST", &format!("{uri}/publish"), body).await;
        bench.assert_counted().await;
        bench.run_jobs().await;
        bench.assert_counted().await;
        let report = bench.call("GET", &format!("{uri}/report"), Value::Null).await;
        assert_eq!(report["runs"], json!({"active": 2_500, "exited": 1_600}));
        assert_eq!(report["steps"]["rest"]["waiting"], 2_500);
        bench.journey_verb(id, "stop").await;
        bench.run_jobs().await;
        bench.assert_counted().await;
        bench.idle().await;
        bench.assert_counted().await;
        assert_eq!(bench.call("GET", &format!("{uri}/report"), Value::Null).await["runs"], json!({"exited": 4_100}));
    })
    .await;
}

#[tokio::test]
async fn a_job_makes_the_pipeline_forget_whom_it_has_moved_and_read_few_rules() {
    on_every_database(|mut bench| async move {
        let old = json!({"entry": {"event": "Order Completed"}, "start": "pause",
            "steps": {"pause": wait("P4D", "mail"), "mail": send(None)}});
        let new = json!({"entry": {"event": "Order Completed"}, "start": "pause",
            "steps": {"pause": wait("P9D", "mail"), "mail": send(None), "news": send(None)}});
        let id = bench.journey(old.clone()).await;
        bench.crowd(id, &[(1, "pause", 3_000)]).await;
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        bench.crowd(id, &[(1, "pause", 3_000)]).await;
        bench.change_journey(id, new).await;
        let body = json!({"running": {"move": {"pause": "news"}}});
        bench.call("POST", &format!("/api/v1/journeys/{id}/publish"), body).await;
        bench.change_journey(id, old).await;
        bench.journey_verb(id, "publish").await;
        // He is in memory, on the version on which he began, and what the job moves him to is none that anybody enters.
        bench.take(&[bench.track(user("a"), "Page Read", json!({}))]).await;
        let rules = "SELECT rules_version FROM workspaces";
        let before = bench.number(rules).await;
        bench.run_jobs().await;
        assert!(bench.number(rules).await <= before + 2, "for the first who are on the version, and at the end");
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_touched").await, 6_001);
        bench.idle().await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_touched").await, 0);
        let a = bench.owner("a").await.0;
        let sent = format!("SELECT step AS text FROM deliveries WHERE member_id = {a}");
        assert_eq!(bench.texts(&sent).await, ["news"]);
        bench.advance(10 * DAY);
        bench.idle().await;
        assert_eq!(bench.texts(&sent).await, ["news"], "not the way on which he was before as well");
        bench.assert_counted().await;
    })
    .await;
}

#[tokio::test]
async fn a_list_of_runs_shows_the_last_lines_and_the_whole_trace_is_read_page_by_page() {
    on_every_database(|mut bench| async move {
        let id = bench.journey(document("P1D")).await;
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        let run = bench.number("SELECT id FROM journey_runs").await;
        let before = bench.number("SELECT trace_length FROM journey_runs").await;
        for seq in before..777 {
            bench
                .run(
                    "INSERT INTO journey_trace (run_id, seq, at, step, action, detail_json)
                     VALUES ($1, $2, $2, 'pause', 'waited', '{}')",
                    vec![run.into(), seq.into()],
                )
                .await;
        }
        let uri = format!("/api/v1/journeys/{id}/runs");
        let of = async |length: i64| {
            bench.run("UPDATE journey_runs SET trace_length = $1", vec![length.into()]).await;
            let run = bench.call("GET", &uri, Value::Null).await["items"][0].clone();
            (run["trace"].as_array().unwrap().len(), run["earlier_lines"].as_i64().unwrap())
        };
        assert_eq!(of(777).await, (50, 727));
        assert_eq!(of(778).await, (49, 728), "never more than there are");
        let trace = format!("{uri}/{}/trace", RunId(run));
        let mut lines = Vec::new();
        let mut next = format!("{trace}?limit=300");
        loop {
            let page = bench.call("GET", &next, Value::Null).await;
            lines.extend(page["items"].as_array().unwrap().clone());
            let Some(cursor) = page["next"].as_str() else { break };
            next = format!("{trace}?limit=300&cursor={cursor}");
        }
        assert_eq!((lines.len(), &lines[0]["action"]), (777, &json!("entered")));
        let last = bench.call("GET", &uri, Value::Null).await["items"][0]["trace"].clone();
        assert_eq!(last.as_array().unwrap()[..], lines[728..]);
        let other = bench.journey(document("P1D")).await;
        for missing in
            [format!("/api/v1/journeys/{other}/runs/{}/trace", RunId(run)), format!("{uri}/{}/trace", RunId(1))]
        {
            assert_eq!(bench.ask("GET", &missing, Value::Null).await.0, StatusCode::NOT_FOUND);
        }
    })
    .await;
}
