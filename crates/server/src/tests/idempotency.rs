//! `Idempotency-Key`: once means once.

use std::{sync::atomic::Ordering, time::Duration};

use api::Role;
use axum::http::Method;
use serde_json::json;

use super::support::{Call, call, on_every_database};

fn post(path: &str, key: &str, idempotency_key: &str) -> Call {
    call(Method::POST, path).bearer(key).header("idempotency-key", idempotency_key)
}

#[tokio::test]
async fn the_same_request_gets_the_first_reply_and_changes_nothing_more() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let create = || post("/api/v1/keys", &admin, "k1").json(json!({"kind": "write", "name": "Shop"}));
        let first = create().on(&house).await;
        first.is(201);
        assert_eq!(first.header("idempotency-replayed"), "");
        let again = create().on(&house.beside()).await;
        again.is(201);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.header("content-type"), "application/json");
        assert_eq!(again.body, first.body, "even the secret, for whoever lost the first reply");
        assert_eq!(house.count("SELECT COUNT(*) FROM api_keys WHERE kind = 'write'").await, 1);

        let secret = first.json()["secret"].as_str().unwrap().to_owned();
        let leaks = format!("SELECT COUNT(*) FROM idempotency_keys WHERE body LIKE '%{secret}%' OR body LIKE '%Shop%'");
        assert_eq!(house.count(&leaks).await, 0, "kept replies are sealed");
    })
    .await;
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_caller() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let other = house.api_key(Role::Admin, &[]).await;
        post("/api/v1/echo", &admin, "k1").json(json!({"a": 1})).on(&house).await.is(200);
        post("/api/v1/echo", &admin, "k1")
            .json(json!({"a": 2}))
            .on(&house)
            .await
            .is_problem(422, "idempotency_key_reused");
        post("/api/v1/count", &admin, "k1")
            .json(json!({"a": 1}))
            .on(&house)
            .await
            .is_problem(422, "idempotency_key_reused");
        post("/api/v1/echo", &other, "k1")
            .json(json!({"a": 1}))
            .on(&house)
            .await
            .is_problem(422, "idempotency_key_reused");
        post("/api/v1/echo", &admin, "k2").json(json!({"a": 2})).on(&house).await.is(200);
        for wrong in ["", &"x".repeat(256)] {
            post("/api/v1/echo", &admin, wrong).json(json!({})).on(&house).await.is_problem(400, "invalid_field");
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_requests_at_once_one_runs() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Operator, &[]).await;
        let first = tokio::spawn({
            let (house, key) = (house.clone(), key.clone());
            async move { post("/api/v1/wait", &key, "k1").on(&house).await }
        });
        house.probe.started.notified().await;
        let second = post("/api/v1/wait", &key, "k1").on(&house).await;
        second.is_problem(409, "conflict");
        assert_eq!(second.header("retry-after"), "1");
        house.probe.go_on.notify_one();
        first.await.unwrap().is(200);
        let third = post("/api/v1/wait", &key, "k1").on(&house).await;
        assert_eq!((third.status.as_u16(), third.header("idempotency-replayed")), (200, "true"));
        assert_eq!(house.probe.runs.load(Ordering::Relaxed), 1);
    })
    .await;
}

#[tokio::test]
async fn a_client_who_hangs_up_still_finds_the_reply() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Operator, &[]).await;
        let hung_up = tokio::spawn({
            let (house, key) = (house.clone(), key.clone());
            async move { post("/api/v1/wait", &key, "k1").on(&house).await }
        });
        house.probe.started.notified().await;
        hung_up.abort();
        assert!(hung_up.await.is_err());
        house.probe.go_on.notify_one();
        loop {
            let reply = post("/api/v1/wait", &key, "k1").on(&house).await;
            if reply.status != 409 {
                assert_eq!((reply.status.as_u16(), reply.header("idempotency-replayed")), (200, "true"));
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(house.probe.runs.load(Ordering::Relaxed), 1);
    })
    .await;
}

#[tokio::test]
async fn a_request_that_hangs_frees_its_key() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Operator, &[]).await;
        let hanging = tokio::spawn({
            let (house, key) = (house.clone(), key.clone());
            async move { post("/api/v1/wait", &key, "k1").on(&house).await }
        });
        house.probe.started.notified().await;
        house.advance(Duration::from_secs(60));
        hanging.await.unwrap().is_problem(504, "timeout");
        while house.count("SELECT COUNT(*) FROM idempotency_keys").await > 0 {
            tokio::task::yield_now().await;
        }
        house.probe.go_on.notify_one();
        post("/api/v1/wait", &key, "k1").on(&house).await.is(200);
    })
    .await;
}

#[tokio::test]
async fn failures_on_our_side_may_be_tried_again() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Operator, &[]).await;
        post("/api/v1/flaky", &key, "k1").on(&house).await.is(500);
        post("/api/v1/flaky", &key, "k1").on(&house).await.is_problem(500, "internal");
        let third = post("/api/v1/flaky", &key, "k1").on(&house).await;
        assert_eq!((third.status.as_u16(), third.header("idempotency-replayed")), (200, ""));
        // What was wrong with the request stays wrong.
        let reply = post("/api/v1/areas/settings", &key, "k2").on(&house).await;
        reply.is_problem(403, "forbidden");
        let again = post("/api/v1/areas/settings", &key, "k2").on(&house).await;
        again.is_problem(403, "forbidden");
        assert_eq!(again.header("idempotency-replayed"), "true");
    })
    .await;
}

#[tokio::test]
async fn after_a_day_a_key_is_free_again() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Operator, &[]).await;
        post("/api/v1/count", &key, "k1").on(&house).await.is(200);
        house.advance(Duration::from_secs(24 * 60 * 60 + 1));
        let reply = post("/api/v1/count", &key, "k1").on(&house).await;
        assert_eq!((reply.text(), reply.header("idempotency-replayed")), ("1", ""));
        house.advance(Duration::from_secs(24 * 60 * 60 + 1));
        crate::sweep(&house.db, base::Clock::now(&house.clock)).await.unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM idempotency_keys").await, 0);
    })
    .await;
}
