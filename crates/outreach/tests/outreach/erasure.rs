//! What goes out to an address that comes back after whoever had it was erased.

use std::sync::Arc;

use axum::http::StatusCode;
use base::{
    Event,
    ids::{DeliveryId, ErasureId, MemberId},
};
use people::privacy::{EraseJob, MEMBER_ERASED, Register};
use serde_json::{Value, json};
use store::jobs::{JobHandler, JobRunner};
use testing::{Bench, user};

use crate::{
    hooks::report,
    house::{House, email, path_in, with_a_pipeline_on_every_database},
};

const ADDRESS: &str = "li@shop.example";

/// A list names somebody who has this address.
async fn import(bench: &mut Bench, id: &str, address: &str) -> MemberId {
    bench.advance(1_000);
    let event = bench.identify(user(id), json!({"email": address}));
    bench.take(&[event]).await;
    bench.owner(id).await
}

/// Sends him a message; what became of it.
async fn send(house: &House, member: MemberId, address: &str, topic: &str) -> (DeliveryId, String) {
    let id = house.queue_as(member, address, topic, house.channel, "email", house.template).await;
    house.outbox.run_once().await.unwrap();
    (id, house.fate(id).await)
}

/// Erases a member, to the certificate.
async fn erase(bench: &mut Bench, member: MemberId) -> (ErasureId, Value) {
    bench.advance(1_000);
    let erasure = bench.ids.next(ErasureId);
    let command = bench.command(member, MEMBER_ERASED, json!({"erasure": erasure, "reason": "he asked"}));
    bench.take(&[Event { source: "user:test".to_owned(), ..command }]).await;
    let dir = tempfile::tempdir().unwrap();
    let job = EraseJob {
        db: bench.db.clone(),
        log: bench.log.clone(),
        clock: bench.clock.shared(),
        ids: bench.ids.clone(),
        eraser: bench.eraser.clone(),
        register: Arc::new(Register::in_dir(dir.path(), bench.eraser.marks.of_key())),
    };
    let handlers: Vec<Arc<dyn JobHandler>> = vec![Arc::new(job)];
    let jobs = JobRunner::new(bench.db.clone(), bench.clock.shared(), bench.ids.clone(), handlers);
    while jobs.run_next().await.unwrap() {}
    let certificate = format!("SELECT certificate_json AS text FROM erasures WHERE id = {}", erasure.0);
    (erasure, serde_json::from_str(&bench.texts(&certificate).await[0]).unwrap())
}

/// Of how many addresses and topics it was noted that nothing is sent.
fn noted(certificate: &Value) -> u64 {
    assert!(certificate["remains"].as_array().unwrap().contains(&json!("withheld")), "{certificate}");
    certificate["blanked"]["withheld"].as_u64().unwrap_or_default()
}

async fn suppressed(house: &House, query: &str) -> Value {
    let listed = house.get(&format!("/api/v1/suppressions{query}")).await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.text());
    listed.json()["items"].clone()
}

#[tokio::test]
async fn whoever_complained_and_was_erased_gets_nothing_when_his_address_is_imported_again() {
    with_a_pipeline_on_every_database(|house, mut bench| async move {
        let li = import(&mut bench, "li", ADDRESS).await;
        let (delivery, fate) = send(&house, li, ADDRESS, "marketing").await;
        assert_eq!(fate, "accepted");
        report(&house, json!({"type": "complaint", "delivery": delivery})).await;
        let (erasure, certificate) = erase(&mut bench, li).await;
        assert_eq!(certificate["deleted"]["suppressions"], 1);
        assert_eq!(noted(&certificate), 2, "that he complained, and that he withdrew his consent by it");
        assert_eq!(bench.number("SELECT COUNT(*) FROM suppressions").await, 0);
        let kept = bench.texts("SELECT mark || channel_kind || topic || reason AS text FROM withheld").await;
        assert!(kept.len() == 2 && kept.iter().all(|mark| !mark.contains("li@")), "{kept:?}");

        let back = import(&mut bench, "li-again", " Li@Shop.example").await;
        assert_ne!(back, li);
        let sent = house.other_side.count();
        for topic in ["marketing", "transactional"] {
            let (_, fate) = send(&house, back, "Li@Shop.example", topic).await;
            assert_eq!(fate, "suppressed/suppressed_address", "{topic}");
        }
        assert_eq!(house.other_side.count(), sent);
        let du = import(&mut bench, "du", "du@shop.example").await;
        assert_eq!(send(&house, du, "du@shop.example", "marketing").await.1, "accepted", "others get theirs");

        // Whoever asks for the address is told why; no list shows it.
        assert_eq!(suppressed(&house, "").await, json!([]));
        let shown = suppressed(&house, "?address=LI@shop.example").await;
        let shown = shown.as_array().unwrap();
        let complaint = shown.iter().find(|item| item["reason"] == "complained").unwrap();
        assert_eq!((&complaint["source"], &complaint["topic"]), (&json!(erasure), &Value::Null));
        assert_eq!((&complaint["address"], shown.len()), (&json!(ADDRESS), 2));

        // Erased once more: nothing is forgotten.
        let (_, again) = erase(&mut bench, back).await;
        assert_eq!(noted(&again), 0);
        let back = import(&mut bench, "li-a-third-time", ADDRESS).await;
        assert_eq!(send(&house, back, ADDRESS, "marketing").await.1, "suppressed/suppressed_address");

        let uri = format!("/api/v1/suppressions?channel_kind=email&address={ADDRESS}");
        let removed = house.request("DELETE", &uri, &[], Vec::new()).await;
        assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.text());
        assert_eq!(send(&house, back, ADDRESS, "transactional").await.1, "accepted");
        let withdrawn = "suppressed/consent_withdrawn";
        assert_eq!(send(&house, back, ADDRESS, "marketing").await.1, withdrawn, "he has to ask for it anew");
        assert_eq!(house.request("DELETE", &uri, &[], Vec::new()).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn whoever_unsubscribed_and_was_erased_gets_nothing_of_the_topic_until_he_agrees_anew() {
    with_a_pipeline_on_every_database(|house, mut bench| async move {
        let li = import(&mut bench, "li", ADDRESS).await;
        send(&house, li, ADDRESS, "marketing").await;
        let path = path_in(&email(&house.other_side.sent()[0]).3.unwrap(), "u");
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let left = house.request("POST", &path, &form, b"List-Unsubscribe=One-Click".to_vec()).await;
        assert_eq!(left.status, StatusCode::OK);
        let (erasure, certificate) = erase(&mut bench, li).await;
        assert_eq!(noted(&certificate), 1);
        assert_eq!(bench.number("SELECT COUNT(*) FROM consents").await, 0);

        let back = import(&mut bench, "li-again", ADDRESS).await;
        assert_eq!(send(&house, back, ADDRESS, "marketing").await.1, "suppressed/consent_withdrawn");
        assert_eq!(send(&house, back, ADDRESS, "orders").await.1, "accepted", "he had nothing against that");
        let shown = suppressed(&house, &format!("?address={ADDRESS}")).await;
        let expected = (&json!("consent_withdrawn"), &json!("marketing"), &json!(erasure));
        assert_eq!((&shown[0]["reason"], &shown[0]["topic"], &shown[0]["source"]), expected);
        let uri = format!("/api/v1/suppressions?channel_kind=email&address={ADDRESS}");
        let removed = house.request("DELETE", &uri, &[], Vec::new()).await;
        assert_eq!(removed.status, StatusCode::NOT_FOUND, "a withdrawal is no suppression");

        // What a page claims takes back no withdrawal; what he decides himself does.
        let claim = bench.track(user("li-again"), "Consent Given", json!({"channel": "email", "purpose": "marketing"}));
        bench.take(&[Event { trusted: false, ..claim }]).await;
        assert_eq!(send(&house, back, ADDRESS, "marketing").await.1, "suppressed/consent_withdrawn");
        let consent = json!({"channel_kind": "email", "topic": "marketing", "granted": true});
        let given = house.send_json("PUT", &format!("/api/v1/members/{back}/consent"), consent).await;
        assert_eq!(given.status, StatusCode::OK, "{}", given.text());
        assert_eq!(send(&house, back, ADDRESS, "marketing").await.1, "accepted");
    })
    .await;
}

#[tokio::test]
async fn of_whoever_wanted_everything_nothing_is_kept() {
    with_a_pipeline_on_every_database(|house, mut bench| async move {
        let li = import(&mut bench, "li", ADDRESS).await;
        let consent = json!({"channel_kind": "email", "topic": "marketing", "granted": false});
        house.send_json("PUT", &format!("/api/v1/members/{li}/consent"), consent).await;
        bench.advance(1_000);
        let consent = json!({"channel_kind": "email", "topic": "marketing", "granted": true});
        house.send_json("PUT", &format!("/api/v1/members/{li}/consent"), consent).await;
        let (_, certificate) = erase(&mut bench, li).await;
        assert_eq!(noted(&certificate), 0);
        assert_eq!(bench.number("SELECT COUNT(*) FROM withheld").await, 0);
        let back = import(&mut bench, "li-again", ADDRESS).await;
        assert_eq!(send(&house, back, ADDRESS, "marketing").await.1, "accepted");
    })
    .await;
}
