//! Whatever is sent, every dialect answers: no panic, no 5xx, and every record is taken or kept.

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};

use super::{FORM, House, SECRET, form, letters, packed};

/// Names and values that mean something to one dialect or another.
const NAMES: &[&str] = &[
    "event",
    "event_type",
    "type",
    "distinct_id",
    "user_id",
    "device_id",
    "properties",
    "event_properties",
    "user_properties",
    "groups",
    "group_properties",
    "identities",
    "lib",
    "$set",
    "$set_once",
    "$setOnce",
    "$unset",
    "$add",
    "$append",
    "$remove",
    "$union",
    "$preInsert",
    "$clearAll",
    "$delete",
    "$distinct_id",
    "$device_id",
    "$user_id",
    "$anon_distinct_id",
    "alias",
    "$distinct_ids",
    "$group_key",
    "$group_set",
    "$is_login_id",
    "original_id",
    "time",
    "$time",
    "timestamp",
    "offset",
    "uuid",
    "insert_id",
    "$insert_id",
    "_track_id",
    "$current_url",
    "library",
    "sent_at",
    "api_key",
    "token",
    "batch",
    "events",
];
const WORDS: &[&str] = &[
    "",
    " ",
    "u",
    "E",
    "$identify",
    "$create_alias",
    "$merge",
    "$groupidentify",
    "$pageview",
    "$screen",
    "$set",
    "track",
    "track_signup",
    "track_id_bind",
    "profile_set",
    "profile_unset",
    "profile_increment",
    "profile_append",
    "profile_delete",
    "item_set",
    "$device:d",
    "1700000000",
    "a/b",
    "\0",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => prop::sample::select(WORDS).prop_map(Value::from),
        1 => "\\PC{0,8}".prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => (1_690_000_000..1_700_000_000i64).prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 48, 8, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            4 => prop::collection::vec((prop::sample::select(NAMES), inner), 0..8).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    })
}

#[tokio::test]
async fn no_input_breaks_a_dialect_or_gets_lost() {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let house = House::new().await;
    for round in 0..150 {
        let records: Vec<Value> = (0..3).map(|_| value().new_tree(&mut runner).unwrap().current()).collect();
        let bytes = prop::collection::vec(any::<u8>(), 0..64).new_tree(&mut runner).unwrap().current();
        let list = json!(records);
        let cases = [
            ("/batch/", "application/json", json!({"batch": list}).to_string().into_bytes()),
            ("/capture/", "application/json", list.to_string().into_bytes()),
            ("/2/httpapi", "application/json", json!({"events": list}).to_string().into_bytes()),
            ("/track", FORM, form(&[("data", &list.to_string())]).into_bytes()),
            ("/engage", FORM, form(&[("data", &STANDARD.encode(list.to_string()))]).into_bytes()),
            ("/groups", "application/json", list.to_string().into_bytes()),
            ("/import", "application/json", list.to_string().into_bytes()),
            ("/sa", FORM, form(&[("data", &STANDARD.encode(packed(list.to_string().as_bytes())))]).into_bytes()),
            ("/batch/", "application/json", records[0].to_string().into_bytes()),
            ("/2/httpapi", "application/json", records[1].to_string().into_bytes()),
            ("/sa", "text/plain", bytes.clone()),
            ("/track", FORM, [b"data=", &bytes[..]].concat()),
            ("/e/", "text/plain", [&[0x1f, 0x8b][..], &bytes].concat()),
        ];
        for (place, (path, media, body)) in cases.into_iter().enumerate() {
            let (appends, buried) = (house.log.calls(), letters(&house).await.len());
            let request = Request::post(path)
                .header(header::CONTENT_TYPE, media)
                .header(header::AUTHORIZATION, format!("Bearer {SECRET}"))
                .body(Body::from(body))
                .unwrap();
            let reply = house.send(request).await;
            let shown = format!("round {round}, {path}: {} {} for {list}", reply.status, reply.text);
            assert!(matches!(reply.status.as_u16(), 200 | 400), "{shown}");
            let is_taken = house.log.calls() > appends || letters(&house).await.len() > buried;
            assert!(place >= 8 || is_taken, "all of three records are lost: {shown}");
        }
        house.advance(60);
        let tx = house.db.begin().await.unwrap();
        store::dead_letters::expire(&tx, base::Time::from_millis(i64::MAX / 2)).await.unwrap();
        tx.commit().await.unwrap();
    }
}
