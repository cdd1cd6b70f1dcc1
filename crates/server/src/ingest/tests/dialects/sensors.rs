//! What the SDKs of Sensors Analytics send.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{FORM, House, Reply, SECRET, context, events, form, letters, packed, send};

fn encoded(records: &Value) -> String {
    let data = STANDARD.encode(packed(records.to_string().as_bytes()));
    form(&[("data_list", &data), ("gzip", "1")])
}

async fn post(house: &House, path: &str, records: Value) -> Reply {
    send(house, &format!("{path}?project=default&token={SECRET}"), FORM, encoded(&records)).await
}

fn record(kind: &str, properties: Value) -> Value {
    json!({"type": kind, "distinct_id": "anna", "time": 1_699_999_000_000_i64, "properties": properties,
        "lib": {"$lib": "python", "$lib_version": "1.11.0"}})
}

#[tokio::test]
async fn each_kind_of_record_becomes_what_it_means() {
    let house = House::new().await;
    let with = |mut record: Value, more: Value| {
        for (name, value) in more.as_object().unwrap() {
            record[name] = value.clone();
        }
        record
    };
    let identities = json!({"$identity_login_id": "anna", "$identity_mobile": "13800138000"});
    let reply = post(
        &house,
        "/sa",
        json!([
            with(
                record("track", json!({"$is_login_id": true, "wine": "Beaune", "$lib": "python", "$ip": "1.2.3.4"})),
                json!({"event": "Buy", "_track_id": 7})
            ),
            with(record("track", json!({})), json!({"event": "Look", "time": 1_699_999_000})),
            with(record("track", json!({})), json!({"event": "Look", "login_id": "anna", "anonymous_id": "d1"})),
            with(record("track_signup", json!({})), json!({"event": "$SignUp", "original_id": "d1"})),
            record("profile_set", json!({"$is_login_id": true, "$name": "安娜", "city": "上海"})),
            record("profile_set_once", json!({"$is_login_id": true, "first": 1})),
            record("profile_unset", json!({"$is_login_id": true, "old": true})),
            with(
                record("track_id_bind", json!({"$lib": "python"})),
                json!({"event": "$BindID", "identities": identities})
            ),
            with(record("track", json!({})), json!({"event": "Look", "identities": identities})),
            with(record("track", json!({"$url": "https://x/", "$is_login_id": true})), json!({"event": "$pageview"})),
        ]),
    )
    .await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, r#"{"success":true}"#));
    assert_eq!(
        events(&house),
        [
            json!({"kind": "track", "name": "Buy", "user": "anna", "properties": {"wine": "Beaune", "$ip": "1.2.3.4"}}),
            json!({"kind": "track", "name": "Look", "visitor": "anna", "properties": {}}),
            json!({"kind": "track", "name": "Look", "user": "anna", "visitor": "d1", "properties": {}}),
            json!({"kind": "alias", "user": "anna", "visitor": "anna", "previous": "d1", "properties": {}}),
            json!({"kind": "identify", "user": "anna", "properties": {"name": "安娜", "city": "上海"}}),
            json!({"kind": "identify", "user": "anna", "properties": {"first": 1}}),
            json!({"kind": "identify", "user": "anna", "properties": {"old": null}}),
            json!({"kind": "identify", "user": "anna", "properties": {"phone": "13800138000"}}),
            json!({"kind": "alias", "user": "anna", "previous": "$identity_mobile+13800138000", "properties": {}}),
            json!({"kind": "track", "name": "Look", "user": "anna", "properties": {}}),
            json!({"kind": "page", "user": "anna", "properties": {"$url": "https://x/", "url": "https://x/"}}),
        ]
    );
    let log = house.log.events();
    assert!(log[0].message_id.starts_with("sa-"), "by _track_id, so that a record sent again counts once");
    assert_eq!(log[1].message_id, log[1].id.to_string());
    let times = [log[0].timestamp.millis(), log[1].timestamp.millis()];
    assert_eq!(times, [1_699_999_000_000; 2], "seconds or milliseconds");
    assert_eq!(context(&house, 0), json!({"library": {"name": "python", "version": "1.11.0"}, "ip": "1.2.3.4"}));
    assert_eq!(context(&house, 5)["traits_once"], json!(["first"]));
}

#[tokio::test]
async fn identities_are_ids_of_accounts_and_devices() {
    let house = House::new().await;
    let mut sent = record("track", json!({}));
    sent["event"] = json!("Look");
    sent["identities"] = json!({
        "$identity_login_id": "anna", "$identity_mobile": "13800138000", "$identity_cookie_id": "c1",
        "$identity_mp_unionid": "U1", "$identity_mp_wx123_openid": "o1", "$identity_idfv": "v1",
        "$identity_taobao_ouid": 77, "会员": "x", "$identity_mp_openid": "",
    });
    assert_eq!(post(&house, "/sa", json!([sent])).await.status, StatusCode::OK);
    let mut ids: Vec<(String, Value)> = context(&house, 0)["externalIds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["type"].as_str().unwrap().to_owned(), one["id"].clone()))
        .collect();
    ids.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [("device_id", "v1"), ("external:taobao_ouid", "77"), ("openid", "o1"), ("unionid", "U1")];
    assert_eq!(ids, expected.map(|(kind, id)| (kind.to_owned(), json!(id))));
    assert_eq!(house.log.events()[0].user_id.as_deref(), Some("anna"));
}

#[tokio::test]
async fn operations_on_profiles_stand_in_the_context() {
    let house = House::new().await;
    let mut deleted = record("profile_delete", json!({"$is_login_id": true, "$lib": "python"}));
    deleted["identities"] = json!({"$identity_login_id": "anna", "$identity_mobile": "13800138000"});
    let sent = json!([
        record("profile_increment", json!({"$is_login_id": true, "visits": 2, "spent": -0.5})),
        record("profile_append", json!({"$is_login_id": true, "books": ["Emma", "Nora"], "city": "上海"})),
        deleted,
    ]);
    assert_eq!(post(&house, "/sa", sent).await.status, StatusCode::OK);
    let listed = |place: usize| context(&house, place)["traits_operations"].clone();
    let mut numbers = listed(0).as_array().unwrap().clone();
    numbers.sort_by_key(Value::to_string);
    assert_eq!(numbers, [json!(["add", "spent", -0.5]), json!(["add", "visits", 2])]);
    let mut lists = listed(1).as_array().unwrap().clone();
    lists.sort_by_key(Value::to_string);
    assert_eq!(lists, [json!(["append", "books", ["Emma", "Nora"]]), json!(["append", "city", ["上海"]])]);
    assert_eq!(listed(2), json!([["clear"]]));
    let nothing_said = json!({"kind": "identify", "user": "anna", "properties": {}});
    assert!(events(&house).iter().all(|event| *event == nothing_said), "{:?}", events(&house));
    assert!(letters(&house).await.is_empty());
}

#[tokio::test]
async fn what_is_refused_is_named_and_kept_with_200_since_the_sdks_stop_at_anything_else() {
    let house = House::new().await;
    let mut nobody = record("track", json!({}));
    nobody["distinct_id"] = json!("");
    let bad = [
        (record("profile_increment", json!({"n": "1"})), "invalid_field"),
        (record("profile_increment", json!({"n": [1]})), "invalid_field"),
        (json!({"type": "item_set", "item_type": "wine", "item_id": "1", "properties": {}}), "unsupported_operation"),
        (record("track_id_unbind", json!({})), "unsupported_operation"),
        (record("track_id_bind", json!({})), "unsupported_operation"),
        (record("track", json!({})), "missing_field"),
        (record("track_signup", json!({})), "missing_field"),
        (record("dance", json!({})), "unknown_call"),
        (json!({"distinct_id": "anna"}), "missing_field"),
        (record("track", json!([])), "invalid_field"),
        (nobody, "missing_identity"),
        (json!("text"), "invalid_field"),
    ];
    for (bad, code) in &bad {
        let reply = post(&house, "/sa", json!([bad])).await;
        let json = reply.json();
        assert_eq!((reply.status, &json["accepted"], &json["rejected_count"]), (StatusCode::OK, &json!(0), &json!(1)));
        assert_eq!(json["rejected"][0]["code"], *code, "{bad}: {json}");
    }
    assert_eq!((house.log.events().len(), letters(&house).await.len()), (0, bad.len()));
}

#[tokio::test]
async fn the_debug_mode_says_so_and_a_dry_run_changes_nothing() {
    let house = House::new().await;
    let (good, bad) = (record("profile_set", json!({"city": "上海"})), record("item_delete", json!({})));
    let dry = |record: &Value| {
        let request = Request::post(format!("/debug?token={SECRET}")).header(header::CONTENT_TYPE, FORM);
        request.header("Dry-Run", "true").body(Body::from(encoded(&json!([record])))).unwrap()
    };
    assert_eq!(house.send(dry(&good)).await.status, StatusCode::OK);
    assert_eq!(house.send(dry(&bad)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!((house.log.calls(), letters(&house).await.len()), (0, 0));
    let reply = post(&house, "/debug", json!([good, bad])).await;
    assert_eq!((reply.status, &reply.json()["accepted"]), (StatusCode::BAD_REQUEST, &json!(1)));
    assert_eq!((house.log.events().len(), letters(&house).await.len()), (1, 1));
}
