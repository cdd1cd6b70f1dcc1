//! Everything that can be wrong with what is sent in: each gets its own stable code, the rest of
//! its batch lives on, and what was refused is kept.

use api::Role;
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use base::Time;
use flate2::{Compression, write::GzEncoder};
use futures::stream;
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use store::{Sql, dead_letters};

use super::{House, SECRET, WORKSPACE};
use crate::ingest::RateLimit;

fn track(extra: &str) -> String {
    format!(r#"{{"type":"track","event":"E","userId":"u","messageId":"m",{extra}}}"#)
}

fn with_properties(properties: &str) -> String {
    track(&format!(r#""properties":{properties}"#))
}

fn nested(levels: usize) -> String {
    format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels))
}

fn wide(properties: usize) -> String {
    let entries: Vec<String> = (0..properties).map(|n| format!(r#""p{n}":{n}"#)).collect();
    format!("{{{}}}", entries.join(","))
}

/// Records that must be refused, each with its code.
fn bad_records() -> Vec<(String, &'static str)> {
    let long = "x".repeat(513);
    vec![
        ("5".to_owned(), "invalid_field"),
        ("null".to_owned(), "invalid_field"),
        (r#"[1,"track"]"#.to_owned(), "invalid_field"),
        (r#""text""#.to_owned(), "invalid_field"),
        ("{}".to_owned(), "missing_field"),
        (r#"{"type":"track","event":"E"}"#.to_owned(), "missing_identity"),
        (r#"{"type":"track","event":"E","userId":"","anonymousId":" "}"#.to_owned(), "missing_identity"),
        (r#"{"type":"alias","previousId":"a","anonymousId":"b"}"#.to_owned(), "missing_identity"),
        (r#"{"type":"alias","userId":"u"}"#.to_owned(), "missing_field"),
        (r#"{"type":"group","userId":"u"}"#.to_owned(), "missing_field"),
        (r#"{"type":"track","userId":"u"}"#.to_owned(), "missing_field"),
        (r#"{"type":"track","userId":"u","event":"  "}"#.to_owned(), "missing_field"),
        (r#"{"type":"command","userId":"u","event":"E"}"#.to_owned(), "unknown_call"),
        (r#"{"type":"delivery","userId":"u","event":"E"}"#.to_owned(), "unknown_call"),
        (r#"{"type":7,"userId":"u","event":"E"}"#.to_owned(), "invalid_field"),
        // Wrong types.
        (r#"{"type":"track","event":5,"userId":"u"}"#.to_owned(), "invalid_field"),
        (r#"{"type":"track","event":"E","userId":{}}"#.to_owned(), "invalid_field"),
        (r#"{"type":"track","event":"E","userId":true}"#.to_owned(), "invalid_field"),
        (r#"{"type":"track","event":"E","userId":"u","event":"F"}"#.to_owned(), "invalid_field"),
        (r#"{"type":"track","event":"E","userId":"u","messageId":[]}"#.to_owned(), "invalid_field"),
        (with_properties("[]"), "invalid_field"),
        (with_properties("\"x\""), "invalid_field"),
        (track(r#""context":7"#), "invalid_field"),
        (track(r#""integrations":"all""#), "invalid_field"),
        (r#"{"type":"identify","userId":"u","traits":[1]}"#.to_owned(), "invalid_field"),
        (r#"{"type":"page","userId":"u","name":[1]}"#.to_owned(), "invalid_field"),
        // Too long, too many, too deep, too large.
        (format!(r#"{{"type":"track","event":"E","userId":"{long}"}}"#), "invalid_field"),
        (format!(r#"{{"type":"track","event":"E","userId":"u","messageId":"{}"}}"#, "m".repeat(201)), "invalid_field"),
        (format!(r#"{{"type":"track","event":"{}","userId":"u"}}"#, "名".repeat(201)), "invalid_field"),
        (with_properties(&wide(2_000)), "too_many_properties"),
        (with_properties(&wide(1_001)), "too_many_properties"),
        (with_properties(&nested(30)), "too_deep"),
        (with_properties(&nested(21)), "too_deep"),
        (with_properties(&format!(r#"{{"a":{}{}}}"#, "[".repeat(30), "]".repeat(30))), "too_deep"),
        (track(&format!(r#""context":{}"#, nested(30))), "too_deep"),
        (with_properties(&format!(r#"{{"a":"{}"}}"#, "x".repeat(33_000))), "event_too_large"),
        // Texts and numbers that cannot be stored.
        (with_properties(r#"{"a":"x\u0000y"}"#), "nul_character"),
        (with_properties(r#"{"\u0000":1}"#), "nul_character"),
        (with_properties(r#"{"a":[{"b":"\u0000"}]}"#), "nul_character"),
        (r#"{"type":"track","event":"E\u0000","userId":"u"}"#.to_owned(), "nul_character"),
        (r#"{"type":"track","event":"E","userId":"\u0000"}"#.to_owned(), "nul_character"),
        (r#"{"type":"identify","userId":"u","traits":{"a":"\u0000"}}"#.to_owned(), "nul_character"),
        (with_properties(r#"{"a":"\ud83d"}"#), "invalid_field"),
        (r#"{"type":"track","event":"\udc00","userId":"u"}"#.to_owned(), "invalid_field"),
        (with_properties(r#"{"a":1e400}"#), "number_out_of_range"),
        (with_properties(r#"{"a":-1E+309}"#), "number_out_of_range"),
        (with_properties(&format!(r#"{{"a":1{}}}"#, "0".repeat(400))), "number_out_of_range"),
        // Times.
        (track(r#""timestamp":"0000-01-01T00:00:00Z""#), "timestamp_out_of_range"),
        (track(r#""timestamp":"9999-12-31T23:59:59Z""#), "timestamp_out_of_range"),
        (track(r#""timestamp":"1969-12-31T23:59:59Z""#), "timestamp_out_of_range"),
        (track(r#""timestamp":"2023-11-16T00:00:00Z""#), "timestamp_out_of_range"),
        (track(r#""timestamp":"soon""#), "invalid_field"),
        (track(r#""timestamp":1700000000"#), "invalid_field"),
        (track(r#""timestamp":{}"#), "invalid_field"),
    ]
}

/// Records at the very edge of what is accepted.
fn good_records() -> Vec<String> {
    vec![
        format!(r#"{{"type":"track","event":"E","userId":"{}"}}"#, "x".repeat(512)),
        format!(r#"{{"type":"track","event":"{}","userId":"u"}}"#, "名".repeat(200)),
        with_properties(&wide(1_000)),
        with_properties(&nested(20)),
        with_properties(r#"{"a":1e308,"b":-1.7e308,"c":1e-400,"d":12345678901234567890123}"#),
        with_properties(r#"{"a":"\\u0000","b":"\ud83d\ude00"}"#),
        with_properties("null"),
        track(r#""timestamp":"2013-11-14T00:00:00Z""#),
        track(r#""timestamp":"2023-11-15T22:13:20Z""#),
        track(r#""timestamp":"1970-01-01T00:00:00Z""#),
        track(r#""sentAt":"soon""#),
        track(r#""unknown":{"x":1}"#),
    ]
}

#[tokio::test]
async fn each_bad_record_gets_its_code_and_the_rest_of_its_batch_lives_on() {
    let house = House::new().await;
    for (bad, code) in bad_records() {
        let before = house.log.events().len();
        let good = r#"{"type":"track","event":"Good","userId":"u"}"#;
        let reply = house.post("/v1/batch", format!(r#"{{"batch":[{good},{bad},{good}]}}"#)).await;
        let shown: String = bad.chars().take(90).collect();
        assert_eq!(reply.status, StatusCode::OK, "{shown}: {}", reply.text);
        let json = reply.json();
        assert_eq!((&json["success"], &json["accepted"]), (&json!(true), &json!(2)), "{shown}");
        assert_eq!(json["rejected"].as_array().unwrap().len(), 1, "{shown}");
        let rejected = &json["rejected"][0];
        assert_eq!((&rejected["index"], &rejected["code"]), (&json!(1), &json!(code)), "{shown}: {rejected}");
        assert!(!rejected["message"].as_str().unwrap().is_empty());
        if bad.contains(r#""messageId":"m","#) {
            assert_eq!(rejected["messageId"], "m", "{shown}");
        }
        assert_eq!(house.log.events().len(), before + 2, "{shown}");
        let alone = house.post("/v1/batch", format!(r#"{{"batch":[{bad}]}}"#)).await;
        assert_eq!((alone.status, alone.code()), (StatusCode::BAD_REQUEST, code.to_owned()), "{shown}");
        assert_eq!(alone.json()["errors"][0]["code"], code);
        assert!(alone.header("content-type").unwrap().starts_with("application/problem+json"));
    }
    let kept = dead_letters::list(house.db.read(), WORKSPACE, None, i64::MAX, 1_000).await.unwrap();
    assert_eq!(kept.len(), 2 * bad_records().len(), "each refused record is kept");
}

#[tokio::test]
async fn what_is_just_within_bounds_is_accepted_and_reads_back() {
    let house = House::new().await;
    for good in good_records() {
        let reply = house.post("/v1/batch", format!(r#"{{"batch":[{good}]}}"#)).await;
        assert_eq!(reply.text, r#"{"success":true}"#, "{}", good.chars().take(90).collect::<String>());
        let event = house.log.events().pop().unwrap();
        assert!(serde_json::from_str::<Value>(event.properties.get()).is_ok(), "{}", event.properties.get());
    }
}

#[tokio::test]
async fn duplicate_ids_within_one_batch_are_left_to_the_pipeline() {
    let house = House::new().await;
    let item = track(r#""properties":{}"#);
    assert_eq!(house.post("/v1/batch", format!(r#"{{"batch":[{item},{item}]}}"#)).await.text, r#"{"success":true}"#);
    let events = house.log.events();
    assert_eq!(events.iter().map(|event| event.message_id.as_str()).collect::<Vec<_>>(), ["m", "m"]);
    assert_ne!(events[0].id, events[1].id);
}

#[tokio::test]
async fn a_body_that_is_not_json_names_the_place_and_is_kept_without_the_key() {
    let house = House::new().await;
    let body = format!("{{\"writeKey\":\"{SECRET}\",\n \"batch\": [{{\"type\": }}]}}");
    let reply = house.post("/v1/batch", body.clone()).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "malformed_json".to_owned()));
    assert!(reply.json()["message"].as_str().unwrap().contains("line 2 column"), "{}", reply.text);
    let kept = dead_letters::list(house.db.read(), WORKSPACE, None, i64::MAX, 10).await.unwrap();
    assert_eq!((kept.len(), kept[0].code.as_str()), (1, "malformed_json"));
    assert!(kept[0].payload.contains("\"type\": }") && !kept[0].payload.contains(SECRET));
    assert!(!kept[0].message.starts_with("malformed_json"), "the code stands in its own field");

    let stranger = Request::post("/v1/batch").body(Body::from(body)).unwrap();
    assert_eq!(house.send(stranger).await.code(), "malformed_json");
    for (body, code) in [
        (&b"{\"batch\":[\"\xff\xfe\"]}"[..], "malformed_json"),
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"{} {}", "malformed_json"),
        (b"{\"batch\":[{\"a\":\"x\x00y\"}]}", "malformed_json"),
        (b"[]", "invalid_field"),
        (b"7", "invalid_field"),
        (b"{}", "missing_field"),
        (b"{\"batch\":null}", "missing_field"),
        (b"{\"batch\":{}}", "invalid_field"),
        (b"{\"batch\":\"x\"}", "invalid_field"),
    ] {
        let reply = house.post("/v1/batch", body).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, code.to_owned()), "{body:?}");
    }
    let deep = format!(r#"{{"batch":[{}{}]}}"#, "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(house.post("/v1/batch", deep).await.code(), "invalid_field", "no stack overflow");
    assert_eq!(house.log.calls(), 0);
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_without_being_held() {
    let house = House::new().await;
    let announced = house.post("/v1/batch", vec![b' '; 10 << 20]).await;
    assert_eq!((announced.status, announced.code()), (StatusCode::BAD_REQUEST, "batch_too_large".to_owned()));

    // Without an announced length, chunk by chunk; the rest is read, so that the sender sees the reply.
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = sent.clone();
    let chunks = stream::iter((0..160).map(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 65_536]))
    }));
    let reply = house.post("/v1/batch", Body::from_stream(chunks)).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "batch_too_large".to_owned()));
    assert_eq!(sent.load(Ordering::Relaxed), 160);

    // An endless sender is cut off.
    let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 65_536])));
    assert_eq!(house.post("/v1/batch", Body::from_stream(endless)).await.code(), "batch_too_large");

    let just_over = format!(r#"{{"batch":[]{}}}"#, " ".repeat(500 * 1024));
    assert_eq!(house.post("/v1/batch", just_over).await.code(), "batch_too_large");
    let just_under = format!(r#"{{"batch":[]{}}}"#, " ".repeat(500 * 1024 - 12));
    assert_eq!(house.post("/v1/batch", just_under).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_packed_bomb_stops_at_the_limit_and_a_damaged_stream_is_refused() {
    let house = House::new().await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0u8; 1 << 20];
    for _ in 0..100 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 200_000, "the bomb itself is small");
    let packed = |body: Vec<u8>| {
        Request::post("/v1/batch")
            .header(header::CONTENT_ENCODING, "gzip")
            .header(header::AUTHORIZATION, format!("Bearer {SECRET}"))
            .body(Body::from(body))
            .unwrap()
    };
    assert_eq!(house.send(packed(bomb.clone())).await.code(), "batch_too_large");
    assert_eq!(house.send(packed(b"not gzip".to_vec())).await.code(), "malformed_json");
    assert_eq!(house.send(packed(bomb[..20].to_vec())).await.code(), "malformed_json");
}

#[tokio::test]
async fn of_very_many_refused_records_the_first_thousand_are_listed_and_all_are_kept() {
    let house = House::new().await;
    let body = format!(r#"{{"batch":[{}{}]}}"#, "1,".repeat(4_999), r#"{"type":"screen","userId":"u"}"#);
    let reply = house.post("/v1/batch", body).await;
    let json = reply.json();
    assert_eq!((&json["accepted"], &json["rejected_count"]), (&json!(1), &json!(4_999)));
    assert_eq!(json["rejected"].as_array().unwrap().len(), 1_000);
    let kept: Option<i64> = house.db.read().scalar("SELECT COUNT(*) FROM dead_letters", vec![]).await.unwrap();
    assert_eq!(kept, Some(4_999));
}

#[tokio::test]
async fn what_a_batch_shares_counts_for_each_record_and_cannot_multiply_a_small_body() {
    let house = House::new().await;
    let batch = |context_bytes: usize, records: usize| {
        let record = r#"{"type":"screen","userId":"u"}"#;
        let records = vec![record; records].join(",");
        format!(r#"{{"context":{{"a":"{}"}},"batch":[{records}]}}"#, "x".repeat(context_bytes))
    };
    // Each alone is small enough; together they are not. Nothing is appended, and nothing is kept.
    assert_eq!(house.post("/v1/batch", batch(30_000, 1)).await.status, StatusCode::OK);
    assert_eq!(house.post("/v1/batch", batch(30_000, 300)).await.code(), "batch_too_large");
    // Too large already for one, and as dead letters even larger.
    assert_eq!(house.post("/v1/batch", batch(250_000, 6_000)).await.code(), "batch_too_large");
    let letters = dead_letters::list(house.db.read(), WORKSPACE, None, i64::MAX, 10).await.unwrap();
    assert_eq!((house.log.events().len(), letters.len()), (1, 0));
    let one = house.post("/v1/batch", batch(40_000, 1)).await;
    assert_eq!(one.code(), "event_too_large");
    assert!(one.json()["message"].as_str().unwrap().contains("with what its batch shares"), "{}", one.text);
}

#[tokio::test]
async fn bodies_that_are_not_json_are_counted_and_wait_like_others() {
    let house = House::with_limit(RateLimit { events_per_second: 1.0, burst: 3.0 }).await;
    house.pressure.store(true, Ordering::Relaxed);
    assert_eq!(house.post("/v1/batch", "{").await.code(), "overloaded");
    assert_eq!(house.call_as(Role::Operator, "POST", "/api/v1/events", "{").await.code(), "overloaded");
    house.pressure.store(false, Ordering::Relaxed);
    for _ in 0..3 {
        assert_eq!(house.post("/v1/track", "{").await.code(), "malformed_json");
    }
    let reply = house.post("/v1/track", "{").await;
    assert_eq!((reply.status, reply.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
    let kept: Option<i64> = house.db.read().scalar("SELECT COUNT(*) FROM dead_letters", vec![]).await.unwrap();
    assert_eq!(kept, Some(3));
}

#[tokio::test]
async fn what_is_refused_has_a_lower_rate_than_what_is_accepted() {
    let house = House::new().await;
    let refused = format!(r#"{{"batch":[{}]}}"#, vec!["1"; 2_000].join(","));
    assert_eq!(house.post("/v1/batch", refused).await.code(), "invalid_field");
    for body in ["{", r#"{"batch":[1]}"#] {
        let reply = house.post("/v1/batch", body).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
    let good = r#"{"batch":[{"type":"screen","userId":"u"}]}"#;
    assert_eq!(house.post("/v1/batch", good).await.status, StatusCode::OK);
    house.advance(1);
    assert_eq!(house.post("/v1/batch", "{").await.code(), "malformed_json");
}

#[tokio::test]
async fn a_fault_in_what_a_batch_shares_refuses_its_records_and_keeps_them_whole() {
    let house = House::new().await;
    let body = json!({"context": "x", "batch": [{"type":"screen","userId":"u"}]}).to_string();
    assert_eq!(house.post("/v1/batch", body).await.code(), "invalid_field");
    let kept = dead_letters::list(house.db.read(), WORKSPACE, None, i64::MAX, 10).await.unwrap();
    let payload: Value = serde_json::from_str(&kept[0].payload).unwrap();
    assert_eq!(payload, json!({"type":"screen","userId":"u","context":"x"}));
    assert_eq!(kept[0].received_at, super::now().millis());
    assert_eq!(Time::from_millis(kept[0].received_at), super::now());
}
