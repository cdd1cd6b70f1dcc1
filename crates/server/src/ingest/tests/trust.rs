//! Verified addresses: no write key from a page can make its holder one with somebody else, whatever is sent with it
//! to whichever address. From the request through the log and the pipeline, on every database.

use std::future::Future;

use api::Role;
use axum::{
    body::Body,
    http::{Request, header},
};
use base::{Code, Event, ids::DeadLetterId};
use people::{identity::IdentifyStage, members::ProfileStage, pipeline::Stage};
use serde_json::{Value, json};
use store::{
    Sql,
    dead_letters::{self, DeadLetter},
};
use testing::Bench;

use super::{House, KEY, RateLimit, SECRET, SERVER_KEY, SERVER_SECRET, WORKSPACE, now};

const ADDRESS: &str = "li@example.com";

fn stages() -> Vec<Box<dyn Stage>> {
    vec![Box::new(IdentifyStage), Box::new(ProfileStage)]
}

/// A server and a pipeline that takes what it appends.
async fn on_every_database<F: Future<Output = ()>>(test: impl Fn(House, Bench) -> F) {
    testing::on_every_database(async |database| {
        let bench = database.bench(stages).await;
        test(House::on(database, RateLimit::default()), bench).await;
    })
    .await;
}

/// A way to say that the address is one's own and verified: where, and the body.
struct Claim {
    what: &'static str,
    path: &'static str,
    body: String,
}

/// Every way, as it is sent in the name of `user` with the key `key`.
fn claims(user: &str, key: &str) -> Vec<Claim> {
    let mut claims = own_claims(user, key);
    claims.extend(dialect_claims(user, key));
    claims
}

fn own_claims(user: &str, key: &str) -> Vec<Claim> {
    let traits = json!({"email": ADDRESS, "email_verified": true});
    let raw = |traits: &str| format!(r#"{{"writeKey":"{key}","userId":"{user}","traits":{traits}}}"#);
    let claim = |what, path, body: Value| Claim { what, path, body: body.to_string() };
    vec![
        claim("in traits", "/v1/identify", json!({"writeKey": key, "userId": user, "traits": traits})),
        claim(
            "in the context",
            "/v1/identify",
            json!({"writeKey": key, "userId": user, "context": {"traits": traits}}),
        ),
        claim(
            "in a batch",
            "/v1/batch",
            json!({"writeKey": key, "batch": [{"type": "identify", "userId": user, "traits": traits}]}),
        ),
        claim(
            "with the mark of the log beside it and in every object",
            "/v1/batch",
            json!({"writeKey": key, "trust": true, "trusted": true, "context": {"trust": true}, "batch": [{
                "type": "identify", "userId": user, "trust": true, "trusted": true, "src": "operator:x",
                "traits": {"email": ADDRESS, "email_verified": true, "trust": true, "trusted": true},
                "context": {"trust": true, "source": "operator:x", "traits_not_believed": []},
                "integrations": {"trust": true}}]}),
        ),
        claim(
            "in texts that would end a text of the record",
            "/v1/identify",
            json!({"writeKey": key, "userId": user, "traits": traits,
                "messageId": format!(r#"{user}","trust":true,"x":""#),
                "anonymousId": format!(r#"{user}","src":"x","trust":true,"y":{{"#)}),
        ),
        Claim {
            what: "under a name that is written with an escape",
            path: "/v1/identify",
            body: raw(&format!(r#"{{"email":"{ADDRESS}","email\u005fverified":true}}"#)),
        },
        Claim {
            what: "twice",
            path: "/v1/identify",
            body: raw(&format!(r#"{{"email_verified":true,"email":"{ADDRESS}","email_verified":true}}"#)),
        },
    ]
}

fn dialect_claims(user: &str, key: &str) -> Vec<Claim> {
    let traits = json!({"email": ADDRESS, "email_verified": true});
    let claim = |what, path, body: Value| Claim { what, path, body: body.to_string() };
    let posthog =
        |set: &str| json!({"api_key": key, "event": "$identify", "distinct_id": user, "properties": {(set): traits}});
    let amplitude = |operations: Value| {
        json!({"api_key": key, "events": [
            {"event_type": "$identify", "user_id": user, "user_properties": operations}]})
    };
    let sensors = |kind: &str, properties: Value| json!({"type": kind, "distinct_id": user, "login_id": user, "token": key, "properties": properties});
    let mut by_identity = sensors("profile_set", json!({"email_verified": true}));
    by_identity["identities"] = json!({"$identity_login_id": user, "$identity_email": ADDRESS});
    vec![
        claim("PostHog $set", "/batch/", json!({"api_key": key, "batch": [posthog("$set")]})),
        claim("PostHog $set_once", "/i/v0/e/", posthog("$set_once")),
        claim("Mixpanel $set", "/engage", json!([{"$token": key, "$distinct_id": user, "$set": traits}])),
        claim(
            "Mixpanel $email",
            "/engage",
            json!([{"$token": key, "$distinct_id": user, "$set_once": {"$email": ADDRESS, "email_verified": true}}]),
        ),
        claim("Amplitude $set", "/2/httpapi", amplitude(json!({"$set": traits}))),
        claim("Amplitude without an operation", "/2/httpapi", amplitude(traits.clone())),
        claim("Sensors profile_set", "/sa", sensors("profile_set", traits.clone())),
        claim("Sensors profile_set_once", "/sa", sensors("profile_set_once", traits)),
        claim("Sensors identities", "/sa", by_identity),
    ]
}

/// Sends a claim without credentials in its headers, and lets the pipeline take what was not there before.
async fn send(house: &House, bench: &mut Bench, claim: &Claim) {
    let before = house.log.events().len();
    let request = Request::post(claim.path).header(header::CONTENT_TYPE, "application/json");
    let reply = house.send(request.body(Body::from(claim.body.clone())).unwrap()).await;
    assert_eq!(reply.status.as_u16(), 200, "{}: {}", claim.what, reply.text);
    // Times of arrival are those of one log.
    house.advance(1);
    let events = house.log.events().split_off(before);
    assert_eq!(events.len(), 1, "{}", claim.what);
    bench.take(&events).await;
}

async fn owner(bench: &Bench) -> String {
    let owner = "SELECT u.value AS text FROM identities e JOIN identities u ON u.member_id = e.member_id
                 WHERE e.kind = 'email' AND u.kind = 'user_id'";
    bench.texts(owner).await.join(" ")
}

#[tokio::test]
async fn no_claim_with_a_key_of_a_page_merges_or_verifies_and_each_is_suggested() {
    on_every_database(|house, mut bench| async move {
        send(&house, &mut bench, &own_claims("li", SERVER_SECRET).swap_remove(0)).await;
        let verified = "SELECT kind || ':' || value AS text FROM identities WHERE verified = 1";
        assert_eq!(bench.texts(verified).await, [format!("email:{ADDRESS}")]);
        for nth in 0..claims("", "").len() {
            let claim = claims(&format!("thief{nth}"), SECRET).swap_remove(nth);
            send(&house, &mut bench, &claim).await;
            assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 0, "{}", claim.what);
            assert_eq!(bench.texts(verified).await.len(), 1, "{}", claim.what);
            let suggested = bench.number("SELECT COUNT(*) FROM merge_suggestions").await;
            assert_eq!(suggested, nth as i64 + 1, "{}", claim.what);
            let kept = bench.texts("SELECT traits_json AS text FROM identities WHERE value LIKE 'thief%'").await;
            assert!(kept.iter().all(|traits| !traits.contains("verified")), "{}: {kept:?}", claim.what);
        }
        assert_eq!(owner(&bench).await, "li");
        assert_eq!(bench.number("SELECT COUNT(*) FROM dead_letters").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_same_claims_with_a_key_of_a_server_are_believed() {
    on_every_database(|house, mut bench| async move {
        send(&house, &mut bench, &own_claims("li", SERVER_SECRET).swap_remove(0)).await;
        for nth in 0..claims("", "").len() {
            let claim = claims(&format!("device{nth}"), SERVER_SECRET).swap_remove(nth);
            send(&house, &mut bench, &claim).await;
            assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, nth as i64 + 1, "{}", claim.what);
        }
    })
    .await;
}

#[tokio::test]
async fn a_claim_in_any_other_place_makes_no_identity_at_all() {
    on_every_database(|house, mut bench| async move {
        let traits = json!({"email": ADDRESS, "email_verified": true});
        for (call, mut body) in [
            ("track", json!({"event": "E", "properties": traits, "traits": traits, "context": {"traits": traits}})),
            ("page", json!({"properties": traits, "traits": traits})),
            ("group", json!({"groupId": "g", "traits": traits})),
            ("identify", json!({"traits": {"traits": traits, "user": traits, "$set": traits}})),
            ("identify", json!({"properties": traits, "traits": {}})),
        ] {
            body["userId"] = "thief".into();
            body["writeKey"] = SECRET.into();
            let path = format!("/v1/{call}");
            let request = Request::post(&path).header(header::CONTENT_TYPE, "application/json");
            let reply = house.send(request.body(Body::from(body.to_string())).unwrap()).await;
            assert_eq!(reply.status.as_u16(), 200, "{}", reply.text);
        }
        bench.take(&house.log.events()).await;
        assert_eq!(bench.texts("SELECT kind || ':' || value AS text FROM identities").await, ["user_id:thief"]);
    })
    .await;
}

#[tokio::test]
async fn operators_and_api_keys_vouch_by_their_nature() {
    let house = House::new().await;
    let body = json!({"type": "identify", "userId": "u", "traits": {"email": ADDRESS, "email_verified": true}});
    let reply = house.call_as(Role::Operator, "POST", "/api/v1/events", body.to_string()).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text);
    house.post("/v1/identify", body.to_string()).await;
    let trusted: Vec<bool> = house.log.events().iter().map(|event| event.trusted).collect();
    assert_eq!(trusted, [true, false]);
}

/// Keeps a letter as if this sender had been refused, or his event had failed in the pipeline; returns its id.
async fn bury(house: &House, source: &str, code: Code, payload: String) -> DeadLetterId {
    let message = "because".to_owned();
    let letter = DeadLetter { workspace: WORKSPACE, source: source.to_owned(), code, message, payload };
    let tx = house.db.begin().await.unwrap();
    dead_letters::bury(&tx, &house.ids, now(), vec![letter]).await.unwrap();
    tx.commit().await.unwrap();
    let newest: Option<i64> = house.db.read().scalar("SELECT MAX(id) FROM dead_letters", vec![]).await.unwrap();
    DeadLetterId(newest.unwrap())
}

#[tokio::test]
async fn replaying_a_dead_letter_vouches_for_nothing_that_its_sender_did_not() {
    for house in House::on_every_database().await {
        let claim = json!({"type": "identify", "userId": "u", "traits": {"email": ADDRESS, "email_verified": true}});
        let foreign = json!({"dialect": "mixpanel_profile", "record": {
            "$distinct_id": "u", "$set": {"email": ADDRESS, "email_verified": true}}});
        house.post("/v1/identify", claim.to_string()).await;
        let mut record = house.log.events().remove(0);
        let by_page = String::from_utf8(record.to_record()).unwrap();
        record.trusted = true;
        let by_server = String::from_utf8(record.to_record()).unwrap();
        let operator = "operator:usr_0000000000001";
        let corrected = json!({ "payload": claim }).to_string();
        for (source, code, payload, expected) in [
            (KEY.to_string(), Code::TooDeep, claim.to_string(), false),
            (KEY.to_string(), Code::TooDeep, foreign.to_string(), false),
            ("key_0000000000001".to_owned(), Code::TooDeep, claim.to_string(), false),
            (SERVER_KEY.to_string(), Code::TooDeep, claim.to_string(), true),
            (SERVER_KEY.to_string(), Code::TooDeep, foreign.to_string(), true),
            (operator.to_owned(), Code::TooDeep, claim.to_string(), true),
            ("pipeline".to_owned(), Code::Poison, by_page.clone(), false),
            ("pipeline".to_owned(), Code::Poison, by_server.clone(), true),
            ("pipeline".to_owned(), Code::WrongTraitType, by_page, false),
            ("pipeline".to_owned(), Code::WrongTraitType, by_server, true),
        ] {
            for body in ["", corrected.as_str()] {
                let id = bury(&house, &source, code, payload.clone()).await;
                let path = format!("/api/v1/dead-letters/{id}/replay");
                let reply = house.call_as(Role::Owner, "POST", &path, body.to_owned()).await;
                assert_eq!(reply.status.as_u16(), 200, "{source} {code:?}: {}", reply.text);
                let last: Event = house.log.events().pop().unwrap();
                assert_eq!(last.trusted, expected, "{source} {code:?} {payload} {body}");
            }
        }
    }
}
