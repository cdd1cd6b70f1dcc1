//! A preview says what a segment of the same rule is, whatever has happened since the first one.

use base::{
    ids::{ErasureId, IdentityId, MemberId, SegmentId},
    rule::Rule,
};
use people::{identity::IDENTITY_SPLIT, privacy::MEMBER_ERASED, segments};
use serde_json::{Value, json};

use super::{
    parting::{merge, undo},
    support::{
        Bench, DAY, HOUR, MINUTE, WORKSPACE, both, on_every_database,
        routes::{ask_still, ask_with_scopes},
        user, visitor,
    },
    village::define,
};

const SAMPLE: usize = 3;

/// How many a rule holds for, and the newest of them.
async fn preview(bench: &Bench, rule: &Value) -> (i64, Vec<MemberId>) {
    let rule = Rule::parse(rule).unwrap();
    let found = segments::preview(&bench.db, &bench.clock.shared(), &bench.columns, WORKSPACE, &rule, SAMPLE).await;
    let found = found.unwrap();
    (found.size, found.sample)
}

/// The same, from the segment.
async fn live(bench: &Bench, segment: SegmentId) -> (i64, Vec<MemberId>) {
    let members = format!(
        "SELECT CAST(member_id AS TEXT) AS text FROM segment_members WHERE segment_id = {} ORDER BY member_id DESC",
        segment.0
    );
    let members = bench.texts(&members).await;
    let newest = members.iter().take(SAMPLE).map(|id| MemberId(id.parse().unwrap()));
    (members.len() as i64, newest.collect())
}

/// Whether every rule, of the segment whose number is its place, is previewed as it is.
async fn check(bench: &mut Bench, rules: &[Value], after: &str) {
    bench.idle().await;
    for (id, rule) in (1..).map(SegmentId).zip(rules) {
        assert_eq!(preview(bench, rule).await, live(bench, id).await, "{rule} after {after}");
    }
}

#[tokio::test]
async fn a_preview_stays_exact_through_all_that_changes_members() {
    on_every_database(|mut bench| async move {
        define(&bench).await;
        let rules = [
            json!({"trait": "city", "value": "Bonn"}),
            json!({"all": [{"trait": "city", "op": "exists"}, {"not": {"tag": "new"}}]}),
            json!({"any": [{"tag": "vip"}, {"tag": "old"}]}),
            json!({"tag": "hot"}),
            json!({"trait": "home.city", "op": "in", "value": ["Bonn", "Berlin"]}),
            json!({"not": {"any": [{"event": "Page Read"}, {"trait": "level", "op": "gte", "value": 2}]}}),
            json!({"tag": SegmentId(90).to_string()}),
        ];
        for (id, rule) in (1..).zip(&rules) {
            bench.segment(id, rule).await;
        }
        check(&mut bench, &rules, "nothing").await;

        let someone = [
            bench.identify(user("a"), json!({"city": "Bonn", "level": 1})),
            bench.identify(user("b"), json!({"city": "Berlin", "home": {"city": "Bonn"}})),
            bench.identify(both("c", "phone of c"), json!({"home.city": "Berlin"})),
            bench.track(visitor("v"), "Page Read", json!({})),
        ];
        bench.take(&someone).await;
        check(&mut bench, &rules, "they came").await;
        bench.advance(MINUTE);
        bench.take(&[bench.identify(user("a"), json!({"city": "Berlin", "level": null}))]).await;
        bench.take(&[bench.identify(user("b"), json!({"city": "Bonn"}))]).await;
        check(&mut bench, &rules, "they moved").await;

        for (who, tag) in [("a", "vip"), ("a", "new"), ("b", "old"), ("c", "new"), ("c", "old")] {
            bench.advance(MINUTE);
            bench.take(&[bench.tag(user(who), "Tag Added", tag)]).await;
            check(&mut bench, &rules, "a tag").await;
        }
        bench.take(&[bench.tag(user("a"), "Tag Removed", "vip")]).await;
        check(&mut bench, &rules, "a tag was taken off").await;

        let merged = merge(&mut bench, "a", "b").await;
        check(&mut bench, &rules, "a merge").await;
        bench.take(&[bench.identify(both("c", "v"), json!({"level": 3}))]).await;
        check(&mut bench, &rules, "a merge of a visitor").await;
        undo(&mut bench, merged).await;
        check(&mut bench, &rules, "its undoing").await;
        let identity = IdentityId(bench.number("SELECT id FROM identities WHERE value = 'phone of c'").await);
        let split = json!({"identity": identity, "member": bench.ids.next(MemberId)});
        let split = bench.command(bench.owner("c").await, IDENTITY_SPLIT, split);
        bench.take(&[split]).await;
        check(&mut bench, &rules, "an identity was split off").await;

        // Who has only just been read from the database is as exact as who was in memory.
        bench.restart().await;
        check(&mut bench, &rules, "a restart").await;
        bench.advance(3 * DAY);
        check(&mut bench, &rules, "tags came off by themselves").await;

        let first =
            "INSERT INTO traits (workspace_id, name, title, value_type, conflict, state, created_by, created_at,
                       updated_at) VALUES ($1, 'city', '', 'any', 'first', 'building', 'test', 0, 0)";
        bench.run(first, vec![WORKSPACE.0.into()]).await;
        bench.run("UPDATE workspaces SET rules_version = rules_version + 1", vec![]).await;
        check(&mut bench, &rules, "another value counts").await;

        let tag = rules[6].to_string();
        let snapshot = "UPDATE segments SET id = 90, rule_json = $1, state = 'freezing', item_key = $2 WHERE id = 7";
        bench.run(snapshot, vec![tag.into(), SegmentId(1).to_string().into()]).await;
        bench.run("UPDATE workspaces SET rules_version = rules_version + 1", vec![]).await;
        bench.idle().await;
        assert!(bench.size(SegmentId(90)).await > 0);
        assert_eq!(preview(&bench, &rules[6]).await, live(&bench, SegmentId(90)).await);
        check(&mut bench, &rules[..6], "a snapshot").await;

        let erased = bench.owner("b").await;
        let asked = json!({"erasure": bench.ids.next(ErasureId), "reason": "he asked"});
        bench.take(&[bench.command(erased, MEMBER_ERASED, asked)]).await;
        check(&mut bench, &rules[..6], "an erasure").await;
        bench.advance(MINUTE);
        bench.take(&[bench.identify(user("b"), json!({"city": "Bonn"}))]).await;
        check(&mut bench, &rules[..6], "he came back").await;

        // Columns that nobody asked for half an hour are made anew.
        bench.advance(HOUR);
        bench.take(&[bench.identify(user("d"), json!({"city": "Bonn"}))]).await;
        check(&mut bench, &rules[..6], "an hour").await;
    })
    .await;
}

#[tokio::test]
async fn whoever_may_not_look_at_people_sees_none_in_a_preview() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({"city": "Bonn"}))]).await;
        let body = json!({"rule": {"trait": "city", "value": "Bonn"}});
        let uri = "/api/v1/segments/preview";
        let (status, answer) = ask_with_scopes(&bench, &["segments:write"], uri, body.clone()).await;
        assert_eq!((status, &answer["code"]), (403, &json!("forbidden")), "{answer}");
        let (status, answer) = ask_with_scopes(&bench, &["segments:read", "people:read"], uri, body).await;
        assert_eq!((status, &answer["size"]), (200, &json!(1)), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn a_preview_counts_each_uppermost_condition_and_says_how_sure_it_is() {
    on_every_database(|mut bench| async move {
        for number in 0..12 {
            let who = format!("u{number}");
            let city = if number % 3 == 0 { "Bonn" } else { "Berlin" };
            bench.take(&[bench.identify(user(&who), json!({ "city": city }))]).await;
            if number % 2 == 0 {
                bench.take(&[bench.track(user(&who), "Page Read", json!({}))]).await;
            }
        }
        let rule = json!({"all": [{"trait": "city", "value": "Bonn"}, {"event": "Page Read"}]});
        let uri = "/api/v1/segments/preview";
        let asked = json!({"rule": rule, "patience_ms": 5000, "parts": true});
        let (status, preview) = ask_still(&bench, "POST", uri, asked).await;
        assert_eq!(status, 200, "{preview}");
        for (name, number) in [("size", 2), ("low", 2), ("high", 2), ("checked", 4), ("of", 4)] {
            assert_eq!(preview[name], json!(number), "{name} in {preview}");
        }
        assert_eq!((&preview["exact"], &preview["pending"]), (&json!(true), &json!(false)));
        let part =
            |path: &str, size: i64| json!({"path": path, "size": size, "exact": true, "low": size, "high": size});
        assert_eq!(preview["parts"], json!([part("rule.all[0]", 4), part("rule.all[1]", 6)]));
        let (_, plain) = ask_still(&bench, "POST", uri, json!({ "rule": rule })).await;
        assert_eq!((&plain["size"], &plain["parts"]), (&json!(2), &json!([])));
        let newest = bench.owner("u6").await;
        assert_eq!(plain["sample"][0]["id"], json!(newest));
    })
    .await;
}
