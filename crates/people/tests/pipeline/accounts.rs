//! Accounts on platforms and devices, by which events name their members.

use base::Event;
use serde_json::{Value, json, value::to_raw_value};

use super::{
    parting::undo,
    support::{Bench, Outcome, bench, on_every_database, routes::ask_still, user, visitor},
};

/// The event with these further ids: type and id.
pub fn with_ids(event: Event, ids: &[(&str, &str)]) -> Event {
    let ids: Vec<Value> = ids.iter().map(|(kind, id)| json!({"type": kind, "id": id})).collect();
    Event { context: to_raw_value(&json!({ "externalIds": ids })).unwrap(), ..event }
}

fn from_page(event: Event) -> Event {
    Event { trusted: false, source: "key_page".to_owned(), ..event }
}

/// Somebody of whom only these ids are told.
fn by_account(bench: &Bench, ids: &[(&str, &str)]) -> Event {
    with_ids(bench.track((None, None), "Message Posted", json!({})), ids)
}

async fn take(bench: &mut Bench, event: Event) {
    bench.take(&[event]).await;
    // What arrives in one millisecond has no order.
    bench.advance(1);
}

async fn people(bench: &Bench) -> Vec<String> {
    bench.people().await.into_iter().map(|identities| identities.join(" ")).collect()
}

async fn merges(bench: &Bench) -> i64 {
    bench.number("SELECT COUNT(*) FROM merges").await
}

async fn suggestions(bench: &Bench) -> Vec<Value> {
    let (status, page) = ask_still(bench, "GET", "/api/v1/merge-suggestions", Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_account_names_its_member_without_any_other_id() {
    on_every_database(|mut bench| async move {
        let event = by_account(&bench, &[("openid", "o1"), ("wechat_unionid", "U1")]);
        take(&mut bench, event).await;
        let event = by_account(&bench, &[("openid", "o1")]);
        take(&mut bench, event).await;
        let event = by_account(&bench, &[("openid", "o2"), ("unionid", "U1")]);
        take(&mut bench, event).await;
        assert_eq!(people(&bench).await, ["openid:o1 openid:o2 unionid:U1"]);
        let whose = "SELECT i.value AS text FROM events e JOIN identities i ON i.id = e.identity_id
            ORDER BY e.happened_at";
        assert_eq!(bench.texts(whose).await, ["U1", "o1", "U1"], "facts belong to the strongest");
        assert_eq!(bench.number("SELECT COUNT(*) FROM identities WHERE verified = 1").await, 3);

        let (status, found) = ask_still(&bench, "GET", "/api/v1/members?search=u1", Value::Null).await;
        assert_eq!((status, found["items"].as_array().unwrap().len()), (200, 1), "{found}");
        let shown = found["items"][0]["identities"].as_array().unwrap();
        assert!(shown.iter().any(|one| one["kind"] == "unionid" && one["value"] == "U1"), "{shown:?}");
    })
    .await;
}

#[tokio::test]
async fn a_follower_who_says_who_he_is_is_one_member_with_all_his_facts() {
    on_every_database(|mut bench| async move {
        let event = by_account(&bench, &[("openid", "o1")]);
        take(&mut bench, event).await;
        let event = with_ids(bench.identify(user("new"), json!({})), &[("openid", "o1")]);
        take(&mut bench, event).await;
        assert_eq!((people(&bench).await, merges(&bench).await), (vec!["openid:o1 user_id:new".to_owned()], 0));

        // Who is known already becomes one with him, and can be parted from him again.
        let event = bench.identify(user("known"), json!({"email": "a@example.com", "email_verified": true}));
        take(&mut bench, event).await;
        let event = by_account(&bench, &[("unionid", "U2")]);
        take(&mut bench, event).await;
        let apart = people(&bench).await;
        let known = bench.owner("known").await;
        let event = with_ids(bench.track(user("known"), "Seen", json!({})), &[("unionid", "U2")]);
        take(&mut bench, event).await;
        assert_eq!(people(&bench).await[0], "email:a@example.com unionid:U2 user_id:known");
        assert_eq!((bench.owner("U2").await, merges(&bench).await), (known, 1));
        let merge = base::ids::MergeId(bench.number("SELECT id FROM merges").await);
        undo(&mut bench, merge).await;
        assert_eq!(people(&bench).await, apart);
    })
    .await;
}

#[tokio::test]
async fn a_visitor_in_a_chat_app_is_the_one_who_was_there_before() {
    on_every_database(|mut bench| async move {
        let event = with_ids(bench.identify(user("li"), json!({})), &[("unionid", "U1")]);
        take(&mut bench, event).await;
        let li = bench.owner("li").await;
        let event = bench.track(visitor("browser"), "Page Read", json!({}));
        take(&mut bench, event).await;
        for device in ["browser", "phone"] {
            let event = with_ids(bench.track(visitor(device), "Page Read", json!({})), &[("unionid", "U1")]);
            take(&mut bench, event).await;
        }
        assert_eq!(people(&bench).await, ["anonymous_id:browser anonymous_id:phone unionid:U1 user_id:li"]);
        assert_eq!(bench.owner("phone").await, li, "who is known keeps his number");
    })
    .await;
}

#[tokio::test]
async fn two_who_are_known_and_share_an_account_are_suggested_with_what_says_so() {
    on_every_database(|mut bench| async move {
        for name in ["a", "b"] {
            let event = with_ids(bench.identify(user(name), json!({})), &[("telegram", "4711")]);
            take(&mut bench, event).await;
        }
        assert_eq!((people(&bench).await.len(), merges(&bench).await), (2, 0));
        let found = suggestions(&bench).await;
        assert_eq!((found.len(), &found[0]["reason"]), (1, &json!("same verified account")));
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        let named = |member| json!({"member": member, "kind": "telegram", "value": "4711", "verified": true});
        assert_eq!(found[0]["evidence"]["identities"], json!([named(b), named(a)]));
    })
    .await;
}

#[tokio::test]
async fn two_persons_on_one_platform_are_not_one_because_they_share_an_account_in_a_channel() {
    on_every_database(|mut bench| async move {
        for person in ["U1", "U2"] {
            let event = by_account(&bench, &[("unionid", person), ("openid", "o1")]);
            take(&mut bench, event).await;
        }
        assert_eq!((people(&bench).await.len(), merges(&bench).await), (2, 0));
        assert_eq!(suggestions(&bench).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_verified_phone_joins_whom_a_platform_knows_but_not_two_whom_it_knows_apart() {
    on_every_database(|mut bench| async move {
        let phone = json!({"phone": "+8613800138000", "phone_verified": true});
        let event = bench.identify(user("shop"), phone.clone());
        take(&mut bench, event).await;
        let event = with_ids(bench.identify((None, None), phone.clone()), &[("unionid", "U1")]);
        take(&mut bench, event).await;
        assert_eq!(people(&bench).await, ["phone:+8613800138000 unionid:U1 user_id:shop"]);
        let event = with_ids(bench.identify((None, None), phone), &[("unionid", "U2")]);
        take(&mut bench, event).await;
        assert_eq!((people(&bench).await.len(), merges(&bench).await, suggestions(&bench).await.len()), (2, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_page_is_not_believed_about_accounts() {
    on_every_database(|mut bench| async move {
        let event = by_account(&bench, &[("unionid", "U1")]);
        take(&mut bench, event).await;
        let event = from_page(with_ids(bench.identify(user("thief"), json!({})), &[("unionid", "U1")]));
        take(&mut bench, event).await;
        // What he lays out for others is not verified, either.
        let event = from_page(with_ids(bench.track(visitor("trap"), "Seen", json!({})), &[("unionid", "U9")]));
        take(&mut bench, event).await;
        let event = with_ids(bench.identify(user("victim"), json!({})), &[("unionid", "U9")]);
        take(&mut bench, event).await;
        assert_eq!((people(&bench).await.len(), merges(&bench).await), (4, 0));
        assert_eq!(suggestions(&bench).await.len(), 2);
        assert_eq!(bench.texts("SELECT value AS text FROM identities WHERE verified = 1").await, ["U1"]);
    })
    .await;
}

#[tokio::test]
async fn a_shared_device_proves_nothing_and_a_visitor_with_devices_is_still_a_visitor() {
    on_every_database(|mut bench| async move {
        for name in ["a", "b"] {
            let event = with_ids(bench.identify(user(name), json!({})), &[("ios.idfa", "tablet")]);
            take(&mut bench, event).await;
        }
        assert_eq!((people(&bench).await.len(), suggestions(&bench).await.len()), (2, 0));
        let event = with_ids(bench.track(visitor("v"), "Page Read", json!({})), &[("push_token", "t1")]);
        take(&mut bench, event).await;
        let event = bench.identify((Some("c".to_owned()), Some("v".to_owned())), json!({}));
        take(&mut bench, event).await;
        assert_eq!(people(&bench).await[1], "anonymous_id:v push_token:t1 user_id:c");
    })
    .await;
}

#[tokio::test]
async fn a_member_has_a_bounded_number_of_accounts() {
    on_every_database(|mut bench| async move {
        let mut events = Vec::new();
        for part in 0..11 {
            bench.advance(1);
            let ids: Vec<String> = (0..20).map(|n| format!("o{part}-{n}")).collect();
            let ids: Vec<(&str, &str)> = ids.iter().map(|id| ("openid", id.as_str())).collect();
            events.push(with_ids(bench.track(user("u"), "Seen", json!({})), &ids));
        }
        bench.take(&events).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM identities WHERE kind = 'openid'").await, 200);
        assert_eq!(bench.texts("SELECT code AS text FROM dead_letters").await, ["too_many_identities"]);
        // Nor do two become one who have more together, nor does a new account come to him beside one of his.
        let ids: Vec<String> = (0..20).map(|n| format!("p{n}")).collect();
        let ids: Vec<(&str, &str)> = ids.iter().map(|id| ("openid", id.as_str())).collect();
        let event = with_ids(bench.track(user("v"), "Seen", json!({})), &ids);
        take(&mut bench, event).await;
        let (u, v) = (bench.owner("u").await, bench.owner("v").await);
        let merge = bench.command(v, "Members Merged", json!({"with": u.to_string()}));
        take(&mut bench, merge).await;
        let event = by_account(&bench, &[("openid", "new"), ("openid", "o0-0")]);
        take(&mut bench, event).await;
        assert_eq!(bench.texts("SELECT code AS text FROM dead_letters").await, ["too_many_identities"; 3]);
        assert_eq!((people(&bench).await.len(), merges(&bench).await), (2, 0));
        // Who is somebody else and only shares one with him is a member of his own.
        let event = by_account(&bench, &[("unionid", "U1"), ("openid", "o0-0")]);
        take(&mut bench, event).await;
        assert_eq!((people(&bench).await.len(), suggestions(&bench).await.len()), (3, 1));
        // What he has can still be named.
        let event = with_ids(bench.track(user("u"), "Seen", json!({})), &[("openid", "o0-0")]);
        take(&mut bench, event).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 13);
    })
    .await;
}

#[tokio::test]
async fn the_log_tells_it_again_as_it_was() {
    testing::on_every_database(async |database| {
        let mut first = bench(&database).await;
        let mut events = Vec::new();
        let told: [(&str, &[(&str, &str)]); 6] = [
            ("", &[("openid", "o1")]),
            ("", &[("unionid", "U1"), ("openid", "o1")]),
            ("a", &[("openid", "o2")]),
            ("a", &[("unionid", "U1")]),
            ("b", &[("unionid", "U1"), ("ios.id", "d")]),
            ("", &[("ios.id", "d"), ("openid", "o3")]),
        ];
        for (place, (name, ids)) in told.into_iter().enumerate() {
            first.advance(1);
            let who = ((!name.is_empty()).then(|| name.to_owned()), None);
            let event = with_ids(first.track(who, "Seen", json!({})), ids);
            events.push(if place == 4 { from_page(event) } else { event });
        }
        first.take(&events).await;
        let mut at_once = first.state().await;
        let mut again = bench(&database).await;
        again.advance(6);
        for event in &events {
            again.take(std::slice::from_ref(event)).await;
            again.restart().await;
        }
        let mut one_by_one = again.state().await;
        // Each of the two has stages of its own.
        at_once.remove("sizes");
        one_by_one.remove("sizes");
        assert_eq!(one_by_one, at_once);
    })
    .await;
}
