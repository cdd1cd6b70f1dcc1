//! What pages watch.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use api::Role;
use axum::http::Method;
use serde_json::json;
use store::jobs;

use super::support::{Call, House, call, on_every_database};

fn watch(topics: &str) -> Call {
    call(Method::GET, &format!("/api/v1/live?topics={topics}"))
}

/// Something is committed, and a second passes.
async fn move_on(house: &House) {
    house.db.begin().await.unwrap().commit().await.unwrap();
    house.advance(Duration::from_secs(1));
}

fn set(number: &AtomicUsize, value: usize) {
    number.store(value, Ordering::SeqCst);
}

#[tokio::test]
async fn whoever_watches_is_told_at_once_and_of_each_change_and_is_asked_for_once() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Admin, &[]).await;
        set(&house.probe.state, 1);
        let mut one = watch("probe").bearer(&key).watch(&house).await;
        assert_eq!(one.next().await, Some(("probe".into(), json!({"id": null, "state": 1}))));
        let mut other = watch("probe").bearer(&key).watch(&house).await;
        assert_eq!(other.next().await, Some(("probe".into(), json!({"id": null, "state": 1}))));
        let asked = house.probe.asked.load(Ordering::SeqCst);
        set(&house.probe.state, 2);
        move_on(&house).await;
        for events in [&mut one, &mut other] {
            assert_eq!(events.next().await, Some(("probe".into(), json!({"id": null, "state": 2}))));
        }
        assert_eq!(house.probe.asked.load(Ordering::SeqCst), asked + 1, "however many watch");

        // What has not changed is not told again: the next that comes is the next state.
        move_on(&house).await;
        let mut third = watch("probe:7").bearer(&key).watch(&house).await;
        assert_eq!(third.next().await, Some(("probe:7".into(), json!({"id": "7", "state": 2}))));
        set(&house.probe.state, 3);
        move_on(&house).await;
        assert_eq!(one.next().await, Some(("probe".into(), json!({"id": null, "state": 3}))));
        assert_eq!(third.next().await, Some(("probe:7".into(), json!({"id": "7", "state": 3}))));
    })
    .await;
}

#[tokio::test]
async fn everybody_sees_his_own_jobs_and_administrators_all() {
    on_every_database(|house| async move {
        let (admin, viewer) = (
            house.signed_in("admin@example.com", Role::Admin).await,
            house.signed_in("viewer@example.com", Role::Viewer).await,
        );
        let me = call(Method::GET, "/api/v1/me").session(&viewer).on(&house).await.json();
        let workspace = house.count("SELECT id FROM workspaces").await;
        let tx = house.db.begin().await.unwrap();
        for actor in [me["actor"].as_str().unwrap(), "user:somebody"] {
            let job = jobs::NewJob {
                workspace: base::ids::WorkspaceId(workspace),
                kind: "import",
                unique_key: None,
                payload: json!({}),
                created_by: actor,
            };
            jobs::enqueue(&tx, &house.ids, base::Clock::now(&house.clock), job).await.unwrap();
        }
        tx.commit().await.unwrap();
        for (session, number) in [(&admin, 2), (&viewer, 1)] {
            let mut events = watch("jobs").session(session).watch(&house).await;
            let (_, state) = events.next().await.unwrap();
            assert_eq!(state["items"].as_array().unwrap().len(), number, "{state}");
            // Whoever may see imports sees those of others.
            let mut events = watch("imports").session(session).watch(&house).await;
            let (_, state) = events.next().await.unwrap();
            assert_eq!(state["items"].as_array().unwrap().len(), 2, "{state}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_role_may_not_read_it_may_not_watch() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let mut events = watch("jobs,nothing,probe").bearer(&key).watch(&house).await;
        assert_eq!(events.next().await.unwrap(), ("refused".into(), json!({"topic": "nothing", "code": "not_found"})));
        assert_eq!(events.next().await.unwrap(), ("refused".into(), json!({"topic": "probe", "code": "forbidden"})));
        assert_eq!(events.next().await.unwrap().0, "jobs");
        watch("jobs").on(&house).await.is_problem(401, "unauthenticated");
        watch("").bearer(&key).on(&house).await.is_problem(400, "invalid_query");
        let many: Vec<String> = (0..21).map(|number| format!("probe:{number}")).collect();
        watch(&many.join(",")).bearer(&key).on(&house).await.is_problem(400, "invalid_query");
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_with_the_server() {
    on_every_database(|house| async move {
        let cookie = house.signed_in("lin@example.com", Role::Admin).await;
        let mut events = watch("probe").session(&cookie).watch(&house).await;
        assert_eq!(events.next().await.unwrap().0, "probe");
        call(Method::POST, "/api/v1/logout").session(&cookie).on(&house).await.is(204);
        house.advance(Duration::from_secs(60));
        assert_eq!(events.next().await.unwrap().0, "signed_out");
        assert_eq!(events.next().await, None);

        let key = house.api_key(Role::Admin, &[]).await;
        let mut events = watch("probe").bearer(&key).watch(&house).await;
        assert_eq!(events.next().await.unwrap().0, "probe");
        house.close.send_replace(true);
        assert_eq!(events.next().await, None);
    })
    .await;
}

#[tokio::test]
async fn nobody_can_open_streams_without_end() {
    on_every_database(|house| async move {
        let (key, other) = (house.api_key(Role::Admin, &[]).await, house.api_key(Role::Admin, &[]).await);
        let mut open = Vec::new();
        for _ in 0..16 {
            open.push(watch("probe").bearer(&key).watch(&house).await);
        }
        let refused = watch("probe").bearer(&key).on(&house).await;
        refused.is_problem(503, "overloaded");
        assert_eq!(refused.header("retry-after"), "5");
        watch("probe").bearer(&other).watch(&house).await;
        open.pop();
        watch("probe").bearer(&key).watch(&house).await;
    })
    .await;
}
