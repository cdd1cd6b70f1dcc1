//! Whom the pipeline believes that an address was verified.

use base::{
    Event, EventKind,
    ids::{IdentityId, MemberId, MergeId},
};
use serde_json::{Value, json, value::to_raw_value};

use super::{
    parting::undo,
    support::{
        Bench, HOUR, Outcome, both, on_every_database,
        routes::{ask, ask_still},
        user, visitor,
    },
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

fn alias(bench: &Bench, id: &str, previous: &str) -> Event {
    Event { previous_id: Some(previous.to_owned()), ..bench.event(EventKind::Alias, "Aliased", user(id), json!({})) }
}

async fn suggestions(bench: &Bench) -> Vec<Value> {
    let (status, page) = ask_still(bench, "GET", "/api/v1/merge-suggestions", Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_alias_from_a_page_makes_a_visitor_known_and_suggests_whoever_is_known_already() {
    on_every_database(|mut bench| async move {
        bench.take(&[from_page(bench.track(visitor("phone"), "Page Read", json!({})))]).await;
        bench.take(&[from_page(bench.track(user("li"), "Page Read", json!({})))]).await;
        bench.take(&[from_page(alias(&bench, "li", "phone"))]).await;
        bench.take(&[from_page(alias(&bench, "li", "unseen"))]).await;
        let li = bench.owner("li").await;
        assert_eq!((bench.owner("phone").await, bench.owner("unseen").await), (li, li));
        assert_eq!(bench.texts("SELECT reason AS text FROM merges").await, ["alias"]);

        // Neither of two users is proven, and one has never been seen before.
        bench.take(&[from_page(bench.track(user("thief"), "Page Read", json!({})))]).await;
        for (id, previous) in [("thief", "li"), ("newcomer", "li")] {
            bench.take(&[from_page(alias(&bench, id, previous))]).await;
            assert_ne!(bench.owner(id).await, li, "{id}");
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 1);
        let shown = suggestions(&bench).await;
        assert_eq!(shown.len(), 2);
        for one in &shown {
            assert_eq!(one["reason"], "alias from a key that is not trusted");
            assert_eq!(one["evidence"]["source"], "key_page");
            let named: Vec<&Value> = one["evidence"]["identities"].as_array().unwrap().iter().collect();
            assert_eq!((&named[1]["kind"], &named[1]["value"]), (&json!("user_id"), &json!("li")), "{one}");
        }

        // By way of a device of his own it is no other.
        bench.take(&[from_page(bench.identify(both("li", "shared"), json!({})))]).await;
        bench.take(&[from_page(alias(&bench, "thief", "shared"))]).await;
        assert_ne!(bench.owner("thief").await, bench.owner("li").await);

        // An operator agrees; and what a server says needs nobody's consent.
        let thief = bench.owner("thief").await;
        let of_thief = shown.iter().find(|one| one["one"] == json!(thief) || one["other"] == json!(thief)).unwrap();
        let uri = format!("/api/v1/merge-suggestions/{}/accept", of_thief["id"].as_str().unwrap());
        assert_eq!(ask(&mut bench, "POST", &uri, Value::Null).await.0, 200);
        assert_eq!(bench.owner("thief").await, bench.owner("li").await);
        bench.take(&[alias(&bench, "newcomer", "li")]).await;
        assert_eq!(bench.owner("newcomer").await, bench.owner("li").await);
        assert_eq!(suggestions(&bench).await, Vec::<Value>::new());
    })
    .await;
}

#[tokio::test]
async fn whoever_verified_an_address_that_another_only_claims_is_told_of_and_can_be_given_it() {
    on_every_database(|mut bench| async move {
        let claim = json!({"email": ADDRESS});
        bench.take(&[from_page(bench.identify(user("squatter"), claim.clone()))]).await;
        bench.take(&[bench.identify(user("li"), claim.clone())]).await;
        assert_eq!(suggestions(&bench).await[0]["reason"], "same address");

        // The stronger word takes the place of the weaker one, and the weaker one not that of the stronger.
        let words = [claim.clone(), verified(), claim];
        let told: Vec<Event> = words.into_iter().map(|traits| bench.identify(user("li"), traits)).collect();
        bench.take(&told).await;
        let (li, squatter) = (bench.owner("li").await, bench.owner("squatter").await);
        assert_ne!(li, squatter);
        let shown = suggestions(&bench).await;
        assert_eq!((shown.len(), &shown[0]["reason"]), (1, &json!("verified address that the other only claims")));
        let named = |member: MemberId, verified: bool| {
            json!({"member": member, "kind": "email", "value": ADDRESS, "verified": verified})
        };
        assert_eq!(shown[0]["evidence"]["identities"], json!([named(li, true), named(squatter, false)]));

        // The address is split off the squatter, and goes to whoever verifies it then.
        let identity = IdentityId(bench.number(&format!("SELECT id FROM identities WHERE value = '{ADDRESS}'")).await);
        let uri = format!("/api/v1/members/{squatter}/split");
        let (status, split) = ask(&mut bench, "POST", &uri, json!({"identity": identity})).await;
        assert_eq!(status, 200, "{split}");
        let said = bench.identify(user("li"), verified());
        bench.take(&[said]).await;
        let alone = bench.owner(ADDRESS).await;
        let shown = suggestions(&bench).await;
        let of_alone = shown.iter().find(|one| one["one"] == json!(alone) || one["other"] == json!(alone)).unwrap();
        let uri = format!("/api/v1/merge-suggestions/{}/accept", of_alone["id"].as_str().unwrap());
        let (status, merged) = ask(&mut bench, "POST", &uri, Value::Null).await;
        assert_eq!(status, 200, "{merged}");
        assert_eq!(bench.owner(ADDRESS).await, bench.owner("li").await);
        assert_eq!(bench.owner("squatter").await, squatter);
        let merge: MergeId = merged["merge_id"].as_str().unwrap().parse().unwrap();
        undo(&mut bench, merge).await;
        assert_eq!((bench.owner(ADDRESS).await, bench.owner("li").await), (alone, li), "exactly as it was");
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
