//! Guessing passwords must be slow.

use std::time::Duration;

use api::Role;
use axum::http::Method;
use serde_json::json;

use super::support::{Call, PASSWORD, call, on_every_database};

fn login(email: &str, password: &str) -> Call {
    call(Method::POST, "/api/v1/login").json(json!({"email": email, "password": password}))
}

#[tokio::test]
async fn an_account_takes_five_failures_and_then_growing_pauses() {
    on_every_database(|house| async move {
        house.user("lin@example.com", Role::Owner).await;
        for _ in 0..5 {
            login("lin@example.com", "wrong").on(&house).await.is_problem(401, "login_failed");
        }
        // The right password does not help during the pause, whatever the address and the spelling.
        let reply = login("LIN@example.com", PASSWORD).at_address("198.51.100.7").on(&house).await;
        reply.is_problem(429, "rate_limited");
        assert_eq!(reply.header("retry-after"), "30");

        house.advance(Duration::from_secs(29));
        assert_eq!(login("lin@example.com", PASSWORD).on(&house).await.header("retry-after"), "1");
        house.advance(Duration::from_secs(1));
        login("lin@example.com", "wrong").on(&house).await.is_problem(401, "login_failed");
        let reply = login("lin@example.com", PASSWORD).on(&house.beside()).await;
        assert_eq!(reply.header("retry-after"), "60", "the pause is kept over a restart, and has doubled");

        // Others are not concerned, and success wipes the slate clean.
        house.signed_in("wei@example.com", Role::Viewer).await;
        house.advance(Duration::from_secs(60));
        login("lin@example.com", PASSWORD).on(&house).await.is(200);
        for _ in 0..5 {
            login("lin@example.com", "wrong").on(&house).await.is_problem(401, "login_failed");
        }
    })
    .await;
}

#[tokio::test]
async fn guessing_many_at_once_gains_nothing() {
    on_every_database(|house| async move {
        house.user("lin@example.com", Role::Owner).await;
        let guesses = (0..12).map(|_| login("lin@example.com", "wrong").on(&house));
        let statuses: Vec<u16> =
            futures::future::join_all(guesses).await.iter().map(|reply| reply.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 7, "{statuses:?}");
    })
    .await;
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_is_paused_too() {
    on_every_database(|house| async move {
        house.user("lin@example.com", Role::Owner).await;
        // Addresses too long for a user keep the test fast: nothing is hashed in vain.
        for guess in 0..30 {
            let email = format!("guess{guess}@example.com");
            login(&email, &"x".repeat(2_000))
                .at_address("2001:db8::1")
                .on(&house)
                .await
                .is_problem(401, "login_failed");
        }
        let reply = login("lin@example.com", PASSWORD).at_address("2001:db8::2").on(&house).await;
        reply.is_problem(429, "rate_limited");
        login("lin@example.com", PASSWORD).at_address("2001:db8:1::1").on(&house).await.is(200);
        house.advance(Duration::from_secs(30));
        login("lin@example.com", PASSWORD).at_address("2001:db8::2").on(&house).await.is(200);
    })
    .await;
}

#[tokio::test]
async fn an_attempt_that_finds_the_line_full_does_not_count() {
    on_every_database(|house| async move {
        // Passwords too long for anybody keep the test fast, and hold a place while the attempt is counted.
        let attempts = (0..40).map(|n| {
            let call = login(&format!("guess{n}@example.com"), &"x".repeat(2_000));
            call.at_address(&format!("198.51.100.{n}")).on(&house)
        });
        let replies = futures::future::join_all(attempts).await;
        let of = |status: u16| replies.iter().filter(|reply| reply.status.as_u16() == status).count() as i64;
        assert!(of(503) > 0 && of(401) > 0 && of(503) + of(401) == 40, "{} and {}", of(503), of(401));
        let counted = house.count("SELECT COUNT(*) FROM login_failures WHERE subject LIKE 'account:%'").await;
        assert_eq!(counted, of(401));
    })
    .await;
}

#[tokio::test]
async fn failures_of_yesterday_are_forgotten_and_swept_out() {
    on_every_database(|house| async move {
        for _ in 0..4 {
            login("lin@example.com", &"x".repeat(2_000)).on(&house).await.is_problem(401, "login_failed");
        }
        house.advance(Duration::from_secs(24 * 60 * 60 + 1));
        for _ in 0..5 {
            login("lin@example.com", &"x".repeat(2_000)).on(&house).await.is_problem(401, "login_failed");
        }
        login("lin@example.com", PASSWORD).on(&house).await.is_problem(429, "rate_limited");
        house.advance(Duration::from_secs(24 * 60 * 60 + 1));
        crate::sweep(&house.db, base::Clock::now(&house.clock)).await.unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM login_failures").await, 0);
    })
    .await;
}
