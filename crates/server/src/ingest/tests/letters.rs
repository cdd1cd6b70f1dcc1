//! Dead letters: what is kept, who sees it, and what replaying does. On every database.

use api::Role;
use axum::http::StatusCode;
use base::{
    Code, Event, EventKind, Time,
    event::empty_object,
    ids::{DeadLetterId, EventId, WorkspaceId},
};
use log::LogError;
use serde_json::{Value, json};
use store::{
    Sql,
    dead_letters::{self, DeadLetter},
};

use super::{House, KEY, SECRET, WORKSPACE, now};

async fn refuse(house: &House, path: &str, body: Value) -> DeadLetterId {
    let reply = house.post(path, body.to_string()).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
    let newest = dead_letters::list(house.db.read(), WORKSPACE, None, i64::MAX, 1).await.unwrap();
    DeadLetterId(newest[0].id)
}

async fn bury(house: &House, workspace: WorkspaceId, code: Code, payloads: Vec<String>) {
    let letters = payloads.into_iter().map(|payload| DeadLetter {
        workspace,
        source: "key_0000000000001".to_owned(),
        code,
        message: "because".to_owned(),
        payload,
    });
    let tx = house.db.begin().await.unwrap();
    dead_letters::bury(&tx, &house.ids, now(), letters.collect()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn audit_lines(house: &House) -> i64 {
    house.db.read().scalar("SELECT COUNT(*) FROM audit_log", vec![]).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_refused_record_is_listed_shown_and_removed() {
    for house in House::on_every_database().await {
        let id = refuse(&house, "/v1/track", json!({"writeKey":SECRET,"event":"E","messageId":"m","type":"x"})).await;
        let list = house.call_as(Role::Viewer, "GET", "/api/v1/dead-letters?code=missing_identity", "").await.json();
        let expected = json!({
            "id": id.to_string(), "source": KEY.to_string(), "code": "missing_identity",
            "message": "both userId and anonymousId are missing",
            "received_at": "2023-11-14T22:13:20.000Z", "replayed_at": null,
        });
        assert_eq!(list, json!({"items": [expected], "next": null}));
        let none = house.call_as(Role::Viewer, "GET", "/api/v1/dead-letters?code=too_deep", "").await.json();
        assert_eq!(none["items"], json!([]));
        let address = format!("/api/v1/dead-letters/{id}");
        let one = house.call_as(Role::Viewer, "GET", &address, "").await.json();
        let payload: Value = serde_json::from_str(one["payload"].as_str().unwrap()).unwrap();
        assert_eq!(payload, json!({"type":"track","event":"E","messageId":"m"}), "the call is kept, the key is not");

        let stranger = WorkspaceId(2);
        assert_eq!(house.call_in(stranger, Role::Owner, "GET", &address, "").await.code(), "not_found");
        assert_eq!(house.call_in(stranger, Role::Owner, "DELETE", &address, "").await.code(), "not_found");
        let replay = format!("{address}/replay");
        assert_eq!(house.call_in(stranger, Role::Owner, "POST", &replay, "").await.code(), "not_found");
        assert_eq!(house.call_as(Role::Viewer, "DELETE", &address, "").await.code(), "forbidden");
        assert_eq!(house.call_as(Role::Analyst, "POST", &replay, "").await.code(), "forbidden");
        assert_eq!(house.call_as(Role::Viewer, "GET", "/api/v1/dead-letters/mem_1", "").await.code(), "invalid_path");

        assert_eq!(house.call_as(Role::Operator, "DELETE", &address, "").await.status, StatusCode::NO_CONTENT);
        assert_eq!(house.call_as(Role::Operator, "DELETE", &address, "").await.code(), "not_found");
        assert_eq!(audit_lines(&house).await, 1);
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    for house in House::on_every_database().await {
        bury(&house, WORKSPACE, Code::TooDeep, (0..7).map(|n| n.to_string()).collect()).await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/dead-letters?limit=3{cursor}");
            let page = house.call_as(Role::Viewer, "GET", &path, "").await.json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let mut sorted = seen.clone();
        sorted.sort_by(|a, b| b.cmp(a));
        sorted.dedup();
        assert_eq!((seen.len(), &seen), (7, &sorted));
        let reply = house.call_as(Role::Viewer, "GET", "/api/v1/dead-letters?cursor=x", "").await;
        assert_eq!(reply.code(), "invalid_cursor");
    }
}

#[tokio::test]
async fn a_corrected_record_is_taken_in_once_as_it_arrived_then() {
    for house in House::on_every_database().await {
        let id = refuse(&house, "/v1/track", json!({"event":"E"})).await;
        house.advance(3 * 86_400);
        let replay = format!("/api/v1/dead-letters/{id}/replay");
        let again = house.call_as(Role::Operator, "POST", &replay, "").await;
        assert_eq!((again.status, again.code()), (StatusCode::BAD_REQUEST, "missing_identity".to_owned()));

        let corrected = json!({"payload":{"type":"track","event":"E","userId":"u"}}).to_string();
        let reply = house.call_as(Role::Operator, "POST", &replay, corrected.clone()).await;
        assert_eq!(reply.json(), json!({"replayed":1,"skipped":0,"failed":[],"next":null}));
        let events = house.log.events();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].message_id, id.to_string(), "so that the pipeline drops a second replay");
        assert_eq!((events[0].timestamp, events[0].source.clone()), (now(), KEY.to_string()));

        let twice = house.call_as(Role::Operator, "POST", &replay, "").await.json();
        assert_eq!((&twice["replayed"], &twice["skipped"]), (&json!(0), &json!(1)));
        assert_eq!(house.call_as(Role::Operator, "POST", &replay, corrected).await.code(), "wrong_state");
        assert_eq!((house.log.events().len(), audit_lines(&house).await), (1, 1));
    }
}

#[tokio::test]
async fn a_replay_that_could_not_be_appended_can_be_repeated() {
    for house in House::on_every_database().await {
        let id =
            refuse(&house, "/v1/track", json!({"event":"E","userId":"u","timestamp":"2023-11-17T00:00:00Z"})).await;
        house.advance(3 * 86_400);
        let replay = format!("/api/v1/dead-letters/{id}/replay");
        house.log.fail_with(LogError::DiskFull);
        assert_eq!(house.call_as(Role::Operator, "POST", &replay, "null").await.code(), "disk_full");
        assert_eq!(house.call_as(Role::Operator, "POST", &replay, "{}").await.json()["replayed"], 1);
        assert_eq!(house.log.events()[0].timestamp.to_string(), "2023-11-17T00:00:00.000Z", "no longer in the future");
        assert_eq!(house.call_as(Role::Operator, "POST", &replay, "{").await.code(), "malformed_json");
        assert_eq!(house.call_as(Role::Operator, "POST", &replay, "[7]").await.code(), "invalid_body");
        let huge = house.call_as(Role::Operator, "POST", &replay, vec![b' '; 3 << 20]).await;
        assert_eq!((huge.status, huge.code()), (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large".to_owned()));
    }
}

#[tokio::test]
async fn letters_are_replayed_by_ids_and_by_code_and_the_hopeless_do_not_block() {
    for house in House::on_every_database().await {
        let good = |n: usize| json!({"type":"track","event":"E","userId":format!("u{n}")}).to_string();
        let payloads = (0..250).map(|n| if n % 50 == 0 { "not json".to_owned() } else { good(n) }).collect();
        bury(&house, WORKSPACE, Code::TooManyProperties, payloads).await;
        bury(&house, WorkspaceId(2), Code::TooManyProperties, vec![good(0)]).await;
        let address = "/api/v1/dead-letters/replay";
        let first =
            house.call_as(Role::Operator, "POST", address, json!({"code":"too_many_properties"}).to_string()).await;
        let first = first.json();
        assert_eq!((&first["replayed"], first["failed"].as_array().unwrap().len()), (&json!(196), 4));
        assert_eq!(first["failed"][0]["code"], "malformed_json");
        let rest = json!({"code":"too_many_properties","after":first["next"]}).to_string();
        let rest = house.call_as(Role::Operator, "POST", address, rest).await.json();
        assert_eq!((&rest["replayed"], &rest["next"]), (&json!(49), &Value::Null));
        assert_eq!(house.log.events().len(), 245);

        let failed = json!({"ids":[first["failed"][0]["id"], first["next"]]}).to_string();
        let failed = house.call_as(Role::Operator, "POST", address, failed).await.json();
        assert_eq!((&failed["replayed"], &failed["skipped"]), (&json!(0), &json!(1)));
        assert_eq!(failed["failed"].as_array().unwrap().len(), 1);
        for body in [json!({}), json!({"ids":[],"code":"x"}), json!({"ids":["mem_1"]}), json!({"ids":"x"})] {
            assert_eq!(house.call_as(Role::Operator, "POST", address, body.to_string()).await.code(), "invalid_body");
        }
    }
}

#[tokio::test]
async fn a_poison_event_goes_back_into_the_log_whole_but_nobody_can_forge_one() {
    let house = House::new().await;
    let event = Event {
        id: EventId(9),
        workspace: WORKSPACE,
        kind: EventKind::Command,
        name: "Tag Added".to_owned(),
        user_id: Some("u".to_owned()),
        anonymous_id: None,
        previous_id: None,
        member: None,
        timestamp: Time::from_millis(1_000),
        received_at: Time::from_millis(2_000),
        message_id: "m".to_owned(),
        source: "operator:x".to_owned(),
        trusted: true,
        properties: empty_object(),
        context: empty_object(),
    };
    let record = String::from_utf8(event.to_record()).unwrap();
    bury(&house, WORKSPACE, Code::Poison, vec![record.clone()]).await;
    let address = "/api/v1/dead-letters/replay";
    let reply = house.call_as(Role::Operator, "POST", address, json!({"code":"poison"}).to_string()).await;
    assert_eq!(reply.json()["replayed"], 1, "{}", reply.text);
    let replayed = &house.log.events()[0];
    assert_eq!((replayed.kind, replayed.timestamp), (EventKind::Command, event.timestamp));
    assert!(replayed.message_id.starts_with("ded_") && replayed.id != event.id);

    // A stage may name a better reason than `poison`.
    let letter = DeadLetter {
        workspace: WORKSPACE,
        source: "command".to_owned(),
        code: Code::InvalidField,
        message: "because".to_owned(),
        payload: record.clone(),
    };
    let tx = house.db.begin().await.unwrap();
    dead_letters::bury(&tx, &house.ids, now(), vec![letter]).await.unwrap();
    tx.commit().await.unwrap();
    let reply = house.call_as(Role::Operator, "POST", address, json!({"code":"invalid_field"}).to_string()).await;
    assert_eq!((&reply.json()["replayed"], house.log.events().len()), (&json!(1), 2));

    // A corrected one, too, gets an id that the pipeline has not seen.
    bury(&house, WORKSPACE, Code::Poison, vec![record.clone()]).await;
    let newest = dead_letters::list(house.db.read(), WORKSPACE, None, i64::MAX, 1).await.unwrap();
    let id = DeadLetterId(newest[0].id);
    let corrected = json!({"payload":{"type":"track","event":"E","userId":"u","messageId":"m"}}).to_string();
    let reply = house.call_as(Role::Operator, "POST", &format!("/api/v1/dead-letters/{id}/replay"), corrected).await;
    assert_eq!(reply.json()["replayed"], 1, "{}", reply.text);
    assert_eq!(house.log.events()[2].message_id, id.to_string());

    // The same text sent in from outside is a record of an unknown call, before and after replaying.
    let reply = house.post("/v1/batch", format!(r#"{{"batch":[{record}]}}"#)).await;
    assert_eq!(reply.code(), "missing_field");
    let reply = house.call_as(Role::Operator, "POST", address, json!({"code":"missing_field"}).to_string()).await;
    assert_eq!(reply.json()["replayed"], 0);
    assert_eq!(house.log.events().len(), 3);
}

#[tokio::test]
async fn whatever_a_payload_holds_can_be_kept() {
    for house in House::on_every_database().await {
        let awkward = "a\0b\u{1}\u{7f}'\"\\ \\u0000 \u{1F600} 围炉".to_owned();
        bury(&house, WORKSPACE, Code::MalformedJson, vec![awkward, "炉".repeat(40_000)]).await;
        let kept = dead_letters::list(house.db.read(), WORKSPACE, None, i64::MAX, 10).await.unwrap();
        assert_eq!(kept[1].payload, "a\\u0000b\u{1}\u{7f}'\"\\ \\u0000 \u{1F600} 围炉");
        assert!(kept[0].payload.len() <= dead_letters::PAYLOAD_BYTES && kept[0].payload.len() > 65_000);
        let tx = house.db.begin().await.unwrap();
        assert_eq!(dead_letters::expire(&tx, now()).await.unwrap(), 0);
        assert_eq!(dead_letters::expire(&tx, Time::from_millis(now().millis() + 1)).await.unwrap(), 2);
        tx.commit().await.unwrap();
    }
}
