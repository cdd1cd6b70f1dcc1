//! Asking for simulations.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use serde_json::{Value, json};
use testing::{HOUR, user};

use crate::workshop::{Workshop, on_every_database, send, wait};

async fn past(workshop: &mut Workshop) -> (base::Time, base::Time) {
    let bench = &mut workshop.bench;
    let from = bench.now();
    for name in ["a", "b", "c"] {
        bench.advance(HOUR);
        let events = [
            bench.identify(user(name), json!({"email": format!("{name}@example.com")})),
            bench.track(user(name), "Came", json!({})),
        ];
        bench.take(&events).await;
    }
    bench.advance(HOUR);
    (from, bench.now())
}

fn document(steps: Value) -> Value {
    json!({"entry": {"event": "Came"}, "start": "s", "steps": steps})
}

#[tokio::test]
async fn what_cannot_be_simulated_is_refused_before_anything_runs() {
    on_every_database(|mut workshop| async move {
        let (from, to) = past(&mut workshop).await;
        let id = workshop.draft(document(json!({"s": send(None)}))).await;
        let uri = format!("/api/v1/journeys/{id}/simulate");
        let unknown = "tpl_0000000000zzz";
        for (body, status, path) in [
            (json!({"from": to, "to": from}), 422, "from"),
            (json!({"from": from, "to": base::Time::MAX}), 422, "to"),
            (json!({"from": from, "to": to, "members": 0}), 422, "members"),
            (json!({"from": from, "to": to, "segment": "seg_0000000000001"}), 422, "segment"),
            (json!({"from": from, "to": to, "compare_with": 3}), 422, "compare_with"),
            (json!({"from": from, "to": to, "compare_with": "live"}), 422, "compare_with"),
            (
                json!({"from": from, "to": to, "document": document(json!({"s": {"type": "wait", "for": "soon"}}))}),
                422,
                "document.steps.s.for",
            ),
            (
                json!({"from": from, "to": to, "document": document(json!({"s": {"type": "send", "channel": "email", "template": unknown}}))}),
                422,
                "document.steps.s.template",
            ),
        ] {
            let (found, reply) = workshop.ask_only("POST", &uri, body.clone()).await;
            assert_eq!(found.as_u16(), status, "{body}: {reply}");
            assert_eq!(reply["errors"][0]["path"], path, "{reply}");
        }
        let (status, _) = workshop.ask_only("POST", &uri, json!({"from": from, "to": to, "fast": true})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let gone = "/api/v1/journeys/jrn_0000000000001/simulate";
        assert_eq!(workshop.ask_only("POST", gone, json!({"from": from, "to": to})).await.0, StatusCode::NOT_FOUND);
        assert_eq!(workshop.bench.number("SELECT COUNT(*) FROM jobs").await, 0);
    })
    .await;
}

#[tokio::test]
async fn versions_are_compared_step_by_step() {
    on_every_database(|mut workshop| async move {
        let (from, to) = past(&mut workshop).await;
        let id = workshop.draft(document(json!({"s": send(Some("w")), "w": wait("P1D", "t"), "t": send(None)}))).await;
        workshop.publish(id).await;
        let shorter = document(json!({"s": send(None)}));
        let body = json!({"from": from, "to": to, "document": shorter, "compare_with": "live"});
        let result = workshop.simulate(id, body).await;
        assert_eq!((&result["entered"], &result["compared"]["entered"]), (&json!(3), &json!(3)), "{result}");
        assert_eq!(result["compared"]["with"], "live");
        assert_eq!(
            result["compared"]["differences"],
            json!({"entered": 0, "held_out": 0, "goal": 0, "steps": {
                "t": {"reached": -3, "waiting_at_end": 0, "messages": -3, "sent": -3, "put_off": {}, "would_be_refused": {}},
                "w": {"reached": -3, "waiting_at_end": 0, "messages": 0, "sent": 0, "put_off": {}, "would_be_refused": {}},
            }})
        );
    })
    .await;
}

#[tokio::test]
async fn a_sample_is_the_same_each_time_and_says_of_how_many() {
    on_every_database(|mut workshop| async move {
        let (from, to) = past(&mut workshop).await;
        let id = workshop.draft(document(json!({"s": send(None)}))).await;
        let body = json!({"from": from, "to": to, "members": 2});
        let one = workshop.simulate(id, body.clone()).await;
        assert_eq!(one["members"], json!({"sampled": 2, "of": 3, "fewer_than_asked": false}));
        assert_eq!(one["entered"], 2);
        assert_eq!(workshop.simulate(id, body).await, one);
    })
    .await;
}

#[tokio::test]
async fn two_may_be_under_way_and_one_that_waits_can_be_cancelled() {
    on_every_database(|mut workshop| async move {
        let (from, to) = past(&mut workshop).await;
        let id = workshop.draft(document(json!({"s": send(None)}))).await;
        let uri = format!("/api/v1/journeys/{id}/simulate");
        let body = json!({"from": from, "to": to});
        // Nobody runs jobs: both requests wait, until they have lost patience.
        let answered = AtomicUsize::new(0);
        let waiting = async || {
            let reply = workshop.ask_only("POST", &uri, body.clone()).await;
            answered.fetch_add(1, Ordering::Relaxed);
            reply
        };
        let third = async {
            while workshop.bench.number("SELECT COUNT(*) FROM jobs").await < 2 {}
            let third = workshop.ask_only("POST", &uri, body.clone()).await;
            while answered.load(Ordering::Relaxed) < 2 {
                workshop.bench.advance(11_000);
                tokio::task::yield_now().await;
            }
            third
        };
        let (one, other, third) = tokio::join!(waiting(), waiting(), third);
        assert_eq!((one.0, other.0), (StatusCode::ACCEPTED, StatusCode::ACCEPTED));
        assert_eq!(third.0, StatusCode::TOO_MANY_REQUESTS, "{}", third.1);
        assert_eq!(one.1["state"], "queued");
        let job: base::ids::JobId = one.1["id"].as_str().unwrap().parse().unwrap();
        let tx = workshop.bench.db.begin().await.unwrap();
        assert!(store::jobs::cancel(&tx, testing::WORKSPACE, job, workshop.bench.now()).await.unwrap());
        tx.commit().await.unwrap();
        while workshop.jobs.run_next().await.unwrap() {}
        let of = |job: &str| format!("/api/v1/journeys/{id}/simulations/{job}");
        assert_eq!(workshop.ask_only("GET", &of(&job.to_string()), Value::Null).await.1["state"], "cancelled");
        let done = workshop.ask_only("GET", &of(other.1["id"].as_str().unwrap()), Value::Null).await.1;
        assert_eq!((&done["state"], &done["result"]["entered"]), (&json!("done"), &json!(3)));
        let list = workshop.ask_only("GET", &format!("/api/v1/journeys/{id}/simulations"), Value::Null).await.1;
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        assert_eq!(list["items"][0]["result"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn whoever_waits_learns_at_once_that_it_was_cancelled() {
    on_every_database(|mut workshop| async move {
        let (from, to) = past(&mut workshop).await;
        let id = workshop.draft(document(json!({"s": send(None)}))).await;
        // Nobody runs jobs, and the clock stands still: only a notice can end the wait.
        let uri = format!("/api/v1/journeys/{id}/simulate");
        let waiting = workshop.ask_only("POST", &uri, json!({"from": from, "to": to}));
        let cancelling = async {
            while workshop.bench.number("SELECT COUNT(*) FROM jobs").await < 1 {}
            let job = base::ids::JobId(workshop.bench.number("SELECT id FROM jobs").await);
            let tx = workshop.bench.db.begin().await.unwrap();
            assert!(store::jobs::cancel(&tx, testing::WORKSPACE, job, workshop.bench.now()).await.unwrap());
            tx.commit().await.unwrap();
            workshop.bench.db.job_ended().notify_waiters();
        };
        let ((status, reply), ()) = tokio::join!(waiting, cancelling);
        assert_eq!((status, &reply["state"]), (StatusCode::OK, &json!("cancelled")), "{reply}");
    })
    .await;
}

#[tokio::test]
async fn how_it_ended_is_known_when_its_job_is_gone() {
    on_every_database(|mut workshop| async move {
        let (from, to) = past(&mut workshop).await;
        let id = workshop.draft(document(json!({"s": send(None)}))).await;
        let uri = format!("/api/v1/journeys/{id}/simulate");
        workshop.simulate(id, json!({"from": from, "to": to})).await;
        // What cannot be read any more fails for good.
        let waiting = workshop.ask_only("POST", &uri, json!({"from": from, "to": to}));
        let failing = async {
            while workshop.bench.number("SELECT COUNT(*) FROM jobs").await < 2 {}
            workshop.bench.run("UPDATE jobs SET payload_json = '{}' WHERE state = 'queued'", vec![]).await;
            workshop.jobs.run_next().await.unwrap();
        };
        let ((status, failed), ()) = tokio::join!(waiting, failing);
        assert_eq!((status, &failed["state"]), (StatusCode::OK, &json!("failed")), "{failed}");
        assert_eq!(failed["why"]["code"], "internal");
        assert!(failed["why"]["zh"].as_str().unwrap().contains("日志"), "{failed}");
        let uri = format!("/api/v1/journeys/{id}/simulations");
        let before = workshop.ask_only("GET", &uri, Value::Null).await.1;
        workshop.bench.run("DELETE FROM jobs", vec![]).await;
        let after = workshop.ask_only("GET", &uri, Value::Null).await.1;
        for (place, state) in ["failed", "done"].into_iter().enumerate() {
            let (one, other) = (&before["items"][place], &after["items"][place]);
            assert_eq!(one["state"], state, "{before}");
            for field in ["state", "error", "why", "ended_at"] {
                assert_eq!(one[field], other[field], "{field}");
            }
        }
    })
    .await;
}
