//! Suggested merges: what says that two may be one person, and what becomes of it.

use base::{
    Event, EventKind,
    ids::{MemberId, MergeId},
};
use people::identity::MEMBERS_MERGED;
use serde_json::{Value, json};

use super::{
    parting::{merge, undo},
    support::{
        Bench, on_every_database,
        routes::{ask, ask_still},
        user,
    },
};

fn proven(name: &str) -> Value {
    json!({"email": format!("{name}@example.com"), "email_verified": true})
}

/// Two proven people.
async fn two_people(bench: &mut Bench) {
    let events = [bench.identify(user("a"), proven("a")), bench.identify(user("b"), proven("b"))];
    bench.take(&events).await;
}

/// The one comes with the address of the other.
async fn suggest(bench: &mut Bench) {
    let event = bench.identify(user("b"), proven("a"));
    bench.take(&[event]).await;
}

async fn states(bench: &Bench) -> Vec<String> {
    bench.texts("SELECT state AS text FROM merge_suggestions ORDER BY id").await
}

async fn open(bench: &Bench) -> Vec<Value> {
    let (status, page) = ask_still(bench, "GET", "/api/v1/merge-suggestions", Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

async fn decide(bench: &mut Bench, suggestion: &Value, verb: &str) -> (u16, Value) {
    let uri = format!("/api/v1/merge-suggestions/{}/{verb}", suggestion["id"].as_str().unwrap());
    ask(bench, "POST", &uri, Value::Null).await
}

fn named(member: MemberId, kind: &str, value: &str, verified: bool) -> Value {
    json!({"member": member, "kind": kind, "value": value, "verified": verified})
}

#[tokio::test]
async fn a_suggestion_shows_the_identity_of_each_and_whether_it_is_verified() {
    on_every_database(|mut bench| async move {
        two_people(&mut bench).await;
        suggest(&mut bench).await;
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        let address = "a@example.com";
        let expected = json!([named(b, "email", address, true), named(a, "email", address, true)]);
        assert_eq!(open(&bench).await[0]["evidence"]["identities"], expected);

        let phone = |verified: bool| json!({"phone": "+49 30 1234567", "phone_verified": verified});
        bench.take(&[bench.identify(user("c"), phone(false))]).await;
        bench.take(&[bench.identify(user("d"), phone(true))]).await;
        let (c, d) = (bench.owner("c").await, bench.owner("d").await);
        let number = "+49301234567";
        let expected = json!([named(d, "phone", number, true), named(c, "phone", number, false)]);
        assert_eq!(open(&bench).await[0]["evidence"]["identities"], expected);

        bench.run("DELETE FROM merge_suggestions", vec![]).await;
        let alias = bench.event(EventKind::Alias, "Aliased", user("a"), json!({}));
        let alias = Event { previous_id: Some("b".to_owned()), message_id: "alias".to_owned(), ..alias };
        bench.take(&[alias]).await;
        let identities = [named(a, "user_id", "a", false), named(b, "user_id", "b", false)];
        let expected = json!({"message_id": "alias", "source": "test", "identities": identities});
        assert_eq!(open(&bench).await[0]["evidence"], expected);
    })
    .await;
}

#[tokio::test]
async fn a_suggestion_is_closed_when_the_two_are_made_one_otherwise() {
    on_every_database(|mut bench| async move {
        two_people(&mut bench).await;
        suggest(&mut bench).await;
        let suggestion = open(&bench).await[0].clone();
        // By way of a third.
        bench.take(&[bench.identify(user("c"), json!({}))]).await;
        merge(&mut bench, "c", "a").await;
        assert_eq!(states(&bench).await, ["open"]);
        merge(&mut bench, "b", "c").await;
        assert_eq!(states(&bench).await, ["obsolete"]);
        assert_eq!(open(&bench).await, Vec::<Value>::new());
        for state in ["obsolete", "open"] {
            // One that was left open before suggestions were closed.
            bench.run("UPDATE merge_suggestions SET state = $1", vec![state.into()]).await;
            let (status, answer) = decide(&mut bench, &suggestion, "accept").await;
            assert_eq!((status, &answer["code"]), (409, &json!("wrong_state")), "{answer}");
            assert_eq!(states(&bench).await, ["obsolete"]);
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_suggested_and_made_in_one_batch_is_not_left_open() {
    on_every_database(|mut bench| async move {
        two_people(&mut bench).await;
        let (kept, absorbed) = (bench.owner("a").await, bench.owner("b").await);
        let id = bench.ids.next(MergeId);
        let mut events = vec![bench.identify(user("b"), proven("a")), bench.identify(user("b"), proven("a"))];
        bench.advance(1);
        events.push(bench.command(kept, MEMBERS_MERGED, json!({"with": absorbed, "merge": id})));
        bench.take(&events).await;
        assert_eq!(states(&bench).await, ["obsolete"]);
    })
    .await;
}

#[tokio::test]
async fn two_who_are_two_again_are_suggested_again_unless_an_operator_has_parted_them() {
    on_every_database(|mut bench| async move {
        two_people(&mut bench).await;
        suggest(&mut bench).await;
        let first = open(&bench).await[0].clone();
        bench.take(&[bench.identify(user("c"), json!({}))]).await;
        let one = merge(&mut bench, "c", "a").await;
        let two = merge(&mut bench, "c", "b").await;
        undo(&mut bench, two).await;
        undo(&mut bench, one).await;
        assert_eq!(states(&bench).await, ["obsolete"]);
        suggest(&mut bench).await;
        let again = open(&bench).await[0].clone();
        assert_eq!(again["id"], first["id"]);
        assert_ne!(again["evidence"]["message_id"], first["evidence"]["message_id"]);

        let (status, merged) = decide(&mut bench, &again, "accept").await;
        assert_eq!((status, states(&bench).await), (200, vec!["accepted".to_owned()]));
        assert_eq!(bench.owner("a").await, bench.owner("b").await);
        undo(&mut bench, merged["merge_id"].as_str().unwrap().parse().unwrap()).await;
        assert_ne!(bench.owner("a").await, bench.owner("b").await);
        suggest(&mut bench).await;
        assert_eq!(states(&bench).await, ["accepted"], "the operator has seen it");
    })
    .await;
}

#[tokio::test]
async fn what_an_operator_dismissed_stays_dismissed() {
    on_every_database(|mut bench| async move {
        two_people(&mut bench).await;
        suggest(&mut bench).await;
        let suggestion = open(&bench).await[0].clone();
        assert_eq!(decide(&mut bench, &suggestion, "dismiss").await.0, 204);
        suggest(&mut bench).await;
        assert_eq!(states(&bench).await, ["dismissed"]);
        assert_eq!(decide(&mut bench, &suggestion, "accept").await.0, 409);
        assert_eq!(states(&bench).await, ["dismissed"]);
        let merged = merge(&mut bench, "a", "b").await;
        undo(&mut bench, merged).await;
        assert_eq!(states(&bench).await, ["dismissed"]);
    })
    .await;
}

#[tokio::test]
async fn a_suggestion_is_about_whom_the_identity_belongs_to_when_a_merge_is_undone() {
    on_every_database(|mut bench| async move {
        two_people(&mut bench).await;
        bench.take(&[bench.identify(user("c"), json!({}))]).await;
        let merged = merge(&mut bench, "c", "a").await;
        suggest(&mut bench).await;
        let (a, b, c) = ("a@example.com", bench.owner("b").await, bench.owner("c").await);
        let shown = open(&bench).await[0].clone();
        assert_eq!((&shown["one"], &shown["other"]), (&json!(b), &json!(c)));
        let expected = json!([named(b, "email", a, true), named(c, "email", a, true)]);
        assert_eq!(shown["evidence"]["identities"], expected, "of whom they are now");

        undo(&mut bench, merged).await;
        let owner = bench.owner("a").await;
        let shown = open(&bench).await[0].clone();
        assert_eq!((&shown["one"], &shown["other"]), (&json!(owner.min(b)), &json!(owner.max(b))));
        let expected = json!([named(b, "email", a, true), named(owner, "email", a, true)]);
        assert_eq!(shown["evidence"]["identities"], expected);
        assert_eq!(decide(&mut bench, &shown, "accept").await.0, 200);
        assert_eq!(bench.owner("a").await, bench.owner("b").await);
        assert_ne!(bench.owner("c").await, bench.owner("b").await);
    })
    .await;
}

#[tokio::test]
async fn the_suggestions_of_one_member_show_both_by_name() {
    on_every_database(|mut bench| async move {
        two_people(&mut bench).await;
        suggest(&mut bench).await;
        bench.take(&[bench.identify(user("a"), json!({"name": "Li Bai"}))]).await;
        bench.take(&[bench.identify(user("c"), json!({"first_name": "Du", "lastName": "Fu"}))]).await;
        let (a, b, c) = (bench.owner("a").await, bench.owner("b").await, bench.owner("c").await);
        let of = async |bench: &Bench, member: MemberId| {
            let uri = format!("/api/v1/merge-suggestions?member={member}");
            let (status, page) = ask_still(bench, "GET", &uri, Value::Null).await;
            assert_eq!(status, 200, "{page}");
            page["items"].as_array().unwrap().clone()
        };
        assert_eq!((of(&bench, a).await.len(), of(&bench, b).await.len(), of(&bench, c).await.len()), (1, 1, 0));
        let both = &of(&bench, b).await[0]["members"];
        assert_eq!((&both[0]["id"], &both[0]["name"]), (&json!(a), &json!("Li Bai")));
        assert_eq!((&both[1]["id"], &both[1]["name"]), (&json!(b), &json!("b@example.com")));
        assert!(both[1]["identities"].as_array().unwrap().iter().any(|identity| identity["value"] == "b@example.com"));

        // Whoever was made one with another has his suggestions, too.
        merge(&mut bench, "c", "a").await;
        let kept = bench.owner("c").await;
        assert_eq!(of(&bench, kept).await.len(), 1);
    })
    .await;
}
