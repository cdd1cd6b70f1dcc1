//! The dialects: what their records become, what is refused and kept, and that nothing breaks them.

mod amplitude;
mod mixpanel;
mod posthog;
mod properties;
mod sensors;

use std::io::Write;

use api::Role;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use base::{Code, ids::DeadLetterId};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use store::dead_letters::{self, DeadLetterRow};

use super::{House, Reply, SECRET, WORKSPACE};

const FORM: &str = "application/x-www-form-urlencoded";

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A request without credentials in its headers.
async fn send(house: &House, path: &str, media: &str, body: impl Into<Body>) -> Reply {
    house.send(Request::post(path).header(header::CONTENT_TYPE, media).body(body.into()).unwrap()).await
}

async fn send_json(house: &House, path: &str, body: &Value) -> Reply {
    send(house, path, "application/json", body.to_string()).await
}

async fn letters(house: &House) -> Vec<DeadLetterRow> {
    dead_letters::list(house.db.read(), WORKSPACE, None, i64::MAX, 1_000).await.unwrap()
}

/// The events in short: kind, user, visitor, name, previous id, properties.
fn events(house: &House) -> Vec<Value> {
    let log = house.log.events();
    let short = log.iter().map(|event| {
        let mut short = json!({
            "kind": serde_json::from_slice::<Value>(&event.to_record()).unwrap()["kind"],
            "properties": serde_json::from_str::<Value>(event.properties.get()).unwrap(),
        });
        let given = [
            ("user", event.user_id.clone()),
            ("visitor", event.anonymous_id.clone()),
            ("previous", event.previous_id.clone()),
            ("name", Some(event.name.clone()).filter(|_| short["kind"] == "track")),
        ];
        for (name, value) in given {
            if let Some(value) = value {
                short[name] = value.into();
            }
        }
        short
    });
    short.collect()
}

fn context(house: &House, index: usize) -> Value {
    serde_json::from_str(house.log.events()[index].context.get()).unwrap()
}

fn message_ids(house: &House) -> Vec<String> {
    house.log.events().into_iter().map(|event| event.message_id).collect()
}

/// Every address with a good body of one record, whose key is the one given; media type first.
fn good_requests(key: &str) -> Vec<(&'static str, &'static str, String)> {
    let json = "application/json";
    let mixpanel = json!({"event": "E", "properties": {"token": key, "distinct_id": "u"}}).to_string();
    let profile = json!({"$token": key, "$distinct_id": "u", "$set": {"city": "上海"}}).to_string();
    let sensors =
        json!({"type": "track", "event": "E", "distinct_id": "u", "token": key, "properties": {}}).to_string();
    let posthog = json!({"api_key": key, "event": "E", "distinct_id": "u"});
    let posthog_batch = json!({"api_key": key, "batch": [{"event": "E", "distinct_id": "u"}]}).to_string();
    let amplitude = json!({"api_key": key, "events": [{"event_type": "E", "user_id": "u"}]}).to_string();
    vec![
        ("/batch", json, posthog_batch.clone()),
        ("/batch/", json, posthog_batch.clone()),
        ("/i/v1/analytics/events", json, posthog_batch.clone()),
        ("/i/v0/e/", json, posthog.to_string()),
        ("/i/v0/e", json, posthog.to_string()),
        ("/capture/", json, json!([posthog]).to_string()),
        ("/capture", "text/plain", posthog.to_string()),
        ("/e/", FORM, form(&[("data", &STANDARD.encode(posthog.to_string())), ("compression", "base64")])),
        ("/track", FORM, form(&[("data", &mixpanel), ("verbose", "1"), ("ip", "0")])),
        ("/track/", FORM, form(&[("data", &STANDARD.encode(&mixpanel))])),
        ("/engage", FORM, form(&[("data", &format!("[{profile}]")), ("verbose", "1")])),
        ("/import", "application/x-ndjson", format!("{mixpanel}\n{mixpanel}\n")),
        ("/import", json, format!("[{mixpanel}]")),
        ("/2/httpapi", json, amplitude.clone()),
        ("/batch", json, amplitude),
        ("/sa", FORM, form(&[("data", &STANDARD.encode(packed(sensors.as_bytes()))), ("gzip", "1")])),
        ("/sa.gif", FORM, form(&[("data_list", &STANDARD.encode(format!("[{sensors}]")))])),
        ("/debug", FORM, form(&[("data", &STANDARD.encode(&sensors))])),
    ]
}

#[tokio::test]
async fn every_address_takes_a_good_record_plain_and_packed() {
    let house = House::new().await;
    let mut expected = 0;
    for (path, media, body) in good_requests(SECRET) {
        let plain = send(&house, path, media, body.clone()).await;
        assert_eq!(plain.status, StatusCode::OK, "{path} {media}: {}", plain.text);
        assert_eq!(plain.header("content-type"), Some("application/json"), "{path}");
        let request = Request::post(path).header(header::CONTENT_TYPE, media);
        let request = request.header(header::CONTENT_ENCODING, "gzip").body(packed(body.as_bytes()).into()).unwrap();
        assert_eq!(house.send(request).await.status, StatusCode::OK, "{path} {media}, packed");
        // Pages may not set the header.
        let unmarked = send(&house, &format!("{path}?compression=gzip-js"), media, packed(body.as_bytes())).await;
        assert_eq!(unmarked.status, StatusCode::OK, "{path} {media}, packed without saying so: {}", unmarked.text);
        expected += if media.ends_with("ndjson") { 6 } else { 3 };
        assert_eq!(house.log.events().len(), expected, "{path} {media}");
    }
    assert!(letters(&house).await.is_empty());
    assert!(house.log.records().iter().all(|record| !String::from_utf8_lossy(&record.payload).contains(SECRET)));
}

#[tokio::test]
async fn a_wrong_key_or_none_is_401_everywhere_and_nothing_is_kept() {
    let house = House::new().await;
    for key in ["wk_another_secret", ""] {
        for (path, media, body) in good_requests(key) {
            let reply = send(&house, path, media, body).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path} {media}: {}", reply.text);
            assert!(reply.text.contains("the write key is missing or not valid"), "{path}: {}", reply.text);
        }
    }
    assert_eq!((house.log.calls(), letters(&house).await.len()), (0, 0));
}

#[tokio::test]
async fn the_key_may_stand_in_the_header_or_in_the_address_instead() {
    let house = House::new().await;
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    for (path, media, body) in good_requests("") {
        let beside = send(&house, &format!("{path}?project=default&token={SECRET}"), media, body.clone()).await;
        assert_eq!(beside.status, StatusCode::OK, "{path}: {}", beside.text);
        let credentials =
            [format!("Bearer {SECRET}"), basic(format!("{SECRET}:")), basic(format!("service-account:{SECRET}"))];
        for credentials in credentials {
            let request = Request::post(path)
                .header(header::CONTENT_TYPE, media)
                .header(header::AUTHORIZATION, &credentials)
                .body(body.clone().into())
                .unwrap();
            assert_eq!(house.send(request).await.status, StatusCode::OK, "{path} {credentials}");
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_413_before_and_after_unpacking() {
    let house = House::new().await;
    let bomb = packed(&vec![b' '; 20 << 20]);
    assert!(bomb.len() < 200_000, "the bomb itself is small");
    for path in ["/batch", "/i/v0/e/", "/track", "/engage", "/groups", "/import", "/2/httpapi", "/sa", "/debug"] {
        let large = send(&house, path, "application/json", vec![b' '; 9 << 20]).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}: {}", large.text);
        let packed = send(&house, path, "application/json", bomb.clone()).await;
        assert_eq!(packed.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}: {}", packed.text);
        let inner = form(&[("data", &STANDARD.encode(&bomb)), ("gzip", "1")]);
        let inner = send(&house, &format!("{path}?token={SECRET}"), FORM, inner).await;
        assert_eq!(inner.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}: {}", inner.text);
    }
    let damaged = send(&house, "/batch", "application/json", bomb[..40].to_vec()).await;
    assert_eq!((damaged.status, damaged.code()), (StatusCode::BAD_REQUEST, "malformed_json".to_owned()));
    assert_eq!((house.log.calls(), letters(&house).await.len()), (0, 0));
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_400_and_kept_when_the_key_is_known() {
    let house = House::new().await;
    let bodies: [(&str, &[u8]); 9] = [
        ("application/json", b"{"),
        ("application/json", b""),
        ("application/json", b"\xff\xfe"),
        ("application/json", b"7"),
        ("application/json", b"[{]"),
        ("application/json", b"{\"batch\":5,\"events\":5}"),
        (FORM, b"data=%21%21not+base64%21%21"),
        (FORM, b"nothing=1"),
        (FORM, b"data=aGVsbG8gd29ybGQ%3D"),
    ];
    for path in ["/batch", "/i/v0/e/", "/track", "/engage", "/import", "/2/httpapi", "/sa", "/debug"] {
        for (media, body) in bodies {
            let before = letters(&house).await.len();
            let unknown = send(&house, path, media, body).await;
            assert!(matches!(unknown.status.as_u16(), 400 | 401), "{path} {media} {body:?}: {}", unknown.text);
            assert_eq!(letters(&house).await.len(), before, "{path}: nobody fills the dead letters without a key");
            let known = send(&house, &format!("{path}?token={SECRET}"), media, body).await;
            let is_record = known.status == StatusCode::OK;
            assert!(is_record || known.status == StatusCode::BAD_REQUEST, "{path} {media} {body:?}: {}", known.text);
            assert_eq!(letters(&house).await.len(), before + 1, "{path} {media} {body:?}: {}", known.text);
        }
    }
    assert_eq!(house.log.calls(), 0);
    assert!(letters(&house).await.iter().all(|letter| !letter.payload.contains(SECRET)));
}

#[tokio::test]
async fn a_refused_foreign_record_is_kept_as_it_came_and_translated_anew_when_it_is_replayed() {
    for house in House::on_every_database().await {
        let future = super::now().millis() + 2 * 86_400_000;
        let record = json!({
            "event": "$pageview", "distinct_id": "u", "uuid": "m-1", "timestamp": base::Time::from_millis(future).to_string(),
            "properties": {"token": SECRET, "$current_url": "https://a.example/", "$set": {"city": "上海"}},
        });
        let reply = send_json(&house, "/batch/", &json!({"api_key": SECRET, "batch": [record]})).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "timestamp_out_of_range".to_owned()));
        assert_eq!(reply.json()["errors"][0]["messageId"], "m-1", "{}", reply.text);
        let kept = letters(&house).await.remove(0);
        let payload: Value = serde_json::from_str(&kept.payload).unwrap();
        assert_eq!((&payload["dialect"], &payload["record"]["event"]), (&json!("posthog"), &json!("$pageview")));
        assert_eq!(payload["record"]["properties"]["token"], "…", "no key is kept");

        let address = format!("/api/v1/dead-letters/{}/replay", DeadLetterId(kept.id));
        let again = house.call_as(Role::Operator, "POST", &address, "").await;
        assert_eq!((again.status, again.code()), (StatusCode::BAD_REQUEST, "timestamp_out_of_range".to_owned()));
        house.advance(3 * 86_400);
        let replayed = house.call_as(Role::Operator, "POST", &address, "").await;
        assert_eq!(replayed.json()["replayed"], 1, "{}", replayed.text);
        assert_eq!(
            events(&house),
            [
                json!({"kind": "page", "user": "u", "properties":
                    {"$current_url": "https://a.example/", "url": "https://a.example/"}}),
                json!({"kind": "identify", "user": "u", "properties": {"city": "上海"}}),
            ]
        );
        assert_eq!(message_ids(&house), ["m-1", "m-1:set"]);
    }
}

#[tokio::test]
async fn a_replayed_record_without_an_id_becomes_events_with_ids_of_their_own() {
    let house = House::new().await;
    let letter = dead_letters::DeadLetter {
        workspace: WORKSPACE,
        source: "key_0000000000001".to_owned(),
        code: Code::InvalidField,
        message: "because".to_owned(),
        payload: json!({"dialect": "posthog", "record":
            {"event": "E", "distinct_id": "u", "properties": {"$set": {"a": 1}}}})
        .to_string(),
    };
    let tx = house.db.begin().await.unwrap();
    dead_letters::bury(&tx, &house.ids, super::now(), vec![letter]).await.unwrap();
    tx.commit().await.unwrap();
    let id = DeadLetterId(letters(&house).await[0].id);
    let address = format!("/api/v1/dead-letters/{id}/replay");
    assert_eq!(house.call_as(Role::Operator, "POST", &address, "").await.status, StatusCode::OK);
    assert_eq!(message_ids(&house), [id.to_string(), format!("{id}:1")]);
}

#[tokio::test]
async fn the_pages_of_any_site_may_use_every_dialect() {
    let house = House::new().await;
    for path in ["/batch/", "/e/", "/flags/", "/track/", "/engage/", "/2/httpapi", "/sa", "/sa.gif"] {
        let preflight = Request::builder()
            .method("OPTIONS")
            .uri(path)
            .header(header::ORIGIN, "https://shop.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type")
            .body(Body::empty())
            .unwrap();
        let reply = house.send(preflight).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (StatusCode::OK, Some("*")), "{path}");
    }
}
