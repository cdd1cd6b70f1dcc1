//! Consent that events tell of: as if an operator had recorded it, with proof, and never more than its sender may say.

use base::{Event, Time};
use people::consent::{CONSENT_GIVEN, CONSENT_WITHDRAWN, Check, refusals};
use serde_json::{Value, json};

use super::{
    parting::{merge, undo},
    support::{Bench, HOUR, MINUTE, WORKSPACE, on_every_database, routes::ask_still, user},
};

const WITHDRAWN: Option<&str> = Some("consent_withdrawn");
const NOTHING: Option<&str> = Some("no_consent");

/// The event as a key sends it that stands in a page.
fn from_page(event: Event) -> Event {
    Event { trusted: false, source: "key_page".to_owned(), ..event }
}

fn given(bench: &Bench, who: &str) -> Event {
    bench.track(user(who), CONSENT_GIVEN, json!({"channel": "email", "purpose": "news"}))
}

fn withdrawn(bench: &Bench, who: &str) -> Event {
    bench.track(user(who), CONSENT_WITHDRAWN, json!({"channel": "email", "purpose": "news"}))
}

/// Why a mail about this topic must not go out, on a channel that requires consent.
async fn refusal(bench: &Bench, who: &str, topic: &str) -> Option<&'static str> {
    let check = Check {
        workspace: WORKSPACE,
        member: bench.owner(who).await,
        channel_kind: "email".to_owned(),
        topic: topic.to_owned(),
        address: String::new(),
        requires_consent: true,
    };
    refusals(bench.db.read(), &bench.eraser.marks, &[check]).await.unwrap()[0]
}

async fn asked(bench: &Bench, method: &str, who: &str, path: &str, body: Value) -> Value {
    let uri = format!("/api/v1/members/{}/consent{path}", bench.owner(who).await);
    let (status, answer) = ask_still(bench, method, &uri, body).await;
    assert_eq!(status, 200, "{answer}");
    answer["items"].clone()
}

async fn put(bench: &Bench, who: &str, topic: &str, granted: bool) {
    let change = json!({"channel_kind": "email", "topic": topic, "granted": granted});
    asked(bench, "PUT", who, "", change).await;
}

#[tokio::test]
async fn a_site_tells_of_decisions_and_what_was_shown_is_kept_as_their_proof() {
    on_every_database(|mut bench| async move {
        let shown = json!({"channel": "email", "purpose": "news", "text": "我要订阅", "version": "3"});
        let event = bench.track(user("li"), CONSENT_GIVEN, shown);
        let (id, moment) = (event.id, event.timestamp);
        bench.take(std::slice::from_ref(&event)).await;
        assert_eq!(refusal(&bench, "li", "news").await, None);
        assert_eq!(refusal(&bench, "li", "other").await, NOTHING);
        let proof = json!({"event": id, "message_id": id.to_string(), "received_at": moment, "page": null,
            "said": {"text": "我要订阅", "version": "3"}});
        let expected = json!([{"channel_kind": "email", "topic": "news", "granted": true, "decided_at": moment,
            "source": "test", "proof": proof, "claimed": false, "identity_kind": "user_id", "identity_value": "li"}]);
        assert_eq!(asked(&bench, "GET", "li", "", Value::Null).await, expected);
        assert_eq!(asked(&bench, "GET", "li", "/history", Value::Null).await, expected);

        // The same record again is the same decision.
        bench.take(&[event]).await;
        bench.advance(MINUTE);
        put(&bench, "li", "news", false).await;
        assert_eq!(refusal(&bench, "li", "news").await, WITHDRAWN);
        assert_eq!(asked(&bench, "GET", "li", "/history", Value::Null).await.as_array().unwrap().len(), 2);

        // Told late, it does not change what was decided since.
        let late = Event { timestamp: Time::from_millis(moment.millis() + 1), ..given(&bench, "li") };
        bench.take(&[late]).await;
        assert_eq!(refusal(&bench, "li", "news").await, WITHDRAWN);
        bench.take(&[given(&bench, "li")]).await;
        assert_eq!(refusal(&bench, "li", "news").await, None);
    })
    .await;
}

#[tokio::test]
async fn a_withdrawal_is_believed_from_a_page_and_without_a_purpose_it_covers_everything() {
    on_every_database(|mut bench| async move {
        bench.take(&[given(&bench, "li")]).await;
        bench.advance(MINUTE);
        let all = bench.track(user("li"), CONSENT_WITHDRAWN, json!({"channel": "email"}));
        bench.take(&[from_page(all)]).await;
        assert_eq!(refusal(&bench, "li", "news").await, WITHDRAWN);
        assert_eq!(refusal(&bench, "li", "other").await, WITHDRAWN);
    })
    .await;
}

#[tokio::test]
async fn what_a_page_says_was_given_counts_until_anybody_decides_otherwise() {
    on_every_database(|mut bench| async move {
        bench.take(&[from_page(given(&bench, "li"))]).await;
        assert_eq!(refusal(&bench, "li", "news").await, None);
        let items = asked(&bench, "GET", "li", "", Value::Null).await;
        assert_eq!((&items[0]["claimed"], &items[0]["source"]), (&json!(true), &json!("key_page")));

        // A withdrawal that was made before and is told later is stronger all the same.
        let before = Event { timestamp: Time::from_millis(bench.now().millis() - HOUR), ..withdrawn(&bench, "li") };
        bench.take(&[before]).await;
        assert_eq!(refusal(&bench, "li", "news").await, WITHDRAWN);
        bench.advance(MINUTE);
        bench.take(&[from_page(given(&bench, "li"))]).await;
        assert_eq!(refusal(&bench, "li", "news").await, WITHDRAWN, "anybody could have said that");
        bench.take(&[given(&bench, "li")]).await;
        assert_eq!(refusal(&bench, "li", "news").await, None);
        bench.advance(MINUTE);
        put(&bench, "li", "*", false).await;
        bench.advance(MINUTE);
        let member = format!("/api/v1/members/{}", bench.owner("li").await);
        let shown = ask_still(&bench, "GET", &member, Value::Null).await.1;
        bench.take(&[from_page(given(&bench, "li"))]).await;
        assert_eq!(refusal(&bench, "li", "news").await, WITHDRAWN);
        let now_shown = ask_still(&bench, "GET", &member, Value::Null).await.1;
        assert_eq!(now_shown["consent"], shown["consent"]);
        assert_eq!(asked(&bench, "GET", "li", "/history", Value::Null).await.as_array().unwrap().len(), 6);
    })
    .await;
}

#[tokio::test]
async fn within_one_batch_the_same_counts_as_one_after_the_other() {
    on_every_database(|mut bench| async move {
        let mut events = Vec::new();
        for (nth, who) in ["a", "b", "c"].into_iter().enumerate() {
            bench.advance(1);
            let mut told = vec![withdrawn(&bench, who), given(&bench, who), from_page(given(&bench, who))];
            told.rotate_left(nth);
            for (later, event) in told.into_iter().enumerate() {
                let at = Time::from_millis(bench.now().millis() + later as i64);
                events.push(Event { timestamp: at, received_at: at, ..event });
            }
        }
        bench.advance(MINUTE);
        bench.take(&events).await;
        // a: withdrawn, given, claimed. b: given, claimed, withdrawn. c: claimed, withdrawn, given.
        assert_eq!(refusal(&bench, "a", "news").await, None);
        assert_eq!(refusal(&bench, "b", "news").await, WITHDRAWN);
        assert_eq!(refusal(&bench, "c", "news").await, None);
        assert_eq!(bench.number("SELECT COUNT(*) FROM consents").await, 3);
        assert_eq!(bench.number("SELECT COUNT(*) FROM consent_changes").await, 9);
    })
    .await;
}

#[tokio::test]
async fn after_a_merge_is_undone_each_has_decided_what_he_decided() {
    on_every_database(|mut bench| async move {
        bench.take(&[from_page(given(&bench, "a")), withdrawn(&bench, "b")]).await;
        bench.advance(HOUR);
        let merged = merge(&mut bench, "a", "b").await;
        assert_eq!(refusal(&bench, "a", "news").await, WITHDRAWN);
        bench.advance(HOUR);
        let about_b = bench.track(user("b"), CONSENT_GIVEN, json!({"channel": "email", "purpose": "events"}));
        bench.take(&[from_page(given(&bench, "a")), about_b]).await;
        assert_eq!(refusal(&bench, "a", "news").await, WITHDRAWN);
        assert_eq!(refusal(&bench, "a", "events").await, None);
        undo(&mut bench, merged).await;
        assert_eq!((refusal(&bench, "a", "news").await, refusal(&bench, "b", "news").await), (None, WITHDRAWN));
        assert_eq!((refusal(&bench, "a", "events").await, refusal(&bench, "b", "events").await), (NOTHING, None));
    })
    .await;
}

#[tokio::test]
async fn a_decision_that_cannot_be_understood_waits_in_the_dead_letters_and_its_event_stays() {
    on_every_database(|mut bench| async move {
        let wrong = [
            (CONSENT_GIVEN, json!({"channel": "email"})),
            (CONSENT_GIVEN, json!({"purpose": "news"})),
            (CONSENT_GIVEN, json!({"channel": "email", "purpose": ["news"]})),
            (CONSENT_WITHDRAWN, json!({"channel": " "})),
            (CONSENT_WITHDRAWN, json!({"channel": "email", "purpose": "n".repeat(101)})),
        ];
        let events: Vec<Event> =
            wrong.iter().map(|(name, properties)| bench.track(user("li"), name, properties.clone())).collect();
        bench.take(&events).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 5);
        assert_eq!(bench.number("SELECT COUNT(*) FROM consent_changes").await, 0);
        let codes = bench.texts("SELECT code AS text FROM dead_letters ORDER BY id").await;
        assert_eq!(codes, ["missing_field", "missing_field", "invalid_field", "invalid_field", "invalid_field"]);

        // A proof that is too long to be kept twice does not keep a decision from being recorded.
        let long = json!({"channel": "email", "purpose": "news", "text": "n".repeat(20_000)});
        bench.take(&[bench.track(user("li"), CONSENT_GIVEN, long)]).await;
        assert_eq!(refusal(&bench, "li", "news").await, None);
        let items = asked(&bench, "GET", "li", "", Value::Null).await;
        assert!(items[0]["proof"]["event"].is_string() && items[0]["proof"]["said"].is_null(), "{items}");
    })
    .await;
}
