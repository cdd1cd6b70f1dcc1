//! Tags: sets of which a member shows one, and tags that come off by themselves.

use std::sync::Arc;

use base::{
    EventKind,
    ids::{JobId, MemberId},
};
use people::{commands::Commands, tags::BulkTagJob};
use serde_json::{Value, json};
use store::jobs::{JobHandler, JobRunner};

use super::{
    accounts::with_ids,
    parting::{merge, undo},
    support::{Bench, DAY, HOUR, both, naive, on_every_database, routes::ask_still, user, visitor},
    village::define,
};

/// How many members the list shows that is asked for a tag.
async fn listed(bench: &Bench, tag: &str) -> usize {
    let (status, page) = ask_still(bench, "GET", &format!("/api/v1/members?tag={tag}"), Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().len()
}

/// Puts tags into a set of which a member shows one.
pub async fn exclude_each_other(bench: &Bench, tags: [&str; 2]) {
    let group = json!({"name": "level", "exclusive": true});
    let (status, group) = ask_still(bench, "POST", "/api/v1/tag-groups", group).await;
    assert_eq!(status, 201, "{group}");
    for tag in tags {
        let definition = json!({"group_id": group["id"]});
        let (status, answer) = ask_still(bench, "PUT", &format!("/api/v1/tags/{tag}"), definition).await;
        assert_eq!(status, 204, "{answer}");
    }
}

#[tokio::test]
async fn a_tag_that_expires_takes_nothing_else_with_it() {
    on_every_database(|mut bench| async move {
        define(&bench).await;
        bench.take(&[bench.track(visitor("a"), "Page Read", json!({}))]).await;
        bench.take(&[bench.tag(visitor("a"), "Tag Added", "vip")]).await;
        bench.take(&[bench.tag(visitor("a"), "Tag Added", "old")]).await;
        bench.advance(HOUR);
        bench.idle().await;
        assert_eq!(bench.size(naive::HOT).await, 1);
        bench.advance(2 * DAY);
        bench.idle().await;
        assert_eq!(bench.texts("SELECT tag AS text FROM member_tags").await, ["vip"]);
        assert_eq!(bench.size(naive::HOT).await, 1);
    })
    .await;
}

/// Does all jobs that wait, with the pipeline beside them.
pub async fn run_jobs(bench: &mut Bench) {
    let commands = Commands::new(bench.log.clone(), bench.clock.shared(), bench.ids.clone(), bench.progress());
    let handlers: Vec<Arc<dyn JobHandler>> = vec![Arc::new(BulkTagJob::new(bench.db.clone(), commands))];
    let jobs = JobRunner::new(bench.db.clone(), bench.clock.shared(), bench.ids.clone(), handlers);
    // On a task of its own: both need the one writer of SQLite.
    let working = tokio::spawn(async move { while jobs.run_next().await.unwrap() {} });
    while !working.is_finished() {
        bench.step().await;
        tokio::task::yield_now().await;
    }
    working.await.unwrap();
}

/// The result of the job that a request has begun.
pub async fn result_of(bench: &Bench, begun: &Value) -> Value {
    let id: JobId = begun["job_id"].as_str().unwrap().parse().unwrap();
    let results = bench.texts(&format!("SELECT result_json AS text FROM jobs WHERE id = {}", id.0)).await;
    serde_json::from_str(&results[0]).unwrap()
}

#[tokio::test]
async fn an_end_that_is_settled_later_reaches_those_who_carry_the_tag_only_when_it_is_asked_to() {
    on_every_database(|mut bench| async move {
        let carriers = async |bench: &Bench| {
            let sql = "SELECT i.value AS text FROM member_tags t JOIN identities i ON i.id = t.identity_id";
            let mut carriers = bench.texts(sql).await;
            carriers.sort();
            carriers
        };
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        bench.advance(2 * DAY);
        bench.take(&[bench.tag(user("b"), "Tag Added", "vip")]).await;
        let settle = async |bench: &Bench, more: Value| {
            let mut definition = json!({"expires_after": "P3D"});
            definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ask_still(bench, "PUT", "/api/v1/tags/vip", definition).await
        };
        assert_eq!(settle(&bench, json!({})).await.0, 204);
        bench.advance(2 * DAY);
        run_jobs(&mut bench).await;
        bench.idle().await;
        assert_eq!(carriers(&bench).await, ["a", "b"], "it stays as it was put on");

        let (status, begun) = settle(&bench, json!({"apply_to_present": true})).await;
        assert_eq!((status, &begun["members"]), (200, &json!(2)), "{begun}");
        run_jobs(&mut bench).await;
        assert_eq!(result_of(&bench, &begun).await, tally(2, 0));
        bench.idle().await;
        assert_eq!(carriers(&bench).await, ["b"], "whose three days are over is without it at once");

        let (_, begun) = settle(&bench, json!({"apply_to_present": true})).await;
        run_jobs(&mut bench).await;
        assert_eq!(result_of(&bench, &begun).await, tally(0, 1), "it ends then already");
        bench.advance(DAY + HOUR);
        bench.idle().await;
        assert_eq!(carriers(&bench).await, [""; 0]);
        let history = bench.texts("SELECT source AS text FROM tag_changes WHERE added = 0").await;
        assert_eq!(history, ["expiry", "expiry"]);
    })
    .await;
}

#[tokio::test]
async fn a_list_by_tag_has_those_whose_profiles_show_it() {
    on_every_database(|mut bench| async move {
        exclude_each_other(&bench, ["gold", "silver"]).await;
        bench.take(&[bench.tag(user("a"), "Tag Added", "gold")]).await;
        bench.advance(HOUR);
        bench.take(&[bench.tag(user("b"), "Tag Added", "silver")]).await;
        assert_eq!((listed(&bench, "gold").await, listed(&bench, "silver").await), (1, 1));
        let merged = merge(&mut bench, "a", "b").await;
        assert_eq!((listed(&bench, "gold").await, listed(&bench, "silver").await), (0, 1), "silver came later");
        let (_, usage) = ask_still(&bench, "GET", "/api/v1/tags/gold/usage", Value::Null).await;
        assert_eq!(usage, json!({"members": 1, "shown": 0, "used_by": []}), "who carries it does not show it");
        undo(&mut bench, merged).await;
        assert_eq!((listed(&bench, "gold").await, listed(&bench, "silver").await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_command_for_new_tags_only_leaves_those_that_are_there_as_they_are() {
    on_every_database(|mut bench| async move {
        exclude_each_other(&bench, ["gold", "silver"]).await;
        bench.take(&[bench.track(both("a", "device"), "Page Read", json!({}))]).await;
        let expiring = json!({"tags": ["gold"], "expires_at": bench.now().plus(std::time::Duration::from_secs(3_600))});
        bench.take(&[bench.event(EventKind::Command, "Tag Added", visitor("device"), expiring)]).await;
        let again = json!({"tags": ["gold", "vip"], "only_new": true});
        bench.take(&[bench.event(EventKind::Command, "Tag Added", user("a"), again.clone())]).await;
        bench.take(&[bench.event(EventKind::Command, "Tag Added", user("a"), again)]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM tag_changes").await, 2, "one for gold, one for vip");
        bench.advance(2 * HOUR);
        bench.idle().await;
        assert_eq!(bench.texts("SELECT tag AS text FROM member_tags").await, ["vip"], "gold came off in its time");
    })
    .await;
}

#[tokio::test]
async fn a_member_whom_a_command_names_by_a_brands_id_has_no_more_tags_than_others() {
    on_every_database(|mut bench| async move {
        let tags = |count: usize, of: &str| json!({"tags": (0..count).map(|n| format!("{of}{n}")).collect::<Vec<_>>()});
        bench.take(&[bench.identify(user("a"), json!({"name": "Li"}))]).await;
        bench.take(&[bench.event(EventKind::Command, "Tag Added", user("a"), tags(499, "x"))]).await;
        bench.take(&[bench.event(EventKind::Command, "Tag Added", user("a"), tags(2, "y"))]).await;
        bench.take(&[bench.event(EventKind::Command, "Tag Added", user("a"), tags(1, "z"))]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM member_tags").await, 500);
        assert_eq!(bench.texts("SELECT code AS text FROM dead_letters").await, ["too_many_tags"]);
    })
    .await;
}

#[tokio::test]
async fn a_command_names_its_member_by_the_accounts_that_a_row_has() {
    on_every_database(|mut bench| async move {
        let ids = [("openid", "o1"), ("unionid", "U1")];
        let tags = |count: usize, of: &str| json!({"tags": (0..count).map(|n| format!("{of}{n}")).collect::<Vec<_>>()});
        let row = bench.identify((None, None), json!({"name": "Li"}));
        let command = |count, of| bench.event(EventKind::Command, "Tag Added", (None, None), tags(count, of));
        let told = [with_ids(row, &ids), with_ids(command(499, "x"), &ids), with_ids(command(2, "y"), &ids)];
        for event in told {
            bench.take(&[event]).await;
            // What arrives in one millisecond has no order.
            bench.advance(1);
        }
        let carriers = "SELECT DISTINCT i.value AS text FROM member_tags t JOIN identities i ON i.id = t.identity_id";
        assert_eq!(bench.texts(carriers).await, ["U1"], "as the facts of the row");
        assert_eq!(bench.number("SELECT COUNT(*) FROM members").await, 1);
        assert_eq!(bench.number("SELECT COUNT(*) FROM member_tags").await, 499);
        assert_eq!(bench.texts("SELECT code AS text FROM dead_letters").await, ["too_many_tags"]);
    })
    .await;
}

/// Begins a change of many members and does the job, with the pipeline beside it; its result.
async fn tag_in_bulk(bench: &mut Bench, change: Value) -> Value {
    let (status, begun) = ask_still(bench, "POST", "/api/v1/tags/bulk", change).await;
    assert_eq!(status, 202, "{begun}");
    run_jobs(bench).await;
    result_of(bench, &begun).await
}

fn tally(changed: u32, unchanged: u32) -> Value {
    json!({"members": changed + unchanged, "changed": changed, "unchanged": unchanged, "refused": 0})
}

#[tokio::test]
async fn a_change_in_bulk_counts_who_was_changed_who_was_not_and_of_whom_it_was_refused() {
    on_every_database(|mut bench| async move {
        for who in ["new", "old", "full"] {
            bench.take(&[bench.track(user(who), "Page Read", json!({}))]).await;
        }
        bench.take(&[bench.tag(user("old"), "Tag Added", "vip")]).await;
        let members: Vec<MemberId> =
            vec![bench.owner("new").await, bench.owner("old").await, bench.owner("full").await];
        let many: Vec<String> = (0..500).map(|n| format!("t{n}")).collect();
        let full = bench.command(members[2], "Tag Added", json!({ "tags": many }));
        bench.take(&[full]).await;

        // Whoever is named twice counts once.
        let twice: Vec<MemberId> = members.iter().chain(&members).copied().collect();
        let add = json!({"add": ["vip"], "members": twice});
        let expected = json!({
            "members": 3, "changed": 1, "unchanged": 1, "refused": 1,
            "refusals": {"too_many_tags": 1}, "dead_letters": ["/api/v1/dead-letters?code=too_many_tags"],
        });
        assert_eq!(tag_in_bulk(&mut bench, add).await, expected);
        assert_eq!(bench.texts("SELECT code AS text FROM dead_letters").await, ["too_many_tags"]);

        // A tag that makes room for another; one that nobody carries; one that will come off now.
        let swap = json!({"add": ["vip"], "remove": ["t7"], "members": members});
        assert_eq!(tag_in_bulk(&mut bench, swap).await, tally(1, 2));
        assert_eq!(tag_in_bulk(&mut bench, json!({"remove": ["t7"], "tag": "vip"})).await, tally(0, 3));
        bench.advance(HOUR);
        let brief = json!({"add": ["vip"], "members": members, "expires_at": "2030-01-01T00:00:00.000Z"});
        assert_eq!(tag_in_bulk(&mut bench, brief.clone()).await, tally(3, 0));
        assert_eq!(tag_in_bulk(&mut bench, brief).await, tally(0, 3));
        assert_eq!(bench.number("SELECT COUNT(*) FROM dead_letters").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_change_in_bulk_that_takes_off_another_tag_of_a_set_has_changed_somebody() {
    on_every_database(|mut bench| async move {
        exclude_each_other(&bench, ["gold", "silver"]).await;
        bench.take(&[bench.tag(user("a"), "Tag Added", "gold")]).await;
        bench.take(&[bench.tag(user("b"), "Tag Added", "silver")]).await;
        let kept = bench.owner("a").await;
        merge(&mut bench, "a", "b").await;
        let gold = json!({"add": ["gold"], "members": [kept]});
        assert_eq!(tag_in_bulk(&mut bench, gold.clone()).await, tally(1, 0), "silver went, which the other had");
        assert_eq!(bench.texts("SELECT DISTINCT tag AS text FROM member_tags").await, ["gold"]);
        assert_eq!(tag_in_bulk(&mut bench, gold).await, tally(0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_preview_of_a_change_in_bulk_says_what_the_change_then_does() {
    on_every_database(|mut bench| async move {
        exclude_each_other(&bench, ["gold", "silver"]).await;
        let ends = json!({"expires_after": "P3D"});
        assert_eq!(ask_still(&bench, "PUT", "/api/v1/tags/brief", ends).await.0, 204);
        for (place, who) in ["a", "b", "c", "d", "e", "full"].into_iter().enumerate() {
            let city = if place % 2 == 0 { "Bonn" } else { "Berlin" };
            bench.take(&[bench.identify(both(who, &format!("device of {who}")), json!({ "city": city }))]).await;
        }
        // On the stronger identity, on the weaker one, and one that excludes another.
        bench.take(&[bench.tag(user("a"), "Tag Added", "gold")]).await;
        bench.take(&[bench.tag(visitor("device of b"), "Tag Added", "gold")]).await;
        bench.take(&[bench.tag(user("c"), "Tag Added", "silver")]).await;
        bench.take(&[bench.tag(user("d"), "Tag Added", "brief")]).await;
        let many: Vec<String> = (0..500).map(|n| format!("t{n}")).collect();
        let full = bench.command(bench.owner("full").await, "Tag Added", json!({ "tags": many }));
        bench.take(&[full]).await;
        merge(&mut bench, "d", "e").await;

        let everybody = json!({});
        let in_bonn = json!({"q": "bonn"});
        for (change, filter) in [
            (json!({"add": ["gold"]}), &everybody),
            (json!({"add": ["gold"]}), &everybody),
            (json!({"remove": ["gold"], "add": ["silver"]}), &in_bonn),
            (json!({"add": ["brief"]}), &everybody),
            (json!({"add": ["vip"], "expires_at": "2030-01-01T00:00:00.000Z"}), &json!({"tag": ["gold"]})),
            (json!({"add": ["vip"]}), &everybody),
            (json!({"add": ["vip"], "remove": ["t7"]}), &everybody),
            (json!({"remove": ["none"]}), &everybody),
        ] {
            bench.advance(HOUR);
            let mut change = change;
            change["filter"] = filter.clone();
            let mut asked = change.clone();
            asked["dry_run"] = json!(true);
            let jobs = bench.number("SELECT COUNT(*) FROM jobs").await;
            let (status, preview) = ask_still(&bench, "POST", "/api/v1/tags/bulk", asked).await;
            assert_eq!((status, &preview["exact"]), (200, &json!(true)), "{preview}");
            assert_eq!(bench.number("SELECT COUNT(*) FROM jobs").await, jobs, "a preview does nothing");
            let done = tag_in_bulk(&mut bench, change.clone()).await;
            let numbers = ["members", "would_change", "unchanged", "refused"].map(|name| preview[name].clone());
            assert_eq!(
                numbers,
                ["members", "changed", "unchanged", "refused"].map(|name| done[name].clone()),
                "{change}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_in_bulk_reaches_nobody_of_whom_its_author_did_not_know() {
    on_every_database(|mut bench| async move {
        for who in ["a", "b", "c"] {
            bench.take(&[bench.track(user(who), "Page Read", json!({}))]).await;
        }
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        merge(&mut bench, "a", "b").await;
        let named = json!({"add": ["vip"], "members": [a, b], "dry_run": true});
        let (_, preview) = ask_still(&bench, "POST", "/api/v1/tags/bulk", named).await;
        assert_eq!((&preview["members"], &preview["excluded"]), (&json!(1), &json!(1)), "two names of one member");

        let change = |expected: i64| json!({"add": ["vip"], "filter": {}, "expected_members": expected});
        for wrong in [1, 3] {
            let (status, answer) = ask_still(&bench, "POST", "/api/v1/tags/bulk", change(wrong)).await;
            assert_eq!((status, &answer["code"]), (409, &json!("conflict")), "{answer}");
        }
        assert_eq!(tag_in_bulk(&mut bench, change(2)).await, tally(2, 0));

        let both = json!({"add": ["vip"], "filter": {}, "tag": "vip"});
        assert_eq!(ask_still(&bench, "POST", "/api/v1/tags/bulk", both).await.0, 422);
        let unknown = json!({"add": ["vip"], "filter": {"segment": "seg_0000000000009"}});
        let (status, answer) = ask_still(&bench, "POST", "/api/v1/tags/bulk", unknown).await;
        assert_eq!((status, &answer["errors"][0]["path"]), (422, &json!("filter.segment")), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn names_of_tags_come_without_numbers_and_by_their_beginning() {
    on_every_database(|mut bench| async move {
        for (who, tag) in [("a", "vip"), ("b", "vip"), ("a", "new"), ("a", "newer"), ("b", "alt")] {
            bench.take(&[bench.tag(user(who), "Tag Added", tag)]).await;
        }
        assert_eq!(ask_still(&bench, "PUT", "/api/v1/tags/nobody", json!({})).await.0, 204);
        let tags = async |query: &str| {
            let (status, page) = ask_still(&bench, "GET", &format!("/api/v1/tags?{query}"), Value::Null).await;
            assert_eq!(status, 200, "{page}");
            let item = |item: &Value| (item["tag"].as_str().unwrap().to_owned(), item["members"].as_i64());
            let found: Vec<(String, Option<i64>)> = page["items"].as_array().unwrap().iter().map(item).collect();
            (found, page["next"].as_str().map(str::to_owned))
        };
        let named = |tags: &[(&str, Option<i64>)]| -> Vec<(String, Option<i64>)> {
            tags.iter().map(|(tag, members)| ((*tag).to_owned(), *members)).collect()
        };
        let all =
            named(&[("alt", Some(1)), ("new", Some(1)), ("newer", Some(1)), ("nobody", Some(0)), ("vip", Some(2))]);
        assert_eq!(tags("").await.0, all);
        let (first, next) = tags("numbers=false&limit=2").await;
        assert_eq!(first, named(&[("alt", None), ("new", None)]));
        let (second, _) = tags(&format!("numbers=false&limit=2&cursor={}", next.unwrap())).await;
        assert_eq!(second, named(&[("newer", None), ("nobody", None)]));
        assert_eq!(tags("prefix=new").await.0, named(&[("new", Some(1)), ("newer", Some(1))]));
        assert_eq!(tags("prefix=n_").await.0, []);
    })
    .await;
}
