//! What a good request becomes, and what answers a request that cannot be served now.

use std::{io::Write, sync::atomic::Ordering};

use api::Role;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use base::EventKind;
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use log::LogError;
use serde_json::{Value, json};

use super::{House, KEY, SECRET, WORKSPACE, now};
use crate::ingest::RateLimit;

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn accounts_in_the_context_name_a_member_and_are_bounded() {
    let house = House::new().await;
    let ids = |count: usize| -> Vec<Value> {
        (1..=count).map(|n| json!({"type": "openid", "id": format!("o{n}")})).collect()
    };
    let posted = |context: Value| json!({"event": "Message Posted", "context": context}).to_string();
    for context in [json!({"externalIds": ids(1)}), json!({"externalIds": ids(20)})] {
        assert_eq!(house.post("/v1/track", posted(context)).await.status, StatusCode::OK);
    }
    let shared = json!({"context": {"externalIds": ids(2)}, "batch": [{"type": "track", "event": "Message Posted"}]});
    assert_eq!(house.post("/v1/batch", shared.to_string()).await.status, StatusCode::OK);
    let events = house.log.events();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event.user_id.is_none() && event.anonymous_id.is_none() && !event.trusted));
    assert!(events[2].context.get().contains("\"o2\""), "what a batch shares counts for each record");

    for (context, code) in [
        (json!({"externalIds": ids(21)}), "invalid_field"),
        (json!({"externalIds": [{"type": "openid"}]}), "invalid_field"),
        (json!({"externalIds": "o1"}), "invalid_field"),
        (json!({"externalIds": []}), "missing_identity"),
        (json!({"externalIds": [{"type": "email", "id": "a@example.com"}]}), "missing_identity"),
    ] {
        let reply = house.post("/v1/track", posted(context.clone())).await;
        assert!(reply.status.is_client_error() && reply.text.contains(code), "{context}: {}", reply.text);
    }
    assert_eq!(house.log.events().len(), 3);
}

#[tokio::test]
async fn the_campaign_of_the_context_is_among_the_properties() {
    let house = House::new().await;
    let campaign = json!({"campaign": {"name": "双十一", "source": "wechat", "medium": "", "term": 5, "odd": "x"}});
    let own = json!({"campaign": {"source": "poster"}});
    let batch = json!({"context": campaign, "batch": [
        {"type": "track", "userId": "u", "event": "Order Completed", "properties": {"revenue": 5, "utm_source": "own"}},
        {"type": "page", "userId": "u", "name": "Home", "context": own},
        {"type": "identify", "userId": "u", "traits": {"city": "上海"}},
        {"type": "track", "userId": "u", "event": "Order Completed", "context": {"campaign": "none"}},
    ]});
    assert_eq!(house.post("/v1/batch", batch.to_string()).await.status, StatusCode::OK);
    let events = house.log.events();
    let properties: Vec<Value> =
        events.iter().map(|event| serde_json::from_str(event.properties.get()).unwrap()).collect();
    let expected = [
        json!({"revenue": 5, "utm_source": "own", "utm_campaign": "双十一"}),
        json!({"name": "Home", "utm_source": "poster"}),
        json!({"city": "上海"}),
        json!({}),
    ];
    assert_eq!(properties, expected);
    assert!(events[0].context.get().contains("双十一"), "it stays in the context, too");
}

#[tokio::test]
async fn each_of_the_seven_calls_becomes_its_event() {
    let house = House::new().await;
    let calls = [
        ("/v1/track", json!({"userId":"u","event":" Order Completed ","properties":{"revenue":1.50}})),
        ("/v1/identify", json!({"userId":"u","traits":{"city":"上海"}})),
        ("/v1/identify", json!({"userId":"u","context":{"traits":{"city":"北京"}}})),
        ("/v1/page", json!({"anonymousId":"a","name":"Home","category":"Shop","properties":{"name":"own"}})),
        ("/v1/screen", json!({"anonymousId":"a"})),
        ("/v1/group", json!({"userId":"u","groupId":9,"traits":{"group_id":"other","plan":"pro"}})),
        ("/v1/alias", json!({"userId":"u","previousId":"a"})),
    ];
    for (path, body) in &calls {
        let reply = house.post(path, body.to_string()).await;
        assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, r#"{"success":true}"#), "{path}");
    }
    let events = house.log.events();
    let seen: Vec<(EventKind, &str, String)> =
        events.iter().map(|event| (event.kind, event.name.as_str(), event.properties.get().to_owned())).collect();
    let expected = [
        (EventKind::Track, "Order Completed", r#"{"revenue":1.5}"#),
        (EventKind::Identify, "Identified", r#"{"city":"上海"}"#),
        (EventKind::Identify, "Identified", r#"{"city":"北京"}"#),
        (EventKind::Page, "Page Viewed", r#"{"name":"own","category":"Shop"}"#),
        (EventKind::Screen, "Screen Viewed", "{}"),
        (EventKind::Group, "Group Identified", r#"{"plan":"pro","group_id":"9"}"#),
        (EventKind::Alias, "Aliased", "{}"),
    ];
    assert_eq!(seen, expected.map(|(kind, name, properties)| (kind, name, properties.to_owned())));
    assert_eq!(events[6].previous_id.as_deref(), Some("a"));
    for event in &events {
        assert_eq!((event.workspace, event.source.as_str()), (WORKSPACE, KEY.to_string().as_str()));
        assert_eq!((event.timestamp, event.received_at), (now(), now()));
        assert_eq!(event.message_id, event.id.to_string(), "an event without a messageId is named by its own id");
    }
}

#[tokio::test]
async fn a_batch_is_one_append_and_shares_its_context() {
    let house = House::new().await;
    let body = json!({
        "writeKey": SECRET,
        "sentAt": "2023-11-14T21:13:20Z",
        "context": {"library": {"name": "x"}, "ip": "1.1.1.1"},
        "integrations": {"All": true, "A": false},
        "batch": [
            {"type":"track","event":"One","userId":"u","timestamp":"2023-11-14T21:13:10Z","messageId":"m1"},
            {"type":"track","event":"Two","userId":7,"messageId":8,"context":{"ip":"2.2.2.2"},"integrations":{"A":true}},
            {"type":"identify","anonymousId":"a","userId":"","traits":null,"sentAt":"2023-11-14T22:13:20Z",
             "timestamp":"2023-11-14T22:13:00Z"},
        ],
    });
    let request = Request::post("/v1/batch").body(Body::from(body.to_string())).unwrap();
    assert_eq!(house.send(request).await.status, StatusCode::OK);
    assert_eq!(house.log.calls(), 1);
    let events = house.log.events();
    let context = |index: usize| serde_json::from_str::<Value>(events[index].context.get()).unwrap();
    assert_eq!(events[0].timestamp - now(), -10_000, "the sender's clock is an hour behind");
    assert_eq!(context(0), json!({"library":{"name":"x"},"ip":"1.1.1.1","integrations":{"All":true,"A":false}}));
    assert_eq!((events[1].user_id.as_deref(), events[1].message_id.as_str()), (Some("7"), "8"));
    assert_eq!(context(1), json!({"library":{"name":"x"},"ip":"2.2.2.2","integrations":{"All":true,"A":true}}));
    assert_eq!(events[2].timestamp - now(), -20_000, "the record's own sentAt wins");
    assert_eq!(events[2].user_id, None);
    assert_eq!(house.post("/v1/batch", r#"{"batch":[]}"#).await.text, r#"{"success":true}"#);
    assert_eq!(house.log.calls(), 1, "an empty batch appends nothing");
}

#[tokio::test]
async fn events_of_one_member_go_to_one_partition() {
    let house = House::new().await;
    let items: Vec<Value> =
        (0..40).map(|n| json!({"type":"track","event":"E","userId":format!("u{}", n % 8),"anonymousId":n})).collect();
    assert_eq!(house.post("/v1/batch", json!({ "batch": items }).to_string()).await.status, StatusCode::OK);
    let mut partition_of_user = std::collections::HashMap::new();
    for (record, event) in house.log.records().iter().zip(house.log.events()) {
        let user = event.user_id.clone().unwrap();
        assert_eq!(*partition_of_user.entry(user).or_insert(record.partition), record.partition);
        assert_eq!(record.partition, base::event::partition_of(WORKSPACE, &event.partition_key(), 4));
    }
    assert!(partition_of_user.values().collect::<std::collections::HashSet<_>>().len() > 1);
}

#[tokio::test]
async fn the_write_key_is_taken_from_any_of_its_three_places_and_an_unknown_one_is_refused() {
    let house = House::new().await;
    let event = json!({"userId":"u","event":"E"});
    let with_key = |key: &str| json!({"userId":"u","event":"E","writeKey":key}).to_string();
    let basic = |key: &str| format!("Basic {}", STANDARD.encode(format!("{key}:")));
    let post = |authorization: Option<String>, body: String| {
        let mut request = Request::post("/v1/track");
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        request.body(Body::from(body)).unwrap()
    };
    for request in [
        post(Some(basic(SECRET)), event.to_string()),
        post(Some(format!("Bearer {SECRET}")), event.to_string()),
        post(None, with_key(SECRET)),
        post(Some(basic("")), with_key(SECRET)),
    ] {
        assert_eq!(house.send(request).await.status, StatusCode::OK);
    }
    for request in [
        post(Some(basic("wk_other")), event.to_string()),
        post(Some("Bearer wk_other".to_owned()), with_key(SECRET)),
        post(None, with_key("wk_other")),
        post(None, json!({"userId":"u","event":"E","writeKey":5}).to_string()),
        post(None, event.to_string()),
    ] {
        let reply = house.send(request).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "unauthenticated".to_owned()));
    }
    assert_eq!(house.log.events().len(), 4);
}

#[tokio::test]
async fn packed_bodies_and_beacons_are_understood() {
    let house = House::new().await;
    let body = json!({"writeKey":SECRET,"userId":"u","event":"E"}).to_string();
    for (content_type, encoding, body) in [
        ("application/json", "gzip", packed(body.as_bytes())),
        ("application/json; charset=utf-8", "", body.clone().into_bytes()),
        ("text/plain;charset=UTF-8", "identity", body.clone().into_bytes()),
        ("text/plain", "", format!("\u{feff}\n {body} \n").into_bytes()),
    ] {
        let request = Request::post("/v1/track")
            .header(header::CONTENT_TYPE, content_type)
            .header(header::CONTENT_ENCODING, encoding)
            .body(Body::from(body))
            .unwrap();
        let reply = house.send(request).await;
        assert_eq!(reply.status, StatusCode::OK, "{content_type} {encoding}: {}", reply.text);
    }
    for (content_type, encoding) in [("application/x-www-form-urlencoded", ""), ("application/json", "br")] {
        let request = Request::post("/v1/track")
            .header(header::CONTENT_TYPE, content_type)
            .header(header::CONTENT_ENCODING, encoding)
            .body(Body::from(body.clone()))
            .unwrap();
        assert_eq!(house.send(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}

#[tokio::test]
async fn a_web_page_of_any_site_may_send() {
    let house = House::new().await;
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .uri("/v1/batch")
        .header(header::ORIGIN, "https://shop.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type,anonymousid")
        .body(Body::empty())
        .unwrap();
    let reply = house.send(preflight).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert!(reply.header("access-control-allow-methods").unwrap().contains("POST"));
    let headers = reply.header("access-control-allow-headers").unwrap();
    assert!(headers.contains("content-type") && headers.contains("authorization"));
    assert!(headers.contains("anonymousid"), "what libraries send beside the usual: {headers}");
    let refused =
        Request::post("/v1/track").header(header::ORIGIN, "https://shop.example").body(Body::from("{}")).unwrap();
    let reply = house.send(refused).await;
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "the page may read why it was refused");
}

#[tokio::test]
async fn events_of_the_api_need_the_right_and_take_one_or_many() {
    let house = House::new().await;
    let many = json!({"events":[{"event":"One","userId":"u"},{"type":"page","userId":"u"}]}).to_string();
    let one = json!({"event":"Three","userId":"u"}).to_string();
    assert_eq!(house.call_as(Role::Viewer, "POST", "/api/v1/events", many.clone()).await.code(), "forbidden");
    let anonymous = Request::post("/api/v1/events").body(Body::from(one.clone())).unwrap();
    assert_eq!(house.send(anonymous).await.status, StatusCode::UNAUTHORIZED);
    for body in [many, one, r#"{"events":[]}"#.to_owned()] {
        let reply = house.call_as(Role::Operator, "POST", "/api/v1/events", body).await;
        assert_eq!(reply.text, r#"{"success":true}"#);
    }
    let events = house.log.events();
    assert_eq!(
        events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [EventKind::Track, EventKind::Page, EventKind::Track]
    );
    assert_eq!(events[0].source, "operator:usr_0000000000001");
}

#[tokio::test]
async fn a_key_that_sends_too_much_is_told_when_to_come_back() {
    let house = House::with_limit(RateLimit { events_per_second: 2.0, burst: 10.0 }).await;
    let items: Vec<Value> = (0..10).map(|_| json!({"type":"track","event":"E","userId":"u"})).collect();
    let body = json!({ "batch": items }).to_string();
    assert_eq!(house.post("/v1/batch", body.clone()).await.status, StatusCode::OK);
    let reply = house.post("/v1/batch", body.clone()).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
    assert_eq!(reply.header("retry-after"), Some("5"));
    assert_eq!(reply.header("x-ratelimit-reset"), Some("1700000005"));
    assert_eq!(house.log.events().len(), 10);
    house.advance(5);
    assert_eq!(house.post("/v1/batch", body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_full_disk_and_a_full_pipeline_ask_to_come_back_and_heal() {
    let house = House::new().await;
    let body = json!({"userId":"u","event":"E"}).to_string();
    for (error, code) in
        [(LogError::DiskFull, "disk_full"), (LogError::Overloaded, "overloaded"), (LogError::Closed, "unavailable")]
    {
        house.log.fail_with(error);
        let reply = house.post("/v1/track", body.clone()).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::SERVICE_UNAVAILABLE, code.to_owned()));
        assert!(reply.header("retry-after").is_some());
    }
    house.pressure.store(true, Ordering::Relaxed);
    let reply = house.post("/v1/track", body.clone()).await;
    assert_eq!((reply.code(), reply.header("retry-after")), ("overloaded".to_owned(), Some("5")));
    house.pressure.store(false, Ordering::Relaxed);
    assert_eq!(house.post("/v1/track", body).await.status, StatusCode::OK);
    assert_eq!(house.log.events().len(), 1);
}
