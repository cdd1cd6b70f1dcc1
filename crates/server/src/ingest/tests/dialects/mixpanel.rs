//! What Mixpanel's SDKs send.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{FORM, House, Reply, SECRET, context, events, form, letters, send, send_json};

/// As the Python SDK sends it.
async fn post(house: &House, path: &str, data: &Value) -> Reply {
    let body = form(&[("data", &data.to_string()), ("verbose", "1"), ("ip", "0")]);
    send(house, path, FORM, body).await
}

fn event(name: &str, properties: Value) -> Value {
    let mut event = json!({"event": name, "properties": {"token": SECRET}});
    for (name, value) in properties.as_object().unwrap() {
        event["properties"][name] = value.clone();
    }
    event
}

fn profile(operations: Value) -> Value {
    let mut profile = json!({"$token": SECRET, "$distinct_id": "anna"});
    for (name, value) in operations.as_object().unwrap() {
        profile[name] = value.clone();
    }
    profile
}

#[tokio::test]
async fn each_kind_of_event_becomes_what_it_means() {
    let house = House::new().await;
    let sent = json!([
        event(
            "Order Completed",
            json!({"distinct_id": "anna", "time": 1_699_999_000.25, "$insert_id": "m1", "revenue": 12,
            "mp_lib": "python", "$lib_version": "5"})
        ),
        event("Seen", json!({"distinct_id": "$device:d1", "time": 1_699_999_000_250_i64})),
        event("Seen", json!({"$device_id": "d1", "$user_id": "anna", "time": "1699999000"})),
        event("Seen", json!({"$device_id": "d1", "distinct_id": "d1"})),
        event("Seen", json!({"$device_id": "d1"})),
        event("$identify", json!({"distinct_id": "anna", "$anon_distinct_id": "$device:d1"})),
        event("$identify", json!({"$identified_id": "anna", "$anon_id": "d1"})),
        event("$create_alias", json!({"distinct_id": "d2", "alias": "anna"})),
        event("$merge", json!({"$distinct_ids": ["$device:d3", "anna"]})),
        event("$mp_web_page_view", json!({"distinct_id": "anna", "current_url_path": "/wine"})),
    ]);
    let reply = post(&house, "/track", &sent).await;
    assert_eq!((reply.status, reply.json()), (StatusCode::OK, json!({"status": 1, "error": null})));
    let page = json!({"current_url_path": "/wine", "path": "/wine"});
    assert_eq!(
        events(&house),
        [
            json!({"kind": "track", "name": "Order Completed", "user": "anna",
                "properties": {"revenue": 12, "mp_lib": "python", "$lib_version": "5"}}),
            json!({"kind": "track", "name": "Seen", "visitor": "d1", "properties": {}}),
            json!({"kind": "track", "name": "Seen", "user": "anna", "visitor": "d1", "properties": {"$device_id": "d1"}}),
            json!({"kind": "track", "name": "Seen", "visitor": "d1", "properties": {"$device_id": "d1"}}),
            json!({"kind": "track", "name": "Seen", "visitor": "d1", "properties": {"$device_id": "d1"}}),
            json!({"kind": "identify", "user": "anna", "visitor": "d1", "properties": {}}),
            json!({"kind": "identify", "user": "anna", "visitor": "d1", "properties": {}}),
            json!({"kind": "alias", "user": "anna", "previous": "d2", "properties": {}}),
            json!({"kind": "alias", "user": "anna", "previous": "d3", "properties": {}}),
            json!({"kind": "page", "user": "anna", "properties": page}),
        ]
    );
    let log = house.log.events();
    assert_eq!(log[0].message_id, "m1");
    let times: Vec<i64> = log.iter().take(3).map(|event| event.timestamp.millis()).collect();
    assert_eq!(times, [1_699_999_000_250, 1_699_999_000_250, 1_699_999_000_000], "seconds or milliseconds");
    assert_eq!(context(&house, 0), json!({"library": {"name": "python", "version": "5"}}));
}

#[tokio::test]
async fn operations_on_profiles_stand_in_the_context_in_their_order() {
    let house = House::new().await;
    let sent = [
        json!({"$add": {"visits": 2, "$name": -1.5}, "$set": {"city": "上海"}}),
        json!({"$increment": {"visits": 1}}),
        json!({"$append": {"books": "Emma"}, "$remove": {"books": "Faust"}}),
        json!({"$append": {"books": ["Emma", {"by": "Austen"}]}}),
        json!({"$union": {"books": ["Emma", "Nora"], "city": "Bonn"}}),
        json!({"$delete": "", "$ignore_alias": false}),
    ];
    for record in sent {
        assert_eq!(post(&house, "/engage", &profile(record)).await.json()["status"], 1);
    }
    let listed: Vec<Value> = (0..6).map(|place| context(&house, place)["traits_operations"].clone()).collect();
    let mut first = listed[0].as_array().unwrap().clone();
    first.sort_by_key(Value::to_string);
    assert_eq!(first, [json!(["add", "name", -1.5]), json!(["add", "visits", 2])]);
    assert_eq!(
        listed[1..],
        [
            json!([["add", "visits", 1]]),
            json!([["append", "books", ["Emma"]], ["remove", "books", ["Faust"]]]),
            json!([["append", "books", [["Emma", {"by": "Austen"}]]]]),
            json!([["append_missing", "books", ["Emma", "Nora"]], ["append_missing", "city", ["Bonn"]]]),
            json!([["clear"]]),
        ]
    );
    let events = events(&house);
    assert_eq!(events[0], json!({"kind": "identify", "user": "anna", "properties": {"city": "上海"}}));
    assert!(events[1..].iter().all(|event| event["properties"] == json!({})), "{events:?}");
    assert!(letters(&house).await.is_empty());
}

#[tokio::test]
async fn profiles_are_set_and_unset_and_what_cannot_be_expressed_is_refused_and_kept() {
    let house = House::new().await;
    let good = profile(json!({
        "$set": {"$email": "anna@example.com", "city": "上海"}, "$set_once": {"first": 1, "city": "x"},
        "$unset": ["old"], "$time": 1_699_999_000, "$ip": "0",
    }));
    assert_eq!(post(&house, "/engage", &good).await.json()["status"], 1);
    assert_eq!(
        events(&house),
        [json!({"kind": "identify", "user": "anna",
            "properties": {"email": "anna@example.com", "city": "上海", "first": 1, "old": null}})]
    );
    assert_eq!(house.log.events()[0].timestamp.millis(), 1_699_999_000_000);
    let operations = [
        ("$add", json!({"n": "1"})),
        ("$increment", json!({"n": null})),
        ("$add", json!(1)),
        ("$append", json!("a")),
        ("$union", json!(["a"])),
    ];
    for (operation, value) in operations {
        let bad = profile(json!({ "$set": {"a": 1}, operation: value }));
        let reply = post(&house, "/engage", &bad).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{operation}");
        assert_eq!((&reply.json()["status"], reply.code()), (&json!(0), "invalid_field".to_owned()));
        assert!(reply.json()["error"].as_str().unwrap().contains(operation), "{}", reply.text);
    }
    let group = json!({"$token": SECRET, "$group_key": "club", "$group_id": "c1", "$set": {"name": "Wine"}});
    assert_eq!(post(&house, "/groups", &group).await.code(), "unsupported_operation");
    assert_eq!(post(&house, "/engage", &profile(json!({}))).await.code(), "missing_field");
    assert_eq!((house.log.events().len(), letters(&house).await.len()), (1, 7));
}

#[tokio::test]
async fn bad_events_are_named_and_kept_and_the_others_live_on() {
    let house = House::new().await;
    let good = event("Good", json!({"distinct_id": "u"}));
    let bad = [
        (json!(5), "invalid_field"),
        (json!({"properties": {"token": SECRET, "distinct_id": "u"}}), "missing_field"),
        (event("E", json!({"distinct_id": ""})), "missing_identity"),
        (event("E", json!({"distinct_id": {}})), "invalid_field"),
        (event("E", json!({"distinct_id": "u", "time": "soon"})), "invalid_field"),
        (event("E", json!({"distinct_id": "u", "time": 9e99})), "timestamp_out_of_range"),
        (event("E", json!({"distinct_id": "u", "token": "wk_somebody_else"})), "unauthenticated"),
        (event("$merge", json!({"$distinct_ids": ["one"]})), "invalid_field"),
        (event("$create_alias", json!({"distinct_id": "u"})), "missing_field"),
    ];
    for (bad, code) in &bad {
        let reply = post(&house, "/track", &json!([good, bad])).await;
        let json = reply.json();
        assert_eq!((reply.status, &json["status"], &json["accepted"]), (StatusCode::OK, &json!(1), &json!(1)), "{bad}");
        let rejected = &json["rejected"][0];
        assert_eq!((&rejected["index"], &rejected["code"]), (&json!(1), &json!(code)), "{bad}: {rejected}");
    }
    assert_eq!((house.log.events().len(), letters(&house).await.len()), (bad.len(), bad.len()));
    assert!(letters(&house).await.iter().all(|letter| !letter.payload.contains("wk_")));
    let number = send(&house, "/track?verbose=0", FORM, form(&[("data", &good.to_string())])).await;
    assert_eq!((number.text.as_str(), number.header("content-type")), ("1", Some("text/plain")));
}

#[tokio::test]
async fn an_import_names_what_failed_and_says_by_strict_whether_that_is_an_error() {
    let house = House::new().await;
    let good = event("Good", json!({"distinct_id": "u", "time": 1_300_000_000, "$insert_id": "m1"}));
    let bad = event("E", json!({"$insert_id": "m2"}));
    let lines = format!("{good}\n\n{bad}\n");
    for (strict, status) in [("?strict=1&project_id=7", 400), ("?strict=0", 200)] {
        let path = format!("/import{strict}");
        let reply = send(&house, &path, "application/x-ndjson", lines.clone()).await;
        let json = reply.json();
        assert_eq!((u64::from(reply.status.as_u16()), json["code"].as_u64()), (status, Some(status)), "{}", reply.text);
        assert_eq!(json["num_records_imported"], 1);
        let expected = json!([{"index": 1, "insert_id": "m2", "field": "properties.distinct_id",
            "message": "missing_identity: distinct_id is missing"}]);
        assert_eq!(json["failed_records"], expected);
    }
    let whole = send_json(&house, "/import?strict=1", &json!([good])).await;
    assert_eq!(whole.json(), json!({"code": 200, "num_records_imported": 1, "status": "OK"}));
    assert_eq!(post(&house, "/import", &good).await.json()["status"], 1, "the SDK's form gets the SDK's reply");
    assert_eq!(house.log.events()[0].timestamp.millis(), 1_300_000_000_000);
    let many = send_json(&house, "/import", &json!(vec![1; 2_001])).await;
    assert_eq!((many.status, &many.json()["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!(413)));
}
