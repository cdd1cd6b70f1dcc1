//! Who is whom: safe merges happen by themselves, unsafe ones do not.

use base::{Event, EventKind};
use serde_json::json;

use super::support::{Bench, DAY, Outcome, both, naive, on_every_database, user, visitor};

fn list(identities: &[&str]) -> Vec<String> {
    identities.iter().map(|identity| (*identity).to_owned()).collect()
}

async fn assert_people(bench: &Bench, expected: &[&[&str]]) {
    let expected = expected.iter().map(|identities| list(identities)).collect();
    assert_eq!(bench.people().await, expected);
}

#[tokio::test]
async fn a_visitor_who_says_who_he_is_is_one_member_with_all_his_facts() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"event": "Page Read", "count": {"op": "gte", "value": 2}})).await;
        bench.take(&[bench.track(user("u1"), "Page Read", json!({}))]).await;
        bench.take(&[bench.track(visitor("v1"), "Page Read", json!({}))]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM members").await, 2);
        assert_eq!(bench.size(segment).await, 0);
        bench.take(&[bench.identify(both("u1", "v1"), json!({"name": "Li"}))]).await;

        assert_people(&bench, &[&["anonymous_id:v1", "user_id:u1"]]).await;
        assert_eq!(bench.size(segment).await, 1, "his page as a visitor counts");
        let moved = bench.texts("SELECT identities_json AS text FROM merges").await;
        let visitor = bench.number("SELECT id FROM identities WHERE kind = 'anonymous_id'").await;
        assert_eq!(moved, [format!("[{visitor}]")]);
        let links = "SELECT COUNT(*) FROM merges JOIN members k ON k.id = kept_member_id AND k.merged_into IS NULL
            JOIN members a ON a.id = absorbed_member_id AND a.merged_into = k.id";
        assert_eq!(bench.number(links).await, 1);
        let origin = "SELECT COUNT(*) FROM identities JOIN merges ON origin_member_id = absorbed_member_id
            AND member_id = kept_member_id";
        assert_eq!(bench.number(origin).await, 1, "where an identity came from is kept");
    })
    .await;
}

#[tokio::test]
async fn a_new_name_for_a_known_visitor_needs_no_merge() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.track(visitor("v1"), "Page Read", json!({}))]).await;
        bench.take(&[bench.identify(both("u1", "v1"), json!({}))]).await;
        assert_people(&bench, &[&["anonymous_id:v1", "user_id:u1"]]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 0);
    })
    .await;
}

#[tokio::test]
async fn two_people_on_one_device_stay_two() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(both("u1", "shared"), json!({}))]).await;
        bench.take(&[bench.identify(both("u2", "shared"), json!({}))]).await;
        bench.take(&[bench.track(both("u2", "shared"), "Page Read", json!({}))]).await;
        assert_people(&bench, &[&["anonymous_id:shared", "user_id:u1"], &["user_id:u2"]]).await;
        let owner =
            "SELECT i.value AS text FROM events e JOIN identities i ON i.id = e.identity_id WHERE e.kind = 'track'";
        assert_eq!(bench.texts(owner).await, ["u2"]);
    })
    .await;
}

#[tokio::test]
async fn an_alias_does_not_join_two_known_people_who_share_a_device() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(both("u1", "shared"), json!({}))]).await;
        let mut alias = bench.event(EventKind::Alias, "Alias Made", user("u2"), json!({}));
        alias.previous_id = Some("shared".to_owned());
        bench.take(&[alias]).await;
        assert_people(&bench, &[&["anonymous_id:shared", "user_id:u1"], &["user_id:u2"]]).await;
    })
    .await;
}

#[tokio::test]
async fn the_same_verified_address_makes_two_members_one_and_an_unverified_one_does_not() {
    on_every_database(|mut bench| async move {
        let traits = |verified: bool| json!({"email": "Li@Example.com", "email_verified": verified});
        bench.take(&[bench.identify(user("u1"), traits(true))]).await;
        bench.take(&[bench.identify(user("u2"), json!({"email": "li@example.com"}))]).await;
        bench.take(&[bench.identify(user("u3"), traits(false))]).await;
        assert_people(&bench, &[&["email:li@example.com", "user_id:u1"], &["user_id:u2"], &["user_id:u3"]]).await;
        bench.take(&[bench.identify(user("u2"), traits(true))]).await;
        assert_people(&bench, &[&["email:li@example.com", "user_id:u1", "user_id:u2"], &["user_id:u3"]]).await;
        assert_eq!(bench.texts("SELECT reason AS text FROM merges").await, ["same verified address"]);

        // An address that its first owner never proved is not enough, however sure the second one is.
        let phone = |verified: bool| json!({"phone": "+49 30 1234567", "phone_verified": verified});
        bench.take(&[bench.identify(user("u4"), phone(false))]).await;
        bench.take(&[bench.identify(user("u5"), phone(true))]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 1);
    })
    .await;
}

fn alias(bench: &Bench, id: &str, previous: &str) -> Event {
    Event { previous_id: Some(previous.to_owned()), ..bench.event(EventKind::Alias, "Aliased", user(id), json!({})) }
}

#[tokio::test]
async fn an_alias_joins_two_ids_but_never_two_proven_people() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.track(user("old"), "Page Read", json!({}))]).await;
        bench.take(&[bench.track(user("new"), "Page Read", json!({}))]).await;
        bench.take(&[alias(&bench, "new", "old")]).await;
        bench.take(&[alias(&bench, "new", "unseen")]).await;
        assert_people(&bench, &[&["anonymous_id:unseen", "user_id:new", "user_id:old"]]).await;
        assert_eq!(bench.texts("SELECT reason AS text FROM merges").await, ["alias"]);

        for (name, address) in [("p1", "one@example.com"), ("p2", "two@example.com")] {
            let traits = json!({"email": address, "email_verified": true});
            bench.take(&[bench.identify(user(name), traits)]).await;
        }
        bench.take(&[alias(&bench, "p1", "p2")]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_fact_about_an_absorbed_member_is_about_the_one_who_remains() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench.take(&[bench.track(user("u1"), "Page Read", json!({}))]).await;
        bench.take(&[bench.track(visitor("v1"), "Page Read", json!({}))]).await;
        let absorbed = bench.number("SELECT member_id FROM identities WHERE value = 'v1'").await;
        bench.take(&[bench.identify(both("u1", "v1"), json!({}))]).await;
        bench.restart().await;
        let mut command = bench.tag((None, None), "Tag Added", "vip");
        command.member = Some(base::ids::MemberId(absorbed));
        bench.take(&[command]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM dead_letters").await, 0);
        assert_eq!(bench.size(segment).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_trait_that_the_absorbed_member_took_back_is_gone_after_the_merge() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"trait": "city", "value": "Bonn"})).await;
        let before = bench.identify(user("u1"), json!({"city": "Bonn"}));
        bench.take(&[before]).await;
        assert_eq!(bench.size(segment).await, 1);
        bench.advance(DAY);
        bench.take(&[bench.identify(visitor("v1"), json!({"city": null}))]).await;
        bench.take(&[bench.track(both("u1", "v1"), "Page Read", json!({}))]).await;
        assert_eq!(naive::actual(&bench.db).await, naive::expected(&bench.db, bench.now()).await);
        assert_eq!(bench.size(segment).await, 0, "what was said last is that there is no city");
    })
    .await;
}
