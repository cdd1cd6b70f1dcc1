//! What Amplitude's SDKs send.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{House, Reply, SECRET, context, events, letters, message_ids, send_json};
use crate::ingest::RateLimit;

async fn post(house: &House, events: Value) -> Reply {
    send_json(house, "/2/httpapi", &json!({"api_key": SECRET, "events": events})).await
}

#[tokio::test]
async fn each_kind_of_event_becomes_what_it_means() {
    let house = House::new().await;
    let sent = json!([
        {"event_type": "Order Completed", "user_id": "anna", "device_id": "d1", "time": 1_699_999_000_000_i64,
         "insert_id": "m1", "event_properties": {"wine": "Beaune"}, "revenue": 12.5, "user_properties": {"tier": "gold"},
         "library": "amplitude-python/1.3.0", "city": "上海", "os_name": "Linux", "session_id": -1},
        {"event_type": "$identify", "user_id": "anna", "insert_id": "m2", "groups": {"club": ["c1", "c2"]},
         "user_properties": {"$set": {"city": "上海"}, "$setOnce": {"first": 1}, "$unset": {"old": "-"}}},
        {"event_type": "$groupidentify", "user_id": "anna", "groups": {"club": "c1"},
         "group_properties": {"$set": {"name": "Wine"}}},
        {"event_type": "[Amplitude] Page Viewed", "device_id": "d1",
         "event_properties": {"[Amplitude] Page Path": "/wine"}},
    ]);
    let reply = post(&house, sent).await;
    let json = reply.json();
    assert_eq!((reply.status, &json["code"], &json["events_ingested"]), (StatusCode::OK, &json!(200), &json!(4)));
    assert_eq!(json["server_upload_time"], super::super::now().millis());
    assert!(json["payload_size_bytes"].as_u64().unwrap() > 500);
    assert_eq!(
        events(&house),
        [
            json!({"kind": "track", "name": "Order Completed", "user": "anna", "visitor": "d1",
                "properties": {"wine": "Beaune", "revenue": 12.5}}),
            json!({"kind": "identify", "user": "anna", "visitor": "d1", "properties": {"tier": "gold"}}),
            json!({"kind": "identify", "user": "anna", "properties": {"city": "上海", "first": 1, "old": null}}),
            json!({"kind": "group", "user": "anna", "properties": {"group_type": "club", "group_id": "c1"}}),
            json!({"kind": "group", "user": "anna", "properties": {"group_type": "club", "group_id": "c2"}}),
            json!({"kind": "group", "user": "anna",
                "properties": {"name": "Wine", "group_type": "club", "group_id": "c1"}}),
            json!({"kind": "page", "visitor": "d1",
                "properties": {"[Amplitude] Page Path": "/wine", "path": "/wine"}}),
        ]
    );
    assert_eq!(message_ids(&house)[..5], ["m1", "m1:set", "m2", "m2:group0.0", "m2:group0.1"]);
    assert_eq!(house.log.events()[0].timestamp.millis(), 1_699_999_000_000);
    assert_eq!(
        context(&house, 0),
        json!({"library": {"name": "amplitude-python", "version": "1.3.0"}, "location": {"city": "上海"},
            "os": {"name": "Linux"}, "sessionId": -1})
    );
    assert_eq!(context(&house, 2)["traits_once"], json!(["first"]));
}

#[tokio::test]
async fn ids_of_the_device_itself_stand_beside_that_of_the_installation() {
    let house = House::new().await;
    let sent = json!([{"event_type": "Seen", "device_id": "d1", "idfv": "v1", "adid": "a1"}]);
    assert_eq!(post(&house, sent).await.status, StatusCode::OK);
    assert_eq!(house.log.events()[0].anonymous_id.as_deref(), Some("d1"));
    let expected = json!([{"type": "device_id", "id": "v1"}, {"type": "advertising_id", "id": "a1"}]);
    assert_eq!(context(&house, 0)["externalIds"], expected);
}

#[tokio::test]
async fn operations_on_profiles_stand_in_the_context_whatever_the_event_is() {
    let house = House::new().await;
    let sent = json!([
        {"event_type": "$identify", "user_id": "anna", "insert_id": "m1", "user_properties": {
            "$add": {"visits": 2.5}, "$append": {"books": "Emma"}, "$postInsert": {"tags": ["a", "b"]},
            "$preInsert": {"tags": "c"}, "$prepend": {"books": ["Nora"]}, "$remove": {"tags": ["b", 1]},
            "$set": {"city": "上海"}, "$setOnce": {"first": 1}}},
        {"event_type": "$identify", "user_id": "anna", "user_properties": {"$clearAll": "-"}},
        {"event_type": "Read", "user_id": "anna", "insert_id": "m2", "user_properties": {"$add": {"visits": 1}}},
    ]);
    assert_eq!(post(&house, sent).await.status, StatusCode::OK);
    assert_eq!(
        context(&house, 0)["traits_operations"],
        json!([
            ["add", "visits", 2.5],
            ["append", "books", ["Emma"]],
            ["append_missing", "tags", ["a", "b"]],
            ["prepend_missing", "tags", ["c"]],
            ["prepend", "books", ["Nora"]],
            ["remove", "tags", ["b", 1]],
        ])
    );
    assert_eq!(context(&house, 0)["traits_once"], json!(["first"]));
    assert_eq!(context(&house, 1)["traits_operations"], json!([["clear"]]));
    assert_eq!(context(&house, 2).get("traits_operations"), None, "what she did is another event");
    assert_eq!(context(&house, 3)["traits_operations"], json!([["add", "visits", 1]]));
    assert_eq!((&message_ids(&house)[0], &message_ids(&house)[3]), (&"m1".to_owned(), &"m2:set".to_owned()));
    assert_eq!(
        events(&house)[0],
        json!({"kind": "identify", "user": "anna", "properties": {"city": "上海", "first": 1}})
    );
    assert!(letters(&house).await.is_empty());
}

#[tokio::test]
async fn when_one_is_refused_none_is_taken_and_each_is_named_by_its_field() {
    let house = House::new().await;
    let good = json!({"event_type": "Good", "user_id": "u", "insert_id": "m1"});
    let bad = [
        (json!({"user_id": "u"}), "events_with_missing_fields", "event_type", "missing_field"),
        (json!({"event_type": "E"}), "events_with_missing_fields", "user_id", "missing_identity"),
        (json!({"event_type": "E", "user_id": []}), "events_with_invalid_fields", "user_id", "invalid_field"),
        (json!({"event_type": "E", "device_id": {}}), "events_with_invalid_fields", "device_id", "invalid_field"),
        (json!({"event_type": "E", "user_id": "u", "time": 5}), "events_with_invalid_fields", "time", "invalid_field"),
        (
            json!({"event_type": "E", "user_id": "u", "event_properties": 5}),
            "events_with_invalid_fields",
            "event_properties",
            "invalid_field",
        ),
        (
            json!({"event_type": "$identify", "user_id": "u", "user_properties": {"$add": {"n": "1"}}}),
            "events_with_invalid_fields",
            "user_properties",
            "invalid_field",
        ),
        (
            json!({"event_type": "$identify", "user_id": "u", "user_properties": {"$append": "a"}}),
            "events_with_invalid_fields",
            "user_properties",
            "invalid_field",
        ),
        (
            json!({"event_type": "$groupidentify", "user_id": "u", "groups": {"club": "c"},
                "group_properties": {"$add": {"n": 1}}}),
            "events_with_invalid_fields",
            "user_properties",
            "unsupported_operation",
        ),
        (
            json!({"event_type": "$groupidentify", "groups": {"club": "c"}}),
            "events_with_invalid_fields",
            "user_properties",
            "unsupported_operation",
        ),
        (json!(5), "events_with_invalid_fields", "event_properties", "invalid_field"),
    ];
    for (bad, list, field, code) in &bad {
        let reply = post(&house, json!([good, bad])).await;
        let json = reply.json();
        assert_eq!((reply.status, &json["code"], &json["accepted"]), (StatusCode::BAD_REQUEST, &json!(400), &json!(0)));
        assert_eq!(json[*list][*field], json!([1]), "{bad}: {json}");
        assert_eq!(json["rejected"][0]["code"], *code, "{bad}: {json}");
    }
    assert_eq!((house.log.events().len(), letters(&house).await.len()), (0, bad.len()));
}

#[tokio::test]
async fn failures_have_the_form_that_the_sdk_reads() {
    let house = House::with_limit(RateLimit { events_per_second: 1.0, burst: 1.0 }).await;
    let many = post(&house, json!(vec![json!({"event_type": "E", "user_id": "u"}); 2_001])).await;
    assert_eq!((many.status, &many.json()["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!(413)));
    let stranger = send_json(&house, "/2/httpapi", &json!({"api_key": "wk_no", "events": []})).await;
    let json = stranger.json();
    assert_eq!((stranger.status, &json["code"]), (StatusCode::UNAUTHORIZED, &json!(401)));
    assert!(json["error"].as_str().unwrap().starts_with("Invalid API key:"));
    let lacking = send_json(&house, "/2/httpapi", &json!({"api_key": SECRET})).await;
    assert_eq!((lacking.status, &lacking.json()["missing_field"]), (StatusCode::BAD_REQUEST, &json!("events")));
    assert_eq!(post(&house, json!([{"event_type": "E", "user_id": "u"}])).await.status, StatusCode::OK);
    let hasty = post(&house, json!([{"event_type": "E", "user_id": "u"}])).await;
    assert_eq!((hasty.status, &hasty.json()["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!(429)));
    assert_eq!(hasty.header("retry-after"), Some("1"));
    house.pressure.store(true, std::sync::atomic::Ordering::Relaxed);
    let full = post(&house, json!([{"event_type": "E", "user_id": "u"}])).await;
    assert_eq!((full.status, &full.json()["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(503)));
}
