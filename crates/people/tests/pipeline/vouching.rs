//! Whom the pipeline believes that an address was verified.

use base::{Event, ids::MemberId};
use serde_json::{Value, json, value::to_raw_value};

use super::{
    support::{Bench, HOUR, Outcome, on_every_database, routes::ask_still, user},
    traits::{define, said},
};

const ADDRESS: &str = "li@example.com";

/// The event as a key sends it that stands in a page.
fn from_page(event: Event) -> Event {
    Event { trusted: false, source: "key_page".to_owned(), ..event }
}

fn verified() -> Value {
    json!({"email": ADDRESS, "email_verified": true, "city": "Bonn"})
}

async fn verified_identities(bench: &Bench) -> Vec<String> {
    bench.texts("SELECT value AS text FROM identities WHERE verified = 1 ORDER BY value").await
}

#[tokio::test]
async fn a_page_verifies_no_address_and_its_claim_shows_nowhere_as_a_trait() {
    on_every_database(|mut bench| async move {
        let by_trait = bench.segment(1, &json!({"trait": "email_verified", "value": true})).await;
        let property = json!({"property": "email_verified", "op": "eq", "value": true});
        let by_event = bench.segment(2, &json!({"event": "Identified", "where": [property]})).await;
        let claim = from_page(bench.identify(user("page"), verified()));
        bench.take(&[claim]).await;
        assert_eq!(verified_identities(&bench).await, [""; 0]);
        assert_eq!(said(&bench, "page", "email_verified").await, Value::Null);
        assert_eq!(said(&bench, "page", "city").await, "Bonn", "the rest is taken as ever");
        assert_eq!((bench.size(by_trait).await, bench.size(by_event).await), (0, 0));

        let member = bench.owner("page").await;
        let (_, timeline) = ask_still(&bench, "GET", &format!("/api/v1/members/{member}/timeline"), Value::Null).await;
        let shown = timeline["items"].to_string();
        assert!(shown.contains("Bonn") && !shown.contains(r#""email_verified":true"#), "{shown}");
        let context = bench.texts("SELECT context_json AS text FROM events").await;
        assert_eq!(context, [r#"{"traits_not_believed":["email_verified"]}"#], "an operator sees why");

        // Nor does it once events are read again.
        define(&bench, "email_verified", "boolean", "latest").await;
        bench.restart().await;
        bench.idle().await;
        assert_eq!(said(&bench, "page", "email_verified").await, Value::Null);
        assert_eq!(bench.size(by_trait).await, 0);

        // The same words of somebody who is trusted.
        bench.take(&[bench.identify(user("page"), verified())]).await;
        assert_eq!(verified_identities(&bench).await, [ADDRESS]);
        assert_eq!((bench.size(by_trait).await, bench.size(by_event).await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn who_claims_the_address_of_another_in_a_page_is_suggested_and_not_merged() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("li"), verified())]).await;
        bench.take(&[from_page(bench.identify(user("thief"), verified()))]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 0);
        let (status, page) = ask_still(&bench, "GET", "/api/v1/merge-suggestions", Value::Null).await;
        assert_eq!(status, 200, "{page}");
        let evidence = &page["items"][0]["evidence"];
        assert_eq!(evidence["source"], "key_page");
        let (thief, li) = (bench.owner("thief").await, bench.owner("li").await);
        let named = |member: MemberId, verified: bool| {
            json!({"member": member, "kind": "email", "value": ADDRESS, "verified": verified})
        };
        assert_eq!(evidence["identities"], json!([named(thief, false), named(li, true)]));

        // What he says of himself does not help whom he lies in wait for, either: the address stays unverified.
        let trap = json!({"phone": "+49 30 1234567", "phone_verified": true});
        bench.take(&[from_page(bench.identify(user("thief"), trap.clone()))]).await;
        bench.take(&[bench.identify(user("du"), trap)]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 0);
        assert_eq!(verified_identities(&bench).await, [ADDRESS]);
    })
    .await;
}

#[tokio::test]
async fn a_page_cannot_take_back_what_a_server_has_said() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("li"), verified())]).await;
        bench.advance(HOUR);
        for claim in [json!(false), Value::Null] {
            let denial = json!({"email": ADDRESS, "email_verified": claim});
            bench.take(&[from_page(bench.identify(user("li"), denial))]).await;
        }
        assert_eq!(said(&bench, "li", "email_verified").await, json!(true));
        assert_eq!(verified_identities(&bench).await, [ADDRESS]);
    })
    .await;
}

#[tokio::test]
async fn the_log_tells_it_again_as_it_was_decided() {
    testing::on_every_database(async |database| {
        let mut bench = super::support::bench(&database).await;
        let context = to_raw_value(&json!({"page": {"path": "/"}})).unwrap();
        let mut events = Vec::new();
        for (name, is_from_page) in [("li", false), ("page", true), ("other", true), ("shop", false)] {
            // What arrives in one millisecond has no order.
            bench.advance(1);
            let said = bench.identify(user(name), verified());
            let said = Event { context: context.clone(), ..said };
            events.push(if is_from_page { from_page(said) } else { said });
        }
        bench.take(&events).await;
        let mut before = bench.state().await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 1, "the server's claim alone");

        let mut again = super::support::bench(&database).await;
        again.advance(HOUR);
        for event in &events {
            // One by one, and from a pipeline that knows nothing but the database.
            again.take(std::slice::from_ref(event)).await;
            again.restart().await;
        }
        let mut after = again.state().await;
        // Each of the two has stages of its own.
        before.remove("sizes");
        after.remove("sizes");
        assert_eq!(after, before);
    })
    .await;
}
