//! What PostHog's SDKs send.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{House, SECRET, context, events, letters, message_ids, send_json};

async fn batch(house: &House, batch: Value) -> super::Reply {
    send_json(house, "/batch/", &json!({"api_key": SECRET, "batch": batch})).await
}

#[tokio::test]
async fn each_kind_of_event_becomes_what_it_means() {
    let house = House::new().await;
    let reply = batch(
        &house,
        json!([
            {"event": "Order Completed", "distinct_id": "anna", "uuid": "m1", "timestamp": "2023-11-14T22:00:00+00:00",
             "properties": {"revenue": 12.5, "$lib": "posthog-python", "$lib_version": "7", "$groups": {"club": "1"}}},
            {"event": "$identify", "distinct_id": "anna", "uuid": "m2", "$set": {"email": "anna@example.com"},
             "properties": {"$anon_distinct_id": "visitor", "$set": {"city": "上海"}, "$set_once": {"first": 1, "city": "x"}}},
            {"event": "$set", "distinct_id": "anna", "$set": {"age": 30}, "properties": {"$unset": ["old"]}},
            {"event": "$set_once", "distinct_id": "anna", "$set_once": {"source": "ad"}},
            {"event": "$create_alias", "distinct_id": "visitor", "properties": {"distinct_id": "visitor", "alias": "anna"}},
            {"event": "$merge_dangerously", "distinct_id": "anna", "properties": {"alias": "anna-old"}},
            {"event": "$groupidentify", "distinct_id": "anna",
             "properties": {"$group_type": "club", "$group_key": "c1", "$group_set": {"name": "Wine"}}},
            {"event": "$screen", "distinct_id": "anna", "properties": {"$screen_name": "Cellar"}},
            {"event": "$pageview", "properties": {"distinct_id": "anna", "$current_url": "https://x/", "$pathname": "/"}},
        ]),
    )
    .await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, r#"{"status":1}"#));
    assert_eq!(
        events(&house),
        [
            json!({"kind": "track", "name": "Order Completed", "user": "anna",
                "properties": {"revenue": 12.5, "$groups": {"club": "1"}}}),
            json!({"kind": "identify", "user": "anna", "visitor": "visitor",
                "properties": {"email": "anna@example.com", "city": "上海", "first": 1}}),
            json!({"kind": "identify", "user": "anna", "properties": {"age": 30, "old": null}}),
            json!({"kind": "identify", "user": "anna", "properties": {"source": "ad"}}),
            json!({"kind": "alias", "user": "anna", "previous": "visitor", "properties": {}}),
            json!({"kind": "alias", "user": "anna", "previous": "anna-old", "properties": {}}),
            json!({"kind": "group", "user": "anna",
                "properties": {"name": "Wine", "group_type": "club", "group_id": "c1"}}),
            json!({"kind": "screen", "user": "anna", "properties": {"$screen_name": "Cellar", "name": "Cellar"}}),
            json!({"kind": "page", "user": "anna", "properties":
                {"$current_url": "https://x/", "$pathname": "/", "url": "https://x/", "path": "/"}}),
        ]
    );
    let log = house.log.events();
    assert_eq!(
        (log[0].message_id.as_str(), log[0].timestamp.to_string()),
        ("m1", "2023-11-14T22:00:00.000Z".to_owned())
    );
    assert_eq!(context(&house, 0), json!({"library": {"name": "posthog-python", "version": "7"}}));
    assert_eq!(
        context(&house, 1),
        json!({"traits_once": ["first"]}),
        "which traits were meant for the first time only"
    );
    assert_eq!(house.log.calls(), 1, "one request is one append");
}

#[tokio::test]
async fn a_device_is_a_visitor_and_only_what_the_event_says_makes_it_one() {
    let house = House::new().await;
    let event = |properties: Value| json!({"event": "E", "distinct_id": "d", "properties": properties});
    let sent = json!([
        event(json!({})),
        event(json!({"$device_id": "other"})),
        event(json!({"$device_id": "d"})),
        event(json!({"$device_id": "d", "$is_identified": true})),
        event(json!({"$is_identified": false})),
        event(json!({"$process_person_profile": false})),
    ]);
    assert_eq!(batch(&house, sent).await.status, StatusCode::OK);
    let seen: Vec<bool> = house.log.events().iter().map(|event| event.user_id.is_none()).collect();
    assert_eq!(seen, [false, false, true, false, true, true]);
}

#[tokio::test]
async fn clocks_are_corrected_unless_the_events_are_of_the_past() {
    let house = House::new().await;
    // The sender's clock is an hour behind; the event was ten seconds before it was sent.
    let event = json!({"event": "E", "distinct_id": "u", "timestamp": "2023-11-14T21:13:10Z"});
    let body = |is_history: bool| json!({"api_key": SECRET, "sent_at": "2023-11-14T21:13:20Z", "historical_migration": is_history, "batch": [event]});
    for is_history in [false, true] {
        assert_eq!(send_json(&house, "/batch/", &body(is_history)).await.status, StatusCode::OK);
    }
    let browser = json!({"token": SECRET, "event": "E", "distinct_id": "u", "offset": 2500});
    assert_eq!(send_json(&house, "/e/?ip=1", &browser).await.status, StatusCode::OK);
    let times: Vec<String> = house.log.events().iter().map(|event| event.timestamp.to_string()).collect();
    assert_eq!(times, ["2023-11-14T22:13:10.000Z", "2023-11-14T21:13:10.000Z", "2023-11-14T22:13:17.500Z"]);
}

#[tokio::test]
async fn bad_events_are_named_and_kept_and_the_others_live_on() {
    let house = House::new().await;
    let bad = [
        (json!(5), "invalid_field"),
        (json!({"distinct_id": "u"}), "missing_field"),
        (json!({"event": "E"}), "missing_identity"),
        (json!({"event": "E", "distinct_id": "  "}), "missing_identity"),
        (json!({"event": "E", "distinct_id": ["u"]}), "invalid_field"),
        (json!({"event": "E", "distinct_id": "u", "properties": []}), "invalid_field"),
        (json!({"event": "E", "distinct_id": "u", "$set": 5}), "invalid_field"),
        (json!({"event": "E", "distinct_id": "u", "properties": {"$unset": 5}}), "invalid_field"),
        (json!({"event": "E", "distinct_id": "u", "timestamp": "soon"}), "invalid_field"),
        (json!({"event": "E", "distinct_id": "u", "properties": {"a": "x".repeat(33_000)}}), "event_too_large"),
        (json!({"event": "$create_alias", "distinct_id": "u", "properties": {}}), "missing_field"),
        (json!({"event": "$groupidentify", "distinct_id": "u", "properties": {}}), "missing_field"),
        // The deed is good and what is said of traits is not: nothing of it is taken.
        (json!({"event": "E", "distinct_id": "u", "$set": {"a": "\0"}}), "nul_character"),
        (json!({"event": "E", "distinct_id": "u", "api_key": "wk_somebody_else"}), "unauthenticated"),
    ];
    // The key stands in the events, so that one with another key is not covered.
    let good = json!({"event": "Good", "distinct_id": "u", "api_key": SECRET});
    for (place, (bad, code)) in bad.iter().enumerate() {
        let mut named = bad.clone();
        if named.is_object() {
            named["uuid"] = json!(format!("m{place}"));
        }
        let reply = send_json(&house, "/capture/", &json!([good, named, good])).await;
        assert_eq!(reply.status, StatusCode::OK, "{named}: {}", reply.text);
        let json = reply.json();
        assert_eq!((&json["status"], &json["accepted"], &json["rejected_count"]), (&json!(1), &json!(2), &json!(1)));
        let rejected = &json["rejected"][0];
        assert_eq!((&rejected["index"], &rejected["code"]), (&json!(1), &json!(code)), "{named}: {rejected}");
        if bad.is_object() && !matches!(*code, "event_too_large" | "unauthenticated") && !bad["properties"].is_array() {
            assert_eq!(rejected["messageId"], named["uuid"], "{named}: {rejected}");
        }
        assert_eq!(house.log.events().len(), 2 * (place + 1), "{named}");
    }
    let kept = letters(&house).await;
    assert_eq!(kept.len(), bad.len());
    assert!(kept.iter().all(|letter| !letter.payload.contains(SECRET) && !letter.payload.contains("wk_somebody_else")));
    assert!(message_ids(&house).iter().all(|id| !id.starts_with('m')));
}

#[tokio::test]
async fn the_newer_form_says_by_uuid_what_was_refused() {
    let house = House::new().await;
    let sent = json!({"created_at": "2023-11-14T22:13:20Z", "batch": [
        {"event": "E", "distinct_id": "u", "uuid": "m1", "session_id": "s", "properties": {"$set": {"a": 1}}, "options": {}},
        {"event": "E", "distinct_id": "d", "uuid": "m2", "options": {"process_person_profile": false}, "properties": {}},
        {"event": "E", "uuid": "m3", "options": {}, "properties": {}},
    ]});
    let reply = house.post("/i/v1/analytics/events", sent.to_string()).await;
    let json = reply.json();
    let dropped = json!({"m3": {"result": "drop", "details": "missing_identity: distinct_id is missing"}});
    assert_eq!((reply.status, &json["results"], &json["accepted"]), (StatusCode::OK, &dropped, &json!(2)));
    assert_eq!(
        events(&house),
        [
            json!({"kind": "track", "name": "E", "user": "u", "properties": {"$session_id": "s"}}),
            json!({"kind": "identify", "user": "u", "properties": {"a": 1}}),
            json!({"kind": "track", "name": "E", "visitor": "d", "properties": {}}),
        ]
    );
    assert_eq!(letters(&house).await.len(), 1);
}

#[tokio::test]
async fn too_many_events_are_refused_and_flags_are_none() {
    let house = House::new().await;
    let reply = batch(&house, json!(vec![1; 10_001])).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large".to_owned()));
    for path in ["/flags/?v=4", "/flags", "/decide/?v=3"] {
        let reply = send_json(&house, path, &json!({"api_key": "whatever", "distinct_id": "u"})).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!((&reply.json()["flags"], &reply.json()["featureFlags"]), (&json!({}), &json!({})));
    }
    assert_eq!((house.log.calls(), letters(&house).await.len()), (0, 0));
}
