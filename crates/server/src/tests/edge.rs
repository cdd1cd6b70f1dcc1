//! What holds for every request.

use std::{io::Write, time::Duration};

use api::Role;
use axum::http::Method;
use serde_json::json;

use super::support::{call, on_every_database, with_config};
use crate::ServerConfig;

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems() {
    on_every_database(|house| async move {
        for path in ["/nowhere", "/api/v1/nowhere", "/api/docs/nowhere.js"] {
            call(Method::GET, path).on(&house).await.is_problem(404, "not_found");
        }
        for path in ["/api/v1/users", "/api/v1/login", "/healthz", "/open", "/"] {
            let reply = call(Method::PUT, path).on(&house).await;
            reply.is_problem(405, "method_not_allowed");
            assert!(!reply.header("allow").is_empty(), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let reply = call(Method::GET, "/api/v1/panic").bearer(&key).header("x-request-id", "r-1").on(&house).await;
        reply.is_problem(500, "internal");
        assert!(!reply.text().contains("secret@example.com"));
        assert_eq!(reply.header("x-request-id"), "r-1");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        call(Method::GET, "/api/v1/me").bearer(&key).on(&house).await.is(200);
    })
    .await;
}

#[tokio::test]
async fn every_reply_has_a_request_id_and_safe_headers() {
    on_every_database(|house| async move {
        for path in ["/", "/nowhere", "/api/v1/me", "/healthz", "/open"] {
            let reply = call(Method::GET, path).on(&house).await;
            assert_eq!(reply.header("x-request-id").len(), 16, "{path}");
            assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
            assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
            assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        }
        let reply = call(Method::GET, "/healthz").header("x-request-id", "a b\"c").on(&house).await;
        assert_eq!(reply.header("x-request-id").len(), 16, "what could forge log lines is replaced");
    })
    .await;
}

#[tokio::test]
async fn bodies_are_unpacked_and_bounded_after_unpacking() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Operator, &[]).await;
        let packed = |text: &str| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            packer.write_all(text.as_bytes()).unwrap();
            packer.finish().unwrap()
        };
        let echo = || call(Method::POST, "/api/v1/echo").bearer(&key).header("content-type", "application/json");
        let reply = echo().header("content-encoding", "gzip").body(packed(r#"{"a":1}"#)).on(&house).await;
        reply.is(200);
        assert_eq!(reply.json(), json!({"a": 1}));

        let large = format!("\"{}\"", "x".repeat(1 << 20));
        echo().body(large.clone()).on(&house).await.is_problem(413, "body_too_large");
        let bomb = packed(&large);
        assert!(bomb.len() < 2_000);
        echo().header("content-encoding", "gzip").body(bomb).on(&house).await.is_problem(413, "body_too_large");
        echo().header("idempotency-key", "k").body(large).on(&house).await.is_problem(413, "body_too_large");

        echo().header("content-encoding", "br").body("x").on(&house).await.is_problem(415, "unsupported_media_type");
        let reply = echo().header("content-encoding", "gzip").body("not gzip").on(&house).await;
        reply.is_problem(400, "malformed_json");
        echo().body("{\"a\":").on(&house).await.is_problem(400, "malformed_json");
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        echo().body(nested(127)).on(&house).await.is(200);
        echo().body(nested(128)).on(&house).await.is_problem(400, "too_deep");
        let named_so = "{\"recursion limit exceeded at line 1\": x}";
        echo().body(named_so).on(&house).await.is_problem(400, "malformed_json");
        echo().body("[1e400]").on(&house).await.is_problem(400, "number_out_of_range");
        let untyped = call(Method::POST, "/api/v1/echo").bearer(&key).body("{}");
        untyped.on(&house).await.is_problem(415, "unsupported_media_type");
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_hangs_is_cut_off() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Operator, &[]).await;
        let hanging = tokio::spawn({
            let (house, key) = (house.clone(), key.clone());
            async move { call(Method::POST, "/api/v1/wait").bearer(&key).on(&house).await }
        });
        house.probe.started.notified().await;
        house.advance(Duration::from_secs(60));
        hanging.await.unwrap().is_problem(504, "timeout");
    })
    .await;
}

#[tokio::test]
async fn metrics_need_a_key_unless_this_machine_is_let_in() {
    on_every_database(|house| async move {
        let look = || call(Method::GET, "/metrics").at_address("127.0.0.1");
        look().on(&house).await.is_problem(401, "unauthenticated");
        let viewer = house.api_key(Role::Viewer, &[]).await;
        look().bearer(&viewer).on(&house).await.is_problem(403, "forbidden");
        let admin = house.api_key(Role::Admin, &["settings:read"]).await;
        look().bearer(&admin).on(&house).await.is(200);
    })
    .await;
    let open = ServerConfig { metrics_open_on_loopback: true, ..Default::default() };
    with_config(open, |house| async move {
        let look = || call(Method::GET, "/metrics");
        let reply = look().at_address("127.0.0.1").on(&house).await;
        assert_eq!((reply.status.as_u16(), reply.text()), (200, "hearth_up 1\n"));
        look().at_address("192.0.2.1").on(&house).await.is_problem(401, "unauthenticated");
        let forwarded = look().at_address("127.0.0.1").header("x-forwarded-for", "127.0.0.1");
        forwarded.on(&house).await.is_problem(401, "unauthenticated");
    })
    .await;
}
