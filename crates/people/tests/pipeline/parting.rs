//! Merges can be undone, in any order, and identities split off: everybody has again what was his.

use std::collections::BTreeSet;

use base::{
    Event, Time,
    ids::{IdentityId, MemberId, MergeId},
};
use people::identity::{IDENTITY_SPLIT, MEMBERS_MERGED, MERGE_UNDONE};
use serde_json::{Value, json};

use super::support::{Bench, HOUR, Outcome, both, on_every_database, routes::ask, user, visitor};

/// An operator makes two members one, whom their identities name.
pub async fn merge(bench: &mut Bench, kept: &str, absorbed: &str) -> MergeId {
    let (kept, absorbed) = (bench.owner(kept).await, bench.owner(absorbed).await);
    let id = bench.ids.next(MergeId);
    let event = bench.command(kept, MEMBERS_MERGED, json!({"with": absorbed, "merge": id}));
    bench.take(&[event]).await;
    id
}

/// He undoes that.
pub async fn undo(bench: &mut Bench, merge: MergeId) {
    let kept = MemberId(bench.number(&format!("SELECT kept_member_id FROM merges WHERE id = {}", merge.0)).await);
    let event = bench.command(kept, MERGE_UNDONE, json!({ "merge": merge }));
    bench.take(&[event]).await;
}

/// Everything that is known of the members themselves, without what was done to them.
async fn known(bench: &Bench) -> Vec<(&'static str, Vec<String>)> {
    let state = bench.state().await;
    let is_known = |name: &str| !matches!(name, "events" | "merges" | "changes" | "dead letters");
    state.into_iter().filter(|(name, _)| is_known(name)).collect()
}

#[tokio::test]
async fn who_is_parted_again_is_as_if_he_had_never_been_merged() {
    on_every_database(|mut bench| async move {
        for (id, rule) in [
            json!({"event": "Order Completed", "count": {"op": "gte", "value": 2}}),
            json!({"tag": "vip"}),
            json!({"all": [{"trait": "city", "value": "Bonn"}, {"not": {"tag": "vip"}}]}),
            json!({"event": "Page Read", "within": "P1D"}),
        ]
        .iter()
        .enumerate()
        {
            bench.segment(id as i64 + 1, rule).await;
        }
        bench.take(&[bench.identify(user("a"), json!({"city": "Bonn", "age": 30}))]).await;
        bench.advance(HOUR);
        bench.take(&[bench.identify(user("b"), json!({"city": "Berlin", "name": "Li"}))]).await;
        bench.take(&[bench.tag((Some("b".to_owned()), None), "Tag Added", "vip")]).await;
        for who in ["a", "b"] {
            bench.advance(HOUR);
            bench.take(&[bench.track(user(who), "Order Completed", json!({}))]).await;
            bench.take(&[bench.track(user(who), "Page Read", json!({}))]).await;
        }
        let before = known(&bench).await;
        bench.advance(HOUR);
        let id = merge(&mut bench, "a", "b").await;
        assert_eq!(bench.people().await.len(), 1);
        let order = "SELECT COUNT(*) FROM segment_members WHERE segment_id = 1";
        assert_eq!(bench.number(order).await, 1, "the orders of both count together");
        let city = "SELECT COUNT(*) FROM segment_members WHERE segment_id = 3";
        assert_eq!(bench.number(city).await, 0, "the tag of the one keeps the other out");
        bench.restart().await;
        undo(&mut bench, id).await;
        assert_eq!(known(&bench).await, before);
        // Twice is once.
        undo(&mut bench, id).await;
        assert_eq!(known(&bench).await, before);
        let undone =
            bench.number("SELECT COUNT(*) FROM merges WHERE undone_at IS NOT NULL AND undone_by = 'test'").await;
        assert_eq!(undone, 1);
    })
    .await;
}

#[tokio::test]
async fn what_came_in_since_goes_with_the_identity_beside_which_it_came() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({})), bench.identify(user("b"), json!({}))]).await;
        let id = merge(&mut bench, "a", "b").await;
        bench.take(&[bench.identify(both("b", "phone-of-b"), json!({"email": "b@example.com", "name": "B"}))]).await;
        bench.take(&[bench.track(visitor("phone-of-b"), "Page Read", json!({}))]).await;
        bench.take(&[bench.identify(user("a"), json!({"name": "A"}))]).await;
        undo(&mut bench, id).await;
        let people = bench.people().await;
        assert_eq!(people.len(), 2);
        assert!(people.contains(&vec![
            "anonymous_id:phone-of-b".to_owned(),
            "email:b@example.com".to_owned(),
            "user_id:b".to_owned(),
        ]));
    })
    .await;
}

#[tokio::test]
async fn merges_are_undone_in_any_order() {
    on_every_database(|mut bench| async move {
        let names = ["a", "b", "c", "d"];
        let orders: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for (round, order) in orders.iter().enumerate() {
            let named = |name: &str| format!("{name}{round}");
            for name in names {
                bench.take(&[bench.identify(user(&named(name)), json!({"name": name}))]).await;
            }
            let alone = bench.people().await;
            let one = merge(&mut bench, &named("a"), &named("b")).await;
            let two = merge(&mut bench, &named("c"), &named("b")).await;
            let three = merge(&mut bench, &named("d"), &named("a")).await;
            let merges = [one, two, three];
            for (done, place) in order.iter().enumerate() {
                undo(&mut bench, merges[*place]).await;
                assert_eq!(bench.people().await.len(), alone.len() - 3 + done + 1, "{order:?}");
            }
            assert_eq!(bench.people().await, alone, "{order:?}");
            // Each has his first id again, and links to ids lead nowhere else.
            assert_eq!(bench.number("SELECT COUNT(*) FROM members WHERE merged_into IS NOT NULL").await, 0);
            assert_eq!(bench.number("SELECT COUNT(*) FROM identities WHERE member_id <> origin_member_id").await, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn no_machine_joins_again_whom_an_operator_has_parted() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.track(visitor("v"), "Page Read", json!({}))]).await;
        bench.take(&[bench.identify(user("u"), json!({}))]).await;
        bench.take(&[bench.identify(both("u", "v"), json!({}))]).await;
        assert_eq!(bench.people().await.len(), 1);
        let id = MergeId(bench.number("SELECT id FROM merges").await);
        undo(&mut bench, id).await;
        bench.take(&[bench.identify(both("u", "v"), json!({}))]).await;
        assert_eq!(bench.people().await.len(), 2);
        assert_eq!(bench.number("SELECT COUNT(*) FROM merge_suggestions WHERE state = 'open'").await, 1);
        // The operator may change his mind.
        merge(&mut bench, "u", "v").await;
        assert_eq!(bench.people().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_proven_people_become_a_suggestion() {
    on_every_database(|mut bench| async move {
        let proven = |name: &str| json!({"email": format!("{name}@example.com"), "email_verified": true});
        bench.take(&[bench.identify(user("a"), proven("a")), bench.identify(user("b"), proven("b"))]).await;
        bench.take(&[bench.identify(user("b"), proven("a"))]).await;
        assert_eq!(bench.people().await.len(), 2);
        let why = bench.texts("SELECT reason AS text FROM merge_suggestions").await;
        assert_eq!(why, ["same verified address"]);
    })
    .await;
}

#[tokio::test]
async fn an_identity_that_is_split_off_takes_its_facts_along() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"event": "Page Read"})).await;
        bench.take(&[bench.identify(both("u", "v"), json!({"name": "U"}))]).await;
        bench.take(&[bench.track(visitor("v"), "Page Read", json!({}))]).await;
        assert_eq!(bench.size(segment).await, 1);
        let identity = IdentityId(bench.number("SELECT id FROM identities WHERE value = 'v'").await);
        let about = bench.owner("u").await;
        let new = bench.ids.next(MemberId);
        let event = bench.command(about, IDENTITY_SPLIT, json!({"identity": identity, "member": new}));
        bench.take(&[event]).await;
        assert_eq!(bench.owner("v").await, new);
        assert_eq!(bench.owner("u").await, about);
        assert_eq!(bench.number("SELECT member_id FROM segment_members").await, new.0);
        assert_eq!(bench.size(segment).await, 1);
        // The last identity stays where it is.
        let identity = IdentityId(bench.number("SELECT id FROM identities WHERE value = 'v'").await);
        let third = bench.ids.next(MemberId);
        let event = bench.command(new, IDENTITY_SPLIT, json!({"identity": identity, "member": third}));
        bench.take(&[event]).await;
        assert_eq!(bench.owner("v").await, new);
    })
    .await;
}

#[tokio::test]
async fn the_first_and_the_last_of_two_who_become_one_are_those_of_both() {
    on_every_database(|mut bench| async move {
        let rule =
            |which: &str, shop: &str| json!({"event": "Shop Visited", which: {"property": "shop", "value": shop}});
        let first = bench.segment(1, &rule("first", "Bonn")).await;
        let last = bench.segment(2, &rule("last", "Kiel")).await;
        let visit = |bench: &Bench, who: &str, shop: &str, shift: i64| Event {
            timestamp: Time::from_millis(bench.now().millis() + shift),
            ..bench.track(user(who), "Shop Visited", json!({"shop": shop}))
        };
        // His sender's clock is ahead, so his is kept apart from what is folded; hers is folded when it comes.
        let his = visit(&bench, "b", "Bonn", HOUR);
        bench.take(&[his]).await;
        bench.advance(3 * HOUR);
        let hers = visit(&bench, "a", "Kiel", -HOUR);
        bench.take(&[hers]).await;
        merge(&mut bench, "a", "b").await;
        assert_eq!((bench.size(first).await, bench.size(last).await), (1, 1));
        bench.restart().await;
        bench.advance(HOUR);
        bench.take(&[bench.track(user("a"), "Shop Visited", json!({}))]).await;
        assert_eq!((bench.size(first).await, bench.size(last).await), (1, 1), "as if both were read anew");
    })
    .await;
}

#[tokio::test]
async fn whoever_undoes_a_merge_is_told_when_nobody_was_left_to_part() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({})), bench.identify(user("b"), json!({}))]).await;
        let id = merge(&mut bench, "a", "b").await;
        let identity = IdentityId(bench.number("SELECT id FROM identities WHERE value = 'b'").await);
        let uri = format!("/api/v1/members/{}/split", bench.owner("a").await);
        let (status, answer) = ask(&mut bench, "POST", &uri, json!({ "identity": identity })).await;
        assert_eq!(status, 200, "{answer}");
        let (status, answer) = ask(&mut bench, "POST", &format!("/api/v1/merges/{id}/undo"), json!({})).await;
        assert_eq!((status, &answer["code"]), (409, &json!("wrong_state")), "{answer}");
        assert_ne!(bench.owner("a").await, bench.owner("b").await);
    })
    .await;
}

#[tokio::test]
async fn a_preview_of_undoing_a_merge_says_whose_everything_will_be() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({"city": "Bonn", "age": 30}))]).await;
        bench.take(&[bench.identify(both("b", "phone of b"), json!({"name": "Li"}))]).await;
        bench.take(&[bench.tag(user("b"), "Tag Added", "vip")]).await;
        for _ in 0..3 {
            bench.advance(HOUR);
            bench.take(&[bench.track(user("b"), "Page Read", json!({}))]).await;
        }
        let id = merge(&mut bench, "a", "b").await;
        let (_, merges) = ask(&mut bench, "GET", "/api/v1/merges", Value::Null).await;
        let merged = merges["items"].as_array().unwrap().iter().find(|item| item["id"] == json!(id)).unwrap();
        let moved: BTreeSet<&str> =
            merged["identities"].as_array().unwrap().iter().filter_map(|one| one["value"].as_str()).collect();
        assert_eq!(moved, BTreeSet::from(["b", "phone of b"]));

        let uri = format!("/api/v1/merges/{id}/undo");
        let (status, preview) = ask(&mut bench, "POST", &format!("{uri}/preview"), Value::Null).await;
        assert_eq!((status, &preview["possible"]), (200, &json!(true)), "{preview}");
        let [kept, parted] = [&preview["members"][0], &preview["members"][1]];
        assert_eq!((&kept["traits"], &kept["tags"]), (&json!(2), &json!([])));
        assert_eq!((&parted["traits"], &parted["tags"]), (&json!(1), &json!(["vip"])));
        let events = bench.number("SELECT COUNT(*) FROM events").await;
        assert_eq!(kept["events"].as_i64().unwrap() + parted["events"].as_i64().unwrap(), events);
        assert!(parted["events"].as_i64().unwrap() >= 3);
        assert_eq!(bench.owner("b").await, bench.owner("a").await, "a preview does nothing");

        let (status, undone) = ask(&mut bench, "POST", &uri, Value::Null).await;
        assert_eq!(status, 200, "{undone}");
        assert_eq!((&kept["id"], &parted["id"]), (&undone["kept"], &undone["absorbed"]));
        for side in [kept, parted] {
            let (_, member) =
                ask(&mut bench, "GET", &format!("/api/v1/members/{}", side["id"].as_str().unwrap()), Value::Null).await;
            let values = |member: &Value| {
                let all = member["identities"].as_array().unwrap().iter();
                all.map(|identity| identity["value"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
            };
            assert_eq!(values(&member), values(side));
        }
        assert_eq!(ask(&mut bench, "POST", &format!("{uri}/preview"), Value::Null).await.0, 409, "it is undone");
    })
    .await;
}
