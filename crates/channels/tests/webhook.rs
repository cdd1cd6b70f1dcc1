//! Webhooks against a real HTTP server.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{sync::Arc, time::Duration};

use base::{Code, Time, ids::DeliveryId};
use hearth_channels::{
    Attempt, Channel, ChannelKind, Content, Later, Message, Outcome,
    guard::Guard,
    webhook::{Secret, WebhookKind, verify},
};
use serde_json::{Value as Json, json};
use support::{
    StillClock,
    http::{Answer, HttpServer},
    local_guard,
};

const SECRET: &str = "whsec_aGVhcnRoLXdlYmhvb2stc2VjcmV0LTAxMjM0NTY3ODk=";

fn kind(guard: Guard) -> WebhookKind {
    WebhookKind::new(StillClock::new().shared(), guard).unwrap()
}

fn connect(config: Json) -> Arc<dyn Channel> {
    kind(local_guard()).connect(&config).unwrap()
}

fn message() -> Message {
    let content = Content::Json { event_type: "journey.step".into(), body: json!({"name": "李雷", "points": 120}) };
    Message { delivery: DeliveryId(42), seal: String::new(), address: String::new(), content }
}

async fn outcome_of(answer: Answer) -> Outcome {
    let server = HttpServer::start(answer).await;
    let channel = connect(json!({"url": server.url("/hook"), "secret": SECRET, "timeout_seconds": 1}));
    channel.send(&message()).await
}

#[tokio::test]
async fn a_message_arrives_signed_and_under_the_deliverys_id() {
    let server = HttpServer::start(Answer::status(200, "", "ok")).await;
    let channel = connect(json!({
        "url": server.url("/hook?a=b"), "secret": SECRET, "authorization": "Bearer t0ken", "headers": {"X-Shop": "wine"},
    }));
    assert_eq!(channel.send(&message()).await, Outcome::Accepted { provider_id: None });

    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(request.line.trim_end(), "POST /hook?a=b HTTP/1.1");
    let header = |name: &str| request.headers.get(name).map(String::as_str).unwrap_or_default();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("authorization"), "Bearer t0ken");
    assert_eq!(header("x-shop"), "wine");
    assert_eq!(header("webhook-id"), DeliveryId(42).to_string());
    assert_eq!(header("webhook-timestamp"), "1763712000");
    let body: Json = serde_json::from_slice(&request.body).unwrap();
    let expected = json!({
        "type": "journey.step", "timestamp": "2025-11-21T08:00:00.000Z", "data": {"name": "李雷", "points": 120},
    });
    assert_eq!(body, expected);
    verify(
        &Secret::parse(SECRET).unwrap(),
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        &request.body,
        Time::from_millis(1_763_712_000_000),
        Duration::from_secs(300),
    )
    .unwrap();
}

#[tokio::test]
async fn each_class_of_answer_has_its_outcome() {
    assert!(matches!(outcome_of(Answer::status(204, "", "")).await, Outcome::Accepted { .. }));
    for status in [400, 413, 415, 422] {
        let outcome = outcome_of(Answer::status(status, "", "")).await;
        assert!(matches!(outcome, Outcome::Refused { suppress: false, .. }), "{status}");
    }
    for status in [401, 403, 404, 405, 407, 410] {
        let outcome = outcome_of(Answer::status(status, "", "")).await;
        assert!(matches!(outcome, Outcome::Broken { .. }), "{status} concerns every message");
    }
    assert!(matches!(outcome_of(Answer::status(500, "", "")).await, Outcome::Retry { after: None, .. }));
    let minute = Some(Duration::from_secs(60));
    let two_minutes = Some(Duration::from_secs(120));
    let waits = [
        (Answer::status(429, "Retry-After: 120\r\n", ""), two_minutes),
        (Answer::status(429, "", ""), minute),
        (Answer::status(503, "Retry-After: 120\r\n", ""), two_minutes),
        (Answer::status(503, "Retry-After: Fri, 21 Nov 2025 08:02:00 GMT\r\n", ""), two_minutes),
    ];
    for (answer, wait) in waits {
        match outcome_of(answer.clone()).await {
            Outcome::Retry { after, .. } => assert_eq!(after, wait, "{answer:?}"),
            other => panic!("{answer:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_attempt_tells_what_kind_of_later_it_is() {
    let later = async |answer: Answer| {
        let server = HttpServer::start(answer).await;
        let channel = connect(json!({"url": server.url("/"), "secret": SECRET, "timeout_seconds": 1}));
        let attempted = channel.attempt(&message(), &Attempt::default()).await;
        assert_eq!(attempted.answer, None, "nobody asked for it");
        attempted.later
    };
    for (answer, class) in [
        (Answer::status(500, "", ""), Later::Temporary),
        (Answer::status(408, "", ""), Later::Temporary),
        (Answer::status(429, "", ""), Later::Throttled),
        (Answer::status(503, "Retry-After: 5\r\n", ""), Later::Throttled),
        (Answer::status(503, "", ""), Later::Unreachable),
        (Answer::status(502, "", ""), Later::Unreachable),
        (Answer::Hang, Later::Unreachable),
        (Answer::Drop, Later::Unreachable),
    ] {
        assert_eq!(later(answer.clone()).await, class, "{answer:?}");
    }
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let old = "whsec_b2xkLWhlYXJ0aC13ZWJob29rLXNlY3JldC0wMTIzNDU2Nzg5";
    let server = HttpServer::start(Answer::status(200, "", "")).await;
    let config = json!({"url": server.url("/"), "secret": SECRET, "old_secret": old});
    connect(config.clone()).send(&message()).await;
    let requests = server.requests();
    let header = |name: &str| requests[0].headers.get(name).map(String::as_str).unwrap_or_default();
    let signature = header("webhook-signature");
    assert_eq!(signature.split(' ').count(), 2, "{signature}");
    let now = Time::from_millis(1_763_712_000_000);
    for secret in [SECRET, old] {
        let secret = Secret::parse(secret).unwrap();
        let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
        verify(&secret, id, at, signature, &requests[0].body, now, Duration::from_secs(300)).unwrap();
    }
    let mut wrong = config;
    wrong["old_secret"] = json!("whsec_short");
    assert_eq!(kind(local_guard()).connect(&wrong).err().unwrap().errors[0].path, "old_secret");
}

#[tokio::test]
async fn a_refusal_quotes_the_receiver_without_addresses() {
    let Outcome::Refused { reason, .. } = outcome_of(Answer::status(422, "", "no member\r\nanna@example.com")).await
    else {
        panic!("not refused");
    };
    assert_eq!(reason, "the receiver answered 422: no member (address)");
}

#[tokio::test]
async fn silence_and_broken_connections_are_tried_again() {
    assert!(matches!(outcome_of(Answer::Hang).await, Outcome::Retry { .. }));
    assert!(matches!(outcome_of(Answer::Drop).await, Outcome::Retry { .. }));
    assert!(matches!(outcome_of(Answer::Say("nonsense\r\n\r\n".into())).await, Outcome::Retry { .. }));
    let channel = connect(json!({"url": "http://127.0.0.1:1/", "secret": SECRET}));
    let Outcome::Retry { reason, .. } = channel.send(&message()).await else { panic!("not retried") };
    assert!(reason.starts_with("cannot connect"), "{reason}");
    assert!(channel.idempotent());
}

#[tokio::test]
async fn an_answer_without_end_is_read_only_at_its_beginning() {
    let Outcome::Retry { reason, .. } = outcome_of(Answer::Flood).await else { panic!("not retried") };
    assert!(reason.len() < 300, "{}", reason.len());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_breaks_the_channel() {
    let inside = HttpServer::start(Answer::status(200, "", "")).await;
    let location = format!("Location: {}\r\n", inside.url("/"));
    for status in [301, 302, 307, 308] {
        assert!(matches!(outcome_of(Answer::status(status, &location, "")).await, Outcome::Broken { .. }), "{status}");
    }
    assert!(inside.requests().is_empty());
}

#[tokio::test]
async fn a_receiver_inside_is_refused_at_once_or_when_its_name_is_resolved() {
    let server = HttpServer::start(Answer::status(200, "", "")).await;
    let strict = kind(Guard::strict());
    let literal = strict.connect(&json!({"url": server.url("/"), "secret": SECRET})).err().unwrap();
    assert_eq!((literal.code, literal.errors[0].path.as_str()), (Code::ForbiddenAddress, "url"));
    assert_eq!(literal.errors[0].code, "forbidden_address");

    // With ::1 allowed the name may pass, and 127.0.0.1, to which it leads as well, may not.
    let elsewhere = kind(Guard::new(&["::1".to_owned()]).unwrap());
    let url = format!("http://localhost:{}/", server.address.port());
    let channel = elsewhere.connect(&json!({"url": url, "secret": SECRET})).unwrap();
    let outcome = channel.send(&message()).await;
    assert!(matches!(outcome, Outcome::Broken { .. } | Outcome::Retry { .. }), "{outcome:?}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_test_of_a_channel_sends_no_message_and_says_what_failed() {
    let server = HttpServer::start(Answer::status(405, "", "")).await;
    connect(json!({"url": server.url("/"), "secret": SECRET})).test().await.unwrap();
    assert!(server.requests()[0].line.starts_with("HEAD / "));
    let problem = connect(json!({"url": "http://127.0.0.1:1/", "secret": SECRET})).test().await.unwrap_err();
    assert_eq!(problem.code, Code::ChannelTestFailed);
    assert!(problem.detail.unwrap().starts_with("cannot connect"));
}

#[test]
fn a_wrong_configuration_is_refused_with_the_path() {
    let good = json!({"url": "https://example.com/", "secret": SECRET});
    let kind = kind(Guard::strict());
    assert!(kind.connect(&good).is_ok());
    for (field, value) in [
        ("secret", json!("whsec_short")),
        ("secret", json!(7)),
        ("per_second", json!(0)),
        ("concurrency", json!(0)),
        ("timeout_seconds", json!(3_600)),
        ("headers.Authorization", json!(null)),
        ("headers.webhook-id", json!(null)),
        ("headers.Host", json!(null)),
        ("headers.a b", json!(null)),
        ("authorization", json!("a\r\nb")),
        ("colour", json!("red")),
    ] {
        let mut config = good.clone();
        match field.split_once('.') {
            Some((map, name)) => config[map] = json!({name: "x"}),
            None => config[field] = value,
        }
        let problem = kind.connect(&config).err().unwrap();
        assert_eq!((problem.code, problem.errors[0].path.as_str()), (Code::InvalidChannel, field));
    }
    assert_eq!(kind.connect(&json!({"url": "https://example.com/"})).err().unwrap().code, Code::InvalidChannel);
}
